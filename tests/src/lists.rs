//! Client lists of any length, and what a page of one costs: the same for a firm of fifty clients and
//! one of fifty thousand.
//!
//! A short list is written into the stack's own table. A long one stands on a [`Shelf`], which answers
//! the queries of one firm's clients from memory as the table would and passes everything else on.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::Kit;
use crate::capacity::{Meter, Units};
use crate::cast::FirmAdmin;
use crate::chaos::{Answer, Chaos, ChaosError, Endpoint, Upstream, UpstreamError};
use crate::people;
use crate::runtime_api::{Function, HttpEvent};
use crate::wire::Request;

/// The tabs, in turn: every fourth client stands in each.
const STATUSES: [&str; 4] = ["active", "inactive", "invited", "bounced"];
/// How many items one `BatchWriteItem` takes.
const BATCH: usize = 25;
/// The largest page.
const LARGEST: usize = 100;

/// The items of a firm's clients, numbered from 1 and equal in size, as DynamoDB's JSON. Keys are spelled
/// here, not taken from `store`.
#[must_use]
pub fn clients(firm: &str, count: usize) -> Vec<Value> {
    (1..=count)
        .zip(STATUSES.iter().cycle())
        .map(|(number, status)| {
            let name = format!("Client {number:06} Lda");
            let id = format!("cl_{number:032x}");
            let sortable = name.to_lowercase();
            // As the store writes it: a connection's own keys begin with `CLIENT#active`.
            let listed = if *status == "active" { "connected" } else { *status };
            let text = |text: &str| json!({ "S": text });
            json!({
                "pk": text(&format!("FIRM#{firm}")),
                "sk": text(&format!("CLIENT#{id}")),
                "gsi1pk": text(&format!("FIRM#{firm}")),
                "gsi1sk": text(&format!("CLIENT#{listed}#{sortable}#{id}")),
                "gsi2pk": text(&format!("CLIENTS#{firm}")),
                "gsi2sk": text(&format!("{sortable}#{id}")),
                "entity": text("client"),
                "v": { "N": "1" },
                "id": text(&id),
                "firm": text(firm),
                "name": text(&name),
                "email": text(&format!("client.{number:06}@example.com")),
                "language": text("pt"),
                "reference": text(&format!("C-{number:06}")),
                "status": text(status),
                // The status is in two attributes; with this, every item is as long as the longest.
                "padding": text(&"x".repeat(2 * ("inactive".len() - status.len()))),
                "distinct": { "BOOL": true },
                "created_at": text("2026-11-21T18:19:00.000Z"),
                "version": { "N": "1" },
            })
        })
        .collect()
}

/// Writes items into the stack's table.
///
/// # Panics
/// When the table does not take them.
pub async fn write(kit: &Kit, items: &[Value]) {
    use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
    let attribute = |value: &Value| match value.as_object().and_then(|typed| typed.iter().next()) {
        Some((kind, Value::Bool(yes))) if kind == "BOOL" => AttributeValue::Bool(*yes),
        Some((kind, Value::String(number))) if kind == "N" => AttributeValue::N(number.clone()),
        Some((_, Value::String(text))) => AttributeValue::S(text.clone()),
        _ => panic!("no such attribute here: {value}"),
    };
    for some in items.chunks(BATCH) {
        let puts = some.iter().map(|item| {
            let item = item.as_object().expect("an item");
            let item = item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
            let put = PutRequest::builder().set_item(Some(item)).build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        });
        let batch = kit.table.client.batch_write_item().request_items(&kit.table.name, puts.collect());
        let answer = batch.send().await.expect("the table takes the items");
        assert!(answer.unprocessed_items.is_none_or(|left| left.is_empty()), "the table left items out");
    }
}

/// What one page took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// What was asked for.
    pub what: &'static str,
    /// How many clients it held.
    pub clients: usize,
    /// Requests to the table: the caller's proof and the query go out side by side.
    pub requests: usize,
    /// What they cost.
    pub units: Units,
}

/// Asks a running `clients` function for the pages that people open: the first, one in the middle,
/// the next one after it, a search, each tab, the newest. `count` clients are on the list, and pages
/// hold `limit`.
///
/// # Panics
/// When a page is refused.
pub async fn pages(function: &Function, table: &Chaos, admin: &FirmAdmin, count: usize, limit: usize) -> Vec<Page> {
    let mut meter = Meter::new();
    // What is in memory after the first request, such as the keys of contexts, is no part of a page.
    ask(function, table, &mut meter, admin, "", &[("limit", "1")], 1).await;
    let limit_text = limit.to_string();
    let with = |pairs: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
        pairs.iter().cloned().chain([("limit", limit_text.clone())]).collect()
    };
    let middle = middle(function, table, admin, count).await;
    let found = format!("cLiEnT 0000{}", if count >= 20 { "1" } else { "0" });
    let mut questions = vec![
        ("the first page", with(&[])),
        ("a page in the middle", with(&[("cursor", middle)])),
        ("the end of the alphabet", with(&[("sort", "-name".to_owned())])),
        ("names that begin so", with(&[("q", found)])),
        ("the newest", with(&[("sort", "-added".to_owned())])),
    ];
    for (what, status) in [
        ("tab: active", "active"),
        ("tab: inactive", "inactive"),
        ("tab: invited", "invited"),
        ("tab: bounced", "bounced"),
    ] {
        questions.push((what, with(&[("status", status.to_owned())])));
    }
    let mut pages = Vec::new();
    for (what, query) in questions {
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pages.push(ask(function, table, &mut meter, admin, what, &query, limit).await.0);
    }
    pages
}

/// The cursor behind the first half of the list, reached page by page as a person would. On a multiple
/// of four, so that the page behind it holds the same statuses however long the list is.
async fn middle(function: &Function, table: &Chaos, admin: &FirmAdmin, count: usize) -> String {
    let mut left = count / 2 / 4 * 4;
    let mut cursor = String::new();
    let mut meter = Meter::new();
    while left > 0 {
        let limit = left.min(LARGEST);
        let limit_text = limit.to_string();
        let mut query = vec![("limit", limit_text.as_str())];
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        let (_, next) = ask(function, table, &mut meter, admin, "on the way", &query, limit).await;
        cursor = next.expect("there is more");
        left -= limit;
    }
    cursor
}

async fn ask(
    function: &Function,
    table: &Chaos,
    meter: &mut Meter,
    admin: &FirmAdmin,
    what: &'static str,
    query: &[(&str, &str)],
    limit: usize,
) -> (Page, Option<String>) {
    let mut event = HttpEvent::get("/v1/clients");
    for (name, value) in query {
        event = event.query(name, value);
    }
    let token = &admin.person.access_token;
    let event = event
        .header("authorization", &format!("Bearer {token}"))
        .claims(&people::claims(token))
        .header("countersign-context", &admin.here.token);
    let _before = table.take_exchanges();
    let answer = function.request(&event).await.unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(answer.status, 200, "{what} ({query:?}): {}", answer.text());
    let body = answer.json();
    let clients = body["clients"].as_array().map_or(0, Vec::len);
    assert!(clients <= limit, "{what}: {clients} clients on a page of {limit}");
    let exchanges = table.take_exchanges();
    let units = meter.measure_all(&exchanges);
    (Page { what, clients, requests: exchanges.len(), units }, body["next_cursor"].as_str().map(str::to_owned))
}

/// A firm's clients in memory, before a real table.
#[derive(Debug)]
pub struct Shelf {
    endpoint: Endpoint,
    firm: String,
    /// Per index (`table`, `gsi1`, `gsi2`): sort key to item.
    by_sort_key: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

impl Shelf {
    /// Puts `count` clients of a firm on a shelf before the table at `endpoint`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn of(endpoint: &str, firm: &str, count: usize) -> Result<Self, ChaosError> {
        let items = clients(firm, count);
        let by = |sort_key: &str| -> BTreeMap<String, Value> {
            items.iter().map(|item| (text(item, sort_key), item.clone())).collect()
        };
        let by_sort_key = BTreeMap::from([("table", by("sk")), ("gsi1", by("gsi1sk")), ("gsi2", by("gsi2sk"))]);
        Ok(Self { endpoint: Endpoint::new(endpoint)?, firm: firm.to_owned(), by_sort_key })
    }

    /// The answer to a query of this firm's clients; `None` for any other.
    fn query(&self, request: &Value) -> Option<Value> {
        let index = request.get("IndexName").and_then(Value::as_str).unwrap_or("table");
        let (pk_name, sk_name) = match index {
            "table" => ("pk".to_owned(), "sk".to_owned()),
            other => (format!("{other}pk"), format!("{other}sk")),
        };
        let value = |name: &str| request.pointer(&format!("/ExpressionAttributeValues/:{name}/S"));
        let pk = value("pk")?.as_str()?;
        if ![format!("FIRM#{}", self.firm), format!("CLIENTS#{}", self.firm)].contains(&pk.to_owned()) {
            return None;
        }
        let shelf = self.by_sort_key.get(index)?;
        let prefix = value("prefix").and_then(Value::as_str).unwrap_or_default();
        let limit = usize::try_from(request.get("Limit")?.as_u64()?).ok()?;
        let forward = request.get("ScanIndexForward").and_then(Value::as_bool).unwrap_or(true);
        let start = request.pointer(&format!("/ExclusiveStartKey/{sk_name}/S")).and_then(Value::as_str);
        // The character behind all that a key holds.
        let end = format!("{prefix}\u{10ffff}");
        let found: Vec<&Value> = if forward {
            let range = shelf.range(start.map_or(prefix.to_owned(), |start| format!("{start}\0"))..end);
            range.map(|(_, item)| item).take(limit.saturating_add(1)).collect()
        } else {
            let range = shelf.range(prefix.to_owned()..start.map_or(end, str::to_owned));
            range.rev().map(|(_, item)| item).take(limit.saturating_add(1)).collect()
        };
        let items: Vec<&Value> = found.iter().copied().take(limit).collect();
        let mut answer = json!({ "Items": items, "Count": items.len(), "ScannedCount": items.len() });
        if let (Some(last), true) = (items.last(), items.len() == limit) {
            let names = ["pk", "sk", pk_name.as_str(), sk_name.as_str()];
            let key: serde_json::Map<String, Value> =
                names.into_iter().map(|name| (name.to_owned(), last[name].clone())).collect();
            answer["LastEvaluatedKey"] = Value::Object(key);
        }
        Some(answer)
    }
}

fn text(item: &Value, attribute: &str) -> String {
    item.pointer(&format!("/{attribute}/S")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Upstream for Shelf {
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        action: &'a str,
        parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, UpstreamError>> + Send + 'a>> {
        Box::pin(async move {
            match (action, self.query(parsed)) {
                ("Query", Some(answer)) => Ok(Answer { status: 200, body: Bytes::from(answer.to_string()) }),
                _ => self.endpoint.answer(request, action, parsed).await,
            }
        })
    }
}
