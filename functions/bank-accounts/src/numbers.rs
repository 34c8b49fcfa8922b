//! The numbers of accounts that bank statements brought, and which bank account each is.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    Currency, Reference, UtcTime,
    bank::{BalanceSource, BankAccount, BankAccountNumber, MapError, MonthBalances, NumberId, SourceBalances},
    money::Balance,
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{PageRequest, StoreError};
use utoipa::ToSchema;

/// A number of an account in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankAccountNumber)]
pub(crate) struct NumberView {
    id: NumberId,
    /// An IBAN, or the bank's own number, `bank/number` where the bank is known.
    number: String,
    currency: Currency,
    /// What the first statement calls the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<String>,
    /// What the first statement calls the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_name: Option<String>,
    /// The bank account that it is; absent until somebody says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<Reference>,
    /// The newest day of its statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_day: Option<Day>,
    /// The balance of that day, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_balance_minor: Option<Balance>,
    first_seen_at: UtcTime,
}

impl From<BankAccountNumber> for NumberView {
    fn from(number: BankAccountNumber) -> Self {
        let (newest_day, newest) = number.newest.unzip();
        Self {
            id: number.id,
            number: number.number.to_string(),
            currency: number.currency,
            account_name: number.account_name,
            bank_name: number.bank_name,
            bank_account: number.bank_account,
            newest_day,
            newest_balance_minor: newest.map(|newest| newest.balance_minor),
            first_seen_at: number.first_seen_at,
        }
    }
}

/// One number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountNumberResponse {
    bank_account_number: NumberView,
}

/// A page of numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountNumberPage {
    bank_account_numbers: Vec<NumberView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the numbers of accounts that bank statements brought, with the bank account that each is.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-account-numbers", params(PageQuery),
    responses((status = 200, body = BankAccountNumberPage)))]
pub(crate) async fn list_bank_account_numbers(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.bank_account_numbers(), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&BankAccountNumberPage { bank_account_numbers: page.items.into_iter().map(Into::into).collect(), paged })
}

/// The bank account that a number is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MapBankAccountNumber {
    /// The ledger's reference of the account, which has the currency of the number.
    bank_account: Reference,
}

/// Says which bank account a number is.
///
/// What was read of the number counts for that account from then on, and for the one that it was before no more. An account has
/// at most six numbers.
///
/// Needs `bank.manage`.
#[utoipa::path(put, path = "/v1/bank-account-numbers/{id}", params(("id" = NumberId, Path)),
    request_body = MapBankAccountNumber, responses((status = 200, body = BankAccountNumberResponse)))]
pub(crate) async fn map_bank_account_number(
    State(api): State<Api>,
    caller: InCompany<may::BankManage>,
    Path(id): Path<NumberId>,
    body: Body<MapBankAccountNumber>,
) -> ApiResult {
    let (authority, reference) = (caller.authority(), &body.value.bank_account);
    let source = BalanceSource::Number(id.clone());
    // The newest months first: a page holds more than are kept.
    let ((number, joined, company), unmapped) = api
        .store
        .load_and_query(
            &authority,
            caller.now(),
            |tenant| (tenant.bank_account_number(&id), tenant.bank_account(reference), tenant.company()),
            async |queries| {
                queries.page(|tenant| tenant.unmapped_balances(&source).backwards(), &PageRequest::largest()).await
            },
        )
        .await?;
    let (number, company) = number.zip(company).ok_or_else(Problem::not_found)?;
    let joined = joined.ok_or_else(|| Problem::field("bank_account", "is not a bank account of this company"))?;
    let kept = number.newest_day().map(SourceBalances::kept_months).unwrap_or_default();
    let (left, months) = match &number.bank_account {
        None => (None, unmapped.items),
        Some(known) if known == reference => (None, Vec::new()),
        Some(left) => moved_from(&api, &caller, left, &source, &kept).await?,
    };
    let Some(mapped) = number.map_to(left.as_ref(), &joined, &company.time_zone, caller.now()).map_err(refusal)? else {
        return Answer::ok(&BankAccountNumberResponse { bank_account_number: number.into() });
    };
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account_number(&id), Some(number.version), &mapped.number);
    // What is kept no more is left to its end.
    for month in months.iter().filter(|month| kept.contains(&month.month)) {
        let place = number.bank_account.as_ref();
        change.delete(|tenant| tenant.month_balances(place, &source, month.month), month.version);
        change.put(
            |tenant| tenant.month_balances(Some(reference), &source, month.month),
            None,
            &month.anew(joined.of_balances()),
        );
    }
    for (before, after) in left.iter().zip(&mapped.left).chain([(&joined, &mapped.joined)]) {
        change.put(|tenant| tenant.bank_account(&after.reference), Some(before.version), after);
    }
    for event in mapped.events {
        change.record(event);
    }
    change.commit().await?;
    Answer::ok(&BankAccountNumberResponse { bank_account_number: mapped.number.into() })
}

/// The account that a number was, and the months that it takes along.
async fn moved_from(
    api: &Api,
    caller: &InCompany<may::BankManage>,
    left: &Reference,
    source: &BalanceSource,
    kept: &[domain::report::Month],
) -> Result<(Option<BankAccount>, Vec<MonthBalances>), StoreError> {
    let (account, months) = api
        .store
        .load(&caller.authority(), caller.now(), |tenant| {
            let months: Vec<_> = kept.iter().map(|month| tenant.month_balances(Some(left), source, *month)).collect();
            (tenant.bank_account(left), months)
        })
        .await?;
    Ok((account, months.into_iter().flatten().collect()))
}

fn refusal(error: MapError) -> Problem {
    match error {
        MapError::Currency { .. } => Problem::field("bank_account", error),
        MapError::TooMany(_) => Problem::conflict(error, "full"),
    }
}
