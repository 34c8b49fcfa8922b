//! The ledger of the firm's referral bonuses and payouts.

use api::{Api, ApiResult, InFirm, Query};
use axum::{extract::State, response::Response};
use domain::permission::may;
use views::{BonusEntryPage, BonusListQuery, list::answer};

/// Lists the firm's referral bonuses and payouts, newest first.
///
/// JSON includes the sums; CSV lists the entries only.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/bonuses", params(BonusListQuery), responses((status = 200,
    description = "A page, or a file", content((BonusEntryPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    Query(which): Query<BonusListQuery>,
) -> ApiResult<Response> {
    answer(&which, &api, &caller.authority(), caller.now()).await
}
