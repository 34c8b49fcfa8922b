//! Bank accounts as the ledger reports them.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{Reference, permission::may};
use serde::Serialize;
use utoipa::ToSchema;
use views::BankAccountView;

/// One bank account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountResponse {
    pub(crate) bank_account: BankAccountView,
}

/// A page of bank accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountPage {
    bank_accounts: Vec<BankAccountView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the company's bank accounts by reference.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-accounts", params(PageQuery),
    responses((status = 200, body = BankAccountPage)))]
pub(crate) async fn list_bank_accounts(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.bank_accounts(), &query.request()?).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&BankAccountPage { bank_accounts: page.items.into_iter().map(Into::into).collect(), paged })
}

/// Shows a bank account.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-accounts/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = BankAccountResponse)))]
pub(crate) async fn get_bank_account(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let account = api
        .store
        .load(&caller.authority(), caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;
    Answer::ok(&BankAccountResponse { bank_account: account.into() })
}
