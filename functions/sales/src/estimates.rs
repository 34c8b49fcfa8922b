//! Looking at estimates, and accepting or declining them.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Name, Note, Reference, UserId, UtcTime,
    estimate::{Estimate, EstimateError, EstimateStatus, EstimateVerdict},
    money::Amount,
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An estimate and its decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Estimate)]
pub(crate) struct EstimateView {
    reference: Reference,
    number: Name,
    counterparty: Name,
    currency: Currency,
    total_minor: Amount,
    status: EstimateStatus,
    issued_on: Day,
    /// The due date if the estimate is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Day>,
    /// The last day on which it can be decided, in UTC.
    valid_until: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        let terms = estimate.terms;
        Self {
            reference: estimate.reference,
            number: terms.number,
            counterparty: terms.counterparty,
            currency: terms.currency,
            total_minor: terms.total_minor,
            status: estimate.status,
            issued_on: terms.issued_on,
            due_on: terms.due_on,
            valid_until: terms.valid_until,
            description: terms.description,
            decided_by: estimate.decided_by,
            decided_at: estimate.decided_at,
            reason: estimate.reason,
        }
    }
}

/// One estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateResponse {
    estimate: EstimateView,
}

/// A page of estimates.
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
    status: Option<EstimateStatus>,
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
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.estimates(which.status), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&EstimatePage { estimates: page.items.into_iter().map(Into::into).collect(), paged })
}

/// Shows an estimate.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn get_estimate(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let estimate = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.estimate(&reference)).await?;
    let estimate = estimate.ok_or_else(Problem::not_found)?;
    Answer::ok(&EstimateResponse { estimate: estimate.into() })
}

/// A decision on an estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideEstimate {
    decision: EstimateVerdict,
    #[serde(default)]
    reason: Option<Note>,
}

/// Accepts or declines an open estimate.
///
/// An estimate can be decided through its last valid day.
///
/// Needs `estimates.decide`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/decision",
    params(("reference" = Reference, Path)), request_body = DecideEstimate,
    responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn decide_estimate(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesDecide>,
    Path(reference): Path<Reference>,
    body: Body<DecideEstimate>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let estimate = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.estimate(&reference))
        .await??
        .ok_or_else(Problem::not_found)?;

    let DecideEstimate { decision, reason } = body.value;
    let (decided, event) = estimate.decide(decision, reason, &caller.caller.user, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.estimate(&reference), Some(estimate.version), &decided);
    change.record(event);
    Ok(Answer::ok(&EstimateResponse { estimate: decided.into() })?.commit(change, idempotency.as_ref()).await??)
}

fn refusal(error: EstimateError) -> Problem {
    match error {
        EstimateError::Decided(status) => Problem::conflict(error, status.as_str()),
        EstimateError::Lapsed(_) => Problem::conflict(error, "lapsed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_decision_names_the_state_that_does_not_allow_it() {
        let last_day: Day = "2026-11-21".to_owned().try_into().unwrap();
        let cases = [
            (EstimateError::Decided(EstimateStatus::Accepted), "accepted"),
            (EstimateError::Decided(EstimateStatus::Declined), "declined"),
            (EstimateError::Lapsed(last_day), "lapsed"),
        ];
        for (error, state) in cases {
            let problem = serde_json::to_value(refusal(error)).unwrap();
            assert_eq!((&problem["status"], &problem["state"]), (&409.into(), &state.into()), "{error:?}");
        }
    }
}
