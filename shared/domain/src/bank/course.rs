//! The course of an account's balance over a period, for a chart: as few points as say all of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    BankAccount,
    source::{AccountHistory, MonthBalances},
};
use crate::{money::Balance, time::Day};

/// A balance from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BalancePoint {
    /// The day.
    pub day: Day,
    /// The balance at its end, in minor units of the account's currency.
    pub balance_minor: Balance,
}

impl BankAccount {
    /// What all sources say of the account: in the months that were read, and the newest balance of each.
    #[must_use]
    pub fn history<'a>(&'a self, months: impl IntoIterator<Item = &'a MonthBalances>) -> AccountHistory {
        let days = months.into_iter().flat_map(|month| month.days.days().map(|(day, said)| (&month.source, day, said)));
        let newest = self.newest.iter().map(|(source, (day, said))| (source, *day, said));
        AccountHistory::of(days.chain(newest))
    }
}

/// The course of a balance from one day to another, both included: the first point is on the first day, where the balance of
/// that day is known, and each further one is a day on which it changed.
///
/// `known_since` is the first day of which all sources were read. What a source said before says nothing of the first day,
/// unless nothing is newer: another source may have said something later.
#[must_use]
pub fn course(history: &AccountHistory, known_since: Day, from: Day, until: Day) -> Vec<BalancePoint> {
    let balances = history.balances();
    let newest = balances.newest().map(|(day, _)| day);
    let before = balances.at(from).filter(|(day, _)| *day >= known_since || Some(*day) == newest);
    let before = before.map(|(_, said)| BalancePoint { day: from, balance_minor: said.balance_minor });
    let mut points: Vec<BalancePoint> = before.into_iter().collect();
    for (day, said) in balances.between(from, until) {
        if points.last().is_none_or(|last| last.balance_minor != said.balance_minor) {
            points.push(BalancePoint { day, balance_minor: said.balance_minor });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bank::{BalanceSource, DayBalance, history::said};

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn history(days: &[(Day, i64)]) -> AccountHistory {
        let said: Vec<(Day, DayBalance)> = days.iter().map(|(day, minor)| (*day, said(*minor))).collect();
        AccountHistory::of(said.iter().map(|(day, said)| (&BalanceSource::Ledger, *day, said)))
    }

    fn points(days: &[(&str, i64)], known_since: &str) -> Vec<(String, i64)> {
        let days: Vec<(Day, i64)> = days.iter().map(|(on, minor)| (day(on), *minor)).collect();
        let points = course(&history(&days), day(known_since), day("2026-09-01"), day("2026-11-30"));
        points.into_iter().map(|point| (point.day.to_string(), point.balance_minor.minor())).collect()
    }

    /// Proves: DB2
    #[test]
    fn a_course_begins_with_what_was_known_before_and_leaves_out_days_on_which_nothing_changed() {
        let known = [("2026-08-30", 5), ("2026-09-10", 5), ("2026-09-11", 7), ("2026-09-12", 7), ("2026-12-01", 9)];
        assert_eq!(points(&known, "2026-08-01"), [("2026-09-01".to_owned(), 5), ("2026-09-11".to_owned(), 7)]);
    }

    /// Proves: DB2
    #[test]
    fn a_balance_from_before_the_days_that_were_read_begins_no_course_unless_it_is_the_newest() {
        let known = [("2026-06-30", 5), ("2026-09-10", 7)];
        assert_eq!(points(&known, "2026-08-01"), [("2026-09-10".to_owned(), 7)]);
        assert_eq!(points(&known[..1], "2026-08-01"), [("2026-09-01".to_owned(), 5)]);
        assert_eq!(points(&[], "2026-08-01"), []);
    }

    proptest! {
        /// Proves: DB2
        #[test]
        fn a_course_says_of_each_day_what_the_history_says(
            days in prop::collection::btree_map(0_i32..120, -3_i64..3, 0..40)
        ) {
            let (from, until) = (day("2026-09-01"), day("2026-11-30"));
            let first = from.plus_days(-20);
            let days: Vec<(Day, i64)> = days.into_iter().map(|(after, minor)| (first.plus_days(after), minor)).collect();
            let history = history(&days);
            let points = course(&history, first, from, until);
            for after in 0..=from.days_until(until) {
                let on = from.plus_days(after);
                let drawn = points.iter().rev().find(|point| point.day <= on).map(|point| point.balance_minor);
                prop_assert_eq!(drawn, history.balances().at(on).map(|(_, said)| said.balance_minor));
            }
            prop_assert!(points.iter().all(|point| (from..=until).contains(&point.day)));
        }
    }
}
