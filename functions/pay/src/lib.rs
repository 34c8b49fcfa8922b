//! Payments of invoices through the payment provider, and the provider's webhooks.
//!
//! A payment first reserves its amount on the invoice; then the provider creates an intent for it; then
//! the intent's id is recorded; and only then does the payer get the client secret. A request that stops
//! early at any point leaves a payment that nobody can have paid: repeating the request completes it;
//! otherwise the schedule cancels it.

mod cancel;
mod customer;
mod provider;
mod show;
mod start;
mod webhook;

use api::Api;
use payments::Provider;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    provider: Provider,
}

impl App {
    /// The function over this edge and this provider.
    #[must_use]
    pub const fn new(api: Api, provider: Provider) -> Self {
        Self { api, provider }
    }
}

api::routes! {
    state: App;
    start::{start_payment},
    show::{list_payments, get_payment},
    cancel::{cancel_payment},
    customer::{
        pay_invoice_as_customer, list_payments_as_customer, get_payment_as_customer, cancel_payment_as_customer,
    },
    webhook::{receive_stripe_event},
}
