//! Bank balances and their course over 90 days.

use std::collections::BTreeMap;

use domain::{
    Reference, UtcTime,
    bank::{BalancePoint, BankAccount, MonthBalances, course},
    report::Month,
    time::{Day, Zone},
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;
use views::BankAccountView;

use crate::reading::read_until;

/// Of how many days the course is shown.
const COURSE_DAYS: i32 = 90;

/// The course of a balance.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BalanceCourse {
    /// The first day: 90 days ago, or later, today at the latest, where a company has more balances than are read.
    from: Day,
    /// The balance on the first day, where it is known, and on each day on which it changed. A day without a point has the
    /// balance of the day before.
    points: Vec<BalancePoint>,
}

/// A bank account with the course of its balance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardBankAccount {
    #[serde(flatten)]
    account: BankAccountView,
    course: BalanceCourse,
}

/// The months that the course may lie in, wherever the company is: a day of it is a day of UTC, the one before or the one after.
fn months(now: UtcTime) -> (Month, Month) {
    let today = now.day_in(&Zone::utc());
    (Month::of(today.plus_days(-COURSE_DAYS - 1)), Month::of(today.plus_days(2)))
}

/// What all sources say of all accounts in these months, the newest first: of one account and one source, a month is an entry,
/// and at most 400 are read.
pub(crate) async fn read_months(queries: &Queries<'_>, now: UtcTime) -> Result<Page<MonthBalances>, StoreError> {
    let (from, to) = months(now);
    read_until(queries, |tenant| tenant.balances_by_month(from, to), PageRequest::largest(), |_| false).await
}

/// The first day of which all that is said was read; after today, where not even this month was read to its end.
fn known_since(read: &Page<MonthBalances>, now: UtcTime) -> Day {
    match (&read.next, read.items.last()) {
        // Of this month, not everything was read.
        (Some(_), Some(last)) => last.month.last_day().plus_days(1),
        (Some(_), None) | (None, _) => months(now).0.first_day(),
    }
}

/// Each account with its course.
pub(crate) fn course_of_each(
    accounts: Page<BankAccount>,
    read: &Page<MonthBalances>,
    today: Day,
    now: UtcTime,
) -> Vec<DashboardBankAccount> {
    let since = known_since(read, now);
    let mut by_account: BTreeMap<&Reference, Vec<&MonthBalances>> = BTreeMap::new();
    for month in read.items.iter().filter(|month| month.month.first_day() >= since || read.next.is_none()) {
        if let Some(of) = &month.of {
            by_account.entry(&of.bank_account).or_default().push(month);
        }
    }
    let from = today.plus_days(-COURSE_DAYS).max(since).min(today);
    let of_each = |account: BankAccount| {
        let months = by_account.remove(&account.reference).unwrap_or_default();
        // Banks east of the company are a day ahead.
        let points = course(&account.history(months), since, from, today.plus_days(1));
        DashboardBankAccount { course: BalanceCourse { from, points }, account: account.into() }
    };
    accounts.items.into_iter().map(of_each).collect()
}

#[cfg(test)]
mod tests {
    use domain::{
        bank::{BalanceHistory, BalanceSource, BalancesOf, Certainty, DayBalance},
        threshold::OwnThresholds,
    };
    use serde_json::json;
    use store::Cursor;

    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn now() -> UtcTime {
        "2026-11-30T10:00:00Z".parse().unwrap()
    }

    fn account(reference: &str) -> BankAccount {
        BankAccount {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            reference: reference.parse().unwrap(),
            name: "Main account".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            balance_minor: 9.try_into().unwrap(),
            as_of: now(),
            reported: None,
            newest: BTreeMap::new(),
            threshold: None,
            own_thresholds: OwnThresholds::default(),
            below_since: None,
            version: 1,
        }
    }

    fn month(reference: &str, days: &[(&str, i64)]) -> MonthBalances {
        let said = |minor: i64| DayBalance::new(minor.try_into().unwrap(), Certainty::Stated);
        let BankAccount { company, reference: bank_account, .. } = account(reference);
        MonthBalances {
            of: Some(BalancesOf { company, bank_account }),
            source: BalanceSource::Ledger,
            month: Month::of(day(days[0].0)),
            days: days.iter().map(|(on, minor)| (day(on), said(*minor))).collect::<BalanceHistory>(),
            version: 1,
        }
    }

    fn shown(months: Vec<MonthBalances>, next: Option<Cursor>) -> Vec<serde_json::Value> {
        let accounts = Page { items: vec![account("MAIN"), account("SAVINGS")], next: None };
        let all = course_of_each(accounts, &Page { items: months, next }, day("2026-11-30"), now());
        all.iter().map(|account| serde_json::to_value(account).unwrap()["course"].clone()).collect()
    }

    /// Proves: DB2
    #[test]
    fn each_account_has_its_own_course_of_ninety_days() {
        let months = vec![
            month("MAIN", &[("2026-11-02", 7), ("2026-11-03", 7)]),
            month("SAVINGS", &[("2026-11-05", 1)]),
            month("MAIN", &[("2026-08-31", 5), ("2026-08-02", 3)]),
        ];
        let expected = [
            json!({ "from": "2026-09-01", "points": [
                { "day": "2026-09-01", "balance_minor": 5 }, { "day": "2026-11-02", "balance_minor": 7 },
            ] }),
            json!({ "from": "2026-09-01", "points": [{ "day": "2026-11-05", "balance_minor": 1 }] }),
        ];
        assert_eq!(shown(months, None), expected);
    }

    /// Proves: DB2
    #[test]
    fn a_course_begins_later_where_not_all_months_were_read() {
        let months = vec![month("MAIN", &[("2026-11-02", 7)]), month("MAIN", &[("2026-10-02", 5)])];
        let cut = Some(Cursor::new("there is more".to_owned()));
        let expected = json!({ "from": "2026-11-01", "points": [{ "day": "2026-11-02", "balance_minor": 7 }] });
        assert_eq!(shown(months, cut)[0], expected);
    }

    /// A company with very many accounts: of the present month, some were read and some not.
    /// Proves: DB2
    #[test]
    fn a_course_begins_today_where_not_even_this_month_was_read_to_its_end() {
        let months = vec![month("MAIN", &[("2026-11-02", 7), ("2026-11-03", 9)])];
        let cut = Some(Cursor::new("there is more".to_owned()));
        let newest = months[0].days.days().last().map(|(on, said)| (on, said.clone())).unwrap();
        let main = BankAccount { newest: BTreeMap::from([(BalanceSource::Ledger, newest)]), ..account("MAIN") };
        let accounts = Page { items: vec![main, account("SAVINGS")], next: None };
        let all = course_of_each(accounts, &Page { items: months, next: cut }, day("2026-11-30"), now());
        let all: Vec<_> = all.iter().map(|account| serde_json::to_value(&account.course).unwrap()).collect();
        let expected = [
            json!({ "from": "2026-11-30", "points": [{ "day": "2026-11-30", "balance_minor": 9 }] }),
            json!({ "from": "2026-11-30", "points": [] }),
        ];
        assert_eq!(all, expected);
    }
}
