//! `/v1/ledger/companies/{company}/customers`: customers as the ledger reports them.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::machine::{self, Ledger};
use tests::{kit, run, story};

use super::{PATH, by};
use crate::support::refused_input;

fn with(name: &str, version: u64, contacts: Value) -> Value {
    let mut body = machine::customer(name);
    body["version"] = json!(version);
    body["contacts"] = contacts;
    body
}

fn person(name: &str, email: &str) -> Value {
    json!({ "name": name, "email": email, "phone": "+351 211 234 567", "job_title": "Purchasing" })
}

/// A ledger's queue brings an old report after a newer one, and one twice; in between, people change the customer.
/// Proves: K2, U6, U7
#[test]
fn a_late_or_repeated_report_leaves_what_people_changed_and_a_newer_one_replaces_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let company = owner.company.id.as_str();
        let ledger = Ledger::sign_in(kit).await;
        let put = async |body: Value| ledger.put(kit, company, "customers", "CUS-1", body).await;
        let first = with("Nordwind", 3, json!([person("Nora Nord", "nora@nordwind.example")]));
        let pushed = put(first.clone()).await.ok(201);
        assert_eq!((&pushed["applied"], &pushed["customer"]["contact_count"]), (&json!(true), &json!(1)), "{pushed}");
        let path = format!("{PATH}/CUS-1");
        by(kit.api.patch(&path), &owner).json(json!({ "name": "Nordwind & Filhos" })).ok(200).await;

        let before = kit.table.trace(company).await;
        let late = put(with("Old", 2, json!([person("Old", "old@nordwind.example")]))).await.ok(200);
        assert_eq!((&late["applied"], &late["customer"]["name"]), (&json!(false), &json!("Nordwind & Filhos")));
        let again = put(first.clone()).await.ok(200);
        assert_eq!((&again["applied"], &again["customer"]["name"]), (&json!(true), &json!("Nordwind & Filhos")));
        put(with("Other", 3, first["contacts"].clone())).await.refused_field(409, "conflict", "name");
        assert!(kit.table.trace(company).await == before, "a late or repeated report left a trace");

        put(with("Nordwind", 4, json!([]))).await.ok(200);
        let read = ledger.read(kit, company, "customers", "CUS-1").await.ok(200);
        assert_eq!((&read["customer"]["name"], &read["customer"]["version"]), (&json!("Nordwind"), &json!(4)));
        assert_eq!(read["customer"]["contact_count"], 1, "a contact that it does not name stays: {read}");
        assert_eq!(story::events_of_type(kit, company, "customer.recorded").await, 2);
    });
}

/// Proves: K3
#[test]
fn a_report_adds_and_changes_contacts_by_their_address() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let company = owner.company.id.as_str();
        let ledger = Ledger::sign_in(kit).await;
        let put = async |version: u64, contacts: Value| {
            ledger.put(kit, company, "customers", "CUS-1", with("Nordwind", version, contacts)).await
        };
        let nora = |name: &str| person(name, "nora@nordwind.example");
        put(1, json!([nora("Nora Nord"), person("Bo", "bo@nordwind.example")])).await.ok(201);
        let contacts = async || {
            let page = by(kit.api.get("/v1/customers/CUS-1/contacts"), &owner).ok(200).await;
            list(&page, "contacts").clone()
        };
        let first = contacts().await;
        put(2, json!([nora("Nora Süd")])).await.ok(200);
        let second = contacts().await;
        assert_eq!((text(&second[0], "/name"), &second[0]["id"]), ("Nora Süd".to_owned(), &first[0]["id"]));
        assert_eq!(second[1], first[1]);

        // Archived and brought back by a report that says so, and by no other.
        let mut archived = with("Nordwind", 3, json!([]));
        archived["archived"] = json!(true);
        ledger.put(kit, company, "customers", "CUS-1", archived).await.ok(200);
        let after = put(4, json!([])).await.ok(200);
        assert_eq!(after["customer"]["status"], "archived", "{after}");
    });
}

/// Proves: K1, K3, 3
#[test]
fn a_reported_customer_is_checked_like_any_input() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let company = owner.company.id.as_str();
        let ledger = Ledger::sign_in(kit).await;
        let many: Vec<Value> = (0..41).map(|n| person("Nora", &format!("n{n}@nordwind.example"))).collect();
        let twice = json!([person("Nora", "nora@nordwind.example"), person("N", "Nora@Nordwind.example")]);
        let before = kit.table.trace(company).await;
        for (field, value, named) in [
            ("currency", json!("euro"), "currency"),
            ("vat_number", json!("NL123456789001"), "vat_number"),
            ("billing_address", json!({ "line1": "x", "city": "Porto", "country": "UK" }), "billing_address.country"),
            ("status", json!("archived"), "status"),
            ("version", json!(-1), "version"),
            ("contacts", json!([person("Nora", "nora")]), "contacts[0].email"),
            ("contacts", json!(many), "contacts"),
            ("contacts", twice, "contacts[1].email"),
        ] {
            let mut body = machine::customer("Nordwind");
            body[field] = value;
            refused_input(&ledger.put(kit, company, "customers", "CUS-1", body).await, named);
        }
        assert!(kit.table.trace(company).await == before, "a refused report left a trace");
        ledger.read(kit, company, "customers", "CUS-1").await.refused(404, "not-found");
    });
}
