//! Thresholds that people set for themselves: of a bank account, or of the company's cashflow forecast.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Crossing, Threshold, ThresholdRule};
use crate::{
    access::{AccessRequirement, ActingAs},
    id::UserId,
    money::{Balance, Currency},
    permission::Permission,
    time::UtcTime,
};

/// A threshold that a person set for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnThreshold {
    /// Whose it is.
    pub user: UserId,
    /// The seat from which it was set. The person is told while they may see the amount from it.
    pub acting_as: ActingAs,
    /// Since when they held that seat. A seat that ended and was given again does not bring it back.
    pub since: UtcTime,
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
    #[error("holds the same threshold twice")]
    Twice,
    /// People have [`OwnThreshold::MAX_OF_ALL`] already.
    #[error("people already have {} thresholds here", OwnThreshold::MAX_OF_ALL)]
    Full,
}

impl OwnThreshold {
    /// The most thresholds of a person for one amount.
    pub const MAX_EACH: usize = 3;
    /// The most thresholds of people for one amount.
    pub const MAX_OF_ALL: usize = 30;

    /// The access that its person must hold to be told: `permission` from the seat, in the same stay.
    #[must_use]
    pub fn access(&self, permission: Permission) -> AccessRequirement {
        AccessRequirement::new(self.user.clone(), self.acting_as.clone(), permission).held_since(self.since)
    }
}

/// The thresholds that people set for themselves for one amount, which the caller passes to each function, in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnThresholds(Vec<OwnThreshold>);

impl OwnThresholds {
    /// Whether nobody has one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A person's threshold of this amount.
    #[must_use]
    pub fn find(&self, user: &UserId, threshold_minor: Balance) -> Option<&OwnThreshold> {
        self.0.iter().find(|own| own.user == *user && own.threshold.rule.threshold_minor == threshold_minor)
    }

    /// The rules that a person set for themselves, from the seat.
    #[must_use]
    pub fn rules(&self, access: &AccessRequirement) -> Vec<ThresholdRule> {
        let is_theirs = |own: &&OwnThreshold| own.user == *access.user() && own.acting_as == *access.acting_as();
        self.0.iter().filter(is_theirs).map(|own| own.threshold.rule).collect()
    }

    /// Those that `holds` is true for.
    #[must_use]
    pub fn keeping(&self, holds: impl Fn(&OwnThreshold) -> bool) -> Self {
        Self(self.0.iter().filter(|own| holds(own)).cloned().collect())
    }

    /// All thresholds after one person said which are theirs. One that stays keeps its state.
    ///
    /// # Errors
    /// [`OwnThresholdsError`].
    pub fn set(
        &self,
        access: &AccessRequirement,
        rules: &[ThresholdRule],
        amount: Balance,
    ) -> Result<Self, OwnThresholdsError> {
        if rules.len() > OwnThreshold::MAX_EACH {
            return Err(OwnThresholdsError::TooMany);
        }
        let (before, others): (Vec<_>, Vec<_>) = self.0.iter().cloned().partition(|own| own.user == *access.user());
        let mut after = others;
        for (place, rule) in rules.iter().enumerate() {
            if rules.iter().take(place).any(|earlier| earlier.threshold_minor == rule.threshold_minor) {
                return Err(OwnThresholdsError::Twice);
            }
            let same = before.iter().find(|own| own.threshold.rule.threshold_minor == rule.threshold_minor);
            let threshold =
                same.map_or_else(|| Threshold::new(*rule, amount), |own| own.threshold.change(*rule, amount));
            let (user, acting_as) = (access.user().clone(), access.acting_as().clone());
            // Without a stay nobody is told.
            let since = access.stay().unwrap_or(UtcTime::EPOCH);
            after.push(OwnThreshold { user, acting_as, since, threshold });
        }
        if after.len() > OwnThreshold::MAX_OF_ALL && after.len() > self.0.len() {
            return Err(OwnThresholdsError::Full);
        }
        Ok(Self(after))
    }

    /// The thresholds after another amount was recorded.
    #[must_use]
    pub fn hear(&self, amount: Balance) -> Self {
        let heard = |own: &OwnThreshold| OwnThreshold { threshold: own.threshold.hear(amount), ..own.clone() };
        Self(self.0.iter().map(heard).collect())
    }

    /// From when on something is to be told of one of them, if the amount stays; `as_of` is when it was true.
    #[must_use]
    pub fn due_at(&self, amount: Balance, as_of: UtcTime) -> Option<UtcTime> {
        self.0.iter().filter_map(|own| own.threshold.due_at(amount, as_of)).min()
    }

    /// Those of which something is to be told now.
    pub fn due(&self, amount: Balance, as_of: UtcTime, now: UtcTime) -> impl Iterator<Item = &OwnThreshold> {
        self.0.iter().filter(move |own| own.threshold.tell(amount, as_of, now).is_some())
    }

    /// The thresholds after their people were told, and who is told what.
    #[must_use]
    pub fn tell(&self, amount: Balance, as_of: UtcTime, now: UtcTime) -> (Self, Vec<(OwnThreshold, Crossing)>) {
        let (mut after, mut told) = (self.clone(), Vec::new());
        for own in &mut after.0 {
            if let Some((threshold, crossing)) = own.threshold.tell(amount, as_of, now) {
                own.threshold = threshold;
                told.push((own.clone(), crossing));
            }
        }
        (after, told)
    }
}

/// Payload of `own_thresholds.set` and `forecast_thresholds.set`: the actor's thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnThresholdsSet {
    /// All of them now.
    pub thresholds: Vec<ThresholdRule>,
    /// The currency.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        samples::{at, company, user},
        threshold::Alert,
    };

    fn minor(minor: i64) -> Balance {
        minor.try_into().unwrap()
    }

    fn rule(threshold: i64, recovers_at: i64, pause_hours: u16, tells_recovery: bool) -> ThresholdRule {
        let (threshold_minor, recovers_at_minor) = (minor(threshold), minor(recovers_at));
        ThresholdRule { threshold_minor, recovers_at_minor, pause_hours, tells_recovery }
    }

    #[test]
    fn people_have_thresholds_of_their_own_and_touch_nobody_elses() {
        let (mia, olga) = (user("mia"), user("olga"));
        let set = |all: &OwnThresholds, person: &UserId, rules: &[ThresholdRule]| {
            let seat = ActingAs::member(company(1), None);
            all.set(&AccessRequirement::new(person.clone(), seat, Permission::BankView), rules, minor(120))
        };
        let nobodys = OwnThresholds::default();
        let all = set(&nobodys, &mia, &[rule(100, 100, 24, false), rule(150, 150, 24, false)]).unwrap();
        assert_eq!(all.0.iter().map(|own| own.threshold.alert).collect::<Vec<_>>(), [Alert::Clear, Alert::Due]);
        let all = set(&all, &olga, &[rule(100, 100, 0, false)]).unwrap();
        assert_eq!(all.0.len(), 3);
        // What was told stays told; another pause does not change that.
        let (told, people) = all.tell(minor(120), at(0), at(0));
        assert_eq!(people.iter().map(|(own, _)| &own.user).collect::<Vec<_>>(), [&mia], "the one that was due");
        let changed = set(&told, &mia, &[rule(150, 160, 48, true)]).unwrap();
        let of_mia: Vec<_> = changed.0.iter().filter(|own| own.user == mia).collect();
        assert_eq!(of_mia.len(), 1);
        assert_eq!(of_mia[0].threshold.alert, Alert::Told);
        assert!(changed.find(&olga, minor(100)).is_some());
        assert_eq!(set(&changed, &mia, &[]).unwrap().0.len(), 1);

        let many: Vec<_> = (0..4).map(|n| rule(n, n, 0, false)).collect();
        assert_eq!(set(&nobodys, &mia, &many), Err(OwnThresholdsError::TooMany));
        assert_eq!(set(&nobodys, &mia, &[many[0], many[0]]), Err(OwnThresholdsError::Twice));
        let full = (0..10).fold(nobodys, |all, n| set(&all, &user(&format!("p{n}")), &many[..3]).unwrap());
        assert_eq!(set(&full, &mia, &many[..1]), Err(OwnThresholdsError::Full));
        assert!(set(&full, &user("p1"), &many[..2]).is_ok(), "who has some may change them");
    }

    /// The run proves the access of these people alone.
    /// Proves: U18
    #[test]
    fn only_thresholds_with_something_to_tell_are_due() {
        let seat = ActingAs::member(company(1), None);
        let access = AccessRequirement::new(user("mia"), seat, Permission::BankView);
        let rules = [rule(100, 100, 24, false), rule(150, 150, 24, false), rule(50, 50, 24, false)];
        let all = OwnThresholds::default().set(&access, &rules, minor(120)).unwrap();
        let due = |all: &OwnThresholds, amount, hour: i64| {
            let due = all.due(minor(amount), at(0), at(hour * 3_600));
            due.map(|own| own.threshold.rule.threshold_minor.minor()).collect::<Vec<_>>()
        };
        assert_eq!(due(&all, 120, 0), [150]);
        let all = all.tell(minor(120), at(0), at(0)).0.hear(minor(99));
        assert_eq!(due(&all, 99, 1), [100], "of the other they were told");
        let all = all.tell(minor(99), at(0), at(3_600)).0.hear(minor(200)).hear(minor(99));
        assert_eq!(due(&all, 99, 2), [0_i64; 0], "both wait for the end of the pause");
        assert_eq!(due(&all, 99, 24), [150]);
    }
}
