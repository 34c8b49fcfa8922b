//! What contacts write, and the hosted links of documents, are letters: they are limited by the day.

use serde_json::json;
use tests::cast::{self, text};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::runtime_api::HttpEvent;
use tests::{kit, people, run};

use crate::faults::rig::{Rig, by, refused};
use crate::hosted_bounds::{seller, send};

const LIMITS: &str = "LIMITS";
const OTHER: &str = "CUS-2";

/// A contact who floods a company's people with letters, or a stranger's mailbox, is stopped; the others are not.
/// Proves: H3, 15
#[test]
fn contacts_comment_and_forward_so_many_times_a_day_by_person_and_by_customer() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Limited Ltd"), Ledger::sign_in(kit));
        for (customer, name, document) in [(CUSTOMER, CUSTOMER_NAME, "INV-1"), (OTHER, "Loja Verde", "INV-2")] {
            machine::push_customer(kit, &owner.company.id, customer, name).await;
            let mut body = machine::invoice(document, 4_200);
            body["customer"] = json!(customer);
            let pushed = ledger.put(kit, &owner.company.id, "invoices", document, body).await;
            assert!((200..300).contains(&pushed.status), "{}", pushed.text());
        }
        let one = cast::contact(kit, &owner, CUSTOMER, "Cleo Contact").await;
        let two = cast::contact(kit, &owner, CUSTOMER, "Cora Colleague").await;
        let other = cast::contact(kit, &owner, OTHER, "Oscar Other").await;

        let limits = "contact_letters_per_person=2/day contact_letters_per_customer=3/day letters_per_person=0/day";
        let rig = Rig::of(kit, "customer-portal").await.with(LIMITS, limits);
        let function = rig.start().await;
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        let comment = |who: &cast::Contact, document: &str| {
            let path = format!("/v1/customer-portal/invoices/{document}/comments");
            by(HttpEvent::post(&path).json(&json!({ "text": "When is it due?" })), &who.person, &who.here)
        };
        let forward = |who: &cast::Contact, document: &str| {
            let path = format!("/v1/customer-portal/invoices/{document}/forward");
            let body = json!({ "name": "Frida Friend", "email": people::address("Frida Friend") });
            by(HttpEvent::post(&path).json(&body), &who.person, &who.here)
        };
        let first = send(comment(&one, "INV-1")).await;
        assert_eq!(first.status, 201, "{}", first.text());
        assert_eq!(send(forward(&one, "INV-1")).await.status, 201);
        refused(&send(comment(&one, "INV-1")).await, 429, "too-many-requests");
        refused(&send(forward(&one, "INV-1")).await, 429, "too-many-requests");
        assert_eq!(send(comment(&two, "INV-1")).await.status, 201, "another contact is counted apart");
        refused(&send(comment(&two, "INV-1")).await, 429, "too-many-requests");
        assert_eq!(send(comment(&other, "INV-2")).await.status, 201, "another customer is counted apart");
    });
}

/// Proves: H3, 15
#[test]
fn a_mailbox_and_a_document_get_so_many_hosted_links_a_day_from_everybody_together() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Linked Ltd"), Ledger::sign_in(kit));
        machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
        for document in ["INV-1", "INV-2", "INV-3"] {
            ledger.invoice(kit, &owner.company.id, document, 4_200).await;
        }
        let address = people::address("Frida Friend");
        let (local, domain) = address.split_once('@').expect("an address");
        let alias = format!("{local}+again@{domain}");
        let friend = cast::add_contact(kit, &owner, CUSTOMER, "Frida Friend", &address).await;
        let again = cast::add_contact(kit, &owner, CUSTOMER, "Frida Again", &alias).await;
        let third = cast::add_contact(kit, &owner, CUSTOMER, "Theo Third", &people::address("Theo Third")).await;

        let limits = "document_links_per_recipient=2/day document_links_per_document=2/day";
        let rig = Rig::of(kit, "customers").await.with(LIMITS, limits);
        let function = rig.start().await;
        let link = async |document: &str, contact: &str| {
            let body = json!({ "kind": "invoice", "document": document, "contact": contact });
            let event = by(HttpEvent::post("/v1/document-links").json(&body), &owner.person, &owner.here);
            function.request(&event).await.expect("an answer")
        };
        let first = link("INV-1", &friend).await;
        assert_eq!(first.status, 201, "{}", first.text());
        assert_eq!(text(&first.json(), "/document_link/email"), address);
        assert_eq!(link("INV-2", &again).await.status, 201);
        refused(&link("INV-3", &friend).await, 429, "too-many-requests");
        assert_eq!(link("INV-1", &third).await.status, 201, "another mailbox is counted apart");
        // Two links to this document were made; there is room for others.
        let fourth = cast::add_contact(kit, &owner, CUSTOMER, "Fia Fourth", &people::address("Fia Fourth")).await;
        refused(&link("INV-1", &fourth).await, 429, "too-many-requests");
        assert_eq!(link("INV-3", &fourth).await.status, 201);
    });
}

/// A contact who forwards an invoice all day would otherwise keep the company from sending it.
/// Proves: H3, 15
#[test]
fn contacts_leave_the_company_some_of_the_links_to_a_document() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Forwarded Ltd"), Ledger::sign_in(kit));
        machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
        for document in ["INV-1", "INV-2"] {
            ledger.invoice(kit, &owner.company.id, document, 4_200).await;
        }
        let one = cast::contact(kit, &owner, CUSTOMER, "Cleo Contact").await;
        let two = cast::contact(kit, &owner, CUSTOMER, "Cora Colleague").await;
        let rig = Rig::of(kit, "customer-portal").await.with(LIMITS, "forwarded_links_per_document=1/day");
        let function = rig.start().await;
        let forward = async |who: &cast::Contact, document: &str| {
            let path = format!("/v1/customer-portal/invoices/{document}/forward");
            let body = json!({ "name": "Frida Friend", "email": people::address("Frida Friend") });
            let event = by(HttpEvent::post(&path).json(&body), &who.person, &who.here);
            function.request(&event).await.expect("an answer")
        };
        let first = forward(&one, "INV-1").await;
        assert_eq!(first.status, 201, "{}", first.text());
        refused(&forward(&two, "INV-1").await, 429, "too-many-requests");
        assert_eq!(forward(&two, "INV-2").await.status, 201, "another document is counted apart");
        let body = json!({ "kind": "invoice", "document": "INV-1", "contact": one.id });
        kit.api.post("/v1/document-links").by(&owner.person).within(&owner.here).json(body).ok(201).await;
    });
}

/// Nobody signs in behind a link, so the link's contact is counted.
/// Proves: H3, H4, 15
#[test]
fn holders_of_links_comment_so_many_times_a_day_by_contact_and_by_customer() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let mut paths = Vec::new();
        for name in ["Frida Friend", "Theo Third", "Fia Fourth"] {
            let address = people::address(name);
            let id = cast::add_contact(kit, &owner, CUSTOMER, name, &address).await;
            paths.push(send(kit, &owner, ("invoice", "INV-1"), &id, &address).await.1);
        }
        let limits = "contact_letters_per_person=1/day contact_letters_per_customer=2/day letters_per_person=0/day";
        let rig = Rig::of(kit, "hosted-documents").await.with(LIMITS, limits);
        let function = rig.start().await;
        let comment = async |path: &str, text: &str| {
            let event = HttpEvent::post(&format!("{path}/comments")).json(&json!({ "text": text }));
            function.request(&event).await.expect("an answer")
        };
        let first = comment(&paths[0], "When is it due?").await;
        assert_eq!(first.status, 201, "{}", first.text());
        refused(&comment(&paths[0], "Is it due?").await, 429, "too-many-requests");
        assert_eq!(comment(&paths[1], "When is it due?").await.status, 201, "another contact is counted apart");
        refused(&comment(&paths[2], "When is it due?").await, 429, "too-many-requests");
    });
}
