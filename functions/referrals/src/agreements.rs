//! The referral agreement between the vendor and a firm.

use api::{Answer, Api, ApiResult, Body, InFirm, Machine, Path, scope};
use axum::extract::State;
use domain::{
    FirmId, Org, UtcTime,
    permission::may,
    referral::{Bonus, ReferralAgreement, agree},
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

/// The bonus that a referred signup earns when it becomes paying.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReferralAgreement)]
pub(crate) struct ReferralAgreementView {
    /// Absent if the firm earns no bonus.
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus: Option<Bonus>,
    /// Absent if there never was an agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<UtcTime>,
}

/// The agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralAgreementResponse {
    referral_agreement: ReferralAgreementView,
}

impl From<Option<ReferralAgreement>> for ReferralAgreementResponse {
    fn from(agreement: Option<ReferralAgreement>) -> Self {
        let bonus = agreement.as_ref().and_then(|agreement| agreement.bonus);
        let since = agreement.map(|agreement| agreement.since);
        Self { referral_agreement: ReferralAgreementView { bonus, since } }
    }
}

/// Shows the bonus that the firm earns for each referral.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/referral-agreement",
    responses((status = 200, body = ReferralAgreementResponse)))]
pub(crate) async fn get_agreement(State(api): State<Api>, caller: InFirm<may::ClientsManage>) -> ApiResult {
    let agreement = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.referral_agreement()).await?;
    Answer::ok(&ReferralAgreementResponse::from(agreement))
}

/// Shows the bonus that a firm earns for each referral.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/referral-agreement",
    params(("firm" = FirmId, Path)), responses((status = 200, body = ReferralAgreementResponse)))]
pub(crate) async fn get_agreement_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
) -> ApiResult {
    let authority = vendor.authority(Org::Firm(firm));
    let agreement = api.store.load(&authority, vendor.now, |tenant| tenant.referral_agreement()).await?;
    Answer::ok(&ReferralAgreementResponse::from(agreement))
}

/// A new agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReferralAgreement {
    /// The bonus for each referred signup. Default: none.
    #[serde(default)]
    bonus: Option<Bonus>,
}

/// Sets the bonus that a firm earns when a referral becomes paying, from now on.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referral-agreement",
    params(("firm" = FirmId, Path)), request_body = PutReferralAgreement,
    responses((status = 200, body = ReferralAgreementResponse)))]
pub(crate) async fn put_agreement(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
    body: Body<PutReferralAgreement>,
) -> ApiResult {
    let authority = vendor.authority(Org::Firm(firm.clone()));
    let bonus = body.value.bonus;
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, vendor.now, |tenant| tenant.referral_agreement()).await?;
        if known.as_ref().is_some_and(|known| known.bonus == bonus) {
            return Ok(Answer::ok(&ReferralAgreementResponse::from(known))?);
        }
        let (agreement, event) = agree(&firm, known.as_ref(), bonus, vendor.now);
        let mut change = api.store.change(&authority, vendor.change_context());
        change.put(|tenant| tenant.referral_agreement(), known.map(|known| known.version), &agreement);
        change.record(event);
        change.commit().await?;
        Ok(Answer::ok(&ReferralAgreementResponse::from(Some(agreement)))?)
    })
    .await
}
