//! A firm's staff: change their role or end, or remove them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CountDelta, TeamError, count_delta};
use crate::{
    access::GrantState,
    event::{EventData, NewEvent, kinds},
    id::Org,
    org::{Firm, Staff, Status},
    patch::Patch,
    role::StaffRole,
    temporary_grants::end_after,
    time::UtcTime,
};

/// Payload of `staff.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffChanged {
    /// The place before.
    pub before: StaffState,
    /// The place now.
    pub after: StaffState,
}

/// A place on a firm's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffState {
    /// The role.
    pub role: StaffRole,
    /// When the place ends by itself; `null` for never.
    #[schema(required = true)]
    pub expires_at: Option<UtcTime>,
}

impl StaffState {
    const fn of(staff: &Staff) -> Self {
        Self { role: staff.role, expires_at: staff.expires_at }
    }
}

/// Payload of `staff.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffRemoved {
    /// The role that the person had.
    pub role: StaffRole,
}

/// Gives a staff member another role, or another end.
///
/// # Errors
/// [`TeamError`].
pub fn change_staff(
    firm: &Firm,
    staff: &Staff,
    role: Option<StaffRole>,
    expiry: Patch<UtcTime>,
    now: UtcTime,
) -> Result<(Staff, CountDelta, NewEvent), TeamError> {
    if !GrantState::from(staff).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if role.is_none() && expiry == Patch::Keep {
        return Err(TeamError::NothingToChange);
    }
    let (role, grants) = role.map_or_else(|| (staff.role, staff.grants.clone()), |role| (role, role.preset()));
    let expires_at = end_after(expiry, staff.expires_at, now)?;
    // INVARIANT: admins are counted as they come and go, never as time passes.
    if role == StaffRole::Admin && expires_at.is_some() {
        return Err(TeamError::AdminIsPermanent);
    }
    let admins = count_delta(staff.role == StaffRole::Admin, role == StaffRole::Admin);
    if admins == CountDelta::OneFewer && firm.admin_count <= 1 {
        return Err(TeamError::LastAdmin);
    }
    let changed = Staff { role, grants, expires_at, version: staff.version + 1, ..staff.clone() };
    let data = StaffChanged { before: StaffState::of(staff), after: StaffState::of(&changed) };
    Ok((changed, admins, staff_fact(staff, kinds::StaffChanged::of(data))))
}

/// Ends a staff member's place. Their assignments grant nothing from then on, since access through an
/// assignment needs the place too.
///
/// # Errors
/// [`TeamError`].
pub fn remove_staff(firm: &Firm, staff: &Staff, now: UtcTime) -> Result<(Staff, CountDelta, NewEvent), TeamError> {
    if staff.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let admins = count_delta(staff.role == StaffRole::Admin, false);
    if admins == CountDelta::OneFewer && firm.admin_count <= 1 {
        return Err(TeamError::LastAdmin);
    }
    let removed = Staff { status: Status::Ended, expires_at: Some(now), version: staff.version + 1, ..staff.clone() };
    let event = staff_fact(staff, kinds::StaffRemoved::of(StaffRemoved { role: staff.role }));
    Ok((removed, admins, event))
}

fn staff_fact(staff: &Staff, payload: EventData) -> NewEvent {
    NewEvent::new(Org::Firm(staff.firm.clone()), staff.user.as_str(), payload)
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{NOW, firm},
        *,
    };

    #[test]
    fn the_last_admin_stays_admin() {
        let (firm, staff) = firm(1);
        assert_eq!(remove_staff(&firm, &staff, NOW).unwrap_err(), TeamError::LastAdmin);
        assert_eq!(
            change_staff(&firm, &staff, Some(StaffRole::Bookkeeper), Patch::Keep, NOW).unwrap_err(),
            TeamError::LastAdmin
        );
    }

    #[test]
    fn a_place_on_staff_ends_by_itself_unless_it_is_an_admins() {
        let at = || Patch::Set(NOW.plus_s(60));
        let (firm, admin) = firm(2);
        assert_eq!(change_staff(&firm, &admin, None, at(), NOW).unwrap_err(), TeamError::AdminIsPermanent);
        let (staff, count, _) = change_staff(&firm, &admin, Some(StaffRole::Bookkeeper), at(), NOW).unwrap();
        assert_eq!((staff.expires_at, count), (Some(NOW.plus_s(60)), CountDelta::OneFewer));
        let promoted = change_staff(&firm, &staff, Some(StaffRole::Admin), Patch::Keep, NOW);
        assert_eq!(promoted.unwrap_err(), TeamError::AdminIsPermanent);
    }
}
