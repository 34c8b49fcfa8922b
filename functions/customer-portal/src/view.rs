//! Sales documents as a customer's contacts see them: nothing of who in the company made or sent them.

use domain::{
    Currency, Name, Note, Reference, UtcTime,
    content_digest::ContentDigest,
    credit_note::{CreditApplication, CreditNote, CreditNoteState},
    estimate::{DecisionVia, Estimate, EstimateDecisionRecord, EstimateStatus, EstimateVerdict},
    invoice::{Invoice, InvoiceAmounts, InvoiceStatus, PaymentOption},
    money::Total,
    sales::{Adjustment, Attachment, DocumentView, Line, Revision, SentDocument, TaxSubtotal, Totals, ViewerKind},
    time::Day,
};
use serde::Serialize;
use store::CommentCounts;
use utoipa::ToSchema;

/// What all kinds of documents show in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentHead {
    reference: Reference,
    /// The number printed on it.
    number: Name,
    currency: Currency,
    total_minor: Total,
    issued_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    /// The customer's own reference of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_order: Option<Name>,
    /// Which content it is: 1 for the first that was sent, and one more for each after it.
    revision: Revision,
    /// Identifies its content: send it with what is decided or noted about it.
    digest: ContentDigest,
}

impl DocumentHead {
    fn of(document: &impl SentDocument) -> Self {
        let content = document.content();
        Self {
            reference: document.reference().clone(),
            number: content.number.clone(),
            currency: content.currency,
            total_minor: content.total_minor,
            issued_on: content.issued_on,
            description: content.description.clone(),
            purchase_order: content.purchase_order.clone(),
            revision: document.revision(),
            digest: document.digest(),
        }
    }
}

/// An invoice in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerInvoice)]
pub(crate) struct InvoiceView {
    #[serde(flatten)]
    head: DocumentHead,
    status: InvoiceStatus,
    due_on: Day,
    #[serde(flatten)]
    amounts: InvoiceAmounts,
    /// How it can be paid; in any way where nothing is said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payment_options: Vec<PaymentOption>,
    /// The estimate that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<Reference>,
}

impl InvoiceView {
    pub(crate) fn of(invoice: &Invoice, today: Day) -> Self {
        Self {
            head: DocumentHead::of(invoice),
            status: invoice.status(today),
            due_on: invoice.terms.due_on,
            amounts: invoice.amounts(),
            payment_options: invoice.terms.payment_options.clone(),
            estimate: invoice.terms.estimate.clone(),
        }
    }
}

/// A decision on an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerEstimateDecision)]
pub(crate) struct DecisionView {
    decision: EstimateVerdict,
    /// By which way it was made: `staff` recorded one that was made otherwise, such as by phone.
    via: DecisionVia,
    /// The contact who decided, by the name they had then; absent where somebody of the company recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    at: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
    /// About which content.
    revision: Revision,
    /// When it was undone, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_at: Option<UtcTime>,
}

impl From<&EstimateDecisionRecord> for DecisionView {
    fn from(record: &EstimateDecisionRecord) -> Self {
        Self {
            decision: record.decision,
            via: record.by.via,
            by_name: Some(record.by.name.clone()).filter(|_| record.by.via != DecisionVia::Staff),
            at: record.at,
            reason: record.reason.clone(),
            revision: record.revision,
            undone_at: record.undone.as_ref().map(|undone| undone.at),
        }
    }
}

/// An estimate in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerEstimate)]
pub(crate) struct EstimateView {
    #[serde(flatten)]
    head: DocumentHead,
    status: EstimateStatus,
    /// The last day on which it can be decided, in the company's time zone.
    valid_until: Day,
    /// The due date if the estimate is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Day>,
    /// The decision about the present content.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionView>,
    /// Decisions about earlier contents, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier_decisions: Vec<DecisionView>,
    /// The invoice that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<Reference>,
}

impl EstimateView {
    pub(crate) fn of(estimate: &Estimate, today: Day) -> Self {
        Self {
            head: DocumentHead::of(estimate),
            status: estimate.status(today),
            valid_until: estimate.terms.valid_until,
            due_on: estimate.terms.due_on,
            decision: estimate.decision.as_ref().map(Into::into),
            earlier_decisions: estimate.earlier_decisions.iter().map(Into::into).collect(),
            invoice: estimate.invoice.clone(),
        }
    }
}

/// A credit note in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerCreditNote)]
pub(crate) struct CreditNoteView {
    #[serde(flatten)]
    head: DocumentHead,
    status: CreditNoteState,
    /// The invoices that it applies to.
    applied_to: Vec<CreditApplication>,
    /// How much of it was paid out, in minor units.
    paid_out_minor: Total,
}

impl CreditNoteView {
    pub(crate) fn of(note: &CreditNote) -> Self {
        Self {
            head: DocumentHead::of(note),
            status: note.state,
            applied_to: note.terms.applied_to.clone(),
            paid_out_minor: note.terms.paid_out_minor,
        }
    }
}

/// How many comments the caller sees on a document: of the newest 100.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerCommentCounts)]
pub(crate) struct CountsView {
    count: usize,
    /// Those of others that the caller has not read.
    unread_count: usize,
    /// Whether there are more than were looked at.
    more: bool,
}

impl From<CommentCounts> for CountsView {
    fn from(counts: CommentCounts) -> Self {
        let CommentCounts { count, unread_count, more } = counts;
        Self { count, unread_count, more }
    }
}

/// That somebody of the customer saw a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerDocumentView)]
pub(crate) struct SeenView {
    name: Name,
    /// By which way.
    via: ViewerKind,
    /// Which content.
    revision: Revision,
    first_at: UtcTime,
    last_at: UtcTime,
    /// How often.
    count: u32,
}

impl From<DocumentView> for SeenView {
    fn from(view: DocumentView) -> Self {
        Self {
            name: view.viewer_name,
            via: view.viewer.kind,
            revision: view.revision,
            first_at: view.first_at,
            last_at: view.last_at,
            count: view.count,
        }
    }
}

/// What one document shows besides what lists show.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentContents {
    /// The customer's name as it is printed.
    customer_name: Name,
    /// Its terms, as they are printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Note>,
    lines: Vec<Line>,
    /// Allowances and charges on the whole document.
    adjustments: Vec<Adjustment>,
    /// The tax by category and rate.
    taxes: Vec<TaxSubtotal>,
    totals: Totals,
    /// Documents that belong to it, each in the version that is downloaded.
    attachments: Vec<Attachment>,
    comments: CountsView,
    /// Who of the customer saw which content: the last 100.
    views: Vec<SeenView>,
}

impl DocumentContents {
    pub(crate) fn of(document: &impl SentDocument, counts: CommentCounts, views: Vec<DocumentView>) -> Self {
        let content = document.content();
        Self {
            customer_name: content.customer_name.clone(),
            terms: content.terms_text.clone(),
            lines: content.lines.clone(),
            adjustments: content.adjustments.clone(),
            taxes: content.taxes.clone(),
            totals: content.totals,
            attachments: content.attachments.clone(),
            comments: counts.into(),
            views: views.into_iter().map(Into::into).collect(),
        }
    }
}
