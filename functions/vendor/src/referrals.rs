//! The signups that firms referred, and their status.

use api::{Answer, Api, ApiError, ApiResult, Body, Machine, Path, Problem, Query, scope};
use axum::{extract::State, response::Response};
use domain::{
    CompanyId, FirmId, Org,
    referral::{Bonus, ReferralError, ReferralState, ReferralUpdate},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, retry_on_conflict};
use utoipa::ToSchema;
use views::{ReferralListQuery, ReferralPage, ReferralView, list::answer};

use crate::{OneReferral, bonuses::refused};

/// Lists the signups that a firm referred, newest first, as JSON or CSV.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/referrals",
    params(("firm" = FirmId, Path), ReferralListQuery), responses((status = 200,
    description = "A page, or a file", content((ReferralPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
    Query(which): Query<ReferralListQuery>,
) -> ApiResult<Response> {
    answer(&which, &api, &vendor.authority(Org::Firm(firm)), vendor.now).await
}

/// A referral's new status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReferral {
    state: ReferralState,
}

/// A referral, and the bonus that this change earned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralResponse {
    referral: ReferralView,
    /// The bonus that this change earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    earned: Option<Bonus>,
}

/// Sets a referral's status: `active` when the company pays, `churned` when it left.
///
/// The first time a referral becomes active, the firm earns the agreed bonus. The same request again
/// changes nothing.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referrals/{company}",
    params(("firm" = FirmId, Path), ("company" = CompanyId, Path)), request_body = PutReferral,
    responses((status = 200, body = ReferralResponse)))]
pub(crate) async fn put_referral(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path((firm, company)): OneReferral,
    body: Body<PutReferral>,
) -> ApiResult {
    let (authority, to, other) = (vendor.authority(Org::Firm(firm)), body.value.state, Org::Company(company));
    retry_on_conflict(|| async {
        let (referral, agreement) = api
            .store
            .load(&authority, vendor.now, |tenant| (tenant.referral(&other), tenant.referral_agreement()))
            .await
            .map_err(Attempt::<ApiError>::from)?;
        let referral = referral.flatten().ok_or_else(Problem::not_found)?;
        let account = match referral.would_earn(to, agreement.as_ref()) {
            None => None,
            Some(Bonus { currency, .. }) => {
                api.store.load(&authority, vendor.now, |tenant| tenant.bonus_account(currency)).await?
            }
        };
        match referral.becomes(to, agreement.as_ref(), account.as_ref(), vendor.now).map_err(refusal)? {
            ReferralUpdate::Unchanged => Ok(Answer::ok(&ReferralResponse { referral: referral.into(), earned: None })?),
            ReferralUpdate::Changed(changed, event, posting) => {
                let mut change = api.store.change(&authority, vendor.change_context());
                change.put_some(|tenant| tenant.referral(&other), Some(referral.version), &*changed);
                // The bonus is the one agreed on at this moment: a concurrent change of the agreement makes this
                // change fail.
                change.require_version(
                    |tenant| tenant.referral_agreement(),
                    agreement.map(|agreement| agreement.version),
                );
                change.record(event);
                let mut earned = None;
                if let Some(posting) = posting {
                    let (entry, sums) = (&posting.entry, &posting.account);
                    change.put(|tenant| tenant.bonus_entry(&entry.entry), None, entry);
                    let known = account.map(|account| account.version);
                    change.put(|tenant| tenant.bonus_account(sums.currency), known, sums);
                    earned = Some(Bonus { amount_minor: entry.amount_minor, currency: entry.currency });
                    change.record(posting.event);
                }
                change.commit().await?;
                Ok(Answer::ok(&ReferralResponse { referral: (*changed).into(), earned })?)
            }
        }
    })
    .await
}

fn refusal(error: ReferralError) -> Problem {
    match error {
        ReferralError::BackToRegistered(state) => Problem::conflict(error, state.as_str()),
        ReferralError::Bonus(error) => refused(error),
    }
}
