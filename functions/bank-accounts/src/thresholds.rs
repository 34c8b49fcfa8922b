//! Thresholds of bank accounts: the company's, and those that people set for themselves.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{AccessRequirement, Currency, Reference, bank::BankAccount, permission::may, threshold::ThresholdRule};
use serde::Serialize;
use utoipa::ToSchema;
use views::{PutOwnThresholds, PutThreshold};

use crate::bank_accounts::BankAccountResponse;

/// Sets or removes a bank account's low-balance threshold.
///
/// When the balance falls below the threshold, the members who manage thresholds are told: once, until it has recovered, and
/// not again within the pause.
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
    let rule = body.value.rule()?;
    let account = api
        .store
        .load(&authority, caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;
    body.value.check_currency(account.currency)?;
    let (changed, event) = account.set_threshold(rule);

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account(&reference), Some(account.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&BankAccountResponse { bank_account: changed.into() })
}

/// The caller's own thresholds for an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnThresholds {
    bank_account: Reference,
    currency: Currency,
    thresholds: Vec<ThresholdRule>,
}

impl OwnThresholds {
    fn of(account: &BankAccount, access: &AccessRequirement) -> Self {
        Self {
            bank_account: account.reference.clone(),
            currency: account.currency,
            thresholds: account.own_thresholds.rules(access),
        }
    }
}

/// Shows the caller's own thresholds for a bank account.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-accounts/{reference}/own-thresholds", params(("reference" = Reference, Path)),
    responses((status = 200, body = OwnThresholds)))]
pub(crate) async fn get_own_thresholds(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let account = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.bank_account(&reference)).await?;
    Answer::ok(&OwnThresholds::of(&account.ok_or_else(Problem::not_found)?, &caller.access()))
}

/// Sets all thresholds of the caller's own for a bank account.
///
/// The caller is told when the balance falls below one of them, while they may see bank balances from the seat they act
/// from now. One that stays keeps its state.
///
/// Needs `bank.view`.
#[utoipa::path(put, path = "/v1/bank-accounts/{reference}/own-thresholds",
    params(("reference" = Reference, Path)), request_body = PutOwnThresholds,
    responses((status = 200, body = OwnThresholds)))]
pub(crate) async fn put_own_thresholds(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
    body: Body<PutOwnThresholds>,
) -> ApiResult {
    let (authority, access) = (caller.authority(), caller.access());
    let rules = body.value.rules()?;
    let account = api
        .store
        .load(&authority, caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;
    body.value.check_currency(account.currency)?;
    let (changed, event) =
        account.set_own_thresholds(&access, &rules).map_err(|error| Problem::field("thresholds", error))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account(&reference), Some(account.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&OwnThresholds::of(&changed, &access))
}
