//! Bank balances and the thresholds below which people are notified.
//!
//! A crossing is the move from at-or-above the threshold to below it. It is noticed in the same change that records
//! the balance, so concurrent reports make one crossing; the scheduled run notifies of each crossing once.

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
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org},
    money::{Balance, Currency},
    text::{Name, Reference},
    time::{Day, UtcTime},
};

/// The state of an account's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// At or above the threshold, or there is none.
    Clear,
    /// Below, and nobody has been notified of this crossing yet.
    Due,
    /// Below, and people were notified.
    Told,
}

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
    /// Below this balance, people are notified; in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_minor: Option<Balance>,
    /// The state of its threshold.
    pub alert: Alert,
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

/// How far ahead of ours a ledger's clock may be, in seconds.
const MAX_AHEAD_S: i64 = 10 * 60;

/// A report from the future would block all reports until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is more than {} minutes ahead", MAX_AHEAD_S / 60)]
pub struct AheadOfTime;

impl BalanceReport {
    /// Whether the balance can have been true by now.
    ///
    /// # Errors
    /// [`AheadOfTime`] when it is dated more than ten minutes ahead.
    pub fn check_time(&self, now: UtcTime) -> Result<(), AheadOfTime> {
        if self.as_of > now.plus_s(MAX_AHEAD_S) { Err(AheadOfTime) } else { Ok(()) }
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

fn alert(before: Alert, balance: Balance, threshold: Option<Balance>) -> Alert {
    match threshold {
        Some(threshold) if balance < threshold => match before {
            Alert::Clear => Alert::Due,
            Alert::Due | Alert::Told => before,
        },
        Some(_) | None => Alert::Clear,
    }
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

    /// Whether the balance is below the threshold, notified or not.
    #[must_use]
    pub fn is_below_threshold(&self) -> bool {
        self.threshold_minor.is_some_and(|threshold| self.balance_minor < threshold)
    }

    /// Sets or clears the threshold. Setting one above the present balance is a crossing.
    #[must_use]
    pub fn set_threshold(&self, threshold_minor: Option<Balance>) -> (Self, NewEvent) {
        // A new threshold can be crossed anew: a notification about the old one does not count.
        let before = if threshold_minor == self.threshold_minor { self.alert } else { Alert::Clear };
        let changed = Self {
            threshold_minor,
            alert: alert(before, self.balance_minor, threshold_minor),
            version: self.version + 1,
            ..self.clone()
        };
        let event = changed.event(kinds::ThresholdSet::of(ThresholdSet {
            before_minor: self.threshold_minor,
            after_minor: threshold_minor,
            currency: self.currency,
        }));
        (changed, event)
    }

    /// Marks a crossing as notified; `None` if there is no crossing to notify of.
    #[must_use]
    pub fn tell(&self) -> Option<(Self, NewEvent)> {
        if self.alert != Alert::Due {
            return None;
        }
        let told = Self { alert: Alert::Told, version: self.version + 1, ..self.clone() };
        let event = told.event(kinds::BalanceBelowThreshold::of(BalanceBelowThreshold {
            name: self.name.clone(),
            balance_minor: self.balance_minor,
            threshold_minor: self.threshold_minor,
            currency: self.currency,
            as_of: self.as_of,
        }));
        Some((told, event))
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
}

/// Payload of `balance.below_threshold`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BalanceBelowThreshold {
    /// What people call the account.
    pub name: Name,
    /// The balance, in minor units of `currency`.
    pub balance_minor: Balance,
    /// The threshold, in minor units of `currency`.
    #[schema(required = true)]
    pub threshold_minor: Option<Balance>,
    /// The currency.
    pub currency: Currency,
    /// When the balance was true.
    pub as_of: UtcTime,
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
            let mut account = recorded(None, threshold, 0)
                .set_threshold(Some(threshold.try_into().unwrap())).0;
            let (mut told, mut crossings, mut below) = (0, 0, false);
            for (at, minor) in balances.into_iter().enumerate() {
                account = recorded(Some(account), minor, i64::try_from(at).unwrap() + 1);
                if minor < threshold && !below {
                    crossings += 1;
                }
                below = minor < threshold;
                // The schedule fires twice for every report.
                for _ in 0..2 {
                    if let Some((next, _)) = account.tell() {
                        told += 1;
                        account = next;
                    }
                }
            }
            prop_assert_eq!(told, crossings);
        }
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
        let (account, _) = account.set_threshold(Some(501.try_into().unwrap()));
        assert_eq!(account.alert, Alert::Due);
        assert!(account.is_below_threshold());
        let (cleared, _) = account.set_threshold(None);
        assert_eq!(cleared.tell(), None);
        assert!(!cleared.is_below_threshold());
    }
}
