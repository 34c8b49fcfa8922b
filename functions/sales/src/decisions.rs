//! Decisions of customers that staff record, such as those by phone, and mistaken decisions that staff undo.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    Note, Reference,
    content_digest::ContentDigest,
    estimate::{
        Decider, DecisionVia, Estimate, EstimateDecision, EstimateError, EstimateVerdict, RecordDecisionError,
        UndoneDecision,
    },
    permission::may,
    time::Day,
};
use serde::Deserialize;
use utoipa::ToSchema;
use views::Shown;

use crate::{estimate_drafts::refusal, estimates::EstimateResponse, show};

/// A customer's decision that was made otherwise than in the portal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordDecision {
    decision: EstimateVerdict,
    /// How the customer said so, and why.
    #[serde(default)]
    reason: Option<Note>,
    /// The `digest` of the estimate that the customer decided about.
    digest: ContentDigest,
    /// The day on which the customer said so, from the day of issue to today. Default: today.
    #[serde(default)]
    decided_on: Option<Day>,
}

/// Records that the customer accepted or declined an estimate, under the caller's own name.
///
/// The customer can decide through the last valid day, in the company's time zone; what was said in time can be recorded
/// later. It counts for the estimate with this
/// digest: if that is not the present one, the answer is a conflict with the present estimate in `current`.
///
/// Needs `estimates.manage`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/recorded-decision",
    params(("reference" = Reference, Path)), request_body = RecordDecision,
    responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn record_decision(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesManage>,
    Path(reference): Path<Reference>,
    body: Body<RecordDecision>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let authority = caller.authority();
    let (estimate, company) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.estimate(&reference), tenant.company())
        })
        .await??;
    let (estimate, zone) = show::with_zone::<Estimate>(estimate, company)?;
    let today = caller.now().day_in(&zone);
    let RecordDecision { decision: verdict, reason, digest: seen, decided_on } = body.value;
    let by = Decider {
        via: DecisionVia::Staff,
        name: caller.context.claims().name.clone(),
        user: Some(caller.caller.user.clone()),
        contact: None,
    };
    let decision = EstimateDecision { verdict, reason, seen };
    let recorded = estimate.record_decision(decided_on, decision, by, &zone, caller.now());
    let (decided, event) = recorded.map_err(|error| match error {
        RecordDecisionError::Day => Problem::field("decided_on", error),
        RecordDecisionError::Estimate(EstimateError::Changed) => refusal(EstimateError::Changed, estimate.state)
            .current(&EstimateResponse { estimate: estimate.clone().listed(today) }),
        RecordDecisionError::Estimate(error) => refusal(error, estimate.state),
    })?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.estimate(&reference), Some(estimate.version), &decided);
    change.record(event);
    let response = EstimateResponse { estimate: decided.listed(today) };
    Ok(Answer::ok(&response)?.commit(change, idempotency.as_ref()).await??)
}

/// Why a decision was a mistake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoDecision {
    #[serde(default)]
    reason: Option<Note>,
}

/// Undoes a mistaken decision on an estimate.
///
/// The estimate is open again as a new revision, and the decision stays on record. An estimate that became an invoice is
/// not opened again.
///
/// Needs `estimates.manage`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/undo-decision",
    params(("reference" = Reference, Path)), request_body = UndoDecision,
    responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn undo_decision(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesManage>,
    Path(reference): Path<Reference>,
    body: Body<UndoDecision>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let authority = caller.authority();
    let (estimate, company) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.estimate(&reference), tenant.company())
        })
        .await??;
    let (estimate, zone) = show::with_zone::<Estimate>(estimate, company)?;
    let undone = UndoneDecision {
        by: caller.caller.user.clone(),
        by_name: caller.context.claims().name.clone(),
        at: caller.now(),
        reason: body.value.reason,
    };
    let (reopened, event) = estimate.undo_decision(undone).map_err(|error| refusal(error, estimate.state))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.estimate(&reference), Some(estimate.version), &reopened);
    change.record(event);
    let response = EstimateResponse { estimate: reopened.listed(caller.now().day_in(&zone)) };
    Ok(Answer::ok(&response)?.commit(change, idempotency.as_ref()).await??)
}
