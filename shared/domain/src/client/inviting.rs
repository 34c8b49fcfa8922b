//! Invites a client of the list, and keeps the client in step with the invitation and its mail.

use super::{Client, ClientStatus, LastInvitation, Undelivered};
use crate::{
    delivery::Delivery,
    id::InvitationId,
    invitation::{Invitation, InvitationState, InvitationStatus},
    text::Email,
    time::UtcTime,
};

/// Why a client is not invited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotInvited {
    /// It is connected.
    #[error("it is connected already")]
    Connected,
    /// It can still accept the last one.
    #[error("it has an open invitation")]
    Open(InvitationId),
    /// It has no address.
    #[error("is required to invite it")]
    NoEmail,
    /// The last mail to this address failed.
    #[error("letters to this address bounce or are complained of: change it first")]
    Undeliverable,
}

impl Client {
    /// The invitation that it can still accept.
    #[must_use]
    pub fn open_invitation(&self, now: UtcTime) -> Option<&InvitationId> {
        let last = self.invitation.as_ref()?;
        (last.state(now) == InvitationState::Pending).then_some(&last.id)
    }

    /// The address at which to invite it.
    ///
    /// # Errors
    /// [`NotInvited`]. An open invitation whose mail failed is no reason once the address has changed; see
    /// [`Client::gives_way`].
    pub fn invite_at(&self, now: UtcTime) -> Result<&Email, NotInvited> {
        if self.status == ClientStatus::Active {
            return Err(NotInvited::Connected);
        }
        if let Some(open) = self.open_invitation(now).filter(|_| self.status != ClientStatus::Bounced) {
            return Err(NotInvited::Open(open.clone()));
        }
        let email = self.details.email.as_ref().ok_or(NotInvited::NoEmail)?;
        let undelivered = self.invitation.as_ref().and_then(|last| last.undelivered.as_ref());
        match undelivered {
            Some(letter) if letter.email == *email => Err(NotInvited::Undeliverable),
            Some(_) | None => Ok(email),
        }
    }

    /// The open invitation that is revoked in the change that invites this client again: its mail failed at
    /// an earlier address. So at most one is open at a time.
    #[must_use]
    pub fn gives_way(&self, now: UtcTime) -> Option<&InvitationId> {
        self.invite_at(now).ok().and_then(|_| self.open_invitation(now))
    }

    /// The client after it was invited.
    #[must_use]
    pub fn invited(&self, invitation: &Invitation) -> Self {
        Self { status: ClientStatus::Invited, invitation: Some(invitation.into()), ..self.next() }
    }

    /// The client after its invitation was sent again, revoked or declined. `None` if that was not its last
    /// one, or nothing changes here. For acceptance see [`Client::connected`].
    #[must_use]
    pub fn after(&self, invitation: &Invitation) -> Option<Self> {
        let last = self.invitation.as_ref().filter(|last| last.id == invitation.id)?;
        // A revocation tells nothing about the address; a new letter and an answer do.
        let undelivered = last.undelivered.clone().filter(|_| invitation.status == InvitationStatus::Revoked);
        let after = LastInvitation { undelivered, ..invitation.into() };
        if self.status == ClientStatus::Active || *last == after {
            return None;
        }
        let status = match invitation.status {
            InvitationStatus::Pending => ClientStatus::Invited,
            InvitationStatus::Rejected | InvitationStatus::Revoked => ClientStatus::Inactive,
            InvitationStatus::Accepted => return None,
        };
        Some(Self { status, invitation: Some(after), ..self.next() })
    }

    /// The client after the mail of its invitation bounced or was complained of. `None` for other reports,
    /// and for mail that the client is not waiting for.
    #[must_use]
    pub fn bounced(&self, invitation: &Invitation, delivery: &Delivery) -> Option<Self> {
        let (state, at) = invitation.delivery(Some(delivery));
        // A later mail expires later: a report about an earlier one does not concern it.
        let same = |last: &&LastInvitation| last.id == invitation.id && last.expires_at == invitation.expires_at;
        let last = self.invitation.as_ref().filter(same)?;
        let waiting = matches!(self.status, ClientStatus::Invited | ClientStatus::Bounced);
        let undelivered = Some(Undelivered { email: invitation.email.clone(), state, at });
        if !state.blocks() || !waiting || last.undelivered == undelivered {
            return None;
        }
        let last = LastInvitation { undelivered, ..last.clone() };
        Some(Self { status: ClientStatus::Bounced, invitation: Some(last), ..self.next() })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::{
        super::{
            ClientUpdate,
            tests::{NOW, client, company, details},
        },
        *,
    };
    use crate::{
        access::ActingAs,
        delivery::{DeliveryReport, DeliveryState, hear},
        invitation::{Invite, Offer, invite},
        patch::Patch,
        permission::{Grants, Permission},
    };

    pub(in super::super) fn invitation() -> Invitation {
        let firm = client().firm;
        let grants = Grants::from_iter([Permission::InvoicesView]);
        let command = Invite {
            id: InvitationId::from_uuid(Uuid::from_u128(4)),
            offer: Offer::Client { firm: firm.clone(), grants, client: Some(client().id) },
            org_name: "Contas".parse().unwrap(),
            email: client().details.email.unwrap(),
            name: None,
            message: None,
            locale: None,
            expires_in_days: 1,
            invited_by: "ada".parse().unwrap(),
            invited_by_name: "Ada".parse().unwrap(),
            acting_as: ActingAs::Staff { firm },
            held_since: NOW,
        };
        invite(command, NOW).unwrap().0
    }

    /// When the invitation has expired.
    fn later() -> UtcTime {
        invitation().expires_at
    }

    pub(in super::super) fn invited(status: InvitationStatus) -> Client {
        client().invited(&Invitation { status, ..invitation() })
    }

    fn heard(invitation: &Invitation, state: DeliveryState) -> Delivery {
        let report = DeliveryReport { generation: invitation.generation, state, at: NOW.plus_s(5), message_id: None };
        hear(invitation, None, &report).unwrap().0
    }

    fn bounced() -> Client {
        let open = invitation();
        client().invited(&open).bounced(&open, &heard(&open, DeliveryState::Bounced)).unwrap()
    }

    fn at_another_address(client: &Client) -> Client {
        let email = Patch::Set("new@loja.example".parse().unwrap());
        client.edit(ClientUpdate { email, ..ClientUpdate::default() }).unwrap().0
    }

    #[test]
    fn a_client_is_invited_once_at_a_time_and_only_where_it_can_be_reached() {
        use InvitationStatus::{Pending, Rejected};
        assert_eq!(client().invite_at(NOW).map(Email::as_str), Ok("olga@loja.example"));
        let without = Client { details: details("Loja Azul", None, None), ..client() };
        assert_eq!(without.invite_at(NOW), Err(NotInvited::NoEmail));
        let open = invited(Pending);
        assert!(matches!(open.invite_at(NOW), Err(NotInvited::Open(_))));
        assert!(open.invite_at(later()).is_ok(), "it has expired");
        assert!(invited(Rejected).invite_at(NOW).is_ok());
        assert_eq!(client().connected(&company()).invite_at(NOW), Err(NotInvited::Connected));
        assert!(at_another_address(&open).invite_at(NOW).is_err(), "the first may still be accepted");
        assert_eq!(at_another_address(&open).gives_way(NOW), None);
    }

    /// Proves: M4
    #[test]
    fn where_letters_bounce_a_client_is_invited_again_at_another_address_only() {
        let bounced = bounced();
        for at in [NOW, later()] {
            assert_eq!(bounced.invite_at(at), Err(NotInvited::Undeliverable));
            assert_eq!(bounced.gives_way(at), None);
        }
        let moved = at_another_address(&bounced);
        assert_eq!(moved.invite_at(NOW).map(Email::as_str), Ok("new@loja.example"));
        assert_eq!(moved.gives_way(NOW), Some(&invitation().id), "one is open at a time");
        assert_eq!(moved.gives_way(later()), None, "it has expired");

        let (revoked, _) = invitation().revoke().unwrap();
        let withdrawn = bounced.after(&revoked).unwrap();
        assert_eq!(withdrawn.status, ClientStatus::Inactive);
        assert_eq!(withdrawn.invite_at(NOW), Err(NotInvited::Undeliverable), "the address is the same");
        assert_eq!(at_another_address(&withdrawn).gives_way(NOW), None);
        assert!(at_another_address(&withdrawn).invite_at(NOW).is_ok());
    }

    #[test]
    fn a_new_letter_or_an_answer_takes_back_what_became_of_the_last() {
        let bounced = bounced();
        let right = "right@loja.example".parse().unwrap();
        let (resent, _) = invitation().resend(invitation().inviter(), Some(right), None, NOW.plus_s(9)).unwrap();
        let waiting = bounced.after(&resent).unwrap();
        assert_eq!(waiting.status, ClientStatus::Invited);
        assert!(matches!(waiting.invite_at(NOW), Err(NotInvited::Open(_))));
        let late = heard(&invitation(), DeliveryState::Bounced);
        assert_eq!(waiting.bounced(&invitation(), &late), None, "that was the letter before");
        let rejected = Invitation { status: InvitationStatus::Rejected, ..invitation() };
        assert!(bounced.after(&rejected).unwrap().invite_at(NOW).is_ok());
        let connected = bounced.connected(&company());
        assert!(connected.disconnected(&company()).unwrap().invite_at(NOW).is_ok());
    }

    /// Proves: M4
    #[test]
    fn a_bounce_or_a_complaint_counts_only_for_the_letter_that_is_waited_for() {
        use DeliveryState::{Bounced, Complained, Delayed, Delivered, Sent};
        let (open, waiting) = (invitation(), invited(InvitationStatus::Pending));
        for state in [Bounced, Complained] {
            let after = waiting.bounced(&open, &heard(&open, state)).unwrap();
            assert_eq!((after.status, after.version), (ClientStatus::Bounced, waiting.version + 1));
            let letter = after.invitation.unwrap().undelivered.unwrap();
            assert_eq!((letter.email, letter.state, letter.at), (open.email.clone(), state, NOW.plus_s(5)));
        }
        for state in [Sent, Delayed, Delivered] {
            assert_eq!(waiting.bounced(&open, &heard(&open, state)), None, "{state:?}");
        }
        let complained = bounced().bounced(&open, &heard(&open, Complained)).unwrap();
        assert_eq!(complained.invitation.unwrap().undelivered.unwrap().state, Complained);
        assert_eq!(bounced().bounced(&open, &heard(&open, Bounced)), None, "it is known");

        let bounce = heard(&open, Bounced);
        let other = Invitation { id: InvitationId::from_uuid(Uuid::from_u128(9)), ..open.clone() };
        assert_eq!(waiting.bounced(&other, &heard(&other, Bounced)), None);
        assert_eq!(waiting.connected(&company()).bounced(&open, &bounce), None, "it was accepted all the same");
    }
}
