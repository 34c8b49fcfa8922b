//! An ordinary company, as `docs/decisions/0078-a-dashboard-in-one-wave.md` counts one: what its dashboard takes is held against
//! the aim by a test and by the bench.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};

use crate::Kit;
use crate::camt::{camt, camt_statement};
use crate::cast::{self, Owner, list, text};
use crate::machine::{self, Ledger};
use crate::people::unique;
use crate::uploads;
use crate::waiting::until;

/// The dashboard of this company takes at most so many read units.
pub const DASHBOARD_READ_UNITS_MAX: u64 = 12;
/// The two accounts, and what the bank calls them.
const ACCOUNTS: [(&str, &str); 2] = [("BANK-MAIN", "DE02120300000000202051"), ("BANK-TAX", "DE02500105170137075030")];
/// For how many days the bank has sent statements: the days of the course, and some more.
const STATEMENT_DAYS: i32 = 100;
const INVOICES: i64 = 10;
const ESTIMATES: i64 = 3;
const APPROVALS: i64 = 3;
const COMMENTS_ON_INVOICES: usize = 10;

/// Makes the company, and answers its owner, who sees everything.
///
/// # Panics
/// When something of it is refused.
pub async fn company(kit: &Kit) -> Owner {
    let kit = &kit.quiet();
    let owner = cast::owner(kit, "Ole Ordinary", "Ordinary Ltd").await;
    let ledger = Ledger::sign_in(kit).await;
    bank(kit, &owner, &ledger).await;
    let company = owner.company.id.as_str();
    for nth in 1..=INVOICES {
        ledger.put(kit, company, "invoices", &format!("INV-{nth}"), invoice(nth)).await.ok(201);
    }
    for nth in 1..=ESTIMATES {
        ledger.estimate(kit, company, &format!("EST-{nth}"), 70_000 + nth).await;
    }
    cast::approval_policy(kit, &owner, 1_000).await;
    for nth in 1..=APPROVALS {
        ledger.transaction(kit, company, &format!("PAY-{nth}"), 5_000 + nth, None).await;
    }
    for month in ["2026-09", "2026-10"] {
        publish(kit, &owner, &ledger, month).await;
    }
    ask_and_comment(kit, &owner).await;
    owner
}

/// The bank's statement of each working day, of both accounts in one file.
async fn bank(kit: &Kit, owner: &Owner, ledger: &Ledger) {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = today.checked_sub(STATEMENT_DAYS.days()).expect("a day of this age");
    for (reference, _) in ACCOUNTS {
        let mut account = machine::bank_account(100_000);
        account["as_of"] = json!(format!("{first}T06:00:00Z"));
        ledger.put(kit, &owner.company.id, "bank-accounts", reference, account).await.ok(201);
    }
    let is_working = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let days = first.series(1.day()).take_while(|day| *day < today).filter(is_working);
    let statements: Vec<String> = days
        .enumerate()
        .flat_map(|(nth, day)| ACCOUNTS.map(|(_, iban)| statement(iban, &day.to_string(), nth)))
        .collect();
    let file = camt(&statements);
    let body = uploads::declaration_of("bank_statement", "Statements.xml", "application/xml", file.as_bytes());
    let answer = kit.api.post("/v1/documents").by(&owner.person).within(&owner.here).json(body).ok(200).await;
    let uploaded = uploads::post(kit, &uploads::declared_in(&owner.company.id, &answer), file.as_bytes(), &[]).await;
    assert_eq!(uploaded.status, 204, "{}", uploaded.code());
    let here = (&owner.person, &owner.here);
    until(kit, here, "/v1/bank-statements", "/bank_statements/0/status", "read").await;
    let numbers = kit.api.get("/v1/bank-account-numbers").by(&owner.person).within(&owner.here).ok(200).await;
    for (reference, iban) in ACCOUNTS {
        let known = list(&numbers, "bank_account_numbers").iter().find(|one| text(one, "/number") == iban);
        let path = format!("/v1/bank-account-numbers/{}", text(known.expect("the number"), "/id"));
        let call = kit.api.put(&path).by(&owner.person).within(&owner.here);
        call.json(json!({ "bank_account": reference })).ok(200).await;
    }
}

/// The statement of the n-th working day, with its number and its period, as banks write it.
fn statement(iban: &str, day: &str, nth: usize) -> String {
    let amount = |nth: usize| format!("{}.{:02}", 18_000 + 7 * nth, nth % 100);
    let number = format!("<ElctrncSeqNb>{}</ElctrncSeqNb><CreDtTm>", nth + 100);
    let period = format!("<FrToDt><FrDtTm>{day}T00:00:00</FrDtTm><ToDtTm>{day}T23:59:59</ToDtTm></FrToDt><Acct>");
    let statement = camt_statement(iban, day, &amount(nth), &amount(nth + 1), 20);
    statement.replacen("<CreDtTm>", &number, 1).replacen("<Acct>", &period, 1)
}

/// An invoice of three lines.
fn invoice(nth: i64) -> Value {
    let mut body = machine::invoice(&format!("2026-{nth:04}"), 60_000);
    let line = |description: &str| {
        json!({
            "description": description, "quantity": "2", "unit_price": "100.00", "tax_category": "exempt", "net_minor": 20_000,
        })
    };
    body["lines"] =
        json!([line("Shelving for the second shop"), line("Delivery and mounting"), line("Disposal of packaging")]);
    body
}

/// The ledger pushes the three reports of a month, and the owner publishes them.
async fn publish(kit: &Kit, owner: &Owner, ledger: &Ledger, month: &str) {
    let company = owner.company.id.as_str();
    let mut reports = Vec::new();
    for (kind, body) in [("PL", profit_and_loss()), ("BS", balance_sheet()), ("FC", machine::forecast(1, 40_000))] {
        let reference = format!("{kind}-{month}");
        ledger.put(kit, company, "reports", &reference, body).await.ok(201);
        reports.push(json!({ "reference": reference, "version": 1 }));
    }
    let body =
        json!({ "month": month, "reports": reports, "comment": "A good month: the second shop pays for itself." });
    let call = kit.api.post("/v1/publications").by(&owner.person).within(&owner.here).key(&unique());
    call.json(body).ok(201).await;
}

/// A report of these totals beside two other columns.
fn totals(kind: &str, columns: &Value, roles: &[(&str, i64)]) -> Value {
    let row = |(role, minor): &(&str, i64)| json!({ "label": role, "kind": "total", "role": role, "values_minor": [minor, minor - 1, minor - 2] });
    let mut body = machine::report(1, 0);
    body["report"]["kind"] = json!(kind);
    body["report"]["columns"] = columns.clone();
    body["report"]["rows"] = roles.iter().map(row).collect();
    body
}

fn profit_and_loss() -> Value {
    let columns = machine::report(1, 0)["report"]["columns"].clone();
    let roles = [
        ("income", 1_500_000),
        ("cost_of_sales", 400_000),
        ("gross_profit", 1_100_000),
        ("operating_expenses", 600_000),
        ("operating_profit", 500_000),
        ("net_profit", 480_000),
    ];
    totals("profit_and_loss", &columns, &roles)
}

fn balance_sheet() -> Value {
    let column = |key: &str, kind: &str, at: &str| json!({ "key": key, "title": key, "kind": kind, "at": at });
    let columns = json!([
        column("2026-10", "actual", "2026-10-31"),
        column("2026-09", "comparison", "2026-09-30"),
        column("2025-10", "comparison", "2025-10-31"),
    ]);
    let roles = [
        ("total_assets", 5_000_000),
        ("total_liabilities", 2_000_000),
        ("net_assets", 3_000_000),
        ("total_equity", 3_000_000),
    ];
    totals("balance_sheet", &columns, &roles)
}

/// A client is asked for papers twice and says something about an invoice; the owner says something about the others.
async fn ask_and_comment(kit: &Kit, owner: &Owner) {
    let clara = cast::member(kit, owner, "Clara Client", "client", None).await;
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240);
    for month in ["September", "October"] {
        let papers = json!({
            "title": format!("Papers of {month}"), "items": [{ "title": "Bank statement" }, { "title": "Lease contract" }],
            "asked_of": [clara.person.user], "due_on": due.strftime("%Y-%m-%d").to_string(),
        });
        let ask = kit.api.post("/v1/document-requests").by(&owner.person).within(&owner.here).key(&unique());
        ask.json(papers).ok(201).await;
    }
    let document = uploads::declare(kit, owner, "notes.txt", "text/plain", b"Notes").await.document;
    let on_document = format!("documents/{document}");
    let topics = std::iter::repeat_n("invoices/INV-1", COMMENTS_ON_INVOICES).chain([
        "estimates/EST-1",
        "estimates/EST-1",
        &on_document,
        &on_document,
    ]);
    for on in topics {
        let path = format!("/v1/{on}/comments");
        let is_clara = on == "invoices/INV-1";
        let (by, here) = if is_clara { (&clara.person, &clara.here) } else { (&owner.person, &owner.here) };
        let say = kit.api.post(&path).by(by).within(here).key(&unique());
        let said = say
            .json(json!({ "text": "Which of the two shops is this for, the old one or the new one?" }))
            .ok(201)
            .await;
        if !is_clara {
            let read = kit.api.post(&format!("{path}/read")).by(&owner.person).within(&owner.here);
            let read = read.json(json!({ "up_to": text(&said, "/comment/id") })).send().await;
            assert_eq!(read.status, 204, "{}", read.text());
        }
    }
}
