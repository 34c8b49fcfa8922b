//! How an account follows its sources: it shows the newest balance of all of them.
//!
//! The account keeps the newest balance of each source, so a change of one needs no other's history. The ledger also says the
//! account's name and its currency. Which of its reports counts is decided among its reports alone: what a bank says later
//! makes none of them late.

use super::{
    BalanceReport, BankAccount, BankAccountRecorded,
    history::DayBalance,
    source::{AccountHistory, BalanceSource, BalancesOf, MonthBalances, SourceBalances},
};
use crate::{
    bank::BalanceError,
    event::{NewEvent, kinds},
    id::CompanyId,
    ledger_report::{ReportOutcome, first_difference},
    report::Month,
    text::Reference,
    threshold::OwnThresholds,
    time::{Day, UtcTime, Zone},
};

/// How far the day of a time may lie from that in UTC, in seconds: fourteen hours to the east.
const FARTHEST_ZONE_S: i64 = 14 * 3600;

/// An account has too many numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this account has {} numbers already", BankAccount::MAX_NUMBERS)]
pub struct TooManyNumbers;

/// The result of a report of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct BalanceRecording {
    /// The account.
    pub outcome: ReportOutcome<BankAccount>,
    /// The months to write: the one of the report, or none.
    pub months: Vec<MonthBalances>,
}

impl BalanceReport {
    /// The months one of which the report's day is in, wherever the company is.
    #[must_use]
    pub fn months_to_read(&self) -> Vec<Month> {
        let utc = Zone::utc();
        let days = [-FARTHEST_ZONE_S, FARTHEST_ZONE_S].map(|seconds| self.as_of.plus_s(seconds).day_in(&utc));
        let mut months: Vec<Month> = days.into_iter().map(Month::of).collect();
        months.dedup();
        months
    }
}

/// Records a balance report of the ledger, made where the company is. `months` are those of
/// [`BalanceReport::months_to_read`] that there are.
///
/// Reports may arrive late or twice: an older one fills its day in the history and changes nothing of the account. A correction
/// carries a later time. The account shows the newest balance of the history, which may be a statement's.
///
/// # Errors
/// [`BalanceError`].
pub fn report(
    (company, reference): (&CompanyId, &Reference),
    known: Option<BankAccount>,
    months: Vec<MonthBalances>,
    report: BalanceReport,
    (zone, now): (&Zone, UtcTime),
) -> Result<BalanceRecording, BalanceError> {
    let last = known.as_ref().map(BankAccount::ledgers_report);
    if let (Some(known), Some(last)) = (&known, &last) {
        if known.currency != report.currency {
            return Err(BalanceError::Currency(known.currency));
        }
        if report.as_of == last.as_of {
            return match first_difference(last, &report) {
                Some(field) => Err(BalanceError::SameTime { field }),
                None => Ok(BalanceRecording { outcome: ReportOutcome::Unchanged(known.clone()), months: Vec::new() }),
            };
        }
    }
    let (day, said) = report.day_balance(zone);
    let newest = known.as_ref().and_then(|known| known.newest_of(zone).remove(&BalanceSource::Ledger));
    let of = BalancesOf { company: company.clone(), bank_account: reference.clone() };
    let mut balances = SourceBalances::new(Some(of), BalanceSource::Ledger, newest, months);
    // The report was checked to be no more than minutes ahead, so its day is tomorrow at the latest.
    let today = now.day_in(zone).max(day);
    let _ = balances.add(day, &said, today);
    let months = balances.changed(&[Month::of(day)]);
    let outcome = match known {
        Some(known) if last.is_some_and(|last| report.as_of < last.as_of) => ReportOutcome::Superseded(known),
        known => {
            let before = known.unwrap_or_else(|| BankAccount::new(company, reference, &report));
            let reported = BankAccount { reported: Some(report), ..before };
            match reported.hear(BalanceSource::Ledger, balances.newest(), zone, now) {
                (account, Some(event)) => ReportOutcome::Recorded(account, event),
                (account, None) => ReportOutcome::Renumbered(account),
            }
        }
    };
    Ok(BalanceRecording { outcome, months })
}

impl BankAccount {
    /// The most numbers that are one account.
    pub const MAX_NUMBERS: usize = 6;

    /// An account before its first report.
    fn new(company: &CompanyId, reference: &Reference, report: &BalanceReport) -> Self {
        Self {
            company: company.clone(),
            reference: reference.clone(),
            name: report.name.clone(),
            currency: report.currency,
            balance_minor: report.balance_minor,
            as_of: report.as_of,
            reported: None,
            newest: Newest::new(),
            threshold: None,
            own_thresholds: OwnThresholds::default(),
            below_since: None,
            version: 0,
        }
    }

    /// What the ledger reported last. An account from before there were statements shows just that.
    fn ledgers_report(&self) -> BalanceReport {
        self.reported.clone().unwrap_or_else(|| self.shown())
    }

    /// The newest balance of each source.
    fn newest_of(&self, zone: &Zone) -> Newest {
        let mut newest = self.newest.clone();
        if self.reported.is_none() && self.version > 0 {
            newest.entry(BalanceSource::Ledger).or_insert_with(|| self.shown().day_balance(zone));
        }
        newest
    }

    /// How the months of its sources name it.
    #[must_use]
    pub fn of_balances(&self) -> BalancesOf {
        BalancesOf { company: self.company.clone(), bank_account: self.reference.clone() }
    }

    /// Whether it shows just what a report says.
    #[must_use]
    pub fn shows(&self, report: &BalanceReport) -> bool {
        self.shown() == *report
    }

    /// Whether one more number can be this account.
    ///
    /// # Errors
    /// [`TooManyNumbers`].
    pub fn check_room(&self) -> Result<(), TooManyNumbers> {
        let numbers = self.newest.keys().filter(|source| **source != BalanceSource::Ledger).count();
        if numbers < Self::MAX_NUMBERS { Ok(()) } else { Err(TooManyNumbers) }
    }

    /// The account after the newest balance of a source changed, or the source left, and the event if it shows another balance
    /// or name.
    #[must_use]
    pub fn hear(
        &self,
        source: BalanceSource,
        said: Option<(Day, DayBalance)>,
        zone: &Zone,
        now: UtcTime,
    ) -> (Self, Option<NewEvent>) {
        let reported = self.ledgers_report();
        let before = self.newest_of(zone);
        let mut newest = before.clone();
        match said {
            Some(said) => newest.insert(source, said),
            None => newest.remove(&source),
        };
        let shown = self.newest_shown(&reported, (&before, &newest), zone, now);
        let is_new = self.version == 0;
        let before_minor = (!is_new).then_some(self.balance_minor);
        let is_changed = is_new || shown != self.shown();
        let heard = Self {
            name: shown.name,
            balance_minor: shown.balance_minor,
            as_of: shown.as_of,
            reported: Some(reported),
            newest,
            version: self.version + 1,
            ..self.clone()
        }
        .with_thresholds_heard()
        .crossed_after(self);
        let event = is_changed.then(|| {
            heard.event(kinds::BankAccountRecorded::of(BankAccountRecorded {
                before_minor,
                after_minor: heard.balance_minor,
                currency: heard.currency,
                as_of: heard.as_of,
            }))
        });
        (heard, event)
    }

    /// What the account shows: the ledger's report as it was sent where that is the newest, else what the history says.
    fn newest_shown(
        &self,
        reported: &BalanceReport,
        (before, newest): (&Newest, &Newest),
        zone: &Zone,
        now: UtcTime,
    ) -> BalanceReport {
        let all = |newest: &Newest| {
            AccountHistory::of(newest.iter().map(|(source, (day, said))| (source, *day, said))).balances()
        };
        let history = all(newest);
        let of_ledger = reported.day_balance(zone);
        let is_ledgers = history.newest().is_some_and(|(day, said)| (day, said) == (of_ledger.0, &of_ledger.1));
        if is_ledgers {
            return reported.clone();
        }
        // A balance that stays has the time that it had.
        if self.version > 0 && all(before).newest() == history.newest() {
            return BalanceReport { name: reported.name.clone(), ..self.shown() };
        }
        let report = history.report(reported.name.clone(), self.currency, zone, now);
        report.unwrap_or_else(|| reported.clone())
    }
}

/// The newest day and balance of each source.
pub(super) type Newest = std::collections::BTreeMap<BalanceSource, (Day, DayBalance)>;
