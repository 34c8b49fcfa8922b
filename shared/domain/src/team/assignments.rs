//! Which of its clients a firm's bookkeeper may enter.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TeamError;
use crate::{
    access::GrantState,
    event::{EventPayload, NewEvent},
    id::{CompanyId, FirmId, Org},
    org::{Assignment, Connection, Staff, Status},
    permission::Grants,
    role::StaffRole,
    temporary_grants::{ExpiryUpdate, TemporaryGrants},
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
    pub before: Option<Grants>,
    /// What it grants now.
    #[serde(deserialize_with = "Grants::known")]
    pub after: Grants,
    /// Permissions granted on top for a time, each with the instant at which it stops.
    #[serde(deserialize_with = "TemporaryGrants::known")]
    pub lent: TemporaryGrants,
    /// When the assignment ends by itself; `null` for never.
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
    expiry: ExpiryUpdate,
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
    let assignment = Assignment {
        company: connection.company.clone(),
        company_name: connection.company_name.clone(),
        firm: connection.firm.clone(),
        user: staff.user.clone(),
        user_name: Some(staff.name.clone()),
        grants,
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: expiry.after(None, now)?,
        since: existing.filter(|a| GrantState::from(*a).holds_at(now)).map_or(now, |a| a.since),
        version: existing.map_or(1, |a| a.version + 1),
    };
    let event = assignment_changed(existing.filter(|a| GrantState::from(*a).holds_at(now)), &assignment);
    Ok((assignment, event))
}

/// What a bookkeeper may do in a company changed, or began.
pub(crate) fn assignment_changed(before: Option<&Assignment>, after: &Assignment) -> NewEvent {
    let changed = AssignmentChanged {
        company: after.company.clone(),
        firm: after.firm.clone(),
        before: before.map(|a| a.grants.clone()),
        after: after.grants.clone(),
        lent: after.lent.clone(),
        expires_at: after.expires_at,
    };
    assignment_fact(after, EventPayload::AssignmentChanged(changed))
}

/// Ends an assignment: it is taken back, or given back.
///
/// # Errors
/// [`TeamError::NotActive`].
pub fn unassign(assignment: &Assignment) -> Result<(Assignment, NewEvent), TeamError> {
    if assignment.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let ended = Assignment { status: Status::Ended, version: assignment.version + 1, ..assignment.clone() };
    let removed = AssignmentRemoved { company: assignment.company.clone(), firm: assignment.firm.clone() };
    let event = assignment_fact(assignment, EventPayload::AssignmentRemoved(removed));
    Ok((ended, event))
}

fn assignment_fact(assignment: &Assignment, payload: EventPayload) -> NewEvent {
    // It happens in the company's books, so the client sees who may enter them.
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
        super::assign(connection, staff, existing, grants, ExpiryUpdate::Kept, now)
    }

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
