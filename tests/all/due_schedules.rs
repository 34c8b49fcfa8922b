//! Schedules read what is due, not what exists: over a table of their own, which no stream and no other schedule reads.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};
use tests::cast::{self, Owner};
use tests::chaos::Exchange;
use tests::machine::Ledger;
use tests::postponed::{RUNNING, waiting};
use tests::table::{self, Item, Table};
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, invoke, response};
use crate::postponed_mail;

/// How many companies there are, and for how many of them something is due, now or later.
const COMPANIES: usize = 2_000;
const DUE: usize = 50;
const DUE_LATER: usize = 200;
/// How many items one `BatchWriteItem` takes.
const PUTS: usize = 25;
/// The most requests for each that is due.
const REQUESTS_MAX: usize = 4;
const PAST: &str = "2026-01-01T00:00:00.000Z";

fn company(number: usize) -> String {
    format!("co_{number:032x}")
}

/// The value with one company's id in place of another's.
fn moved(value: &AttributeValue, from: &str, to: &str) -> AttributeValue {
    match value {
        AttributeValue::S(text) => AttributeValue::S(text.replace(from, to)),
        AttributeValue::L(values) => AttributeValue::L(values.iter().map(|value| moved(value, from, to)).collect()),
        AttributeValue::M(members) => {
            AttributeValue::M(members.iter().map(|(name, value)| (name.clone(), moved(value, from, to))).collect())
        }
        other => other.clone(),
    }
}

/// The same item of another company: due, due later, or in no index of what is due.
fn of_company(item: &Item, from: &str, number: usize) -> Item {
    let to = company(number);
    let mut item: Item = item.iter().map(|(name, value)| (name.clone(), moved(value, from, &to))).collect();
    let partition = table::text(&item, "gsi2pk").and_then(|pk| pk.rsplit_once('#')).map(|(kind, _)| kind.to_owned());
    let partition = partition.expect("it is in the index of what is due");
    let mut put = |name: &str, text: String| item.insert(name.to_owned(), AttributeValue::S(text));
    put("gsi2pk", format!("{partition}#{}", number % 4));
    put("gsi2sk", if number < DUE { PAST.to_owned() } else { "2999-01-01T00:00:00.000Z".to_owned() });
    if number >= DUE + DUE_LATER {
        item.remove("gsi2pk");
        item.remove("gsi2sk");
    }
    item
}

/// Writes an item of each company.
async fn seed(table: &Table, item: &Item, from: &str) {
    let numbers: Vec<usize> = (0..COMPANIES).collect();
    for numbers in numbers.chunks(PUTS) {
        let puts = numbers.iter().map(|number| {
            let item = of_company(item, from, *number).into_iter().collect();
            let put = PutRequest::builder().set_item(Some(item)).build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        });
        let written = table.client.batch_write_item().request_items(&table.name, puts.collect()).send().await;
        let left = written.expect("the table takes them").unprocessed_items.unwrap_or_default();
        assert!(left.is_empty(), "the table left items out");
    }
}

/// The companies that requests name, by their numbers.
fn named(exchanges: &[Exchange]) -> Vec<usize> {
    let requests: Vec<String> = exchanges.iter().map(|exchange| exchange.request.to_string()).collect();
    let is_named = |number: &usize| requests.iter().any(|request| request.contains(&company(*number)));
    (0..COMPANIES).filter(is_named).collect()
}

/// Runs a schedule over a table in which an item of each company is, and returns its answer.
async fn run_over(kit: &Kit, schedule: &str, item: &Item, from: &str) -> Value {
    let table = Table::create(&kit.stack, &kit.http, "due").await;
    seed(&table, item, from).await;
    let rig = Rig::of(kit, "notify").await.with_every_right().with("TABLE_NAME", &table.name);
    let function = rig.start().await;
    let _at_start = rig.table.take_exchanges();
    let answer = response(&invoke(&function, &json!({ "schedule": schedule })).await).clone();
    let exchanges = rig.table.take_exchanges();
    table.remove(&kit.stack, &kit.http).await;
    assert_eq!(named(&exchanges), (0..DUE).collect::<Vec<_>>(), "{schedule}");
    assert!(exchanges.len() < REQUESTS_MAX * DUE, "{schedule}: {} requests", exchanges.len());
    answer
}

/// Proves: 29
#[test]
fn the_schedule_for_thresholds_reads_the_accounts_that_are_due() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bella Below", "Below Ltd").await;
        let company = owner.company.id.as_str();
        Ledger::sign_in(kit).await.balance(kit, company, "BANK-1", 90_000).await;
        let path = "/v1/bank-accounts/BANK-1/threshold";
        let body = json!({ "threshold_minor": 50_000 });
        kit.api.put(path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let account = account_below(kit, &owner).await;
        assert_eq!(run_over(kit, "thresholds", &account, company).await, json!({ "told": DUE }));
    });
}

/// The account once its balance is below the threshold, and before anybody is told.
async fn account_below(kit: &Kit, owner: &Owner) -> Item {
    let company = owner.company.id.as_str();
    Ledger::sign_in(kit).await.balance(kit, company, "BANK-1", 40_000).await;
    let account = kit.table.item(&format!("COMPANY#{company}"), "BANK#BANK-1").await.expect("the account");
    assert!(account.contains_key("gsi2pk"), "the stack's own schedule came first: once more, please");
    account
}

/// Proves: 29
#[test]
fn the_schedule_for_mail_that_waited_reads_what_is_due() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Digest Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let together = json!({ "categories": [{ "category": "approvals", "mail": "in_digest" }] });
        postponed_mail::choose(kit, &owner.person, together).await;
        postponed_mail::waits(kit, &owner, "PAY-1").await;
        let mut waiting = waiting(kit, &owner.company.id, &owner.person).await;
        waiting.insert("digest_at".to_owned(), AttributeValue::S(PAST.to_owned()));
        // The person's profile is in another table, so nothing is sent.
        assert_eq!(run_over(kit, "postponed_mail", &waiting, &owner.company.id).await, json!({ "people": DUE }));
    });
}
