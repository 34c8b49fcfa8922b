//! Runs functions on a table of their own and writes down what each request really asked of it.
//!
//! A table of its own, so that nothing else is in it: no other test, no stream, no schedule. What is
//! counted then depends on the code alone, and is the same every time.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::Kit;
use tests::capacity::{Meter, Units};
use tests::chaos::{self, Chaos, Exchange, Fault, Rule};
use tests::document::operation;
use tests::people::Person;
use tests::runtime_api::{Function, HttpEvent};
use tests::table::Table;

use crate::faults::rig::{Bus, Rig, invoke, response};

/// How long every recorded request is held up. Requests that were sent side by side are then under way
/// at the same time, and one that waited for another's answer is not.
const HELD_UP: Duration = Duration::from_millis(120);

/// What a request may take, by the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One round trip of latency.
    Read,
    /// At most two.
    Mutation,
    /// One more than the design allows, for a reason that is written beside it.
    Because(usize, &'static str),
    /// Nobody waits for it: bounded by its pages, not by round trips.
    Background,
}

impl Kind {
    const fn round_trips_max(self) -> usize {
        match self {
            Self::Read => 1,
            Self::Mutation => 2,
            Self::Because(round_trips, _) => round_trips,
            Self::Background => usize::MAX,
        }
    }
}

/// One thing that was asked of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    trip: usize,
    action: String,
    index: String,
    keys: Vec<String>,
    consistency: &'static str,
}

/// One access pattern, as it was seen.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) function: &'static str,
    pub(super) by: String,
    pub(super) kind: Kind,
    pub(super) round_trips: usize,
    pub(super) units: Units,
    asked: Vec<Asked>,
}

impl Row {
    /// What is wrong with it, by the rules of the design.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.round_trips > self.kind.round_trips_max() {
            faults.push(format!("{} round trips", self.round_trips));
        }
        if let Kind::Because(allowed, why) = self.kind
            && self.round_trips < allowed
        {
            faults.push(format!("{} round trips, so this is no longer needed: {why}", self.round_trips));
        }
        // A filtered query pays for what it does not return, which is not to be seen from outside. The page
        // says "≥"; a history is bounded by its queries.
        let filtered = self.by.contains("/v1/access-report");
        if self.units.is_lower_bound && !filtered {
            faults.push(format!("its cost could not be known: {}", self.units));
        }
        for asked in &self.asked {
            let known =
                ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];
            if !known.contains(&asked.action.as_str()) {
                faults.push(asked.action.clone());
            }
            if asked.action == "Query" && !asked.keys.iter().any(|key| key.starts_with("at most")) {
                faults.push("a query without a bound".to_owned());
            }
        }
        faults
    }
}

/// The functions, the table, and what was seen so far.
pub(super) struct Book<'k> {
    pub(super) kit: &'k Kit,
    pub(super) table: Table,
    before_bus: Chaos,
    running: HashMap<&'static str, (Rig, Function)>,
    /// Whether requests are held up: not those that only prepare others.
    holds_up: Arc<AtomicBool>,
    meter: Meter,
    names: Vec<(String, String)>,
    last: Vec<Exchange>,
    pub(super) rows: Vec<Row>,
}

impl<'k> Book<'k> {
    /// With a table of its own.
    pub(super) async fn open(kit: &'k Kit) -> Self {
        let (_bus, before_bus) = Bus::start().await;
        Self {
            kit,
            table: Table::create(&kit.stack, &kit.http, "patterns").await,
            before_bus,
            running: HashMap::new(),
            holds_up: Arc::new(AtomicBool::new(true)),
            meter: Meter::new(),
            names: Vec::new(),
            last: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Removes the table.
    pub(super) async fn close(self) -> Vec<Row> {
        self.table.remove(&self.kit.stack, &self.kit.http).await;
        self.rows
    }

    /// What an id or a text is called in the book.
    pub(super) fn call(&mut self, text: &str, name: &str) {
        self.names.push((text.to_owned(), format!("{{{name}}}")));
    }

    /// Starts a function, if it does not run yet, and records the calls of its start.
    async fn function(&mut self, function: &'static str) -> Function {
        if let Some((_, running)) = self.running.get(function) {
            return running.clone();
        }
        let rig = Rig::of(self.kit, function).await.with_every_right().with("TABLE_NAME", &self.table.name);
        // The ledger says what a scan found only where the stack does not scan.
        let rig = rig.through("EVENTBRIDGE", &self.before_bus).with("MALWARE_SCAN", "external");
        let holds_up = Arc::clone(&self.holds_up);
        rig.table.place(Rule::on_everything(Fault::Delay(HELD_UP)).when(move |_| holds_up.load(Ordering::SeqCst)));
        let running = rig.start().await;
        self.running.insert(function, (rig, running.clone()));
        running
    }

    /// Starts a function anew and records its calls of the table before its first event.
    pub(super) async fn start(&mut self, name: &'static str, function: &'static str, kind: Kind) {
        self.running.remove(function);
        self.function(function).await;
        self.record(name, function, "its start".to_owned(), kind);
    }

    /// Sends a request of a person or the ledger to the function that answers it and records what it took.
    /// Gives the answer's body.
    pub(super) async fn ask(&mut self, name: &'static str, kind: Kind, event: HttpEvent) -> Value {
        let operation = operation(event.method(), event.path());
        let names: Vec<String> =
            event.query_names().filter(|name| *name != "limit").map(|name| format!("{name}=")).collect();
        let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
        let body = self.ask_unrecorded(&operation.function, event).await;
        self.record(name, &operation.function, format!("`{} {}{query}`", operation.method, operation.path), kind);
        body
    }

    /// Sends a request that only prepares another. Its cost is counted by nobody, but the sizes of what
    /// it wrote are remembered.
    pub(super) async fn prepare(&mut self, event: HttpEvent) -> Value {
        let function = &operation(event.method(), event.path()).function;
        self.holds_up.store(false, Ordering::SeqCst);
        let body = self.ask_unrecorded(function, event).await;
        self.holds_up.store(true, Ordering::SeqCst);
        self.forget(function);
        body
    }

    async fn ask_unrecorded(&mut self, function: &'static str, event: HttpEvent) -> Value {
        let running = self.running_anew(function).await;
        let answer = running.request(&event).await.unwrap_or_else(|error| panic!("{function}: {error}"));
        let log = || running.log().join("\n");
        assert!(answer.status < 300, "{function}: {} {}\n{}", answer.status, answer.text(), log());
        answer.json()
    }

    /// Invokes a function that is no web server and records what it took.
    pub(super) async fn invoke(
        &mut self,
        name: &'static str,
        function: &'static str,
        by: &str,
        kind: Kind,
        event: &Value,
    ) -> Value {
        let running = self.running_anew(function).await;
        let answer = response(&invoke(&running, event).await).clone();
        self.record(name, function, by.to_owned(), kind);
        answer
    }

    /// Invokes a function that is no web server to prepare something.
    pub(super) async fn prepare_by(&mut self, function: &'static str, event: &Value) -> Value {
        let running = self.running_anew(function).await;
        self.holds_up.store(false, Ordering::SeqCst);
        let answer = response(&invoke(&running, event).await).clone();
        self.holds_up.store(true, Ordering::SeqCst);
        self.forget(function);
        answer
    }

    async fn running_anew(&mut self, function: &'static str) -> Function {
        let running = self.function(function).await;
        self.forget(function);
        running
    }

    /// Measures what a function has asked for since, so that the meter knows the items, and no more.
    fn forget(&mut self, function: &'static str) {
        let exchanges = self.running.get(function).map(|(rig, _)| rig.table.take_exchanges()).unwrap_or_default();
        self.meter.measure_all(&exchanges);
        if !exchanges.is_empty() {
            self.last = exchanges;
        }
    }

    fn record(&mut self, name: &'static str, function: &'static str, by: String, kind: Kind) {
        let exchanges = self.running.get(function).map(|(rig, _)| rig.table.take_exchanges()).unwrap_or_default();
        let units = self.meter.measure_all(&exchanges);
        let trips = chaos::round_trips(&exchanges);
        let round_trips = trips.iter().max().copied().unwrap_or_default();
        let mut asked: Vec<Asked> = exchanges
            .iter()
            .zip(&trips)
            .map(|(exchange, trip)| {
                // A condition that does not hold is an answer too.
                let error = exchange.response().get("__type").and_then(Value::as_str).unwrap_or_default();
                let answered = exchange.status() == Some(200) || error.ends_with("ConditionalCheckFailedException");
                assert!(answered, "{name}: {exchange:?}");
                self.asked(exchange, *trip)
            })
            .collect();
        // What went out side by side has no order.
        asked.sort();
        self.last = exchanges;
        self.rows.push(Row { name, function, by, kind, round_trips, units, asked });
    }

    /// The event items that the last request put, as the bus carries them.
    pub(super) fn events(&self) -> Vec<Value> {
        self.images().iter().map(plain_event).collect()
    }

    /// The event items that the last request put.
    pub(super) fn images(&self) -> Vec<Value> {
        self.last.iter().flat_map(|exchange| crate::faults::rig::puts(exchange, "EVENTS#")).collect()
    }

    /// Makes an item as if it had been written long ago.
    pub(super) async fn age(&self, pk: &str, sk: &str, attribute: &str) {
        let long_ago = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        self.table.set(pk, sk, attribute, long_ago).await;
    }

    fn asked(&self, exchange: &Exchange, trip: usize) -> Asked {
        let request = &exchange.request;
        let index = request.get("IndexName").and_then(Value::as_str).unwrap_or("table").to_owned();
        let key = |item: &Value| {
            let part = |name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str).unwrap_or_default();
            // Which shard an event's entry is in is drawn by lot.
            let pk = part("pk").strip_prefix("OUTBOX#").map_or(part("pk"), |_| "OUTBOX#{shard}");
            self.named(&format!("{pk} / {}", part("sk")))
        };
        let strong = |of: &Value| match of.get("ConsistentRead").and_then(Value::as_bool) {
            Some(true) => "strong",
            Some(false) | None => "eventual",
        };
        let (keys, consistency) = match exchange.action.as_str() {
            "GetItem" => (vec![format!("`{}`", key(&request["Key"]))], strong(request)),
            "BatchGetItem" => {
                let of = &request["RequestItems"][&self.table.name];
                let keys = of["Keys"].as_array().into_iter().flatten();
                let mut keys: Vec<String> = keys.map(|item| format!("`{}`", key(item))).collect();
                // What is read of several people comes in the order of their ids, which is another in each run.
                let of_people = |key: &String| key.starts_with("`USER#") && key.ends_with("/ PROFILE`");
                let of_notified = |key: &String| key.ends_with("/ NOTIFICATION-SETTINGS`");
                if keys.iter().all(of_people) || keys.iter().any(of_notified) {
                    keys.sort();
                }
                (keys, strong(of))
            }
            "Query" => {
                let mut said = vec![format!("`{}`", self.named(&condition(request)))];
                if let Some(limit) = request["Limit"].as_u64() {
                    let newest = if request["ScanIndexForward"] == json!(false) { ", newest first" } else { "" };
                    said.push(format!("at most {limit}{newest}"));
                }
                (said, strong(request))
            }
            "TransactWriteItems" => {
                let items = request["TransactItems"].as_array().into_iter().flatten();
                let said = items.flat_map(|item| item.as_object().into_iter().flatten()).map(|(kind, write)| {
                    let verb = match kind.as_str() {
                        "ConditionCheck" => "check",
                        "Put" => "put",
                        "Update" => "update",
                        "Delete" => "delete",
                        other => other,
                    };
                    let item = write.get("Item").or_else(|| write.get("Key")).unwrap_or(&Value::Null);
                    format!("{verb} `{}`", key(item))
                });
                (said.collect(), "serializable")
            }
            _ => {
                let item = request.get("Item").or_else(|| request.get("Key")).unwrap_or(&Value::Null);
                let conditional = request.get("ConditionExpression").is_some();
                (vec![format!("`{}`", key(item))], if conditional { "conditional" } else { "unconditional" })
            }
        };
        Asked { trip, action: exchange.action.clone(), index, keys, consistency }
    }

    /// A key with every id in it called by its name.
    fn named(&self, text: &str) -> String {
        if text.starts_with("SUPPRESSED#") {
            let kind = text.split(" / ").nth(1).unwrap_or_default();
            return format!("SUPPRESSED#{{address}} / {kind}");
        }
        // What is counted is a digest, and its window a moment of the run.
        if let Some(limit) = text.strip_prefix("LIMIT#") {
            let limit = limit.split('#').next().unwrap_or_default();
            return format!("LIMIT#{limit}#{{counted}}#{{window}} / LIMIT");
        }
        let known = self.names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name));
        let parts: Vec<String> = known.split(['#', ' ']).map(placeholder).collect();
        // Put the separators back where they were.
        let separators = known.chars().filter(|c| ['#', ' '].contains(c));
        let mut named = String::new();
        for (part, separator) in parts.iter().zip(separators.map(Some).chain([None])) {
            named.push_str(part);
            named.extend(separator);
        }
        // Inboxes are written in no order either.
        if let Some((partition, entry)) = named.split_once(" / INBOX#") {
            let event = entry.split_once('#').map_or("", |(_, event)| event);
            return format!("{partition} / INBOX#{{recipient}}#{event}");
        }
        // Nor are mails.
        if let Some((partition, _)) = named.split_once(" / MAIL#") {
            return format!("{partition} / MAIL#{{subject}}#{{event}}#{{recipient}}");
        }
        if let Some((partition, _)) = named.split_once(" / UNREAD#") {
            return format!("{partition} / UNREAD#{{recipient}}");
        }
        // What was asked for is a digest, of a place of this run among others.
        match named.rsplit_once('#') {
            Some((asker, _)) if asker.contains(" / ASKED#") => format!("{asker}#{{access}}"),
            Some(_) | None => named,
        }
    }
}

/// The name of what a part of a key is: an id by its prefix, a time, a shard.
fn placeholder(part: &str) -> String {
    let (id, rest) = part.split_once('.').map_or((part, ""), |(id, rest)| (id, rest));
    // The bounds of a range of events: the beginning of an id, or what is just behind one.
    let bound = part.strip_prefix("ev_").map(|digits| digits.trim_end_matches('!')).unwrap_or_default();
    let is_digits = !bound.is_empty() && bound.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_digits && (bound.len() == 12 || part.ends_with('!')) {
        return if part.ends_with('!') { "{event}!".to_owned() } else { "ev_{time}".to_owned() };
    }
    // The bounds of a range of documents.
    let bound = part.strip_prefix("doc_").unwrap_or_default();
    if bound.len() == 12 && bound.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return "doc_{time}".to_owned();
    }
    for (prefix, name) in domain::id::KINDS {
        let hex = id.strip_prefix(*prefix).unwrap_or_default();
        if hex.len() == 32 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            let rest = if rest.is_empty() { String::new() } else { ".{generation}".to_owned() };
            return format!("{{{name}}}{rest}");
        }
    }
    // A movement of an account: when it happened, then what it is.
    if let Some((time, rest)) = part.split_at_checked(24)
        && rest.starts_with('.')
        && placeholder(time) == "{time}"
    {
        return format!("{{time}}{rest}");
    }
    // The digest of the subject of mails.
    if part.len() == 32 && part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return "{subject}".to_owned();
    }
    // Who saw a document: a kind of viewer and an id.
    if let Some((kind, id)) = part.split_once(':') {
        let named = placeholder(id);
        if named != id {
            return format!("{kind}:{named}");
        }
    }
    let shape: String = part.chars().map(|c| if c.is_ascii_hexdigit() { '0' } else { c }).collect();
    match shape.as_str() {
        "00000000-0000-0000-0000-000000000000" => "{user}".to_owned(),
        "0000-00-00T00:00:00.000Z" => "{time}".to_owned(),
        "0000-00-00" => "{day}".to_owned(),
        // Behind everything of a day.
        "0000-00-00~" => "{day}~".to_owned(),
        "0000-00" => "{month}".to_owned(),
        "0000-00~" => "{month}~".to_owned(),
        "k0y-000" => "{key}".to_owned(),
        digest if digest.len() == 64 && digest.bytes().all(|digit| digit == b'0') => "{digest}".to_owned(),
        _ => part.to_owned(),
    }
}

/// A query's key condition with its placeholders resolved.
fn condition(request: &Value) -> String {
    let mut condition = request["KeyConditionExpression"].as_str().unwrap_or_default().to_owned();
    let mut placeholders: Vec<(&String, String)> = Vec::new();
    for (placeholder, name) in request["ExpressionAttributeNames"].as_object().into_iter().flatten() {
        placeholders.push((placeholder, name.as_str().unwrap_or_default().to_owned()));
    }
    for (placeholder, value) in request["ExpressionAttributeValues"].as_object().into_iter().flatten() {
        placeholders.push((placeholder, value["S"].as_str().unwrap_or_default().to_owned()));
    }
    // The longer first: `:prefix` is not `:p`.
    placeholders.sort_by_key(|(placeholder, _)| std::cmp::Reverse(placeholder.len()));
    for (placeholder, value) in placeholders {
        condition = condition.replace(placeholder.as_str(), &value);
    }
    condition
}

/// An event's item as the bus carries the event.
fn plain_event(image: &Value) -> Value {
    let mut event = serde_json::Map::new();
    for (name, value) in image.as_object().into_iter().flatten() {
        let ours = ["pk", "sk", "entity", "v"].contains(&name.as_str()) || name.starts_with("gsi");
        if !ours {
            event.insert(name.clone(), plain(value));
        }
    }
    event.insert("version".to_owned(), json!(1));
    Value::Object(event)
}

/// A value out of DynamoDB's JSON.
fn plain(value: &Value) -> Value {
    let Some((kind, content)) = value.as_object().and_then(|typed| typed.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "S" | "BOOL" | "SS" => content.clone(),
        "N" => serde_json::from_str(content.as_str().unwrap_or_default()).unwrap_or(Value::Null),
        "L" => content.as_array().into_iter().flatten().map(plain).collect(),
        "M" => Value::Object(
            content.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), plain(value))).collect(),
        ),
        _ => Value::Null,
    }
}

/// The whole book in Markdown.
pub(super) fn render(rows: &[Row]) -> String {
    let mut page = String::from(PREFACE);
    let mut functions: Vec<&str> = rows.iter().map(|row| row.function).collect();
    functions.sort_unstable();
    functions.dedup();
    for function in functions {
        let _ = write!(page, "\n## {function}\n\n{HEAD}");
        for row in rows.iter().filter(|row| row.function == function) {
            render_row(&mut page, row);
        }
    }
    let exceptions: Vec<String> = rows
        .iter()
        .filter_map(|row| match row.kind {
            Kind::Because(allowed, why) => Some(format!("- **{}** takes {allowed}: {why}\n", row.name)),
            Kind::Read | Kind::Mutation | Kind::Background => None,
        })
        .collect();
    if !exceptions.is_empty() {
        let _ = write!(page, "\n## More round trips than the design allows\n\n{}", exceptions.concat());
    }
    page
}

fn render_row(page: &mut String, row: &Row) {
    if row.asked.is_empty() {
        let _ = writeln!(page, "| {} | {} | nothing | | | | 0 | 0 |", row.name, row.by);
    }
    for (nth, asked) in row.asked.iter().enumerate() {
        let keys = asked.keys.join("<br>");
        let request = format!("{}. {}", asked.trip, asked.action);
        let (index, consistency) = (&asked.index, asked.consistency);
        let _ = if nth == 0 {
            writeln!(
                page,
                "| {} | {} | {request} | {index} | {keys} | {consistency} | {} | {} |",
                row.name, row.by, row.round_trips, row.units
            )
        } else {
            writeln!(page, "| | | {request} | {index} | {keys} | {consistency} | | |")
        };
    }
}

const PREFACE: &str = "\
# Access patterns

<!-- Generated. Run `UPDATE_GOLDEN=1 make test` to write it anew. -->

What each function really asks of the table, seen on its way there: `tests/all/patterns.rs` runs every pattern through its function
on a table of its own, and fails when this page says anything else.

- **request**: requests with the same number are sent side by side and have the latency of one; a higher number waited for an answer.
- **round trips**: the highest of those numbers. A read has one, most mutations two; accepting and registering three, an account made through a link five, each for the reason that the test states. What a function asks for once, at its start, is listed as such.
- **units**: read and write units by AWS's rules, for items of the size they have here (everyone has a short name, nobody a long message).
  `8+2 WCU` are eight on the table and two on its indexes. In a transaction each item costs double, a check as much as a write.
- Changes are asked for with an `Idempotency-Key` where the route takes one; without it there is one key less to read and one item less to write.
- No function scans. Every query has a bound; every page but the first starts where a cursor says and costs the same.
";

const HEAD: &str = "\
| pattern | asked by | request | index | keys, or key condition | consistency | round trips | units |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// A request of someone signed in, outside any context.
pub(super) fn signed(event: HttpEvent, person: &Person) -> HttpEvent {
    crate::faults::rig::signed_in(event, &person.access_token)
}
