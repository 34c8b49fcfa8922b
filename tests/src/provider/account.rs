//! The one account and everything the provider knows of it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    config::Config,
    idempotency::Keys,
    ids::{fresh_id, now_s},
    intent::Intent,
    plan::{DeliveryPlan, Failure, Operation},
    returned::{Dispute, Refund},
    session::Session,
};

/// The events that an endpoint is sent unless it asks for others.
const ENABLED_EVENTS: [&str; 17] = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
];

/// Where webhooks go, and how they are signed.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Option<String>,
    pub(super) secrets: Vec<String>,
    /// Event types, or `*` for all.
    pub(super) enabled_events: Vec<String>,
}

impl Default for Target {
    fn default() -> Self {
        Self { url: None, secrets: Vec::new(), enabled_events: ENABLED_EVENTS.map(str::to_owned).to_vec() }
    }
}

impl Target {
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.enabled_events.iter().any(|enabled| enabled == "*" || enabled == kind)
    }
}

/// An event and the exact bytes that are delivered for it, every time the same.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) payload: Value,
}

/// One attempt to deliver one copy of an event.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Delivery {
    pub(super) event: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
    pub(super) copy: u32,
    pub(super) attempt: u32,
    /// The status that was answered; none when nobody answered.
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
}

/// One request as the provider saw it, for tests which count charges.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ApiCall {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) idempotency_key: Option<String>,
    pub(super) status: u16,
    pub(super) replayed: bool,
    pub(super) reply_lost: bool,
}

/// Everything the provider knows, behind one lock: a request is executed under it in one piece.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) intents: Vec<Intent>,
    pub(super) sessions: Vec<Session>,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
    pub(super) keys: Keys,
    pub(super) events: Vec<Event>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) calls: Vec<ApiCall>,
    pub(super) failures: Vec<Failure>,
    pub(super) plan: DeliveryPlan,
    pub(super) webhook: Target,
    /// Events held back to be delivered in reverse.
    pub(super) held: Vec<String>,
}

impl Records {
    /// Records an event of an intent as it is now, and answers its id.
    pub(super) fn event(&mut self, kind: &str, intent: &Intent) -> String {
        self.event_about(kind, &intent.to_json())
    }

    /// Records an event about an object as it is now, and answers its id.
    pub(super) fn event_about(&mut self, kind: &str, object: &Value) -> String {
        let id = fresh_id("evt");
        let payload = json!({
            "id": id,
            "object": "event",
            "api_version": "2024-06-20",
            "created": now_s(),
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": kind,
        });
        self.events.push(Event { id: id.clone(), kind: kind.to_owned(), payload });
        id
    }

    /// Notes which request caused an event.
    pub(super) fn requested_by(&mut self, event: &str, request: &str, key: Option<&str>) {
        let event = self.events.iter_mut().find(|known| known.id == event);
        if let Some(cause) = event.and_then(|event| event.payload.get_mut("request")) {
            *cause = json!({ "id": request, "idempotency_key": key });
        }
    }

    /// Uses up one of the failures ordered for an operation, the oldest first.
    pub(super) fn next_failure(&mut self, operation: Operation) -> Option<Failure> {
        let at = self
            .failures
            .iter()
            .position(|failure| failure.times > 0 && failure.operation.is_none_or(|wanted| wanted == operation))?;
        let failure = self.failures.get_mut(at)?;
        failure.times = failure.times.saturating_sub(1);
        let failure = failure.clone();
        self.failures.retain(|left| left.times > 0);
        Some(failure)
    }
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) api_key: String,
    pub(super) publishable_key: Option<String>,
    pub(super) http: reqwest::Client,
    records: Mutex<Records>,
}

/// The one account of the provider, shared by every request.
#[derive(Debug, Clone)]
pub(super) struct Account(pub(super) Arc<Inner>);

impl Account {
    pub(super) fn new(config: Config) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(15))
            .build()?;
        let records = Records {
            webhook: Target { url: config.webhook_url, secrets: config.webhook_secrets, ..Target::default() },
            ..Records::default()
        };
        Ok(Self(Arc::new(Inner {
            api_key: config.api_key,
            publishable_key: config.publishable_key,
            http,
            records: Mutex::new(records),
        })))
    }

    pub(super) fn records(&self) -> MutexGuard<'_, Records> {
        self.0.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
