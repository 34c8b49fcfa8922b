//! What the events about payments say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{Payment, PaymentStatus};
use crate::{
    event::{EventData, NewEvent},
    id::Org,
    invoice::{Invoice, InvoiceState},
    money::{Amount, Currency},
    text::{Name, Reference},
};

/// Payload of `payment.started`, `payment.succeeded` and `payment.failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentPayload {
    /// The ledger's reference of the invoice.
    pub invoice: Reference,
    /// The number that is printed on the invoice.
    pub invoice_number: Name,
    /// The state of the invoice after the event.
    pub invoice_state: InvoiceState,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as the invoice has it.
    pub customer_name: Name,
    /// How much is paid, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The payment's state.
    pub status: PaymentStatus,
}

/// Payload of `payment.refunded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentRefunded {
    /// The ledger's reference of the invoice.
    pub invoice: Reference,
    /// The number that is printed on the invoice.
    pub invoice_number: Name,
    /// The state of the invoice after the event.
    pub invoice_state: InvoiceState,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as the invoice has it.
    pub customer_name: Name,
    /// How much was paid, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// How much of it has been refunded in all.
    pub refunded_minor: i64,
    /// How much had been refunded before. It is the larger one when a refund failed.
    pub before_refunded_minor: i64,
    /// How much of the payment the provider holds now: neither refunded nor disputed.
    pub held_minor: i64,
}

/// Payload of `payment.disputed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentDisputed {
    /// The ledger's reference of the invoice.
    pub invoice: Reference,
    /// The number that is printed on the invoice.
    pub invoice_number: Name,
    /// The state of the invoice after the event.
    pub invoice_state: InvoiceState,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as the invoice has it.
    pub customer_name: Name,
    /// How much was paid, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// How much the provider has withdrawn for disputes, open and lost ones.
    pub disputed_minor: i64,
    /// How much it had withdrawn before. It is the larger one when a dispute was won.
    pub before_disputed_minor: i64,
    /// How much of the payment the provider holds now: neither refunded nor disputed.
    pub held_minor: i64,
}

/// An event about a payment that began or ended.
pub(super) fn of_status(payment: &Payment, kind: fn(PaymentPayload) -> EventData, invoice: &Invoice) -> NewEvent {
    let data = PaymentPayload {
        invoice: payment.invoice.clone(),
        invoice_number: invoice.terms.content.number.clone(),
        invoice_state: invoice.state,
        customer: invoice.terms.content.customer.clone(),
        customer_name: invoice.terms.content.customer_name.clone(),
        amount_minor: payment.amount_minor,
        currency: payment.currency,
        status: payment.status,
    };
    about(payment, kind(data))
}

/// What was refunded of a payment, and what had been before.
pub(super) fn of_refund(payment: &Payment, before: &Payment, invoice: &Invoice) -> PaymentRefunded {
    PaymentRefunded {
        invoice: payment.invoice.clone(),
        invoice_number: invoice.terms.content.number.clone(),
        invoice_state: invoice.state,
        customer: invoice.terms.content.customer.clone(),
        customer_name: invoice.terms.content.customer_name.clone(),
        amount_minor: payment.amount_minor,
        currency: payment.currency,
        refunded_minor: payment.refunded_minor,
        before_refunded_minor: before.refunded_minor,
        held_minor: payment.held_minor(),
    }
}

/// What is withdrawn of a payment for disputes, and what had been before.
pub(super) fn of_dispute(payment: &Payment, before: &Payment, invoice: &Invoice) -> PaymentDisputed {
    PaymentDisputed {
        invoice: payment.invoice.clone(),
        invoice_number: invoice.terms.content.number.clone(),
        invoice_state: invoice.state,
        customer: invoice.terms.content.customer.clone(),
        customer_name: invoice.terms.content.customer_name.clone(),
        amount_minor: payment.amount_minor,
        currency: payment.currency,
        disputed_minor: payment.disputed_minor,
        before_disputed_minor: before.disputed_minor,
        held_minor: payment.held_minor(),
    }
}

/// The event about a payment.
pub(super) fn about(payment: &Payment, data: EventData) -> NewEvent {
    NewEvent::new(Org::Company(payment.company.clone()), payment.id.as_str(), data)
}
