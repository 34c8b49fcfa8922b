//! Records what the ledger or a person says of an invoice.

use super::state::{Invoice, InvoiceState, InvoiceTerms, PendingPayment};
use crate::{
    content_digest::ContentDigest,
    id::{CompanyId, UserId},
    ledger_report::Recording,
    sales::DocumentSource,
    text::Reference,
    time::UtcTime,
};

/// What an invoice is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceReport {
    /// Its content, with all lines.
    pub terms: InvoiceTerms,
    /// `Draft`, `Open` or `Void`; whether an open one is settled follows from what was received.
    pub state: InvoiceState,
    /// Who says so.
    pub source: DocumentSource,
    /// The person who sends it, if one does.
    pub by: Option<UserId>,
    /// When.
    pub at: UtcTime,
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More than the total is paid through the provider or credited, or while a payment is pending, more is settled and
    /// being paid.
    #[error("with what is settled elsewhere and credited, more than the total is already paid or being paid")]
    BelowPaid {
        /// The payments that are pending.
        pending: Vec<PendingPayment>,
    },
    /// It is being paid or has been paid in part, so it cannot be withdrawn or change currency.
    #[error("payments exist")]
    PaymentsExist {
        /// The payments that are pending.
        pending: Vec<PendingPayment>,
    },
    /// Credit notes apply to it, so it cannot be withdrawn or change currency.
    #[error("credit notes apply to it")]
    Credited,
    /// Something was settled otherwise than through the provider, which would be in no account any more.
    #[error("something is settled elsewhere: pay it back and report 0, or issue a credit note")]
    SettledElsewhere,
    /// It was withdrawn.
    #[error("it is void")]
    Void,
    /// It was sent.
    #[error("it was sent; a sent invoice is changed or withdrawn")]
    Sent,
    /// It was sent to another customer.
    #[error("was sent to another customer; withdraw it and send a new one")]
    OtherCustomer,
    /// The ledger keeps it.
    #[error("the ledger keeps it")]
    LedgerKeeps,
}

/// Records an invoice, or a change to it.
///
/// While a payment is in flight everything may change that leaves the payment right; the rest is
/// refused, and the ledger tries again once the payment has ended.
///
/// # Errors
/// [`RecordError`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<Invoice>,
    report: InvoiceReport,
) -> Result<Recording<Invoice>, RecordError> {
    let InvoiceReport { terms, state, source, by, at } = report;
    let content_digest = terms.content_digest();
    let Some(known) = known else {
        let mut invoice = Invoice {
            company: company.clone(),
            reference: reference.clone(),
            terms,
            state,
            source,
            revision: 0,
            content_digest,
            line_parts: 0,
            sent_at: None,
            sent_by: None,
            viewed: None,
            paid_elsewhere_at: None,
            credited_minor: 0,
            paid_minor: 0,
            due_minor: 0,
            pending: Vec::new(),
            disputed_minor: 0,
            reminded_on: None,
            report_version: None,
            version: 1,
        };
        invoice.enter(state, 0);
        // One that is withdrawn from the start was never the customer's.
        if matches!(state, InvoiceState::Open | InvoiceState::Settled) {
            invoice.send(by, at);
        }
        let event = invoice.recorded(None, invoice.revision > 0);
        return Ok(Recording::Recorded(invoice, event));
    };
    if known.source == DocumentSource::Ledger && source == DocumentSource::Staff {
        return Err(RecordError::LedgerKeeps);
    }
    let same_content = known.content_digest == content_digest;
    let same_settled = known.terms.settled_elsewhere_minor == terms.settled_elsewhere_minor;
    if same_content && same_settled && known.is_reported_as(state) && known.source == source {
        return Ok(Recording::Unchanged(known));
    }
    known.may_become(&terms, state)?;
    let was_draft = known.state == InvoiceState::Draft;
    let committed = known.paid_minor + known.in_flight_minor();
    let mut changed = Invoice {
        terms,
        source,
        line_parts: if same_content { known.line_parts } else { 0 },
        content_digest,
        version: known.version + 1,
        ..known.clone()
    };
    changed.enter(state, committed);
    // The rest of what came in otherwise is in the customer's favour. But the total stays above what the provider holds
    // or takes and what is credited, and no pending payment pays what was settled. What is overpaid already may be
    // corrected step by step.
    let room = |of: &Invoice| of.total_owed_minor() - of.credited_minor - committed;
    let is_paid_twice = known.in_flight_minor() > 0 && changed.due_minor < known.due_minor.min(0);
    if is_paid_twice || room(&changed) < room(&known).min(0) {
        return Err(RecordError::BelowPaid { pending: known.pending });
    }
    let is_open = matches!(state, InvoiceState::Open | InvoiceState::Settled);
    let is_sent = is_open && (was_draft || !same_content);
    if is_sent {
        changed.send(by, at);
    }
    if changed.becomes_paid_elsewhere(&known) {
        changed.paid_elsewhere_at = Some(at);
    }
    let event = changed.recorded(Some(&known), is_sent);
    Ok(Recording::Recorded(changed, event))
}

impl InvoiceTerms {
    /// The digest of everything that the customer sees. What was settled elsewhere is no part of it.
    #[must_use]
    pub fn content_digest(&self) -> ContentDigest {
        let Self { content, settled_elsewhere_minor: _, due_on, payment_options, estimate } = self;
        ContentDigest::of(&(content, due_on, payment_options, estimate))
    }
}

impl Invoice {
    /// Whether a report of this state says what is stored.
    #[must_use]
    pub fn is_reported_as(&self, state: InvoiceState) -> bool {
        let open = |state| matches!(state, InvoiceState::Open | InvoiceState::Settled);
        self.state == state || open(self.state) && open(state)
    }

    fn may_become(&self, terms: &InvoiceTerms, state: InvoiceState) -> Result<(), RecordError> {
        match (self.state, state) {
            (InvoiceState::Void, _) => return Err(RecordError::Void),
            (InvoiceState::Draft, _) => return Ok(()),
            (_, InvoiceState::Draft) => return Err(RecordError::Sent),
            (InvoiceState::Open | InvoiceState::Settled, _) => {}
        }
        if terms.content.customer != self.terms.content.customer {
            return Err(RecordError::OtherCustomer);
        }
        let other_debt = state == InvoiceState::Void || terms.content.currency != self.terms.content.currency;
        if other_debt && self.paid_minor + self.in_flight_minor() > 0 {
            return Err(RecordError::PaymentsExist { pending: self.pending.clone() });
        }
        if other_debt && self.credited_minor > 0 {
            return Err(RecordError::Credited);
        }
        if state == InvoiceState::Void && terms.settled_elsewhere_minor.minor() > 0 {
            return Err(RecordError::SettledElsewhere);
        }
        Ok(())
    }

    /// Whether a change by which more was settled elsewhere leaves nothing to be paid, for the first time.
    fn becomes_paid_elsewhere(&self, before: &Self) -> bool {
        let is_settled = before.state != InvoiceState::Settled && self.state == InvoiceState::Settled;
        let came_in = self.terms.settled_elsewhere_minor > before.terms.settled_elsewhere_minor;
        is_settled && came_in && before.paid_elsewhere_at.is_none()
    }

    /// The state after a report: what payments have taken or hold is committed.
    fn enter(&mut self, state: InvoiceState, committed_minor: i64) {
        self.state = match state {
            InvoiceState::Draft | InvoiceState::Void => state,
            InvoiceState::Open | InvoiceState::Settled => self.settled_state(),
        };
        self.due_minor = self.payable_minor() - committed_minor;
    }

    /// The present content is the customer's from now on.
    fn send(&mut self, by: Option<UserId>, at: UtcTime) {
        self.revision += 1;
        self.sent_at = Some(at);
        self.sent_by = by;
    }
}
