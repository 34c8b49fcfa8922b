//! Who may end a place or an assignment: the person it belongs to, and those who manage such places.
//!
//! A person needs no permission to leave, only the place itself. That the last owner and the last admin
//! stay is a rule of [`remove_member`](super::remove_member) and [`remove_staff`](super::remove_staff).

use crate::{
    access::{AccessRequirement, ActingAs},
    id::UserId,
    permission::{Grants, Permission},
};

/// Why a person may end a place or an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalGround {
    /// It is their own.
    Own,
    /// They manage such places, which needs this permission.
    LookedAfter(Permission),
}

impl RemovalGround {
    /// For a member's place; `present` is the caller in the company. Only a member leaves: a caller who
    /// acts there for a firm needs the permission.
    #[must_use]
    pub fn of_member(present: &AccessRequirement, member: &UserId) -> Self {
        let is_member = matches!(present.acting_as(), ActingAs::Member { .. } | ActingAs::BoundedMember { .. });
        let own = is_member && present.user() == member;
        if own { Self::Own } else { Self::LookedAfter(Permission::TeamManage) }
    }

    /// For a place on a firm's staff; `present` is the caller in the firm.
    #[must_use]
    pub fn of_staff(present: &AccessRequirement, staff: &UserId) -> Self {
        let own = matches!(present.acting_as(), ActingAs::Staff { .. }) && present.user() == staff;
        if own { Self::Own } else { Self::LookedAfter(Permission::StaffManage) }
    }

    /// For an assignment, from either side of the connection: in the firm the bookkeeper or a manager
    /// of the staff ends it, in the company a manager of its connections.
    #[must_use]
    pub fn of_assignment(present: &AccessRequirement, bookkeeper: &UserId) -> Self {
        match present.acting_as() {
            ActingAs::Staff { .. } => Self::of_staff(present, bookkeeper),
            ActingAs::Member { .. }
            | ActingAs::BoundedMember { .. }
            | ActingAs::FirmAdmin { .. }
            | ActingAs::Bookkeeper { .. }
            | ActingAs::Contact { .. } => Self::LookedAfter(Permission::ConnectionsManage),
        }
    }

    /// The access that a preview of the removal needs, and ending a place that grants nothing here.
    #[must_use]
    pub fn needs(self, present: AccessRequirement) -> AccessRequirement {
        match self {
            Self::Own => present,
            Self::LookedAfter(permission) => with(present, permission),
        }
    }

    /// The access that ending a place needs: nobody takes away what they do not hold.
    #[must_use]
    pub fn taking(self, present: AccessRequirement, held: &Grants) -> AccessRequirement {
        match self {
            Self::Own => present,
            Self::LookedAfter(permission) => with(present, permission).giving(held),
        }
    }
}

/// The access that listing assignments needs: those of `bookkeeper`, or of a company where none is
/// named. In the firm, a bookkeeper sees their own. `present` is the caller.
#[must_use]
pub fn to_see_assignments(present: AccessRequirement, bookkeeper: Option<&UserId>) -> AccessRequirement {
    match present.acting_as() {
        ActingAs::Staff { .. } if bookkeeper == Some(present.user()) => present,
        ActingAs::Staff { .. } => with(present, Permission::StaffView),
        ActingAs::Member { .. }
        | ActingAs::BoundedMember { .. }
        | ActingAs::FirmAdmin { .. }
        | ActingAs::Bookkeeper { .. }
        | ActingAs::Contact { .. } => with(present, Permission::ConnectionsView),
    }
}

fn with(present: AccessRequirement, permission: Permission) -> AccessRequirement {
    present.and_all(&Grants::from_iter([permission]))
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{company, firm},
        *,
    };

    fn present(acting_as: ActingAs) -> AccessRequirement {
        AccessRequirement::to_enter(own(), acting_as)
    }

    fn own() -> UserId {
        "own".parse().unwrap()
    }

    fn other() -> UserId {
        "other".parse().unwrap()
    }

    /// Every seat: as a member, for a firm as its admin and as a bookkeeper, at the firm.
    fn candidates() -> [ActingAs; 4] {
        let (company, firm) = (company(1).id, firm(1).0.id);
        [
            ActingAs::Member { company: company.clone() },
            ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() },
            ActingAs::Bookkeeper { firm: firm.clone(), company },
            ActingAs::Staff { firm },
        ]
    }

    /// Proves: 5
    #[test]
    fn a_place_is_given_up_from_itself_and_from_nowhere_else() {
        let [member, admin, bookkeeper, staff] = candidates().map(present);
        assert_eq!(RemovalGround::of_member(&member, &own()), RemovalGround::Own);
        assert_eq!(RemovalGround::of_staff(&staff, &own()), RemovalGround::Own);
        let team = RemovalGround::LookedAfter(Permission::TeamManage);
        assert_eq!(RemovalGround::of_member(&member, &other()), team);
        for acting in [admin, bookkeeper] {
            assert_eq!(RemovalGround::of_member(&acting, &own()), team, "acting for a firm is not being a member");
        }
        assert_eq!(RemovalGround::of_staff(&staff, &other()), RemovalGround::LookedAfter(Permission::StaffManage));
    }

    #[test]
    fn an_assignment_is_ended_at_the_firm_by_the_bookkeeper_or_a_manager_and_by_the_client() {
        let [member, admin, bookkeeper, staff] = candidates().map(present);
        assert_eq!(RemovalGround::of_assignment(&staff, &own()), RemovalGround::Own);
        assert_eq!(RemovalGround::of_assignment(&staff, &other()), RemovalGround::LookedAfter(Permission::StaffManage));
        for acting in [member, admin, bookkeeper] {
            for whose in [own(), other()] {
                let ending = RemovalGround::of_assignment(&acting, &whose);
                assert_eq!(ending, RemovalGround::LookedAfter(Permission::ConnectionsManage));
            }
        }
    }

    #[test]
    fn leaving_needs_nothing_and_removing_needs_the_permission_and_what_is_taken() {
        let [member, ..] = candidates().map(present);
        let held = Grants::from_iter([Permission::VatView]);
        let needed = |access: AccessRequirement| access.requirements().remove(0).permissions().collect::<Vec<_>>();
        assert_eq!(needed(RemovalGround::Own.needs(member.clone())), []);
        assert_eq!(needed(RemovalGround::Own.taking(member.clone(), &held)), []);
        let looked_after = RemovalGround::LookedAfter(Permission::TeamManage);
        assert_eq!(needed(looked_after.needs(member.clone())), [Permission::TeamManage]);
        assert_eq!(needed(looked_after.taking(member, &held)), [Permission::TeamManage, Permission::VatView]);
    }

    #[test]
    fn ones_own_assignments_are_seen_at_the_firm_and_a_companys_in_the_company() {
        let needed = |acting_as: ActingAs, of: Option<&UserId>| {
            let mut requirements = to_see_assignments(present(acting_as), of).requirements();
            requirements.remove(0).grants
        };
        let [member, admin, bookkeeper, staff] = candidates();
        assert_eq!(needed(staff.clone(), Some(&own())), []);
        assert_eq!(needed(staff.clone(), Some(&other())), [Permission::StaffView]);
        assert_eq!(needed(staff, None), [Permission::StaffView]);
        for acting_as in [member, admin, bookkeeper] {
            assert_eq!(needed(acting_as, None), [Permission::ConnectionsView]);
        }
    }
}
