//! Who may do what: one definition, used by reads and by writes.
//!
//! An [`AccessRequirement`] says who acts, from which [`ActingAs`], with which permissions. What must hold for it
//! is the list of its [`RelationRequirement`]s. `store` reads that list twice: as items to be read beside
//! a query and judged by [`RelationRequirement::check`], and as condition checks inside a transaction.
//! Making an `AccessRequirement` proves nothing; only the table does.

use serde::{Deserialize, Serialize};

use crate::{
    id::{CompanyId, FirmId, Org, UserId},
    permission::{Grants, Permission},
    temporary_grants::{TemporaryGrants, Validity},
    time::UtcTime,
};

/// The place from which a person acts in a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case")]
pub enum ActingAs {
    /// A member in their own company.
    Member {
        /// The company.
        company: CompanyId,
    },
    /// A firm's admin in a connected company.
    FirmAdmin {
        /// The firm they act for.
        firm: FirmId,
        /// The company they act in.
        company: CompanyId,
    },
    /// A bookkeeper in a connected company that is assigned to them.
    Bookkeeper {
        /// The firm they act for.
        firm: FirmId,
        /// The company they act in.
        company: CompanyId,
    },
    /// Staff in the firm's own affairs.
    Staff {
        /// The firm.
        firm: FirmId,
    },
}

impl ActingAs {
    /// How the seat is written in tokens, events and answers.
    #[must_use]
    pub const fn via(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::FirmAdmin { .. } => "firm_admin",
            Self::Bookkeeper { .. } => "bookkeeper",
            Self::Staff { .. } => "staff",
        }
    }

    /// The tenant acted in.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Member { company } | Self::FirmAdmin { company, .. } | Self::Bookkeeper { company, .. } => {
                Org::Company(company.clone())
            }
            Self::Staff { firm } => Org::Firm(firm.clone()),
        }
    }

    /// The company acted in, where it is one.
    #[must_use]
    pub const fn company(&self) -> Option<&CompanyId> {
        match self {
            Self::Member { company } | Self::FirmAdmin { company, .. } | Self::Bookkeeper { company, .. } => {
                Some(company)
            }
            Self::Staff { .. } => None,
        }
    }

    /// The firm acted for, where there is one.
    #[must_use]
    pub const fn firm(&self) -> Option<&FirmId> {
        match self {
            Self::Member { .. } => None,
            Self::FirmAdmin { firm, .. } | Self::Bookkeeper { firm, .. } | Self::Staff { firm } => Some(firm),
        }
    }

    /// The firm whose connection bounds what may be done from here: of those who act in a company for a firm.
    #[must_use]
    pub const fn bounded_by(&self) -> Option<&FirmId> {
        match self {
            Self::FirmAdmin { firm, .. } | Self::Bookkeeper { firm, .. } => Some(firm),
            Self::Member { .. } | Self::Staff { .. } => None,
        }
    }

    fn relations(&self, user: &UserId) -> Vec<(Relation, bool, bool)> {
        // (relation, must hold the permissions, must be admin)
        match self {
            Self::Member { company } => {
                vec![(Relation::Member { company: company.clone(), user: user.clone() }, true, false)]
            }
            Self::FirmAdmin { firm, company } => vec![
                (Relation::Connection { company: company.clone(), firm: firm.clone() }, true, false),
                (Relation::Staff { firm: firm.clone(), user: user.clone() }, false, true),
            ],
            Self::Bookkeeper { firm, company } => vec![
                (Relation::Connection { company: company.clone(), firm: firm.clone() }, true, false),
                (Relation::Staff { firm: firm.clone(), user: user.clone() }, false, false),
                (
                    Relation::Assignment { company: company.clone(), firm: firm.clone(), user: user.clone() },
                    true,
                    false,
                ),
            ],
            Self::Staff { firm } => {
                vec![(Relation::Staff { firm: firm.clone(), user: user.clone() }, true, false)]
            }
        }
    }
}

/// Names the item that records one relationship.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Relation {
    /// A user's place in a company.
    Member {
        /// The company.
        company: CompanyId,
        /// The member.
        user: UserId,
    },
    /// A firm ↔ company link.
    Connection {
        /// The client's side.
        company: CompanyId,
        /// The firm's side.
        firm: FirmId,
    },
    /// A user's place in a firm.
    Staff {
        /// The firm.
        firm: FirmId,
        /// The staff member.
        user: UserId,
    },
    /// A company assigned to a bookkeeper.
    Assignment {
        /// The company.
        company: CompanyId,
        /// The firm.
        firm: FirmId,
        /// The bookkeeper.
        user: UserId,
    },
}

/// One line of what must hold: a relationship that is active now and covers the permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationRequirement {
    /// The relationship's item.
    pub relation: Relation,
    /// Permissions that its grants must all contain; may be empty.
    pub grants: Vec<Permission>,
    /// Permissions that its grants must contain too, because the person gives them to someone.
    pub given: Vec<Permission>,
    /// Whether its role must be a firm's admin.
    pub admin: bool,
    /// How long it and the permissions must last, where they are to be given on.
    pub validity: Option<Validity>,
}

/// What a relationship's item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantState {
    /// Whether its status is active.
    pub active: bool,
    /// What it grants.
    pub grants: Grants,
    /// What it grants for a time on top.
    pub lent: TemporaryGrants,
    /// Whether its role is a firm's admin.
    pub admin: bool,
    /// The instant at which it stops, for temporary grants.
    pub expires_at: Option<UtcTime>,
}

impl GrantState {
    /// Whether the relationship counts at `now`. A temporary grant stops at its instant exactly.
    #[must_use]
    pub fn holds_at(&self, now: UtcTime) -> bool {
        self.active && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// Whether it counts at `now` and is a firm admin's.
    #[must_use]
    pub fn administers_at(&self, now: UtcTime) -> bool {
        self.admin && self.holds_at(now)
    }

    /// What it grants at `now`, what is lent included.
    #[must_use]
    pub fn grants_at(&self, now: UtcTime) -> Grants {
        self.grants.union(&self.lent.at(now))
    }

    /// The next instant after `now` from which it grants less by itself.
    #[must_use]
    pub fn next_end(&self, now: UtcTime) -> Option<UtcTime> {
        self.expires_at.filter(|end| now < *end).into_iter().chain(self.lent.next_end(now)).min()
    }

    fn outlasts(&self, mut permissions: impl Iterator<Item = Permission>, validity: Validity) -> bool {
        let end = |permission| if self.grants.contains(permission) { None } else { self.lent.until(permission) };
        Validity::from(self.expires_at).covers(validity)
            && permissions.all(|permission| Validity::from(end(permission)).covers(validity))
    }
}

/// The access does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The relationship that the context rests on is gone, ended or was never there.
    #[error("the relationship this context rests on is not active")]
    NoRelation,
    /// The relationship holds but does not cover a permission that the request needs.
    #[error("permission {0} is not granted")]
    Missing(Permission),
    /// The relationship holds but does not cover a permission that the person would give to someone.
    #[error("permission {0} is not yours to give")]
    BeyondOwn(Permission),
    /// It holds for a time, and what is to be given would outlast it.
    #[error("your own access ends sooner than what you would give")]
    EndsSooner,
}

impl RelationRequirement {
    /// Judges what the relationship's item says, `None` where there is no such item.
    ///
    /// # Errors
    /// [`Denied`] when the relationship is not active at `now` or lacks a permission.
    pub fn check(&self, grant_state: Option<&GrantState>, now: UtcTime) -> Result<(), Denied> {
        let grant_state = grant_state.filter(|s| s.holds_at(now)).ok_or(Denied::NoRelation)?;
        if self.admin && !grant_state.admin {
            return Err(Denied::NoRelation);
        }
        let granted = grant_state.grants_at(now);
        let lacks = |permission: &&Permission| !granted.contains(**permission);
        if let Some(missing) = self.grants.iter().find(lacks) {
            return Err(Denied::Missing(*missing));
        }
        if let Some(beyond) = self.given.iter().find(lacks) {
            return Err(Denied::BeyondOwn(*beyond));
        }
        match self.validity {
            Some(validity) if !grant_state.outlasts(self.permissions(), validity) => Err(Denied::EndsSooner),
            Some(_) | None => Ok(()),
        }
    }

    /// Every permission that the relationship must cover: those that the request needs, then those
    /// that the person gives.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        self.grants.iter().chain(&self.given).copied()
    }
}

/// Who acts, from which seat, with which permissions: the scope of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequirement {
    user: UserId,
    acting_as: ActingAs,
    permissions: Vec<Permission>,
    given: Vec<Permission>,
    validity: Option<Validity>,
}

impl AccessRequirement {
    /// States an access. It holds only if the table says so.
    #[must_use]
    pub fn new(user: UserId, acting_as: ActingAs, permission: Permission) -> Self {
        Self { user, acting_as, permissions: vec![permission], given: Vec::new(), validity: None }
    }

    /// States an access that needs each of these permissions; of several that are missing, the first is
    /// named.
    #[must_use]
    pub fn to_all(user: UserId, acting_as: ActingAs, permissions: &[Permission]) -> Self {
        let mut access = Self::to_enter(user, acting_as);
        access.permissions = permissions.to_vec();
        access
    }

    /// An access that needs the relationship but no particular permission: entering a context.
    #[must_use]
    pub const fn to_enter(user: UserId, acting_as: ActingAs) -> Self {
        Self { user, acting_as, permissions: Vec::new(), given: Vec::new(), validity: None }
    }

    /// The same access, needing these permissions too.
    #[must_use]
    pub fn and_all(mut self, grants: &Grants) -> Self {
        for permission in grants.iter() {
            if !self.permissions.contains(&permission) {
                self.permissions.push(permission);
            }
        }
        self
    }

    /// The same access, by which these permissions are given to someone: nobody gives what they do
    /// not hold, and the transaction that gives it checks so. A permission that is missing here is
    /// [`Denied::BeyondOwn`], unless the request needs it anyway.
    #[must_use]
    pub fn giving(mut self, grants: &Grants) -> Self {
        for permission in grants.iter() {
            if !self.permissions.contains(&permission) && !self.given.contains(&permission) {
                self.given.push(permission);
            }
        }
        self
    }

    /// The same access, which must last as long as what is given on it: what is lent to someone
    /// is not theirs to give for longer.
    #[must_use]
    pub fn validity(mut self, validity: impl Into<Validity>) -> Self {
        self.validity = Some(validity.into());
        self
    }

    /// Who acts.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// From where.
    #[must_use]
    pub const fn acting_as(&self) -> &ActingAs {
        &self.acting_as
    }

    /// The tenant acted in.
    #[must_use]
    pub fn org(&self) -> Org {
        self.acting_as.org()
    }

    /// Everything that must hold.
    #[must_use]
    pub fn requirements(&self) -> Vec<RelationRequirement> {
        self.acting_as
            .relations(&self.user)
            .into_iter()
            .map(|(relation, covers, admin)| RelationRequirement {
                relation,
                grants: if covers { self.permissions.clone() } else { Vec::new() },
                given: if covers { self.given.clone() } else { Vec::new() },
                admin,
                validity: self.validity,
            })
            .collect()
    }
}

/// What a person may do from a seat, given what each of its relationships says: the permissions
/// that all of those which must cover them contain.
///
/// `grant_states` are in the order of [`AccessRequirement::requirements`].
///
/// # Errors
/// [`Denied::NoRelation`] when one of the relationships does not hold at `now`.
pub fn effective_grants(
    user: &UserId,
    acting_as: &ActingAs,
    grant_states: &[Option<GrantState>],
    now: UtcTime,
) -> Result<Grants, Denied> {
    grants_of(user, acting_as, grant_states, now, |grant_state| grant_state.grants_at(now))
}

/// As [`effective_grants`], without what is lent for a time: what may be given for good.
///
/// # Errors
/// As [`effective_grants`].
pub fn own_grants(
    user: &UserId,
    acting_as: &ActingAs,
    grant_states: &[Option<GrantState>],
    now: UtcTime,
) -> Result<Grants, Denied> {
    grants_of(user, acting_as, grant_states, now, |grant_state| grant_state.grants.clone())
}

fn grants_of(
    user: &UserId,
    acting_as: &ActingAs,
    grant_states: &[Option<GrantState>],
    now: UtcTime,
    granted: impl Fn(&GrantState) -> Grants,
) -> Result<Grants, Denied> {
    let mut effective: Option<Grants> = None;
    let relations = acting_as.relations(user);
    if relations.len() != grant_states.len() {
        return Err(Denied::NoRelation);
    }
    for ((relation, covers, admin), grant_state) in relations.into_iter().zip(grant_states) {
        RelationRequirement { relation, grants: Vec::new(), given: Vec::new(), admin, validity: None }
            .check(grant_state.as_ref(), now)?;
        if let (true, Some(grant_state)) = (covers, grant_state) {
            let granted = granted(grant_state);
            effective = Some(match effective {
                None => granted,
                Some(so_far) => so_far.intersection(&granted),
            });
        }
    }
    effective.ok_or(Denied::NoRelation)
}

#[cfg(test)]
mod tests;
