//! Who pays for companies' subscriptions.

use api::{Answer, Api, ApiResult, Machine, Path, scope};
use axum::extract::State;
use domain::{CompanyId, Org};
use views::{BillingResponse, CompanyBilling};

/// Shows who pays for a company's subscription.
#[utoipa::path(get, path = "/v1/vendor/companies/{company}/billing",
    params(("company" = CompanyId, Path)), responses((status = 200, body = BillingResponse)))]
pub(crate) async fn get_billing_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(company): Path<CompanyId>,
) -> ApiResult {
    let authority = vendor.authority(Org::Company(company.clone()));
    let known = CompanyBilling::load(&api, &authority, vendor.now).await?;
    Answer::ok(&known.view(company, vendor.now))
}
