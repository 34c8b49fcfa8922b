//! Addresses that letters are not sent to: why, which letters, and until when.
//!
//! A bounce keeps every letter back, for a month: mailboxes come back. A complaint about an invitation keeps
//! invitations back, and says nothing about the sign-offs of a company that the person belongs to. A person whose
//! verified address it is, or the vendor, lifts either.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{delivery::DeliveryState, time::UtcTime};

/// How long an address is left alone after a bounce, in seconds: 30 days.
const BOUNCE_S: i64 = 30 * 86_400;

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterPurpose {
    /// It invites: its sender need not be known to the recipient.
    Invitations,
    /// It tells a person what concerns them in a company or firm of theirs.
    Notifications,
}

impl LetterPurpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Invitations, Self::Notifications];

    /// The purpose as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitations => "invitations",
            Self::Notifications => "notifications",
        }
    }
}

/// Why an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// Its server refused a letter for good.
    Bounced,
    /// Its owner called a letter spam.
    Complained,
}

impl SuppressionReason {
    /// The state of a letter to the address.
    #[must_use]
    pub const fn leaves(self) -> DeliveryState {
        match self {
            Self::Bounced => DeliveryState::Bounced,
            Self::Complained => DeliveryState::Complained,
        }
    }
}

/// A bounce, or a complaint about letters of one purpose. The address itself is not in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub at: UtcTime,
    /// When it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<UtcTime>,
}

impl Suppression {
    /// A suppression from `at` on.
    #[must_use]
    pub const fn new(reason: SuppressionReason, at: UtcTime) -> Self {
        Self { reason, at, lifted_at: None }
    }

    /// The instant from which letters are sent again; `None` for never.
    fn until(&self) -> Option<UtcTime> {
        match self.reason {
            SuppressionReason::Bounced => Some(self.at.plus_s(BOUNCE_S)),
            SuppressionReason::Complained => None,
        }
    }

    fn holds_at(&self, now: UtcTime) -> bool {
        self.lifted_at.is_none() && self.until().is_none_or(|until| now < until)
    }
}

/// Everything that keeps letters from one address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// What keeps back every letter: a bounce, or a complaint from before complaints were kept by purpose.
    pub all: Option<Suppression>,
    /// A complaint about an invitation.
    pub invitations: Option<Suppression>,
    /// A complaint about a notification.
    pub notifications: Option<Suppression>,
}

/// Letters that an address does not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuppressedLetters {
    /// Which letters.
    pub letters: LetterPurpose,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: UtcTime,
    /// When they are sent again; never by itself where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<UtcTime>,
}

impl Suppressions {
    /// What keeps letters of this purpose back at `now`.
    #[must_use]
    pub fn of(&self, purpose: LetterPurpose, now: UtcTime) -> Option<SuppressedLetters> {
        let complaint = match purpose {
            LetterPurpose::Invitations => &self.invitations,
            LetterPurpose::Notifications => &self.notifications,
        };
        let holding = |suppression: &&Suppression| suppression.holds_at(now);
        // What lasts longer is told first.
        let found = complaint.as_ref().filter(holding).or(self.all.as_ref().filter(holding))?;
        Some(SuppressedLetters { letters: purpose, reason: found.reason, since: found.at, until: found.until() })
    }

    /// What keeps letters of any purpose back at `now`.
    #[must_use]
    pub fn at(&self, now: UtcTime) -> Vec<SuppressedLetters> {
        LetterPurpose::ALL.into_iter().filter_map(|purpose| self.of(purpose, now)).collect()
    }

    /// The same, all lifted at `now`.
    #[must_use]
    pub fn lifted(self, now: UtcTime) -> Self {
        let lift = |suppression: Option<Suppression>| {
            suppression.map(|suppression| Suppression { lifted_at: suppression.lifted_at.or(Some(now)), ..suppression })
        };
        Self { all: lift(self.all), invitations: lift(self.invitations), notifications: lift(self.notifications) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use super::{
        LetterPurpose::{Invitations, Notifications},
        SuppressionReason::{Bounced, Complained},
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn suppressed(reason: SuppressionReason) -> Option<Suppression> {
        Some(Suppression::new(reason, NOW))
    }

    /// Proves: U9
    #[test]
    fn a_complaint_about_an_invitation_keeps_back_invitations_alone() {
        let complained = Suppressions { invitations: suppressed(Complained), ..Suppressions::default() };
        let later = NOW.plus_s(1_000 * 86_400);
        assert_eq!(
            complained.of(Invitations, later).map(|found| (found.reason, found.until)),
            Some((Complained, None))
        );
        assert_eq!(complained.of(Notifications, NOW), None, "a sign-off still arrives");
    }

    /// Proves: U9
    #[test]
    fn a_bounce_keeps_everything_back_for_thirty_days() {
        let bounced = Suppressions { all: suppressed(Bounced), ..Suppressions::default() };
        let until = NOW.plus_s(30 * 86_400);
        for purpose in LetterPurpose::ALL {
            assert_eq!(bounced.of(purpose, until.plus_s(-1)).and_then(|found| found.until), Some(until));
            assert_eq!(bounced.of(purpose, until), None);
        }
    }

    #[test]
    fn a_complaint_from_before_purposes_were_kept_stays_for_both() {
        let stored = serde_json::json!({ "reason": "complained", "at": "1970-01-01T00:00:00.000Z" });
        let all = Some(serde_json::from_value(stored).unwrap());
        assert_eq!(Suppressions { all, ..Suppressions::default() }.at(NOW.plus_s(40 * 86_400)).len(), 2);
    }

    proptest! {
        /// Proves: U9
        #[test]
        #[test]
        fn what_was_lifted_keeps_nothing_back_until_something_new_is_heard(
            all in prop::option::of(prop::bool::ANY), invited in any::<bool>(), told in any::<bool>(), days in 0_i64..60
        ) {
            let found = Suppressions {
                all: all.and_then(|bounced| suppressed(if bounced { Bounced } else { Complained })),
                invitations: if invited { suppressed(Complained) } else { None },
                notifications: if told { suppressed(Complained) } else { None },
            };
            let now = NOW.plus_s(days * 86_400);
            let lifted = found.lifted(now);
            prop_assert!(lifted.at(now).is_empty());
            let again = Suppressions { all: suppressed(Bounced), ..lifted };
            prop_assert_eq!(again.at(NOW).len(), 2);
        }
    }
}
