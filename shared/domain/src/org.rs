//! Users, companies, firms, and the relationships between them, as they are stored.

use serde::{Deserialize, Serialize};

use crate::{
    access::GrantState,
    id::{CompanyId, FirmId, UserId},
    locale::Locale,
    money::Currency,
    permission::Grants,
    role::{MemberRole, StaffRole},
    temporary_grants::TemporaryGrants,
    text::{Email, Name},
    time::{UtcTime, Zone},
};

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The identity provider's `sub`.
    pub id: UserId,
    /// The last address that the identity provider had verified when the person signed in; letters go there.
    pub email: Email,
    /// The name that others see.
    pub name: Name,
    /// For times in emails.
    pub time_zone: Zone,
    /// The language of letters to them; `None` where they chose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// When the profile was made.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// One set of books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// The business's name.
    pub name: Name,
    /// The currency its books are kept in.
    pub currency: Currency,
    /// For due times.
    pub time_zone: Zone,
    /// How many active owners there are; never below one.
    pub owner_count: u32,
    /// When it was registered.
    pub created_at: UtcTime,
}

/// An accounting firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firm {
    /// Its id.
    pub id: FirmId,
    /// Its name.
    pub name: Name,
    /// Its main address: the verified address of one of its admins. Invitations that a firm receives there concern
    /// every admin of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The admin whose address the main address is. Firms that were registered before this was kept name nobody:
    /// their main address reaches nobody until an admin gives theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_holder: Option<UserId>,
    /// How many active admins there are; never below one.
    pub admin_count: u32,
    /// When it was registered.
    pub created_at: UtcTime,
}

/// Whether a relationship is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It grants its permissions.
    Active,
    /// It grants nothing; the item stays as the record of it.
    Ended,
}

/// A user's place in a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The company.
    pub company: CompanyId,
    /// The company's name, for the context list.
    pub company_name: Name,
    /// The person.
    pub user: UserId,
    /// Their name when they joined.
    pub name: Name,
    /// Their address when they joined; letters go to the profile's.
    pub email: Email,
    /// The preset their grants came from.
    pub role: MemberRole,
    /// What they may do.
    #[serde(default)]
    pub grants: Grants,
    /// Temporary permissions on top of those.
    #[serde(default, skip_serializing_if = "TemporaryGrants::is_empty")]
    pub lent: TemporaryGrants,
    /// The firm from whose seat they were invited: its connection bounds them. None for a member of the
    /// company's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviting_firm: Option<FirmId>,
    /// Whether the place is active.
    pub status: Status,
    /// When it ends, if it is temporary; when it ended, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// When they joined.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A user's place in a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The firm.
    pub firm: FirmId,
    /// The firm's name, for the context list.
    pub firm_name: Name,
    /// The person.
    pub user: UserId,
    /// Their name when they joined.
    pub name: Name,
    /// Their address when they joined.
    pub email: Email,
    /// Admin or bookkeeper.
    pub role: StaffRole,
    /// What they may do in the firm's own context.
    #[serde(default)]
    pub grants: Grants,
    /// Whether the place is active.
    pub status: Status,
    /// When it ends, if it is temporary; when it ended, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// When they joined.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A firm ↔ company link. Its grants are the most the firm may do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The client's side.
    pub company: CompanyId,
    /// The client's name.
    pub company_name: Name,
    /// The firm's side.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// The most the firm may do.
    #[serde(default)]
    pub grants: Grants,
    /// Temporary permissions on top of those.
    #[serde(default, skip_serializing_if = "TemporaryGrants::is_empty")]
    pub lent: TemporaryGrants,
    /// Whether the connection is active.
    pub status: Status,
    /// When it ends, if it is temporary; when it ended, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// When it started.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A connected company assigned to one bookkeeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The company.
    pub company: CompanyId,
    /// The company's name, for the context list.
    pub company_name: Name,
    /// The firm.
    pub firm: FirmId,
    /// The bookkeeper.
    pub user: UserId,
    /// Their name when it was made, for the company; absent on older assignments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<Name>,
    /// What the bookkeeper may do there; the connection's grants limit it further.
    #[serde(default)]
    pub grants: Grants,
    /// Temporary permissions on top of those.
    #[serde(default, skip_serializing_if = "TemporaryGrants::is_empty")]
    pub lent: TemporaryGrants,
    /// Whether the assignment is active.
    pub status: Status,
    /// When it ends, if it is temporary; when it ended, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// When it was made.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Member {
    /// What the place grants for good. An owner holds everything that there is, also what came after the place was
    /// given; of every other role, what was stored then.
    #[must_use]
    pub fn held_for_good(&self) -> Grants {
        self.role.held_for_good(&self.grants)
    }
}

impl From<&Member> for GrantState {
    fn from(m: &Member) -> Self {
        let (grants, lent) = (m.held_for_good(), m.lent.clone());
        Self {
            active: m.status == Status::Active,
            grants,
            lent,
            admin: false,
            inviting_firm: m.inviting_firm.clone(),
            since: m.since,
            expires_at: m.expires_at,
        }
    }
}

impl From<&Staff> for GrantState {
    fn from(s: &Staff) -> Self {
        Self {
            active: s.status == Status::Active,
            grants: s.grants.clone(),
            lent: TemporaryGrants::default(),
            admin: s.role == StaffRole::Admin,
            inviting_firm: None,
            since: s.since,
            expires_at: s.expires_at,
        }
    }
}

impl From<&Connection> for GrantState {
    fn from(c: &Connection) -> Self {
        let (grants, lent) = (c.grants.clone(), c.lent.clone());
        Self {
            active: c.status == Status::Active,
            grants,
            lent,
            admin: false,
            inviting_firm: None,
            since: c.since,
            expires_at: c.expires_at,
        }
    }
}

impl From<&Assignment> for GrantState {
    fn from(a: &Assignment) -> Self {
        let (grants, lent) = (a.grants.clone(), a.lent.clone());
        Self {
            active: a.status == Status::Active,
            grants,
            lent,
            admin: false,
            inviting_firm: None,
            since: a.since,
            expires_at: a.expires_at,
        }
    }
}
