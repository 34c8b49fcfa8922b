//! Changes and ends relationships: members, staff, connections, assignments.
//!
//! A person who changes or removes a member must hold everything that the member holds, so an admin
//! cannot touch an owner. Everyone may leave. The last owner of a company and the last admin of a firm
//! stay.

mod assignments;
mod client_seat;
mod connections;
#[cfg(test)]
mod examples;
mod members;
mod registering;
mod removal;
mod removal_effects;
mod staff;

use crate::{
    access::{AccessRequirement, GrantState},
    permission::{Grants, Permission},
    temporary_grants::ExpiryError,
    time::UtcTime,
};

pub use assignments::{
    AssignmentChanged, AssignmentList, AssignmentRemoved, AssignmentScopeError, assign, connection_of_assignment,
    stands, unassign,
};
pub(crate) use assignments::{assignment_changed, beginning as assignment_beginning};
pub use client_seat::ClientSeat;
pub(crate) use connections::connection_changed;
pub use connections::{
    ConnectionChanged, ConnectionEnded, ConnectionState, change_connection, end_connection, to_change_connection,
    withdrawn,
};
pub(crate) use members::member_changed;
pub use members::{MemberChanged, MemberRemoved, MemberState, bounded, change_member, remove_member, to_change_member};
pub use registering::{CompanyRegistered, FirmRegistered, NewCompany, NewFirm, register_company, register_firm};
pub use removal::{RemovalGround, to_see_assignments};
pub use removal_effects::{
    ASSIGNMENT_REMOVAL_EFFECTS, CONNECTION_REMOVAL_EFFECTS, MEMBER_REMOVAL_EFFECTS, RemovalEffect, RemovalEffectKind,
    STAFF_REMOVAL_EFFECTS, effects_of_change,
};
pub use staff::{StaffChanged, StaffRemoved, StaffState, change_staff, remove_staff};

/// Why a relationship was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// The company would be left without an owner.
    #[error("the last owner cannot be removed or given another role")]
    LastOwner,
    /// The firm would be left without an admin.
    #[error("the last admin cannot be removed or given another role")]
    LastAdmin,
    /// It is not active.
    #[error("it is not active")]
    NotActive,
    /// The request names no change.
    #[error("name what is to change")]
    NothingToChange,
    /// An owner with less than everything would count as the one who must remain.
    #[error("an owner holds every permission; name another role to list fewer")]
    OwnerHoldsAll,
    /// An owner is the company's own; a member whom a firm invited is there while the firm is.
    #[error("an owner is the company's own: invite them for the company first")]
    OwnerByFirm,
    /// A role without permissions, or permissions that no company has.
    #[error("must name at least one permission that exists for a company")]
    NoPermissions,
    /// An assignment would exceed what the firm's connection grants.
    #[error("permission {0} is not granted to the firm by this company")]
    BeyondConnection(Permission),
    /// Admins reach every connected company; they need no assignment.
    #[error("a firm's admin reaches every connected company and needs no assignment")]
    AdminNeedsNone,
    /// An end that is not valid.
    #[error(transparent)]
    Expiry(#[from] ExpiryError),
    /// An owner's place cannot have an end: the company could be left without an owner although nobody removed
    /// them.
    #[error("an owner's place does not end by itself: say null, or name another role")]
    OwnerIsPermanent,
    /// The same for a firm's admin.
    #[error("an admin's place does not end by itself: say null, or name another role")]
    AdminIsPermanent,
}

/// What a change of a relationship's grants newly grants, or grants for longer than before.
fn given(before: &GrantState, after: &GrantState) -> Grants {
    let longer = match (before.expires_at, after.expires_at) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => after > before,
        (None, _) => false,
    };
    if longer { after.grants.clone() } else { after.grants.beyond(&before.grants) }
}

/// The access that a change of a relationship's grants needs: everything that it newly grants, or grants for longer
/// than before, for as long as it is granted. Taking away needs none of it.
#[must_use]
pub fn to_give(access: AccessRequirement, before: &GrantState, after: &GrantState) -> AccessRequirement {
    let given = given(before, after);
    if given.is_empty() { access } else { access.giving(&given).validity(after.expires_at) }
}

/// The access that changing a person's place needs: as [`to_give`], and everything that the place
/// grants before and after. So nobody changes the place of a person who holds more than they do.
#[must_use]
pub fn to_change_place(access: AccessRequirement, before: &GrantState, after: &GrantState) -> AccessRequirement {
    to_give(access.giving(&before.grants).giving(&after.grants), before, after)
}

/// A change to the number of a company's owners or a firm's admins, to be applied under the
/// condition that one remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountDelta {
    /// No change.
    Same,
    /// One more.
    OneMore,
    /// One fewer, and at least one must remain.
    OneFewer,
}

pub(crate) const fn count_delta(was: bool, is: bool) -> CountDelta {
    match (was, is) {
        (true, false) => CountDelta::OneFewer,
        (false, true) => CountDelta::OneMore,
        (true, true) | (false, false) => CountDelta::Same,
    }
}

/// The members of a company, or staff of a firm, who hold a permission there at `now`: a notification
/// is for them.
pub fn holders<P>(people: &[P], permission: Permission, now: UtcTime) -> impl Iterator<Item = &P>
where
    for<'p> GrantState: From<&'p P>,
{
    people.iter().filter(move |person| {
        let grant_state = GrantState::from(*person);
        grant_state.holds_at(now) && grant_state.grants_at(now).contains(permission)
    })
}

#[cfg(test)]
mod tests {
    use super::{
        examples::{NOW, company, firm, owner},
        *,
    };
    use crate::{
        access::ActingAs,
        org::{Member, Staff, Status},
        permission::Grants,
        role::{MemberRole, StaffRole},
        temporary_grants::{TemporaryGrants, Validity},
    };

    /// Proves: M2
    #[test]
    fn the_people_who_hold_a_permission_now_are_told_and_nobody_else() {
        let grants = Grants::from_iter([Permission::BankView]);
        let reader = Member { role: MemberRole::ReadOnly, grants, ..owner() };
        let gone = Member { status: Status::Ended, ..owner() };
        let guest = Member { expires_at: Some(NOW), ..owner() };
        let members = [owner(), reader, gone, guest];
        let told: Vec<&Member> = holders(&members, Permission::TeamManage, NOW).collect();
        assert_eq!(told, [&members[0]]);
        let admin = firm(1).1;
        let grants = StaffRole::Bookkeeper.preset();
        let staff = [Staff { role: StaffRole::Bookkeeper, grants, ..admin.clone() }, admin];
        let told: Vec<&Staff> = holders(&staff, Permission::StaffManage, NOW).collect();
        assert_eq!(told, [&staff[1]]);
    }

    #[test]
    fn giving_takes_what_is_new_or_lasts_longer_and_taking_away_takes_nothing() {
        let grant_state = |permissions: &[Permission], expires_at| GrantState {
            active: true,
            grants: permissions.iter().copied().collect(),
            lent: TemporaryGrants::default(),
            admin: false,
            inviting_firm: None,
            since: NOW,
            expires_at,
        };
        let needed = |before: &GrantState, after: &GrantState| {
            let acting_as = ActingAs::Member { company: company(1).id };
            let access = AccessRequirement::new("o".parse().unwrap(), acting_as, Permission::ConnectionsManage);
            let requirement = to_give(access, before, after).requirements().remove(0);
            (requirement.given.len(), requirement.validity.is_some())
        };
        use Permission::{BankView, VatView};
        let both = grant_state(&[BankView, VatView], None);
        assert_eq!(needed(&both, &grant_state(&[BankView], None)), (0, false), "less");
        assert_eq!(needed(&both, &grant_state(&[BankView], Some(NOW))), (0, false), "less, for less long");
        assert_eq!(needed(&grant_state(&[BankView], None), &both), (1, true), "more");
        assert_eq!(needed(&grant_state(&[BankView, VatView], Some(NOW)), &both), (2, true), "the same for longer");
        let place = |before: &GrantState, after: &GrantState| {
            let access = AccessRequirement::new(
                "o".parse().unwrap(),
                ActingAs::Member { company: company(1).id },
                Permission::TeamManage,
            );
            to_change_place(access, before, after).requirements().remove(0)
        };
        let narrowed = place(&both, &grant_state(&[BankView], None));
        assert_eq!((narrowed.given.len(), narrowed.validity), (2, None), "what the person held is needed too");
        let widened = place(&grant_state(&[BankView], None), &both);
        assert_eq!((widened.given.len(), widened.validity), (2, Some(Validity::ForGood)));
    }
}
