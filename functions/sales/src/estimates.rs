//! Looking at estimates, and accepting or declining them.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Name, Note, Reference, UserId, UtcTime,
    content_digest::ContentDigest,
    estimate::{Estimate, EstimateDecision, EstimateError, EstimateStatus, EstimateVerdict},
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
    /// The last day on which it can be decided, in the company's time zone.
    valid_until: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
    /// Identifies the estimate's content: send it with the decision.
    digest: ContentDigest,
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        let digest = estimate.digest();
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
            digest,
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
    /// The `digest` of the estimate that was shown.
    digest: ContentDigest,
}

/// Accepts or declines an open estimate.
///
/// An estimate can be decided through its last valid day, in the company's time zone. The decision counts for the
/// estimate that was shown: if the ledger changed it since, the answer is a conflict with the present one in `current`.
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
    let (estimate, company) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.estimate(&reference), tenant.company())
        })
        .await??;
    let estimate = estimate.ok_or_else(Problem::not_found)?;
    let zone = company.ok_or_else(Problem::not_found)?.time_zone;

    let DecideEstimate { decision, reason, digest } = body.value;
    let decision = EstimateDecision { verdict: decision, reason, seen: digest };
    let (decided, event) = estimate
        .decide(decision, &caller.caller.user, &zone, caller.now())
        .map_err(|error| refusal(error, &estimate))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.estimate(&reference), Some(estimate.version), &decided);
    change.record(event);
    Ok(Answer::ok(&EstimateResponse { estimate: decided.into() })?.commit(change, idempotency.as_ref()).await??)
}

fn refusal(error: EstimateError, estimate: &Estimate) -> Problem {
    match error {
        EstimateError::Decided(status) => Problem::conflict(error, status.as_str()),
        EstimateError::Lapsed(_) => Problem::conflict(error, "lapsed"),
        EstimateError::Changed => {
            let current = EstimateResponse { estimate: estimate.clone().into() };
            Problem::conflict(error, "changed").current(&current)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        estimate::{EstimateTerms, record},
        ledger_report::Recording,
    };

    use super::*;

    fn estimate() -> Estimate {
        let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
        let terms = EstimateTerms {
            number: "E-8".parse().unwrap(),
            counterparty: "Obras".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            total_minor: 9000.try_into().unwrap(),
            issued_on: day("2026-11-01"),
            due_on: None,
            valid_until: day("2026-11-21"),
            description: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        match record(&company, &"EST-1".parse().unwrap(), None, terms) {
            Ok(Recording::Recorded(estimate, _)) => estimate,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refused_decision_names_the_state_that_does_not_allow_it() {
        let estimate = estimate();
        let cases = [
            (EstimateError::Decided(EstimateStatus::Accepted), "accepted"),
            (EstimateError::Decided(EstimateStatus::Declined), "declined"),
            (EstimateError::Lapsed(estimate.terms.valid_until), "lapsed"),
            (EstimateError::Changed, "changed"),
        ];
        for (error, state) in cases {
            let problem = serde_json::to_value(refusal(error, &estimate)).unwrap();
            assert_eq!((&problem["status"], &problem["state"]), (&409.into(), &state.into()), "{error:?}");
            let shown = problem.pointer("/current/estimate/total_minor");
            assert_eq!(shown.is_some(), error == EstimateError::Changed, "{problem}");
        }
    }
}
