//! A contact's own details, and statements.

use serde_json::{Value, json};
use tests::cast::{list, text};
use tests::{kit, run, story};

use super::stage::{CUSTOMER, OTHER, Stage};
use crate::support::refused_input;

/// Proves: CP9
#[test]
fn what_a_contact_changes_waits_for_the_company() {
    run(async {
        let stage = Stage::set(kit()).await;
        let change = async |body: Value| stage.ask(&stage.contact, "PATCH", "/me", Some(body)).await;
        let own = stage.read("/me").await;
        assert_eq!(text(&own, "/contact/email"), stage.contact.person.email.to_lowercase(), "{own}");
        assert_eq!(text(&own, "/contact/customer/reference"), CUSTOMER);
        let before = text(&own, "/contact/details/vat_number");

        let asked = change(json!({ "phone": "+351 912 345 678", "vat_number": "PT501442600" })).await.ok(200);
        assert_eq!(asked.pointer("/contact/pending_change/changed"), Some(&json!(["phone", "vat_number"])), "{asked}");
        assert_eq!(text(&asked, "/contact/details/vat_number"), before, "it waits");
        // What is asked for while it waits is added to it.
        let asked = change(json!({ "language": "pt" })).await.ok(200);
        let pending = text(&asked, "/contact/pending_change/after/vat_number");
        assert_eq!(pending, "PT501442600", "{asked}");
        change(json!({})).await.ok(200);
        let events = story::events_of_type(stage.kit, &stage.owner.company.id, "customer.change_requested").await;
        assert_eq!(events, 2, "asking for nothing new is no event");
        let customer = stage.staff("GET", &format!("/v1/customers/{CUSTOMER}"), None).await.ok(200);
        assert_eq!(text(&customer, "/customer/vat_number"), before, "the customer is as it was");

        for (body, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "phone": "call me" }), "phone"),
            (json!({ "vat_number": "XX" }), "vat_number"),
            (json!({ "billing_address": { "line1": "Rua 1" } }), "billing_address"),
            (json!({ "email": "new@example.com" }), "email"),
        ] {
            refused_input(&change(body).await, field);
        }
    });
}

/// Proves: CP9, K5, 5, 10
#[test]
fn what_a_contact_asks_for_reaches_the_ledger_and_comes_back_accepted_while_they_may_ask() {
    run(async {
        let stage = Stage::set(kit()).await;
        let change = async |body: Value| stage.ask(&stage.contact, "PATCH", "/me", Some(body)).await;
        let rights = async |rights: Value| {
            let body = json!({ "rights": rights });
            stage.staff("PUT", "/v1/customer-portal-settings", Some(body)).await.ok(200)
        };
        rights(json!(["comment", "accept", "pay", "forward", "see_statements"])).await;
        let refused = change(json!({ "phone": "+351912345678" })).await.refused(403, "not-granted");
        assert_eq!(text(&refused, "/permission"), "details.edit");
        stage.read("/me").await;
        rights(json!(["edit_details"])).await;
        change(json!({ "phone": "+351912345678", "vat_number": "PT501442600" })).await.ok(200);

        let company = format!("/v1/ledger/companies/{}", stage.owner.company.id);
        let waiting = async || {
            let path = format!("{company}/customer-changes");
            let waiting = stage.kit.api.get(&path).by(&stage.ledger).ok(200).await;
            list(&waiting, "customer_changes").clone()
        };
        let changes = waiting().await;
        let [asked] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!(
            (text(asked, "/customer"), text(asked, "/contact")),
            (CUSTOMER.to_owned(), stage.contact.id.clone())
        );
        assert_eq!(text(asked, "/after/vat_number"), "PT501442600", "{asked}");
        let contact = format!("customers/{CUSTOMER}/contacts/{}", stage.contact.id);
        let decision = json!({ "decision": "accepted", "revision": asked["revision"] });
        let path = format!("{company}/{contact}/requested-change/decision");
        stage.kit.api.put(&path).by(&stage.ledger).json(decision).ok(200).await;

        assert!(waiting().await.is_empty());
        let customer = stage.staff("GET", &format!("/v1/customers/{CUSTOMER}"), None).await.ok(200);
        assert_eq!(text(&customer, "/customer/vat_number"), "PT501442600", "{customer}");
        let known = stage.staff("GET", &format!("/v1/{contact}"), None).await.ok(200);
        assert_eq!(text(&known, "/contact/phone"), "+351912345678", "{known}");
        let own = stage.read("/me").await;
        assert_eq!(text(&own, "/contact/details/vat_number"), "PT501442600", "{own}");
        assert!(own["contact"].get("pending_change").is_none(), "{own}");
    });
}

/// Proves: CP10, 27
#[test]
fn a_statement_ties_as_json_and_as_csv() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 20_000).await;
        stage.invoice(CUSTOMER, "INV-2", 5_000).await;
        stage.invoice(OTHER, "INV-3", 777_777).await;
        // A correction of the ledger's is a movement of its own.
        stage.invoice(CUSTOMER, "INV-2", 4_000).await;
        let period = "from=2020-01-01&until=2099-12-31";
        let statement = stage.read(&format!("/statement?{period}")).await;
        assert!(!statement.to_string().contains("777777"), "{statement}");
        let euros = &list(&statement["statement"], "currencies")[0];
        assert_eq!((&euros["opening_minor"], &euros["closing_minor"]), (&json!(0), &json!(24_000)), "{statement}");
        let ageing = euros["ageing"].as_object().expect("an object");
        let open: i64 = ageing.values().filter_map(Value::as_i64).sum();
        assert_eq!(open, 24_000, "the closing balance is what is open");
        let last = list(euros, "entries").last().expect("entries");
        assert_eq!(last["balance_minor"], euros["closing_minor"]);
        // The company's people read the same.
        let path = format!("/v1/customers/{CUSTOMER}/statement?{period}");
        assert_eq!(stage.staff("GET", &path, None).await.ok(200), statement);
        let none = stage.read(&format!("/statement?{period}&currency=USD")).await;
        assert!(list(&none["statement"], "currencies").is_empty());
        let before = stage.read("/statement?from=2020-01-01&until=2020-12-31").await;
        assert_eq!(before.pointer("/statement/currencies/0/closing_minor"), Some(&json!(0)), "{before}");

        let csv = stage.ask(&stage.contact, "GET", &format!("/statement?{period}&format=csv"), None).await;
        assert!(csv.header("content-type").is_some_and(|media| media.starts_with("text/csv")), "{}", csv.text());
        let text = csv.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "currency,date,kind,document,number,amount_minor,balance_minor");
        assert_eq!(lines[1], "EUR,2020-01-01,opening_balance,,,,0");
        assert_eq!(*lines.last().expect("a line"), "EUR,2099-12-31,closing_balance,,,,24000");
        assert_eq!(lines.len(), 3 + list(euros, "entries").len(), "{text}");

        for (query, field) in [
            ("from=2020-01-01", "until"),
            ("until=2020-01-01", "from"),
            ("from=2021-01-01&until=2020-01-01", "until"),
            ("from=soon&until=2020-01-01", "from"),
            ("from=2020-01-01&until=2020-01-02&format=pdf", "format"),
        ] {
            refused_input(&stage.ask(&stage.contact, "GET", &format!("/statement?{query}"), None).await, field);
        }
    });
}
