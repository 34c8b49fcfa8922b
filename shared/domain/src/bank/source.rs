//! Who said the balances of an account: its ledger, or the statements of one number. Each source has a history of its own,
//! kept by calendar month; an account's history is all of them together.
//!
//! A number that is known to belong to an account takes its months there, and takes them away again when it moves to another
//! account. So days that were read before count from then on, and a wrong choice can be put right.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    account_number::AccountNumber,
    history::{Added, BalanceHistory, DayAhead, DayBalance, Gap, KEPT_DAYS},
};
use crate::{id::CompanyId, money::Currency, report::Month, text::Reference, time::Day};

/// The id of a bank's number of an account in one currency: the SHA-256 of both, 64 lower-case hexadecimal digits. So a number
/// stands in no path and no log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct NumberId(String);

/// Text that is no id of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits, as the list of numbers shows them as `id`")]
pub struct NumberIdError;

impl NumberId {
    /// The id of a number in a currency.
    #[must_use]
    pub fn of(number: &AccountNumber, currency: Currency) -> Self {
        let (bank, number) = match number {
            AccountNumber::Iban(iban) => ("iban", iban.as_str()),
            AccountNumber::Own { bank: Some(bank), number } => (bank.as_str(), number.as_str()),
            AccountNumber::Own { bank: None, number } => ("", number.as_str()),
        };
        // None of the three has a line break.
        let named = format!("{bank}\n{number}\n{}", currency.code());
        Self(Sha256::digest(named).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NumberId {
    type Err = NumberIdError;

    fn from_str(text: &str) -> Result<Self, NumberIdError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(is_digit) { Ok(Self(text.to_owned())) } else { Err(NumberIdError) }
    }
}

impl TryFrom<String> for NumberId {
    type Error = NumberIdError;

    fn try_from(text: String) -> Result<Self, NumberIdError> {
        text.parse()
    }
}

impl From<NumberId> for String {
    fn from(id: NumberId) -> Self {
        id.0
    }
}

impl fmt::Display for NumberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who says balances of an account; written `ledger`, or as the id of a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum BalanceSource {
    /// The ledger's reports.
    Ledger,
    /// The statements of a number.
    Number(NumberId),
}

const LEDGER: &str = "ledger";

impl TryFrom<String> for BalanceSource {
    type Error = NumberIdError;

    fn try_from(text: String) -> Result<Self, NumberIdError> {
        if text == LEDGER { Ok(Self::Ledger) } else { text.try_into().map(Self::Number) }
    }
}

impl From<BalanceSource> for String {
    fn from(source: BalanceSource) -> Self {
        source.to_string()
    }
}

impl fmt::Display for BalanceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger => f.write_str(LEDGER),
            Self::Number(id) => fmt::Display::fmt(id, f),
        }
    }
}

/// The bank account for which balances count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancesOf {
    /// The company.
    pub company: CompanyId,
    /// The account.
    pub bank_account: Reference,
}

/// What one source said of the days of a calendar month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthBalances {
    /// The bank account; `None` of a number that is no account's, and of months from before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<BalancesOf>,
    /// The source.
    pub source: BalanceSource,
    /// The month.
    pub month: Month,
    /// Its days.
    pub days: BalanceHistory,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl MonthBalances {
    /// The version that was read before this change; `None` of a month that is new.
    #[must_use]
    pub fn expected(&self) -> Option<u64> {
        self.version.checked_sub(1).filter(|read| *read > 0)
    }

    /// The same month as it is written for a bank account that has nothing of it yet.
    #[must_use]
    pub fn anew(&self, of: BalancesOf) -> Self {
        Self { of: Some(of), version: 1, ..self.clone() }
    }
}

/// What a source has, as far as it was read, with what is added.
#[derive(Debug, Clone)]
pub struct SourceBalances {
    of: Option<BalancesOf>,
    source: BalanceSource,
    read: BTreeMap<Month, MonthBalances>,
    history: BalanceHistory,
}

impl SourceBalances {
    /// From the newest balance and the months that [`months_to_read`](Self::months_to_read) names, those that there are. They
    /// count for this bank account, or for none.
    #[must_use]
    pub fn new(
        of: Option<BalancesOf>,
        source: BalanceSource,
        newest: Option<(Day, DayBalance)>,
        months: impl IntoIterator<Item = MonthBalances>,
    ) -> Self {
        let read: BTreeMap<Month, MonthBalances> = months.into_iter().map(|month| (month.month, month)).collect();
        let days = read.values().flat_map(|month| month.days.days());
        let history = newest.into_iter().chain(days.map(|(day, said)| (day, said.clone()))).collect();
        Self { of, source, read, history }
    }

    /// The months that must be read before these days are added: no more than are kept, 26 at the most.
    #[must_use]
    pub fn months_to_read(newest: Option<Day>, days: impl IntoIterator<Item = Day>) -> Vec<Month> {
        let mut days: Vec<Day> = days.into_iter().collect();
        let Some(last) = days.iter().copied().chain(newest).max() else { return Vec::new() };
        days.retain(|day| *day >= last.plus_days(-KEPT_DAYS));
        let mut months: Vec<Month> = days.into_iter().map(Month::of).collect();
        months.sort_unstable();
        months.dedup();
        months
    }

    /// Every month of which something may be kept: up to that of the newest day, 26 of them.
    #[must_use]
    pub fn kept_months(newest: Day) -> Vec<Month> {
        let mut months: Vec<Month> =
            (0..=KEPT_DAYS).step_by(28).map(|days| Month::of(newest.plus_days(-days))).collect();
        months.push(Month::of(newest.plus_days(-KEPT_DAYS)));
        months.dedup();
        months
    }

    /// Adds what is said of a day, as [`BalanceHistory::add`].
    ///
    /// # Errors
    /// [`DayAhead`].
    pub fn add(&mut self, day: Day, said: &DayBalance, today: Day) -> Result<Added, DayAhead> {
        self.history.add(day, said, today)
    }

    /// The newest day and its balance.
    #[must_use]
    pub fn newest(&self) -> Option<(Day, DayBalance)> {
        self.history.newest().map(|(day, said)| (day, said.clone()))
    }

    /// The months among these that differ from what was read, as they are to be written.
    #[must_use]
    pub fn changed(&self, months: &[Month]) -> Vec<MonthBalances> {
        let written = months.iter().filter_map(|month| {
            let now: BalanceHistory = self
                .history
                .between(month.first_day(), month.last_day())
                .map(|(day, said)| (day, said.clone()))
                .collect();
            let read = self.read.get(month);
            if read.map_or(now.is_empty(), |read| read.days == now) {
                return None;
            }
            let version = read.map_or(1, |read| read.version + 1);
            let (of, source) = (self.of.clone(), self.source.clone());
            Some(MonthBalances { of, source, month: *month, days: now, version })
        });
        written.collect()
    }
}

/// The history of an account: what all its sources said, and for each day who said what counts.
#[derive(Debug, Clone, Default)]
pub struct AccountHistory {
    days: BTreeMap<Day, (DayBalance, BalanceSource)>,
    /// Without the ledger's reports, which open with no balance.
    statements: BalanceHistory,
}

impl AccountHistory {
    /// Puts together what sources said. What is older than two years before the newest day is left out.
    #[must_use]
    pub fn of<'b>(said: impl IntoIterator<Item = (&'b BalanceSource, Day, &'b DayBalance)>) -> Self {
        let mut history = Self::default();
        let mut statements = BTreeMap::new();
        for (source, day, balance) in said {
            let best = match history.days.remove(&day) {
                None => (balance.clone(), source.clone()),
                Some((known, by)) => {
                    let best = known.clone().better(balance);
                    let is_known = DayBalance { contradicted: known.contradicted, ..best.clone() } == known;
                    (best, if is_known { by } else { source.clone() })
                }
            };
            history.days.insert(day, best);
            if *source != BalanceSource::Ledger {
                let best = match statements.remove(&day) {
                    None => balance.clone(),
                    Some(known) => DayBalance::better(known, balance),
                };
                statements.insert(day, best);
            }
        }
        if let Some((newest, _)) = history.days.last_key_value() {
            let first = newest.plus_days(-KEPT_DAYS);
            history.days = history.days.split_off(&first);
            statements = statements.split_off(&first);
        }
        history.statements = statements.into_iter().collect();
        history
    }

    /// The known days from one to another, both included, in order, each with its source.
    pub fn between(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, &DayBalance, &BalanceSource)> {
        let known = self.days.iter().filter(move |(day, _)| (from..=to).contains(*day));
        known.map(|(day, (balance, source))| (*day, balance, source))
    }

    /// Between which days statements are missing; see [`BalanceHistory::gaps`]. The ledger's reports close none.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        self.statements.gaps()
    }

    /// The balances alone.
    #[must_use]
    pub fn balances(&self) -> BalanceHistory {
        self.days.iter().map(|(day, (balance, _))| (*day, balance.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{bank::Certainty, time::UtcTime};

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn said(minor: i64, certainty: Certainty, at: i64) -> DayBalance {
        let said = DayBalance::new(minor.try_into().unwrap(), certainty);
        DayBalance { created_at: Some(UtcTime::from_unix_ms(at)), ..said }
    }

    fn number(n: u8) -> BalanceSource {
        let number = AccountNumber::Own { bank: None, number: n.to_string().parse().unwrap() };
        BalanceSource::Number(NumberId::of(&number, "EUR".parse().unwrap()))
    }

    #[test]
    fn a_number_has_another_id_in_another_currency_and_at_another_bank() {
        let own = |bank: Option<&str>, number: &str| AccountNumber::Own {
            bank: bank.map(|bank| bank.parse().unwrap()),
            number: number.parse().unwrap(),
        };
        let id = |number: &AccountNumber, currency: &str| NumberId::of(number, currency.parse().unwrap());
        let ids = [
            id(&AccountNumber::Iban("DE89370400440532013000".parse().unwrap()), "EUR"),
            id(&AccountNumber::Iban("DE89370400440532013000".parse().unwrap()), "USD"),
            id(&own(None, "DE89370400440532013000"), "EUR"),
            id(&own(Some("10"), "12"), "EUR"),
            id(&own(Some("1"), "012"), "EUR"),
        ];
        for (n, one) in ids.iter().enumerate() {
            assert!(ids.iter().skip(n + 1).all(|other| one != other), "{one}");
            assert_eq!(one.as_str().parse(), Ok(one.clone()));
        }
        assert_eq!("ABC".parse::<NumberId>(), Err(NumberIdError));
    }

    #[test]
    fn the_months_of_two_years_are_26_at_the_most() {
        for newest in ["2026-11-30", "2026-03-01", "2028-02-29", "2026-01-31"] {
            let months = SourceBalances::kept_months(day(newest));
            assert!(months.len() <= 26, "{newest}: {}", months.len());
            let all = (0..=KEPT_DAYS).map(|days| Month::of(day(newest).plus_days(-days)));
            assert!(all.into_iter().all(|month| months.contains(&month)), "{newest}");
        }
        let old = SourceBalances::months_to_read(Some(day("2026-11-30")), [day("2026-11-01"), day("2023-01-01")]);
        assert_eq!(old, [Month::of(day("2026-11-01"))]);
    }

    /// Proves: U43
    #[test]
    fn the_ledgers_reports_close_no_gap_and_open_none() {
        let closes = |minor, opening: i64| DayBalance {
            opening_minor: Some(opening.try_into().unwrap()),
            ..said(minor, Certainty::Stated, 1)
        };
        let (bank, ledger) = (number(1), BalanceSource::Ledger);
        let (first, second) = (closes(100, 0), closes(70, 100));
        let between = said(85, Certainty::Interim, 5);
        let all = [
            (&bank, day("2026-10-01"), &first),
            (&ledger, day("2026-10-02"), &between),
            (&bank, day("2026-10-03"), &second),
        ];
        let history = AccountHistory::of(all);
        assert_eq!(history.gaps(), []);
        let sources: Vec<&BalanceSource> =
            history.between(day("2026-10-01"), day("2026-10-03")).map(|(.., source)| source).collect();
        assert_eq!(sources, [&bank, &ledger, &bank]);
    }

    /// What the table keeps of a source.
    type Kept = (Option<(Day, DayBalance)>, BTreeMap<Month, MonthBalances>);

    proptest! {
        /// Proves: U43
        #[test]
        fn balances_kept_by_source_and_month_are_those_of_one_history(
            all in prop::collection::vec((0_i32..900, 0_u8..3, -5_i64..5, any::<bool>(), 0_i64..3), 1..25)
                .prop_flat_map(|all| Just(all).prop_shuffle())
        ) {
            let today = day("2026-11-30");
            let mut one = BalanceHistory::default();
            let mut sources: BTreeMap<u8, Kept> = BTreeMap::new();
            for (before, n, minor, stated, at) in all {
                let on = today.plus_days(-before);
                let balance = said(minor, if stated { Certainty::Stated } else { Certainty::Interim }, at);
                one.add(on, &balance, today).unwrap();
                let (newest, months) = sources.entry(n).or_default();
                let read = SourceBalances::months_to_read(newest.as_ref().map(|(day, _)| *day), [on]);
                let found: Vec<MonthBalances> = read.iter().filter_map(|month| months.get(month).cloned()).collect();
                let mut source = SourceBalances::new(None, number(n), newest.clone(), found);
                source.add(on, &balance, today).unwrap();
                *newest = source.newest();
                for month in source.changed(&read) {
                    prop_assert_eq!(month.expected(), months.get(&month.month).map(|month| month.version));
                    months.insert(month.month, month);
                }
            }
            let months = sources.values().flat_map(|(_, months)| months.values());
            let days = months.flat_map(|month| month.days.days().map(|(day, said)| (&month.source, day, said)));
            prop_assert_eq!(AccountHistory::of(days).balances(), one);
        }
    }
}
