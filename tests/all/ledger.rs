//! `/v1/ledger/…`: what the machine client may push, and who else may not.

use serde_json::json;
use tests::cast::{self, text};
use tests::machine::{self, Ledger};
use tests::{kit, run};

use crate::support::refused_input;

const NOBODYS: &str = "co_00000000000070008000000000000000";

#[test]
fn what_was_pushed_can_be_read_back() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        for (kind, one, body) in [
            ("customers", "customer", machine::customer("Nordwind")),
            ("transactions", "transaction", machine::transaction(100, None)),
            ("invoices", "invoice", machine::invoice("R-1", 100)),
            ("estimates", "estimate", machine::estimate("R-1", 100)),
            ("credit-notes", "credit_note", machine::credit_note("R-1", 100, "R-1", 40)),
            ("bank-accounts", "bank_account", machine::bank_account(100)),
        ] {
            let pushed = ledger.put(kit, &owner.company.id, kind, "R-1", body).await;
            pushed.ok(201);
            let read = ledger.read(kit, &owner.company.id, kind, "R-1").await.ok(200);
            assert_eq!(text(&read, &format!("/{one}/reference")), "R-1", "{read}");
        }
    });
}

#[test]
fn pushing_the_same_again_changes_nothing_and_says_the_same() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let bank = machine::bank_account(100);
        for (kind, body) in [
            ("customers", machine::customer("Nordwind")),
            ("transactions", machine::transaction(100, None)),
            ("invoices", machine::invoice("R-1", 100)),
            ("estimates", machine::estimate("R-1", 100)),
            ("credit-notes", machine::credit_note("R-1", 100, "R-1", 40)),
            ("bank-accounts", bank),
        ] {
            let first = ledger.put(kit, company, kind, "R-1", body.clone()).await;
            let events = kit.table.events(company).await.len();
            let second = ledger.put(kit, company, kind, "R-1", body).await;
            assert!(first.status < 300 && second.status < 300, "{kind}: {} {}", second.status, second.text());
            assert_eq!(first.json(), second.json(), "{kind}");
            assert_eq!(kit.table.events(company).await.len(), events, "a repeated push of {kind} made an event");
        }
    });
}

#[test]
fn a_company_that_does_not_exist_takes_nothing() {
    run(async {
        let kit = kit();
        let ledger = Ledger::sign_in(kit).await;
        let answer = ledger.put(kit, NOBODYS, "invoices", "R-1", machine::invoice("R-1", 100)).await;
        answer.refused(404, "not-found");
        ledger.read(kit, NOBODYS, "invoices", "R-1").await.refused(404, "not-found");
        assert!(kit.table.partition(&format!("COMPANY#{NOBODYS}")).await.is_empty());
    });
}

#[test]
fn people_are_not_the_ledger_and_the_ledger_is_nobody() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let path = format!("/v1/ledger/companies/{}/invoices/{}", world.owner.company.id, world.reference);
        let answer = kit.api.get(&path).by(&world.owner.person).send().await;
        // The gateway refuses: the scope is missing.
        assert_eq!(answer.status, 403, "{}", answer.text());
        for path in ["/v1/me", "/v1/contexts"] {
            let answer = kit.api.get(path).by(&world.ledger).send().await;
            answer.refused(401, "not-signed-in");
        }
        let answer = kit.api.get("/v1/dashboard").by(&world.ledger).within(&world.owner.here).send().await;
        answer.refused(401, "not-signed-in");
    });
}

/// Proves: 3
#[test]
fn pushed_objects_are_checked_like_any_input() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let with = |mut body: serde_json::Value, field: &str, value: serde_json::Value| {
            body[field] = value;
            body
        };
        let without = |mut body: serde_json::Value, field: &str| {
            body.as_object_mut().unwrap().remove(field);
            body
        };
        let invoice = || machine::invoice("R-1", 100);
        let payment = || machine::transaction(100, None);
        let bank = || machine::bank_account(100);
        machine::push_customer(kit, company, machine::CUSTOMER, machine::CUSTOMER_NAME).await;
        let before = kit.table.trace(company).await;
        for (kind, body, field) in [
            ("invoices", with(invoice(), "total_minor", json!(-1)), "total_minor"),
            ("invoices", with(invoice(), "total_minor", json!(1.5)), "total_minor"),
            ("invoices", with(invoice(), "currency", json!("XXQ")), "currency"),
            ("invoices", with(invoice(), "due_on", json!("2026-02-30")), "due_on"),
            ("invoices", with(invoice(), "settled_elsewhere_minor", json!(-1)), "settled_elsewhere_minor"),
            ("invoices", with(invoice(), "paid_minor", json!(100)), "paid_minor"),
            ("invoices", with(invoice(), "status", json!("paid")), "status"),
            ("estimates", with(machine::estimate("R-1", 100), "valid_until", json!("soon")), "valid_until"),
            ("transactions", with(payment(), "amount_minor", json!(-1)), "amount_minor"),
            ("transactions", with(payment(), "currency", json!("euro")), "currency"),
            ("transactions", without(payment(), "prepared_by"), "prepared_by"),
            ("transactions", with(payment(), "approval", json!("approved")), "approval"),
            ("transactions", with(payment(), "payee", json!("x".repeat(10_000))), "payee"),
            ("bank-accounts", with(bank(), "balance_minor", json!("100")), "balance_minor"),
            ("bank-accounts", with(bank(), "as_of", json!("yesterday")), "as_of"),
        ] {
            refused_input(&ledger.put(kit, company, kind, "R-1", body).await, field);
        }
        for reference in ["has%20space", "umlaut%C3%BC", &"x".repeat(65)] {
            let answer = ledger.put(kit, company, "invoices", reference, invoice()).await;
            answer.refused(404, "not-found");
        }
        assert!(kit.table.trace(company).await == before, "a refused push left a trace");
    });
}

/// Proves: U6
#[test]
fn an_older_balance_does_not_replace_a_newer_one() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.balance(kit, company, "BANK", 500).await;
        let mut old = machine::bank_account(999);
        old["as_of"] = json!("2020-01-01T00:00:00Z");
        let answer = ledger.put(kit, company, "bank-accounts", "BANK", old).await.ok(200);
        assert_eq!(answer["applied"], false, "it says that it changed nothing: {answer}");
        assert_eq!(answer.pointer("/bank_account/balance_minor"), Some(&json!(500)), "{answer}");
        let read = ledger.read(kit, company, "bank-accounts", "BANK").await.ok(200);
        assert_eq!(read.pointer("/bank_account/balance_minor"), Some(&json!(500)), "{read}");
    });
}

/// Proves: U7
#[test]
fn another_balance_for_the_same_time_is_refused_and_names_what_differs() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let first = machine::bank_account(500);
        ledger.put(kit, company, "bank-accounts", "BANK", first.clone()).await.ok(201);
        let mut other = first.clone();
        other["balance_minor"] = json!(600);
        let refused = ledger.put(kit, company, "bank-accounts", "BANK", other).await;
        refused.refused_field(409, "conflict", "balance_minor");
        let again = ledger.put(kit, company, "bank-accounts", "BANK", first).await.ok(200);
        assert_eq!((&again["applied"], &again["bank_account"]["balance_minor"]), (&json!(true), &json!(500)));
    });
}

/// A ledger's queue brings an old report after a newer one, and one twice.
/// Proves: U6, U7
#[test]
fn a_late_report_changes_nothing_and_one_version_has_one_content() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        for (kind, one, amount) in [("invoices", "invoice", "total_minor"), ("estimates", "estimate", "total_minor")] {
            let put = async |minor: i64, version: u64| {
                let mut body =
                    if kind == "invoices" { machine::invoice("R", minor) } else { machine::estimate("R", minor) };
                body["version"] = json!(version);
                ledger.put(kit, company, kind, "R", body).await
            };
            put(100, 1).await.ok(201);
            put(300, 3).await.ok(200);
            let before = kit.table.trace(company).await;
            let late = put(200, 2).await.ok(200);
            assert_eq!((&late["applied"], &late[one][amount]), (&json!(false), &json!(300)), "{late}");
            assert_eq!(late[one]["version"], 3, "it says which version is stored: {late}");
            let again = put(300, 3).await.ok(200);
            assert_eq!((&again["applied"], &again[one][amount]), (&json!(true), &json!(300)), "{again}");
            put(400, 3).await.refused_field(409, "conflict", "lines");
            assert!(kit.table.trace(company).await == before, "a late or repeated report of {kind} left a trace");
            // The same content as a newer version makes what is in between late.
            put(300, 5).await.ok(200);
            assert_eq!(put(400, 4).await.ok(200)["applied"], false, "{kind}");
        }
        let put = async |minor: i64, version: u64| {
            let mut body = machine::transaction(minor, None);
            body["version"] = json!(version);
            ledger.put(kit, company, "transactions", "R", body).await
        };
        put(100, 7).await.ok(201);
        assert_eq!(put(200, 6).await.ok(200)["applied"], false);
        put(200, 7).await.refused_field(409, "conflict", "amount_minor");
        put(200, 8).await.refused(409, "conflict");
        let mut body = machine::invoice("R", 100);
        for version in [json!(-1), json!(1.5), json!("3"), json!(9_007_199_254_740_992_u64)] {
            body["version"] = version;
            refused_input(&ledger.put(kit, company, "invoices", "R", body.clone()).await, "version");
        }
    });
}

#[test]
fn an_overdraft_is_a_balance_too() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let pushed = ledger.balance(kit, &owner.company.id, "BANK", -12_345).await;
        assert_eq!(pushed.pointer("/bank_account/balance_minor"), Some(&json!(-12_345)), "{pushed}");
    });
}
