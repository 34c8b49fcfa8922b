//! Lists and shows estimates, and who saw them.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Path, Query, paging::page_request};
use axum::extract::State;
use domain::{Reference, estimate::EstimateState, permission::may};
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::{IntoParams, ToSchema};
use views::{EstimateView, Shown};

use crate::show::{self, DocumentViewPage};

/// One estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateResponse {
    pub(crate) estimate: EstimateView,
}

/// A page of estimates, without their lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimatePage {
    estimates: Vec<EstimateView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of estimates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichEstimates {
    /// Only estimates in this state, by last valid day. Default: all, by reference.
    #[serde(default)]
    state: Option<EstimateState>,
    /// Only estimates that were sent to this customer, the last issued first. Not together with `state`.
    #[serde(default)]
    customer: Option<Reference>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's estimates.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates", params(WhichEstimates),
    responses((status = 200, body = EstimatePage)))]
pub(crate) async fn list_estimates(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Query(which): Query<WhichEstimates>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    show::one_filter(which.state.is_some(), which.customer.is_some())?;
    let listing = |tenant: &Tenant| match &which.customer {
        Some(customer) => tenant.estimates_of_customer(&caller.company, customer),
        None => tenant.estimates(which.state),
    };
    let (page, today) = show::page(&api, &caller.authority(), caller.now(), listing, &request).await?;
    let paged = PageInfo::from(&page);
    let estimates = page.items.into_iter().map(|estimate| estimate.listed(today)).collect();
    Answer::ok(&EstimatePage { estimates, paged })
}

/// Shows an estimate with its lines.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn get_estimate(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (estimate, today) = show::read(&api, &caller.authority(), caller.now(), Tenant::estimate, &reference).await?;
    Answer::ok(&EstimateResponse { estimate: estimate.shown(today) })
}

/// Lists who at the customer saw which revision of an estimate, the last revision first.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates/{reference}/views",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = DocumentViewPage)))]
pub(crate) async fn list_estimate_views(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    show::views(&api, &caller.authority(), caller.now(), Tenant::estimate, &reference, &query).await
}
