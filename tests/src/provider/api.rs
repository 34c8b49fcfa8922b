//! Stripe's side: authentication, idempotency, the failures a test has ordered, and the routes.

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::Response,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::{Account, ApiCall, Records},
    error::ApiError,
    form::Form,
    idempotency::Begun,
    ids::fresh_id,
    intent::Intent,
    plan::{Fault, Operation},
    reply::{hang_up, json_response},
    webhook,
};

const API_VERSION: &str = "2024-06-20";
const PAGE_MAX: usize = 100;

pub(super) fn routes() -> Router<Account> {
    Router::new()
        .route("/", get(async || "A payment provider for tests. It moves no money.\n"))
        .route("/v1/payment_intents", post(create).get(list))
        .route("/v1/payment_intents/{id}", get(retrieve))
        .route("/v1/payment_intents/{id}/confirm", post(confirm))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
}

pub(super) async fn no_such_route(method: Method, uri: Uri) -> Response {
    let message = format!("Unrecognized request URL ({method}: {}).", uri.path());
    let error = ApiError { status: 404, ..ApiError::invalid(&message) };
    json_response(error.status, &error.body())
}

async fn create(State(account): State<Account>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let request = Post::new(Operation::Create, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        // Both are checked before anything is stored: a bad one must leave no intent behind.
        let mut intent = Intent::create(form)?;
        let charged = form.flag("confirm")?.unwrap_or_default().then(|| intent.charge(form));
        // A decline leaves an intent that can be tried again; any other refusal leaves nothing.
        if let Some(Err(error)) = &charged
            && error.status != 402
        {
            return Err(error.clone());
        }
        let mut events = vec![records.event("payment_intent.created", &intent)];
        if charged.is_some() {
            events.push(records.event(intent.status.event(), &intent));
        }
        let answer = intent.to_json();
        records.intents.push(intent);
        Ok(Done { answer: charged.unwrap_or(Ok(())).map(|()| answer), events })
    })
    .await
}

async fn confirm(
    State(account): State<Account>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let request = Post::new(Operation::Confirm, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        records.change(&id, |intent| {
            let by_browser = form.get("client_secret");
            if by_browser.is_some_and(|secret| secret != intent.client_secret) {
                return Err(ApiError::no_such("payment_intent", "intent", &intent.id));
            }
            intent.confirm(form)
        })
    })
    .await
}

async fn cancel(
    State(account): State<Account>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let request = Post::new(Operation::Cancel, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        if records.is_of_session(&id) {
            return Err(ApiError::invalid(
                "You cannot cancel the PaymentIntent for a Checkout Session. Expire the Checkout Session instead.",
            ));
        }
        records.change(&id, |intent| intent.cancel(form))
    })
    .await
}

/// The names under `expand[]` of a look-up.
pub(super) fn expanded_names(uri: &Uri) -> Vec<String> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let pairs = form_urlencoded::parse(query).filter(|(name, _)| name == "expand[]");
    pairs.map(|(_, value)| value.into_owned()).collect()
}

#[derive(Debug, Deserialize)]
struct Retrieve {
    client_secret: Option<String>,
}

async fn retrieve(
    State(account): State<Account>,
    Path(id): Path<String>,
    Query(query): Query<Retrieve>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let expand = expanded_names(&uri);
    look_up(&account, &headers, &uri, |records, caller| {
        let intent = records.intents.iter().find(|intent| intent.id == id);
        let intent = intent.ok_or_else(|| ApiError::no_such("payment_intent", "intent", &id))?;
        match (caller, query.client_secret.as_deref()) {
            (Caller::Browser, None) => Err(ApiError::secret_key_required()),
            (_, Some(secret)) if secret != intent.client_secret => {
                Err(ApiError::no_such("payment_intent", "intent", &id))
            }
            (Caller::Server | Caller::Browser, _) => Ok(intent.expanded(&expand)),
        }
    })
    .await
}

#[derive(Debug, Deserialize)]
struct List {
    limit: Option<usize>,
    starting_after: Option<String>,
}

async fn list(State(account): State<Account>, Query(query): Query<List>, headers: HeaderMap, uri: Uri) -> Response {
    look_up(&account, &headers, &uri, |records, caller| {
        if caller == Caller::Browser {
            return Err(ApiError::secret_key_required());
        }
        let limit = query.limit.unwrap_or(10).clamp(1, PAGE_MAX);
        // Newest first, as Stripe lists them.
        let mut rest: Vec<&Intent> = records.intents.iter().rev().collect();
        if let Some(after) = &query.starting_after {
            let at = rest.iter().position(|intent| intent.id == *after);
            let at = at.ok_or_else(|| ApiError::no_such("payment_intent", "starting_after", after))?;
            rest.drain(..=at);
        }
        let page: Vec<Value> = rest.iter().take(limit).map(|intent| intent.to_json()).collect();
        Ok(json!({
            "object": "list",
            "url": "/v1/payment_intents",
            "has_more": rest.len() > page.len(),
            "data": page,
        }))
    })
    .await
}

/// Who calls: our server by its secret key, or a payer's browser by the publishable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Server,
    Browser,
}

impl Account {
    fn caller(&self, headers: &HeaderMap, form: Option<&Form>) -> Result<Caller, ApiError> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = match header.and_then(|header| header.split_once(' ')) {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Some(key.trim().to_owned()),
            // Basic: the key is the user name, and the password is empty.
            Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => STANDARD
                .decode(pair.trim())
                .ok()
                .and_then(|pair| String::from_utf8(pair).ok())
                .map(|pair| pair.split(':').next().unwrap_or_default().to_owned()),
            _ => None,
        };
        // The browser's library sends its key in the form.
        let key = key.or_else(|| form.and_then(|form| form.get("key")).map(str::to_owned));
        let key = key.filter(|key| !key.is_empty()).ok_or_else(ApiError::no_key)?;
        if key == self.0.api_key {
            return Ok(Caller::Server);
        }
        let is_publishable = match &self.0.publishable_key {
            Some(publishable) => key == *publishable,
            None => key.starts_with("pk_test_"),
        };
        if is_publishable { Ok(Caller::Browser) } else { Err(ApiError::wrong_key(&key)) }
    }
}

impl Records {
    /// Changes one intent, and tells of its new state. A decline changes it too.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut Intent) -> Result<(), ApiError>) -> Result<Done, ApiError> {
        let at = self.intents.iter().position(|intent| intent.id == id);
        let Some(intent) = at.and_then(|at| self.intents.get_mut(at)) else {
            return Err(ApiError::no_such("payment_intent", "intent", id));
        };
        let outcome = change(intent);
        let intent = intent.clone();
        let changed = match &outcome {
            Ok(()) => true,
            Err(error) => error.status == 402,
        };
        let events = if changed { vec![self.event(intent.status.event(), &intent)] } else { Vec::new() };
        match outcome {
            Err(error) if error.before_execution => Err(error),
            outcome => Ok(Done { answer: outcome.map(|()| intent.to_json()), events }),
        }
    }
}

/// The result of an executed request: its answer, and the events to deliver.
pub(super) struct Done {
    pub(super) answer: Result<Value, ApiError>,
    pub(super) events: Vec<String>,
}

/// One POST, taken apart.
pub(super) struct Post<'a> {
    operation: Operation,
    path: &'a str,
    key: Option<String>,
    headers: &'a HeaderMap,
    form: Form,
}

impl<'a> Post<'a> {
    pub(super) fn new(operation: Operation, headers: &'a HeaderMap, uri: &'a Uri, body: &[u8]) -> Self {
        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        Self {
            operation,
            path: uri.path(),
            key: key.filter(|key| !key.is_empty()).map(str::to_owned),
            headers,
            form: Form::parse(body),
        }
    }

    fn admit(&self, account: &Account) -> Result<(), ApiError> {
        let caller = account.caller(self.headers, Some(&self.form))?;
        if caller == Caller::Browser {
            if self.operation != Operation::Confirm {
                return Err(ApiError::secret_key_required());
            }
            self.form.require("client_secret")?;
        }
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if content_type.is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
            ));
        }
        Ok(())
    }
}

/// The result of a POST, before the reply is sent or lost.
struct Outcome {
    status: u16,
    body: Value,
    request: String,
    replayed_from: Option<String>,
}

/// Runs one POST from its key to its reply.
pub(super) async fn run(
    account: &Account,
    post: &Post<'_>,
    execute: impl FnOnce(&mut Records, &Form) -> Result<Done, ApiError>,
) -> Response {
    let request = fresh_id("req");
    let failure = account.records().next_failure(post.operation);
    let fault = failure.as_ref().map(|failure| failure.fault);
    let wait = failure.as_ref().map_or(Duration::ZERO, |failure| Duration::from_millis(failure.delay_ms));
    let refused = |error: &ApiError| Outcome {
        status: error.status,
        body: error.body(),
        request: request.clone(),
        replayed_from: None,
    };
    let begun = match (post.admit(account), fault) {
        (Err(error), _) => Err(error),
        (Ok(()), Some(Fault::RateLimit)) => Err(ApiError::rate_limited()),
        (Ok(()), Some(Fault::ErrorBefore)) => Err(ApiError::internal()),
        (Ok(()), _) => match &post.key {
            None => Ok(Begun::First),
            Some(key) => account.records().keys.begin(key, post.path, &post.form),
        },
    };
    let mut outcome = match begun {
        Err(error) => refused(&error),
        Ok(Begun::Again(replay)) => Outcome {
            status: replay.status,
            body: replay.body,
            request: request.clone(),
            replayed_from: Some(replay.original_request),
        },
        Ok(Begun::First) => {
            if fault == Some(Fault::Delay) {
                tokio::time::sleep(wait).await;
            }
            let (outcome, events) = execute_once(account, post, &request, fault, execute);
            for event in events {
                webhook::deliver(account, event);
            }
            outcome
        }
    };
    if matches!(fault, Some(Fault::ErrorAfter | Fault::ErrorReplayed)) {
        let error = ApiError::internal();
        outcome.status = error.status;
        outcome.body = error.body();
    }
    if fault == Some(Fault::DelayReply) {
        tokio::time::sleep(wait).await;
    }
    reply(account, &Method::POST, post, outcome, fault == Some(Fault::DropReply))
}

/// Executes under the lock of the records, and keeps the answer under the key.
fn execute_once(
    account: &Account,
    post: &Post<'_>,
    request: &str,
    fault: Option<Fault>,
    execute: impl FnOnce(&mut Records, &Form) -> Result<Done, ApiError>,
) -> (Outcome, Vec<String>) {
    let mut records = account.records();
    let (answer, events) = match execute(&mut records, &post.form) {
        Ok(done) => (done.answer, done.events),
        Err(error) => (Err(error), Vec::new()),
    };
    let unused = matches!(&answer, Err(error) if error.before_execution);
    let (status, body) = match &answer {
        Ok(body) => (200, body.clone()),
        Err(error) => (error.status, error.body()),
    };
    for event in &events {
        records.requested_by(event, request, post.key.as_deref());
    }
    if let Some(key) = &post.key {
        match (unused, fault) {
            (true, _) => records.keys.forget(key),
            (false, Some(Fault::ErrorReplayed)) => {
                let error = ApiError::internal();
                records.keys.keep(key, error.status, error.body(), request.to_owned());
            }
            (false, _) => records.keys.keep(key, status, body.clone(), request.to_owned()),
        }
    }
    let outcome = Outcome { status, body, request: request.to_owned(), replayed_from: None };
    (outcome, events)
}

fn reply(account: &Account, method: &Method, post: &Post<'_>, outcome: Outcome, lost: bool) -> Response {
    account.records().calls.push(ApiCall {
        method: method.to_string(),
        path: post.path.to_owned(),
        idempotency_key: post.key.clone(),
        status: outcome.status,
        replayed: outcome.replayed_from.is_some(),
        reply_lost: lost,
    });
    if lost {
        return hang_up();
    }
    let mut response = json_response(outcome.status, &outcome.body);
    let headers = response.headers_mut();
    set(headers, "request-id", &outcome.request);
    set(headers, "stripe-version", asked_version(post.headers));
    if let Some(key) = &post.key {
        set(headers, "idempotency-key", key);
    }
    if let Some(original) = &outcome.replayed_from {
        set(headers, "idempotent-replayed", "true");
        set(headers, "original-request", original);
    }
    response
}

/// Runs one GET.
pub(super) async fn look_up(
    account: &Account,
    headers: &HeaderMap,
    uri: &Uri,
    find: impl FnOnce(&Records, Caller) -> Result<Value, ApiError>,
) -> Response {
    let failure = account.records().next_failure(Operation::Retrieve);
    if let Some(failure) = &failure
        && matches!(failure.fault, Fault::Delay | Fault::DelayReply)
    {
        tokio::time::sleep(Duration::from_millis(failure.delay_ms)).await;
    }
    let fault = failure.map(|failure| failure.fault);
    let found = match fault {
        Some(Fault::RateLimit) => Err(ApiError::rate_limited()),
        Some(Fault::ErrorBefore | Fault::ErrorAfter | Fault::ErrorReplayed) => Err(ApiError::internal()),
        Some(Fault::DropReply | Fault::Delay | Fault::DelayReply) | None => {
            account.caller(headers, None).and_then(|caller| find(&account.records(), caller))
        }
    };
    let (status, body) = match found {
        Ok(body) => (200, body),
        Err(error) => (error.status, error.body()),
    };
    let lost = fault == Some(Fault::DropReply);
    account.records().calls.push(ApiCall {
        method: Method::GET.to_string(),
        path: uri.path().to_owned(),
        idempotency_key: None,
        status,
        replayed: false,
        reply_lost: lost,
    });
    if lost {
        return hang_up();
    }
    let mut response = json_response(status, &body);
    set(response.headers_mut(), "request-id", &fresh_id("req"));
    set(response.headers_mut(), "stripe-version", asked_version(headers));
    response
}

fn asked_version(headers: &HeaderMap) -> &str {
    headers.get("stripe-version").and_then(|version| version.to_str().ok()).unwrap_or(API_VERSION)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
