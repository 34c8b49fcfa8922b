//! A payment provider which speaks Stripe's protocol over real HTTP, keeps state, and fails on demand.
//!
//! It stands in for Stripe where `localstripe` falls short: idempotency keys, webhooks which come twice, out of
//! order or not at all, and replies which are lost after the charge was made. It must know nothing of Countersign:
//! it gets a webhook address and secrets, as Stripe does.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /v1/payment_intents` | makes an intent; with `confirm=true` and a `payment_method` charges it too |
//! | `GET /v1/payment_intents`, `GET /v1/payment_intents/{id}` | looks intents up |
//! | `POST /v1/payment_intents/{id}/confirm` | charges it, by the secret key or as the browser does, by publishable key and `client_secret` |
//! | `POST /v1/payment_intents/{id}/cancel` | cancels it |
//! | `POST /v1/checkout/sessions` | makes a page on which one payer pays: `/c/pay/{id}` |
//! | `GET /v1/checkout/sessions/{id}` | looks a session up |
//! | `POST /v1/checkout/sessions/{id}/expire` | ends it, if it is open |
//! | `POST /c/pay/{id}` | the payer pays on that page, with the payment methods of an intent |
//! | `POST /v1/refunds` | refunds a charge, in whole or in part |
//! | `GET /v1/disputes`, `POST /v1/disputes/{id}` | looks disputes up; submits evidence, which may decide one |
//! | `/_admin/…` | what a test wants to see or to go wrong: see `admin.rs` |
//!
//! Payment methods: `pm_card_visa`, `pm_card_mastercard` and `pm_card_amex` succeed;
//! `pm_card_visa_chargeDeclined`, `pm_card_visa_chargeDeclinedInsufficientFunds` and
//! `pm_card_chargeDeclinedExpiredCard` are declined; `pm_usBankAccount_success` stays `processing`
//! until an admin settles it. The data of a new method, `payment_method_data[type]`, may be `multibanco` (a voucher,
//! which waits until its `expires_at`) or `ideal` (a redirect to the payer's bank).
//!
//! Sources: Stripe's API reference (errors, idempotent requests, the `PaymentIntent` object) and its
//! guide to webhook signatures. No card data is accepted, as none may ever reach us.

mod account;
mod admin;
mod api;
mod checkout;
mod config;
mod error;
mod form;
mod idempotency;
mod ids;
mod intent;
mod money_back;
mod plan;
mod reply;
mod returned;
mod session;
pub mod webhook;

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;

use self::{account::Account, reply::HangUp};
use crate::wire::{Reply, Server, WireError};

pub use self::config::{API_KEY, Config, WEBHOOK_SECRET};

/// A running provider. It stops when dropped.
#[derive(Debug)]
pub struct Provider {
    server: Server,
}

impl Provider {
    /// Starts a provider which knows no payments yet.
    ///
    /// # Errors
    /// When the port or the HTTP client for webhooks cannot be had.
    pub async fn start(config: Config) -> Result<Self, ProviderError> {
        let port = config.port;
        let account = Account::new(config)?;
        let router: Router = api::routes()
            .merge(checkout::routes())
            .merge(money_back::routes())
            .merge(admin::routes())
            .fallback(api::no_such_route)
            .with_state(account);
        let server = Server::start(port, None, move |request| answer(router.clone(), request)).await?;
        Ok(Self { server })
    }

    /// Its address, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

/// Why the provider could not start.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The listening side.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The side that sends webhooks.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

async fn answer(router: Router, request: Request<Bytes>) -> Reply {
    let Ok(response) = router.oneshot(request.map(Body::from)).await;
    if response.extensions().get::<HangUp>().is_some() {
        return Reply::HangUp;
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Reply::Answer(Response::from_parts(parts, body.to_bytes())),
        Err(_) => Reply::HangUp,
    }
}
