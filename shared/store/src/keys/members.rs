//! Keys of people's places: members of companies and staff of firms.

use domain::{
    CompanyId, FirmId, Org, UserId,
    org::{Member, Staff, User},
};

use super::{
    key::Key,
    template::{Gsi1, Item},
    tenant::{COMPANY, FIRM, Tenant, while_active},
    users::USER,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const MEMBER: Item<Member, Org, UserId> = Item::new("MEMBER");
const COMPANY_OF_MEMBER: Gsi1<Member, User, CompanyId> = Gsi1::new("COMPANY");
const STAFF: Item<Staff, Org, UserId> = Item::new("STAFF");
const FIRM_OF_STAFF: Gsi1<Staff, User, FirmId> = Gsi1::new("FIRM");

pub(crate) fn member(company: &CompanyId, user: &UserId) -> Key<Member> {
    MEMBER.key(COMPANY.pk(company), user)
}

pub(crate) fn staff(firm: &FirmId, user: &UserId) -> Key<Staff> {
    STAFF.key(FIRM.pk(firm), user)
}

/// The companies a person is a member of.
pub(crate) fn memberships_of(user: &UserId) -> Listing<Member> {
    COMPANY_OF_MEMBER.list(USER.pk(user), ())
}

/// The firms a person is on the staff of.
pub(crate) fn places_of(user: &UserId) -> Listing<Staff> {
    FIRM_OF_STAFF.list(USER.pk(user), ())
}

impl Tenant {
    /// A member of the company.
    #[must_use]
    pub fn member(&self, user: &UserId) -> Key<Member> {
        MEMBER.key(self.pk(), user)
    }

    /// The company's members, past ones included.
    #[must_use]
    pub fn members(&self) -> Listing<Member> {
        MEMBER.list(self.pk(), ())
    }

    /// A person on the firm's staff.
    #[must_use]
    pub fn staff(&self, user: &UserId) -> Key<Staff> {
        STAFF.key(self.pk(), user)
    }

    /// A person on the staff of the firm, seen from either side of its connection; `None` where `other` is not the
    /// other side.
    #[must_use]
    pub fn staff_through(&self, other: &Org, user: &UserId) -> Option<Key<Staff>> {
        self.between(other).map(|(_, firm)| staff(firm, user))
    }

    /// The members of the company, past ones included, seen from either side of its connection; `None` where
    /// `other` is not the other side.
    #[must_use]
    pub fn members_through(&self, other: &Org) -> Option<Listing<Member>> {
        self.between(other).map(|(company, _)| MEMBER.list(COMPANY.pk(company), ()))
    }

    /// The firm's staff, past ones included.
    #[must_use]
    pub fn all_staff(&self) -> Listing<Staff> {
        STAFF.list(self.pk(), ())
    }
}

impl Entity for Member {
    const ENTITY: &'static str = "member";

    fn indexes(&self) -> Indexes {
        while_active(self.status, COMPANY_OF_MEMBER.entry(USER.pk(&self.user), &self.company)).into()
    }
}

impl Entity for Staff {
    const ENTITY: &'static str = "staff";

    fn indexes(&self) -> Indexes {
        while_active(self.status, FIRM_OF_STAFF.entry(USER.pk(&self.user), &self.firm)).into()
    }
}
