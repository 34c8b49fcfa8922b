//! What `notify` does in bulk: letters a second, what 1,000 notifications take of the table, and what the run for thresholds
//! reads where few of many companies are due.
//!
//! Letters go to the emulator's SES, and the table is the emulator's, so a second here is mostly theirs: CPU is given beside
//! it. Requests and units are what they are on AWS.

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{
    Kit, aws,
    capacity::{Meter, Units},
    cast::{self, Owner},
    chaos::Chaos,
    deployed,
    lists::Shelf,
    machine::Ledger,
    mailbox::Message,
    runtime_api::{Function, Payload},
    table,
};
use tokio::task::JoinSet;

use crate::{BenchError, Options, Table, package::Package};

/// The function.
pub(crate) const FUNCTION: &str = "notify";
/// How many members each event is told to.
const READERS: usize = 5;
/// How many events there are: 1,000 notifications in all.
const EVENTS: usize = 200;
/// How many messages the queue hands over at once.
const BATCH: usize = 10;
/// How many companies have a threshold, and of how many something is to be told.
const COMPANIES: usize = 100_000;
const DUE: usize = 50;
/// Of how many something is to be told once their pause is over.
const PAUSED: usize = 1_000;
/// How many items one `BatchWriteItem` takes, and how many of these are under way at once.
const PUTS: usize = 25;
const WRITERS: usize = 8;
/// Nothing is measured of the function's own timeout.
const TIMEOUT: Duration = Duration::from_secs(300);
const REFERENCE: &str = "BENCH-1";

/// What something took of the function and of the table.
#[derive(Debug, Default)]
struct Taken {
    wall: Duration,
    cpu: Duration,
    requests: usize,
    units: Units,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Bulk {
    letters: Taken,
    seeded_in: Duration,
    /// The first run with so many due, and the next, with none.
    runs: [(u64, Taken); 2],
}

impl Bulk {
    /// Sends letters, and runs the schedule.
    pub(crate) async fn measure(table: &Table, options: &Options) -> Result<Self, BenchError> {
        let package = Package::find(FUNCTION, &options.folders)?;
        eprintln!("sending {} letters…", EVENTS * READERS);
        let letters = letters(table, &package).await?;
        eprintln!("writing {COMPANIES} accounts with a threshold into a table of their own…");
        let (seeded_in, runs) = runs(table, &package).await?;
        Ok(Self { letters, seeded_in, runs })
    }

    /// Whether a run told of what was due and read little else.
    pub(crate) fn reads_what_is_due(&self) -> bool {
        let [(first, taken), (second, _)] = &self.runs;
        (*first, *second) == (DUE as u64, 0) && taken.requests < 4 * DUE
    }

    /// A line for each.
    pub(crate) fn text(&self) -> String {
        let (letters, sent) = (&self.letters, EVENTS * READERS);
        let mut text = format!("\nNotifications: {EVENTS} events to {READERS} people each, {BATCH} events a batch\n\n");
        let _ = writeln!(
            text,
            "{} letters a second by one function ({} by its CPU alone); 1,000 notifications: {} requests to the table, {}",
            a_second(sent, letters.wall),
            a_second(sent, letters.cpu),
            letters.requests * 1_000 / sent,
            letters.units,
        );
        let _ = writeln!(
            text,
            "\nThresholds of {COMPANIES} companies, {DUE} of them due, {PAUSED} within their pause (written in {} s)\n",
            self.seeded_in.as_secs()
        );
        for (name, (told, taken)) in ["first run", "second run"].iter().zip(&self.runs) {
            let _ = writeln!(
                text,
                "{name}: told of {told}, {} requests, {}, {} ms, CPU {} ms",
                taken.requests,
                taken.units,
                taken.wall.as_millis(),
                taken.cpu.as_millis()
            );
        }
        let verdict =
            if self.reads_what_is_due() { "a run reads what is due" } else { "a run reads MORE than what is due" };
        let _ = write!(text, "{verdict}");
        text
    }

    /// The same for comparing runs.
    pub(crate) fn json(&self) -> Value {
        let taken = |taken: &Taken| {
            json!({
                "wall_us": taken.wall.as_micros(), "cpu_us": taken.cpu.as_micros(), "requests": taken.requests,
                "capacity": taken.units.to_string(),
            })
        };
        let runs: Vec<Value> =
            self.runs.iter().map(|(told, one)| json!({ "told": told, "taken": taken(one) })).collect();
        json!({
            "letters": EVENTS * READERS, "sending": taken(&self.letters), "companies": COMPANIES, "runs": runs,
        })
    }
}

/// With one decimal.
fn a_second(count: usize, took: Duration) -> String {
    let tenths = (count as u128 * 10_000_000).checked_div(took.as_micros()).unwrap_or_default();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Sends the letters about events that only this function hears of: copies of one event, which are on a shelf before the
/// table.
async fn letters(table: &Table, package: &Package) -> Result<Taken, BenchError> {
    let kit = &table.kit;
    let owner = cast::owner(kit, "Nora Notified", "Company of readers").await;
    for reader in 1..READERS {
        cast::member(kit, &owner, &format!("Reader {reader}"), "admin", None).await;
    }
    cast::approval_policy(kit, &owner, 1).await;
    let ledger = Ledger::sign_in(kit).await;
    ledger.transaction(kit, &owner.company.id, REFERENCE, 5_000, None).await;
    let waits = |mail: &Message| mail.text.contains("Nordwind Supplies");
    kit.mailbox.wait_for(&owner.person.email, "request for approval", waits).await;

    let events = copies(kit, &owner).await?;
    let messages: Vec<Value> = events.iter().map(|event| message(&owner, event)).collect();
    let shelf = Shelf::holding(&kit.stack.endpoint, events)?;
    let hop = Chaos::start(Arc::new(shelf), Some(&table.identity)).await?;
    let launch = table.launch(FUNCTION, &package.binary, &hop).await.timeout(TIMEOUT);
    let function = launch.start().await.map_err(failed)?;
    let (mut letters, mut meter) = (Taken::default(), Meter::new());
    let _at_start = hop.take_exchanges();
    for batch in messages.chunks(BATCH) {
        let answer = letters.add(&function, &hop, &mut meter, &json!({ "Records": batch })).await?;
        if answer.get("batchItemFailures").and_then(Value::as_array).is_none_or(|failed| !failed.is_empty()) {
            return Err(went_wrong(&format!("messages are to come again: {answer}"), &function));
        }
    }
    // The first was sent by the stack's own function.
    let sent = kit.mailbox.inbox(&owner.person.email).await.into_iter().filter(waits).skip(1).count();
    if sent == EVENTS { Ok(letters) } else { Err(went_wrong(&format!("one person got {sent} letters"), &function)) }
}

/// Copies of the event that a transaction waits for approval, as the table would hold them.
async fn copies(kit: &Kit, owner: &Owner) -> Result<Vec<Value>, BenchError> {
    let body = json!({
        "TableName": kit.stack.table, "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": format!("EVENTS#COMPANY#{}", owner.company.id) } },
    });
    let found = dynamodb(kit, "Query", &body).await?;
    let mut items = found.get("Items").and_then(Value::as_array).into_iter().flatten();
    let event = items.find(|item| text(item, "type") == Some("approval.requested"));
    let id = event.and_then(|event| text(event, "id")).unwrap_or_default();
    // Numbered by the end of its id, so that each run of the bench has ids of its own.
    let (Some(event), Some((begin, _))) = (event, id.split_at_checked(id.len().saturating_sub(8))) else {
        return Err(BenchError::Bulk("no event that a transaction waits".to_owned()));
    };
    let written = event.to_string();
    let copy = |number: usize| serde_json::from_str(&written.replace(id, &format!("{begin}{number:08x}"))).ok();
    Ok((0..EVENTS).filter_map(copy).collect())
}

/// The message of the queue about an event.
fn message(owner: &Owner, event: &Value) -> Value {
    let id = text(event, "id").unwrap_or_default();
    let detail = json!({ "org": { "kind": "company", "id": owner.company.id }, "id": id });
    let body = json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "approval.requested",
        "source": "countersign", "account": "000000000000", "time": "2026-11-30T12:00:00Z", "region": "eu-central-1",
        "resources": [], "detail": detail,
    });
    json!({
        "messageId": id, "receiptHandle": "handle", "body": body.to_string(),
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:countersign-notify", "awsRegion": "eu-central-1",
    })
}

/// Runs the schedule twice over a table of its own, which no stream and no other schedule reads.
async fn runs(table: &Table, package: &Package) -> Result<(Duration, [(u64, Taken); 2]), BenchError> {
    let kit = &table.kit;
    let account = account_below(kit).await?;
    let own = table::Table::create(&kit.stack, &kit.http, "bench").await;
    let measured = runs_over(table, package, &own.name, &account).await;
    own.remove(&kit.stack, &kit.http).await;
    measured
}

async fn runs_over(
    table: &Table,
    package: &Package,
    name: &str,
    account: &Value,
) -> Result<(Duration, [(u64, Taken); 2]), BenchError> {
    let began = Instant::now();
    seed(&table.kit, name, account).await?;
    let seeded_in = began.elapsed();
    let hop = Chaos::in_front_of(&table.kit.stack.endpoint).await?;
    let launch = deployed::as_root(table.launch(FUNCTION, &package.binary, &hop).await);
    let function = launch.env("TABLE_NAME", name).timeout(TIMEOUT).start().await.map_err(failed)?;
    let first = run(&function, &hop).await?;
    Ok((seeded_in, [first, run(&function, &hop).await?]))
}

/// One run: of how many it told, and what it took.
async fn run(function: &Function, hop: &Chaos) -> Result<(u64, Taken), BenchError> {
    let _before = hop.take_exchanges();
    let mut taken = Taken::default();
    let answer = taken.add(function, hop, &mut Meter::new(), &json!({ "schedule": "thresholds" })).await?;
    let told = answer.get("told").and_then(Value::as_u64);
    told.map(|told| (told, taken)).ok_or_else(|| went_wrong(&format!("the schedule answered {answer}"), function))
}

/// An account whose balance is below its threshold and of which nobody was told, as the functions store it.
async fn account_below(kit: &Kit) -> Result<Value, BenchError> {
    let owner = cast::owner(kit, "Bella Below", "Company below").await;
    let ledger = Ledger::sign_in(kit).await;
    ledger.balance(kit, &owner.company.id, REFERENCE, 40_000).await;
    let path = format!("/v1/bank-accounts/{REFERENCE}/threshold");
    let call = kit.api.put(&path).by(&owner.person).within(&owner.here).json(json!({ "threshold_minor": 50_000 }));
    call.ok(200).await;
    let key = json!({
        "pk": { "S": format!("COMPANY#{}", owner.company.id) }, "sk": { "S": format!("BANK#{REFERENCE}") },
    });
    let body = json!({ "TableName": kit.stack.table, "Key": key, "ConsistentRead": true });
    let found = dynamodb(kit, "GetItem", &body).await?;
    let account = found.get("Item").filter(|account| text(account, "gsi2pk").is_some());
    account
        .cloned()
        .ok_or_else(|| BenchError::Bulk("the stack's own schedule came first: once more, please".to_owned()))
}

/// Writes an account of each company: some are due, some will be, and most are in no index of what is due.
async fn seed(kit: &Kit, name: &str, account: &Value) -> Result<(), BenchError> {
    let mut writing: JoinSet<Result<(), BenchError>> = JoinSet::new();
    for first in (0..COMPANIES).step_by(PUTS) {
        if writing.len() >= WRITERS
            && let Some(written) = writing.join_next().await
        {
            written.unwrap_or_else(|ended| Err(BenchError::Bulk(ended.to_string())))?;
        }
        let items = (first..COMPANIES.min(first + PUTS)).filter_map(|number| of_company(account, number));
        let puts: Vec<Value> = items.map(|item| json!({ "PutRequest": { "Item": item } })).collect();
        let mut requests = serde_json::Map::new();
        requests.insert(name.to_owned(), Value::Array(puts));
        let (kit, body) = (kit.clone(), json!({ "RequestItems": requests }));
        writing.spawn(async move { put_all(&kit, body).await });
    }
    while let Some(written) = writing.join_next().await {
        written.unwrap_or_else(|ended| Err(BenchError::Bulk(ended.to_string())))?;
    }
    Ok(())
}

async fn put_all(kit: &Kit, body: Value) -> Result<(), BenchError> {
    let answer = dynamodb(kit, "BatchWriteItem", &body).await?;
    let left = answer.get("UnprocessedItems").and_then(Value::as_object).is_some_and(|left| !left.is_empty());
    if left { Err(BenchError::Bulk("the table left items out".to_owned())) } else { Ok(()) }
}

/// The same account, of a company of this number.
fn of_company(account: &Value, number: usize) -> Option<Value> {
    let company = format!("co_{number:032x}");
    let mut item = account.as_object()?.clone();
    let mut put = |attribute: &str, text: String| item.insert(attribute.to_owned(), json!({ "S": text }));
    put("pk", format!("COMPANY#{company}"));
    // As `store` spreads them: by the last letter of the company's id.
    let shard = company.bytes().last().unwrap_or_default() % 4;
    put("gsi2pk", format!("DUE#balances#{shard}"));
    put("company", company);
    if number >= DUE {
        put("gsi2sk", "2999-01-01T00:00:00.000Z".to_owned());
    }
    if number >= DUE + PAUSED {
        item.remove("gsi2pk");
        item.remove("gsi2sk");
    }
    Some(Value::Object(item))
}

impl Taken {
    /// Invokes the function, and adds what that took.
    async fn add(
        &mut self,
        function: &Function,
        hop: &Chaos,
        meter: &mut Meter,
        event: &Value,
    ) -> Result<Value, BenchError> {
        let invoked = function.invoke(event).await;
        let invocation = invoked.map_err(failed)?;
        let made = hop.take_exchanges();
        self.wall += invocation.wall;
        self.cpu += invocation.cpu;
        self.requests += made.len();
        self.units = self.units + meter.measure_all(&made);
        match invocation.payload {
            Payload::Response(answer) => Ok(answer),
            Payload::Error(error) => Err(went_wrong(&error.to_string(), function)),
        }
    }
}

async fn dynamodb(kit: &Kit, action: &str, body: &Value) -> Result<Value, BenchError> {
    let answer = aws::call(&kit.stack, &kit.http, "dynamodb", &format!("DynamoDB_20120810.{action}"), body).await;
    answer.map_err(|(status, answer)| BenchError::Bulk(format!("{action}: {status} {answer}")))
}

/// A text attribute of an item.
fn text<'a>(item: &'a Value, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.get("S")?.as_str()
}

fn failed(source: tests::runtime_api::RuntimeApiError) -> BenchError {
    BenchError::Start { function: FUNCTION.to_owned(), source }
}

fn went_wrong(what: &str, function: &Function) -> BenchError {
    BenchError::Bulk(format!("{what}\n{}", function.log().join("\n")))
}

#[cfg(test)]
mod tests_of_bulk {
    use super::*;

    #[test]
    fn so_many_companies_are_due_and_most_are_in_no_index() {
        let account = json!({ "pk": { "S": "p" }, "gsi2pk": { "S": "DUE#balances#1" }, "gsi2sk": { "S": "2026" } });
        let keys = |number| {
            let item = of_company(&account, number).unwrap();
            (text(&item, "gsi2pk").map(str::to_owned), text(&item, "gsi2sk").map(str::to_owned))
        };
        assert_eq!(keys(DUE - 1), (Some("DUE#balances#1".to_owned()), Some("2026".to_owned())));
        assert_eq!(keys(DUE).1.as_deref(), Some("2999-01-01T00:00:00.000Z"));
        assert_eq!(keys(DUE + PAUSED), (None, None));
    }

    #[test]
    fn a_rate_has_one_decimal() {
        assert_eq!(a_second(1_000, Duration::from_millis(8_000)), "125.0");
        assert_eq!(a_second(1, Duration::ZERO), "0.0");
    }
}
