//! Invoices: the ledger reports them and reads the payments.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, input::MAX_DOCUMENT_BYTES, scope};
use axum::extract::State;
use domain::{
    CompanyId, Reference,
    estimate::invoiced_by,
    invoice::{Invoice, InvoiceReport, InvoiceState, InvoiceTerms, PaymentOption, RecordError, record},
    ledger_report::{ReportError, ReportOutcome, apply, is_late},
    money::Total,
    receivables::{AccountInput, DocumentChange, account_change},
    sales::{DocumentSource, SalesDocument},
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, retry_on_conflict};
use utoipa::ToSchema;
use views::{InvoiceView, Shown, attach, attached};

use crate::{
    Which,
    content::{content_refused, default_name, difference, no_such_customer, reported_document},
    report::{self, Stored},
};

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerInvoiceResponse {
    invoice: InvoiceView,
}

/// An invoice as it is stored after a report, without its lines.
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
    /// It is not sent: the customer does not see it.
    Draft,
    /// It is sent, and to be paid.
    #[default]
    Open,
    /// It is cancelled for good.
    Void,
}

impl From<PutInvoiceStatus> for InvoiceState {
    fn from(status: PutInvoiceStatus) -> Self {
        match status {
            PutInvoiceStatus::Draft => Self::Draft,
            PutInvoiceStatus::Open => Self::Open,
            PutInvoiceStatus::Void => Self::Void,
        }
    }
}

reported_document! {
    /// A complete invoice: it replaces the stored one.
    PutInvoice {
        due_on: Day,
        /// The amount settled other than through the payment provider, such as by bank transfer, in minor units. It
        /// leaves what is due in the same change; a pending payment keeps what it holds. What exceeds the total is in the
        /// customer's favour; once it is paid back, it is no longer settled.
        #[serde(default)]
        settled_elsewhere_minor: Total,
        /// How it can be paid. Default: in any way.
        #[serde(default)]
        payment_options: Vec<PaymentOption>,
        /// Your reference of the estimate that it comes from, which then becomes invoiced.
        #[serde(default)]
        estimate: Option<Reference>,
        #[serde(default)]
        status: PutInvoiceStatus,
    }
}

/// Creates or updates an invoice from the ledger.
///
/// The stated amounts are checked against the lines; a refusal names the rule and the line. A change that conflicts with
/// a completed or pending payment is refused; the `409` names the pending ones. A report whose `version` is older than
/// the stored one changes nothing and is answered with the stored invoice and `applied: false`; one version with two
/// contents is a conflict that names the field.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/invoices/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutInvoice,
    responses((status = 201, body = InvoiceReportResponse), (status = 200, body = InvoiceReportResponse)))]
pub(crate) async fn put_invoice(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutInvoice, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let sent = body.value;
    let state = InvoiceState::from(sent.status);
    retry_on_conflict(|| async {
        let wanted = api.store.load(&authority, ledger.now, |tenant| {
            (
                tenant.invoice(&reference),
                tenant.company(),
                tenant.customer(&sent.customer),
                tenant.customer_account(&sent.customer),
                (sent.estimate.as_ref().map(|estimate| tenant.estimate(estimate)), attached(tenant, &sent.attachments)),
            )
        });
        let (known, profile, customer, account, (estimate, attachments)) = wanted.await?;
        let today = ledger.now.day_in(&profile.ok_or_else(Problem::not_found)?.time_zone);
        // What became of the customer and of attachments since is no matter of a report that comes too late.
        if let Some(known) = known.as_ref().filter(|known| is_late(*known, sent.version)) {
            let stored = LedgerInvoiceResponse { invoice: known.clone().listed(today) };
            return Ok(Answer::put(false, &InvoiceReportResponse { stored, applied: false })?);
        }
        let customer = customer.ok_or_else(no_such_customer)?;
        let stored = known.as_ref().map(SalesDocument::content);
        let attachments = attach(&sent.attachments, &attachments, stored)?;
        let name = default_name(stored, &sent.customer, &customer.details.name);
        let content = sent.content(&name, attachments);
        let checked = content.check(customer.details.currency, sent.currency_differs, stored);
        checked.map_err(|error| content_refused(&error))?;
        let terms = InvoiceTerms {
            content,
            settled_elsewhere_minor: sent.settled_elsewhere_minor,
            due_on: sent.due_on,
            payment_options: sent.payment_options.clone(),
            estimate: sent.estimate.clone(),
        };
        let before = known.clone();
        let stored_state = known.as_ref().map_or(InvoiceState::Draft, |known| known.state);
        let differs = |known: &Invoice| {
            difference(known, &known.terms, terms.clone(), &terms.content_digest(), |terms| &mut terms.content.lines)
                .or_else(|| (!known.is_reported_as(state)).then(|| "status".to_owned()))
        };
        let at = ledger.now;
        let report = || InvoiceReport { terms: terms.clone(), state, source: DocumentSource::Ledger, by: None, at };
        let decide = |known| record(&company, &reference, known, report());
        let outcome = apply(known, sent.version, differs, decide).map_err(|error| refusal(error, stored_state))?;

        let mut change = api.store.change(&authority, ledger.change_context());
        if let ReportOutcome::Recorded(after, _) = &outcome {
            let input = AccountInput { company: &company, customer: &sent.customer, account, today, at };
            let account = account_change(input, &[DocumentChange::Invoice(before.as_ref(), after)]);
            if let Some(account) = &account {
                account.check().map_err(|error| Problem::conflict(error, stored_state.as_str()))?;
            }
            change.put_account(account.as_ref());
            if let Some(paid) = after.paid_elsewhere(before.as_ref()) {
                change.record(paid);
            }
            let invoiced = invoiced_by(estimate.flatten(), after).map_err(|error| Problem::field("estimate", error))?;
            if let Some((version, invoiced, event)) = invoiced {
                change.put(|tenant| tenant.estimate(&invoiced.reference), Some(version), &invoiced);
                change.record(event);
            }
        }
        let expected = before.as_ref().map(|before| before.version);
        let Stored { stored, is_new, applied } =
            report::store_document(change, store::Tenant::invoice, expected, outcome).await?;
        let stored = LedgerInvoiceResponse { invoice: stored.listed(today) };
        Ok::<_, Attempt<_>>(Answer::put(is_new, &InvoiceReportResponse { stored, applied })?)
    })
    .await
}

fn refusal(error: ReportError<RecordError>, state: InvoiceState) -> Problem {
    let detail = error.to_string();
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, state.as_str()),
        ReportError::Refused(RecordError::OtherCustomer) => Problem::field("customer", detail),
        ReportError::Refused(RecordError::BelowPaid { pending } | RecordError::PaymentsExist { pending }) => {
            Problem::conflict(detail, state.as_str()).pending_payments(pending)
        }
        ReportError::Refused(
            RecordError::Void
            | RecordError::Credited
            | RecordError::SettledElsewhere
            | RecordError::Sent
            | RecordError::LedgerKeeps,
        ) => Problem::conflict(detail, state.as_str()),
    }
}

/// Shows an invoice with its lines, and its payments.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/invoices/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerInvoiceResponse)))]
pub(crate) async fn get_ledger_invoice(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let wanted =
        api.store.load(&authority, ledger.now, |tenant| (tenant.invoice(&reference), tenant.company())).await?;
    let (Some(invoice), Some(company)) = wanted else { return Err(Problem::not_found().into()) };
    let invoice = api.store.with_lines(&authority, ledger.now, invoice).await?;
    Answer::ok(&LedgerInvoiceResponse { invoice: invoice.shown(ledger.now.day_in(&company.time_zone)) })
}
