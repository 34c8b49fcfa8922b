//! Thresholds: below which balance people are told, and when they are told again.
//!
//! A crossing is the move from at-or-above the threshold to below it. It is noticed in the change that records the balance,
//! so concurrent reports make one crossing, and the scheduled run tells of it once. A balance that goes up and down around
//! the threshold crosses it again only once it was at `recovers_at_minor`, and is told of again only after the pause.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{access::ActingAs, id::UserId, money::Balance, time::UtcTime};

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

/// When people are told of an account's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThresholdRule {
    /// People are told when the balance falls below this, in minor units of the account's currency.
    pub threshold_minor: Balance,
    /// The balance has recovered when it is at least this, in minor units. At least the threshold, which is the default.
    pub recovers_at_minor: Balance,
    /// For how many hours after a letter no other one tells of a fall.
    pub pause_hours: u16,
    /// Whether people are also told when the balance has recovered.
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
            Self { rule, ..self }.hear(balance)
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

    /// Whether something may have to be told; when, [`tell`](Self::tell) says.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        matches!(self.alert, Alert::Due | Alert::Recovered)
    }

    /// The threshold after people were told, and what they are told; `None` if there is nothing to tell now.
    #[must_use]
    pub fn tell(self, balance: Balance, now: UtcTime) -> Option<(Self, Crossing)> {
        match self.alert {
            Alert::Clear | Alert::Told => None,
            Alert::Recovered => Some((Self { alert: Alert::Clear, ..self }, Crossing::Recovered)),
            Alert::Due => {
                let pause_s = i64::from(self.rule.pause_hours) * 3_600;
                let is_paused = self.told_at.is_some_and(|told_at| now < told_at.plus_s(pause_s));
                // It rose again, not far enough to have recovered: it may still fall.
                let tells = self.is_above(balance) && !is_paused;
                tells.then_some((Self { alert: Alert::Told, told_at: Some(now), ..self }, Crossing::Below))
            }
        }
    }
}

/// A threshold that a person set for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnThreshold {
    /// Whose it is.
    pub user: UserId,
    /// The seat from which it was set. The person is told while they may see bank balances from it.
    pub acting_as: ActingAs,
    /// The threshold.
    #[serde(flatten)]
    pub threshold: Threshold,
}

/// Why people's own thresholds are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnThresholdsError {
    /// More than [`OwnThreshold::MAX_EACH`].
    #[error("must hold at most {}", OwnThreshold::MAX_EACH)]
    TooMany,
    /// One threshold twice.
    #[error("names a threshold twice")]
    Twice,
    /// The account has [`OwnThreshold::MAX_OF_ACCOUNT`].
    #[error("this account has {} thresholds of people already", OwnThreshold::MAX_OF_ACCOUNT)]
    AccountIsFull,
}

impl OwnThreshold {
    /// The most thresholds of a person for one account.
    pub const MAX_EACH: usize = 3;
    /// The most thresholds of people for one account.
    pub const MAX_OF_ACCOUNT: usize = 30;
}

/// The thresholds of an account's people after one of them said which are theirs.
///
/// # Errors
/// [`OwnThresholdsError`].
pub(super) fn set_own(
    all: &[OwnThreshold],
    (user, acting_as): (&UserId, &ActingAs),
    rules: &[ThresholdRule],
    balance: Balance,
) -> Result<Vec<OwnThreshold>, OwnThresholdsError> {
    if rules.len() > OwnThreshold::MAX_EACH {
        return Err(OwnThresholdsError::TooMany);
    }
    let (before, others): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|own| own.user == *user);
    let mut after = others;
    for (place, rule) in rules.iter().enumerate() {
        if rules.iter().take(place).any(|earlier| earlier.threshold_minor == rule.threshold_minor) {
            return Err(OwnThresholdsError::Twice);
        }
        let same = before.iter().find(|own| own.threshold.rule.threshold_minor == rule.threshold_minor);
        let threshold = same.map_or_else(|| Threshold::new(*rule, balance), |own| own.threshold.change(*rule, balance));
        after.push(OwnThreshold { user: user.clone(), acting_as: acting_as.clone(), threshold });
    }
    if after.len() > OwnThreshold::MAX_OF_ACCOUNT && after.len() > all.len() {
        return Err(OwnThresholdsError::AccountIsFull);
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{company, user};

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
            if let Some((after, crossing)) = threshold.tell(minor(balance), at(hour)) {
                threshold = after;
                told.push((hour, crossing));
            }
        }
        assert_eq!(told, [(0, Crossing::Below), (5, Crossing::Recovered), (6, Crossing::Below)]);
    }

    /// Proves: U18
    #[test]
    fn a_fall_within_the_pause_is_told_of_after_it_if_the_balance_is_still_below() {
        let fell = Threshold::new(rule(100, 100, 24, false), minor(99)).tell(minor(99), at(0)).unwrap().0;
        let again = fell.hear(minor(100)).hear(minor(98));
        assert_eq!(again.tell(minor(98), at(23)), None);
        assert_eq!(again.tell(minor(98), at(24)).unwrap().1, Crossing::Below);
        let recovered = again.hear(minor(100));
        assert!(!recovered.is_due(), "nothing is left to tell");
    }

    proptest! {
        /// Whatever a balance does, letters about falls are at least the pause apart, each tells what is true when it
        /// is sent, falls and recoveries take turns, and running twice tells nothing twice.
        /// Proves: F13, U18
        #[test]
        fn people_are_told_what_is_true_and_no_more_often_than_they_want(
            balances in prop::collection::vec(0_i64..200, 1..60), recovers_at in 100_i64..180, pause in 0_u16..10
        ) {
            let mut threshold = Threshold::new(rule(100, recovers_at, pause, true), minor(200));
            let mut last: Option<(i64, Crossing)> = None;
            let mut last_fall: Option<i64> = None;
            for (hour, balance) in (0_i64..).zip(balances) {
                threshold = threshold.hear(minor(balance));
                let Some((after, crossing)) = threshold.tell(minor(balance), at(hour)) else { continue };
                threshold = after;
                prop_assert_eq!(threshold.tell(minor(balance), at(hour)), None);
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

    #[test]
    fn people_have_thresholds_of_their_own_and_touch_nobody_elses() {
        let seat = ActingAs::member(company(1), None);
        let (mia, olga) = (user("mia"), user("olga"));
        let set = |all: &[OwnThreshold], person: &UserId, rules: &[ThresholdRule]| {
            set_own(all, (person, &seat), rules, minor(120))
        };
        let all = set(&[], &mia, &[rule(100, 100, 24, false), rule(150, 150, 24, false)]).unwrap();
        assert_eq!(all.iter().map(|own| own.threshold.alert).collect::<Vec<_>>(), [Alert::Clear, Alert::Due]);
        let all = set(&all, &olga, &[rule(100, 100, 0, false)]).unwrap();
        assert_eq!(all.len(), 3);
        // What was told stays told; another pause does not change that.
        let mut told = all.clone();
        told[1].threshold = told[1].threshold.tell(minor(120), at(0)).unwrap().0;
        let changed = set(&told, &mia, &[rule(150, 160, 48, true)]).unwrap();
        let of_mia: Vec<_> = changed.iter().filter(|own| own.user == mia).collect();
        assert_eq!(of_mia.len(), 1);
        assert_eq!(of_mia[0].threshold.alert, Alert::Told);
        assert!(changed.iter().any(|own| own.user == olga));
        assert_eq!(set(&changed, &mia, &[]).unwrap().len(), 1);

        let many: Vec<_> = (0..4).map(|n| rule(n, n, 0, false)).collect();
        assert_eq!(set(&[], &mia, &many), Err(OwnThresholdsError::TooMany));
        assert_eq!(set(&[], &mia, &[many[0], many[0]]), Err(OwnThresholdsError::Twice));
        let full = (0..10).fold(Vec::new(), |all, n| set(&all, &user(&format!("p{n}")), &many[..3]).unwrap());
        assert_eq!(set(&full, &mia, &many[..1]), Err(OwnThresholdsError::AccountIsFull));
        assert!(set(&full, &user("p1"), &many[..2]).is_ok(), "who has some may change them");
    }
}
