//! The lists of a company's documents and customers, of a customer's invoices, of what a firm's clients owe it and of
//! what waits in them, of any length. One entry is made over the API; the others are copies of its items under other
//! ids.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use super::page::{Page, PagedList};
use crate::Kit;
use crate::capacity::Meter;
use crate::cast::{self, Contact, FirmAdmin, Owner, text};
use crate::chaos::Chaos;
use crate::machine::{self, Ledger};
use crate::runtime_api::Function;
use crate::table::Item;
use crate::uploads;
use crate::waiting;

/// What waits in a firm's clients.
const OVERVIEW: &str = "/v1/clients/overview";
/// How many days ahead the papers are due.
const DUE_IN_DAYS: i64 = 20;

/// The items of a company's documents beside the one that is declared for it: the documents and what lists show of
/// them.
///
/// # Panics
/// When the document cannot be declared.
pub async fn documents(kit: &Kit, owner: &Owner, count: usize) -> Vec<Value> {
    let declared = uploads::declare(kit, owner, "Receipt 17.pdf", "application/pdf", b"a receipt of many").await;
    let items = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await;
    let copied = |item: &Item| ["document", "listed_document"].iter().any(|kind| is(item, kind));
    copies(items.iter().filter(|item| copied(item)), &[(&declared.document, "doc_")], count)
}

/// The references of the customer, and of the invoice, that are copied: as long as those of the copies.
const COPIED: &str = "LISTS-ffffffffffffffffffffffffffffffff";
const OF_COPIES: &str = "LISTS-";

/// The items of a company's customers beside the one that is added for it, which has an invoice: the customers and what
/// they owe.
///
/// # Panics
/// When the invoice is not taken.
pub async fn customers(kit: &Kit, owner: &Owner, count: usize) -> Vec<Value> {
    cast::customer(kit, owner, COPIED, "Customer of many").await;
    invoice(kit, owner, COPIED, "INV-1").await;
    let items = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await;
    let copied = |item: &&Item| ["customer", "customer_account"].iter().any(|kind| is(item, kind));
    copies(items.iter().filter(copied), &[(COPIED, OF_COPIES)], count)
}

/// A contact in the portal of a customer, and the items of the customer's invoices beside the one that is sent.
///
/// # Panics
/// When the invoice is not taken.
pub async fn invoices_of_customer(kit: &Kit, owner: &Owner, count: usize) -> (Contact, Vec<Value>) {
    cast::customer(kit, owner, machine::CUSTOMER, machine::CUSTOMER_NAME).await;
    let contact = cast::contact(kit, owner, machine::CUSTOMER, "Clara Contact").await;
    invoice(kit, owner, machine::CUSTOMER, COPIED).await;
    let items = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await;
    let copied = items.iter().filter(|item| is(item, "invoice"));
    (contact, copies(copied, &[(COPIED, OF_COPIES)], count))
}

async fn invoice(kit: &Kit, owner: &Owner, customer: &str, reference: &str) {
    let mut body = machine::invoice(reference, 4_200);
    body["customer"] = json!(customer);
    Ledger::sign_in(kit).await.put(kit, &owner.company.id, "invoices", reference, body).await.ok(201);
}

/// The items of a firm's clients that each owe it a paper, beside the one that is asked over the API: the requests and
/// the connections.
///
/// # Panics
/// When the client cannot be asked.
pub async fn missing(kit: &Kit, admin: &FirmAdmin, count: usize) -> Vec<Value> {
    let owner = cast::owner(kit, "Lino Lists", "Client of many").await;
    cast::connect(kit, &owner, admin, None).await;
    let (client, inside) = tokio::join!(
        cast::member(kit, &owner, "Clara Client", "client", None),
        cast::enter(kit, &admin.person, &owner.company.id),
    );
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * DUE_IN_DAYS);
    let body = json!({
        "title": "Papers", "items": [{ "title": "Bank statement" }], "asked_of": [client.person.user],
        "due_on": due.strftime("%Y-%m-%d").to_string(),
    });
    let asked = kit.api.post("/v1/document-requests").by(&admin.person).within(&inside).json(body).ok(201).await;
    let request = text(&asked, "/document_request/id");
    let company = owner.company.id.as_str();
    let of_company = kit.table.partition(&format!("COMPANY#{company}")).await;
    let of_firm = kit.table.partition(&format!("FIRM#{}", admin.firm.id)).await;
    let copied = |item: &&Item| ["document_request", "connection"].iter().any(|kind| is(item, kind));
    copies(of_company.iter().chain(&of_firm).filter(copied), &[(&request, "drq_"), (company, "co_")], count)
}

/// The items of a firm's clients in which something may wait, beside the one that is connected over the API: the entries
/// of the firm's overview and the connections.
///
/// # Panics
/// When the client does not appear in the overview.
pub async fn overview(kit: &Kit, admin: &FirmAdmin, count: usize) -> Vec<Value> {
    let owner = cast::owner(kit, "Lino Lists", "Client of many").await;
    cast::connect(kit, &owner, admin, None).await;
    let company = owner.company.id.as_str();
    waiting::until(kit, (&admin.person, &admin.here), OVERVIEW, "/clients/0/company", company).await;
    let of_company = kit.table.partition(&format!("COMPANY#{company}")).await;
    let of_firm = kit.table.partition(&format!("FIRM#{}", admin.firm.id)).await;
    let waits = kit.table.partition(&format!("BACKLOG#{}", admin.firm.id)).await;
    let copied = |item: &&Item| ["backlog", "connection"].iter().any(|kind| is(item, kind));
    copies(of_company.iter().chain(&of_firm).chain(&waits).filter(copied), &[(company, "co_")], count)
}

fn is(item: &Item, kind: &str) -> bool {
    crate::table::text(item, "entity") == Some(kind)
}

/// Copies of items, each time with other ids in place of these.
fn copies<'i>(items: impl Iterator<Item = &'i Item>, ids: &[(&str, &str)], count: usize) -> Vec<Value> {
    let written: Vec<String> = items.map(|item| json(item).to_string()).collect();
    assert!(!written.is_empty(), "there is nothing to copy");
    let copy = |number: usize| {
        written.iter().map(move |item| {
            let renamed =
                ids.iter().fold(item.clone(), |item, (id, prefix)| item.replace(id, &format!("{prefix}{number:032x}")));
            serde_json::from_str(&renamed).expect("an id for an id leaves JSON")
        })
    };
    (1..count).flat_map(copy).collect()
}

fn json(item: &Item) -> Value {
    let members: Map<String, Value> = item.iter().map(|(name, value)| (name.clone(), typed(value))).collect();
    Value::Object(members)
}

/// An attribute as DynamoDB's JSON.
fn typed(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Ss(all) => json!({ "SS": all }),
        AttributeValue::Bool(yes) => json!({ "BOOL": yes }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::L(all) => json!({ "L": all.iter().map(typed).collect::<Vec<_>>() }),
        AttributeValue::M(all) => {
            let members: Map<String, Value> = all.iter().map(|(name, value)| (name.clone(), typed(value))).collect();
            json!({ "M": members })
        }
        other => panic!("no such attribute here: {other:?}"),
    }
}

/// Asks a running `documents` function for the pages that people open. `count` documents are in the company.
///
/// # Panics
/// When a page is refused.
pub async fn document_pages(
    function: &Function,
    table: &Chaos,
    owner: &Owner,
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let (by, here) = (&owner.person, &owner.here);
    let list = PagedList { function, table, path: "/v1/documents", entries: "documents", by, here };
    let user = owner.person.user.as_str();
    let filters = [
        ("the newest", None),
        ("one kind", Some(("kind", "receipt"))),
        ("one state", Some(("state", "declared"))),
        ("one uploader", Some(("uploaded_by", user))),
        ("names that begin so", Some(("name", "reCEIPT"))),
    ];
    opened(&list, &filters, count, limit).await
}

/// Asks a running `document-requests` function for what is missing. `count` clients of the firm owe it a paper.
///
/// # Panics
/// When a page is refused.
pub async fn missing_pages(
    function: &Function,
    table: &Chaos,
    admin: &FirmAdmin,
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let (by, here, path) = (&admin.person, &admin.here, "/v1/document-requests/missing");
    let list = PagedList { function, table, path, entries: "missing", by, here };
    opened(&list, &[("what is due first", None)], count, limit).await
}

/// Asks a running `clients` function for what waits in the firm's clients, of which there are `count`.
///
/// # Panics
/// When a page is refused.
pub async fn overview_pages(
    function: &Function,
    table: &Chaos,
    admin: &FirmAdmin,
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let list = PagedList { function, table, path: OVERVIEW, entries: "clients", by: &admin.person, here: &admin.here };
    opened(&list, &[("the most urgent first", None)], count, limit).await
}

/// Asks a running `customers` function for the pages that people open. `count` customers are in the company.
///
/// # Panics
/// When a page is refused.
pub async fn customer_pages(
    function: &Function,
    table: &Chaos,
    owner: &Owner,
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let (by, here) = (&owner.person, &owner.here);
    let list = PagedList { function, table, path: "/v1/customers", entries: "customers", by, here };
    let filters = [("by name", None), ("names that begin so", Some(("q", "cUSTOMER of")))];
    opened(&list, &filters, count, limit).await
}

/// Asks a running `customer-portal` function for the invoices of the contact's customer, of which there are `count`.
///
/// # Panics
/// When a page is refused.
pub async fn invoice_pages(
    function: &Function,
    table: &Chaos,
    contact: &Contact,
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let (by, here) = (&contact.person, &contact.here);
    let list = PagedList { function, table, path: "/v1/customer-portal/invoices", entries: "invoices", by, here };
    opened(&list, &[("the newest", None), ("one status", Some(("status", "sent")))], count, limit).await
}

/// The first page of each list, and one in the middle.
async fn opened(
    list: &PagedList<'_>,
    filters: &[(&'static str, Option<(&str, &str)>)],
    count: usize,
    limit: usize,
) -> Vec<Page> {
    let mut meter = Meter::new();
    // What is in memory after the first request, such as the keys of contexts, is no part of a page.
    list.ask(&mut meter, "", &[("limit", "1")], 1).await;
    let limit_text = limit.to_string();
    let mut pages = Vec::new();
    for (what, filter) in filters {
        let query: Vec<(&str, &str)> = filter.iter().copied().chain([("limit", limit_text.as_str())]).collect();
        pages.push(list.ask(&mut meter, what, &query, limit).await.0);
    }
    let cursor = list.cursor_behind(count / 2).await;
    let query = [("limit", limit_text.as_str()), ("cursor", cursor.as_str())];
    pages.push(list.ask(&mut meter, "a page in the middle", &query, limit).await.0);
    pages
}
