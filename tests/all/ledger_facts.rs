//! `/v1/ledger/…/facts`: VAT returns and payrolls, as the ledger states them and people hear of them.

use serde_json::{Value, json};
use tests::answer::Answer;
use tests::cast::{self, list, text};
use tests::http::Call;
use tests::kit::Kit;
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::{kit, run, table};

use crate::support::refused_input;

const PUSH: &str = "/v1/ledger/facts";

fn vat_filed() -> Value {
    json!({
        "kind": "vat_return_filed", "period_from": "2026-07-01", "period_until": "2026-09-30", "date": "2026-10-29",
        "amount_minor": 123_456, "currency": "EUR",
    })
}

fn payroll() -> Value {
    json!({
        "kind": "payroll_ready", "period_from": "2026-10-01", "period_until": "2026-10-31", "date": "2026-10-30",
    })
}

fn row(company: &str, reference: &str, mut fact: Value) -> Value {
    fact["company"] = json!(company);
    fact["reference"] = json!(reference);
    fact
}

fn push<'a>(kit: &'a Kit, ledger: &Ledger) -> Call<'a> {
    kit.api.post(PUSH).by(ledger)
}

async fn facts_told(kit: &Kit, company: &str) -> Vec<String> {
    let events = kit.table.events(company).await;
    let kinds = events.iter().filter_map(|event| table::text(event, "type").map(str::to_owned));
    kinds.filter(|kind| kind.starts_with("vat_return.") || kind.starts_with("payroll.")).collect()
}

/// Proves: M2
#[test]
fn those_who_see_vat_hear_of_a_filed_return_and_nobody_else() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (reader, other) = tokio::join!(
            cast::member(kit, &owner, "Vera Vat", "custom", Some(&["vat.view"])),
            cast::member(kit, &owner, "Paul Payroll", "custom", Some(&["payroll.view"])),
        );
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let stated = ledger.put(kit, company, "facts", "VAT-Q3", vat_filed()).await.ok(201);
        assert_eq!(text(&stated, "/fact/kind"), "vat_return_filed");
        let filed =
            |mail: &Message| mail.subject == "Owners Ltd: VAT return filed for 1 July 2026 to 30 September 2026";
        let letter = kit.mailbox.wait_for(&reader.person.email, "VAT return", filed).await;
        assert!(letter.text.contains("€1,234.56"), "{}", letter.text);
        kit.mailbox.wait_for(&owner.person.email, "VAT return", filed).await;

        ledger.put(kit, company, "facts", "PAY-10", payroll()).await.ok(201);
        let ready = |mail: &Message| mail.subject.starts_with("Owners Ltd: payroll ready");
        kit.mailbox.wait_for(&other.person.email, "payroll", ready).await;
        let (others, readers) =
            tokio::join!(kit.mailbox.inbox(&other.person.email), kit.mailbox.inbox(&reader.person.email));
        assert!(!others.iter().any(filed), "a letter about VAT to a person without the permission");
        assert!(!readers.iter().any(ready), "a letter about payroll to a person without the permission");
    });
}

/// Proves: M2
#[test]
fn those_who_see_vat_hear_by_when_a_return_is_due() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let other = cast::member(kit, &owner, "Paul Payroll", "custom", Some(&["payroll.view"])).await;
        let ledger = Ledger::sign_in(kit).await;
        let mut due = vat_filed();
        due["kind"] = json!("vat_return_due");
        ledger.put(kit, &owner.company.id, "facts", "VAT-Q3-DUE", due).await.ok(201);
        let about = |mail: &Message| mail.subject.starts_with("Owners Ltd: VAT return due");
        let letter = kit.mailbox.wait_for(&owner.person.email, "due VAT return", about).await;
        assert!(letter.text.contains("29 October 2026") && letter.text.contains("€1,234.56"), "{letter}");
        assert!(!kit.mailbox.inbox(&other.person.email).await.iter().any(about), "told without the permission");
    });
}

/// Proves: U6
#[test]
fn a_fact_is_told_once_however_often_it_is_stated() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let first = ledger.put(kit, company, "facts", "VAT-Q3", vat_filed()).await.ok(201);
        let again = ledger.put(kit, company, "facts", "VAT-Q3", vat_filed()).await.ok(200);
        assert_eq!(first, again);
        assert_eq!(ledger.read(kit, company, "facts", "VAT-Q3").await.ok(200), first);
        let mut other = vat_filed();
        other["amount_minor"] = json!(123_457);
        let refused = ledger.put(kit, company, "facts", "VAT-Q3", other).await;
        refused.refused_field(409, "conflict", "amount_minor");
        // At once, from two workers of the ledger.
        let put = || ledger.put(kit, company, "facts", "PAY-10", payroll());
        let answers = tokio::join!(put(), put(), put());
        let is_new = |answer: &Answer| usize::from(answer.status == 201);
        let news = is_new(&answers.0) + is_new(&answers.1) + is_new(&answers.2);
        assert_eq!(news, 1, "{} {} {}", answers.0.status, answers.1.status, answers.2.status);
        assert_eq!(facts_told(kit, company).await, ["vat_return.filed", "payroll.ready"]);
    });
}

/// Proves: 3
#[test]
fn a_fact_that_contradicts_itself_is_refused_by_its_field_and_leaves_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let before = kit.table.trace(company).await;
        let with = |mut fact: Value, field: &str, value: Value| {
            fact[field] = value;
            fact
        };
        for (fact, field) in [
            (with(vat_filed(), "kind", json!("vat_return_lost")), "kind"),
            (with(vat_filed(), "period_until", json!("2026-06-30")), "period_until"),
            (with(vat_filed(), "period_until", json!("2027-07-02")), "period_until"),
            (with(vat_filed(), "date", json!("2026-02-30")), "date"),
            (with(vat_filed(), "currency", Value::Null), "currency"),
            (with(vat_filed(), "amount_minor", Value::Null), "currency"),
            (with(vat_filed(), "amount_minor", json!(1.5)), "amount_minor"),
            (with(payroll(), "amount_minor", json!(1)), "amount_minor"),
            (with(vat_filed(), "note", json!("hello")), "note"),
        ] {
            let answer = ledger.put(kit, company, "facts", "VAT-Q3", fact.clone()).await;
            refused_input(&answer, field);
        }
        assert_eq!(kit.table.trace(company).await, before);
        let nobodys = ledger.put(kit, "co_00000000000070008000000000000000", "facts", "VAT-Q3", vat_filed()).await;
        nobodys.refused(404, "not-found");
    });
}

/// Proves: U6, 3
#[test]
fn many_facts_of_many_companies_are_stated_at_once_and_a_repeat_tells_nobody_again() {
    run(async {
        let kit = kit();
        let (one, two) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Tina Two", "Twos Ltd"),);
        let ledger = Ledger::sign_in(kit).await;
        let (a, b) = (one.company.id.as_str(), two.company.id.as_str());
        let mut changed = vat_filed();
        changed["date"] = json!("2026-10-30");
        let rows = json!({ "facts": [
            row(a, "VAT-Q3", vat_filed()),
            row(b, "VAT-Q3", vat_filed()),
            row(a, "VAT-Q3", vat_filed()),
            row(a, "VAT-Q3", changed),
            row("co_00000000000070008000000000000000", "VAT-Q3", vat_filed()),
            { "company": a, "reference": "PAY-10", "kind": "payroll_ready" },
            row(a, "PAY-10", payroll()),
        ] });
        let answer = push(kit, &ledger).json(rows.clone()).ok(200).await;
        let seen: Vec<(String, Option<&str>)> = list(&answer, "rows")
            .iter()
            .map(|row| (text(row, "/outcome"), row.get("field").and_then(Value::as_str)))
            .collect();
        let row = |outcome: &str, field| (outcome.to_owned(), field);
        assert_eq!(
            seen,
            [
                row("created", None),
                row("created", None),
                row("already_there", None),
                row("invalid", Some("date")),
                row("invalid", Some("company")),
                row("invalid", Some("period_from")),
                row("created", None),
            ]
        );
        let again = push(kit, &ledger).json(rows).ok(200).await;
        assert_eq!((again["created"].as_u64(), again["already_there"].as_u64()), (Some(0), Some(4)), "{again}");
        assert_eq!(facts_told(kit, a).await, ["vat_return.filed", "payroll.ready"]);
        assert_eq!(facts_told(kit, b).await, ["vat_return.filed"]);
    });
}

/// Proves: 3
#[test]
fn five_hundred_facts_are_taken_and_one_more_is_not() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        // Five hundred letters would hold up those of every other test.
        let body = json!({ "categories": [{ "category": "accounts", "mail": "none" }] });
        kit.api.patch("/v1/notification-settings").by(&owner.person).json(body).ok(200).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let rows =
            |count: usize| -> Vec<Value> { (0..count).map(|n| row(company, &format!("PAY-{n}"), payroll())).collect() };
        let answer = push(kit, &ledger).json(json!({ "facts": rows(501) })).send().await;
        refused_input(&answer, "facts");
        assert!(facts_told(kit, company).await.is_empty());
        let csv: String = std::iter::once("company,reference,kind,period_from,period_until,date\r\n".to_owned())
            .chain((0..500).map(|n| format!("{company},PAY-{n},payroll_ready,2026-10-01,2026-10-31,2026-10-30\r\n")))
            .collect();
        let answer = push(kit, &ledger).raw("text/csv", csv).ok(200).await;
        assert_eq!(answer["created"], 500, "{}", answer["rows"][0]);
        assert_eq!(facts_told(kit, company).await.len(), 500);
    });
}
