//! Every key of the table, built and taken apart here and nowhere else.
//!
//! Keys are joined from validated parts only: ids and references exclude `#` by type. Names that
//! sort a list are escaped by [`sortable`].

mod access_request;
pub(crate) mod banner;
mod books;
mod clients;
mod consent;
mod contexts;
pub(crate) mod delivery;
mod events;
mod exports;
mod registration;
pub(crate) mod seals;

use std::{fmt, marker::PhantomData};

use domain::{
    CompanyId, Email, FirmId, InvitationId, Org, UserId,
    invitation::{Invitation, InvitationStatus},
    limit::{Limit, Window},
    org::{Assignment, Company, Connection, Firm, Member, Staff, Status, User},
};

use crate::{
    item::{Entity, Indexes},
    listing::{Listing, Source},
};

pub(crate) use self::{
    books::{Due, due_pk},
    contexts::{clients_named, context_keys, visit},
    delivery::delivery,
    events::{event, event_by_id, event_indexes, event_of, notice, outbox, outbox_entries},
    registration::{registration_link, signup_code},
    seals::{seal, unsealed, unsealed_tenants},
};
pub use self::{
    clients::{ClientAddress, ClientLink, ClientUniqueKey, LatestInvitation},
    contexts::{ContextKeys, PublicKey},
    events::{Notice, OutboxEntry},
    seals::Unsealed,
};

/// How many partitions the work that waits is spread over.
pub(crate) const SHARDS: u8 = 4;

/// A primary key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RawKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

fn raw(pk: String, sk: String) -> RawKey {
    RawKey { pk, sk }
}

/// The primary key of an item that holds a `T`.
pub struct Key<T> {
    pub(crate) raw: RawKey,
    entity: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(crate) const fn of(raw: RawKey) -> Self {
        Self::new(raw)
    }

    const fn new(raw: RawKey) -> Self {
        Self { raw, entity: PhantomData }
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self::new(self.raw.clone())
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

fn org_pk(org: &Org) -> String {
    match org {
        Org::Company(company) => company_pk(company),
        Org::Firm(firm) => firm_pk(firm),
    }
}

fn company_pk(company: &CompanyId) -> String {
    format!("COMPANY#{company}")
}

fn firm_pk(firm: &FirmId) -> String {
    format!("FIRM#{firm}")
}

fn user_pk(user: &UserId) -> String {
    format!("USER#{user}")
}

pub(crate) fn profile(org: &Org) -> RawKey {
    raw(org_pk(org), "PROFILE".to_owned())
}

pub(crate) fn member(company: &CompanyId, user: &UserId) -> RawKey {
    raw(company_pk(company), format!("MEMBER#{user}"))
}

pub(crate) fn connection(company: &CompanyId, firm: &FirmId) -> RawKey {
    raw(company_pk(company), format!("FIRM#{firm}"))
}

pub(crate) fn staff(firm: &FirmId, user: &UserId) -> RawKey {
    raw(firm_pk(firm), format!("STAFF#{user}"))
}

pub(crate) fn assignment(company: &CompanyId, firm: &FirmId, user: &UserId) -> RawKey {
    raw(company_pk(company), format!("ASSIGNED#{firm}#{user}"))
}

pub(crate) fn idempotency(caller: &UserId, key: &str) -> RawKey {
    // The caller's key comes last, so whatever it holds cannot reach into another part.
    raw(format!("IDEMPOTENCY#{caller}#{key}"), "IDEMPOTENCY".to_owned())
}

/// `counted` is a digest, so nothing of what is counted can reach into another part.
pub(crate) fn limit(limit: Limit, counted: &str, window: Window) -> RawKey {
    raw(format!("LIMIT#{}#{counted}#{}", limit.as_str(), window.starts_at_s), "LIMIT".to_owned())
}

pub(crate) fn user(user: &UserId) -> Key<User> {
    Key::new(raw(user_pk(user), "PROFILE".to_owned()))
}

pub(crate) fn invitation(id: &InvitationId) -> Key<Invitation> {
    Key::new(raw(format!("INVITATION#{id}"), "INVITATION".to_owned()))
}

/// Spreads ids over [`SHARDS`] partitions by their last character, a random hexadecimal digit.
fn shard(id: &str) -> u8 {
    id.bytes().last().map_or(0, |digit| digit % SHARDS)
}

/// A name as part of a sort key: lower case, without the separator, at most 60 characters.
fn sortable(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c == '#' { ' ' } else { c }).take(60).collect()
}

/// The tenant that a call is confined to: every key of a tenant's data is made from one.
///
/// It cannot be made outside this crate; it comes with a proven read or a change.
#[derive(Debug, Clone)]
pub struct Tenant {
    org: Org,
}

impl Tenant {
    pub(crate) const fn new(org: Org) -> Self {
        Self { org }
    }

    /// Which tenant it is.
    #[must_use]
    pub const fn org(&self) -> &Org {
        &self.org
    }

    fn own<T>(&self, sk: String) -> Key<T> {
        Key::new(raw(org_pk(&self.org), sk))
    }

    fn items<T>(&self, prefix: &str) -> Listing<T> {
        Listing::new(Source::Table, org_pk(&self.org), prefix.to_owned())
    }

    fn by_state<T>(&self, prefix: String) -> Listing<T> {
        Listing::new(Source::Gsi1, org_pk(&self.org), prefix)
    }

    /// The company's profile.
    #[must_use]
    pub fn company(&self) -> Key<Company> {
        self.own("PROFILE".to_owned())
    }

    /// The firm's profile.
    #[must_use]
    pub fn firm(&self) -> Key<Firm> {
        self.own("PROFILE".to_owned())
    }

    /// A member of the company.
    #[must_use]
    pub fn member(&self, user: &UserId) -> Key<Member> {
        self.own(format!("MEMBER#{user}"))
    }

    /// The company's members, past ones included.
    #[must_use]
    pub fn members(&self) -> Listing<Member> {
        self.items("MEMBER#")
    }

    /// A person on the firm's staff.
    #[must_use]
    pub fn staff(&self, user: &UserId) -> Key<Staff> {
        self.own(format!("STAFF#{user}"))
    }

    /// The firm's staff, past ones included.
    #[must_use]
    pub fn all_staff(&self) -> Listing<Staff> {
        self.items("STAFF#")
    }

    /// The two sides of a connection of this tenant's; `None` where `other` is of its own kind.
    fn between<'a>(&'a self, other: &'a Org) -> Option<(&'a CompanyId, &'a FirmId)> {
        match (&self.org, other) {
            (Org::Company(company), Org::Firm(firm)) | (Org::Firm(firm), Org::Company(company)) => {
                Some((company, firm))
            }
            (Org::Company(_), Org::Company(_)) | (Org::Firm(_), Org::Firm(_)) => None,
        }
    }

    /// The link between this tenant and the other side, which must be of the other kind.
    #[must_use]
    pub fn connection(&self, other: &Org) -> Option<Key<Connection>> {
        self.between(other).map(|(company, firm)| Key::new(connection(company, firm)))
    }

    /// A company's links to firms, past ones included; a firm's links to companies, active ones,
    /// by the company's name.
    #[must_use]
    pub fn connections(&self) -> Listing<Connection> {
        match &self.org {
            Org::Company(_) => self.items("FIRM#"),
            Org::Firm(_) => self.by_state("CLIENT#active#".to_owned()),
        }
    }

    /// An assignment of a client of this firm to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignment(&self, company: &CompanyId, user: &UserId) -> Option<Key<Assignment>> {
        self.org.firm().map(|firm| Key::new(assignment(company, firm, user)))
    }

    /// The same, seen from either side of the connection; `None` where `other` is not the other side.
    #[must_use]
    pub fn assignment_through(&self, other: &Org, user: &UserId) -> Option<Key<Assignment>> {
        self.between(other).map(|(company, firm)| Key::new(assignment(company, firm, user)))
    }

    /// What of this firm's clients is assigned to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignments_of(&self, user: &UserId) -> Option<Listing<Assignment>> {
        self.org.firm().map(|firm| Listing::new(Source::Gsi1, user_pk(user), format!("ASSIGNED#{firm}#")))
    }

    /// To whom of this firm's staff a client is assigned, or this company to any firm's, past
    /// assignments included; `None` for another company.
    #[must_use]
    pub fn assignments_in(&self, company: &CompanyId) -> Option<Listing<Assignment>> {
        match &self.org {
            Org::Firm(firm) => Some(Listing::new(Source::Table, company_pk(company), format!("ASSIGNED#{firm}#"))),
            Org::Company(own) => (own == company).then(|| self.items("ASSIGNED#")),
        }
    }

    /// Any invitation by its id. Invitations are addressed by id alone, since links carry nothing
    /// else: compare its offer's tenant with this one before use.
    #[must_use]
    pub fn invitation(&self, id: &InvitationId) -> Key<Invitation> {
        invitation(id)
    }

    /// The tenant's invitations, all or those in one state, oldest first within a state.
    #[must_use]
    pub fn invitations(&self, status: Option<InvitationStatus>) -> Listing<Invitation> {
        self.by_state(match status {
            Some(status) => format!("INVITATION#{}#", status.as_str()),
            None => "INVITATION#".to_owned(),
        })
    }
}

impl Entity for User {
    const ENTITY: &'static str = "user";

    fn indexes(&self) -> Indexes {
        Indexes { gsi2: Some((email_pk(&self.email), "USER".to_owned())), ..Indexes::default() }
    }
}

pub(crate) fn email_pk(email: &Email) -> String {
    format!("EMAIL#{email}")
}

impl Entity for Company {
    const ENTITY: &'static str = "company";
}

impl Entity for Firm {
    const ENTITY: &'static str = "firm";
}

fn while_active(status: Status, keys: (String, String)) -> Indexes {
    match status {
        Status::Active => Indexes { gsi1: Some(keys), ..Indexes::default() },
        Status::Ended => Indexes::default(),
    }
}

impl Entity for Member {
    const ENTITY: &'static str = "member";

    fn indexes(&self) -> Indexes {
        while_active(self.status, (user_pk(&self.user), company_pk(&self.company)))
    }
}

impl Entity for Staff {
    const ENTITY: &'static str = "staff";

    fn indexes(&self) -> Indexes {
        while_active(self.status, (user_pk(&self.user), firm_pk(&self.firm)))
    }
}

impl Entity for Connection {
    const ENTITY: &'static str = "connection";

    fn indexes(&self) -> Indexes {
        let sk = format!("CLIENT#active#{}#{}", sortable(self.company_name.as_str()), self.company);
        while_active(self.status, (firm_pk(&self.firm), sk))
    }
}

impl Entity for Assignment {
    const ENTITY: &'static str = "assignment";

    fn indexes(&self) -> Indexes {
        let sk = format!("ASSIGNED#{}#{}", self.firm, self.company);
        while_active(self.status, (user_pk(&self.user), sk))
    }
}

impl Entity for Invitation {
    const ENTITY: &'static str = "invitation";

    fn indexes(&self) -> Indexes {
        let sk = format!("INVITATION#{}#{}#{}", self.status.as_str(), self.created_at, self.id);
        let by_email = (email_pk(&self.email), format!("INVITATION#{}", self.id));
        Indexes {
            gsi1: Some((org_pk(&self.offer.org()), sk)),
            gsi2: (self.status == InvitationStatus::Pending).then_some(by_email),
            ttl_unix_s: None,
        }
    }
}

/// The companies a person is a member of.
pub(crate) fn memberships_of(user: &UserId) -> Listing<Member> {
    Listing::new(Source::Gsi1, user_pk(user), "COMPANY#".to_owned())
}

/// The firms a person is on the staff of.
pub(crate) fn places_of(user: &UserId) -> Listing<Staff> {
    Listing::new(Source::Gsi1, user_pk(user), "FIRM#".to_owned())
}

/// The companies assigned to a person, whichever firm's.
pub(crate) fn assignments_of(user: &UserId) -> Listing<Assignment> {
    Listing::new(Source::Gsi1, user_pk(user), "ASSIGNED#".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_into_another_part_of_a_sort_key() {
        assert_eq!(sortable("Az#active#ZZ"), "az active zz");
        assert!(sortable(&"é".repeat(200)).chars().count() <= 60);
    }

    #[test]
    fn a_tenants_keys_stay_in_its_partition() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let tenant = Tenant::new(Org::Company(company));
        let reference: domain::Reference = "A-1".parse().unwrap();
        for raw in [tenant.invoice(&reference).raw, tenant.approval(&reference).raw, tenant.policy().raw] {
            assert_eq!(raw.pk, "COMPANY#co_00000000000000000000000000000001");
        }
        assert!(tenant.connection(tenant.org()).is_none());
        let user = "u".parse().unwrap();
        assert!(tenant.assignment_through(tenant.org(), &user).is_none());
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let assigned = tenant.assignment_through(&Org::Firm(firm.clone()), &user).unwrap().raw;
        let other: CompanyId = "co_00000000000000000000000000000003".parse().unwrap();
        assert_eq!(assigned.pk, "COMPANY#co_00000000000000000000000000000001");
        assert!(tenant.assignments_in(&other).is_none(), "another company's");
        let at_firm = Tenant::new(Org::Firm(firm));
        assert_eq!(at_firm.assignment_through(tenant.org(), &user).unwrap().raw, assigned);
    }
}
