//! Thresholds: below which amount people are told, and when they are told again. The amount is the balance of a bank account,
//! or the lowest point of the cashflow forecast.
//!
//! A crossing is the move from at-or-above the threshold to below it. It is noticed in the change that records the amount,
//! so concurrent changes make one crossing, and the scheduled run tells of it once. A balance that goes up and down around
//! the threshold crosses it again only once it was at `recovers_at_minor`, and is told of again only after the pause.

mod own;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use own::{OwnThreshold, OwnThresholds, OwnThresholdsError, OwnThresholdsSet};

use crate::{money::Balance, time::UtcTime};

/// The state of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// The balance has recovered, or was never below.
    Clear,
    /// It fell below, and nobody has been told of this crossing yet.
    Due,
    /// It fell below, and people were told.
    Told,
    /// It has recovered since people were told, and they are to be told of that too.
    Recovered,
}

/// When people are told of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThresholdRule {
    /// People are told when the amount falls below this, in minor units of its currency.
    pub threshold_minor: Balance,
    /// The amount has recovered when it is at least this, in minor units. At least the threshold, which is the default.
    pub recovers_at_minor: Balance,
    /// For how many hours after a letter no other one tells of a fall.
    pub pause_hours: u16,
    /// Whether people are also told when the amount has recovered.
    pub tells_recovery: bool,
}

/// Why a rule is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdRuleError {
    /// It recovers below the threshold.
    #[error("must be at least the threshold")]
    RecoversBelow,
    /// Its pause is longer than [`ThresholdRule::MAX_PAUSE_HOURS`].
    #[error("must be at most {}", ThresholdRule::MAX_PAUSE_HOURS)]
    PauseTooLong,
}

impl ThresholdRuleError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::RecoversBelow => "recovers_at_minor",
            Self::PauseTooLong => "pause_hours",
        }
    }
}

impl ThresholdRule {
    /// The longest pause, in hours: thirty days.
    pub const MAX_PAUSE_HOURS: u16 = 720;
    /// The pause where none is chosen, in hours.
    pub const DEFAULT_PAUSE_HOURS: u16 = 24;

    /// The usual rule for a threshold.
    #[must_use]
    pub const fn at(threshold_minor: Balance) -> Self {
        Self {
            threshold_minor,
            recovers_at_minor: threshold_minor,
            pause_hours: Self::DEFAULT_PAUSE_HOURS,
            tells_recovery: false,
        }
    }

    /// Checks what no field can say alone.
    ///
    /// # Errors
    /// [`ThresholdRuleError`].
    pub fn check(self) -> Result<Self, ThresholdRuleError> {
        if self.recovers_at_minor < self.threshold_minor {
            Err(ThresholdRuleError::RecoversBelow)
        } else if self.pause_hours > Self::MAX_PAUSE_HOURS {
            Err(ThresholdRuleError::PauseTooLong)
        } else {
            Ok(self)
        }
    }
}

/// A threshold with its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// When people are told.
    #[serde(flatten)]
    pub rule: ThresholdRule,
    /// Its state.
    pub alert: Alert,
    /// When people were last told of a fall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<UtcTime>,
}

/// What people are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// The balance fell below the threshold.
    Below,
    /// It has recovered.
    Recovered,
}

impl Threshold {
    /// A new threshold. One above the present balance is crossed by being set.
    #[must_use]
    pub fn new(rule: ThresholdRule, balance: Balance) -> Self {
        Self { rule, alert: Alert::Clear, told_at: None }.hear(balance)
    }

    /// The threshold under another rule: the same threshold keeps its state, another can be crossed anew.
    #[must_use]
    pub fn change(self, rule: ThresholdRule, balance: Balance) -> Self {
        if rule.threshold_minor == self.rule.threshold_minor {
            // Nobody is told of a recovery any more whom the rule does not tell.
            let is_untold = self.alert == Alert::Recovered && !rule.tells_recovery;
            let alert = if is_untold { Alert::Clear } else { self.alert };
            Self { rule, alert, ..self }.hear(balance)
        } else {
            Self::new(rule, balance)
        }
    }

    /// Whether the balance is below it.
    #[must_use]
    pub fn is_above(&self, balance: Balance) -> bool {
        balance < self.rule.threshold_minor
    }

    /// The threshold after a balance was recorded.
    #[must_use]
    pub fn hear(self, balance: Balance) -> Self {
        let alert = match self.alert {
            Alert::Clear if self.is_above(balance) => Alert::Due,
            // Nobody was told that it had recovered: for people it was below all the time.
            Alert::Recovered if self.is_above(balance) => Alert::Told,
            Alert::Due if balance >= self.rule.recovers_at_minor => Alert::Clear,
            Alert::Told if balance >= self.rule.recovers_at_minor => {
                if self.rule.tells_recovery {
                    Alert::Recovered
                } else {
                    Alert::Clear
                }
            }
            same => same,
        };
        Self { alert, ..self }
    }

    /// From when on something is to be told, if the balance stays; `as_of` is when it was true.
    #[must_use]
    pub fn due_at(&self, balance: Balance, as_of: UtcTime) -> Option<UtcTime> {
        match self.alert {
            Alert::Clear | Alert::Told => None,
            Alert::Recovered => (balance >= self.rule.recovers_at_minor).then_some(as_of),
            // Where it rose again, not far enough to have recovered, it may still fall.
            Alert::Due => self.is_above(balance).then(|| {
                let pause_s = i64::from(self.rule.pause_hours) * 3_600;
                self.told_at.map_or(as_of, |told_at| told_at.plus_s(pause_s))
            }),
        }
    }

    /// The threshold after people were told, and what they are told; `None` if there is nothing to tell now.
    #[must_use]
    pub fn tell(self, balance: Balance, as_of: UtcTime, now: UtcTime) -> Option<(Self, Crossing)> {
        // The ledger's clock may be minutes ahead of ours: a balance that is there is told of.
        self.due_at(balance, as_of.min(now)).filter(|due_at| *due_at <= now)?;
        Some(match self.alert {
            Alert::Recovered => (Self { alert: Alert::Clear, ..self }, Crossing::Recovered),
            Alert::Clear | Alert::Told | Alert::Due => {
                (Self { alert: Alert::Told, told_at: Some(now), ..self }, Crossing::Below)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(minor: i64) -> Balance {
        minor.try_into().unwrap()
    }

    fn rule(threshold: i64, recovers_at: i64, pause_hours: u16, tells_recovery: bool) -> ThresholdRule {
        let (threshold_minor, recovers_at_minor) = (minor(threshold), minor(recovers_at));
        ThresholdRule { threshold_minor, recovers_at_minor, pause_hours, tells_recovery }
    }

    fn at(hours: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(hours * 3_600)
    }

    #[test]
    fn a_rule_that_cannot_hold_names_its_field() {
        assert_eq!(rule(100, 100, 720, true).check(), Ok(rule(100, 100, 720, true)));
        assert_eq!(rule(100, 99, 0, false).check().unwrap_err().field(), "recovers_at_minor");
        assert_eq!(rule(100, 100, 721, false).check().unwrap_err().field(), "pause_hours");
    }

    /// Proves: U18
    #[test]
    fn a_balance_that_flaps_is_told_of_once_until_it_recovers() {
        let mut threshold = Threshold::new(rule(100, 150, 0, true), minor(200));
        let mut told = Vec::new();
        for (hour, balance) in [(0, 99), (1, 101), (2, 99), (3, 149), (4, 50), (5, 150), (6, 99)] {
            threshold = threshold.hear(minor(balance));
            if let Some((after, crossing)) = threshold.tell(minor(balance), at(hour), at(hour)) {
                threshold = after;
                told.push((hour, crossing));
            }
        }
        assert_eq!(told, [(0, Crossing::Below), (5, Crossing::Recovered), (6, Crossing::Below)]);
    }

    /// Proves: U18
    #[test]
    fn a_fall_within_the_pause_is_told_of_after_it_if_the_balance_is_still_below() {
        let fell = Threshold::new(rule(100, 100, 24, false), minor(99)).tell(minor(99), at(0), at(0)).unwrap().0;
        let again = fell.hear(minor(100)).hear(minor(98));
        assert_eq!(again.tell(minor(98), at(1), at(23)), None);
        assert_eq!(again.tell(minor(98), at(1), at(24)).unwrap().1, Crossing::Below);
        let recovered = again.hear(minor(100));
        assert_eq!(recovered.due_at(minor(100), at(2)), None, "nothing is left to tell");
    }

    #[test]
    fn nobody_is_told_of_a_recovery_that_is_not_true_or_not_wanted() {
        let told = Threshold::new(rule(100, 150, 0, true), minor(99)).tell(minor(99), at(0), at(0)).unwrap().0;
        let recovered = told.hear(minor(150));
        assert_eq!(recovered.tell(minor(150), at(1), at(1)).unwrap().1, Crossing::Recovered);
        // It fell back before the schedule ran.
        let back = recovered.hear(minor(120));
        assert_eq!(back.tell(minor(120), at(1), at(1)), None);
        assert_eq!(back.hear(minor(99)).tell(minor(99), at(2), at(2)), None, "it was told of that it is below");
        let unwanted = recovered.change(rule(100, 150, 0, false), minor(150));
        assert_eq!(unwanted.tell(minor(150), at(1), at(1)), None);
    }

    proptest! {
        /// Whatever a balance does, letters about falls are at least the pause apart, each tells what is true when it
        /// is sent, falls and recoveries take turns, and running twice tells nothing twice.
        /// Proves: F13, U18
        #[test]
        fn people_are_told_what_is_true_and_no_more_often_than_they_want(
            balances in prop::collection::vec((0_i64..200, any::<bool>()), 1..60),
            recovers_at in 100_i64..180, pause in 0_u16..10
        ) {
            let mut threshold = Threshold::new(rule(100, recovers_at, pause, true), minor(200));
            let mut last: Option<(i64, Crossing)> = None;
            let mut last_fall: Option<i64> = None;
            for (hour, (balance, runs)) in (0_i64..).zip(balances) {
                threshold = threshold.hear(minor(balance));
                if !runs {
                    continue;
                }
                let Some((after, crossing)) = threshold.tell(minor(balance), at(hour), at(hour)) else { continue };
                threshold = after;
                prop_assert_eq!(threshold.tell(minor(balance), at(hour), at(hour)), None);
                match crossing {
                    Crossing::Below => {
                        prop_assert!(balance < 100);
                        prop_assert!(last_fall.is_none_or(|fall| hour - fall >= i64::from(pause)));
                        prop_assert!(!matches!(last, Some((_, Crossing::Below))));
                        last_fall = Some(hour);
                    }
                    Crossing::Recovered => {
                        prop_assert!(balance >= recovers_at);
                        prop_assert!(matches!(last, Some((_, Crossing::Below))));
                    }
                }
                last = Some((hour, crossing));
            }
        }
    }
}
