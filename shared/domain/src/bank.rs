//! Bank balances, and what people are told of them.

mod account_number;
mod course;
mod following;
mod history;
mod history_report;
mod number;
mod source;
mod statement_file;
#[cfg(test)]
mod statement_tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use account_number::{AccountNumber, BankNumber, BankNumberError, Iban, IbanError};
pub use course::{BalancePoint, course};
pub use following::{BalanceRecording, TooManyNumbers, report};
pub use history::{Added, BalanceHistory, Certainty, DayAhead, DayBalance, Gap, KEPT_DAYS};
pub use number::{
    AppliedFile, AppliedStatement, BankAccountNumber, BankAccountNumberMapped, BankAccountNumberUnknown,
    BeforeStatement, DaysRead, FileContext, MapError, MappedNumber, NumberStatement, apply,
};
pub use source::{AccountHistory, BalanceSource, BalancesOf, MonthBalances, NumberId, NumberIdError, SourceBalances};
pub use statement_file::{
    AccountRead, AccountStatement, BankStatementRead, BankStatementRefused, MAX_ACCOUNTS, StatementContent,
    StatementFile, StatementFormat, StatementRefusal, StatementResult, StatementTask, by_account,
};

use crate::{
    access::AccessRequirement,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    money::{Balance, Currency},
    text::{Name, Reference},
    threshold::{
        Crossing, OwnThreshold, OwnThresholds, OwnThresholdsError, OwnThresholdsSet, Threshold, ThresholdRule,
    },
    time::{Day, UtcTime},
};

/// A bank account as the ledger reports it, with the newest balance that the ledger or a statement says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Whose account.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// What people call it.
    pub name: Name,
    /// Its currency.
    pub currency: Currency,
    /// The balance in minor units.
    pub balance_minor: Balance,
    /// When the balance was true.
    pub as_of: UtcTime,
    /// What the ledger reported last. Absent from an account that was recorded before there were statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<BalanceReport>,
    /// The newest day and balance of each source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub newest: BTreeMap<BalanceSource, (Day, DayBalance)>,
    /// The company's threshold, of which those who manage thresholds are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// The thresholds of people who are told themselves.
    #[serde(default, skip_serializing_if = "OwnThresholds::is_empty")]
    pub own_thresholds: OwnThresholds,
    /// When the balance was true with which it fell below the company's threshold; `None` while it is not below. Absent
    /// from an account that fell before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_since: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A balance report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceReport {
    /// What people call the account.
    pub name: Name,
    /// Its currency.
    pub currency: Currency,
    /// The balance in minor units.
    pub balance_minor: Balance,
    /// When it was true.
    pub as_of: UtcTime,
}

/// A report from the future would block all reports until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is more than {} minutes ahead", BalanceReport::MAX_AHEAD_S / 60)]
pub struct AheadOfTime;

impl BalanceReport {
    /// How far ahead of ours a ledger's clock may be, in seconds.
    pub const MAX_AHEAD_S: i64 = 10 * 60;

    /// Whether the balance can have been true by now.
    ///
    /// # Errors
    /// [`AheadOfTime`] when it is dated more than ten minutes ahead.
    pub fn check_time(&self, now: UtcTime) -> Result<(), AheadOfTime> {
        if self.as_of > now.plus_s(Self::MAX_AHEAD_S) { Err(AheadOfTime) } else { Ok(()) }
    }
}

/// Why a balance report is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BalanceError {
    /// An account does not change its currency.
    #[error("this account is kept in {0}")]
    Currency(Currency),
    /// Another content was reported for the same time.
    #[error("another content was reported for the same time")]
    SameTime {
        /// The first field that differs.
        field: String,
    },
}

impl BankAccount {
    /// What it shows, as a report.
    fn shown(&self) -> BalanceReport {
        BalanceReport {
            name: self.name.clone(),
            currency: self.currency,
            balance_minor: self.balance_minor,
            as_of: self.as_of,
        }
    }

    /// The company's threshold, in minor units.
    #[must_use]
    pub fn threshold_minor(&self) -> Option<Balance> {
        self.threshold.map(|threshold| threshold.rule.threshold_minor)
    }

    /// Whether the balance is below the company's threshold, notified or not.
    #[must_use]
    pub fn is_below_threshold(&self) -> bool {
        self.threshold.is_some_and(|threshold| threshold.is_above(self.balance_minor))
    }

    /// When the balance was true with which it fell below the threshold; `None` while it is not below.
    #[must_use]
    pub fn fell_below_at(&self) -> Option<UtcTime> {
        self.is_below_threshold().then(|| self.below_since.unwrap_or(self.as_of))
    }

    /// The account after a change of its balance or threshold, with the time of its crossing: the earlier one while it
    /// stays below.
    fn crossed_after(self, before: &Self) -> Self {
        let below_since = self.is_below_threshold().then(|| before.fell_below_at().unwrap_or(self.as_of));
        Self { below_since, ..self }
    }

    /// Sets or clears the company's threshold. Setting one above the present balance is a crossing.
    #[must_use]
    pub fn set_threshold(&self, rule: Option<ThresholdRule>) -> (Self, NewEvent) {
        let balance = self.balance_minor;
        let set = |rule| self.threshold.map_or_else(|| Threshold::new(rule, balance), |own| own.change(rule, balance));
        let changed = Self { threshold: rule.map(set), version: self.version + 1, ..self.clone() }.crossed_after(self);
        let event = changed.event(kinds::ThresholdSet::of(ThresholdSet {
            before_minor: self.threshold_minor(),
            after_minor: changed.threshold_minor(),
            currency: self.currency,
            before_rule: self.threshold.map(|threshold| threshold.rule),
            after_rule: rule,
        }));
        (changed, event)
    }

    /// Sets all thresholds of a person for themselves, who is told while they may see balances from the seat.
    ///
    /// # Errors
    /// [`OwnThresholdsError`].
    pub fn set_own_thresholds(
        &self,
        access: &AccessRequirement,
        rules: &[ThresholdRule],
    ) -> Result<(Self, NewEvent), OwnThresholdsError> {
        let own_thresholds = self.own_thresholds.set(access, rules, self.balance_minor)?;
        let changed = Self { own_thresholds, version: self.version + 1, ..self.clone() };
        let set = OwnThresholdsSet { thresholds: rules.to_vec(), currency: self.currency };
        let event = changed.event(kinds::OwnThresholdsSet::of(set));
        Ok((changed, event))
    }

    /// The account's thresholds after another balance was recorded.
    fn with_thresholds_heard(self) -> Self {
        let balance = self.balance_minor;
        Self {
            threshold: self.threshold.map(|threshold| threshold.hear(balance)),
            own_thresholds: self.own_thresholds.hear(balance),
            ..self
        }
    }

    /// From when on something is to be told of one of its thresholds.
    #[must_use]
    pub fn due_at(&self) -> Option<UtcTime> {
        let companys = self.threshold.and_then(|threshold| threshold.due_at(self.balance_minor, self.as_of));
        companys.into_iter().chain(self.own_thresholds.due_at(self.balance_minor, self.as_of)).min()
    }

    /// Marks crossings as told, with an event for each; `None` if there is nothing to tell now.
    #[must_use]
    pub fn tell(&self, now: UtcTime) -> Option<(Self, Vec<NewEvent>)> {
        let (mut told, mut events) = (self.clone(), Vec::new());
        let balance = self.balance_minor;
        if let Some((threshold, crossing)) =
            self.threshold.and_then(|threshold| threshold.tell(balance, self.as_of, now))
        {
            events.push(self.crossed(crossing, threshold, None));
            told.threshold = Some(threshold);
        }
        let (own_thresholds, own) = self.own_thresholds.tell(balance, self.as_of, now);
        events.extend(own.iter().map(|(own, crossing)| self.crossed(*crossing, own.threshold, Some(own))));
        told.own_thresholds = own_thresholds;
        told.version += 1;
        (!events.is_empty()).then_some((told, events))
    }

    fn crossed(&self, crossing: Crossing, threshold: Threshold, own: Option<&OwnThreshold>) -> NewEvent {
        let payload = ThresholdCrossed {
            name: self.name.clone(),
            balance_minor: self.balance_minor,
            threshold_minor: threshold.rule.threshold_minor,
            currency: self.currency,
            as_of: self.as_of,
            user: own.map(|own| own.user.clone()),
        };
        self.event(match crossing {
            Crossing::Below => kinds::BalanceBelowThreshold::of(payload),
            Crossing::Recovered => kinds::BalanceRecovered::of(payload),
        })
    }

    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), payload)
    }
}

/// Payload of `bank_account.recorded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankAccountRecorded {
    /// The balance before, in minor units of `currency`; `null` for a new account.
    #[schema(required = true)]
    pub before_minor: Option<Balance>,
    /// The balance now, in minor units of `currency`.
    pub after_minor: Balance,
    /// The currency.
    pub currency: Currency,
    /// When the balance was true.
    pub as_of: UtcTime,
}

/// Payload of `threshold.set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThresholdSet {
    /// The threshold before, in minor units of `currency`; `null` for none.
    #[schema(required = true)]
    pub before_minor: Option<Balance>,
    /// The threshold now, in minor units of `currency`; `null` for none.
    #[schema(required = true)]
    pub after_minor: Option<Balance>,
    /// The currency.
    pub currency: Currency,
    /// When people were told before; absent for no threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_rule: Option<ThresholdRule>,
    /// When people are told now; absent for no threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_rule: Option<ThresholdRule>,
}

/// Payload of `balance.below_threshold` and `balance.recovered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThresholdCrossed {
    /// What people call the account.
    pub name: Name,
    /// The balance, in minor units of `currency`.
    pub balance_minor: Balance,
    /// The threshold, in minor units of `currency`.
    pub threshold_minor: Balance,
    /// The currency.
    pub currency: Currency,
    /// When the balance was true.
    pub as_of: UtcTime,
    /// Whose threshold it is; absent for the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{ledger_report::ReportOutcome, time::Zone};

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn reference() -> Reference {
        "MAIN".parse().unwrap()
    }

    fn balance(minor: i64, at: i64) -> BalanceReport {
        BalanceReport {
            name: "Main account".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            balance_minor: minor.try_into().unwrap(),
            as_of: UtcTime::from_unix_ms(at),
        }
    }

    fn send(known: Option<BankAccount>, sent: BalanceReport) -> Result<ReportOutcome<BankAccount>, BalanceError> {
        let now = sent.as_of;
        report((&company(), &reference()), known, Vec::new(), sent, (&Zone::utc(), now)).map(|done| done.outcome)
    }

    fn recorded(known: Option<BankAccount>, minor: i64, at: i64) -> BankAccount {
        match send(known, balance(minor, at)).unwrap() {
            ReportOutcome::Recorded(account, _)
            | ReportOutcome::Renumbered(account)
            | ReportOutcome::Unchanged(account)
            | ReportOutcome::Superseded(account) => account,
        }
    }

    proptest! {
        /// Proves: F13
        #[test]
        fn people_are_told_once_per_crossing(
            balances in prop::collection::vec(-100_i64..100, 1..40), threshold in -100_i64..100
        ) {
            let rule = ThresholdRule { pause_hours: 0, ..ThresholdRule::at(threshold.try_into().unwrap()) };
            let mut account = recorded(None, threshold, 0).set_threshold(Some(rule)).0;
            let (mut told, mut crossings, mut below) = (0, 0, false);
            for (at, minor) in balances.into_iter().enumerate() {
                account = recorded(Some(account), minor, i64::try_from(at).unwrap() + 1);
                if minor < threshold && !below {
                    crossings += 1;
                }
                below = minor < threshold;
                // The schedule fires twice for every report.
                for _ in 0..2 {
                    if let Some((next, events)) = account.tell(account.as_of) {
                        told += events.len();
                        account = next;
                    }
                }
            }
            prop_assert_eq!(told, crossings);
        }
    }

    /// Proves: O1
    #[test]
    fn the_crossing_keeps_its_time_while_the_balance_stays_below() {
        let threshold = |minor: i64| Some(ThresholdRule::at(minor.try_into().unwrap()));
        let at = |account: &BankAccount| account.fell_below_at().map(UtcTime::unix_ms);
        let account = recorded(None, 500, 1).set_threshold(threshold(400)).0;
        assert_eq!(at(&account), None);
        let below = recorded(Some(account), 399, 2);
        let still = recorded(Some(below.set_threshold(threshold(450)).0.tell(UtcTime::EPOCH).unwrap().0), 300, 3);
        assert_eq!(at(&still), Some(2));
        let again = recorded(Some(recorded(Some(still.clone()), 500, 4)), 1, 5);
        assert_eq!(at(&again), Some(5));
        assert_eq!(at(&still.set_threshold(None).0), None);
        assert_eq!(at(&recorded(None, 500, 7).set_threshold(threshold(501)).0), Some(7));
        // An account that fell before its crossing was kept.
        let older = BankAccount { below_since: None, ..still };
        assert_eq!((at(&older), at(&recorded(Some(older.clone()), 200, 9))), (Some(3), Some(3)));
    }

    #[test]
    fn a_report_that_arrives_late_does_not_overwrite_a_newer_one() {
        let newer = recorded(None, 500, 10);
        let late = send(Some(newer.clone()), balance(1, 9));
        assert_eq!(late, Ok(ReportOutcome::Superseded(newer)));
    }

    /// Proves: U7
    #[test]
    fn another_balance_at_the_same_time_is_refused_and_the_same_one_is_a_repeat() {
        let known = recorded(None, 500, 10);
        let send = |sent| send(Some(known.clone()), sent);
        assert_eq!(send(balance(500, 10)), Ok(ReportOutcome::Unchanged(known.clone())));
        let same_time = |field: &str| Err(BalanceError::SameTime { field: field.to_owned() });
        assert_eq!(send(balance(501, 10)), same_time("balance_minor"));
        let renamed = BalanceReport { name: "Savings".parse().unwrap(), ..balance(500, 10) };
        assert_eq!(send(renamed), same_time("name"));
    }

    /// Proves: F15
    #[test]
    fn a_report_from_the_future_is_refused_beyond_ten_minutes() {
        let now = UtcTime::EPOCH;
        assert_eq!(balance(1, 600_000).check_time(now), Ok(()));
        assert_eq!(balance(1, 600_001).check_time(now), Err(AheadOfTime));
        assert_eq!(balance(1, -600_000_000).check_time(now), Ok(()));
    }

    #[test]
    fn an_account_keeps_its_currency() {
        let known = recorded(None, 500, 10);
        let euros = known.currency;
        let dollars = BalanceReport { currency: "USD".parse().unwrap(), ..balance(1, 11) };
        assert_eq!(send(Some(known), dollars), Err(BalanceError::Currency(euros)));
    }

    #[test]
    fn a_threshold_set_above_the_balance_is_told_of() {
        let account = recorded(None, 500, 10);
        let (account, _) = account.set_threshold(Some(ThresholdRule::at(501.try_into().unwrap())));
        assert!(account.due_at().is_some() && account.is_below_threshold());
        let (cleared, _) = account.set_threshold(None);
        assert_eq!(cleared.tell(UtcTime::EPOCH), None);
        assert!(cleared.due_at().is_none() && !cleared.is_below_threshold());
    }

    #[test]
    fn each_threshold_that_is_crossed_is_told_of_to_those_whose_it_is() {
        let (mia, seat) = (crate::samples::user("mia"), crate::ActingAs::member(company(), None));
        let access = AccessRequirement::new(mia.clone(), seat, crate::Permission::BankView);
        let at = |minor: i64| ThresholdRule::at(minor.try_into().unwrap());
        let account = recorded(None, 500, 10).set_threshold(Some(at(400))).0;
        let account = account.set_own_thresholds(&access, &[at(450), at(300)]).unwrap().0;
        let account = recorded(Some(account), 399, 11);
        let (told, events) = account.tell(account.as_of).unwrap();
        let whose = |event: &NewEvent| event.clone().payload.into_data().get("user").cloned();
        assert_eq!(events.iter().map(whose).collect::<Vec<_>>(), [None, Some(serde_json::json!(mia))]);
        assert_eq!(told.tell(account.as_of), None);
        assert_eq!(told.version, account.version + 1);
        assert!(account.own_thresholds.keeping(|own| own.user != mia).rules(&access).is_empty());
    }
}
