//! What hosted links give: no more than the seats of the contacts who stand behind them, and no longer.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Contact, Owner, list, text};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::mailbox::Message;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, batch, invoke, message, new_event_id, on_record, to_come_again};

const LINKS: &str = "/v1/document-links";

pub(crate) async fn seller(kit: &Kit) -> (Owner, Ledger) {
    let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Bounded Ltd"), Ledger::sign_in(kit));
    machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
    (owner, ledger)
}

/// A contact with some permissions, or with all.
pub(crate) async fn contact(kit: &Kit, owner: &Owner, name: &str, permissions: Option<Value>) -> Contact {
    let person = people::sign_up(kit, name).await;
    let id = cast::add_contact(kit, owner, CUSTOMER, &person.name, &person.email).await;
    let body = permissions.map_or_else(|| json!({}), |permissions| json!({ "permissions": permissions }));
    let by = (&owner.person, &owner.here);
    let invited = cast::let_in(kit, by, (CUSTOMER, &id), &person.email, body).await;
    cast::accept(kit, &person, &invited.token, None).await;
    let here = cast::enter_portal(kit, &person, &owner.company.id, CUSTOMER).await;
    cast::contact_at(CUSTOMER, &id, &person, here)
}

/// The path of the newest letter's link that was not there before.
async fn next_path(kit: &Kit, email: &str, seen: &[Message]) -> String {
    let new = |mail: &Message| mail.text.contains("/h/") && !seen.iter().any(|seen| seen.id == mail.id);
    let mail = kit.mailbox.wait_for(email, "hosted link", new).await;
    format!("/h/{}", cast::token_in(&mail.link("/h/")))
}

/// A contact forwards a document; answers the id of the link and its path.
pub(crate) async fn forward(kit: &Kit, by: &Contact, document: &str, to: &Person) -> (String, String) {
    let seen = kit.mailbox.inbox(&to.email).await;
    let path = format!("/v1/customer-portal/{document}/forward");
    let body = json!({ "name": to.name, "email": to.email });
    let sent = kit.api.post(&path).by(&by.person).within(&by.here).json(body).ok(201).await;
    (text(&sent, "/link"), next_path(kit, &to.email, &seen).await)
}

/// Somebody of the company sends a document to a contact; answers the id of the link and its path.
pub(crate) async fn send(
    kit: &Kit,
    owner: &Owner,
    (kind, document): (&str, &str),
    contact: &str,
    to: &str,
) -> (String, String) {
    let seen = kit.mailbox.inbox(to).await;
    let body = json!({ "kind": kind, "document": document, "contact": contact });
    let sent = kit.api.post(LINKS).by(&owner.person).within(&owner.here).json(body).ok(201).await;
    (text(&sent, "/document_link/id"), next_path(kit, to, &seen).await)
}

pub(crate) async fn opened(kit: &Kit, path: &str) -> Value {
    kit.api.get(path).header("accept", "application/json").ok(200).await
}

pub(crate) async fn withdrawn(kit: &Kit, path: &str) {
    let problem = kit.api.get(path).header("accept", "application/json").refused(410, "gone").await;
    assert_eq!(text(&problem, "/state"), "revoked", "{problem}");
}

pub(crate) async fn let_its_days_pass(kit: &Kit, owner: &Owner, link: &str) {
    let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("HOSTEDLINK#{link}"));
    kit.table.set(&pk, &sk, "expires_on", AttributeValue::S("2026-01-01".to_owned())).await;
}

pub(crate) async fn switch_off(kit: &Kit, owner: &Owner, contact: &Contact) {
    let path = cast::portal_access(&contact.customer, &contact.id);
    let answer = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// A contact who may not accept estimates would otherwise forward one to themselves and accept it there, under any name.
/// Proves: N4, 26
#[test]
fn a_narrowed_contact_accepts_nothing_through_a_link_that_they_forward_or_are_sent() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let may = json!(["invoices.view", "estimates.view", "sales.forward"]);
        let narrow = contact(kit, &owner, "Nina Narrow", Some(may)).await;
        let friend = people::sign_up(kit, "Frida Friend").await;

        let (_, own) = forward(kit, &narrow, "estimates/EST-1", &narrow.person).await;
        let (_, friends) = forward(kit, &narrow, "estimates/EST-1", &friend).await;
        let (_, sent) = send(kit, &owner, ("estimate", "EST-1"), &narrow.id, &narrow.person.email).await;
        for path in [own, friends, sent] {
            let shown = opened(kit, &path).await;
            assert_eq!(shown["may_decide"], false, "{shown}");
            let body = json!({ "decision": "accepted", "digest": shown["digest"] });
            kit.api.post(&format!("{path}/decision")).json(body).refused(403, "not-granted").await;
        }

        // Who may accept passes it on.
        let wide = contact(kit, &owner, "Wanda Wide", None).await;
        let (_, path) = forward(kit, &wide, "estimates/EST-1", &friend).await;
        let shown = opened(kit, &path).await;
        assert_eq!(shown["may_decide"], true, "{shown}");
        let body = json!({ "decision": "accepted", "digest": shown["digest"] });
        kit.api.post(&format!("{path}/decision")).json(body).ok(200).await;
    });
}

/// A contact who was dismissed would otherwise go on reading, and renewing, what they sent to themselves.
/// Proves: N4, N2, 9
#[test]
fn links_of_a_contact_end_with_their_access_and_do_not_come_back_with_it() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let (own_id, own) = forward(kit, &clara, "invoices/INV-1", &clara.person).await;
        let (friends_id, friends) = forward(kit, &clara, "estimates/EST-1", &friend).await;
        let (sent_id, sent) = send(kit, &owner, ("invoice", "INV-1"), &clara.id, &clara.person.email).await;
        for path in [&own, &friends, &sent] {
            opened(kit, path).await;
        }

        // The company finds what they forwarded and what was sent to them.
        let found = async |filter: &str| {
            let path = format!("{LINKS}?{filter}");
            let listed = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            list(&listed, "document_links").clone()
        };
        let theirs = found(&format!("contact={}", clara.id)).await;
        let ids: Vec<&Value> = theirs.iter().map(|link| &link["id"]).collect();
        assert_eq!(ids, [&json!(sent_id), &json!(friends_id), &json!(own_id)], "{theirs:?}");
        assert_eq!(theirs[1]["forwarded_by"], json!({ "contact": clara.id, "name": "Clara Contact" }), "{theirs:?}");
        assert_eq!(theirs[0].get("forwarded_by"), None, "{theirs:?}");
        let of_estimate = found(&format!("contact={}&document=EST-1", clara.id)).await;
        assert_eq!(of_estimate.len(), 1, "{of_estimate:?}");
        assert_eq!(found("document=INV-1").await.len(), 2);

        let digest = opened(kit, &friends).await["digest"].clone();
        switch_off(kit, &owner, &clara).await;
        for path in [&own, &friends, &sent] {
            withdrawn(kit, path).await;
            let viewed = kit.api.post(&format!("{path}/viewed")).header("accept", "application/json");
            viewed.refused(410, "gone").await;
        }
        let body = json!({ "decision": "accepted", "digest": digest });
        kit.api.post(&format!("{friends}/decision")).json(body).refused(410, "gone").await;
        for (id, path) in [(&own_id, &own), (&friends_id, &friends), (&sent_id, &sent)] {
            let_its_days_pass(kit, &owner, id).await;
            let renewal = kit.api.post(&format!("{path}/renewal")).header("accept", "application/json");
            let problem = renewal.refused(410, "gone").await;
            assert_eq!(text(&problem, "/state"), "revoked", "{problem}");
        }

        // The company sends them something new, without access and with it; what they had stays dead.
        let (_, anew) = send(kit, &owner, ("invoice", "INV-1"), &clara.id, &clara.person.email).await;
        opened(kit, &anew).await;
        let by = (&owner.person, &owner.here);
        let invited = cast::let_in(kit, by, (CUSTOMER, &clara.id), &clara.person.email, json!({})).await;
        cast::accept(kit, &clara.person, &invited.token, None).await;
        opened(kit, &anew).await;
        for path in [&own, &friends, &sent] {
            let renewal = kit.api.post(&format!("{path}/renewal")).header("accept", "application/json");
            renewal.refused(410, "gone").await;
        }
    });
}

/// Proves: N4, H2
#[test]
fn what_was_forwarded_opens_while_the_company_lets_contacts_forward() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let (_, path) = forward(kit, &clara, "invoices/INV-1", &friend).await;
        let rights = |rights: Value| {
            let path = "/v1/customer-portal-settings";
            kit.api.put(path).by(&owner.person).within(&owner.here).json(json!({ "rights": rights }))
        };
        rights(json!(["comment"])).ok(200).await;
        withdrawn(kit, &path).await;
        rights(json!(["comment", "forward"])).ok(200).await;
        opened(kit, &path).await;
    });
}

/// The letter with the link would otherwise go out, to an address that the contact chose, after they were dismissed.
/// Proves: N4, 9
#[test]
fn the_letter_of_a_forwarded_link_is_not_sent_once_the_access_behind_it_has_ended() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let (link, _) = forward(kit, &clara, "invoices/INV-1", &friend).await;
        let rig = Rig::of(kit, "notify").await;
        let function = rig.start().await;
        // The same event as if it had come late, once before and once after the access has ended.
        let letter_late = async || {
            let event = json!({
                "version": 1, "id": new_event_id(), "type": "document_link.made", "at": "2026-11-21T18:19:00.000Z",
                "org": { "kind": "company", "id": owner.company.id },
                "subject": { "kind": "document_link", "id": link },
                "actor": { "via": "self", "user": clara.person.user, "name": "Clara Contact" },
                "data": {
                    "kind": "invoice", "document": "INV-1", "number": "INV-1", "customer": CUSTOMER,
                    "contact": clara.id, "generation": 1, "expires_on": "2027-01-31",
                },
                "request_id": "JKJaXmPLvHcESHA=",
            });
            on_record(kit, &event).await;
            let payload = invoke(&function, &batch(&[("late", message(&event))])).await;
            assert!(to_come_again(&payload).is_empty(), "{payload:?}");
            let inbox = kit.mailbox.inbox(&friend.email).await;
            inbox.iter().filter(|mail| mail.text.contains("/h/")).count()
        };
        assert_eq!(letter_late().await, 2, "it is sent while the access holds");
        switch_off(kit, &owner, &clara).await;
        assert_eq!(letter_late().await, 2, "it was sent after the access had ended");
    });
}
