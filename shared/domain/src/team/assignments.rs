//! Which of its clients a firm's bookkeeper may enter.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TeamError;
use crate::{
    access::{GrantState, was_given_in_stay},
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, FirmId, Org, UserId},
    org::{Assignment, Connection, Staff, Status},
    patch::Patch,
    permission::Grants,
    role::StaffRole,
    temporary_grants::{TemporaryGrants, end_after},
    time::UtcTime,
};

/// Payload of `assignment.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentChanged {
    /// The client.
    pub company: CompanyId,
    /// The bookkeeper's firm.
    pub firm: FirmId,
    /// What the assignment granted before; `null` for a new assignment.
    #[serde(default, deserialize_with = "Grants::known_if_any")]
    #[schema(required = true)]
    pub before: Option<Grants>,
    /// What it grants now.
    #[serde(deserialize_with = "Grants::known")]
    pub after: Grants,
    /// Permissions granted on top for a time, each with the instant at which it stops.
    #[serde(deserialize_with = "TemporaryGrants::known")]
    pub lent: TemporaryGrants,
    /// When the assignment ends by itself; `null` for never.
    #[schema(required = true)]
    pub expires_at: Option<UtcTime>,
}

/// Payload of `assignment.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentRemoved {
    /// The client.
    pub company: CompanyId,
    /// The bookkeeper's firm.
    pub firm: FirmId,
}

/// Why a request names no assignments that can be seen from where the caller acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentScopeError {
    /// In a firm, neither a bookkeeper nor a company is named.
    #[error("name a user or a company")]
    NothingNamed,
    /// In a firm, both are named.
    #[error("name a user or a company, not both")]
    BothNamed,
    /// In a company, a bookkeeper is named.
    #[error("in a company, name the company alone")]
    UserInCompany,
    /// In a company, no company is named.
    #[error("name the company")]
    CompanyMissing,
    /// In a company, the bookkeeper's firm is not named.
    #[error("in a company, name the bookkeeper's firm")]
    FirmMissing,
}

impl AssignmentScopeError {
    /// The parameter that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NothingNamed | Self::UserInCompany => "user",
            Self::BothNamed | Self::CompanyMissing => "company",
            Self::FirmMissing => "firm",
        }
    }
}

/// Which assignments are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignmentList {
    /// A bookkeeper's.
    OfUser(UserId),
    /// Those of a company.
    InCompany(CompanyId),
}

impl AssignmentList {
    /// The list that a request names, in the tenant where the caller acts: in a firm either a
    /// bookkeeper's or a company's, in a company its own.
    ///
    /// # Errors
    /// [`AssignmentScopeError`].
    pub fn of(here: &Org, user: Option<UserId>, company: Option<CompanyId>) -> Result<Self, AssignmentScopeError> {
        match (here, user, company) {
            (Org::Firm(_), Some(user), None) => Ok(Self::OfUser(user)),
            (Org::Firm(_) | Org::Company(_), None, Some(company)) => Ok(Self::InCompany(company)),
            (Org::Firm(_), None, None) => Err(AssignmentScopeError::NothingNamed),
            (Org::Firm(_), Some(_), Some(_)) => Err(AssignmentScopeError::BothNamed),
            (Org::Company(_), Some(_), _) => Err(AssignmentScopeError::UserInCompany),
            (Org::Company(_), None, None) => Err(AssignmentScopeError::CompanyMissing),
        }
    }

    /// The bookkeeper, where it is theirs.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::OfUser(user) => Some(user),
            Self::InCompany(_) => None,
        }
    }
}

/// The other side of the connection that an assignment belongs to, seen from the tenant where the
/// caller acts; `None` where the named company or firm is not theirs. In a company, which may have
/// several firms, `firm` must name the bookkeeper's.
///
/// # Errors
/// [`AssignmentScopeError::FirmMissing`].
pub fn connection_of_assignment(
    here: &Org,
    company: CompanyId,
    firm: Option<FirmId>,
) -> Result<Option<Org>, AssignmentScopeError> {
    match (here, firm) {
        (Org::Firm(_), None) => Ok(Some(Org::Company(company))),
        (Org::Firm(own), Some(firm)) => Ok((*own == firm).then_some(Org::Company(company))),
        (Org::Company(own), Some(firm)) => Ok((*own == company).then_some(Org::Firm(firm))),
        (Org::Company(_), None) => Err(AssignmentScopeError::FirmMissing),
    }
}

/// Whether an assignment counts at `now`: it, the connection and the place on staff are active, and it was made
/// in their present stays. What is left from an earlier stay counts for nothing.
#[must_use]
pub fn stands(assignment: &Assignment, connection: &Connection, staff: &Staff, now: UtcTime) -> bool {
    let (assignment, others) = (GrantState::from(assignment), [GrantState::from(connection), GrantState::from(staff)]);
    assignment.holds_at(now)
        && others.iter().all(|other| other.holds_at(now))
        && was_given_in_stay(&assignment, others.iter())
}

/// When an assignment that is made at `now` begins: no earlier than what it is made under, whatever the clocks
/// said.
pub(crate) fn beginning(connection: &Connection, staff: &Staff, now: UtcTime) -> UtcTime {
    now.max(connection.since).max(staff.since)
}

/// Assigns a connected company to a bookkeeper, or changes what the assignment grants.
///
/// `grants` default to all that the connection grants, and it ends when `expiry` says so, or not by
/// itself.
///
/// # Errors
/// [`TeamError`].
pub fn assign(
    connection: &Connection,
    staff: &Staff,
    existing: Option<&Assignment>,
    grants: Option<Grants>,
    expiry: Patch<UtcTime>,
    now: UtcTime,
) -> Result<(Assignment, NewEvent), TeamError> {
    if !GrantState::from(connection).holds_at(now) || !GrantState::from(staff).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if staff.role == StaffRole::Admin {
        return Err(TeamError::AdminNeedsNone);
    }
    let grants = grants.unwrap_or_else(|| connection.grants.clone());
    if grants.is_empty() {
        return Err(TeamError::NoPermissions);
    }
    if let Some(beyond) = grants.first_beyond(&connection.grants) {
        return Err(TeamError::BeyondConnection(beyond));
    }
    let standing = existing.filter(|existing| stands(existing, connection, staff, now));
    let assignment = Assignment {
        company: connection.company.clone(),
        company_name: connection.company_name.clone(),
        firm: connection.firm.clone(),
        user: staff.user.clone(),
        user_name: Some(staff.name.clone()),
        grants,
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: end_after(expiry, None, now)?,
        since: standing.map_or_else(|| beginning(connection, staff, now), |standing| standing.since),
        version: existing.map_or(1, |a| a.version + 1),
    };
    let event = assignment_changed(standing, &assignment);
    Ok((assignment, event))
}

/// The event of an assignment that was made or changed.
pub(crate) fn assignment_changed(before: Option<&Assignment>, after: &Assignment) -> NewEvent {
    let changed = AssignmentChanged {
        company: after.company.clone(),
        firm: after.firm.clone(),
        before: before.map(|a| a.grants.clone()),
        after: after.grants.clone(),
        lent: after.lent.clone(),
        expires_at: after.expires_at,
    };
    assignment_fact(after, kinds::AssignmentChanged::of(changed))
}

/// Ends an assignment.
///
/// # Errors
/// [`TeamError::NotActive`].
pub fn unassign(assignment: &Assignment) -> Result<(Assignment, NewEvent), TeamError> {
    if assignment.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let ended = Assignment { status: Status::Ended, version: assignment.version + 1, ..assignment.clone() };
    let removed = AssignmentRemoved { company: assignment.company.clone(), firm: assignment.firm.clone() };
    let event = assignment_fact(assignment, kinds::AssignmentRemoved::of(removed));
    Ok((ended, event))
}

fn assignment_fact(assignment: &Assignment, payload: EventData) -> NewEvent {
    // The event is the company's, so the client sees who may enter its books.
    let org = Org::Company(assignment.company.clone());
    NewEvent::new(org, assignment.user.as_str(), payload).seen_by(&assignment.firm)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            end_connection,
            examples::{connection, firm},
        },
        *,
    };
    use crate::permission::Permission;

    fn assign(
        connection: &Connection,
        staff: &Staff,
        existing: Option<&Assignment>,
        grants: Option<Grants>,
        now: UtcTime,
    ) -> Result<(Assignment, NewEvent), TeamError> {
        super::assign(connection, staff, existing, grants, Patch::Keep, now)
    }

    fn company_id(n: u8) -> CompanyId {
        format!("co_{n:032x}").parse().unwrap()
    }

    fn firm_id(n: u8) -> FirmId {
        format!("fm_{n:032x}").parse().unwrap()
    }

    #[test]
    fn a_firm_lists_a_users_or_a_companys_assignments_and_a_company_its_own() {
        use AssignmentScopeError::{BothNamed, CompanyMissing, NothingNamed, UserInCompany};
        let user = || Some("b".parse::<UserId>().unwrap());
        let company = || Some(company_id(1));
        let at_firm = |user, company| AssignmentList::of(&Org::Firm(firm_id(2)), user, company);
        assert_eq!(at_firm(user(), None).unwrap().user(), user().as_ref());
        assert_eq!(at_firm(None, company()), Ok(AssignmentList::InCompany(company_id(1))));
        assert_eq!(at_firm(None, None), Err(NothingNamed));
        assert_eq!(at_firm(user(), company()), Err(BothNamed));
        let inside = |user, company| AssignmentList::of(&Org::Company(company_id(1)), user, company);
        assert_eq!(inside(None, company()), Ok(AssignmentList::InCompany(company_id(1))));
        assert_eq!(inside(None, None), Err(CompanyMissing));
        assert_eq!(inside(user(), None), Err(UserInCompany));
        assert_eq!(inside(user(), company()), Err(UserInCompany));
        let fields = [NothingNamed, BothNamed, UserInCompany, CompanyMissing].map(AssignmentScopeError::field);
        assert_eq!(fields, ["user", "company", "user", "company"]);
    }

    #[test]
    fn the_context_is_one_side_of_an_assignment_and_what_is_named_the_other() {
        let at_firm = |named| connection_of_assignment(&Org::Firm(firm_id(2)), company_id(1), named);
        assert_eq!(at_firm(None), Ok(Some(Org::Company(company_id(1)))));
        assert_eq!(at_firm(Some(firm_id(2))), Ok(Some(Org::Company(company_id(1)))));
        assert_eq!(at_firm(Some(firm_id(3))), Ok(None), "another firm's");
        let here = Org::Company(company_id(1));
        let inside = |named| connection_of_assignment(&here, named, Some(firm_id(2)));
        assert_eq!(inside(company_id(1)), Ok(Some(Org::Firm(firm_id(2)))));
        assert_eq!(inside(company_id(4)), Ok(None), "another company's");
        let unnamed = connection_of_assignment(&here, company_id(1), None);
        assert_eq!(unnamed, Err(AssignmentScopeError::FirmMissing));
        assert_eq!(AssignmentScopeError::FirmMissing.field(), "firm");
    }

    /// Proves: 5
    #[test]
    fn an_assignment_never_exceeds_the_connection() {
        let connection = connection([Permission::InvoicesView].into_iter().collect());
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let wanted: Grants = [Permission::InvoicesView, Permission::PayrollView].into_iter().collect();
        let refused = assign(&connection, &bookkeeper, None, Some(wanted), UtcTime::EPOCH);
        assert_eq!(refused.unwrap_err(), TeamError::BeyondConnection(Permission::PayrollView));
        let (given, _) = assign(&connection, &bookkeeper, None, None, UtcTime::EPOCH).unwrap();
        assert_eq!(given.grants, connection.grants);
    }

    /// Proves: S17
    #[test]
    fn an_assignment_is_of_the_place_and_the_connection_under_which_it_was_made() {
        let connection = connection(Grants::whole_company());
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let now = UtcTime::EPOCH.plus_s(10);
        let (made, _) = assign(&connection, &bookkeeper, None, None, now).unwrap();
        assert!(stands(&made, &connection, &bookkeeper, now));
        let later = now.plus_s(10);
        let renewed = Connection { since: later, ..connection.clone() };
        let rehired = Staff { since: later, ..bookkeeper.clone() };
        for (connection, staff) in [(&renewed, &bookkeeper), (&connection, &rehired)] {
            assert!(!stands(&made, connection, staff, later), "it revived");
            let (anew, event) = assign(connection, staff, Some(&made), None, later).unwrap();
            assert!(stands(&anew, connection, staff, later) && anew.since == later);
            assert_eq!(event.payload.read::<kinds::AssignmentChanged>().before, None, "a new assignment");
        }
        let (changed, _) = assign(&connection, &bookkeeper, Some(&made), None, later).unwrap();
        assert_eq!(changed.since, made.since, "a change leaves it in its stay");
    }

    /// A clock that is behind the one of the connection makes no assignment that never counts.
    #[test]
    fn an_assignment_begins_no_earlier_than_what_it_is_made_under() {
        let connection = Connection { since: UtcTime::EPOCH.plus_s(1), ..connection(Grants::whole_company()) };
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let (made, _) = assign(&connection, &bookkeeper, None, None, UtcTime::EPOCH).unwrap();
        assert!(stands(&made, &connection, &bookkeeper, UtcTime::EPOCH));
    }

    #[test]
    fn nothing_is_assigned_through_an_ended_connection_or_to_removed_staff() {
        let live = connection(Grants::whole_company());
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let (ended, _) = end_connection(&live, &Org::Company(live.company.clone()), UtcTime::EPOCH).unwrap();
        assert_eq!(assign(&ended, &bookkeeper, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        let gone = Staff { status: Status::Ended, ..bookkeeper.clone() };
        assert_eq!(assign(&live, &gone, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        let lapsed = Connection { expires_at: Some(UtcTime::EPOCH), ..live.clone() };
        assert_eq!(assign(&lapsed, &bookkeeper, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        assert_eq!(
            end_connection(&ended, &Org::Company(live.company.clone()), UtcTime::EPOCH).unwrap_err(),
            TeamError::NotActive
        );
    }
}
