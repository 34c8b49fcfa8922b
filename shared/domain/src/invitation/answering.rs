//! The invited side: opens a link, accepts, declines.

use super::{Invitation, InvitationStatus, Offer};
use crate::{
    acceptor::Acceptor,
    event::{NewEvent, kinds},
    id::{Org, UserId},
    text::{Email, Note},
    time::UtcTime,
};

/// Why a link no longer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// It has expired.
    #[error("this invitation has expired")]
    Expired,
    /// The inviter revoked it.
    #[error("this invitation was withdrawn")]
    Revoked,
    /// The invitee declined it.
    #[error("this invitation was declined")]
    Rejected,
    /// A newer link was sent.
    #[error("this link was replaced by a newer one")]
    Superseded,
    /// It was accepted.
    #[error("this invitation was already accepted")]
    AlreadyAccepted,
}

impl LinkRefusal {
    /// The refusal in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::AlreadyAccepted => "accepted",
        }
    }
}

/// Why an invitation was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The link does not open it.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The signed-in person's verified address is not the one invited.
    #[error("this invitation was sent to another email address")]
    WrongRecipient,
    /// A firm is invited, and no firm was named.
    #[error("this invitation is for a firm")]
    FirmNeeded,
    /// A client is invited, and no company was named.
    #[error("is required: name the company that the firm may enter, or register a new one")]
    CompanyNeeded,
}

/// Whether the recipient can accept an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptable {
    /// They can.
    Now,
    /// They have accepted it before.
    AcceptedBefore,
}

/// The result of accepting.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// The invitation was accepted now; the invitation and the event belong to the same change.
    Accepted(Box<Invitation>, NewEvent),
    /// The same person had accepted it before; nothing changes.
    AlreadyAccepted,
}

impl Invitation {
    /// Checks that it was sent to this verified address.
    ///
    /// # Errors
    /// [`AcceptError::WrongRecipient`].
    pub fn addressed_to(&self, email: &Email) -> Result<(), AcceptError> {
        if *email == self.email { Ok(()) } else { Err(AcceptError::WrongRecipient) }
    }

    /// Whether a link of this generation opens the invitation at `now`.
    ///
    /// # Errors
    /// [`LinkRefusal`]. The generation is judged first, so that a replaced link says nothing about the
    /// newer one.
    pub fn open(&self, generation: u32, now: UtcTime) -> Result<(), LinkRefusal> {
        if generation != self.generation {
            return Err(LinkRefusal::Superseded);
        }
        match self.status {
            InvitationStatus::Accepted => Err(LinkRefusal::AlreadyAccepted),
            InvitationStatus::Rejected => Err(LinkRefusal::Rejected),
            InvitationStatus::Revoked => Err(LinkRefusal::Revoked),
            InvitationStatus::Pending if now >= self.expires_at => Err(LinkRefusal::Expired),
            InvitationStatus::Pending => Ok(()),
        }
    }

    /// Whether the person whose verified address is `email` can accept it, as far as the invitation
    /// alone says so.
    ///
    /// # Errors
    /// [`AcceptError`]. The address is judged before the state, so that a link shows nothing to the wrong
    /// person.
    pub fn check_acceptable(
        &self,
        generation: u32,
        user: &UserId,
        email: &Email,
        now: UtcTime,
    ) -> Result<Acceptable, AcceptError> {
        self.addressed_to(email)?;
        match self.open(generation, now) {
            Ok(()) => Ok(Acceptable::Now),
            Err(LinkRefusal::AlreadyAccepted) if self.accepted_by.as_ref() == Some(user) => {
                Ok(Acceptable::AcceptedBefore)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Accepts the offer, as the person whose verified address is `email`, for themselves or for the
    /// firm or company that they act for.
    ///
    /// # Errors
    /// [`AcceptError`], as for [`Invitation::check_acceptable`].
    pub fn accept(
        &self,
        generation: u32,
        user: &UserId,
        email: &Email,
        acceptor: &Acceptor,
        now: UtcTime,
    ) -> Result<Acceptance, AcceptError> {
        match self.check_acceptable(generation, user, email, now)? {
            Acceptable::AcceptedBefore => return Ok(Acceptance::AlreadyAccepted),
            Acceptable::Now => {}
        }
        let (accepted_firm, accepted_company) = match (&self.offer, acceptor.org()) {
            (Offer::Firm { .. }, Some(Org::Firm(firm))) => (Some(firm), None),
            (Offer::Client { .. }, Some(Org::Company(company))) => (None, Some(company)),
            (Offer::Firm { .. }, _) => return Err(AcceptError::FirmNeeded),
            (Offer::Client { .. }, _) => return Err(AcceptError::CompanyNeeded),
            (Offer::Member { .. } | Offer::Staff { .. } | Offer::Contact { .. }, _) => (None, None),
        };
        let mut accepted = self.clone();
        accepted.status = InvitationStatus::Accepted;
        accepted.accepted_by = Some(user.clone());
        accepted.accepted_firm.clone_from(&accepted_firm);
        accepted.accepted_company = accepted_company;
        accepted.version += 1;
        let event = accepted.event(kinds::InvitationAccepted::of, None);
        let event = match &accepted_firm {
            Some(firm) => event.seen_by(firm),
            None => event,
        };
        Ok(Acceptance::Accepted(Box::new(accepted), event))
    }

    /// The other side of the connection that accepting it started; `None` where it started none.
    #[must_use]
    pub fn connected(&self) -> Option<Org> {
        let firm = self.accepted_firm.clone().map(Org::Firm);
        firm.or_else(|| self.accepted_company.clone().map(Org::Company))
    }

    /// Declines the offer.
    ///
    /// # Errors
    /// [`AcceptError`] as for [`Invitation::accept`].
    pub fn reject(
        &self,
        generation: u32,
        email: &Email,
        reason: Option<&Note>,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), AcceptError> {
        self.addressed_to(email)?;
        self.open(generation, now)?;
        let mut declined = self.clone();
        declined.status = InvitationStatus::Rejected;
        declined.version += 1;
        let event = declined.event(kinds::InvitationRejected::of, reason);
        Ok((declined, event))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::CompanyId,
        invitation::examples::{NOW, accept, admin, asking, firm, invitation},
        role::MemberRole,
    };

    #[test]
    fn accept_refuses_an_expired_invitation_at_its_very_instant() {
        let invitation = invitation();
        assert_eq!(accept(&invitation, 1, invitation.expires_at), Err(LinkRefusal::Expired.into()));
        assert!(accept(&invitation, 1, invitation.expires_at.plus_s(-1)).is_ok());
    }

    #[test]
    fn accept_refuses_another_persons_address_whatever_the_state() {
        let invitation = invitation();
        let other: Email = "eve@elsewhere.example".parse().unwrap();
        for generation in [0, 1, 2] {
            assert_eq!(
                invitation.accept(generation, &admin(), &other, &Acceptor::Firm(firm()), NOW),
                Err(AcceptError::WrongRecipient)
            );
        }
    }

    #[test]
    fn a_second_accept_by_the_same_person_changes_nothing_and_by_another_is_refused() {
        let Acceptance::Accepted(accepted, _) = accept(&invitation(), 1, NOW).unwrap() else { panic!() };
        assert_eq!(accepted.connected(), Some(Org::Firm(firm())));
        assert_eq!(accept(&accepted, 1, NOW), Ok(Acceptance::AlreadyAccepted));
        let other: UserId = "someone-else".parse().unwrap();
        assert_eq!(
            accepted.accept(1, &other, &accepted.email, &Acceptor::Firm(firm()), NOW),
            Err(LinkRefusal::AlreadyAccepted.into())
        );
    }

    #[test]
    fn a_firms_invitation_needs_a_firm() {
        let invitation = invitation();
        for acceptor in [Acceptor::Person, Acceptor::Company(CompanyId::from_uuid(Uuid::from_u128(1)))] {
            let refused = invitation.accept(1, &admin(), &invitation.email, &acceptor, NOW);
            assert_eq!(refused, Err(AcceptError::FirmNeeded));
        }
    }

    #[test]
    fn a_client_answers_for_a_company_that_is_named() {
        let asking = asking(MemberRole::Accountant.preset());
        let accepted = |acceptor: Acceptor| asking.accept(1, &admin(), &asking.email, &acceptor, NOW);
        assert_eq!(accepted(Acceptor::Person), Err(AcceptError::CompanyNeeded));
        assert_eq!(accepted(Acceptor::Firm(firm())), Err(AcceptError::CompanyNeeded));
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let Ok(Acceptance::Accepted(accepted, event)) = accepted(Acceptor::Company(company.clone())) else { panic!() };
        assert_eq!((&accepted.accepted_company, &accepted.accepted_firm), (&Some(company.clone()), &None));
        assert_eq!((accepted.connected(), asking.connected()), (Some(Org::Company(company.clone())), None));
        assert_eq!((event.org, event.payload.data()["company"].as_str()), (Org::Firm(firm()), Some(company.as_str())));
    }
}
