//! Applies what the provider reports: that a payment ended, and what it holds of one that succeeded.

use super::{
    event::{about, of_dispute, of_refund, of_status},
    schedule::next_check,
    state::{AtProvider, Payment, PaymentStatus, Progress},
};
use crate::{
    event::{NewEvent, kinds},
    invoice::Invoice,
    money::Currency,
    time::UtcTime,
};

/// The provider's report about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStatus {
    /// The id of the intent. A session has none until its payer confirms.
    pub provider_id: Option<String>,
    /// The id of the session, if the report is of one.
    pub session_id: Option<String>,
    /// The amount that it charged or would charge, in minor units.
    pub amount_minor: i64,
    /// In this currency.
    pub currency: Currency,
    /// The outcome.
    pub outcome: Outcome,
    /// The amount that it has refunded in all, in minor units.
    pub refunded_minor: i64,
    /// The amount that it has withdrawn for disputes, open and lost ones, in minor units.
    pub disputed_minor: i64,
}

/// The provider's outcome of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not decided: a declined card leaves the person free to try another.
    Open,
    /// The money moved.
    Succeeded,
    /// It failed or was cancelled.
    Canceled,
}

/// The result of applying a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// Something changed.
    Changed(Box<SettlementChange>),
    /// The record says the same already, or the payment has not ended yet.
    Unchanged,
}

/// What a report changes.
#[derive(Debug, Clone, PartialEq)]
pub struct SettlementChange {
    /// The invoice as it is now.
    pub invoice: Invoice,
    /// The payment as it is now.
    pub payment: Payment,
    /// What happened: one event or more.
    pub events: Vec<NewEvent>,
}

/// The provider's report does not match our record: nothing is settled, and an operator must check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// Another amount or currency than we asked for.
    #[error("the provider's amount or currency is not the payment's")]
    Amount,
    /// Another intent or session of the provider's than the payment's, or one that names another payment.
    #[error("the provider's id is not the payment's")]
    ProviderId,
    /// Another invoice than the payment's.
    #[error("the invoice is not the payment's")]
    Invoice,
    /// The invoice was changed to another currency after all of the payment had gone back, and money returned.
    #[error("the invoice is in another currency than the payment by now")]
    InvoiceCurrency,
    /// It reports canceled after succeeded, or the reverse.
    #[error("the payment had ended otherwise")]
    Contradiction,
}

impl ProviderStatus {
    /// Whether it is about what the payment has at the provider. A payment without a recorded id takes any: nobody can
    /// have paid it.
    fn is_about(&self, payment: &Payment) -> bool {
        let (intent, session) = (self.provider_id.as_deref(), self.session_id.as_deref());
        let is_of_session =
            session.is_none() || payment.session_id.is_none() || session == payment.session_id.as_deref();
        is_of_session
            && match payment.at_provider() {
                None => true,
                Some(AtProvider::Intent(known)) => intent == Some(known),
                // An intent alone does not say in which session it was made.
                Some(AtProvider::Session(known)) => session == Some(known),
            }
    }
}

/// Applies a report to a payment and its invoice. The amounts that went back are totals, so a report that
/// is applied twice changes nothing, and the newest one is right whatever was missed.
///
/// # Errors
/// [`SettleError`].
pub fn settle(
    invoice: &Invoice,
    payment: &Payment,
    report: &ProviderStatus,
    now: UtcTime,
) -> Result<Settlement, SettleError> {
    if invoice.reference != payment.invoice {
        return Err(SettleError::Invoice);
    }
    if !report.is_about(payment) {
        return Err(SettleError::ProviderId);
    }
    if report.amount_minor != payment.amount_minor.minor() || report.currency != payment.currency {
        return Err(SettleError::Amount);
    }
    let mut change = SettlementChange { invoice: invoice.clone(), payment: payment.clone(), events: Vec::new() };
    change.payment.provider_id = report.provider_id.clone().or(change.payment.provider_id);
    change.payment.session_id = report.session_id.clone().or(change.payment.session_id);
    match (payment.status, report.outcome) {
        (PaymentStatus::Pending, Outcome::Succeeded) => {
            change.succeed(now);
            change.give_back(report);
        }
        (PaymentStatus::Pending, Outcome::Canceled) => change.release(now),
        (PaymentStatus::Succeeded, Outcome::Succeeded) => change.give_back(report),
        (PaymentStatus::Succeeded, Outcome::Canceled) | (PaymentStatus::Canceled, Outcome::Succeeded) => {
            return Err(SettleError::Contradiction);
        }
        (PaymentStatus::Pending | PaymentStatus::Succeeded | PaymentStatus::Canceled, Outcome::Open)
        | (PaymentStatus::Canceled, Outcome::Canceled) => {}
    }
    if change.invoice.paid_minor != invoice.paid_minor && invoice.terms.content.currency != payment.currency {
        return Err(SettleError::InvoiceCurrency);
    }
    Ok(change.concluded())
}

/// Gives up a payment that was never opened; changes nothing if it was, or has ended.
///
/// # Errors
/// [`SettleError::Invoice`].
pub fn abandon(invoice: &Invoice, payment: &Payment, now: UtcTime) -> Result<Settlement, SettleError> {
    if invoice.reference != payment.invoice {
        return Err(SettleError::Invoice);
    }
    match payment.progress() {
        Progress::Unopened => {
            let mut change =
                SettlementChange { invoice: invoice.clone(), payment: payment.clone(), events: Vec::new() };
            change.release(now);
            Ok(change.concluded())
        }
        Progress::Open(_) | Progress::Ended => Ok(Settlement::Unchanged),
    }
}

impl SettlementChange {
    /// Records the money as paid.
    fn succeed(&mut self, now: UtcTime) {
        self.invoice.received(self.payment.amount_minor.minor(), true);
        self.payment.check_at = next_check(now, now);
        self.end(PaymentStatus::Succeeded, now);
        self.events.push(of_status(&self.payment, kinds::PaymentSucceeded::of, &self.invoice));
    }

    /// Frees the reserved amount.
    fn release(&mut self, now: UtcTime) {
        self.invoice.due_minor += self.payment.amount_minor.minor();
        self.end(PaymentStatus::Canceled, now);
        self.events.push(of_status(&self.payment, kinds::PaymentFailed::of, &self.invoice));
    }

    fn end(&mut self, status: PaymentStatus, now: UtcTime) {
        self.invoice.pending.retain(|pending| pending.id != self.payment.id);
        self.payment.status = status;
        self.payment.ended_at = Some(now);
    }

    /// Takes over what was refunded and what is disputed. No more goes back than was paid: a dispute of
    /// what was refunded already takes nothing more.
    fn give_back(&mut self, report: &ProviderStatus) {
        let before = self.payment.clone();
        let paid_minor = self.payment.amount_minor.minor();
        self.payment.refunded_minor = report.refunded_minor.clamp(0, paid_minor);
        self.payment.disputed_minor = report.disputed_minor.clamp(0, paid_minor - self.payment.refunded_minor);
        self.invoice.received(self.payment.held_minor() - before.held_minor(), false);
        self.invoice.disputed_minor += self.payment.disputed_minor - before.disputed_minor;
        if self.payment.refunded_minor != before.refunded_minor {
            let refunded = of_refund(&self.payment, &before, &self.invoice);
            self.events.push(about(&self.payment, kinds::PaymentRefunded::of(refunded)));
        }
        if self.payment.disputed_minor != before.disputed_minor {
            let disputed = of_dispute(&self.payment, &before, &self.invoice);
            self.events.push(about(&self.payment, kinds::PaymentDisputed::of(disputed)));
        }
    }

    /// What changed has an event.
    fn concluded(mut self) -> Settlement {
        if self.events.is_empty() {
            return Settlement::Unchanged;
        }
        self.invoice.version += 1;
        self.payment.version += 1;
        Settlement::Changed(Box::new(self))
    }
}
