//! Estimates: the ledger reports them and reads the decisions.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, input::MAX_DOCUMENT_BYTES, scope};
use axum::extract::State;
use domain::{
    CompanyId, Reference,
    estimate::{Estimate, EstimateError, EstimateReport, EstimateState, EstimateTerms, record},
    ledger_report::{ReportError, apply, is_late},
    sales::{DocumentSource, SalesDocument},
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, retry_on_conflict};
use utoipa::ToSchema;
use views::{EstimateView, Shown, attach, attached};

use crate::{
    Which,
    content::{content_refused, default_name, difference, no_such_customer, reported_document},
    report::{self, Stored},
};

/// One estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerEstimateResponse {
    estimate: EstimateView,
}

/// An estimate as it is stored after a report, without its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateReportResponse {
    #[serde(flatten)]
    stored: LedgerEstimateResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the stored one, which
    /// changed nothing.
    applied: bool,
}

/// An estimate's state in the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PutEstimateStatus {
    /// It is not sent: the customer does not see it.
    Draft,
    /// It is sent, and the customer decides.
    #[default]
    Open,
}

reported_document! {
    /// A complete estimate: it replaces the stored one.
    PutEstimate {
        /// The due date if the estimate is accepted.
        #[serde(default)]
        due_on: Option<Day>,
        /// The last day on which it can be accepted, in the company's time zone.
        valid_until: Day,
        #[serde(default)]
        status: PutEstimateStatus,
    }
}

/// Creates an estimate from the ledger, or updates one that is not accepted.
///
/// The stated amounts are checked against the lines; a refusal names the rule and the line. A change of an estimate that
/// was sent or declined makes a new revision, which is open. A report whose `version` is older than the stored one
/// changes nothing and is answered with the stored estimate and `applied: false`; one version with two contents is a
/// conflict that names the field.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/estimates/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutEstimate,
    responses((status = 201, body = EstimateReportResponse), (status = 200, body = EstimateReportResponse)))]
pub(crate) async fn put_estimate(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutEstimate, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let sent = body.value;
    let is_draft = sent.status == PutEstimateStatus::Draft;
    retry_on_conflict(|| async {
        let wanted = api.store.load(&authority, ledger.now, |tenant| {
            let attachments = attached(tenant, &sent.attachments);
            (tenant.estimate(&reference), tenant.company(), tenant.customer(&sent.customer), attachments)
        });
        let (known, profile, customer, attachments) = wanted.await?;
        let today = ledger.now.day_in(&profile.ok_or_else(Problem::not_found)?.time_zone);
        // What became of the customer and of attachments since is no matter of a report that comes too late.
        if let Some(known) = known.as_ref().filter(|known| is_late(*known, sent.version)) {
            let stored = LedgerEstimateResponse { estimate: known.clone().listed(today) };
            return Ok(Answer::put(false, &EstimateReportResponse { stored, applied: false })?);
        }
        let customer = customer.ok_or_else(no_such_customer)?;
        let stored = known.as_ref().map(SalesDocument::content);
        let attachments = attach(&sent.attachments, &attachments, stored)?;
        let name = default_name(stored, &sent.customer, &customer.details.name);
        let content = sent.content(&name, attachments);
        let checked = content.check(customer.details.currency, sent.currency_differs, stored);
        checked.map_err(|error| content_refused(&error))?;
        let terms = EstimateTerms { content, due_on: sent.due_on, valid_until: sent.valid_until };

        let expected = known.as_ref().map(|known| known.version);
        let state = known.as_ref().map_or(EstimateState::Draft, |known| known.state);
        let differs = |known: &Estimate| {
            difference(known, &known.terms, terms.clone(), &terms.content_digest(), |terms| &mut terms.content.lines)
                .or_else(|| ((known.state == EstimateState::Draft) != is_draft).then(|| "status".to_owned()))
        };
        let report = || EstimateReport {
            terms: terms.clone(),
            is_draft,
            again: false,
            source: DocumentSource::Ledger,
            by: None,
            at: ledger.now,
        };
        let decide = |known| record(&company, &reference, known, report());
        let outcome = apply(known, sent.version, differs, decide).map_err(|error| refusal(error, state))?;
        let change = api.store.change(&authority, ledger.change_context());
        let Stored { stored, is_new, applied } =
            report::store_document(change, store::Tenant::estimate, expected, outcome).await?;
        let stored = LedgerEstimateResponse { estimate: stored.listed(today) };
        Ok::<_, Attempt<_>>(Answer::put(is_new, &EstimateReportResponse { stored, applied })?)
    })
    .await
}

fn refusal(error: ReportError<EstimateError>, state: EstimateState) -> Problem {
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, state.as_str()),
        ReportError::Refused(EstimateError::OtherCustomer) => Problem::field("customer", error),
        // Only a decision can be too late or about another content, never a report.
        ReportError::Refused(
            EstimateError::Decided(_)
            | EstimateError::Draft
            | EstimateError::NotDecided(_)
            | EstimateError::Lapsed(_)
            | EstimateError::Changed
            | EstimateError::NoReason
            | EstimateError::Sent
            | EstimateError::LedgerKeeps,
        ) => Problem::conflict(error, state.as_str()),
    }
}

/// Shows an estimate with its lines, and its decisions.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/estimates/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerEstimateResponse)))]
pub(crate) async fn get_ledger_estimate(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let wanted =
        api.store.load(&authority, ledger.now, |tenant| (tenant.estimate(&reference), tenant.company())).await?;
    let (Some(estimate), Some(company)) = wanted else { return Err(Problem::not_found().into()) };
    let estimate = api.store.with_lines(&authority, ledger.now, estimate).await?;
    Answer::ok(&LedgerEstimateResponse { estimate: estimate.shown(ledger.now.day_in(&company.time_zone)) })
}
