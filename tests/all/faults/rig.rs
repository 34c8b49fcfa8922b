//! What the fault tests stand on: a function between services that fail on demand, and the requests
//! and events that it is fed.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use serde_json::{Value, json};
use tests::cast::{self, Context, Owner};
use tests::chaos::{self, Chaos, Exchange, Outcome, Upstream, UpstreamError};
use tests::machine::{Ledger, Vendor};
use tests::people::{self, Person};
use tests::runtime_api::{Function, HttpAnswer, HttpEvent, Launch, Payload};
use tests::wire::Request;
use tests::{Kit, deployed};

/// How long something may take that must come by itself: the stream, a queue, a schedule.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a function waits for the table, in milliseconds.
const PATIENCE_VARIABLE: &str = "TABLE_PATIENCE_MS";

/// A function of the stack, to be started as often as wanted, all processes behind one proxy.
pub(crate) struct Rig {
    /// What comes between the function and the table.
    pub(crate) table: Chaos,
    launch: Launch,
}

impl Rig {
    /// The function as it is deployed, its role included, with nothing wrong yet.
    pub(crate) async fn of(kit: &Kit, function: &str) -> Self {
        let table = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
        let launch = deployed::launch(&kit.stack, &kit.http, function, &deployed::binary(function)).await;
        // Some runs stop in time before their deadline; ours is longer than any function's. And a
        // request that is held up here is not lost.
        let launch = launch.timeout(Duration::from_secs(300)).env(PATIENCE_VARIABLE, "60000");
        Self { launch: launch.env("AWS_ENDPOINT_URL_DYNAMODB", table.endpoint()), table }
    }

    /// Another service that the function reaches through a proxy: `SESV2`, `EVENTBRIDGE`.
    pub(crate) fn through(self, service: &str, proxy: &Chaos) -> Self {
        self.with(&format!("AWS_ENDPOINT_URL_{service}"), proxy.endpoint())
    }

    /// As the account's root: for a table of the test's own, which the function's role does not know.
    pub(crate) fn with_every_right(mut self) -> Self {
        self.launch = deployed::as_root(self.launch);
        self
    }

    /// With so much time for an invocation, as if it were deployed so.
    pub(crate) fn with_time(mut self, time: Duration) -> Self {
        self.launch = self.launch.timeout(time);
        self
    }

    /// As patient with the table as it is deployed, which is less than most tests need.
    pub(crate) fn with_deployed_patience(self) -> Self {
        self.with(PATIENCE_VARIABLE, "")
    }

    /// An environment variable in place of the deployed one.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.launch = self.launch.env(name, value);
        self
    }

    /// A process with another value in its environment, or why it did not start.
    pub(crate) async fn try_start(self, name: &str, value: &str) -> Result<Function, String> {
        self.with(name, value).launch.start().await.map_err(|error| error.to_string())
    }

    /// A new process, ready for its first event.
    pub(crate) async fn start(&self) -> Function {
        self.launch.clone().start().await.expect("the function starts")
    }

    /// Many processes, started together.
    pub(crate) async fn crowd(&self, size: usize) -> Vec<Function> {
        let mut starting = tokio::task::JoinSet::new();
        for _ in 0..size {
            starting.spawn(self.launch.clone().start());
        }
        starting.join_all().await.into_iter().map(|started| started.expect("the function starts")).collect()
    }

    /// The transactions that were asked for since the journal was last emptied.
    pub(crate) fn transactions(&self) -> Vec<Exchange> {
        self.table.exchanges().into_iter().filter(|exchange| exchange.action == "TransactWriteItems").collect()
    }

    /// Waits until the table has answered everything that was sent to it.
    pub(crate) async fn quiet(&self) {
        eventually("every request has ended", async || {
            self.table.exchanges().iter().all(|exchange| exchange.outcome != Outcome::Pending).then_some(())
        })
        .await;
    }
}

/// Looks again and again until there is something to see.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < until, "not within {} s: {what}", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A request with the identity that the gateway has proven.
pub(crate) fn signed_in(event: HttpEvent, token: &str) -> HttpEvent {
    event.header("authorization", &format!("Bearer {token}")).claims(&people::claims(token))
}

/// A request of a person in a context.
pub(crate) fn by(event: HttpEvent, person: &Person, here: &Context) -> HttpEvent {
    signed_in(event, &person.access_token).header("countersign-context", &here.token)
}

/// A request of the ledger.
pub(crate) fn by_ledger(event: HttpEvent, ledger: &Ledger) -> HttpEvent {
    signed_in(event, &ledger.access_token).scopes(&["countersign/ledger"])
}

/// A request of the vendor's system that keeps referrals.
pub(crate) fn by_vendor(event: HttpEvent, vendor: &Vendor) -> HttpEvent {
    signed_in(event, &vendor.access_token).scopes(&["countersign/referrals"])
}

/// Sends a request while something else happens to it.
pub(crate) fn asking(
    function: &Function,
    event: &HttpEvent,
) -> tokio::task::JoinHandle<Result<HttpAnswer, tests::runtime_api::RuntimeApiError>> {
    let (function, event) = (function.clone(), event.clone());
    tokio::spawn(async move { function.request(&event).await })
}

/// Asserts a refusal and gives its problem document.
#[track_caller]
pub(crate) fn refused(answer: &HttpAnswer, status: u16, slug: &str) -> Value {
    let problem = answer.json();
    let kind = problem.get("type").and_then(Value::as_str).unwrap_or_default();
    assert_eq!(
        (answer.status, kind),
        (status, format!("urn:countersign:problem:{slug}").as_str()),
        "expected {status} {slug}, was {}: {}",
        answer.status,
        answer.text()
    );
    problem
}

/// Asserts that a caller is asked to come back: 503 with `Retry-After`.
#[track_caller]
pub(crate) fn unavailable(answer: &HttpAnswer) {
    refused(answer, 503, "unavailable");
    let after = answer.headers.get("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(after.is_some_and(|seconds| seconds >= 1), "no Retry-After: {:?}", answer.headers);
}

/// The reference of the transaction that waits in [`waiting_approval`].
pub(crate) const WAITING: &str = "PAY-1";

/// A company whose owner is asked to sign off [`WAITING`].
pub(crate) async fn waiting_approval(kit: &Kit) -> Owner {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    cast::approval_policy(kit, &owner, 1).await;
    let ledger = Ledger::sign_in(kit).await;
    ledger.transaction(kit, &owner.company.id, WAITING, 5_000, None).await;
    owner
}

/// The decision of [`WAITING`] as somebody sends it.
pub(crate) fn decision(person: &Person, here: &Context, key: Option<&str>, decision: &str) -> HttpEvent {
    let event = HttpEvent::post(&format!("/v1/approvals/{WAITING}/decision")).json(&json!({ "decision": decision }));
    let event = by(event, person, here);
    key.map_or(event.clone(), |key| event.header("idempotency-key", key))
}

/// The owner's yes to [`WAITING`].
pub(crate) fn approval(owner: &Owner, key: Option<&str>) -> HttpEvent {
    decision(&owner.person, &owner.here, key, "approved")
}

/// How many decisions the company's events tell of.
pub(crate) async fn decisions(kit: &Kit, owner: &Owner) -> usize {
    tests::story::events_of_type(kit, &owner.company.id, "approval.decided").await
}

/// The items that a transaction puts under a partition key that begins so, as DynamoDB's JSON.
pub(crate) fn puts(exchange: &Exchange, prefix: &str) -> Vec<Value> {
    let items = exchange.request.get("TransactItems").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.pointer("/Put/Item"))
        .filter(|item| item.pointer("/pk/S").and_then(Value::as_str).is_some_and(|pk| pk.starts_with(prefix)))
        .cloned()
        .collect()
}

/// The id of an event that nothing in the table knows.
pub(crate) fn new_event_id() -> String {
    format!("ev_{:0>32}", people::unique())
}

/// An `approval.requested` event as the bus carries it. The members who may decide in the company get a letter, and
/// finds the payee in the letter.
pub(crate) fn approval_requested(company: &str, payee: &str) -> Value {
    json!({
        "version": 1,
        "id": new_event_id(),
        "type": "approval.requested",
        "at": "2026-11-21T18:19:00.000Z",
        "org": { "kind": "company", "id": company },
        "subject": { "kind": "approval", "id": "PAY-9" },
        "actor": { "via": "machine", "machine": "ledger" },
        "data": {
            "status": "pending", "kind": "payment", "payee": payee, "amount_minor": 480_000, "currency": "EUR",
            "prepared_by": null, "reason": null,
        },
        "request_id": "JKJaXmPLvHcESHA=",
    })
}

/// An event as the bus hands it to the queue.
pub(crate) fn message(event: &Value) -> String {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": event["type"],
        "source": "countersign", "account": "000000000000", "time": event["at"], "region": "eu-central-1",
        "resources": [], "detail": event,
    })
    .to_string()
}

/// Queue messages as Lambda hands them to the function: `(id, body)`.
pub(crate) fn batch(messages: &[(&str, String)]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|(id, body)| {
            json!({
                "messageId": id, "receiptHandle": format!("handle-{id}"), "body": body,
                "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
                "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:countersign-notify", "awsRegion": "eu-central-1",
            })
        })
        .collect();
    json!({ "Records": records })
}

/// New images as the table's stream hands them to the function, numbered from 1.
pub(crate) fn stream(images: &[Value]) -> Value {
    let records: Vec<Value> = images
        .iter()
        .zip(1..)
        .map(|(image, number)| {
            json!({
                "eventID": format!("{number:032x}"), "eventName": "INSERT", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
                "eventSourceARN": "arn:aws:dynamodb:eu-central-1:000000000000:table/countersign/stream/2026-11-21T00:00:00.000",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_795_264_000, "SequenceNumber": number.to_string(),
                    "SizeBytes": 512, "StreamViewType": "NEW_AND_OLD_IMAGES",
                    "Keys": { "pk": image["pk"], "sk": image["sk"] }, "NewImage": image,
                },
            })
        })
        .collect();
    json!({ "Records": records })
}

/// Puts an event on record that nobody caused, so that letters can be about it. In two steps: the stream brings only new events
/// to the bus, and the deployed `notify` must have no part in it.
pub(crate) async fn on_record(kit: &Kit, event: &Value) {
    let image = image(event);
    for attributes in [&["pk", "sk"][..], &[]] {
        let kept = |name: &String| attributes.is_empty() || attributes.contains(&name.as_str());
        let item = image.as_object().expect("an item").iter().filter(|(name, _)| kept(name));
        let item = item.map(|(name, of)| (name.clone(), value(of))).collect();
        let put = kit.table.client.put_item().table_name(&kit.table.name).set_item(Some(item));
        put.send().await.expect("the table takes it");
    }
}

/// A value out of DynamoDB's JSON.
pub(crate) fn value(json: &Value) -> AttributeValue {
    let (kind, of) = json.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    match (kind.as_str(), of) {
        ("NULL", _) => AttributeValue::Null(true),
        ("BOOL", Value::Bool(yes)) => AttributeValue::Bool(*yes),
        ("S", Value::String(text)) => AttributeValue::S(text.clone()),
        ("N", Value::String(number)) => AttributeValue::N(number.clone()),
        ("L", Value::Array(values)) => AttributeValue::L(values.iter().map(value).collect()),
        ("M", Value::Object(members)) => {
            AttributeValue::M(members.iter().map(|(name, of)| (name.clone(), value(of))).collect())
        }
        other => panic!("an item holds {other:?}"),
    }
}

/// An event of the bus as the item it was in the table.
pub(crate) fn image(event: &Value) -> Value {
    let mut item = attribute(event)["M"].clone();
    let kind = cast::text(event, "/org/kind").to_uppercase();
    item["pk"] = json!({ "S": format!("EVENTS#{kind}#{}", cast::text(event, "/org/id")) });
    item["sk"] = json!({ "S": format!("EVENT#{}", cast::text(event, "/id")) });
    item["entity"] = json!({ "S": "event" });
    item["v"] = json!({ "N": "1" });
    item.as_object_mut().expect("an item").remove("version");
    item
}

/// A JSON value as DynamoDB writes it.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(yes) => json!({ "BOOL": yes }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(members) => {
            let members: serde_json::Map<String, Value> =
                members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
            json!({ "M": members })
        }
    }
}

/// What a function that is no web server answered.
#[track_caller]
pub(crate) fn response(payload: &Payload) -> &Value {
    match payload {
        Payload::Response(response) => response,
        Payload::Error(error) => panic!("the function failed: {error}"),
    }
}

/// The messages or stream records of a batch that must come again.
#[track_caller]
pub(crate) fn to_come_again(payload: &Payload) -> Vec<String> {
    cast::list(response(payload), "batchItemFailures")
        .iter()
        .map(|failure| cast::text(failure, "/itemIdentifier"))
        .collect()
}

/// Invokes a function and gives what it answered or failed with.
pub(crate) async fn invoke(function: &Function, event: &Value) -> Payload {
    function.invoke(event).await.expect("the function lives").payload
}

/// Looks for the line of a metric with a value, as CloudWatch reads it.
pub(crate) fn metric_in(log: &[String], name: &str, count: u64) -> Option<()> {
    let lines = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let declared = |line: &Value| line.pointer("/_aws/CloudWatchMetrics/0/Metrics/0/Name") == Some(&json!(name));
    lines.into_iter().any(|line| declared(&line) && line[name] == json!(count)).then_some(())
}

/// An event bus that keeps what it is given, and takes nothing whose text holds a word it was told.
#[derive(Debug, Default)]
pub(crate) struct Bus {
    taken: Mutex<Vec<Value>>,
    refusing: Mutex<BTreeSet<String>>,
}

impl Bus {
    /// The bus, and the proxy under which a function finds it.
    pub(crate) async fn start() -> (Arc<Self>, Chaos) {
        let bus = Arc::new(Self::default());
        let proxy = Chaos::start(Arc::new(Listening(Arc::clone(&bus))), None).await.expect("the proxy starts");
        (bus, proxy)
    }

    /// Takes no event that holds this text, until [`Bus::take_all`].
    pub(crate) fn refuse(&self, text: &str) {
        lock(&self.refusing).insert(text.to_owned());
    }

    /// Takes everything again.
    pub(crate) fn take_all(&self) {
        lock(&self.refusing).clear();
    }

    /// The entries with an event's id, oldest first, as rules see them.
    pub(crate) fn taken(&self, id: &str) -> Vec<Value> {
        lock(&self.taken)
            .iter()
            .filter(|detail| detail.get("id").and_then(Value::as_str) == Some(id))
            .cloned()
            .collect()
    }
}

struct Listening(Arc<Bus>);

impl Upstream for Listening {
    fn answer<'a>(
        &'a self,
        _request: &'a Request,
        _action: &'a str,
        parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<chaos::Answer, UpstreamError>> + Send + 'a>> {
        let entries = parsed.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
        let refusing = lock(&self.0.refusing).clone();
        let mut answers = Vec::new();
        for entry in entries {
            let detail = entry.get("Detail").and_then(Value::as_str).unwrap_or_default();
            if refusing.iter().any(|text| detail.contains(text)) {
                answers.push(json!({ "ErrorCode": "InternalException", "ErrorMessage": "not now" }));
            } else {
                lock(&self.0.taken).push(serde_json::from_str(detail).unwrap_or(Value::Null));
                answers.push(json!({ "EventId": "11111111-2222-3333-4444-555555555555" }));
            }
        }
        let failed = answers.iter().filter(|answer| answer.get("ErrorCode").is_some()).count();
        let body = json!({ "FailedEntryCount": failed, "Entries": answers });
        Box::pin(async move { Ok(chaos::Answer { status: 200, body: Bytes::from(body.to_string()) }) })
    }
}

/// A service that answers everything with one refusal.
pub(crate) struct Refusing(pub(crate) u16, pub(crate) Value);

impl Upstream for Refusing {
    fn answer<'a>(
        &'a self,
        _request: &'a Request,
        _action: &'a str,
        _parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<chaos::Answer, UpstreamError>> + Send + 'a>> {
        let answer = chaos::Answer { status: self.0, body: Bytes::from(self.1.to_string()) };
        Box::pin(async move { Ok(answer) })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
