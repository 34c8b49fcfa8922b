//! Making an offer from an inviter's request: its kind, a role, permissions.

use super::{InvitationKind, InvitationRole, Offer, OfferError};
use crate::{
    access::{AccessRequirement, ActingAs},
    id::Org,
    permission::{Grants, Permission},
    role::MemberRole,
};

/// Makes an offer from an inviter's request, in the company or firm where they act.
///
/// A connection grants what [`MemberRole::Accountant`] holds unless permissions are listed. A member
/// gets a role's preset, the listed permissions under the role's name, or, without a role, the listed
/// permissions as [`MemberRole::Custom`].
///
/// # Errors
/// [`OfferError`].
pub fn offer(
    kind: InvitationKind,
    role: Option<InvitationRole>,
    permissions: Option<Grants>,
    acting_as: &ActingAs,
) -> Result<Offer, OfferError> {
    // A contact sends no invitation: their seat is in a company, but none of its people's.
    if acting_as.customer().is_some() {
        return Err(OfferError::WrongContext);
    }
    let offer = match (kind, acting_as.org()) {
        (InvitationKind::Firm, Org::Company(company)) => match role {
            Some(_) => return Err(OfferError::RoleUnfit),
            None => Offer::Firm {
                company,
                grants: permissions.unwrap_or_else(|| MemberRole::Accountant.preset()),
                replaces: None,
            },
        },
        (InvitationKind::Member, Org::Company(company)) => {
            let (role, grants) = member_terms(role, permissions)?;
            Offer::Member { company, role, grants }
        }
        (InvitationKind::Staff, Org::Firm(firm)) => {
            if permissions.is_some() {
                return Err(OfferError::PermissionsUnfit);
            }
            let role = role.ok_or(OfferError::RoleMissing)?.of_staff().ok_or(OfferError::RoleUnfit)?;
            Offer::Staff { firm, role }
        }
        (InvitationKind::Client, Org::Firm(firm)) => match role {
            Some(_) => return Err(OfferError::RoleUnfit),
            None => {
                let grants = permissions.unwrap_or_else(|| MemberRole::Accountant.preset());
                Offer::Client { firm, grants, client: None }
            }
        },
        (InvitationKind::Contact, Org::Company(_)) => return Err(OfferError::FromCustomer),
        (InvitationKind::Firm | InvitationKind::Member | InvitationKind::Contact, Org::Firm(_))
        | (InvitationKind::Staff | InvitationKind::Client, Org::Company(_)) => {
            return Err(OfferError::WrongContext);
        }
    };
    // INVARIANT: owners are counted, and none of them is there only while a firm is.
    if offer.is_of_owner() && acting_as.bounded_by().is_some() {
        return Err(OfferError::OwnerByFirm);
    }
    offer.holds_together()?;
    Ok(offer)
}

fn member_terms(role: Option<InvitationRole>, permissions: Option<Grants>) -> Result<(MemberRole, Grants), OfferError> {
    let role = role.map(|role| role.of_member().ok_or(OfferError::RoleUnfit)).transpose()?;
    match (role, permissions) {
        (None, None) => Err(OfferError::RoleMissing),
        (Some(MemberRole::Custom), None) => Err(OfferError::PermissionsMissing),
        // INVARIANT: an owner holds everything, so a company with one owner left can still be run.
        (Some(MemberRole::Owner), Some(fewer)) if fewer != MemberRole::Owner.preset() => Err(OfferError::OwnerHoldsAll),
        (Some(role), None) => Ok((role, role.preset())),
        (role, Some(listed)) => Ok((role.unwrap_or(MemberRole::Custom), listed)),
    }
}

/// The kinds of invitation that a tenant sends.
fn kinds_sent_from(acting_as: &ActingAs) -> &'static [InvitationKind] {
    match acting_as.org() {
        Org::Company(_) => &[InvitationKind::Member, InvitationKind::Firm, InvitationKind::Contact],
        Org::Firm(_) => &[InvitationKind::Staff, InvitationKind::Client],
    }
}

/// The access that managing a tenant's invitations needs: the permission to send the kind that is
/// named, or, without one, the permissions to send every kind. `present` is the caller's place.
///
/// # Errors
/// [`OfferError::WrongContext`] for a kind that this tenant does not send.
pub fn to_manage(present: AccessRequirement, kind: Option<InvitationKind>) -> Result<AccessRequirement, OfferError> {
    let sent = kinds_sent_from(present.acting_as());
    let needing = |access: AccessRequirement, kind: InvitationKind| access.and_all(&Grants::from_iter([kind.needs()]));
    match kind {
        Some(kind) if sent.contains(&kind) => Ok(needing(present, kind)),
        Some(_) => Err(OfferError::WrongContext),
        // The rarer permission comes first, since the refusal names the first that is missing.
        None => Ok(sent.iter().rev().copied().fold(present, needing)),
    }
}

/// The permission that a person needs to learn that an invitation does not exist: that of any kind that their
/// tenant sends. `holds` says which permissions they have.
#[must_use]
pub fn to_learn_of_none(acting_as: &ActingAs, holds: impl Fn(Permission) -> bool) -> Permission {
    let needed = || kinds_sent_from(acting_as).iter().copied().map(InvitationKind::needs);
    needed().find(|permission| holds(*permission)).or_else(|| needed().next()).unwrap_or(Permission::TeamManage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::OutlastsFirm,
        invitation::{
            GrantsError,
            examples::{firm, in_company},
        },
    };

    #[test]
    fn a_client_is_asked_for_the_accountants_permissions_unless_others_are_listed() {
        let acting_as = ActingAs::Staff { firm: firm() };
        let asked = |permissions| offer(InvitationKind::Client, None, permissions, &acting_as);
        assert_eq!(asked(None).unwrap().grants(), MemberRole::Accountant.preset());
        let listed: Grants = [Permission::InvoicesView].into_iter().collect();
        assert_eq!(asked(Some(listed.clone())).unwrap().grants(), listed);
        let alien = Grants::from_iter([Permission::StaffView]);
        assert_eq!(asked(Some(alien)), Err(GrantsError::NotForCompanies(Permission::StaffView).into()));
        let role = Some(InvitationRole::Client);
        assert_eq!(offer(InvitationKind::Client, role, None, &acting_as), Err(OfferError::RoleUnfit));
    }

    #[test]
    fn a_firm_is_offered_the_accountants_permissions_unless_others_are_listed() {
        let offered = |permissions| offer(InvitationKind::Firm, None, permissions, &in_company()).unwrap().grants();
        assert_eq!(offered(None), MemberRole::Accountant.preset());
        let listed: Grants = [Permission::InvoicesView].into_iter().collect();
        assert_eq!(offered(Some(listed.clone())), listed);
        let role = Some(InvitationRole::Accountant);
        assert_eq!(offer(InvitationKind::Firm, role, None, &in_company()), Err(OfferError::RoleUnfit));
    }

    #[test]
    fn a_members_role_and_permissions_complete_each_other() {
        let listed = || Some(Grants::from_iter([Permission::InvoicesView]));
        let terms = |role, permissions| match offer(InvitationKind::Member, role, permissions, &in_company()) {
            Ok(Offer::Member { role, grants, .. }) => Ok((role, grants)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        let client = MemberRole::Client;
        assert_eq!(terms(Some(InvitationRole::Client), None), Ok((client, client.preset())));
        assert_eq!(terms(Some(InvitationRole::Client), listed()), Ok((client, listed().unwrap())));
        assert_eq!(terms(None, listed()), Ok((MemberRole::Custom, listed().unwrap())));
        assert_eq!(terms(None, None), Err(OfferError::RoleMissing));
        assert_eq!(terms(Some(InvitationRole::Custom), None), Err(OfferError::PermissionsMissing));
        assert_eq!(terms(Some(InvitationRole::Bookkeeper), None), Err(OfferError::RoleUnfit));
        assert_eq!(terms(Some(InvitationRole::Owner), listed()), Err(OfferError::OwnerHoldsAll));
        assert_eq!(terms(None, Some(Grants::default())), Err(GrantsError::NoPermissions.into()));
        let alien = Grants::from_iter([Permission::StaffView]);
        assert_eq!(terms(None, Some(alien)), Err(GrantsError::NotForCompanies(Permission::StaffView).into()));
    }

    /// Proves: S2
    #[test]
    fn no_firm_invites_an_owner() {
        let company = in_company().company().unwrap().clone();
        for acting_as in [
            ActingAs::FirmAdmin { firm: firm(), company: company.clone() },
            ActingAs::Bookkeeper { firm: firm(), company: company.clone() },
            ActingAs::BoundedMember { firm: firm(), company },
        ] {
            let member = |role| offer(InvitationKind::Member, Some(role), None, &acting_as);
            assert_eq!(member(InvitationRole::Owner), Err(OfferError::OwnerByFirm));
            assert!(member(InvitationRole::Admin).is_ok());
        }
    }

    /// The connection of a firm that another firm invited would be bounded by neither.
    /// Proves: S2, 25
    #[test]
    fn no_firm_invites_another_one() {
        let company = in_company().company().unwrap().clone();
        let offered = offer(InvitationKind::Firm, None, None, &in_company()).unwrap();
        let member = offer(InvitationKind::Member, Some(InvitationRole::Client), None, &in_company()).unwrap();
        assert_eq!(offered.check_inviter(&in_company()), Ok(()));
        for acting_as in [
            ActingAs::FirmAdmin { firm: firm(), company: company.clone() },
            ActingAs::Bookkeeper { firm: firm(), company: company.clone() },
            ActingAs::BoundedMember { firm: firm(), company },
        ] {
            assert_eq!(offered.check_inviter(&acting_as), Err(OutlastsFirm), "{acting_as:?}");
            assert_eq!(member.check_inviter(&acting_as), Ok(()), "{acting_as:?}");
        }
    }

    #[test]
    fn staff_are_offered_a_role_of_staff_and_nothing_else() {
        let acting_as = ActingAs::Staff { firm: firm() };
        let staff = |role, permissions| offer(InvitationKind::Staff, role, permissions, &acting_as);
        assert_eq!(staff(Some(InvitationRole::Admin), None).unwrap().role(), Some("admin"));
        assert_eq!(staff(None, None), Err(OfferError::RoleMissing));
        assert_eq!(staff(Some(InvitationRole::Owner), None), Err(OfferError::RoleUnfit));
        let listed = Some(Grants::from_iter([Permission::ClientsView]));
        assert_eq!(staff(Some(InvitationRole::Admin), listed), Err(OfferError::PermissionsUnfit));
    }

    #[test]
    fn each_kind_of_invitation_is_managed_by_those_who_may_send_it() {
        let firm = ActingAs::Staff { firm: firm() };
        let needed = |acting_as: &ActingAs, kind| {
            let present = AccessRequirement::to_enter("ana".parse().unwrap(), acting_as.clone());
            to_manage(present, kind).map(|access| access.requirements().remove(0).grants)
        };
        assert_eq!(needed(&firm, Some(InvitationKind::Client)), Ok(vec![Permission::ClientsManage]));
        assert_eq!(needed(&firm, None), Ok(vec![Permission::ClientsManage, Permission::StaffManage]));
        assert_eq!(needed(&in_company(), Some(InvitationKind::Firm)), Ok(vec![Permission::ConnectionsManage]));
        assert_eq!(needed(&in_company(), Some(InvitationKind::Member)), Ok(vec![Permission::TeamManage]));
        assert_eq!(needed(&in_company(), Some(InvitationKind::Contact)), Ok(vec![Permission::CustomersManage]));
        let every = [Permission::CustomersManage, Permission::ConnectionsManage, Permission::TeamManage];
        assert_eq!(needed(&in_company(), None), Ok(every.to_vec()));
        assert_eq!(needed(&in_company(), Some(InvitationKind::Client)), Err(OfferError::WrongContext));
    }

    #[test]
    fn a_person_who_may_send_either_kind_learns_that_there_is_no_such_invitation() {
        use Permission::{ConnectionsManage, CustomersManage, StaffManage, TeamManage};
        let told = |acting_as: &ActingAs, held: &[Permission]| {
            to_learn_of_none(acting_as, |permission| held.contains(&permission))
        };
        let each = [&[TeamManage][..], &[ConnectionsManage], &[CustomersManage], &[TeamManage, ConnectionsManage]];
        for held in each {
            assert!(held.contains(&told(&in_company(), held)), "{held:?}");
        }
        assert_eq!(told(&in_company(), &[]), TeamManage);
        assert_eq!(told(&ActingAs::Staff { firm: firm() }, &[TeamManage]), StaffManage);
    }

    /// Proves: N2
    #[test]
    fn contacts_are_let_in_from_their_customer_alone_and_send_no_invitation() {
        let contact = |acting_as: &ActingAs| offer(InvitationKind::Contact, None, None, acting_as);
        assert_eq!(contact(&in_company()), Err(OfferError::FromCustomer));
        assert_eq!(contact(&ActingAs::Staff { firm: firm() }), Err(OfferError::WrongContext));
        let company = in_company().company().unwrap().clone();
        let seat = ActingAs::Contact { company, customer: "CUS-1".parse().unwrap() };
        for kind in [InvitationKind::Member, InvitationKind::Firm, InvitationKind::Contact, InvitationKind::Client] {
            assert_eq!(offer(kind, Some(InvitationRole::Client), None, &seat), Err(OfferError::WrongContext));
        }
    }

    #[test]
    fn a_company_offers_no_staff_and_a_firm_no_membership() {
        let role = Some(InvitationRole::Admin);
        assert_eq!(offer(InvitationKind::Staff, role, None, &in_company()), Err(OfferError::WrongContext));
        assert_eq!(offer(InvitationKind::Client, None, None, &in_company()), Err(OfferError::WrongContext));
        for kind in [InvitationKind::Member, InvitationKind::Firm] {
            let refused = offer(kind, role, None, &ActingAs::Staff { firm: firm() });
            assert_eq!(refused, Err(OfferError::WrongContext), "{kind:?}");
        }
    }
}
