//! Invoices: the ledger reports them and reads the payments.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Note, Reference,
    invoice::{Invoice, InvoiceAmounts, InvoiceStatus, InvoiceTerms, RecordError, record},
    ledger_report::{ReportError, ReportVersion, apply, first_difference},
    money::Total,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::{
    Which,
    report::{self, Stored},
};

/// An invoice as the ledger reported it, and its payments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerInvoice {
    reference: Reference,
    number: Name,
    counterparty: Name,
    currency: Currency,
    total_minor: Total,
    issued_on: Day,
    due_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    status: InvoiceStatus,
    #[serde(flatten)]
    amounts: InvoiceAmounts,
    /// Your version of this state, if you reported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<ReportVersion>,
}

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerInvoiceResponse {
    invoice: LedgerInvoice,
}

impl From<Invoice> for LedgerInvoiceResponse {
    fn from(invoice: Invoice) -> Self {
        let amounts = invoice.amounts();
        let terms = invoice.terms;
        let invoice = LedgerInvoice {
            reference: invoice.reference,
            number: terms.number,
            counterparty: terms.counterparty,
            currency: terms.currency,
            total_minor: terms.total_minor,
            issued_on: terms.issued_on,
            due_on: terms.due_on,
            description: terms.description,
            status: invoice.status,
            amounts,
            version: invoice.report_version,
        };
        Self { invoice }
    }
}

/// An invoice as it is stored after a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceReportResponse {
    #[serde(flatten)]
    stored: LedgerInvoiceResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the stored one, which
    /// changed nothing.
    applied: bool,
}

/// An invoice's state in the ledger. The ledger never reports an invoice as paid: `settled_elsewhere_minor`
/// says what it has received itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PutInvoiceStatus {
    /// It is to be paid.
    #[default]
    Open,
    /// It is cancelled for good.
    Void,
}

/// A complete invoice: it replaces the stored one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutInvoice {
    /// The number printed on it.
    number: Name,
    counterparty: Name,
    currency: Currency,
    /// In minor units of `currency`. An invoice of zero is settled from the start.
    total_minor: Total,
    /// The amount settled other than through the payment provider, such as by bank transfer, in minor units:
    /// at most the total. It leaves what is due in the same change; a pending payment keeps what it holds.
    #[serde(default)]
    settled_elsewhere_minor: Total,
    issued_on: Day,
    due_on: Day,
    #[serde(default)]
    description: Option<Note>,
    #[serde(default)]
    status: PutInvoiceStatus,
    /// Your version of this state, which grows with each change. A report with an older one changes nothing, and one
    /// with the same version must have the same content. A report without a version is always applied.
    #[serde(default)]
    version: Option<ReportVersion>,
}

impl PutInvoice {
    fn into_terms(self) -> InvoiceTerms {
        InvoiceTerms {
            number: self.number,
            counterparty: self.counterparty,
            currency: self.currency,
            total_minor: self.total_minor,
            settled_elsewhere_minor: self.settled_elsewhere_minor,
            issued_on: self.issued_on,
            due_on: self.due_on,
            description: self.description,
        }
    }
}

/// Creates or updates an invoice from the ledger.
///
/// A change that conflicts with a completed or pending payment is refused; the `409` names the pending ones. A report
/// whose `version` is older than the stored one changes nothing and is answered with the stored invoice and
/// `applied: false`; one version with two contents is a conflict that names the field.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/invoices/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutInvoice,
    responses((status = 201, body = InvoiceReportResponse), (status = 200, body = InvoiceReportResponse)))]
pub(crate) async fn put_invoice(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutInvoice>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let void = body.value.status == PutInvoiceStatus::Void;
    let version = body.value.version;
    let terms = body.value.into_terms();
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.invoice(&reference)).await?;
        let before = known.as_ref().map(|known| (known.version, known.status));
        let refusal = |error| refusal(error, before.map_or(InvoiceStatus::Open, |(_, status)| status));
        let difference = |known: &Invoice| {
            let other_status = (known.status == InvoiceStatus::Void) != void;
            first_difference(&known.terms, &terms).or_else(|| other_status.then(|| "status".to_owned()))
        };
        let decide = |known| record(&company, &reference, known, terms.clone(), void);
        let outcome = apply(known, version, difference, decide).map_err(refusal)?;
        let change = api.store.change(&authority, ledger.change_context());
        let expected = before.map(|(version, _)| version);
        let Stored { stored, is_new, applied } =
            report::store(change, |tenant| tenant.invoice(&reference), expected, outcome).await?;
        Ok(Answer::put(is_new, &InvoiceReportResponse { stored: stored.into(), applied })?)
    })
    .await
}

fn refusal(error: ReportError<RecordError>, status: InvoiceStatus) -> Problem {
    let detail = error.to_string();
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, status.as_str()),
        ReportError::Refused(RecordError::SettledBeyondTotal) => Problem::field("settled_elsewhere_minor", detail),
        ReportError::Refused(RecordError::BelowPaid { pending } | RecordError::PaymentsExist { pending }) => {
            Problem::conflict(detail, status.as_str()).pending_payments(pending)
        }
        ReportError::Refused(RecordError::Void) => Problem::conflict(detail, status.as_str()),
    }
}

/// Shows an invoice and its payments.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/invoices/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerInvoiceResponse)))]
pub(crate) async fn get_ledger_invoice(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let invoice = api.store.load(&authority, ledger.now, |tenant| tenant.invoice(&reference)).await?;
    let invoice = invoice.ok_or_else(Problem::not_found)?;
    Answer::ok(&LedgerInvoiceResponse::from(invoice))
}
