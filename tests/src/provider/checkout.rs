//! Checkout Sessions: the requests, and the page on which a payer pays.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::Value;

use super::{
    account::{Account, Records},
    api::{Caller, Done, Post, expanded_names, look_up, run},
    error::ApiError,
    form::Form,
    intent::{Intent, Status as IntentStatus},
    plan::Operation,
    session::{Session, Status},
    webhook,
};

const EXPIRE: &[&str] = &["expand"];

pub(super) fn routes() -> Router<Account> {
    Router::new()
        .route("/v1/checkout/sessions", post(create))
        .route("/v1/checkout/sessions/{id}", get(retrieve))
        .route("/v1/checkout/sessions/{id}/expire", post(expire))
        .route("/c/pay/{id}", get(show_page).post(pay))
}

impl Records {
    pub(super) fn session(&self, id: &str) -> Result<&Session, ApiError> {
        self.sessions
            .iter()
            .find(|session| session.id == id)
            .ok_or_else(|| ApiError::no_such("checkout.session", "session", id))
    }

    fn session_mut(&mut self, id: &str) -> Result<&mut Session, ApiError> {
        let found = self.sessions.iter_mut().find(|session| session.id == id);
        found.ok_or_else(|| ApiError::no_such("checkout.session", "session", id))
    }

    /// A session with the objects in place of the ids that `expand[]` names.
    pub(super) fn session_json(&self, session: &Session, expand: &[String]) -> Value {
        let mut shown = session.to_json();
        let wanted: Vec<&str> = expand.iter().filter_map(|name| name.strip_prefix("payment_intent")).collect();
        let intent = self.intents.iter().find(|intent| Some(&intent.id) == session.intent.as_ref());
        if let (false, Some(intent), Some(place)) = (wanted.is_empty(), intent, shown.get_mut("payment_intent")) {
            let inner: Vec<String> =
                wanted.iter().filter_map(|name| name.strip_prefix('.')).map(str::to_owned).collect();
            *place = intent.expanded(&inner);
        }
        shown
    }

    fn session_event(&mut self, kind: &str, id: &str) -> Result<String, ApiError> {
        let shown = self.session(id)?.to_json();
        Ok(self.event_about(kind, &shown))
    }

    pub(super) fn create_session(&mut self, form: &Form, origin: &str) -> Result<Value, ApiError> {
        let session = Session::create(form, origin)?;
        let shown = session.to_json();
        self.sessions.push(session);
        Ok(shown)
    }

    /// Ends a session that is open; answers the events.
    pub(super) fn expire_session(&mut self, id: &str, form: &Form) -> Result<Vec<String>, ApiError> {
        form.only(EXPIRE)?;
        let session = self.session_mut(id)?;
        if session.status != Status::Open {
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{}`.",
                session.status.name()
            );
            return Err(ApiError { before_execution: false, ..ApiError::invalid(&message) });
        }
        session.status = Status::Expired;
        let of = session.intent.clone();
        let mut events = Vec::new();
        if let Some(intent) = self.intents.iter_mut().find(|intent| Some(&intent.id) == of.as_ref()) {
            intent.cancel(&Form::default())?;
            let intent = intent.clone();
            events.push(self.event(intent.status.event(), &intent));
        }
        events.push(self.session_event("checkout.session.expired", id)?);
        Ok(events)
    }

    /// The payer confirms on the page. A declined method leaves the session open.
    pub(super) fn pay_in_session(&mut self, id: &str, form: &Form) -> (Result<String, ApiError>, Vec<String>) {
        let mut events = Vec::new();
        let paid = self.confirm_in_session(id, form, &mut events);
        (paid, events)
    }

    fn confirm_in_session(&mut self, id: &str, form: &Form, events: &mut Vec<String>) -> Result<String, ApiError> {
        let session = self.session(id)?.clone();
        if !session.is_open() {
            return Err(ApiError { status: 410, ..ApiError::invalid("This Checkout Session is no longer active.") });
        }
        let mut intent = match self.intents.iter().find(|intent| Some(&intent.id) == session.intent.as_ref()) {
            Some(intent) => intent.clone(),
            None => {
                let intent = Intent::create(&session.intent_data)?;
                events.push(self.event("payment_intent.created", &intent));
                intent
            }
        };
        let charged = intent.charge(form);
        if charged.as_ref().is_err_and(|error| error.status != 402) {
            return Err(charged.err().unwrap_or_else(ApiError::internal));
        }
        self.intents.retain(|known| known.id != intent.id);
        self.intents.push(intent.clone());
        events.push(self.event(intent.status.event(), &intent));
        let session = self.session_mut(id)?;
        session.intent = Some(intent.id);
        charged?;
        session.status = Status::Complete;
        session.is_paid = intent.status == IntentStatus::Succeeded;
        let back = session.success_url.clone();
        events.push(self.session_event("checkout.session.completed", id)?);
        Ok(back)
    }

    /// What a bank decides about an intent that is on its way, its session tells too.
    pub(super) fn session_hears(&mut self, intent: &Intent) -> Option<String> {
        let session = self.sessions.iter_mut().find(|session| session.intent.as_ref() == Some(&intent.id))?;
        if session.status != Status::Complete || session.is_paid {
            return None;
        }
        let kind = match intent.status {
            IntentStatus::Succeeded => "checkout.session.async_payment_succeeded",
            IntentStatus::RequiresPaymentMethod => "checkout.session.async_payment_failed",
            IntentStatus::RequiresAction | IntentStatus::Processing | IntentStatus::Canceled => return None,
        };
        session.is_paid = intent.status == IntentStatus::Succeeded;
        let id = session.id.clone();
        self.session_event(kind, &id).ok()
    }

    /// Whether an intent was made in a session: it cannot be cancelled by itself.
    pub(super) fn is_of_session(&self, intent: &str) -> bool {
        self.sessions.iter().any(|session| session.intent.as_deref() == Some(intent))
    }
}

async fn create(State(account): State<Account>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let request = Post::new(Operation::Create, &headers, &uri, &body);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = format!("http://{host}");
    run(&account, &request, |records, form| {
        let answer = records.create_session(form, &origin)?;
        Ok(Done { answer: Ok(answer), events: Vec::new() })
    })
    .await
}

async fn retrieve(State(account): State<Account>, Path(id): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    let expand = expanded_names(&uri);
    look_up(&account, &headers, &uri, |records, caller| {
        if caller == Caller::Browser {
            return Err(ApiError::secret_key_required());
        }
        Ok(records.session_json(records.session(&id)?, &expand))
    })
    .await
}

async fn expire(
    State(account): State<Account>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let request = Post::new(Operation::Cancel, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        let events = records.expire_session(&id, form)?;
        let answer = records.session_json(records.session(&id)?, &[]);
        Ok(Done { answer: Ok(answer), events })
    })
    .await
}

/// The page: it asks for no card, since no money moves.
async fn show_page(State(account): State<Account>, Path(id): Path<String>) -> Response {
    let records = account.records();
    let Ok(session) = records.session(&id) else { return StatusCode::NOT_FOUND.into_response() };
    if !session.is_open() {
        return (StatusCode::GONE, "This page has ended.\n").into_response();
    }
    let (amount, currency) = (session.amount_total, session.currency.to_uppercase());
    Html(format!(
        "<!DOCTYPE html><title>Payment page for tests</title><h1>{amount} {currency} (minor units)</h1>\
         <form method=\"post\"><button name=\"payment_method\" value=\"pm_card_visa\">Pay</button></form>"
    ))
    .into_response()
}

/// The payer pays: by a payment method, or by the data of a new one, as an intent is confirmed. With `notify=false` no
/// webhook is sent, for tests.
async fn pay(State(account): State<Account>, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let (paid, events) = account.records().pay_in_session(&id, &form);
    for event in events.into_iter().filter(|_| form.get("notify") != Some("false")) {
        webhook::deliver(&account, event);
    }
    match paid {
        Ok(back) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            if let Ok(back) = HeaderValue::from_str(&back) {
                response.headers_mut().insert(header::LOCATION, back);
            }
            response
        }
        Err(error) => super::reply::json_response(error.status, &error.body()),
    }
}
