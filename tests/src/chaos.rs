//! A proxy between a function and its table which fails on demand (PROOF.md, F2 to F5).
//!
//! A function reaches it by `AWS_ENDPOINT_URL_DYNAMODB`, so nothing in the function changes. Rules
//! are keyed on the DynamoDB action (`x-amz-target`): the first rule which matches a request and
//! has not run out decides what happens to it. Everything which passes is recorded, with the parsed
//! request and answer, so that round trips and capacity units can be counted (`capacity`).
//!
//! The proxy never interprets what it forwards: what is stored is the upstream's business alone.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::wire::{Identity, Reply, Request, Server, WireError};

/// Where DynamoDB names the action of a request: `DynamoDB_20120810.<Action>`.
const TARGET: &str = "x-amz-target";
/// What the service calls an error in its answers.
const ERROR_NAMESPACE: &str = "com.amazonaws.dynamodb.v20120810#";
/// Longer than any answer of the upstream that is worth waiting for.
const UPSTREAM_LIMIT: Duration = Duration::from_secs(30);
/// The oldest exchanges are forgotten beyond this, so that a forgotten proxy cannot eat the machine.
const EXCHANGES_MAX: usize = 100_000;

/// What a rule does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Forwards the request after waiting.
    Delay(Duration),
    /// Answers 400 `ProvisionedThroughputExceededException`; the upstream sees nothing.
    ThroughputExceeded,
    /// Answers 400 `ThrottlingException`; the upstream sees nothing.
    Throttling,
    /// Answers what the service answers when another transaction holds an item: a
    /// `TransactionCanceledException` whose first reason is `TransactionConflict`, or for a single
    /// write a `TransactionConflictException`. The upstream sees nothing.
    TransactionConflict,
    /// Answers a `TransactionCanceledException` whose first reason is `ThrottlingError`, which is
    /// how a transaction learns of a throttle. The upstream sees nothing.
    TransactionThrottled,
    /// Answers 500 `InternalServerError`; the upstream sees nothing.
    ServerError,
    /// Resets the connection; the upstream sees nothing.
    Reset,
    /// Forwards, waits for the upstream's answer, then resets the connection: the change is made
    /// and the caller cannot know (F3).
    DropReply,
    /// Holds the request until [`RuleHandle::release`], then forwards it.
    Hold,
    /// Forwards at once and holds the answer until [`RuleHandle::release`]: the change is made, and
    /// the caller can be killed before it learns so (F2).
    HoldReply,
}

type Predicate = Arc<dyn Fn(&Value) -> bool + Send + Sync>;

/// Which requests are hit, how often, and how.
#[derive(Clone)]
pub struct Rule {
    action: Option<String>,
    predicate: Option<Predicate>,
    spared: usize,
    times: Option<usize>,
    fault: Fault,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("action", &self.action)
            .field("spared", &self.spared)
            .field("times", &self.times)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl Rule {
    /// Hits every request of one action, such as `TransactWriteItems`.
    #[must_use]
    pub fn on(action: &str, fault: Fault) -> Self {
        Self { action: Some(action.to_owned()), predicate: None, spared: 0, times: None, fault }
    }

    /// Hits every request, whatever its action.
    #[must_use]
    pub fn on_everything(fault: Fault) -> Self {
        Self { action: None, ..Self::on("", fault) }
    }

    /// Hits at most this many requests.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(self, spared: usize) -> Self {
        Self { spared, ..self }
    }

    /// Hits only requests whose JSON body satisfies `predicate`.
    #[must_use]
    pub fn when(self, predicate: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Self {
        Self { predicate: Some(Arc::new(predicate)), ..self }
    }

    fn matches(&self, action: &str, request: &Value) -> bool {
        self.action.as_deref().is_none_or(|wanted| wanted == action)
            && self.predicate.as_ref().is_none_or(|predicate| predicate(request))
    }
}

#[derive(Debug)]
struct Placed {
    rule: Rule,
    matched: AtomicUsize,
    hits: watch::Sender<usize>,
    gate: watch::Sender<bool>,
    removed: std::sync::atomic::AtomicBool,
}

impl Placed {
    /// Counts the request and says whether the rule takes it.
    fn takes(&self, action: &str, request: &Value) -> bool {
        if self.removed.load(Ordering::SeqCst) || !self.rule.matches(action, request) {
            return false;
        }
        let before = self.matched.fetch_add(1, Ordering::SeqCst);
        let past_spared = before.checked_sub(self.rule.spared);
        match (past_spared, self.rule.times) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(nth), Some(times)) => nth < times,
        }
    }
}

/// A rule in place: what it has done, and the gate of its held requests.
#[derive(Debug, Clone)]
pub struct RuleHandle {
    placed: Arc<Placed>,
}

impl RuleHandle {
    /// How many requests the rule has hit. A request which is held counts once it has reached the
    /// gate: with [`Fault::HoldReply`], when the upstream has answered.
    #[must_use]
    pub fn hits(&self) -> usize {
        *self.placed.hits.borrow()
    }

    /// Waits until the rule has hit this many requests.
    pub async fn reached(&self, hits: usize) {
        let mut seen = self.placed.hits.subscribe();
        // The sender lives in `self`, so this can only end by the count.
        let _ = seen.wait_for(|count| *count >= hits).await;
    }

    /// Opens the gate: held requests go on, and later ones are no longer held.
    pub fn release(&self) {
        self.placed.gate.send_replace(true);
    }

    /// Takes the rule away and opens its gate.
    pub fn remove(&self) {
        self.placed.removed.store(true, Ordering::SeqCst);
        self.release();
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is under way.
    Pending,
    /// The caller was answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body as JSON, null when it is none.
        response: Value,
        /// The length of the body in bytes.
        response_bytes: usize,
    },
    /// The connection was reset. `committed` holds the upstream's answer if it was asked.
    HungUp {
        /// The status and body that the caller never saw.
        committed: Option<(u16, Value)>,
    },
}

/// One request as it passed, and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Counts up from 0, in order of arrival.
    pub number: u64,
    /// The action, such as `TransactWriteItems`.
    pub action: String,
    /// The length of the request's body in bytes.
    pub request_bytes: usize,
    /// The request's body.
    pub request: Value,
    /// What was done to it, if anything.
    pub fault: Option<Fault>,
    /// When it arrived.
    pub started_at: Instant,
    /// From arrival to answer.
    pub took: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// The round trip that each exchange was part of, counted from 1: one more than the latest of those
/// that were over when it began. So a slow request beside a chain of others hides none of the chain.
#[must_use]
pub fn round_trips(exchanges: &[Exchange]) -> Vec<usize> {
    let mut trips: Vec<usize> = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        let over = exchanges.iter().zip(&trips).filter(|(one, _)| one.started_at + one.took <= exchange.started_at);
        trips.push(1 + over.map(|(_, trip)| *trip).max().unwrap_or_default());
    }
    trips
}

impl Exchange {
    /// The JSON body of the answer; null while pending or when the caller got none.
    #[must_use]
    pub fn response(&self) -> &Value {
        match &self.outcome {
            Outcome::Answered { response, .. } => response,
            Outcome::Pending | Outcome::HungUp { .. } => &Value::Null,
        }
    }

    /// The answered status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.outcome {
            Outcome::Answered { status, .. } => Some(*status),
            Outcome::Pending | Outcome::HungUp { .. } => None,
        }
    }
}

/// An answer of an upstream.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Who answers the requests that no fault answers.
///
/// There are two: a real endpoint ([`Endpoint`]), and the benchmark's replay of recorded answers.
pub trait Upstream: Send + Sync + 'static {
    /// Answers one request.
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        action: &'a str,
        parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, UpstreamError>> + Send + 'a>>;
}

/// The upstream could not be asked, or gave no answer.
#[derive(Debug, thiserror::Error)]
#[error("the upstream gave no answer: {0}")]
pub struct UpstreamError(pub String);

/// A DynamoDB endpoint to which requests are passed on unchanged, signature and `Host` included.
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: String,
    client: reqwest::Client,
}

impl Endpoint {
    /// The endpoint at `url`, such as `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(url: &str) -> Result<Self, ChaosError> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).timeout(UPSTREAM_LIMIT).build()?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), client })
    }
}

impl Upstream for Endpoint {
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        _action: &'a str,
        _parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, UpstreamError>> + Send + 'a>> {
        Box::pin(async move {
            let failed = |error: reqwest::Error| UpstreamError(error.to_string());
            let mut headers = request.headers().clone();
            headers.remove(header::CONNECTION);
            headers.remove(header::TRANSFER_ENCODING);
            let response = self
                .client
                .request(request.method().clone(), format!("{}{}", self.url, request.uri().path()))
                .headers(headers)
                .body(request.body().clone())
                .send()
                .await
                .map_err(failed)?;
            Ok(Answer { status: response.status().as_u16(), body: response.bytes().await.map_err(failed)? })
        })
    }
}

/// Why the proxy could not start.
#[derive(Debug, thiserror::Error)]
pub enum ChaosError {
    /// The listening side.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The side towards the upstream.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

#[derive(Debug, Default)]
struct Journal {
    next: u64,
    exchanges: VecDeque<Exchange>,
}

struct Shared {
    upstream: Arc<dyn Upstream>,
    rules: Mutex<Vec<Arc<Placed>>>,
    journal: Mutex<Journal>,
}

/// The proxy. It stops when dropped.
pub struct Chaos {
    shared: Arc<Shared>,
    server: Server,
    endpoint: String,
}

impl fmt::Debug for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chaos").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Chaos {
    /// Starts a plain-HTTP proxy in front of the DynamoDB endpoint at `upstream`.
    ///
    /// # Errors
    /// When no port or no HTTP client can be had.
    pub async fn in_front_of(upstream: &str) -> Result<Self, ChaosError> {
        Self::start(Arc::new(Endpoint::new(upstream)?), None).await
    }

    /// Starts a proxy in front of any upstream, over TLS when given an identity.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: Arc<dyn Upstream>, identity: Option<&Identity>) -> Result<Self, ChaosError> {
        let shared = Arc::new(Shared { upstream, rules: Mutex::default(), journal: Mutex::default() });
        let server = {
            let shared = Arc::clone(&shared);
            Server::start(0, identity, move |request| pass(Arc::clone(&shared), request)).await?
        };
        // Over TLS the name is `localhost`: a client then resolves a name, as it does on AWS.
        let endpoint = match identity {
            None => format!("http://{}", server.address()),
            Some(_) => format!("https://localhost:{}", server.address().port()),
        };
        Ok(Self { shared, server, endpoint })
    }

    /// What to put into `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// Puts a rule in place, behind those already there.
    pub fn place(&self, rule: Rule) -> RuleHandle {
        let placed = Arc::new(Placed {
            rule,
            matched: AtomicUsize::new(0),
            hits: watch::Sender::new(0),
            gate: watch::Sender::new(false),
            removed: false.into(),
        });
        lock(&self.shared.rules).push(Arc::clone(&placed));
        RuleHandle { placed }
    }

    /// Removes every rule and releases every held request.
    pub fn calm(&self) {
        for placed in lock(&self.shared.rules).drain(..) {
            RuleHandle { placed }.remove();
        }
    }

    /// Every exchange since the start or the last [`Chaos::take_exchanges`], in order of arrival.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared.journal).exchanges.iter().cloned().collect()
    }

    /// Takes the exchanges out of the journal, so that the next count begins at nothing.
    #[must_use]
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared.journal).exchanges.drain(..).collect()
    }

    /// How many requests of an action have arrived.
    #[must_use]
    pub fn count(&self, action: &str) -> usize {
        lock(&self.shared.journal).exchanges.iter().filter(|exchange| exchange.action == action).count()
    }
}

/// A panic elsewhere in a test must not hide behind a poisoned lock: the data is only a journal.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass(shared: Arc<Shared>, request: Request) -> Reply {
    let action = request
        .headers()
        .get(TARGET)
        .and_then(|target| target.to_str().ok())
        .map(|target| target.rsplit('.').next().unwrap_or(target).to_owned())
        .unwrap_or_default();
    let parsed: Value = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    let placed = lock(&shared.rules).iter().find(|placed| placed.takes(&action, &parsed)).cloned();
    let number = shared.arrived(&action, &request, &parsed, placed.as_deref());
    let decided = decide(&shared, placed.as_deref(), &request, &action, &parsed).await;
    shared.ended(number, &decided);
    match decided {
        Decided::HangUp { .. } => Reply::HangUp,
        Decided::Answer(answer) => Reply::Answer(into_response(answer)),
    }
}

enum Decided {
    Answer(Answer),
    HangUp { committed: Option<Answer> },
}

async fn decide(shared: &Shared, placed: Option<&Placed>, request: &Request, action: &str, parsed: &Value) -> Decided {
    let forward = || async {
        match shared.upstream.answer(request, action, parsed).await {
            Ok(answer) => answer,
            // A 503 with the reason in it: a test which did not mean this can read what went wrong.
            Err(error) => Answer { status: 503, body: error_body("ServiceUnavailable", &error.to_string()) },
        }
    };
    let Some(placed) = placed else {
        return Decided::Answer(forward().await);
    };
    let hit = || placed.hits.send_modify(|hits| *hits = hits.saturating_add(1));
    match placed.rule.fault {
        Fault::Delay(wait) => {
            hit();
            tokio::time::sleep(wait).await;
            Decided::Answer(forward().await)
        }
        Fault::Reset => {
            hit();
            Decided::HangUp { committed: None }
        }
        Fault::DropReply => {
            let committed = Some(forward().await);
            hit();
            Decided::HangUp { committed }
        }
        Fault::Hold => {
            hit();
            opened(placed).await;
            Decided::Answer(forward().await)
        }
        Fault::HoldReply => {
            let answer = forward().await;
            hit();
            opened(placed).await;
            Decided::Answer(answer)
        }
        fault @ (Fault::ThroughputExceeded
        | Fault::Throttling
        | Fault::TransactionConflict
        | Fault::TransactionThrottled
        | Fault::ServerError) => {
            hit();
            Decided::Answer(injected(fault, action, parsed))
        }
    }
}

async fn opened(placed: &Placed) {
    let _ = placed.gate.subscribe().wait_for(|open| *open).await;
}

/// The answer that the service itself gives in such a case.
fn injected(fault: Fault, action: &str, request: &Value) -> Answer {
    let refused = |error: &str, message: &str| Answer { status: 400, body: error_body(error, message) };
    let is_transaction = action.starts_with("Transact");
    match fault {
        Fault::ThroughputExceeded => refused(
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
        ),
        Fault::TransactionConflict if is_transaction => {
            cancelled(request, "TransactionConflict", "Transaction is ongoing for the item")
        }
        Fault::TransactionConflict => refused("TransactionConflictException", "Transaction is ongoing for the item"),
        Fault::TransactionThrottled if is_transaction => cancelled(
            request,
            "ThrottlingError",
            "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.",
        ),
        Fault::ServerError => Answer { status: 500, body: error_body("InternalServerError", "Internal server error") },
        Fault::Throttling
        | Fault::TransactionThrottled
        | Fault::Delay(_)
        | Fault::Reset
        | Fault::DropReply
        | Fault::Hold
        | Fault::HoldReply => refused(
            "ThrottlingException",
            "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.",
        ),
    }
}

/// A cancelled transaction: one reason per item, in order, and the codes again in the message.
fn cancelled(request: &Value, code: &str, message: &str) -> Answer {
    let items = request.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
    let codes: Vec<&str> = std::iter::once(code).chain(std::iter::repeat("None")).take(items.max(1)).collect();
    let reasons: Vec<Value> = codes
        .iter()
        .map(|reason| match *reason {
            "None" => json!({ "Code": "None" }),
            code => json!({ "Code": code, "Message": message }),
        })
        .collect();
    let summary =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let body = json!({
        "__type": format!("{ERROR_NAMESPACE}TransactionCanceledException"),
        "CancellationReasons": reasons,
        "Message": summary,
    });
    Answer { status: 400, body: Bytes::from(body.to_string()) }
}

fn error_body(error: &str, message: &str) -> Bytes {
    let body = json!({ "__type": format!("{ERROR_NAMESPACE}{error}"), "message": message });
    Bytes::from(body.to_string())
}

fn into_response(answer: Answer) -> Response<Bytes> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

impl Shared {
    fn arrived(&self, action: &str, request: &Request, parsed: &Value, placed: Option<&Placed>) -> u64 {
        let mut journal = lock(&self.journal);
        let number = journal.next;
        journal.next = number.saturating_add(1);
        if journal.exchanges.len() >= EXCHANGES_MAX {
            journal.exchanges.pop_front();
        }
        journal.exchanges.push_back(Exchange {
            number,
            action: action.to_owned(),
            request_bytes: request.body().len(),
            request: parsed.clone(),
            fault: placed.map(|placed| placed.rule.fault),
            started_at: Instant::now(),
            took: Duration::ZERO,
            outcome: Outcome::Pending,
        });
        number
    }

    fn ended(&self, number: u64, decided: &Decided) {
        let parse = |answer: &Answer| serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let outcome = match decided {
            Decided::Answer(answer) => {
                Outcome::Answered { status: answer.status, response: parse(answer), response_bytes: answer.body.len() }
            }
            Decided::HangUp { committed } => {
                Outcome::HungUp { committed: committed.as_ref().map(|answer| (answer.status, parse(answer))) }
            }
        };
        let mut journal = lock(&self.journal);
        // It may have been taken meanwhile; then nobody asks any more.
        if let Some(exchange) = journal.exchanges.iter_mut().rev().find(|exchange| exchange.number == number) {
            exchange.took = exchange.started_at.elapsed();
            exchange.outcome = outcome;
        }
    }
}
