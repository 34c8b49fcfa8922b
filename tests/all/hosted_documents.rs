//! `/h/{token}` and `/v1/document-links`: a document that a contact sees without signing in.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::mailbox::Message;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

pub(crate) const LINKS: &str = "/v1/document-links";

/// A company with its customer, and a contact without access at somebody's address.
pub(crate) async fn begun(kit: &Kit) -> (Owner, Ledger, Person, String) {
    let (owner, ledger, person) = tokio::join!(
        cast::owner(kit, "Otto Owner", "Owners Ltd"),
        Ledger::sign_in(kit),
        people::sign_up(kit, "Nora Nord"),
    );
    machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
    let contact = cast::add_contact(kit, &owner, CUSTOMER, &person.name, &person.email).await;
    (owner, ledger, person, contact)
}

/// A link to a document, by its id and its path.
pub(crate) struct Link {
    pub(crate) id: String,
    pub(crate) path: String,
}

impl Link {
    /// The path of what is done through the link.
    pub(crate) fn below(&self, what: &str) -> String {
        format!("{}/{what}", self.path)
    }
}

/// The newest letter with a link that was not there before.
async fn next_path(kit: &Kit, email: &str, seen: &[Message]) -> String {
    let new = |mail: &Message| mail.text.contains("/h/") && !seen.iter().any(|seen| seen.id == mail.id);
    let mail = kit.mailbox.wait_for(email, "hosted link", new).await;
    format!("/h/{}", cast::token_in(&mail.link("/h/")))
}

/// Sends a document to a contact by link, and waits for the letter.
pub(crate) async fn send(kit: &Kit, owner: &Owner, (kind, document): (&str, &str), contact: &str, email: &str) -> Link {
    let seen = kit.mailbox.inbox(email).await;
    let body = json!({ "kind": kind, "document": document, "contact": contact, "message": "As we agreed" });
    let made = kit.api.post(LINKS).by(&owner.person).within(&owner.here).json(body).ok(201).await;
    Link { id: text(&made, "/document_link/id"), path: next_path(kit, email, &seen).await }
}

pub(crate) async fn opened(kit: &Kit, path: &str) -> Value {
    kit.api.get(path).header("accept", "application/json").ok(200).await
}

async fn gone(kit: &Kit, path: &str, state: &str) {
    let problem = kit.api.get(path).header("accept", "application/json").refused(410, "gone").await;
    assert_eq!(text(&problem, "/state"), state, "{problem}");
}

/// A scanner that follows the link would otherwise tell the company that its customer saw the invoice.
/// Proves: H1, 12
#[test]
fn a_hosted_link_shows_its_document_and_only_a_post_says_that_it_was_seen() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        let company = owner.company.id.as_str();
        ledger.invoice(kit, company, "INV-1", 4_200).await;
        let link = send(kit, &owner, ("invoice", "INV-1"), &contact, &person.email).await;

        let before = kit.table.trace(company).await;
        let page = kit.api.get(&link.path).header("accept", "text/html").send().await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("Open the document") && page.text().contains("INV-1"), "{}", page.text());
        let shown = opened(kit, &link.path).await;
        assert_eq!((&shown["total_minor"], &shown["due_minor"]), (&json!(4_200), &json!(4_200)), "{shown}");
        assert_eq!(list(&shown, "lines").len(), 1);
        assert!(kit.table.trace(company).await == before, "opening a link left a trace");

        let answer = kit.api.post(&link.below("viewed")).header("accept", "text/html").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("Shelving for the second shop"), "{}", answer.text());
        kit.api.post(&link.below("viewed")).header("accept", "application/json").ok(200).await;
        let path = "/v1/invoices/INV-1/views";
        let views = kit.api.get(path).by(&owner.person).within(&owner.here).ok(200).await;
        let view = &list(&views, "views")[0];
        assert_eq!((&view["viewer"]["kind"], &view["viewer"]["id"]), (&json!("link"), &json!(link.id)), "{views}");
        assert_eq!((&view["count"], &view["viewer_name"]), (&json!(2), &json!("Nora Nord")), "{views}");
        let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&invoice, "/invoice/status"), "viewed");
    });
}

/// Proves: H1, 26
#[test]
fn an_estimate_is_decided_through_its_link_once_as_it_was_seen_and_while_the_company_lets_contacts() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let link = send(kit, &owner, ("estimate", "EST-1"), &contact, &person.email).await;
        let decision = link.below("decision");
        let seen = text(&opened(kit, &link.path).await, "/digest");
        let decide = |body: Value| kit.api.post(&decision).json(body);
        let accept = |digest: &str| json!({ "decision": "accepted", "digest": digest });

        let bare = decide(json!({ "decision": "declined", "digest": seen })).send().await;
        bare.refused_field(422, "invalid-field", "reason");
        ledger.estimate(kit, &owner.company.id, "EST-1", 5_300).await;
        let changed = decide(accept(&seen)).refused(409, "conflict").await;
        assert_eq!(text(&changed, "/state"), "changed");

        let settings = "/v1/customer-portal-settings";
        let rights = |rights: Value| {
            kit.api.put(settings).by(&owner.person).within(&owner.here).json(json!({ "rights": rights }))
        };
        rights(json!(["comment"])).ok(200).await;
        let shown = opened(kit, &link.path).await;
        let digest = text(&shown, "/digest");
        assert_eq!(shown["may_decide"], false, "{shown}");
        decide(accept(&digest)).refused(403, "not-granted").await;
        rights(json!(["comment", "accept"])).ok(200).await;

        let form = [("decision", "accepted"), ("digest", digest.as_str()), ("reason", "")];
        let answer = kit.api.post(&decision).form(&form).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("It is accepted."), "{}", answer.text());
        decide(accept(&digest)).refused(409, "conflict").await;
        let estimate = kit.api.get("/v1/estimates/EST-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&estimate, "/estimate/decision/by/via"), "link", "{estimate}");
        let accepted = |mail: &Message| mail.subject.starts_with("Accepted: estimate");
        let mail = kit.mailbox.wait_for(&owner.person.email, "decision", accepted).await;
        assert!(mail.text.contains("Nora Nord accepted"), "{mail}");
    });
}

/// A link lives on after the last valid day, so this is where most late decisions come from.
/// Proves: H1, CP7
#[test]
fn an_expired_estimate_is_shown_through_its_link_and_not_decided() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        let company = owner.company.id.as_str();
        let mut body = machine::estimate("EST-1", 4_200);
        (body["issued_on"], body["valid_until"]) = (json!("2020-01-01"), json!("2020-02-01"));
        body.as_object_mut().expect("an estimate").remove("due_on");
        ledger.put(kit, company, "estimates", "EST-1", body).await.ok(201);
        let link = send(kit, &owner, ("estimate", "EST-1"), &contact, &person.email).await;
        let shown = opened(kit, &link.path).await;
        assert_eq!((text(&shown, "/estimate_status"), &shown["may_decide"]), ("expired".to_owned(), &json!(false)));
        let before = kit.table.trace(company).await;
        let digest = text(&shown, "/digest");
        for (decision, reason) in [("accepted", None), ("declined", Some("Too late."))] {
            let body = json!({ "decision": decision, "digest": digest, "reason": reason });
            let refused = kit.api.post(&link.below("decision")).json(body).refused(409, "conflict").await;
            assert_eq!(text(&refused, "/state"), "expired", "{refused}");
        }
        let form = [("decision", "accepted"), ("digest", digest.as_str()), ("reason", "")];
        let page = kit.api.post(&link.below("decision")).form(&form).send().await;
        assert!(!page.text().contains("It is accepted."), "{}", page.text());
        assert!(kit.table.trace(company).await == before, "a late decision left a trace");
    });
}

/// Proves: H1, 11, 23
#[test]
fn a_link_that_was_ended_opens_nothing_and_ends_no_other_and_no_link_opens_another_document() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        ledger.invoice(kit, &owner.company.id, "INV-2", 9_900).await;
        let first = send(kit, &owner, ("invoice", "INV-1"), &contact, &person.email).await;
        let again = send(kit, &owner, ("invoice", "INV-1"), &contact, &person.email).await;
        let other = send(kit, &owner, ("invoice", "INV-2"), &contact, &person.email).await;
        opened(kit, &first.path).await;

        // The id of another link with the secret of this one.
        let forged = other.path.replace(&other.id, &first.id);
        let unknown = other.path.replace(&other.id, "dl_00000000000070008000000000000000");
        let read = async |path: &str| kit.api.get(path).header("accept", "application/json").send().await;
        let (forged, unknown) = (read(&forged).await, read(&unknown).await);
        assert_eq!((forged.status, unknown.status), (404, 404), "{}", forged.text());

        let path = format!("{LINKS}/{}", first.id);
        for _ in 0..2 {
            let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
            assert_eq!(ended.status, 204, "{}", ended.text());
        }
        gone(kit, &first.path, "revoked").await;
        let problem = kit.api.post(&first.below("renewal")).header("accept", "application/json");
        problem.refused(410, "gone").await;
        opened(kit, &again.path).await;
        let listed = kit.api.get(LINKS).by(&owner.person).within(&owner.here).ok(200).await;
        let states: Vec<&Value> = list(&listed, "document_links").iter().map(|link| &link["status"]).collect();
        assert_eq!(states, ["open", "open", "revoked"], "{listed}");

        // Without the contact there is nobody whom the link is for.
        let path = format!("/v1/customers/{CUSTOMER}/contacts/{contact}");
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        gone(kit, &again.path, "revoked").await;
    });
}

/// Proves: H1
#[test]
fn an_expired_link_offers_a_new_one_to_the_same_address_only() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let link = send(kit, &owner, ("invoice", "INV-1"), &contact, &person.email).await;
        let renewal = link.below("renewal");
        let early = kit.api.post(&renewal).header("accept", "application/json").refused(409, "conflict").await;
        assert_eq!(text(&early, "/state"), "open");

        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("HOSTEDLINK#{}", link.id));
        kit.table.set(&pk, &sk, "expires_on", AttributeValue::S("2026-01-01".to_owned())).await;
        gone(kit, &link.path, "expired").await;
        let page = kit.api.get(&link.path).header("accept", "text/html").send().await;
        assert_eq!(page.status, 410);
        assert!(page.text().contains("Send a new link"), "{}", page.text());
        assert!(!page.text().contains(&person.email), "the page names the address");

        let seen = kit.mailbox.inbox(&person.email).await;
        let sent = kit.api.post(&renewal).header("accept", "text/html").send().await;
        assert_eq!(sent.status, 202, "{}", sent.text());
        let path = next_path(kit, &person.email, &seen).await;
        assert_ne!(path, link.path);
        opened(kit, &path).await;
        gone(kit, &link.path, "replaced").await;
    });
}

/// Proves: H1, 2
#[test]
fn a_link_is_made_for_a_sent_document_and_a_contact_of_its_customer() {
    run(async {
        let kit = kit();
        let (owner, ledger, _, contact) = begun(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        machine::push_customer(kit, &owner.company.id, "CUS-2", "Casa Norte").await;
        let other = cast::add_contact(kit, &owner, "CUS-2", "Carla Casa", "carla@casa.example.com").await;
        let make = |kind: &str, document: &str, contact: &str| {
            let body = json!({ "kind": kind, "document": document, "contact": contact });
            kit.api.post(LINKS).by(&owner.person).within(&owner.here).json(body)
        };
        for (kind, document, contact, field) in [
            ("document", "INV-1", contact.as_str(), "kind"),
            ("estimate", "INV-1", &contact, "document"),
            ("invoice", "INV-9", &contact, "document"),
            ("invoice", "INV-1", &other, "contact"),
        ] {
            let answer = make(kind, document, contact).send().await;
            answer.refused_field(422, "invalid-field", field);
        }
        let reader = cast::member(kit, &owner, "Rosa Reader", "read-only", None).await;
        let body = json!({ "kind": "invoice", "document": "INV-1", "contact": contact });
        let call = kit.api.post(LINKS).by(&reader.person).within(&reader.here).json(body);
        call.refused(403, "not-granted").await;
    });
}

/// Proves: H1, H2, 23
#[test]
fn a_contact_forwards_a_document_and_the_addressee_sees_that_document_alone() {
    run(async {
        let kit = kit();
        let (owner, ledger, _, _) = begun(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let contact = cast::contact(kit, &owner, CUSTOMER, "Clara Contact").await;
        let colleague = people::sign_up(kit, "Cleo Colleague").await;
        let path = "/v1/customer-portal/invoices/INV-1/forward";
        let forward = || {
            let body = json!({ "name": colleague.name, "email": colleague.email, "message": "Please check" });
            kit.api.post(path).by(&contact.person).within(&contact.here).json(body)
        };
        let seen = kit.mailbox.inbox(&colleague.email).await;
        let first = forward().ok(201).await;
        let page = next_path(kit, &colleague.email, &seen).await;
        assert_eq!(opened(kit, &page).await["total_minor"], 4_200);
        let letters = kit.mailbox.inbox(&colleague.email).await;
        let letter = letters.iter().find(|mail| mail.text.contains("/h/")).expect("the letter");
        assert!(letter.subject.starts_with("Clara Contact sent you invoice"), "{letter}");
        assert!(letter.text.contains("Please check"), "{letter}");

        // The address is a contact now, without access; forwarding again makes no other, and ends no link.
        // The answers differ in the link alone, so they tell nobody who is a contact already.
        let again = forward().ok(201).await;
        let said = |answer: &Value| -> Vec<Value> { ["name", "email"].map(|field| answer[field].clone()).to_vec() };
        assert_eq!(said(&again), [json!(colleague.name), json!(colleague.email)], "{again}");
        assert_eq!((said(&first), first.get("contact")), (said(&again), None), "{first}");
        opened(kit, &page).await;
        let path = format!("/v1/customers/{CUSTOMER}/contacts");
        let known = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let known: Vec<&Value> =
            list(&known, "contacts").iter().filter(|known| known["email"] == colleague.email.as_str()).collect();
        assert_eq!(known.len(), 1, "{known:?}");
        assert_eq!(known[0]["portal"]["state"], "none", "{known:?}");

        let settings = "/v1/customer-portal-settings";
        let body = json!({ "rights": ["comment"] });
        kit.api.put(settings).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        forward().refused(403, "not-granted").await;
    });
}
