//! A payment provider which speaks Stripe's protocol over real HTTP, keeps state, and fails on demand.
//!
//! It stands in for Stripe where `localstripe` falls short: idempotency keys, webhooks which come
//! twice, out of order or not at all, and replies which are lost after the charge was made. It must
//! know nothing of Countersign: it is told a webhook address and secrets, as Stripe is.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /v1/payment_intents` | makes an intent; with `confirm=true` and a `payment_method` charges it too |
//! | `GET /v1/payment_intents`, `GET /v1/payment_intents/{id}` | looks intents up |
//! | `POST /v1/payment_intents/{id}/confirm` | charges it, by the secret key or as the browser does, by publishable key and `client_secret` |
//! | `POST /v1/payment_intents/{id}/cancel` | cancels it |
//! | `/_admin/…` | what a test wants to see or to go wrong: see [`admin`] |
//!
//! Payment methods: `pm_card_visa`, `pm_card_mastercard` and `pm_card_amex` succeed;
//! `pm_card_visa_chargeDeclined`, `pm_card_visa_chargeDeclinedInsufficientFunds` and
//! `pm_card_chargeDeclinedExpiredCard` are declined; `pm_usBankAccount_success` stays `processing`
//! until an admin settles it.
//!
//! Sources: Stripe's API reference (errors, idempotent requests, the `PaymentIntent` object) and its
//! guide to webhook signatures. No card data is accepted, as none may ever reach us.

pub mod admin;
mod api;
mod error;
mod form;
mod idempotency;
mod intent;
pub mod webhook;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::wire::{Reply, Server, WireError};
use admin::{DeliveryPlan, Failure};
use idempotency::Keys;
use intent::Intent;
use webhook::{Delivery, Event};

/// The secret key, when none is given.
pub const API_KEY: &str = "sk_test_countersign";
/// The secret that webhooks are signed with, when none is given.
pub const WEBHOOK_SECRET: &str = "whsec_countersign";

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 asks for any free one.
    pub port: u16,
    /// The secret key of the one account.
    pub api_key: String,
    /// The publishable key; without one, any `pk_test_…` is taken.
    pub publishable_key: Option<String>,
    /// The secrets that webhooks are signed with. During a rotation there are two, and two signatures.
    pub webhook_secrets: Vec<String>,
    /// Where webhooks go; it can be set later.
    pub webhook_url: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: API_KEY.to_owned(),
            publishable_key: None,
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned()],
            webhook_url: None,
        }
    }
}

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
        let router: Router = api::routes().merge(admin::routes()).fallback(api::no_such_route).with_state(account);
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

/// Marks a response which must never be sent: the connection is reset instead.
#[derive(Debug, Clone, Copy)]
struct HangUp;

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

/// One request as the provider saw it, for tests which count charges.
#[derive(Debug, Clone, serde::Serialize)]
struct ApiCall {
    method: String,
    path: String,
    idempotency_key: Option<String>,
    status: u16,
    replayed: bool,
    reply_lost: bool,
}

/// Everything the provider knows, behind one lock: a request is executed under it in one piece.
#[derive(Debug, Default)]
struct Ledger {
    intents: Vec<Intent>,
    keys: Keys,
    events: Vec<Event>,
    deliveries: Vec<Delivery>,
    calls: Vec<ApiCall>,
    failures: Vec<Failure>,
    plan: DeliveryPlan,
    webhook: webhook::Target,
    /// Events held back to be delivered in reverse.
    held: Vec<String>,
}

#[derive(Debug)]
struct AccountInner {
    api_key: String,
    publishable_key: Option<String>,
    http: reqwest::Client,
    ledger: Mutex<Ledger>,
}

/// The one account of the provider, shared by every request.
#[derive(Debug, Clone)]
struct Account(Arc<AccountInner>);

impl Account {
    fn new(config: Config) -> Result<Self, ProviderError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(15))
            .build()?;
        let ledger = Ledger {
            webhook: webhook::Target {
                url: config.webhook_url,
                secrets: config.webhook_secrets,
                ..webhook::Target::default()
            },
            ..Ledger::default()
        };
        Ok(Self(Arc::new(AccountInner {
            api_key: config.api_key,
            publishable_key: config.publishable_key,
            http,
            ledger: Mutex::new(ledger),
        })))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fresh id in Stripe's shape: a prefix and 24 letters and digits.
fn fresh_id(prefix: &str) -> String {
    let random = Uuid::new_v4().simple().to_string();
    let short: String = random.chars().take(24).collect();
    format!("{prefix}_{short}")
}

/// Seconds since 1970.
fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A JSON response, printed over several lines as Stripe prints it.
fn json_response(status: u16, body: &Value) -> axum::response::Response {
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, axum::http::HeaderValue::from_static("application/json"));
    response
}
