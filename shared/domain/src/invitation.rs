//! Invitations: a company or firm offers a place or a connection, and the addressee accepts or
//! declines.
//!
//! The link's secret is not here: it is derived (see `links`), so this module only knows the
//! generation that a link must carry. A resend raises the generation, and older links are dead.
//!
//! [`Offer`] is what an invitation offers. `offering` makes an offer from the inviter's request. The
//! inviting side creates, resends and revokes in `inviting`, and many at once in `bulk`. `addressee`
//! says who may answer, and `answering` accepts or declines.

mod addressee;
mod answering;
mod bulk;
#[cfg(test)]
mod examples;
mod inviting;
mod kind;
mod offer;
mod offering;
mod state;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    addressee::{Addressee, AddresseeError, FirmChoice},
    answering::{AcceptError, Acceptable, Acceptance, LinkRefusal},
    bulk::{AlreadyThere, PriorInvitation, RowRefusal, check_row, is_another_client, to_send_all},
    inviting::{DEFAULT_EXPIRY_DAYS, Invite, InviteError, Inviter, ResendError, invite},
    kind::{InvitationKind, InvitationRole},
    offer::{GrantsError, InvitedContact, Offer, OfferError},
    offering::{offer, to_learn_of_none, to_manage},
    state::{InvitationState, InvitationStatus},
};
use crate::{
    access::{AccessRequirement, ActingAs},
    consent::ConsentTerms,
    event::{EventData, NewEvent},
    id::{CompanyId, FirmId, InvitationId, UserId},
    locale::Locale,
    permission::Grants,
    text::{Email, Name, Note},
    time::UtcTime,
};

/// An offer addressed to an email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id; never a secret.
    pub id: InvitationId,
    /// What is offered.
    pub offer: Offer,
    /// The inviting organisation's name.
    pub org_name: Name,
    /// The invited person or firm.
    pub email: Email,
    /// The inviter's name for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The inviter's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Note>,
    /// The language of its letters. Default: English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Its status.
    pub status: InvitationStatus,
    /// Which link is the live one; starts at 1.
    pub generation: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it expires.
    pub expires_at: UtcTime,
    /// Who invited.
    pub invited_by: UserId,
    /// Their name.
    pub invited_by_name: Name,
    /// From which seat: at acceptance their right to invite is checked again from there.
    pub acting_as: ActingAs,
    /// Since when the inviter held that seat. None on invitations that were sent before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<UtcTime>,
    /// Who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<UserId>,
    /// The firm that accepted it, where a firm was invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_firm: Option<FirmId>,
    /// The company for which it was accepted, where a client was invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_company: Option<CompanyId>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Invitation {
    /// The inviter's right that must still hold when the invitation is accepted, in the stay in which they
    /// sent it.
    #[must_use]
    pub fn inviter_access(&self) -> AccessRequirement {
        let present = AccessRequirement::to_enter(self.invited_by.clone(), self.acting_as.clone());
        self.offer.to_send(present.held_since(self.held_since.unwrap_or(self.created_at)))
    }

    /// What a client agrees to by accepting; `None` where nobody's books are opened.
    #[must_use]
    pub fn consent_terms(&self) -> Option<ConsentTerms<'_>> {
        match &self.offer {
            Offer::Client { grants, .. } => Some(ConsentTerms { firm: &self.org_name, grants }),
            Offer::Member { .. } | Offer::Firm { .. } | Offer::Staff { .. } | Offer::Contact { .. } => None,
        }
    }

    /// Whether somebody other than the inviter accepted it: nobody shows by their own answers that they are welcome.
    #[must_use]
    pub fn was_welcome(&self) -> bool {
        self.accepted_by.as_ref().is_some_and(|by| *by != self.invited_by)
    }

    /// Its state at `now`.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> InvitationState {
        self.status.shown(self.expires_at, now)
    }

    /// An event about it.
    fn event(&self, kind: fn(InvitationPayload) -> EventData, reason: Option<&Note>) -> NewEvent {
        let data = InvitationPayload {
            offer: self.offer.kind(),
            role: self.offer.role().map(str::to_owned),
            grants: self.offer.grants(),
            generation: self.generation,
            expires_at: self.expires_at,
            org_name: self.org_name.clone(),
            firm: self.accepted_firm.clone(),
            company: self.accepted_company.clone(),
            contact: self.offer.contact(),
            reason: reason.cloned(),
        };
        NewEvent::new(self.offer.org(), self.id.as_str(), kind(data))
    }
}

/// Payload of the events about an invitation itself: `invitation.created`, `.resent`, `.revoked`, `.accepted`
/// and `.rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationPayload {
    /// What is offered.
    pub offer: InvitationKind,
    /// The offered role, of a member or on a firm's staff; `null` for a connection.
    #[schema(required = true)]
    pub role: Option<String>,
    /// The offered permissions; for a connection the most that the firm may do.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// The live link's generation; a resend raises it.
    pub generation: u32,
    /// When the link expires.
    pub expires_at: UtcTime,
    /// The name of the inviting company or firm.
    pub org_name: Name,
    /// The firm that accepted, where a firm was invited.
    #[schema(required = true)]
    pub firm: Option<FirmId>,
    /// The company that accepted, where a client was invited.
    #[schema(required = true)]
    pub company: Option<CompanyId>,
    /// The contact that was invited, and of which customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<InvitedContact>,
    /// The reason that was given for declining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        examples::{NOW, accept, asking, invitation},
        inviting::DAY_S,
        *,
    };
    use crate::{permission::Permission, role::MemberRole};

    #[test]
    fn the_inviters_right_covers_everything_offered() {
        let access = invitation().inviter_access();
        let requirements = access.requirements();
        for permission in MemberRole::Accountant.preset().iter() {
            assert!(requirements[0].permissions().any(|needed| needed == permission), "{permission}");
        }
        assert_eq!(requirements[0].grants, [Permission::ConnectionsManage]);
    }

    #[test]
    fn a_firm_that_asks_a_client_gives_nothing_of_its_own() {
        let access = asking(MemberRole::Accountant.preset()).inviter_access();
        assert_eq!(access.requirements()[0].permissions().collect::<Vec<_>>(), [Permission::ClientsManage]);
    }

    /// Proves: S8
    #[test]
    fn ones_own_answer_is_no_welcome() {
        let Ok(Acceptance::Accepted(accepted, _)) = accept(&invitation(), 1, NOW) else { panic!("it is open") };
        assert!(accepted.was_welcome() && !invitation().was_welcome());
        let own = Invitation { invited_by: accepted.accepted_by.clone().unwrap(), ..*accepted };
        assert!(!own.was_welcome());
    }

    #[derive(Debug, Clone)]
    enum Step {
        Accept { generation: u32, after_s: i64 },
        Reject { generation: u32, after_s: i64 },
        Revoke,
        Resend { after_s: i64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        let moment = -10_i64..30 * DAY_S;
        prop_oneof![
            (0_u32..5, moment.clone()).prop_map(|(generation, after_s)| Step::Accept { generation, after_s }),
            (0_u32..5, moment.clone()).prop_map(|(generation, after_s)| Step::Reject { generation, after_s }),
            Just(Step::Revoke),
            moment.prop_map(|after_s| Step::Resend { after_s }),
        ]
    }

    proptest! {
        /// Proves: 13
        #[test]
        fn an_invitation_is_taken_at_most_once_and_never_after_it_ended(
            steps in prop::collection::vec(step(), 1..12)
        ) {
            let mut current = invitation();
            let mut taken = 0;
            for step in steps {
                let before = current.clone();
                match step {
                    Step::Accept { generation, after_s } => {
                        if let Ok(Acceptance::Accepted(next, _)) = accept(&current, generation, NOW.plus_s(after_s)) {
                            taken += 1;
                            prop_assert_eq!(generation, before.generation);
                            prop_assert!(NOW.plus_s(after_s) < before.expires_at);
                            current = *next;
                        }
                    }
                    Step::Reject { generation, after_s } => {
                        if let Ok((next, _)) = current.reject(generation, &before.email, None, NOW.plus_s(after_s)) {
                            current = next;
                        }
                    }
                    Step::Revoke => if let Ok((next, _)) = current.revoke() { current = next; },
                    Step::Resend { after_s } => if let Ok((next, _)) = current.resend(current.inviter(), None, None, NOW.plus_s(after_s)) {
                        current = next;
                    },
                }
                if before.status != InvitationStatus::Pending {
                    prop_assert_eq!(&current, &before, "what ended stays as it ended");
                }
            }
            prop_assert!(taken <= 1);
        }
    }
}
