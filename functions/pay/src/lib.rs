//! Payments of invoices through the payment provider, and the provider's webhooks.
//!
//! A payment first reserves its amount on the invoice; then the provider creates an intent or a session for it; then
//! its id is recorded; and only then does the payer get what completes it: the client secret of an intent, or the
//! address of the page of a session, for those who pay through a hosted link. A request that stops
//! early at any point leaves a payment that nobody can have paid: repeating the request completes it;
//! otherwise the schedule cancels it.

mod cancel;
mod customer;
mod hosted;
mod provider;
mod show;
mod start;
mod webhook;

use api::{Api, ConfigError};
use hosted_links::HostedLinks;
use payments::Provider;
use store::SdkConfig;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    provider: Provider,
    links: HostedLinks,
    /// The base of every link, without a slash at the end.
    public_url: String,
}

impl App {
    /// The function over this edge and this provider. Makes the client of KMS, with the name that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `LINK_KEY_ID` or `PUBLIC_URL`.
    pub fn from_environment(api: Api, provider: Provider, config: &SdkConfig) -> Result<Self, ConfigError> {
        let links = HostedLinks::from_environment(api.store.clone(), config)?;
        let public_url = api::env_var("PUBLIC_URL")?.trim_end_matches('/').to_owned();
        Ok(Self { api, provider, links, public_url })
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
    hosted::{pay_hosted_invoice},
    webhook::{receive_stripe_event},
}
