//! What a test tells the provider, and asks of it. None of this exists at Stripe.
//!
//! | request | body | what it does |
//! | --- | --- | --- |
//! | `PUT /_admin/webhook` | `{"url"?, "secrets"?: […], "enabled_events"?: ["*"]}` | sets where webhooks go and how they are signed; what is absent stays |
//! | `PUT /_admin/deliveries` | `{"times"?: 2, "reversed"?, "window_ms"?, "drop"?, "delay_ms"?, "concurrent"?}` | replaces the plan for webhooks from now on; `{}` is the default again |
//! | `POST /_admin/fail_next` | [`Failure`] | makes the next matching request fail |
//! | `DELETE /_admin/fail_next` | | takes back what has not failed yet |
//! | `GET /_admin/payment_intents` | | every intent, with `charges`, the number of successful charges |
//! | `POST /_admin/payment_intents/{id}` | `{"status"?, "amount"?, "amount_received"?, "currency"?, "expires_at"?, "notify"?: true}` | changes an intent behind the caller's back, and sends the event of its state |
//! | `POST /_admin/checkout_sessions/{id}` | `{"status"?: "expired", "amount_total"?, "currency"?, "notify"?: true}` | changes a session behind the caller's back; `expired` as when its time is over |
//! | `POST /_admin/payment_intents/{id}/disputes` | `{"amount"?, "inquiry"?: false, "notify"?: true}` | the payer's bank disputes the charge, or a part of it |
//! | `POST /_admin/disputes/{id}` | `{"status": "won", "notify"?: true}` | the payer's bank decides a dispute |
//! | `POST /_admin/refunds/{id}/fail` | `{"notify"?: true}` | the payer's bank does not take a refund |
//! | `GET /_admin/events` | | every event, delivered or not |
//! | `POST /_admin/events/{id}/redeliver` | `{"times"?: 1, "concurrent"?}` | delivers an event again, and answers when that is done |
//! | `GET /_admin/deliveries` | | every attempt, with the status that was answered |
//! | `GET /_admin/requests` | | every call of the API, with its key and whether it was replayed |
//! | `POST /_admin/reset` | | forgets everything but the webhook's address and secrets |

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::{Account, Records},
    form::Form,
    intent::Status,
    plan::{DeliveryPlan, Failure},
    reply::json_response,
    returned::DisputeStatus,
    session, webhook,
};

pub(super) fn routes() -> Router<Account> {
    Router::new()
        .route("/_admin/webhook", put(set_webhook))
        .route("/_admin/deliveries", put(set_deliveries).get(deliveries))
        .route("/_admin/fail_next", post(fail_next).delete(fail_no_more))
        .route("/_admin/payment_intents", get(intents))
        .route("/_admin/payment_intents/{id}", post(change_intent))
        .route("/_admin/checkout_sessions/{id}", post(change_session))
        .route("/_admin/payment_intents/{id}/disputes", post(dispute))
        .route("/_admin/disputes/{id}", post(decide_dispute))
        .route("/_admin/refunds/{id}/fail", post(fail_refund))
        .route("/_admin/events", get(events))
        .route("/_admin/events/{id}/redeliver", post(redeliver))
        .route("/_admin/requests", get(requests))
        .route("/_admin/reset", post(reset))
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn not_found(what: &str) -> Response {
    json_response(404, &json!({ "error": format!("no such {what}") }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetWebhook {
    url: Option<String>,
    secrets: Option<Vec<String>>,
    enabled_events: Option<Vec<String>>,
}

async fn set_webhook(State(account): State<Account>, Json(set): Json<SetWebhook>) -> Response {
    let mut records = account.records();
    let target = &mut records.webhook;
    target.url = set.url.or_else(|| target.url.take());
    if let Some(secrets) = set.secrets {
        target.secrets = secrets;
    }
    if let Some(enabled_events) = set.enabled_events {
        target.enabled_events = enabled_events;
    }
    done()
}

async fn set_deliveries(State(account): State<Account>, Json(plan): Json<DeliveryPlan>) -> Response {
    account.records().plan = plan;
    done()
}

async fn fail_next(State(account): State<Account>, Json(failure): Json<Failure>) -> Response {
    account.records().failures.push(failure);
    done()
}

async fn fail_no_more(State(account): State<Account>) -> Response {
    account.records().failures.clear();
    done()
}

async fn intents(State(account): State<Account>) -> Response {
    let intents: Vec<Value> = account
        .records()
        .intents
        .iter()
        .map(|intent| {
            let mut shown = intent.to_json();
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("charges".to_owned(), json!(intent.charges));
            }
            shown
        })
        .collect();
    json_response(200, &json!({ "data": intents }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeIntent {
    status: Option<Status>,
    amount: Option<i64>,
    amount_received: Option<i64>,
    currency: Option<String>,
    /// The end of the voucher, in Unix seconds.
    expires_at: Option<i64>,
    notify: Option<bool>,
}

async fn change_intent(
    State(account): State<Account>,
    Path(id): Path<String>,
    Json(change): Json<ChangeIntent>,
) -> Response {
    let mut records = account.records();
    let Some(intent) = records.intents.iter_mut().find(|intent| intent.id == id) else {
        return not_found("payment intent");
    };
    if let Some(amount) = change.amount {
        intent.amount = amount;
    }
    if let Some(status) = change.status {
        intent.settle(status);
    }
    if let Some(received) = change.amount_received {
        intent.amount_received = received;
    }
    if let Some(currency) = change.currency {
        intent.currency = currency;
    }
    if let Some(at_s) = change.expires_at {
        intent.expire(at_s);
    }
    let intent = intent.clone();
    let notify = change.notify.unwrap_or(true);
    let events = [notify.then(|| records.event(intent.status.event(), &intent)), records.session_hears(&intent)];
    drop(records);
    for event in events.into_iter().flatten().filter(|_| notify) {
        webhook::deliver(&account, event);
    }
    json_response(200, &intent.to_json())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeSession {
    status: Option<session::Status>,
    amount_total: Option<i64>,
    currency: Option<String>,
    notify: Option<bool>,
}

async fn change_session(
    State(account): State<Account>,
    Path(id): Path<String>,
    Json(change): Json<ChangeSession>,
) -> Response {
    let mut records = account.records();
    let Some(session) = records.sessions.iter_mut().find(|session| session.id == id) else {
        return not_found("session");
    };
    session.amount_total = change.amount_total.unwrap_or(session.amount_total);
    if let Some(currency) = change.currency {
        session.currency = currency;
    }
    let events = match change.status {
        Some(session::Status::Expired) => records.expire_session(&id, &Form::default()).unwrap_or_default(),
        Some(session::Status::Open | session::Status::Complete) | None => Vec::new(),
    };
    let shown = records.session(&id).map(|session| records.session_json(session, &[])).unwrap_or_default();
    drop(records);
    if change.notify.unwrap_or(true) {
        for event in events {
            webhook::deliver(&account, event);
        }
    }
    json_response(200, &shown)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenDispute {
    amount: Option<i64>,
    #[serde(default)]
    inquiry: bool,
    notify: Option<bool>,
}

async fn dispute(State(account): State<Account>, Path(id): Path<String>, Json(how): Json<OpenDispute>) -> Response {
    let opened = account.records().dispute(&id, how.amount, how.inquiry);
    tell(&account, opened, how.notify, "charge")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecideDispute {
    status: DisputeStatus,
    notify: Option<bool>,
}

async fn decide_dispute(
    State(account): State<Account>,
    Path(id): Path<String>,
    Json(how): Json<DecideDispute>,
) -> Response {
    let decided = account.records().decide_dispute(&id, how.status);
    tell(&account, decided, how.notify, "dispute")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FailRefund {
    notify: Option<bool>,
}

async fn fail_refund(State(account): State<Account>, Path(id): Path<String>, Json(how): Json<FailRefund>) -> Response {
    let failed = account.records().fail_refund(&id);
    tell(&account, failed, how.notify, "refund")
}

/// Sends the events of what a bank did, and answers the object.
fn tell(account: &Account, done: Option<(Value, Vec<String>)>, notify: Option<bool>, what: &str) -> Response {
    let Some((object, events)) = done else { return not_found(what) };
    if notify.unwrap_or(true) {
        for event in events {
            webhook::deliver(account, event);
        }
    }
    json_response(200, &object)
}

async fn events(State(account): State<Account>) -> Response {
    let events = account.records().events.clone();
    json_response(200, &json!({ "data": events }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Redeliver {
    times: Option<u32>,
    concurrent: bool,
}

async fn redeliver(State(account): State<Account>, Path(id): Path<String>, Json(how): Json<Redeliver>) -> Response {
    if !account.records().events.iter().any(|event| event.id == id) {
        return not_found("event");
    }
    webhook::send_copies(&account, &id, how.times.unwrap_or(1), how.concurrent).await;
    done()
}

async fn deliveries(State(account): State<Account>) -> Response {
    let deliveries = account.records().deliveries.clone();
    json_response(200, &json!({ "data": deliveries }))
}

async fn requests(State(account): State<Account>) -> Response {
    let calls = account.records().calls.clone();
    json_response(200, &json!({ "data": calls }))
}

async fn reset(State(account): State<Account>) -> Response {
    let mut records = account.records();
    let webhook = records.webhook.clone();
    *records = Records { webhook, ..Records::default() };
    done()
}
