//! Changes that contacts ask for, as the company's people and the ledger see and decide them. The routes by which
//! contacts ask are in the function `customer-portal`; here a change is put into the table as they write it.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::machine::Ledger;
use tests::table::Table;
use tests::{Kit, kit, run, story};

use super::{add, by, contact};
use crate::support::refused_input;

/// JSON as an attribute.
fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(fields) => {
            AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
        Value::Null => AttributeValue::Null(true),
        Value::Bool(yes) => AttributeValue::Bool(*yes),
    }
}

/// Puts a change that a contact of `customer` asked for: another billing address and no telephone number. It is the
/// second revision.
pub(crate) async fn put_change(table: &Table, company: &str, customer: &str, contact: &str) {
    let at = "2026-11-21T18:19:00.000Z";
    let pk = format!("COMPANY#{company}");
    let change = json!({
        "pk": pk, "sk": format!("CUSTOMERCHANGE#{contact}"), "gsi1pk": pk,
        "gsi1sk": format!("CUSTOMERCHANGE#pending#{at}#{contact}"), "entity": "customer_change", "v": 1,
        "company": company, "customer": customer, "contact": contact, "changed": ["phone", "billing_address"],
        "before": { "name": "Nora Nord", "phone": "+351211234567" },
        "after": {
            "name": "Nora Nord", "billing_address": { "line1": "Rua Nova 2", "city": "Porto", "country": "PT" },
        },
        "status": "pending", "requested_at": at, "version": 2,
    });
    let item = change.as_object().expect("an object").iter().map(|(name, value)| (name.clone(), attribute(value)));
    let put = table.client.put_item().table_name(&table.name).set_item(Some(item.collect()));
    put.send().await.expect("the table takes it");
}

/// A customer `C-1` whose contact asked for a change; the contact's path.
async fn asked(kit: &Kit, owner: &Owner) -> String {
    add(kit, owner, "C-1", "Nordwind").await;
    let path = contact(kit, owner, "C-1", "nora@nordwind.example").await;
    let id = path.rsplit('/').next().expect("a contact");
    put_change(&kit.table, &owner.company.id, "C-1", id).await;
    path
}

/// Proves: K5, 26
#[test]
fn a_contacts_change_waits_until_somebody_accepts_what_they_saw() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let path = asked(kit, &owner).await;
        let waiting = async |query: &str| {
            let page = by(kit.api.get(&format!("/v1/customer-changes{query}")), &owner).ok(200).await;
            list(&page, "customer_changes").clone()
        };
        let changes = waiting("").await;
        let [change] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((&change["customer"], &change["revision"]), (&json!("C-1"), &json!(2)));
        let one = by(kit.api.get(&format!("{path}/requested-change")), &owner).ok(200).await;
        assert_eq!(&one["customer_change"], change);

        // In the meantime somebody writes down something else.
        let rename = json!({ "name": "Nordwind Lda" });
        by(kit.api.patch("/v1/customers/C-1"), &owner).json(rename).ok(200).await;
        let decide = |body: Value| by(kit.api.post(&format!("{path}/requested-change/decision")), &owner).json(body);
        let seen_before = decide(json!({ "decision": "accepted", "revision": 1 })).refused(409, "conflict").await;
        assert_eq!((text(&seen_before, "/state"), &seen_before["current"]), ("changed".to_owned(), &one));
        let accepted = decide(json!({ "decision": "accepted", "revision": 2 })).ok(200).await;
        assert_eq!(accepted["customer_change"]["status"], "accepted", "{accepted}");
        assert_eq!(text(&accepted, "/customer_change/decided_by"), owner.person.user);

        let customer = by(kit.api.get("/v1/customers/C-1"), &owner).ok(200).await["customer"].clone();
        assert_eq!(customer["billing_address"]["line1"], "Rua Nova 2", "{customer}");
        assert_eq!(customer["name"], "Nordwind Lda", "{customer}");
        let contact = by(kit.api.get(&path), &owner).ok(200).await["contact"].clone();
        assert_eq!((contact.get("phone"), &contact["name"]), (None, &json!("Nora Nord")), "{contact}");

        // The answer was lost; and a second decision is too late.
        decide(json!({ "decision": "accepted", "revision": 2 })).ok(200).await;
        let late = decide(json!({ "decision": "refused", "revision": 3 })).refused(409, "conflict").await;
        assert_eq!(text(&late, "/state"), "accepted");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "customer.change_decided").await, 1);
        assert!(waiting("").await.is_empty());
        assert_eq!(waiting("?status=accepted").await.len(), 1);
        for (body, field) in [
            (json!({ "decision": "maybe", "revision": 2 }), "decision"),
            (json!({ "decision": "refused" }), "revision"),
            (json!({ "decision": "refused", "revision": 2, "by": "me" }), "by"),
        ] {
            refused_input(&decide(body).send().await, field);
        }
    });
}

/// Proves: K5, 10
#[test]
fn the_ledger_reads_what_waits_and_refuses_or_takes_it_over() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let path = asked(kit, &owner).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = format!("/v1/ledger/companies/{}", owner.company.id);
        let changes = kit.api.get(&format!("{company}/customer-changes")).by(&ledger).ok(200).await;
        let [change] = &list(&changes, "customer_changes")[..] else { panic!("{changes}") };
        let decision = format!("{company}/{}/requested-change/decision", path.trim_start_matches("/v1/"));
        let decide = |body: Value| kit.api.put(&decision).by(&ledger).json(body);
        decide(json!({ "decision": "refused", "revision": 1 })).refused(409, "conflict").await;
        let refusal =
            json!({ "decision": "refused", "revision": change["revision"], "reason": "Call us about the address." });
        let refused = decide(refusal.clone()).ok(200).await;
        assert_eq!(refused["customer_change"]["status"], "refused", "{refused}");
        assert!(refused["customer_change"].get("decided_by").is_none(), "{refused}");
        assert_eq!(decide(refusal).ok(200).await, refused, "a repeat changes nothing");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "customer.change_decided").await, 1);
        let customer = by(kit.api.get("/v1/customers/C-1"), &owner).ok(200).await;
        assert!(customer["customer"].get("billing_address").is_none(), "{customer}");
        let shown = by(kit.api.get(&format!("{path}/requested-change")), &owner).ok(200).await;
        assert_eq!(text(&shown, "/customer_change/reason"), "Call us about the address.");

        let none = decision.replace("/C-1/", "/C-2/");
        kit.api
            .put(&none)
            .by(&ledger)
            .json(json!({ "decision": "refused", "revision": 2 }))
            .refused(404, "not-found")
            .await;
        refused_input(
            &kit.api.get(&format!("{company}/customer-changes?status=open")).by(&ledger).send().await,
            "status",
        );
    });
}

/// Proves: K5
#[test]
fn with_a_contact_goes_what_they_asked_for() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let path = asked(kit, &owner).await;
        by(kit.api.delete(&path), &owner).ok(200).await;
        by(kit.api.get(&format!("{path}/requested-change")), &owner).refused(404, "not-found").await;
        let page = by(kit.api.get("/v1/customer-changes"), &owner).ok(200).await;
        assert!(list(&page, "customer_changes").is_empty(), "{page}");
    });
}
