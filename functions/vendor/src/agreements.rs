//! The referral agreements with firms.

use api::{Answer, Api, ApiResult, Body, Machine, Path, scope};
use axum::extract::State;
use domain::{
    FirmId, Org,
    referral::{Bonus, agree},
};
use serde::Deserialize;
use store::retry_on_conflict;
use utoipa::ToSchema;
use views::ReferralAgreementResponse;

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
