//! Delivery: whether the letter with an invitation arrived.
//!
//! Reports may be repeated, late and in any order, so a state only rises: a later report of a lower state changes
//! nothing. Each generation of an invitation has a letter of its own, and a report about an older letter says
//! nothing about the newer one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{InvitationId, Org},
    invitation::Invitation,
    text::Email,
    time::UtcTime,
};

/// The delivery state of a letter. A later variant replaces an earlier one, whenever the reports come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not sent yet.
    Pending,
    /// Accepted by SES.
    Sent,
    /// Not accepted yet by the recipient's server; SES tries again.
    Delayed,
    /// Accepted by the recipient's server.
    Delivered,
    /// The letter will never arrive: sending again needs another address.
    Bounced,
    /// The recipient reported it as spam: sending again needs another address.
    Complained,
}

impl DeliveryState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// Whether nothing more is sent to the address.
    #[must_use]
    pub const fn blocks(self) -> bool {
        match self {
            Self::Bounced | Self::Complained => true,
            Self::Pending | Self::Sent | Self::Delayed | Self::Delivered => false,
        }
    }

    /// The event that records this state, if one does.
    fn event(self) -> Option<fn(InvitationDeliveryPayload) -> EventData> {
        match self {
            Self::Pending | Self::Sent | Self::Delayed => None,
            Self::Delivered => Some(kinds::InvitationDelivered::of),
            Self::Bounced => Some(kinds::InvitationBounced::of),
            Self::Complained => Some(kinds::InvitationComplained::of),
        }
    }
}

/// The state of an invitation's newest letter that was reported on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Of which invitation.
    pub invitation: InvitationId,
    /// The tenant that invites.
    pub org: Org,
    /// The letter of which generation.
    pub generation: u32,
    /// Its state.
    pub state: DeliveryState,
    /// Since when.
    pub at: UtcTime,
    /// SES's id of the letter, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When the letter's link expires.
    pub expires_at: UtcTime,
    /// When the recipient was reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking. Apart from the invitation's own, so that a report
    /// never gets in the way of an answer.
    pub version: u64,
}

/// A report about a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The letter of which generation.
    pub generation: u32,
    /// Its state.
    pub state: DeliveryState,
    /// Since when.
    pub at: UtcTime,
    /// SES's id of the letter, where it is known.
    pub message_id: Option<String>,
}

/// Applies a report. `None` if it is not new, or not about the invitation's present letter.
#[must_use]
pub fn hear(
    invitation: &Invitation,
    so_far: Option<&Delivery>,
    report: &DeliveryReport,
) -> Option<(Delivery, Option<NewEvent>)> {
    if report.generation != invitation.generation {
        return None;
    }
    let same_letter = so_far.filter(|delivery| delivery.generation == report.generation);
    let version = so_far.map_or(1, |delivery| delivery.version + 1);
    let Some(before) = same_letter else {
        let delivery = Delivery {
            invitation: invitation.id.clone(),
            org: invitation.offer.org(),
            generation: report.generation,
            state: report.state,
            at: report.at,
            message_id: report.message_id.clone(),
            expires_at: invitation.expires_at,
            reminded_at: None,
            version,
        };
        let event = event(&delivery);
        return Some((delivery, event));
    };
    let rises = report.state > before.state;
    let names_it = before.message_id.is_none() && report.message_id.is_some();
    if !rises && !names_it {
        return None;
    }
    let mut after = before.clone();
    after.version = version;
    if names_it {
        after.message_id.clone_from(&report.message_id);
    }
    if !rises {
        return Some((after, None));
    }
    (after.state, after.at) = (report.state, report.at);
    let event = event(&after);
    Some((after, event))
}

fn event(delivery: &Delivery) -> Option<NewEvent> {
    let kind = delivery.state.event()?;
    let data = InvitationDeliveryPayload { generation: delivery.generation };
    Some(NewEvent::new(delivery.org.clone(), delivery.invitation.as_str(), kind(data)))
}

/// Payload of the events about an invitation's letter: `invitation.delivered`, `.bounced` and `.complained`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationDeliveryPayload {
    /// The generation whose letter it was.
    pub generation: u32,
}

/// Payload of `invitation.reminded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationReminded {
    /// The generation of the link.
    pub generation: u32,
    /// When the link expires.
    pub expires_at: UtcTime,
}

impl Invitation {
    /// The state of its present letter, and since when.
    #[must_use]
    pub fn delivery(&self, heard: Option<&Delivery>) -> (DeliveryState, UtcTime) {
        match heard.filter(|delivery| delivery.generation == self.generation) {
            Some(delivery) => (delivery.state, delivery.at),
            None => (DeliveryState::Pending, self.created_at),
        }
    }

    /// Whether it can be sent again to `email`, or to the same address where none is given.
    ///
    /// # Errors
    /// The state that keeps it from the same address.
    pub fn may_be_sent_again(&self, heard: Option<&Delivery>, email: Option<&Email>) -> Result<(), DeliveryState> {
        let (state, _) = self.delivery(heard);
        let same_address = email.is_none_or(|email| *email == self.email);
        if state.blocks() && same_address { Err(state) } else { Ok(()) }
    }
}

/// Reminds the recipient once of an invitation that expires within `before_s` seconds and has been open for at
/// least as long: a person who was just invited needs no reminder. `None` when it is not the time, or there is
/// nobody to remind.
#[must_use]
pub fn remind(
    invitation: &Invitation,
    delivery: &Delivery,
    before_s: i64,
    now: UtcTime,
) -> Option<(Delivery, NewEvent)> {
    let due = now >= invitation.expires_at.plus_s(-before_s) && now >= invitation.created_at.plus_s(before_s);
    let arrives = delivery.state > DeliveryState::Pending && !delivery.state.blocks();
    if !due || !arrives || delivery.reminded_at.is_some() || invitation.open(delivery.generation, now).is_err() {
        return None;
    }
    let mut reminded = delivery.clone();
    reminded.reminded_at = Some(now);
    reminded.version += 1;
    let data = InvitationReminded { generation: delivery.generation, expires_at: invitation.expires_at };
    let payload = kinds::InvitationReminded::of(data);
    Some((reminded, NewEvent::new(invitation.offer.org(), invitation.id.as_str(), payload)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        CompanyId, MemberRole,
        access::ActingAs,
        invitation::{Invite, Offer, invite},
    };

    const NOW: UtcTime = UtcTime::EPOCH;
    const DAY_S: i64 = 86_400;

    fn invitation() -> Invitation {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let command = Invite {
            id: InvitationId::from_uuid(Uuid::from_u128(9)),
            offer: Offer::Firm { company: company.clone(), grants: MemberRole::Accountant.preset(), replaces: None },
            org_name: "Loja Azul".parse().unwrap(),
            email: "office@firm.example".parse().unwrap(),
            name: None,
            message: None,
            locale: None,
            expires_in_days: 7,
            invited_by: "owner".parse().unwrap(),
            invited_by_name: "Olga".parse().unwrap(),
            acting_as: ActingAs::Member { company },
            held_since: NOW,
        };
        invite(command, NOW).unwrap().0
    }

    fn report(generation: u32, state: DeliveryState) -> DeliveryReport {
        DeliveryReport { generation, state, at: NOW.plus_s(5), message_id: None }
    }

    fn heard(invitation: &Invitation, states: &[DeliveryState]) -> (Option<Delivery>, Vec<crate::EventType>) {
        let mut delivery = None;
        let mut told = Vec::new();
        for state in states {
            if let Some((next, event)) = hear(invitation, delivery.as_ref(), &report(invitation.generation, *state)) {
                delivery = Some(next);
                told.extend(event.map(|event| event.kind()));
            }
        }
        (delivery, told)
    }

    const ALL: [DeliveryState; 6] = [
        DeliveryState::Pending,
        DeliveryState::Sent,
        DeliveryState::Delayed,
        DeliveryState::Delivered,
        DeliveryState::Bounced,
        DeliveryState::Complained,
    ];

    proptest! {
        /// Proves: F10
        #[test]
        fn whatever_the_order_the_state_is_the_furthest_heard_and_each_is_told_at_most_once(
            picks in prop::collection::vec(0_usize..6, 1..12)
        ) {
            let states: Vec<DeliveryState> = picks.into_iter().map(|pick| ALL[pick]).collect();
            let (delivery, told) = heard(&invitation(), &states);
            prop_assert_eq!(delivery.unwrap().state, *states.iter().max().unwrap());
            let mut once = told.clone();
            once.dedup();
            prop_assert_eq!(once.len(), told.len());
            prop_assert!(told.len() <= 3);
        }
    }

    #[test]
    fn a_bounce_before_our_own_record_of_sending_stays_a_bounce_and_learns_the_messages_id() {
        let invitation = invitation();
        let (bounced, _) = hear(&invitation, None, &report(1, DeliveryState::Bounced)).unwrap();
        let sent = DeliveryReport { message_id: Some("0100-1".to_owned()), ..report(1, DeliveryState::Sent) };
        let (after, event) = hear(&invitation, Some(&bounced), &sent).unwrap();
        assert_eq!((after.state, after.message_id.as_deref()), (DeliveryState::Bounced, Some("0100-1")));
        assert_eq!(event, None);
        assert_eq!(hear(&invitation, Some(&after), &sent), None);
    }

    #[test]
    fn what_became_of_an_older_letter_says_nothing_of_the_newer() {
        let first = invitation();
        let (bounced, _) = hear(&first, None, &report(1, DeliveryState::Bounced)).unwrap();
        let (second, _) =
            first.resend(first.inviter(), Some("new@firm.example".parse().unwrap()), None, NOW.plus_s(60)).unwrap();
        assert_eq!(second.delivery(Some(&bounced)), (DeliveryState::Pending, NOW.plus_s(60)));
        assert_eq!(hear(&second, Some(&bounced), &report(1, DeliveryState::Complained)), None);
        let (sent, _) = hear(&second, Some(&bounced), &report(2, DeliveryState::Sent)).unwrap();
        assert_eq!((sent.generation, sent.state, sent.version), (2, DeliveryState::Sent, 2));
    }

    #[test]
    fn sending_again_to_an_address_that_bounced_or_complained_needs_another_address() {
        let invitation = invitation();
        for state in ALL {
            let (delivery, _) = heard(&invitation, &[state]);
            let again = |email: Option<&str>| {
                let email = email.map(|email| email.parse().unwrap());
                invitation.may_be_sent_again(delivery.as_ref(), email.as_ref())
            };
            let expected = if state.blocks() { Err(state) } else { Ok(()) };
            assert_eq!(again(None), expected);
            assert_eq!(again(Some("office@firm.example")), expected);
            assert_eq!(again(Some("new@firm.example")), Ok(()));
        }
    }

    #[test]
    fn an_unanswered_invitation_is_reminded_of_once_and_only_in_time() {
        let invitation = invitation();
        let (delivery, _) = heard(&invitation, &[DeliveryState::Sent]);
        let delivery = delivery.unwrap();
        let at = |now_s: i64| remind(&invitation, &delivery, 2 * DAY_S, NOW.plus_s(now_s));
        assert_eq!(at(5 * DAY_S - 1), None);
        let (reminded, event) = at(5 * DAY_S).unwrap();
        assert_eq!(
            (event.kind(), reminded.reminded_at),
            (crate::EventType::InvitationReminded, Some(NOW.plus_s(5 * DAY_S)))
        );
        assert_eq!(remind(&invitation, &reminded, 2 * DAY_S, NOW.plus_s(6 * DAY_S)), None);
        assert!(at(7 * DAY_S - 1).is_some());
        assert_eq!(at(7 * DAY_S), None, "it has expired");
    }

    #[test]
    fn nobody_is_reminded_of_what_ended_never_left_or_is_brand_new() {
        let invitation = invitation();
        let now = NOW.plus_s(6 * DAY_S);
        for (state, reminded) in ALL.map(|state| (state, state > DeliveryState::Pending && !state.blocks())) {
            let (delivery, _) = heard(&invitation, &[state]);
            assert_eq!(remind(&invitation, &delivery.unwrap(), 2 * DAY_S, now).is_some(), reminded, "{state:?}");
        }
        let (delivery, _) = heard(&invitation, &[DeliveryState::Delivered]);
        let delivery = delivery.unwrap();
        let (revoked, _) = invitation.revoke().unwrap();
        assert_eq!(remind(&revoked, &delivery, 2 * DAY_S, now), None);
        let (resent, _) = invitation.resend(invitation.inviter(), None, None, now).unwrap();
        assert_eq!(remind(&resent, &delivery, 2 * DAY_S, now.plus_s(6 * DAY_S)), None, "an older letter");
        assert_eq!(remind(&invitation, &delivery, 7 * DAY_S, now), None, "open for less time than that");
    }
}
