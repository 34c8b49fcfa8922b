//! Changing and ending relationships.
//!
//! Whoever changes or removes another member must hold everything the member holds, so an admin
//! cannot touch an owner. Leaving is nobody's but one's own to decide. The last owner of a company and
//! the last admin of a firm stay.

mod assignments;
mod connections;
#[cfg(test)]
mod examples;
mod leaving;
mod members;
mod registering;
mod staff;
mod stops;

use crate::{
    access::{Access, Standing},
    lent::ExpiryError,
    permission::Permission,
    time::UtcTime,
};

pub(crate) use assignments::assignment_changed;
pub use assignments::{assign, unassign};
pub(crate) use connections::connection_changed;
pub use connections::{change_connection, end_connection};
pub use leaving::{Ending, to_see_assignments};
pub(crate) use members::member_changed;
pub use members::{change_member, remove_member};
pub use registering::{register_company, register_firm};
pub use staff::{change_staff, remove_staff};
pub use stops::{
    Ceasing, STOPS_WITH_ASSIGNMENT, STOPS_WITH_CONNECTION, STOPS_WITH_MEMBER, STOPS_WITH_NARROWING, STOPS_WITH_STAFF,
    Stops,
};

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
    /// Nothing to change was named.
    #[error("name what is to change")]
    NothingToChange,
    /// An owner with less than everything would count as the one who must remain.
    #[error("an owner holds every permission; name another role to list fewer")]
    OwnerHoldsAll,
    /// A role without permissions, or permissions that no company has.
    #[error("must name at least one permission that exists for a company")]
    NoPermissions,
    /// An assignment would exceed what the firm's connection grants.
    #[error("permission {0} is not granted to the firm by this company")]
    BeyondConnection(Permission),
    /// Admins reach every connected company; they need no assignment.
    #[error("a firm's admin reaches every connected company and needs no assignment")]
    AdminNeedsNone,
    /// An end that makes no sense.
    #[error(transparent)]
    Expiry(#[from] ExpiryError),
    /// An owner whose time runs out would leave the company without one, and nobody would have done it.
    #[error("an owner's place does not end by itself: say null, or name another role")]
    OwnerIsPermanent,
    /// The same of a firm's admin.
    #[error("an admin's place does not end by itself: say null, or name another role")]
    AdminIsPermanent,
}

/// The access that changing what a relationship grants takes: everything that it grants anew, or for
/// longer than before, for as long as it is granted. Taking away takes none of it.
#[must_use]
pub fn to_give(access: Access, before: &Standing, after: &Standing) -> Access {
    let longer = match (before.expires_at, after.expires_at) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => after > before,
        (None, _) => false,
    };
    let given = if longer { after.grants.clone() } else { after.grants.beyond(&before.grants) };
    if given.is_empty() { access } else { access.and_all(&given).lasting(after.expires_at) }
}

/// A change to the number of a company's owners or a firm's admins, to be applied under the
/// condition that one remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadCount {
    /// It stays.
    Same,
    /// One more.
    OneMore,
    /// One fewer, and at least one must remain.
    OneFewer,
}

pub(crate) const fn head_count(was: bool, is: bool) -> HeadCount {
    match (was, is) {
        (true, false) => HeadCount::OneFewer,
        (false, true) => HeadCount::OneMore,
        (true, true) | (false, false) => HeadCount::Same,
    }
}

/// Says which of a tenant's people a notification is for: those members of a company, or staff of a
/// firm, who hold the permission there now.
pub fn holders<P>(people: &[P], permission: Permission, now: UtcTime) -> impl Iterator<Item = &P>
where
    for<'p> Standing: From<&'p P>,
{
    people.iter().filter(move |person| {
        let standing = Standing::from(*person);
        standing.holds_at(now) && standing.grants_at(now).contains(permission)
    })
}

#[cfg(test)]
mod tests {
    use super::{
        examples::{NOW, company, firm, owner},
        *,
    };
    use crate::{
        access::Seat,
        lent::Lent,
        org::{Member, Staff, Status},
        permission::Grants,
        role::StaffRole,
    };

    #[test]
    fn whoever_holds_a_permission_now_is_told_and_nobody_else() {
        let reader = Member { grants: Grants::from_iter([Permission::BankView]), ..owner() };
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
        let standing = |permissions: &[Permission], expires_at| Standing {
            active: true,
            grants: permissions.iter().copied().collect(),
            lent: Lent::default(),
            admin: false,
            expires_at,
        };
        let needed = |before: &Standing, after: &Standing| {
            let seat = Seat::Member { company: company(1).id };
            let access = Access::new("o".parse().unwrap(), seat, Permission::ConnectionsManage);
            let requirement = to_give(access, before, after).requirements().remove(0);
            (requirement.grants.len() - 1, requirement.lasting.is_some())
        };
        use Permission::{BankView, VatView};
        let both = standing(&[BankView, VatView], None);
        assert_eq!(needed(&both, &standing(&[BankView], None)), (0, false), "less");
        assert_eq!(needed(&both, &standing(&[BankView], Some(NOW))), (0, false), "less, for less long");
        assert_eq!(needed(&standing(&[BankView], None), &both), (1, true), "more");
        assert_eq!(needed(&standing(&[BankView, VatView], Some(NOW)), &both), (2, true), "the same for longer");
    }
}
