//! Estimates: the ledger reports them and reads the decisions.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Note, Reference, UserId, UtcTime,
    estimate::{Estimate, EstimateError, EstimateStatus, EstimateTerms, record},
    ledger_report::{ReportError, ReportVersion, apply, first_difference},
    money::Amount,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::{
    Which,
    report::{self, Stored},
};

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
    /// Your version of this state, if you reported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<ReportVersion>,
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
            version: estimate.report_version,
        };
        Self { estimate }
    }
}

/// An estimate as it is stored after a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateReportResponse {
    #[serde(flatten)]
    stored: LedgerEstimateResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the stored one, which
    /// changed nothing.
    applied: bool,
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
    /// The last day on which it can be accepted, in the company's time zone.
    valid_until: Day,
    #[serde(default)]
    description: Option<Note>,
    /// Your version of this state, which grows with each change. A report with an older one changes nothing, and one
    /// with the same version must have the same content. A report without a version is always applied.
    #[serde(default)]
    version: Option<ReportVersion>,
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
///
/// A report whose `version` is older than the stored one changes nothing and is answered with the stored estimate and
/// `applied: false`; one version with two contents is a conflict that names the field.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/estimates/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutEstimate,
    responses((status = 201, body = EstimateReportResponse), (status = 200, body = EstimateReportResponse)))]
pub(crate) async fn put_estimate(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutEstimate>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let version = body.value.version;
    let terms = body.value.into_terms();
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.estimate(&reference)).await?;
        let expected = known.as_ref().map(|known| known.version);
        let status = known.as_ref().map_or(EstimateStatus::Open, |known| known.status);
        let difference = |known: &Estimate| first_difference(&known.terms, &terms);
        let decide = |known| record(&company, &reference, known, terms.clone());
        let outcome = apply(known, version, difference, decide).map_err(|error| refusal(error, status))?;
        let change = api.store.change(&authority, ledger.change_context());
        let Stored { stored, is_new, applied } =
            report::store(change, |tenant| tenant.estimate(&reference), expected, outcome).await?;
        Ok(Answer::put(is_new, &EstimateReportResponse { stored: stored.into(), applied })?)
    })
    .await
}

fn refusal(error: ReportError<EstimateError>, status: EstimateStatus) -> Problem {
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, status.as_str()),
        // Only a decision can be too late or about other terms, never a report.
        ReportError::Refused(EstimateError::Decided(_) | EstimateError::Lapsed(_) | EstimateError::Changed) => {
            Problem::conflict(error, status.as_str())
        }
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
