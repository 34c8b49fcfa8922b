//! Who may do what: one definition, used by reads and by writes.
//!
//! An [`AccessRequirement`] says who acts, from which [`ActingAs`], with which permissions. What must hold for it
//! is the list of its [`RelationRequirement`]s. `store` reads that list twice: as items to be read beside
//! a query and judged by [`RelationRequirement::check`], and as condition checks inside a transaction.
//! Making an `AccessRequirement` proves nothing; only the table does.

mod acting_as;
mod bounds;
mod relation;

pub use self::{
    acting_as::ActingAs,
    bounds::{OutlastsFirm, ends_with_giver},
    relation::Relation,
};
use crate::{
    id::{CompanyId, FirmId, Org, UserId},
    permission::{Grants, Permission},
    temporary_grants::{TemporaryGrants, Validity},
    time::UtcTime,
};

/// The part of a request that a relationship must cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    /// The permissions.
    Permissions,
    /// It must only be active.
    Nothing,
}

/// The relationships of a seat, each with what it must cover.
fn relations(acting_as: &ActingAs, user: &UserId) -> Vec<(RelationRequirement, Covers)> {
    let member = |company: &CompanyId, firm: Option<&FirmId>| {
        let relation = Relation::Member { company: company.clone(), user: user.clone() };
        RelationRequirement { inviting_firm: firm.cloned(), ..RelationRequirement::new(relation) }
    };
    let connection = |company: &CompanyId, firm: &FirmId| {
        RelationRequirement::new(Relation::Connection { company: company.clone(), firm: firm.clone() })
    };
    let staff = |firm: &FirmId, admin: bool| {
        let relation = Relation::Staff { firm: firm.clone(), user: user.clone() };
        RelationRequirement { admin, ..RelationRequirement::new(relation) }
    };
    match acting_as {
        ActingAs::Member { company } => vec![(member(company, None), Covers::Permissions)],
        ActingAs::BoundedMember { firm, company } => {
            vec![(connection(company, firm), Covers::Permissions), (member(company, Some(firm)), Covers::Permissions)]
        }
        ActingAs::FirmAdmin { firm, company } => {
            vec![(connection(company, firm), Covers::Permissions), (staff(firm, true), Covers::Nothing)]
        }
        ActingAs::Bookkeeper { firm, company } => {
            let assignment = Relation::Assignment { company: company.clone(), firm: firm.clone(), user: user.clone() };
            vec![
                (connection(company, firm), Covers::Permissions),
                (staff(firm, false), Covers::Nothing),
                (RelationRequirement::new(assignment), Covers::Permissions),
            ]
        }
        ActingAs::Staff { firm } => vec![(staff(firm, false), Covers::Permissions)],
        ActingAs::Contact { company, customer } => {
            let settings = Relation::PortalSettings { company: company.clone() };
            let of = Relation::Customer { company: company.clone(), customer: customer.clone() };
            let seat = Relation::Contact { company: company.clone(), customer: customer.clone(), user: user.clone() };
            vec![
                (RelationRequirement::new(settings), Covers::Permissions),
                (RelationRequirement::new(of), Covers::Nothing),
                (RelationRequirement::new(seat), Covers::Permissions),
            ]
        }
    }
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
    /// The firm that must have invited the member; `None` for a member of the company's own.
    pub inviting_firm: Option<FirmId>,
    /// The instant by which it must have begun; see [`AccessRequirement::held_since`].
    pub begun_by: Option<UtcTime>,
    /// How long it and the permissions must last, where they are to be given on.
    pub validity: Option<Validity>,
}

/// The state of a relationship's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantState {
    /// Whether its status is active.
    pub active: bool,
    /// Its permissions.
    pub grants: Grants,
    /// Its temporary grants.
    pub lent: TemporaryGrants,
    /// Whether its role is a firm's admin.
    pub admin: bool,
    /// The firm that invited the member, where one did.
    pub inviting_firm: Option<FirmId>,
    /// When it began: a relationship that ended and was given again began again.
    pub since: UtcTime,
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

    /// The permissions at `now`, temporary grants included.
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
    /// The relationship of the context has ended, or never existed.
    #[error("the relationship this context rests on is not active")]
    NoRelation,
    /// The relationship holds but does not cover a permission that the request needs.
    #[error("permission {0} is not granted")]
    Missing(Permission),
    /// The relationship holds but does not cover a permission that the person would give to someone.
    #[error("permission {0} is not yours to give")]
    BeyondOwn(Permission),
    /// The relationship is temporary, and the grant would outlast it.
    #[error("your own access ends sooner than what you would give")]
    EndsSooner,
}

impl RelationRequirement {
    /// The relationship must be active.
    const fn new(relation: Relation) -> Self {
        Self {
            relation,
            grants: Vec::new(),
            given: Vec::new(),
            admin: false,
            inviting_firm: None,
            begun_by: None,
            validity: None,
        }
    }

    /// Checks the state of the relationship's item, `None` if there is no item.
    ///
    /// # Errors
    /// [`Denied`] when the relationship is not active at `now` or lacks a permission.
    pub fn check(&self, grant_state: Option<&GrantState>, now: UtcTime) -> Result<(), Denied> {
        let grant_state = grant_state.filter(|s| s.holds_at(now)).ok_or(Denied::NoRelation)?;
        let is_of_this_stay = self.begun_by.is_none_or(|begun_by| grant_state.since <= begun_by);
        if self.admin && !grant_state.admin || self.inviting_firm != grant_state.inviting_firm || !is_of_this_stay {
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
    held_since: Option<UtcTime>,
}

impl AccessRequirement {
    /// States an access. It holds only if the table confirms it.
    #[must_use]
    pub fn new(user: UserId, acting_as: ActingAs, permission: Permission) -> Self {
        let mut access = Self::to_enter(user, acting_as);
        access.permissions.push(permission);
        access
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
        Self { user, acting_as, permissions: Vec::new(), given: Vec::new(), validity: None, held_since: None }
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

    /// The same access, with permissions that the person grants to someone: nobody grants what they do not hold,
    /// and the transaction checks it. A permission that is missing here is [`Denied::BeyondOwn`], unless the
    /// request needs it anyway.
    #[must_use]
    pub fn giving(mut self, grants: &Grants) -> Self {
        for permission in grants.iter() {
            if !self.permissions.contains(&permission) && !self.given.contains(&permission) {
                self.given.push(permission);
            }
        }
        self
    }

    /// The same access, which must last as long as the grant: nobody grants a temporary permission for longer than
    /// they hold it.
    #[must_use]
    pub fn validity(mut self, validity: impl Into<Validity>) -> Self {
        self.validity = Some(validity.into());
        self
    }

    /// The same access, in the stay that began at `since`: the latest beginning of its relationships when the
    /// seat was found to hold. A relationship that has begun since is another stay's.
    ///
    /// So nothing from an earlier stay counts in a later one, and each relationship is checked by its own item.
    #[must_use]
    pub const fn held_since(mut self, since: UtcTime) -> Self {
        self.held_since = Some(since);
        self
    }

    /// The stay in which it must be held; see [`AccessRequirement::held_since`].
    #[must_use]
    pub const fn stay(&self) -> Option<UtcTime> {
        self.held_since
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
    ///
    /// INVARIANT: a seat that is given under others holds for a known stay only. Without
    /// [`AccessRequirement::held_since`] nothing of it can have begun in time.
    #[must_use]
    pub fn requirements(&self) -> Vec<RelationRequirement> {
        let begun_by = self.held_since.or_else(|| self.acting_as.is_given_under_others().then_some(UtcTime::EPOCH));
        let relations = relations(&self.acting_as, &self.user).into_iter();
        relations
            .map(|(relation, covers)| {
                let (grants, given) = match covers {
                    Covers::Permissions => (self.permissions.clone(), self.given.clone()),
                    Covers::Nothing => (Vec::new(), Vec::new()),
                };
                RelationRequirement { grants, given, begun_by, validity: self.validity, ..relation }
            })
            .collect()
    }
}

/// Whether the last relationship was given in the present stay of the others: it began after they had begun.
#[must_use]
pub fn was_given_in_stay<'s>(given: &GrantState, mut others: impl Iterator<Item = &'s GrantState>) -> bool {
    others.all(|other| other.since <= given.since)
}

/// The permissions of a person from a seat, given the state of each of its relationships: the permissions that all
/// of those which must cover them contain.
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

/// As [`effective_grants`], without temporary grants: the permissions that may be granted without an end.
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
    let relations = relations(acting_as, user);
    let found: Vec<&GrantState> = grant_states.iter().flatten().collect();
    if relations.len() != found.len() {
        return Err(Denied::NoRelation);
    }
    if let (true, Some((given, others))) = (acting_as.is_given_under_others(), found.split_last())
        && !was_given_in_stay(given, others.iter().copied())
    {
        return Err(Denied::NoRelation);
    }
    let mut effective: Option<Grants> = None;
    for ((relation, covers), grant_state) in relations.into_iter().zip(found) {
        relation.check(Some(grant_state), now)?;
        if covers == Covers::Permissions {
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
