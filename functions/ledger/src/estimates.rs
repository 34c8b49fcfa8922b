//! Estimates: the ledger reports them and reads the decisions.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Note, Reference, UserId, UtcTime,
    estimate::{Estimate, EstimateError, EstimateStatus, EstimateTerms, record},
    invoice::Recording,
    money::Amount,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::Which;

/// An estimate as the ledger reported it, and its decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerEstimate {
    reference: Reference,
    number: Name,
    counterparty: Name,
    currency: Currency,
    total_minor: Amount,
    issued_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Day>,
    valid_until: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    status: EstimateStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
}

/// One estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerEstimateResponse {
    estimate: LedgerEstimate,
}

impl From<Estimate> for LedgerEstimateResponse {
    fn from(estimate: Estimate) -> Self {
        let terms = estimate.terms;
        let estimate = LedgerEstimate {
            reference: estimate.reference,
            number: terms.number,
            counterparty: terms.counterparty,
            currency: terms.currency,
            total_minor: terms.total_minor,
            issued_on: terms.issued_on,
            due_on: terms.due_on,
            valid_until: terms.valid_until,
            description: terms.description,
            status: estimate.status,
            decided_by: estimate.decided_by,
            decided_at: estimate.decided_at,
            reason: estimate.reason,
        };
        Self { estimate }
    }
}

/// A complete estimate: it replaces the stored one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutEstimate {
    /// The number printed on it.
    number: Name,
    counterparty: Name,
    currency: Currency,
    /// In minor units of `currency`.
    total_minor: Amount,
    issued_on: Day,
    /// The due date if the estimate is accepted.
    #[serde(default)]
    due_on: Option<Day>,
    /// The last day on which it can be accepted, in UTC.
    valid_until: Day,
    #[serde(default)]
    description: Option<Note>,
}

impl PutEstimate {
    fn into_terms(self) -> EstimateTerms {
        EstimateTerms {
            number: self.number,
            counterparty: self.counterparty,
            currency: self.currency,
            total_minor: self.total_minor,
            issued_on: self.issued_on,
            due_on: self.due_on,
            valid_until: self.valid_until,
            description: self.description,
        }
    }
}

/// Creates an estimate from the ledger, or updates one that is not decided.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/estimates/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutEstimate,
    responses((status = 201, body = LedgerEstimateResponse), (status = 200, body = LedgerEstimateResponse)))]
pub(crate) async fn put_estimate(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutEstimate>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let terms = body.value.into_terms();
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.estimate(&reference)).await?;
        let expected = known.as_ref().map(|known| known.version);
        match record(&company, &reference, known, terms.clone()).map_err(refusal)? {
            Recording::Unchanged(estimate) => Ok(Answer::ok(&LedgerEstimateResponse::from(estimate))?),
            Recording::Recorded(estimate, event) => {
                let mut change = api.store.change(&authority, ledger.change_context());
                change.put(|tenant| tenant.estimate(&reference), expected, &estimate);
                change.record(event);
                change.commit().await?;
                Ok(Answer::put(expected.is_none(), &LedgerEstimateResponse::from(estimate))?)
            }
        }
    })
    .await
}

fn refusal(error: EstimateError) -> Problem {
    match error {
        EstimateError::Decided(status) => Problem::conflict(error, status.as_str()),
        // Only a decision can be too late, never a report.
        EstimateError::Lapsed(_) => Problem::conflict(error, EstimateStatus::Open.as_str()),
    }
}

/// Shows an estimate and its decision.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/estimates/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerEstimateResponse)))]
pub(crate) async fn get_ledger_estimate(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let estimate = api.store.load(&authority, ledger.now, |tenant| tenant.estimate(&reference)).await?;
    let estimate = estimate.ok_or_else(Problem::not_found)?;
    Answer::ok(&LedgerEstimateResponse::from(estimate))
}
