//! The signups that the firm referred.

use api::{Api, ApiResult, InFirm, Query};
use axum::{extract::State, response::Response};
use domain::permission::may;
use views::{ReferralListQuery, ReferralPage, list::answer};

/// Lists the signups that the firm referred, newest first, as JSON or CSV.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/referrals", params(ReferralListQuery), responses((status = 200,
    description = "A page, or a file", content((ReferralPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(which): Query<ReferralListQuery>,
) -> ApiResult<Response> {
    answer(&which, &api, &caller.authority(), caller.now()).await
}
