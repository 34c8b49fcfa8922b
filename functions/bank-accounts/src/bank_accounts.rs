//! Bank accounts as the ledger reports them, and their thresholds.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{Reference, money::Balance, permission::may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use views::BankAccountView;

/// One bank account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountResponse {
    bank_account: BankAccountView,
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

/// A threshold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutThreshold {
    /// In minor units of the account's currency; `null` removes the threshold.
    // Read by a function of its own: a derived one would take a missing field for `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    threshold_minor: Option<Balance>,
}

/// Sets or removes a bank account's low-balance threshold.
///
/// When the balance falls below the threshold, the company is notified.
///
/// Needs `bank.manage`.
#[utoipa::path(put, path = "/v1/bank-accounts/{reference}/threshold",
    params(("reference" = Reference, Path)), request_body = PutThreshold,
    responses((status = 200, body = BankAccountResponse)))]
pub(crate) async fn put_threshold(
    State(api): State<Api>,
    caller: InCompany<may::BankManage>,
    Path(reference): Path<Reference>,
    body: Body<PutThreshold>,
) -> ApiResult {
    let authority = caller.authority();
    let account = api
        .store
        .load(&authority, caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;

    let (changed, event) = account.set_threshold(body.value.threshold_minor);

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account(&reference), Some(account.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&BankAccountResponse { bank_account: changed.into() })
}

#[cfg(test)]
mod tests {
    use api::input::from_json;

    use super::*;

    #[test]
    fn a_threshold_is_given_or_taken_away_never_left_out() {
        let read = |json: &str| from_json::<PutThreshold>(json.as_bytes()).map(|body| body.threshold_minor);
        assert_eq!(read(r#"{"threshold_minor":50000}"#), Ok(Some(50_000.try_into().unwrap())));
        assert_eq!(read(r#"{"threshold_minor":null}"#), Ok(None));
        for json in ["{}", r#"{"threshold_minor":0.5}"#, r#"{"threshold_minor":"1"}"#] {
            let problem = serde_json::to_value(read(json).unwrap_err()).unwrap();
            assert_eq!(problem["errors"][0]["field"], "threshold_minor", "{json}");
        }
    }
}
