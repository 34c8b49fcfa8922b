//! Keys of connections between firms and companies, and of assignments of clients to staff.

use domain::{
    CompanyId, FirmId, Org, UserId,
    org::{Assignment, Connection, User},
};

use super::{
    key::Key,
    parts::{Beginning, SortName},
    template::{Gsi1, Item},
    tenant::{COMPANY, FIRM, Tenant, while_active},
    users::USER,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const CONNECTION: Item<Connection, Org, FirmId> = Item::new("FIRM");
const CLIENT_BY_NAME: Gsi1<Connection, Org, (SortName, CompanyId)> = Gsi1::new("CLIENT#active");
const ASSIGNMENT: Item<Assignment, Org, (FirmId, UserId)> = Item::new("ASSIGNED");
const ASSIGNMENT_OF_USER: Gsi1<Assignment, User, (FirmId, CompanyId)> = Gsi1::new("ASSIGNED");

pub(crate) fn connection(company: &CompanyId, firm: &FirmId) -> Key<Connection> {
    CONNECTION.key(COMPANY.pk(company), firm)
}

pub(crate) fn assignment(company: &CompanyId, firm: &FirmId, user: &UserId) -> Key<Assignment> {
    ASSIGNMENT.key(COMPANY.pk(company), (firm, user))
}

fn assignments_to_staff_of(company: &CompanyId, firm: &FirmId) -> Listing<Assignment> {
    ASSIGNMENT.list(COMPANY.pk(company), firm)
}

/// The companies assigned to a person, of every firm.
pub(crate) fn assignments_of(user: &UserId) -> Listing<Assignment> {
    ASSIGNMENT_OF_USER.list(USER.pk(user), ())
}

/// A firm's active clients whose names may begin so, by name. The key holds the first 60 characters
/// of a name, so a longer beginning must be compared with the name itself.
pub(crate) fn clients_named(firm: &FirmId, beginning: &str) -> Listing<Connection> {
    CLIENT_BY_NAME.list(FIRM.pk(firm), Beginning(beginning))
}

impl Tenant {
    /// The link between this tenant and the other side, which must be of the other kind.
    #[must_use]
    pub fn connection(&self, other: &Org) -> Option<Key<Connection>> {
        self.between(other).map(|(company, firm)| connection(company, firm))
    }

    /// A company's links to firms, past ones included; a firm's links to companies, active ones,
    /// by the company's name.
    #[must_use]
    pub fn connections(&self) -> Listing<Connection> {
        match self.org() {
            Org::Company(_) => CONNECTION.list(self.pk(), ()),
            Org::Firm(firm) => clients_named(firm, ""),
        }
    }

    /// An assignment of a client of this firm to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignment(&self, company: &CompanyId, user: &UserId) -> Option<Key<Assignment>> {
        self.org().firm().map(|firm| assignment(company, firm, user))
    }

    /// The same, seen from either side of the connection; `None` where `other` is not the other side.
    #[must_use]
    pub fn assignment_through(&self, other: &Org, user: &UserId) -> Option<Key<Assignment>> {
        self.between(other).map(|(company, firm)| assignment(company, firm, user))
    }

    /// The clients of this firm that are assigned to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignments_of(&self, user: &UserId) -> Option<Listing<Assignment>> {
        self.org().firm().map(|firm| ASSIGNMENT_OF_USER.list(USER.pk(user), firm))
    }

    /// The assignments of a client to this firm's staff, or of this company to the staff of every
    /// firm, past ones included; `None` for another company.
    #[must_use]
    pub fn assignments_in(&self, company: &CompanyId) -> Option<Listing<Assignment>> {
        match self.org() {
            Org::Firm(firm) => Some(assignments_to_staff_of(company, firm)),
            Org::Company(own) => (own == company).then(|| ASSIGNMENT.list(self.pk(), ())),
        }
    }

    /// The assignments of the company to the firm's staff, past ones included, seen from either side
    /// of the connection; `None` where `other` is not the other side.
    #[must_use]
    pub fn assigned_through(&self, other: &Org) -> Option<Listing<Assignment>> {
        self.between(other).map(|(company, firm)| assignments_to_staff_of(company, firm))
    }
}

impl Entity for Connection {
    const ENTITY: &'static str = "connection";

    fn indexes(&self) -> Indexes {
        let name = SortName::of(self.company_name.as_str());
        while_active(self.status, CLIENT_BY_NAME.entry(FIRM.pk(&self.firm), (&name, &self.company))).into()
    }
}

impl Entity for Assignment {
    const ENTITY: &'static str = "assignment";

    fn indexes(&self) -> Indexes {
        let entry = ASSIGNMENT_OF_USER.entry(USER.pk(&self.user), (&self.firm, &self.company));
        while_active(self.status, entry).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_cannot_reach_past_the_active_clients() {
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        assert_eq!(clients_named(&firm, "").prefix, "CLIENT#active#");
        assert_eq!(clients_named(&firm, "Az#x").prefix, "CLIENT#active#az x");
        assert_eq!(clients_named(&firm, "az").pk, "FIRM#fm_00000000000000000000000000000002");
    }
}
