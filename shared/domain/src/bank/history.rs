//! The booked closing balances of one account, day by day.
//!
//! Statements arrive late, twice, corrected and in any order. What is known of a day is the best of what was ever said of
//! it, and "better" is a total order: so the same statements end in the same history, however they arrive.
//!
//! This module must never know which format a statement had.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    money::Balance,
    time::{Day, UtcTime},
};

/// For how many days before the newest one balances are kept: two years.
pub const KEPT_DAYS: i32 = 731;

/// How far a statement's day may lie after today: banks east of us are a day ahead.
const MAX_DAYS_AHEAD: i32 = 1;

/// After how many days without a statement something is taken to be missing, where statements say neither their opening
/// balance nor their period. A long weekend with a holiday has four.
const MAX_SILENT_DAYS: i32 = 5;

/// How sure a closing balance is; the surer one counts, whenever it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A balance within the day, by the bank or the ledger.
    Interim,
    /// The opening balance and the booked entries added up, where the bank states no closing balance.
    Computed,
    /// The booked closing balance that the bank states.
    Stated,
}

/// What a statement says of one day's end.
///
/// Each account has one for each day of two years, and the dashboard reads 90 of them: so the names that are stored are short,
/// and what is not so is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayBalance {
    /// The booked balance at the end of the day, in minor units of the account's currency.
    #[serde(rename = "b", alias = "balance_minor")]
    pub balance_minor: Balance,
    /// How sure it is.
    #[serde(rename = "c", alias = "certainty")]
    pub certainty: Certainty,
    /// Whether a duplicate of an earlier statement said it: it fills a day that is not known, and corrects none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub duplicate: bool,
    /// When the bank made the statement.
    #[serde(rename = "at", alias = "created_at", default, skip_serializing_if = "Option::is_none", with = "made_at")]
    pub created_at: Option<UtcTime>,
    /// The statement's number, which grows.
    #[serde(rename = "n", alias = "sequence", default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// The booked balance before the first entry of the statement.
    #[serde(rename = "o", alias = "opening_minor", default, skip_serializing_if = "Option::is_none")]
    pub opening_minor: Option<Balance>,
    /// The first day of the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Whether two statements of the same rank say different balances. The lower one is kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contradicted: bool,
}

/// An instant as a number of milliseconds, which takes a fifth of the bytes of its text in the table. Before, it was stored as
/// text, which is read too.
mod made_at {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::UtcTime;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        UnixMs(i64),
        Text(UtcTime),
    }

    #[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
    pub(super) fn serialize<S: Serializer>(at: &Option<UtcTime>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(UtcTime::unix_ms).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UtcTime>, D::Error> {
        let stored = Option::<Stored>::deserialize(deserializer)?;
        Ok(stored.map(|stored| match stored {
            Stored::UnixMs(unix_ms) => UtcTime::from_unix_ms(unix_ms),
            Stored::Text(at) => at,
        }))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
const fn is_false(said: &bool) -> bool {
    !*said
}

impl DayBalance {
    /// A balance of which nothing more is known than how certain it is.
    #[must_use]
    pub const fn new(balance_minor: Balance, certainty: Certainty) -> Self {
        Self {
            balance_minor,
            certainty,
            duplicate: false,
            created_at: None,
            sequence: None,
            opening_minor: None,
            from: None,
            contradicted: false,
        }
    }

    /// The order in which statements of one day count: the last one wins.
    fn rank(&self) -> (Certainty, bool, Option<UtcTime>, Option<u64>) {
        (self.certainty, !self.duplicate, self.created_at, self.sequence)
    }

    /// The better of two: a commutative, associative and idempotent choice.
    pub(super) fn better(self, other: &Self) -> Self {
        match self.rank().cmp(&other.rank()) {
            std::cmp::Ordering::Less => other.clone(),
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                let contradicted = self.contradicted || other.contradicted || self.balance_minor != other.balance_minor;
                // The lower balance, then whatever says more about the days before.
                let by = |of: &Self| (of.balance_minor, std::cmp::Reverse((of.opening_minor, of.from)));
                let kept = if by(other) < by(&self) { other.clone() } else { self };
                Self { contradicted, ..kept }
            }
        }
    }
}

/// The result of adding a statement's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is the newest balance of the account now.
    Newest,
    /// It corrects the newest balance of the account.
    CorrectsNewest,
    /// It fills or corrects an earlier day. The account's present balance stays.
    Earlier,
    /// It was known.
    Known,
    /// Something newer or surer is known of its day, and nothing changes.
    Older,
    /// Its day is before those that are kept, and nothing changes.
    NotKept,
}

/// A day that lies ahead would make all others too old to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is more than a day ahead")]
pub struct DayAhead;

/// Days that a statement is missing for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// The last day known before.
    pub after: Day,
    /// The first day known again.
    pub before: Day,
    /// How much the balance changed in between, in minor units, where a statement says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_minor: Option<i64>,
}

/// The booked closing balance of each day of one account in one currency, for two years.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BalanceHistory {
    days: BTreeMap<Day, DayBalance>,
}

impl BalanceHistory {
    /// Adds what a statement says of a day.
    ///
    /// # Errors
    /// [`DayAhead`] for a day after tomorrow or later.
    pub fn add(&mut self, day: Day, said: &DayBalance, today: Day) -> Result<Added, DayAhead> {
        if today.days_until(day) > MAX_DAYS_AHEAD {
            return Err(DayAhead);
        }
        let newest = self.days.last_key_value().map(|(newest, _)| *newest);
        if newest.is_some_and(|newest| day < first_kept(newest)) {
            return Ok(Added::NotKept);
        }
        let known = self.days.get(&day);
        let best = known.map_or_else(|| said.clone(), |known| said.clone().better(known));
        if known == Some(&best) {
            return Ok(if known == Some(said) { Added::Known } else { Added::Older });
        }
        let added = match newest {
            Some(newest) if day < newest => Added::Earlier,
            Some(newest) if day == newest => Added::CorrectsNewest,
            Some(_) | None => Added::Newest,
        };
        self.days.insert(day, best);
        if added == Added::Newest {
            self.days = self.days.split_off(&first_kept(day));
        }
        Ok(added)
    }

    /// The newest day and its balance.
    #[must_use]
    pub fn newest(&self) -> Option<(Day, &DayBalance)> {
        self.days.last_key_value().map(|(day, balance)| (*day, balance))
    }

    /// Every known day, in order.
    pub fn days(&self) -> impl Iterator<Item = (Day, &DayBalance)> {
        self.days.iter().map(|(day, balance)| (*day, balance))
    }

    /// Whether no day is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The known days from one day to another, both included, in order.
    pub fn between(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, &DayBalance)> {
        self.days.iter().filter(move |(day, _)| (from..=to).contains(*day)).map(|(day, balance)| (*day, balance))
    }

    /// The balance at the end of a day: that of the last known day up to it. `None` before the first.
    #[must_use]
    pub fn at(&self, day: Day) -> Option<(Day, &DayBalance)> {
        self.days.range(..=day).next_back().map(|(day, balance)| (*day, balance))
    }

    /// Between which days statements are missing, in order.
    ///
    /// Two neighbours have nothing between them when the later one opens with the balance with which the earlier one
    /// closed. Where the later one states no opening balance, its period must begin on the next day at the latest. Where it
    /// states no period either, more than five days are a gap.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let neighbours = self.days.iter().zip(self.days.iter().skip(1));
        neighbours
            .filter_map(|((after, closed), (before, next))| {
                let gap = |change_minor| Some(Gap { after: *after, before: *before, change_minor });
                let change = next.opening_minor.map(|opening| opening.minor() - closed.balance_minor.minor());
                match (change, next.from) {
                    (Some(0), _) => None,
                    // One statement that tells of several days has one opening balance, which is before all of them.
                    (_, Some(from)) if from <= *after => None,
                    (Some(change), _) => gap(Some(change)),
                    (None, Some(from)) if after.days_until(from) <= 1 => None,
                    (None, Some(_)) => gap(None),
                    (None, None) if after.days_until(*before) <= MAX_SILENT_DAYS => None,
                    (None, None) => gap(None),
                }
            })
            .collect()
    }
}

/// Puts a history together from parts that were stored apart. [`BalanceHistory::add`] needs the part with the newest day and
/// those with the days that are added.
impl FromIterator<(Day, DayBalance)> for BalanceHistory {
    fn from_iter<T: IntoIterator<Item = (Day, DayBalance)>>(days: T) -> Self {
        Self { days: days.into_iter().collect() }
    }
}

/// The first day that is kept beside a newest one.
fn first_kept(newest: Day) -> Day {
    newest.plus_days(-KEPT_DAYS)
}

/// A balance that a source states, for tests.
#[cfg(test)]
pub(super) fn said(minor: i64) -> DayBalance {
    DayBalance::new(minor.try_into().unwrap(), Certainty::Stated)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn made_at(minor: i64, at: i64) -> DayBalance {
        DayBalance { created_at: Some(UtcTime::from_unix_ms(at)), ..said(minor) }
    }

    /// Proves: U43
    #[test]
    fn a_balance_that_was_stored_under_longer_names_is_read() {
        let stored = serde_json::json!({
            "balance_minor": 700, "certainty": "stated", "duplicate": false, "created_at": "2026-10-30T20:00:00.000Z",
            "sequence": 205, "opening_minor": 600, "from": "2026-10-29", "contradicted": true,
        });
        let read: DayBalance = serde_json::from_value(stored).unwrap();
        assert_eq!((read.balance_minor.minor(), read.sequence, read.contradicted), (700, Some(205), true));
        let again = serde_json::to_value(&read).unwrap();
        assert!(again.get("balance_minor").is_none(), "{again}");
        assert_eq!(again["at"], 1_793_390_400_000_i64, "{again}");
        assert_eq!(serde_json::from_value::<DayBalance>(again).unwrap(), read);
    }

    const TODAY: &str = "2026-11-30";

    fn history(said: &[(&str, DayBalance)]) -> BalanceHistory {
        let mut history = BalanceHistory::default();
        for (on, balance) in said {
            history.add(day(on), balance, day(TODAY)).unwrap();
        }
        history
    }

    /// Proves: U42
    #[test]
    fn a_later_statement_corrects_its_day_and_an_older_one_changes_nothing_and_says_so() {
        let mut history = BalanceHistory::default();
        let mut add = |on: &str, balance: &DayBalance| history.add(day(on), balance, day(TODAY)).unwrap();
        assert_eq!(add("2026-10-30", &made_at(100, 10)), Added::Newest);
        assert_eq!(add("2026-10-30", &made_at(100, 10)), Added::Known);
        assert_eq!(add("2026-10-30", &made_at(120, 20)), Added::CorrectsNewest);
        assert_eq!(add("2026-10-30", &made_at(100, 10)), Added::Older);
        assert_eq!(add("2026-10-31", &made_at(90, 30)), Added::Newest);
        assert_eq!(add("2026-10-29", &made_at(80, 5)), Added::Earlier);
        assert_eq!(add("2026-10-30", &made_at(130, 40)), Added::Earlier);
        assert_eq!(add("2024-10-29", &made_at(1, 50)), Added::NotKept);
        assert_eq!(history.newest().unwrap().1.balance_minor.minor(), 90);
        assert_eq!(history.at(day("2026-10-30")).unwrap().1.balance_minor.minor(), 130);
        assert_eq!(history.at(day("2026-10-28")), None);
    }

    #[test]
    fn a_closing_balance_outranks_an_interim_one_that_was_made_later_and_a_duplicate_corrects_nothing() {
        let interim = DayBalance { certainty: Certainty::Interim, ..made_at(5, 99) };
        let duplicate = DayBalance { duplicate: true, ..made_at(6, 99) };
        let known =
            history(&[("2026-10-30", made_at(7, 1)), ("2026-10-30", interim), ("2026-10-30", duplicate.clone())]);
        assert_eq!(known.newest().unwrap().1.balance_minor.minor(), 7);
        assert_eq!(history(&[("2026-10-30", duplicate)]).newest().unwrap().1.balance_minor.minor(), 6);
    }

    #[test]
    fn two_statements_of_one_rank_that_differ_are_marked_and_the_lower_balance_counts() {
        let known = history(&[("2026-10-30", said(7)), ("2026-10-30", said(5)), ("2026-10-30", said(7))]);
        let (_, newest) = known.newest().unwrap();
        assert_eq!((newest.balance_minor.minor(), newest.contradicted), (5, true));
    }

    #[test]
    fn a_day_ahead_is_refused_before_it_pushes_out_what_is_known() {
        let mut known = history(&[("2026-10-30", said(7))]);
        assert_eq!(known.add(day("2099-12-31"), &said(1), day(TODAY)), Err(DayAhead));
        assert_eq!(known.add(day("2026-12-01"), &said(1), day(TODAY)), Ok(Added::Newest));
    }

    #[test]
    fn two_years_are_kept() {
        let known = history(&[("2024-10-30", said(1)), ("2024-10-31", said(2)), ("2026-11-01", said(3))]);
        let days: Vec<String> =
            known.between(day("2000-01-01"), day("2100-01-01")).map(|(d, _)| d.to_string()).collect();
        assert_eq!(days, ["2024-10-31", "2026-11-01"]);
    }

    /// Proves: U42
    #[test]
    fn a_gap_is_where_the_next_statement_does_not_open_as_the_one_before_closed() {
        let opens =
            |minor: i64, opening: i64| DayBalance { opening_minor: Some(opening.try_into().unwrap()), ..said(minor) };
        let from = |minor, from| DayBalance { from: Some(day(from)), ..said(minor) };
        let gap = |after, before, change_minor| Gap { after: day(after), before: day(before), change_minor };
        let known = history(&[
            ("2026-09-01", said(100)),
            ("2026-09-20", opens(150, 100)),
            ("2026-09-21", opens(70, 90)),
            ("2026-10-01", from(60, "2026-09-22")),
            ("2026-10-05", from(60, "2026-10-03")),
            ("2026-10-10", said(50)),
            ("2026-10-16", said(50)),
        ]);
        assert_eq!(
            known.gaps(),
            [
                gap("2026-09-20", "2026-09-21", Some(-60)),
                gap("2026-10-01", "2026-10-05", None),
                gap("2026-10-10", "2026-10-16", None),
            ]
        );
    }

    fn anything_said() -> impl Strategy<Value = (i32, DayBalance)> {
        let certainty = prop::sample::select(vec![Certainty::Interim, Certainty::Computed, Certainty::Stated]);
        let order = (prop::option::of(0_i64..3), prop::option::of(0_u64..3));
        (0_i32..1000, -5_i64..5, certainty, any::<bool>(), order, prop::option::of(-2_i64..2)).prop_map(
            |(on, minor, certainty, duplicate, (created_at, sequence), opening)| {
                // Days close together and far apart, so that some are corrected and some are not kept.
                let on = if on < 700 { on % 4 } else { on };
                let balance = DayBalance {
                    certainty,
                    duplicate,
                    created_at: created_at.map(UtcTime::from_unix_ms),
                    sequence,
                    opening_minor: opening.map(|minor| minor.try_into().unwrap()),
                    ..said(minor)
                };
                (on, balance)
            },
        )
    }

    proptest! {
        /// Proves: U42
        #[test]
        fn any_order_and_repeats_end_in_the_same_history(
            (once, again) in prop::collection::vec(anything_said(), 1..12).prop_flat_map(|said| {
                let twice: Vec<_> = said.iter().chain(&said).cloned().collect();
                (Just(said), Just(twice).prop_shuffle())
            })
        ) {
            let end = |said: &[(i32, DayBalance)]| {
                let mut history = BalanceHistory::default();
                for (on, balance) in said {
                    let before = history.clone();
                    let added = history.add(day("2024-01-01").plus_days(*on), balance, day(TODAY)).unwrap();
                    let unchanged = matches!(added, Added::Known | Added::Older | Added::NotKept);
                    assert_eq!(before == history, unchanged, "{added:?}");
                }
                history
            };
            prop_assert_eq!(end(&once), end(&again));
        }

        #[test]
        fn a_stored_history_is_read_as_it_was(said in prop::collection::vec(anything_said(), 0..12)) {
            let mut history = BalanceHistory::default();
            for (on, balance) in said {
                history.add(day("2024-01-01").plus_days(on), &balance, day(TODAY)).unwrap();
            }
            let (first, last) = (day("2000-01-01"), day("2024-01-02"));
            let parts = history.between(last.plus_days(1), day(TODAY)).chain(history.between(first, last));
            prop_assert_eq!(&parts.map(|(on, said)| (on, said.clone())).collect::<BalanceHistory>(), &history);
            let stored = serde_json::to_string(&history).unwrap();
            prop_assert_eq!(serde_json::from_str::<BalanceHistory>(&stored).unwrap(), history);
        }
    }
}
