//! Invoices, credit notes and estimates as people, the ledger and customers see them.

use std::collections::BTreeMap;

use api::Problem;
use domain::{
    Currency, Name, Note, Reference, UtcTime,
    content_digest::ContentDigest,
    credit_note::{CreditApplication, CreditNote, CreditNoteState},
    document::Document,
    estimate::{Estimate, EstimateDecisionRecord, EstimateState, EstimateStatus},
    invoice::{CreditError, Invoice, InvoiceAmounts, InvoiceState, InvoiceStatus, PaymentOption},
    ledger_report::ReportVersion,
    money::Total,
    sales::{
        self, Adjustment, AttachDocument, AttachError, Attachment, DocumentContent, DocumentSource, Line,
        MAX_ATTACHMENTS, Revision, SalesDocument, TaxSubtotal, Totals,
    },
    time::Day,
};
use serde::Serialize;
use store::{Key, Tenant};
use utoipa::ToSchema;

/// The documents that are to be attached to a sales document.
#[must_use]
pub fn attached(tenant: &Tenant, attachments: &[AttachDocument]) -> Vec<Key<Document>> {
    // More are refused; a read takes a hundred.
    attachments.iter().take(MAX_ATTACHMENTS).map(|one| tenant.document(&one.document)).collect()
}

/// Fixes the versions of what is to be attached; `found` as [`attached`] names them, and `known` the document as it is
/// stored.
///
/// # Errors
/// The problem of the first that is not attached.
pub fn attach(
    wanted: &[AttachDocument],
    found: &[Option<Document>],
    known: Option<&DocumentContent>,
) -> Result<Vec<Attachment>, Problem> {
    let known = known.map_or(&[][..], |known| &known.attachments);
    sales::attach(wanted, found, known).map_err(|error| match error {
        AttachError::NotClean(_, state) => Problem::conflict(error, state.as_str()).naming(&error.field(), error),
        AttachError::Count | AttachError::NoDocument(_) | AttachError::NoVersion(_) => {
            Problem::field(&error.field(), error)
        }
    })
}

/// The invoices that a credit note credits more or less, before and after. `changes` says how much each, and `found` has
/// the invoices in the same order.
///
/// # Errors
/// The problem, with the application that is refused.
pub fn credited_invoices(
    note: &CreditNote,
    changes: &BTreeMap<Reference, i64>,
    found: Vec<Option<Invoice>>,
) -> Result<Vec<(Invoice, Invoice)>, Problem> {
    let content = &note.terms.content;
    let field = |invoice: &Reference| {
        let at = note.terms.applied_to.iter().position(|applied| applied.invoice == *invoice);
        at.map_or_else(|| "applied_to".to_owned(), |at| format!("applied_to[{at}].invoice"))
    };
    let credit = |((reference, minor), invoice): ((&Reference, &i64), Option<Invoice>)| {
        let field = field(reference);
        let invoice = invoice.ok_or_else(|| Problem::field(&field, "is no invoice of this customer"))?;
        let credited = invoice.credit(*minor, &content.customer, content.currency);
        credited.map(|credited| (invoice, credited)).map_err(|error| not_credited(error, &field))
    };
    changes.iter().zip(found).map(credit).collect()
}

fn not_credited(error: CreditError, field: &str) -> Problem {
    let detail = error.to_string();
    match error {
        CreditError::Other => Problem::field(field, detail),
        CreditError::State(state) => Problem::conflict(&detail, state.as_str()).naming(field, detail),
        CreditError::MoreThanDue { pending, .. } => {
            Problem::conflict(&detail, InvoiceState::Open.as_str()).naming(field, detail).pending_payments(pending)
        }
    }
}

/// What all kinds of sales documents show.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesContent {
    reference: Reference,
    /// The number printed on it.
    number: Name,
    customer: Reference,
    /// The customer's name as it is printed.
    customer_name: Name,
    currency: Currency,
    /// What is to be paid, in minor units of `currency`.
    total_minor: Total,
    issued_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    /// The customer's own reference of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_order: Option<Name>,
    /// Its terms, as they are printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Note>,
    /// Documents of the company that belong to it, each in the version that the customer gets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
    /// The lines. Lists leave them out, and what follows to `totals`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Line>>,
    /// Allowances and charges on the whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    adjustments: Option<Vec<Adjustment>>,
    /// The tax by category and rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    taxes: Option<Vec<TaxSubtotal>>,
    /// The sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    /// Who keeps it.
    source: DocumentSource,
    /// Which content it is: 1 for the first that was sent, 0 before.
    revision: Revision,
    /// Identifies the content and its revision: send it with a decision.
    digest: ContentDigest,
    /// When the present content was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<UtcTime>,
    /// The ledger's version of this state, if it reported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<ReportVersion>,
}

/// What else the content of a document needs to be shown.
struct About {
    reference: Reference,
    source: DocumentSource,
    revision: Revision,
    digest: ContentDigest,
    sent_at: Option<UtcTime>,
    version: Option<ReportVersion>,
}

impl SalesContent {
    fn of(content: DocumentContent, about: About, show_lines: bool) -> Self {
        let About { reference, source, revision, digest, sent_at, version } = about;
        let DocumentContent { lines, adjustments, taxes, totals, .. } = content;
        Self {
            reference,
            number: content.number,
            customer: content.customer,
            customer_name: content.customer_name,
            currency: content.currency,
            total_minor: content.total_minor,
            issued_on: content.issued_on,
            description: content.description,
            purchase_order: content.purchase_order,
            terms: content.terms_text,
            attachments: content.attachments,
            lines: show_lines.then_some(lines),
            adjustments: show_lines.then_some(adjustments),
            taxes: show_lines.then_some(taxes),
            totals: show_lines.then_some(totals),
            source,
            revision,
            digest,
            sent_at,
            version,
        }
    }
}

/// A sales document as it is shown on a day.
pub trait Shown: SalesDocument {
    /// Its view.
    type View;

    /// As it is shown alone, with its lines.
    fn shown(self, today: Day) -> Self::View;

    /// As lists and answers to changes show it, without its lines.
    fn listed(self, today: Day) -> Self::View;
}

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceView {
    #[serde(flatten)]
    content: SalesContent,
    #[serde(flatten)]
    amounts: InvoiceAmounts,
    /// The stored state, by which lists are filtered.
    state: InvoiceState,
    /// What it is today, in the company's time zone.
    status: InvoiceStatus,
    due_on: Day,
    /// How it can be paid; in any way where nothing is said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payment_options: Vec<PaymentOption>,
    /// The estimate that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<Reference>,
}

impl InvoiceView {
    fn of(invoice: Invoice, today: Day, show_lines: bool) -> Self {
        let (status, amounts, digest) = (invoice.status(today), invoice.amounts(), invoice.digest());
        let about = About {
            reference: invoice.reference,
            source: invoice.source,
            revision: invoice.revision,
            digest,
            sent_at: invoice.sent_at,
            version: invoice.report_version,
        };
        Self {
            content: SalesContent::of(invoice.terms.content, about, show_lines),
            amounts,
            state: invoice.state,
            status,
            due_on: invoice.terms.due_on,
            payment_options: invoice.terms.payment_options,
            estimate: invoice.terms.estimate,
        }
    }
}

impl Shown for Invoice {
    type View = InvoiceView;

    fn shown(self, today: Day) -> InvoiceView {
        InvoiceView::of(self, today, true)
    }

    fn listed(self, today: Day) -> InvoiceView {
        InvoiceView::of(self, today, false)
    }
}

/// A credit note. Its amounts are above zero and are owed to the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditNote)]
pub struct CreditNoteView {
    #[serde(flatten)]
    content: SalesContent,
    state: CreditNoteState,
    /// The invoices that it applies to.
    applied_to: Vec<CreditApplication>,
    /// How much of it was paid out to the customer, in minor units.
    paid_out_minor: Total,
    /// How much of it is in the customer's favour: applied to no invoice and not paid out, in minor units.
    unapplied_minor: i64,
}

impl CreditNoteView {
    fn of(note: CreditNote, show_lines: bool) -> Self {
        let (unapplied_minor, digest) = (note.unapplied_minor(), note.digest());
        let about = About {
            reference: note.reference,
            source: note.source,
            revision: note.revision,
            digest,
            sent_at: note.sent_at,
            version: note.report_version,
        };
        Self {
            content: SalesContent::of(note.terms.content, about, show_lines),
            state: note.state,
            applied_to: note.terms.applied_to,
            paid_out_minor: note.terms.paid_out_minor,
            unapplied_minor,
        }
    }
}

impl Shown for CreditNote {
    type View = CreditNoteView;

    fn shown(self, _: Day) -> CreditNoteView {
        CreditNoteView::of(self, true)
    }

    fn listed(self, _: Day) -> CreditNoteView {
        CreditNoteView::of(self, false)
    }
}

/// An estimate and its decisions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Estimate)]
pub struct EstimateView {
    #[serde(flatten)]
    content: SalesContent,
    /// The stored state, by which lists are filtered.
    state: EstimateState,
    /// What it is today, in the company's time zone.
    status: EstimateStatus,
    /// The due date if the estimate is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Day>,
    /// The last day on which it can be decided, in the company's time zone.
    valid_until: Day,
    /// The decision about the present revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<EstimateDecisionRecord>,
    /// Decisions about earlier revisions, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier_decisions: Vec<EstimateDecisionRecord>,
    /// The invoice that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<Reference>,
}

impl EstimateView {
    fn of(estimate: Estimate, today: Day, show_lines: bool) -> Self {
        let (status, digest) = (estimate.status(today), estimate.digest());
        let about = About {
            reference: estimate.reference,
            source: estimate.source,
            revision: estimate.revision,
            digest,
            sent_at: estimate.sent_at,
            version: estimate.report_version,
        };
        Self {
            content: SalesContent::of(estimate.terms.content, about, show_lines),
            state: estimate.state,
            status,
            due_on: estimate.terms.due_on,
            valid_until: estimate.terms.valid_until,
            decision: estimate.decision,
            earlier_decisions: estimate.earlier_decisions,
            invoice: estimate.invoice,
        }
    }
}

impl Shown for Estimate {
    type View = EstimateView;

    fn shown(self, today: Day) -> EstimateView {
        EstimateView::of(self, today, true)
    }

    fn listed(self, today: Day) -> EstimateView {
        EstimateView::of(self, today, false)
    }
}
