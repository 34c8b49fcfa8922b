//! The balances of a bank account by day.

use api::{Answer, Api, ApiResult, InCompany, Path, Problem, Query};
use axum::extract::State;
use domain::{
    Currency, Reference, UtcTime,
    bank::{BalanceSource, Certainty, DayBalance, Gap, NumberId},
    money::Balance,
    permission::may,
    report::Month,
    time::{Day, Zone},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most days of one answer: with all sources of an account, these are about one page of months.
const MAX_DAYS: i32 = 366;
/// How many days are answered by default.
const DEFAULT_DAYS: i32 = 90;

/// The period of balances.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalancesQuery {
    /// The first day. Default: 90 days before the last.
    #[serde(default)]
    from: Option<Day>,
    /// The last day, at most 366 days after the first. Default: the newest.
    #[serde(default)]
    until: Option<Day>,
}

/// The days that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Period {
    from: Day,
    until: Day,
}

impl Period {
    fn of(query: BalancesQuery, now: UtcTime) -> Result<Self, Problem> {
        // Banks east of the company are a day ahead.
        let until = query.until.unwrap_or_else(|| now.day_in(&Zone::utc()).plus_days(1));
        let from = query.from.unwrap_or_else(|| until.plus_days(-DEFAULT_DAYS));
        match from.days_until(until) {
            ..0 => Err(Problem::field("from", "must not be after `until`")),
            0..=MAX_DAYS => Ok(Self { from, until }),
            _ => Err(Problem::field("from", format!("must be at most {MAX_DAYS} days before `until`"))),
        }
    }

    fn touches(&self, gap: &Gap) -> bool {
        gap.before >= self.from && gap.after <= self.until
    }
}

/// Who says a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BalanceOrigin {
    /// The ledger, in a report.
    Ledger,
    /// The bank, in a statement.
    BankStatement,
}

/// The balance at the end of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountBalance {
    day: Day,
    /// In minor units of the account's currency.
    balance_minor: Balance,
    certainty: Certainty,
    source: BalanceOrigin,
    /// The number whose statement says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account_number: Option<NumberId>,
    /// Whether two statements that count the same say different balances; this is the lower one.
    contradicted: bool,
}

impl AccountBalance {
    fn of(day: Day, said: &DayBalance, source: &BalanceSource) -> Self {
        let (source, bank_account_number) = match source {
            BalanceSource::Ledger => (BalanceOrigin::Ledger, None),
            BalanceSource::Number(id) => (BalanceOrigin::BankStatement, Some(id.clone())),
        };
        Self {
            day,
            balance_minor: said.balance_minor,
            certainty: said.certainty,
            source,
            bank_account_number,
            contradicted: said.contradicted,
        }
    }
}

/// The balances of a bank account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountBalances {
    bank_account: Reference,
    currency: Currency,
    from: Day,
    until: Day,
    /// By day; a day without an entry has the balance of the day before.
    balances: Vec<AccountBalance>,
    /// Between which days statements are missing.
    gaps: Vec<Gap>,
}

/// Shows the balances of a bank account by day.
///
/// Of each day the best balance is shown: the bank's closing balance counts more than one that was computed, and that more
/// than the ledger's reports of the day. Two years are kept.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-accounts/{reference}/balances",
    params(("reference" = Reference, Path), BalancesQuery), responses((status = 200, body = AccountBalances)))]
pub(crate) async fn list_bank_account_balances(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
    Query(query): Query<BalancesQuery>,
) -> ApiResult {
    let period = Period::of(query, caller.now())?;
    let (from, until) = (Month::of(period.from), Month::of(period.until));
    let (account, months) = api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.bank_account(&reference),
            async |queries| queries.whole(|tenant| tenant.account_balances(&reference, from, until)).await,
        )
        .await?;
    let account = account.ok_or_else(Problem::not_found)?;
    let history = account.history(&months);
    Answer::ok(&AccountBalances {
        balances: history
            .between(period.from, period.until)
            .map(|(day, said, source)| AccountBalance::of(day, said, source))
            .collect(),
        gaps: history.gaps().into_iter().filter(|gap| period.touches(gap)).collect(),
        bank_account: account.reference,
        currency: account.currency,
        from: period.from,
        until: period.until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_year_at_the_most_and_a_beginning_before_its_end() {
        let day = |text: &str| Some(Day::try_from(text.to_owned()).unwrap());
        let now: UtcTime = "2026-11-30T10:00:00Z".parse().unwrap();
        let period = |from, until| {
            Period::of(BalancesQuery { from, until }, now)
                .map_err(|problem| serde_json::to_value(problem).unwrap()["errors"][0].clone())
        };
        let days = |from: &str, until: &str| Period { from: day(from).unwrap(), until: day(until).unwrap() };
        assert_eq!(period(None, None), Ok(days("2026-09-02", "2026-12-01")));
        assert_eq!(period(None, day("2026-10-31")), Ok(days("2026-08-02", "2026-10-31")));
        assert_eq!(period(day("2025-10-30"), day("2026-10-31")), Ok(days("2025-10-30", "2026-10-31")));
        for (from, until) in [("2025-10-29", "2026-10-31"), ("2026-11-01", "2026-10-31")] {
            assert_eq!(period(day(from), day(until)).unwrap_err()["field"], "from", "{from} {until}");
        }
    }
}
