//! Many invitations in one request: which rows are skipped, and which are refused.

use super::{Invitation, InvitationState, Offer};
use crate::{
    access::{AccessRequirement, ActingAs, GrantState, OutlastsFirm},
    id::InvitationId,
    org::Connection,
    permission::{Grants, Permission},
    temporary_grants::Validity,
    text::{Email, Name},
    time::UtcTime,
};

/// Why a row is not sent, whatever was sent to its address before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowRefusal {
    /// The inviter does not hold this permission for good, so they cannot offer it.
    #[error("nobody grants more than they hold; you lack {0}")]
    BeyondOwn(Permission),
    /// It offers a person a place, and the person at this address has one.
    #[error("this address belongs to a member already")]
    HasPlace,
    /// A firm would connect another firm.
    #[error(transparent)]
    OutlastsFirm(#[from] OutlastsFirm),
}

/// Checks a row. `acting_as` is the inviter's seat, `held` is what they hold for good, and `has_place` says whether the person at
/// the address has a place in the inviting company or firm.
///
/// # Errors
/// [`RowRefusal`].
pub fn check_row(offer: &Offer, acting_as: &ActingAs, held: &Grants, has_place: bool) -> Result<(), RowRefusal> {
    offer.check_inviter(acting_as)?;
    match offer.given().first_beyond(held) {
        Some(beyond) => Err(RowRefusal::BeyondOwn(beyond)),
        None if offer.is_for_own_people() && has_place => Err(RowRefusal::HasPlace),
        None => Ok(()),
    }
}

/// Whether two names at one address are of two clients. Without two names nobody can tell.
#[must_use]
pub fn is_another_client(offer: &Offer, one: Option<&Name>, other: Option<&Name>) -> bool {
    matches!(offer, Offer::Client { .. }) && one.zip(other).is_some_and(|(one, other)| one != other)
}

/// The newest earlier invitation of one kind to one address, and its connection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriorInvitation {
    invitation: Option<Invitation>,
    /// The connection that its acceptance started.
    pub connection: Option<Connection>,
}

/// Why an invitation is needless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlreadyThere {
    /// An invitation of the same kind to the same address is open.
    Open(InvitationId),
    /// The last invitation of the same kind to the same address started a connection that is active.
    Connected,
}

impl PriorInvitation {
    /// The newest invitation, unless it is of another kind, was sent again to another address since, or invites a
    /// client of another name: one owner may have several companies.
    #[must_use]
    pub fn of(found: Option<Invitation>, offer: &Offer, email: &Email, name: Option<&Name>) -> Self {
        let is_same = |found: &Invitation| {
            let is_same_client = !is_another_client(offer, found.name.as_ref(), name);
            found.offer.kind() == offer.kind() && found.email == *email && is_same_client
        };
        Self { invitation: found.filter(is_same), connection: None }
    }

    /// The invitation.
    #[must_use]
    pub const fn invitation(&self) -> Option<&Invitation> {
        self.invitation.as_ref()
    }

    /// Whether inviting again at `now` is needless.
    #[must_use]
    pub fn already_there(&self, now: UtcTime) -> Option<AlreadyThere> {
        let open = self.invitation.as_ref().filter(|prior| prior.state(now) == InvitationState::Pending);
        if let Some(open) = open {
            return Some(AlreadyThere::Open(open.id.clone()));
        }
        let connection = self.connection.as_ref().filter(|connection| GrantState::from(*connection).holds_at(now));
        connection.map(|_| AlreadyThere::Connected)
    }
}

/// The access that sending several offers needs: the permission of each of their kinds, and everything that is
/// offered, for good. Without offers it is `otherwise`. `present` is the inviter's place.
pub fn to_send_all<'o>(
    present: AccessRequirement,
    needs: &Grants,
    offers: impl IntoIterator<Item = &'o Offer>,
    otherwise: Permission,
) -> AccessRequirement {
    let first = needs.iter().next().unwrap_or(otherwise);
    let access = present.and_all(&Grants::from_iter([first])).and_all(needs);
    offers.into_iter().fold(access, |access, offer| access.giving(&offer.given())).validity(Validity::ForGood)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        invitation::examples::{NOW, asking, in_company, invitation},
        org::Status,
        role::MemberRole,
        temporary_grants::TemporaryGrants,
    };

    fn offers() -> [Offer; 3] {
        let company = in_company().company().unwrap().clone();
        let grants = MemberRole::ReadOnly.preset();
        let member = Offer::Member { company, role: MemberRole::ReadOnly, grants };
        [invitation().offer, asking(MemberRole::Accountant.preset()).offer, member]
    }

    fn connection(status: Status) -> Connection {
        Connection {
            company: in_company().company().unwrap().clone(),
            company_name: "Loja Azul".parse().unwrap(),
            firm: crate::invitation::examples::firm(),
            firm_name: "Contas".parse().unwrap(),
            grants: MemberRole::Accountant.preset(),
            lent: TemporaryGrants::default(),
            status,
            expires_at: None,
            since: NOW,
            version: 1,
        }
    }

    proptest! {
        #[test]
        fn a_row_passes_exactly_when_all_it_gives_is_held_and_its_place_is_vacant(
            offer in prop::sample::select(offers().to_vec()),
            held in prop::collection::vec(prop::sample::select(Permission::ALL), 0..80),
            has_place in any::<bool>()
        ) {
            let held: Grants = held.into_iter().collect();
            let holds_all = offer.given().iter().all(|permission| held.contains(permission));
            let vacant = !(has_place && matches!(offer, Offer::Member { .. } | Offer::Staff { .. }));
            let checked = check_row(&offer, &in_company(), &held, has_place);
            prop_assert_eq!(checked.is_ok(), holds_all && vacant);
            prop_assert_eq!(matches!(checked, Err(RowRefusal::BeyondOwn(_))), !holds_all, "told first");
        }
    }

    #[test]
    fn an_open_invitation_or_an_active_connection_makes_another_needless() {
        let (open, offer) = (invitation(), invitation().offer);
        let prior = |found: &Invitation| PriorInvitation::of(Some(found.clone()), &offer, &invitation().email, None);
        assert_eq!(prior(&open).already_there(NOW), Some(AlreadyThere::Open(open.id.clone())));
        assert_eq!(prior(&open).already_there(open.expires_at), None, "it has expired");
        let (revoked, _) = open.revoke().unwrap();
        assert_eq!(prior(&revoked).already_there(NOW), None);
        let connected = |status| PriorInvitation { connection: Some(connection(status)), ..prior(&revoked) };
        assert_eq!(connected(Status::Active).already_there(NOW), Some(AlreadyThere::Connected));
        assert_eq!(connected(Status::Ended).already_there(NOW), None);
        assert_eq!(PriorInvitation::default().already_there(NOW), None);
    }

    #[test]
    fn an_invitation_of_another_kind_or_at_another_address_does_not_count() {
        let open = invitation();
        let other_address = "other@firm.example".parse().unwrap();
        let of = |found: &Invitation, offer: &Offer, email: &Email, name: Option<&str>| {
            let name: Option<Name> = name.map(|name| name.parse().unwrap());
            PriorInvitation::of(Some(found.clone()), offer, email, name.as_ref()).invitation().is_some()
        };
        assert!(!of(&open, &open.offer, &other_address, None));
        let [_, client, _] = offers();
        assert!(!of(&open, &client, &open.email, None));
        assert!(of(&open, &open.offer, &open.email, None));
        let named = |found: &Invitation| Invitation { name: Some("Azul".parse().unwrap()), ..found.clone() };
        let asked = asking(MemberRole::Accountant.preset());
        for (name, is_same) in [(None, true), (Some("Azul"), true), (Some("Verde"), false)] {
            assert_eq!(of(&named(&asked), &asked.offer, &asked.email, name), is_same, "{name:?}");
            assert!(of(&asked, &asked.offer, &asked.email, name), "it named nobody");
            assert!(of(&named(&open), &open.offer, &open.email, name), "a firm is one, whatever it is called");
        }
    }

    #[test]
    fn sending_several_needs_the_permission_of_each_kind_and_everything_that_is_given() {
        use Permission::{ConnectionsManage, TeamManage};
        let [firm, _, member] = offers();
        let needs: Grants = [&firm, &member].into_iter().map(Offer::needs).collect();
        let present = || AccessRequirement::to_enter("olga".parse().unwrap(), in_company());
        let access = to_send_all(present(), &needs, [&firm, &member], TeamManage);
        let requirement = access.requirements().remove(0);
        assert_eq!(requirement.grants.iter().copied().collect::<Grants>(), needs);
        let covered: Grants = requirement.permissions().collect();
        assert_eq!(firm.given().union(&member.given()).first_beyond(&covered), None);
        assert!(!requirement.given.contains(&ConnectionsManage), "it is needed anyway");
        assert_eq!(requirement.validity, Some(Validity::ForGood));
        let none = to_send_all(present(), &Grants::default(), [], TeamManage);
        assert_eq!(none.requirements()[0].grants, [TeamManage]);
    }
}
