//! Thresholds of the cashflow forecast's lowest point, which people set for themselves.

use api::{Answer, Api, ApiResult, Body, InCompany, Problem};
use axum::extract::State;
use domain::{
    AccessRequirement, Currency, PublicationId, Reference, UtcTime,
    permission::may,
    report::{CashflowForecast, LowestPoint, Month, Publication},
    threshold::ThresholdRule,
};
use serde::Serialize;
use store::{Authority, PageRequest, Queries, StoreError};
use utoipa::ToSchema;
use views::PutOwnThresholds;

/// How many publications are read, for where no forecast is stored: as many as the dashboard reads.
const PUBLICATIONS: u16 = 2;

/// The published forecast that counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountingForecast {
    publication: PublicationId,
    /// The month of the publication.
    month: Month,
    /// The ledger's reference of the report.
    report: Reference,
    currency: Currency,
    #[serde(flatten)]
    lowest: LowestPoint,
}

/// The caller's own thresholds for the lowest point of the cashflow forecast.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForecastThresholds {
    /// Absent until one is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<CountingForecast>,
    thresholds: Vec<ThresholdRule>,
}

impl ForecastThresholds {
    fn of(forecast: Option<CashflowForecast>, access: &AccessRequirement) -> Self {
        let thresholds = forecast.as_ref().map(|forecast| forecast.own_thresholds.rules(access)).unwrap_or_default();
        Self { forecast: forecast.map(Into::into), thresholds }
    }
}

impl From<CashflowForecast> for CountingForecast {
    fn from(forecast: CashflowForecast) -> Self {
        let lowest = forecast.lowest();
        let CashflowForecast { publication, month, reference, currency, .. } = forecast;
        Self { publication, month, report: reference, currency, lowest }
    }
}

/// The latest publications that count, for [`CashflowForecast::counting`] where no forecast is stored.
pub(crate) async fn latest_published(queries: Queries<'_>) -> Result<Vec<Publication>, StoreError> {
    let page = queries.page(|tenant| tenant.publications_by_month(), &PageRequest::first(PUBLICATIONS)).await?;
    Ok(page.items)
}

/// The forecast that counts. One that was published before forecasts were stored is found among the publications.
async fn counting(api: &Api, authority: &Authority, now: UtcTime) -> Result<Option<CashflowForecast>, StoreError> {
    let stored = api.store.load(authority, now, |tenant| tenant.cashflow_forecast()).await?;
    if stored.is_some() {
        return Ok(stored);
    }
    let published = api.store.query_authorized(authority, now, latest_published).await?;
    Ok(CashflowForecast::counting(stored, &published))
}

/// Shows the caller's own thresholds for the cashflow forecast, and the forecast that counts.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/cashflow-forecast/own-thresholds", responses((status = 200, body = ForecastThresholds)))]
pub(crate) async fn get_forecast_thresholds(State(api): State<Api>, caller: InCompany<may::ReportsView>) -> ApiResult {
    let forecast = counting(&api, &caller.authority(), caller.now()).await?;
    Answer::ok(&ForecastThresholds::of(forecast, &caller.access()))
}

/// Sets all thresholds of the caller's own for the cashflow forecast.
///
/// The caller is told when a forecast is published whose lowest closing cash is below one of them, while they may see
/// reports from the seat they act from now. A draft tells nobody. A threshold that stays keeps its state. A `409` says that
/// no forecast is published yet; one in another currency ends the thresholds.
///
/// Needs `reports.view`.
#[utoipa::path(put, path = "/v1/cashflow-forecast/own-thresholds", request_body = PutOwnThresholds,
    responses((status = 200, body = ForecastThresholds)))]
pub(crate) async fn put_forecast_thresholds(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    body: Body<PutOwnThresholds>,
) -> ApiResult {
    let (authority, access) = (caller.authority(), caller.access());
    let rules = body.value.rules()?;
    let forecast = counting(&api, &authority, caller.now()).await?;
    let forecast = forecast.ok_or_else(|| Problem::conflict("no cashflow forecast is published", "none"))?;
    body.value.check_currency(forecast.currency)?;
    let (changed, event) =
        forecast.set_own_thresholds(&access, &rules).map_err(|error| Problem::field("thresholds", error))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.cashflow_forecast(), forecast.stored_version(), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&ForecastThresholds::of(Some(changed), &access))
}
