//! The firm's referral agreement with the vendor.

use api::{Answer, Api, ApiResult, InFirm};
use axum::extract::State;
use domain::permission::may;
use views::ReferralAgreementResponse;

/// Shows the bonus that the firm earns for each referral.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/referral-agreement",
    responses((status = 200, body = ReferralAgreementResponse)))]
pub(crate) async fn get_agreement(State(api): State<Api>, caller: InFirm<may::ClientsManage>) -> ApiResult {
    let agreement = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.referral_agreement()).await?;
    Answer::ok(&ReferralAgreementResponse::from(agreement))
}
