//! The states of a mail, and when each was reached.
//!
//! Reports may be repeated, late and in any order. The steps of a mail are a set, and its state is the furthest of them:
//! so neither depends on the order in which they are heard of.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::UtcTime;

/// The state of a mail. A later variant replaces an earlier one, in whatever order they are reported. `failed` says that SES
/// refused it, or that the recipient's server did not accept it and may accept another: the reason says which. `bounced` says
/// that the server refused the address for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It waits for its turn, or for the next digest.
    Queued,
    /// It waits for the end of the recipient's quiet hours.
    Held,
    /// It is not sent; the reason says why.
    Suppressed,
    /// SES accepted it, alone or within a digest.
    Sent,
    /// SES refused it for good, or the recipient's server did not accept it this time.
    Failed,
    /// The recipient's server accepted it.
    Delivered,
    /// The recipient's server refused it for good.
    Bounced,
    /// The recipient reported it as spam.
    Complained,
}

/// Why a mail is in a state. `refused` and `not_accepted` are reasons of `failed`: SES refused it, and the recipient's server
/// did not accept it, as of a full mailbox, though the address may be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailReason {
    /// It is part of a digest, which is a mail of its own. That it bounced, or was delivered after a failure, is the digest's own.
    InDigest,
    /// An earlier mail to the address bounced.
    EarlierBounce,
    /// The owner of the address reported an earlier mail as spam.
    EarlierComplaint,
    /// When its time came there was nothing to send: the person chose otherwise, may not see it any more, or it was settled.
    NoLongerDue,
    /// SES refused its content or its address.
    Refused,
    /// The recipient's server did not accept it, as of a full mailbox, though the address may be good. SES does not try again.
    NotAccepted,
}

impl MailReason {
    /// Whether it is told to the recipient alone: others need not know what a person did with somebody else's mail.
    #[must_use]
    pub const fn is_private(self) -> bool {
        match self {
            Self::EarlierBounce | Self::EarlierComplaint => true,
            Self::InDigest | Self::NoLongerDue | Self::Refused | Self::NotAccepted => false,
        }
    }
}

/// A state that a mail reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct MailStep {
    /// The state.
    pub state: MailState,
    /// When it was reached.
    pub at: UtcTime,
    /// Why, where there is more to say than the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<MailReason>,
}

impl MailStep {
    /// A state that needs no reason.
    #[must_use]
    pub const fn new(state: MailState, at: UtcTime) -> Self {
        Self { state, at, reason: None }
    }

    /// A state and its reason.
    #[must_use]
    pub const fn because(state: MailState, reason: MailReason, at: UtcTime) -> Self {
        Self { state, at, reason: Some(reason) }
    }

    /// The step as others than the recipient see it.
    #[must_use]
    pub fn without_private_reason(self) -> Self {
        Self { reason: self.reason.filter(|reason| !reason.is_private()), ..self }
    }

    /// The step of each mail in a digest, of the digest's own.
    #[must_use]
    pub const fn of_each_in_digest(self) -> Self {
        match (self.state, self.reason) {
            // SES took the digest; what the recipient's server did with it is the digest's own state.
            (MailState::Failed, Some(MailReason::NotAccepted)) => {
                Self::because(MailState::Sent, MailReason::InDigest, self.at)
            }
            (MailState::Suppressed | MailState::Failed, _) => self,
            (
                MailState::Queued
                | MailState::Held
                | MailState::Sent
                | MailState::Delivered
                | MailState::Bounced
                | MailState::Complained,
                _,
            ) => Self::because(MailState::Sent, MailReason::InDigest, self.at),
        }
    }
}

/// The steps of a mail, each state once, in the order of the states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Steps(Vec<MailStep>);

impl Steps {
    /// The steps with one more; `None` where it says nothing new. Of the same state, the earliest report counts.
    pub(super) fn with(&self, step: MailStep) -> Option<Self> {
        let key = |step: &MailStep| (step.at, step.reason);
        let known = self.0.iter().find(|known| known.state == step.state);
        if known.is_some_and(|known| key(known) <= key(&step)) {
            return None;
        }
        let others = self.0.iter().copied().filter(|known| known.state != step.state);
        let mut steps: Vec<MailStep> = others.chain([step]).collect();
        steps.sort_by_key(|step| step.state);
        Some(Self(steps))
    }

    /// The furthest step.
    pub(super) fn last(&self) -> Option<&MailStep> {
        self.0.last()
    }

    pub(super) fn all(&self) -> &[MailStep] {
        &self.0
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::mail_log) const ALL: [MailState; 8] = [
        MailState::Queued,
        MailState::Held,
        MailState::Suppressed,
        MailState::Sent,
        MailState::Failed,
        MailState::Delivered,
        MailState::Bounced,
        MailState::Complained,
    ];
    const REASONS: [Option<MailReason>; 4] =
        [None, Some(MailReason::InDigest), Some(MailReason::Refused), Some(MailReason::NotAccepted)];

    fn at(second: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(second)
    }

    fn heard(steps: &[MailStep]) -> Steps {
        steps.iter().fold(Steps::default(), |so_far, step| so_far.with(*step).unwrap_or(so_far))
    }

    fn steps() -> impl Strategy<Value = Vec<MailStep>> {
        let step = (0..ALL.len(), 0_i64..6, 0..REASONS.len());
        let step = step.prop_map(|(state, second, reason)| MailStep {
            state: ALL[state],
            at: at(second),
            reason: REASONS[reason],
        });
        prop::collection::vec(step, 0..20)
    }

    /// Proves: ML1, F10
    #[test]
    fn a_late_sent_never_replaces_delivered() {
        let delivered = heard(&[MailStep::new(MailState::Delivered, at(5)), MailStep::new(MailState::Sent, at(9))]);
        assert_eq!(delivered.last().unwrap().state, MailState::Delivered);
        assert_eq!(delivered.all().len(), 2, "both are in the history");
        assert_eq!(delivered.with(MailStep::new(MailState::Sent, at(10))), None, "heard before");
    }

    /// Proves: ML1, F10
    #[test]
    fn a_mail_that_a_server_did_not_accept_shows_it_unless_it_arrived_or_the_address_is_bad() {
        let sent = MailStep::new(MailState::Sent, at(1));
        let full = MailStep::because(MailState::Failed, MailReason::NotAccepted, at(5));
        assert_eq!(heard(&[sent, full]).last(), Some(&full));
        assert_eq!(heard(&[full, sent]).last(), Some(&full), "reported late");
        // A vacation notice is such a report too, about a mail that arrived.
        for further in [MailState::Delivered, MailState::Bounced, MailState::Complained] {
            let further = MailStep::new(further, at(2));
            assert_eq!(heard(&[sent, further, full]).last(), Some(&further));
            assert_eq!(heard(&[full, further]).last(), Some(&further));
        }
        assert_eq!(full.without_private_reason(), full, "it is about this mail alone");
    }

    #[test]
    fn what_a_digest_holds_was_sent_with_it_or_not_at_all() {
        let digest = |state| MailStep::new(state, at(1)).of_each_in_digest();
        let sent = MailStep::because(MailState::Sent, MailReason::InDigest, at(1));
        assert_eq!((digest(MailState::Sent), digest(MailState::Bounced)), (sent, sent));
        assert_eq!(digest(MailState::Failed).state, MailState::Failed);
        let full = MailStep::because(MailState::Failed, MailReason::NotAccepted, at(1));
        assert_eq!(full.of_each_in_digest(), sent, "SES took the digest");
    }

    proptest! {
        /// Proves: ML1, F10
        #[test]
        fn no_order_and_no_repetition_of_reports_changes_the_result(
            (steps, shuffled) in steps().prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle()))
        ) {
            let once = heard(&steps);
            prop_assert_eq!(&heard(&shuffled), &once);
            prop_assert_eq!(&heard(&[steps.clone(), shuffled].concat()), &once);
            prop_assert!(once.all().len() <= ALL.len());
            prop_assert_eq!(once.last().map(|step| step.state), steps.iter().map(|step| step.state).max());
        }

        /// Proves: ML1, F10
        #[test]
        fn a_state_only_moves_forward(steps in steps()) {
            let mut so_far = Steps::default();
            for step in steps {
                let before = so_far.last().map(|step| step.state);
                so_far = so_far.with(step).unwrap_or(so_far);
                prop_assert!(before <= so_far.last().map(|step| step.state));
            }
        }
    }
}
