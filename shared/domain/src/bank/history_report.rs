//! The ledger's reports and the statements of banks in one history.
//!
//! A report of the ledger is true at an instant, a statement for a day. In the history a report is an interim balance of the
//! day on which it was true, where the company is. So the bank's closing balance of a day counts more than the ledger's
//! reports of that day, and both count less than anything of a later day.

use super::{BalanceHistory, BalanceReport, Certainty, DayBalance};
use crate::{
    money::Currency,
    text::Name,
    time::{Day, UtcTime, Zone},
};

impl BalanceReport {
    /// What the report says of a day, for the history of its account.
    #[must_use]
    pub fn day_balance(&self, zone: &Zone) -> (Day, DayBalance) {
        let said = DayBalance::new(self.balance_minor, Certainty::Interim);
        let said = DayBalance { created_at: Some(self.as_of), ..said };
        (self.as_of.day_in(zone), said)
    }
}

impl BalanceHistory {
    /// The newest balance as a report: true at the end of its day where the company is, an interim one when it was made,
    /// neither later than now. `None` of an empty history.
    #[must_use]
    pub fn report(&self, name: Name, currency: Currency, zone: &Zone, now: UtcTime) -> Option<BalanceReport> {
        let (day, newest) = self.newest()?;
        let end = day.plus_days(1).at_hour(0, zone).plus_s(-1);
        let made_at = newest.created_at.filter(|_| newest.certainty == Certainty::Interim);
        let as_of = made_at.unwrap_or(end).min(end).min(now);
        Some(BalanceReport { name, currency, balance_minor: newest.balance_minor, as_of })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone() -> Zone {
        Zone::try_from("Europe/Lisbon".to_owned()).unwrap()
    }

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn of_ledger(minor: i64, as_of: &str) -> (Day, DayBalance) {
        let report = BalanceReport {
            name: "Main account".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            balance_minor: minor.try_into().unwrap(),
            as_of: at(as_of),
        };
        report.day_balance(&zone())
    }

    fn of_bank(minor: i64, on: &str) -> (Day, DayBalance) {
        let (_, said) = of_ledger(minor, "2026-01-01T00:00:00Z");
        (day(on), DayBalance { certainty: Certainty::Stated, created_at: None, ..said })
    }

    const NOW: &str = "2026-11-02T10:00:00Z";

    fn reported(said: &[(Day, DayBalance)]) -> BalanceReport {
        let mut history = BalanceHistory::default();
        for (on, balance) in said {
            history.add(*on, balance, at(NOW).day_in(&zone())).unwrap();
        }
        history.report("Main account".parse().unwrap(), "EUR".parse().unwrap(), &zone(), at(NOW)).unwrap()
    }

    /// Proves: U42
    #[test]
    fn the_banks_closing_balance_outranks_the_ledgers_reports_of_that_day_and_no_later_one() {
        let closed = of_bank(700, "2026-10-31");
        let during = of_ledger(650, "2026-10-31T20:00:00Z");
        let report = reported(&[closed.clone(), during]);
        assert_eq!((report.balance_minor.minor(), report.as_of), (700, at("2026-10-31T23:59:59Z")));
        let after = of_ledger(650, "2026-11-01T00:30:00Z");
        let report = reported(&[after, closed]);
        assert_eq!((report.balance_minor.minor(), report.as_of), (650, at("2026-11-01T00:30:00Z")));
    }

    #[test]
    fn a_balance_of_today_is_not_dated_ahead() {
        assert_eq!(reported(&[of_bank(700, "2026-11-02")]).as_of, at(NOW));
    }

    proptest! {
        /// Proves: U42
        #[test]
        fn reports_and_statements_in_any_order_end_in_the_same_balance(
            (said, shuffled) in prop::collection::vec((0_i32..3, -50_i64..50, prop::option::of(0_u32..24)), 1..10)
                .prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle()))
        ) {
            let balances = |said: &[(i32, i64, Option<u32>)]| {
                let one = |(on, minor, hour): &(i32, i64, Option<u32>)| {
                    let on = day("2026-10-25").plus_days(*on);
                    hour.map_or_else(
                        || of_bank(*minor, &on.to_string()),
                        |hour| of_ledger(*minor, &format!("{on}T{hour:02}:00:00Z")),
                    )
                };
                said.iter().map(one).collect::<Vec<_>>()
            };
            prop_assert_eq!(reported(&balances(&said)), reported(&balances(&shuffled)));
        }
    }
}
