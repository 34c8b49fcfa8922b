//! Client lists of any length, and what a page of one costs: the same for a firm of fifty clients and
//! one of fifty thousand.
//!
//! A short list is written into the stack's own table. A long one stands on a [`Shelf`], which answers
//! the queries of one firm's clients from memory as the table would and passes everything else on.
//! The same for the lists of documents and of missing ones, see [`papers`].

mod page;
pub mod papers;
mod shelf;

use serde_json::{Value, json};

use crate::Kit;
use crate::capacity::Meter;
use crate::cast::FirmAdmin;
use crate::chaos::Chaos;
use crate::runtime_api::Function;
pub use page::Page;
use page::PagedList;
pub use shelf::Shelf;

/// The tabs, in turn: every fourth client stands in each.
const STATUSES: [&str; 4] = ["active", "inactive", "invited", "bounced"];
/// How many items one `BatchWriteItem` takes.
const BATCH: usize = 25;

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
    fn attribute(value: &Value) -> AttributeValue {
        match value.as_object().and_then(|typed| typed.iter().next()) {
            Some((kind, Value::Bool(yes))) if kind == "BOOL" => AttributeValue::Bool(*yes),
            Some((kind, Value::String(number))) if kind == "N" => AttributeValue::N(number.clone()),
            Some((kind, Value::Object(map))) if kind == "M" => {
                AttributeValue::M(map.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
            }
            Some((kind, Value::Array(all))) if kind == "L" => AttributeValue::L(all.iter().map(attribute).collect()),
            Some((kind, Value::Array(all))) if kind == "SS" => {
                AttributeValue::Ss(all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some((kind, Value::Bool(_))) if kind == "NULL" => AttributeValue::Null(true),
            Some((_, Value::String(text))) => AttributeValue::S(text.clone()),
            _ => panic!("no such attribute here: {value}"),
        }
    }
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

/// Asks a running `clients` function for the pages that people open: the first, one in the middle,
/// the next one after it, a search, each tab, the newest. `count` clients are on the list, and pages
/// hold `limit`.
///
/// # Panics
/// When a page is refused.
pub async fn pages(function: &Function, table: &Chaos, admin: &FirmAdmin, count: usize, limit: usize) -> Vec<Page> {
    let mut meter = Meter::new();
    // What is in memory after the first request, such as the keys of contexts, is no part of a page.
    let list =
        PagedList { function, table, path: "/v1/clients", entries: "clients", by: &admin.person, here: &admin.here };
    list.ask(&mut meter, "", &[("limit", "1")], 1).await;
    let limit_text = limit.to_string();
    let with = |pairs: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
        pairs.iter().cloned().chain([("limit", limit_text.clone())]).collect()
    };
    // On a multiple of four, so that the page behind it holds the same statuses however long the list is.
    let middle = list.cursor_behind(count / 2 / 4 * 4).await;
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
        pages.push(list.ask(&mut meter, what, &query, limit).await.0);
    }
    pages
}
