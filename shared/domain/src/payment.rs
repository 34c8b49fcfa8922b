//! Payments of invoices through a provider that holds the card data; we hold none.
//!
//! A payment reserves its amount on the invoice when it starts and settles or releases it once, however often and
//! in whatever order the provider reports the outcome.
//!
//! INVARIANT: what lets a payer complete a payment leaves us only after the provider's id is on
//! record in it. So no money can move on a payment without one, and it can be abandoned safely.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, PaymentId, UserId},
    invoice::{Invoice, InvoiceStatus},
    money::{Amount, Currency},
    text::{Name, Reference},
    time::UtcTime,
};

/// How long a payment may stay unopened, in seconds, before the schedule abandons it. The person who started it can
/// complete it until then, by repeating the request.
const UNOPENED_FOR_S: i64 = 30 * 60;
/// How long a payer may take, in seconds, before the schedule gives the payment up.
const OPEN_FOR_S: i64 = 24 * 3600;

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider has not reported the outcome.
    Pending,
    /// The money moved.
    Succeeded,
    /// It failed or was cancelled, and its amount is released.
    Canceled,
}

impl PaymentStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// One attempt to pay an invoice, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id, and the provider's idempotency key.
    pub id: PaymentId,
    /// The company of the invoice.
    pub company: CompanyId,
    /// Which invoice.
    pub invoice: Reference,
    /// How much, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The invoice's currency.
    pub currency: Currency,
    /// Its status.
    pub status: PaymentStatus,
    /// The provider's id for it, recorded before the payer can complete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Who started it.
    pub started_by: UserId,
    /// When.
    pub started_at: UtcTime,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why a payment was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// The invoice is paid or void.
    #[error("the invoice is not open")]
    NotOpen(InvoiceStatus),
    /// More than is due.
    #[error("only {due_minor} is due")]
    MoreThanDue {
        /// The amount that is neither paid nor being paid, in minor units.
        due_minor: i64,
    },
    /// Not the invoice's currency.
    #[error("the invoice is in {0}")]
    Currency(Currency),
}

/// Starts a payment and reserves its amount.
///
/// # Errors
/// [`PayError`].
pub fn start(
    invoice: &Invoice,
    id: PaymentId,
    amount_minor: Amount,
    currency: Currency,
    user: &UserId,
    now: UtcTime,
) -> Result<(Invoice, Payment, NewEvent), PayError> {
    if invoice.status != InvoiceStatus::Open {
        return Err(PayError::NotOpen(invoice.status));
    }
    if currency != invoice.terms.currency {
        return Err(PayError::Currency(invoice.terms.currency));
    }
    if amount_minor.minor() > invoice.due_minor {
        return Err(PayError::MoreThanDue { due_minor: invoice.due_minor });
    }
    let reserved = Invoice {
        due_minor: invoice.due_minor - amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    let payment = Payment {
        id,
        company: invoice.company.clone(),
        invoice: invoice.reference.clone(),
        amount_minor,
        currency,
        status: PaymentStatus::Pending,
        provider_id: None,
        started_by: user.clone(),
        started_at: now,
        ended_at: None,
        version: 1,
    };
    let event = payment.event(kinds::PaymentStarted::of, &reserved);
    Ok((reserved, payment, event))
}

/// The provider's report about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStatus {
    /// The provider's id.
    pub provider_id: String,
    /// The amount that it charged or would charge, in minor units.
    pub amount_minor: i64,
    /// In this currency.
    pub currency: Currency,
    /// The outcome.
    pub outcome: Outcome,
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

/// The result of settling.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// The payment ended now.
    Ended(Box<(Invoice, Payment, NewEvent)>),
    /// It had ended before, or has not ended yet; nothing changes.
    Unchanged,
}

/// The provider's report does not match our record: nothing is settled, and an operator must check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// Another amount or currency than we asked for.
    #[error("the provider's amount or currency is not the payment's")]
    Amount,
    /// Another provider id than the payment's.
    #[error("the provider's id is not the payment's")]
    ProviderId,
    /// Another invoice than the payment's.
    #[error("the invoice is not the payment's")]
    Invoice,
    /// It reports canceled after succeeded, or the reverse.
    #[error("the payment had ended otherwise")]
    Contradiction,
}

/// Applies the provider's report to a payment and its invoice.
///
/// # Errors
/// [`SettleError`].
pub fn settle(
    invoice: &Invoice,
    payment: &Payment,
    word: &ProviderStatus,
    now: UtcTime,
) -> Result<Settlement, SettleError> {
    if invoice.reference != payment.invoice {
        return Err(SettleError::Invoice);
    }
    if payment.provider_id.as_ref().is_some_and(|known| *known != word.provider_id) {
        return Err(SettleError::ProviderId);
    }
    if word.amount_minor != payment.amount_minor.minor() || word.currency != payment.currency {
        return Err(SettleError::Amount);
    }
    let opened = Payment { provider_id: Some(word.provider_id.clone()), ..payment.clone() };
    match (payment.status, word.outcome) {
        (PaymentStatus::Pending, Outcome::Succeeded) => Ok(succeed(invoice, opened, now)),
        (PaymentStatus::Pending, Outcome::Canceled) => Ok(release(invoice, opened, now)),
        (PaymentStatus::Succeeded, Outcome::Canceled) | (PaymentStatus::Canceled, Outcome::Succeeded) => {
            Err(SettleError::Contradiction)
        }
        (PaymentStatus::Pending | PaymentStatus::Succeeded | PaymentStatus::Canceled, Outcome::Open)
        | (PaymentStatus::Succeeded, Outcome::Succeeded)
        | (PaymentStatus::Canceled, Outcome::Canceled) => Ok(Settlement::Unchanged),
    }
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
        Progress::Unopened => Ok(release(invoice, payment.clone(), now)),
        Progress::Open(_) | Progress::Ended => Ok(Settlement::Unchanged),
    }
}

/// Records the money as paid.
fn succeed(invoice: &Invoice, payment: Payment, now: UtcTime) -> Settlement {
    let mut settled = Invoice {
        paid_minor: invoice.paid_minor + payment.amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    settled.status = settled.settled_status();
    payment.end(settled, PaymentStatus::Succeeded, kinds::PaymentSucceeded::of, now)
}

/// Frees the reserved amount.
fn release(invoice: &Invoice, payment: Payment, now: UtcTime) -> Settlement {
    let released = Invoice {
        due_minor: invoice.due_minor + payment.amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    payment.end(released, PaymentStatus::Canceled, kinds::PaymentFailed::of, now)
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Without a recorded id of the provider: nobody can have paid it.
    Unopened,
    /// The payer may be completing it, under this id of the provider's.
    Open(&'a str),
    /// It has ended.
    Ended,
}

/// The schedule's next step for a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingPaymentAction<'a> {
    /// Nothing: it has ended, or the person who started it can still open it.
    Leave,
    /// [`abandon`] it.
    Abandon,
    /// Ask the provider for its status.
    LookUp {
        /// The provider's id.
        provider_id: &'a str,
        /// Whether to give it up there, if it still waits for the payer.
        is_overdue: bool,
    },
}

impl Payment {
    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress<'_> {
        match (self.status, &self.provider_id) {
            (PaymentStatus::Pending, None) => Progress::Unopened,
            (PaymentStatus::Pending, Some(provider_id)) => Progress::Open(provider_id),
            (PaymentStatus::Succeeded | PaymentStatus::Canceled, _) => Progress::Ended,
        }
    }

    /// The payment with the provider's id recorded. Makes no event: nothing has changed for anyone yet.
    #[must_use]
    pub fn open(&self, provider_id: &str) -> Self {
        Self { provider_id: Some(provider_id.to_owned()), version: self.version + 1, ..self.clone() }
    }

    /// The schedule's next step for it at this time.
    #[must_use]
    pub fn pending_payment_action(&self, now: UtcTime) -> PendingPaymentAction<'_> {
        let is_older_than = |seconds| self.started_at.plus_s(seconds) <= now;
        match self.progress() {
            Progress::Unopened if is_older_than(UNOPENED_FOR_S) => PendingPaymentAction::Abandon,
            Progress::Unopened | Progress::Ended => PendingPaymentAction::Leave,
            Progress::Open(provider_id) => {
                PendingPaymentAction::LookUp { provider_id, is_overdue: is_older_than(OPEN_FOR_S) }
            }
        }
    }

    fn end(
        self,
        invoice: Invoice,
        status: PaymentStatus,
        kind: fn(PaymentPayload) -> EventData,
        now: UtcTime,
    ) -> Settlement {
        let ended = Self { status, ended_at: Some(now), version: self.version + 1, ..self };
        let event = ended.event(kind, &invoice);
        Settlement::Ended(Box::new((invoice, ended, event)))
    }

    fn event(&self, kind: fn(PaymentPayload) -> EventData, invoice: &Invoice) -> NewEvent {
        let data = PaymentPayload {
            invoice: self.invoice.clone(),
            invoice_number: invoice.terms.number.clone(),
            invoice_status: invoice.status,
            counterparty: invoice.terms.counterparty.clone(),
            amount_minor: self.amount_minor,
            currency: self.currency,
            status: self.status,
        };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kind(data))
    }
}

/// Payload of the `payment.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentPayload {
    /// The ledger's reference of the invoice.
    pub invoice: Reference,
    /// The number that is printed on the invoice.
    pub invoice_number: Name,
    /// The state of the invoice after the event.
    pub invoice_status: InvoiceStatus,
    /// The other side of the invoice.
    pub counterparty: Name,
    /// How much is paid, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The payment's state.
    pub status: PaymentStatus,
}

#[cfg(test)]
mod tests;
