//! Contacts pay invoices, and read what was paid.

use serde_json::json;
use tests::cast::{self, Contact, list, text};
use tests::http::Answer;
use tests::{checkout, kit, machine, run, story};

use super::stage::{CUSTOMER, Stage};
use crate::support::refused_input;

const PAYMENTS: &str = "/invoices/INV-1/payments";

async fn pay(stage: &Stage, who: &Contact, amount_minor: i64) -> Answer {
    let body = json!({ "amount_minor": amount_minor, "currency": "EUR" });
    stage.ask(who, "POST", PAYMENTS, Some(body)).await
}

/// Proves: CP8
#[test]
fn a_contact_pays_an_invoice_and_the_account_says_so() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 48_000).await;
        let started = pay(&stage, &stage.contact, 48_000).await.ok(201);
        let payment = text(&started, "/payment/id");
        checkout::pay_by_card(stage.kit, &text(&started, "/provider/client_secret")).await;
        story::payment_settles(stage.kit, &stage.owner, &payment).await;
        let shown = stage.read("/invoices/INV-1").await;
        assert_eq!(text(&shown, "/invoice/status"), "paid", "{shown}");
        let home = stage.read("").await;
        assert_eq!(home.pointer("/last_paid/amount_minor"), Some(&json!(48_000)), "{home}");
        assert_eq!(home.pointer("/owed/0/outstanding_minor"), Some(&json!(0)), "{home}");
        assert_eq!(list(&stage.read(PAYMENTS).await, "payments").len(), 1);
        let one = stage.read(&format!("{PAYMENTS}/{payment}")).await;
        assert_eq!(text(&one, "/payment/status"), "succeeded");

        let statement = stage.read("/statement?from=2020-01-01&until=2099-12-31").await;
        let euros = &list(&statement["statement"], "currencies")[0];
        let minor = |name: &str| euros[name].as_i64().expect("an amount");
        assert_eq!(minor("opening_minor") + minor("documents_minor") - minor("received_minor"), minor("closing_minor"));
        assert_eq!((minor("documents_minor"), minor("received_minor"), minor("closing_minor")), (48_000, 48_000, 0));
        let kinds: Vec<String> = list(euros, "entries").iter().map(|entry| text(entry, "/kind")).collect();
        assert_eq!(kinds, ["invoice", "payment"], "{statement}");
    });
}

/// Proves: C10
#[test]
fn a_transfer_that_the_ledger_reports_is_what_was_paid_last() {
    run(async {
        let stage = Stage::set(kit()).await;
        let report = async |elsewhere: i64| {
            let mut body = machine::invoice("INV-1", 20_000);
            body["settled_elsewhere_minor"] = json!(elsewhere);
            stage.push("invoices", "INV-1", CUSTOMER, body).await;
            stage.read("").await
        };
        let home = report(1_000).await;
        assert!(home.get("last_paid").is_none(), "it came in before the invoice was here: {home}");
        let home = report(6_000).await;
        assert_eq!(home.pointer("/last_paid/amount_minor"), Some(&json!(5_000)), "{home}");
        // A correction takes back what was said, and pays nothing.
        let home = report(5_500).await;
        assert_eq!(home.pointer("/last_paid/amount_minor"), Some(&json!(5_000)), "{home}");
        assert_eq!(home.pointer("/owed/0/outstanding_minor"), Some(&json!(14_500)), "{home}");
    });
}

/// Proves: CP8, U1
#[test]
fn a_second_payment_is_told_what_is_pending_and_only_the_payer_cancels_it() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 10_000).await;
        let colleague = cast::contact(stage.kit, &stage.owner, CUSTOMER, "Cora Colleague").await;
        let first = pay(&stage, &stage.contact, 10_000).await.ok(201);
        let payment = text(&first, "/payment/id");
        // The same payer goes on with it; three clicks are one payment.
        for _ in 0..2 {
            let again = pay(&stage, &stage.contact, 10_000).await.ok(200);
            assert_eq!(text(&again, "/payment/id"), payment);
        }
        let refused = pay(&stage, &colleague, 10_000).await.refused(409, "conflict");
        let said = refused.to_string();
        let since = text(&first, "/payment/started_at");
        let pending = format!("only 0 is due; a payment of 10000 is pending since {since}");
        assert!(said.contains(&pending), "{said}");
        for theirs in [payment.as_str(), &stage.contact.person.user, &stage.contact.person.name] {
            assert!(!said.contains(theirs), "a contact is told who pays: {said}");
        }
        // Whose it is the list tells its payer alone, and nobody's user id.
        for (who, own) in [(&stage.contact, true), (&colleague, false)] {
            let listed = stage.ask(who, "GET", PAYMENTS, None).await.ok(200);
            let one = stage.ask(who, "GET", &format!("{PAYMENTS}/{payment}"), None).await.ok(200);
            for shown in [&listed["payments"][0], &one["payment"]] {
                assert_eq!((&shown["own"], shown.get("started_by")), (&json!(own), None), "{shown}");
            }
        }
        let cancel = format!("{PAYMENTS}/{payment}/cancel");
        stage.ask(&colleague, "POST", &cancel, None).await.refused(403, "not-granted");
        let canceled = stage.ask(&stage.contact, "POST", &cancel, None).await.ok(200);
        assert_eq!(text(&canceled, "/payment/status"), "canceled");
        pay(&stage, &colleague, 10_000).await.ok(201);
    });
}

/// Proves: CP8, 3
#[test]
fn what_cannot_be_paid_is_refused_by_field() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 10_000).await;
        for (body, field) in [
            (json!({ "amount_minor": 0, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": 1.5, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": 100, "currency": "USD" }), "currency"),
            (json!({ "amount_minor": 9_999, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": 100, "currency": "EUR", "invoice": "INV-9" }), "invoice"),
        ] {
            refused_input(&stage.ask(&stage.contact, "POST", PAYMENTS, Some(body)).await, field);
        }
        let mut by_transfer = machine::invoice("INV-2", 10_000);
        by_transfer["payment_options"] = json!(["bank_transfer"]);
        stage.push("invoices", "INV-2", CUSTOMER, by_transfer).await;
        let body = json!({ "amount_minor": 10_000, "currency": "EUR" });
        let refused = stage.ask(&stage.contact, "POST", "/invoices/INV-2/payments", Some(body)).await;
        assert_eq!(text(&refused.refused(409, "conflict"), "/detail"), "the invoice is not paid online");
        pay(&stage, &stage.contact, 10_001).await.refused(409, "conflict");
        pay(&stage, &stage.other, 10_000).await.refused(404, "not-found");
    });
}
