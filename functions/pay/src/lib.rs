//! Payments of invoices through the payment provider, and what the provider tells of them.
//!
//! A payment reserves its amount on the invoice first; then the provider makes an intent for it;
//! then the intent's id is put on record; and only then does the payer get what completes it. A
//! request that ends early at any point leaves a payment that nobody can have paid: repeating the
//! request completes it, and the schedule gives it up otherwise.

mod cancel;
mod provider;
mod start;
mod view;
mod webhook;

use api::Api;
use payments::Provider;

/// What the handlers need.
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
    view::{get_payment},
    cancel::{cancel_payment},
    webhook::{receive_stripe_event},
}
