//! The inviting side: sends an invitation, sends it again, revokes it.

use super::{GrantsError, Invitation, InvitationStatus, Offer};
use crate::{
    access::{ActingAs, OutlastsFirm},
    delivery::{Delivery, DeliveryState},
    event::{NewEvent, kinds},
    id::{InvitationId, UserId},
    locale::Locale,
    text::{Email, Name, Note},
    time::UtcTime,
};

/// How long an invitation stays open by default, in days.
pub const DEFAULT_EXPIRY_DAYS: u8 = 7;
pub(super) const DAY_S: i64 = 86_400;

/// A request to invite, parsed and in scope.
#[derive(Debug, Clone)]
pub struct Invite {
    /// The new invitation's id.
    pub id: InvitationId,
    /// What is offered.
    pub offer: Offer,
    /// The inviting organisation's name.
    pub org_name: Name,
    /// The invited person or firm.
    pub email: Email,
    /// The inviter's name for them.
    pub name: Option<Name>,
    /// The inviter's own words.
    pub message: Option<Note>,
    /// The language of its letters. Default: English.
    pub locale: Option<Locale>,
    /// How long it stays open, 1–30 days.
    pub expires_in_days: u8,
    /// Who invites.
    pub invited_by: UserId,
    /// Their name.
    pub invited_by_name: Name,
    /// From which seat.
    pub acting_as: ActingAs,
    /// Since when they hold it.
    pub held_since: UtcTime,
}

/// The inviter. Acceptance checks their right to invite again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inviter {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: Name,
    /// From which seat.
    pub acting_as: ActingAs,
    /// Since when they hold it.
    pub held_since: UtcTime,
}

/// Why an offer cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// The expiry is outside 1–30 days.
    #[error("must be between 1 and 30")]
    Expiry,
    /// Only the other kind of tenant can make the offer.
    #[error("this offer cannot be made from this context")]
    WrongContext,
    /// The offer is not valid.
    #[error(transparent)]
    Grants(#[from] GrantsError),
}

/// Makes an invitation.
///
/// # Errors
/// [`InviteError`] when the offer is not valid. The access check decides whether the inviter may make it.
pub fn invite(command: Invite, now: UtcTime) -> Result<(Invitation, NewEvent), InviteError> {
    if !(1..=30).contains(&command.expires_in_days) {
        return Err(InviteError::Expiry);
    }
    if command.offer.org() != command.acting_as.org() {
        return Err(InviteError::WrongContext);
    }
    command.offer.holds_together()?;
    let invitation = Invitation {
        id: command.id,
        offer: command.offer,
        org_name: command.org_name,
        email: command.email,
        name: command.name,
        message: command.message,
        locale: command.locale,
        status: InvitationStatus::Pending,
        generation: 1,
        created_at: now,
        expires_at: now.plus_s(i64::from(command.expires_in_days) * DAY_S),
        invited_by: command.invited_by,
        invited_by_name: command.invited_by_name,
        acting_as: command.acting_as,
        held_since: Some(command.held_since),
        accepted_by: None,
        accepted_firm: None,
        accepted_company: None,
        version: 1,
    };
    let event = invitation.event(kinds::InvitationCreated::of, None);
    Ok((invitation, event))
}

/// Why an invitation cannot be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResendError {
    /// It has this status.
    #[error("it is no longer pending")]
    NotPending(InvitationStatus),
    /// The last mail to this address failed.
    #[error("nothing is sent to this address any more: give another one")]
    Undeliverable(DeliveryState),
    /// It offers a person a place, and the person at this address has one.
    #[error("this address belongs to a member already")]
    HasPlace,
    /// It offers an owner's place, and a firm cannot.
    #[error("an owner cannot be invited for a firm")]
    OwnerByFirm,
    /// It was sent to a contact, and another address is given.
    #[error("is the contact's own: switch access off, change the contact, and switch it on again")]
    AddressOfContact,
    /// It invites a firm, and another firm cannot.
    #[error(transparent)]
    OutlastsFirm(#[from] OutlastsFirm),
}

impl Invitation {
    /// Revokes a pending invitation.
    ///
    /// # Errors
    /// The status it has instead.
    pub fn revoke(&self) -> Result<(Self, NewEvent), InvitationStatus> {
        if self.status != InvitationStatus::Pending {
            return Err(self.status);
        }
        let mut revoked = self.clone();
        revoked.status = InvitationStatus::Revoked;
        revoked.version += 1;
        let event = revoked.event(kinds::InvitationRevoked::of, None);
        Ok((revoked, event))
    }

    /// Sends a pending or expired invitation again, to the same or a corrected address: a new
    /// generation, open for as long as the first was, and every older link dead at once. The resender
    /// becomes the inviter, so it can be accepted although the first inviter has left.
    ///
    /// `delivery` is the state of the last letter. For a corrected address, or a person who joined meanwhile, see
    /// [`Invitation::check_vacant`] too.
    ///
    /// # Errors
    /// [`ResendError`].
    pub fn resend(
        &self,
        by: Inviter,
        email: Option<Email>,
        delivery: Option<&Delivery>,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), ResendError> {
        if self.status != InvitationStatus::Pending {
            return Err(ResendError::NotPending(self.status));
        }
        if self.offer.is_of_owner() && by.acting_as.bounded_by().is_some() {
            return Err(ResendError::OwnerByFirm);
        }
        self.offer.check_inviter(&by.acting_as)?;
        // The seat goes to the contact, whose address it is.
        let is_of_contact = matches!(self.offer, Offer::Contact { .. });
        if is_of_contact && email.as_ref().is_some_and(|email| *email != self.email) {
            return Err(ResendError::AddressOfContact);
        }
        self.may_be_sent_again(delivery, email.as_ref()).map_err(ResendError::Undeliverable)?;
        let mut resent = self.clone();
        let open_for_s = self.expires_at.unix_s() - self.created_at.unix_s();
        resent.email = email.unwrap_or_else(|| self.email.clone());
        resent.generation += 1;
        resent.created_at = now;
        resent.expires_at = now.plus_s(open_for_s);
        (resent.invited_by, resent.invited_by_name, resent.acting_as) = (by.user, by.name, by.acting_as);
        resent.held_since = Some(by.held_since);
        resent.version += 1;
        let event = resent.event(kinds::InvitationResent::of, None);
        Ok((resent, event))
    }

    /// Checks that the person at its address has no place yet among the people of the inviting company or firm, where
    /// it offers one. `has_place` says whether they have.
    ///
    /// # Errors
    /// [`ResendError::HasPlace`].
    pub fn check_vacant(&self, has_place: bool) -> Result<(), ResendError> {
        if self.offer.is_for_own_people() && has_place { Err(ResendError::HasPlace) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::{DeliveryReport, hear},
        invitation::{
            LinkRefusal,
            examples::{NOW, accept, command, firm, in_company, invitation},
        },
        role::MemberRole,
    };

    #[test]
    fn an_offer_of_another_tenant_is_refused() {
        let elsewhere = Invite { acting_as: ActingAs::Staff { firm: firm() }, ..command() };
        assert_eq!(invite(elsewhere, NOW).unwrap_err(), InviteError::WrongContext);
    }

    #[test]
    fn an_offer_open_for_no_time_or_too_long_is_refused() {
        for expires_in_days in [0, 31, 255] {
            let odd = Invite { expires_in_days, ..command() };
            assert_eq!(invite(odd, NOW).unwrap_err(), InviteError::Expiry);
        }
    }

    #[test]
    fn a_resend_kills_the_old_link_and_opens_a_new_one() {
        let (resent, _) = invitation().resend(invitation().inviter(), None, None, NOW.plus_s(DAY_S)).unwrap();
        assert_eq!(accept(&resent, 1, NOW), Err(LinkRefusal::Superseded.into()));
        assert!(accept(&resent, 2, NOW.plus_s(DAY_S)).is_ok());
        assert_eq!(resent.expires_at, NOW.plus_s(8 * DAY_S));
    }

    #[test]
    fn an_invitation_is_not_sent_again_once_it_is_answered_nor_to_an_address_that_bounced() {
        let resend = |invitation: &Invitation, email, delivery: Option<&Delivery>| {
            invitation.resend(invitation.inviter(), email, delivery, NOW).map(|(resent, _)| resent.email)
        };
        let (revoked, _) = invitation().revoke().unwrap();
        let refused = ResendError::NotPending(InvitationStatus::Revoked);
        assert_eq!(resend(&revoked, None, None), Err(refused));
        let report = DeliveryReport { generation: 1, state: DeliveryState::Bounced, at: NOW, message_id: None };
        let (bounced, _) = hear(&invitation(), None, &report).unwrap();
        let refused = ResendError::Undeliverable(DeliveryState::Bounced);
        assert_eq!(resend(&invitation(), None, Some(&bounced)), Err(refused));
        assert_eq!(resend(&invitation(), Some(invitation().email), Some(&bounced)), Err(refused));
        let corrected: Email = "right@firm.example".parse().unwrap();
        assert_eq!(resend(&invitation(), Some(corrected.clone()), Some(&bounced)), Ok(corrected));
    }

    #[test]
    fn only_a_persons_invitation_needs_a_vacant_place() {
        let member = Invitation {
            offer: Offer::Member {
                company: in_company().company().unwrap().clone(),
                role: MemberRole::ReadOnly,
                grants: MemberRole::ReadOnly.preset(),
            },
            ..invitation()
        };
        assert_eq!(member.check_vacant(true), Err(ResendError::HasPlace));
        assert_eq!(member.check_vacant(false), Ok(()));
        assert_eq!(invitation().check_vacant(true), Ok(()), "a firm may be invited at a member's address");
    }

    #[test]
    fn the_resender_becomes_the_inviter() {
        let deputy =
            Inviter { user: "deputy".parse().unwrap(), name: "Dora".parse().unwrap(), ..invitation().inviter() };
        let (resent, _) = invitation().resend(deputy, None, None, NOW).unwrap();
        assert_eq!(resent.inviter_access().user().as_str(), "deputy");
        assert_eq!(resent.invited_by_name.as_str(), "Dora");
    }
}
