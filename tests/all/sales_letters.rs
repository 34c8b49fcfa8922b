//! Letters about sales documents: to the contacts of their customer, and to those who manage estimates.

use serde_json::json;
use tests::cast::{self, Owner, text};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::mailbox::Message;
use tests::{Kit, kit, run};

use crate::faults::rig::eventually;

/// A company with its customer, and another customer.
async fn seller(kit: &Kit) -> (Owner, Ledger) {
    let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), Ledger::sign_in(kit));
    machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
    machine::push_customer(kit, &owner.company.id, "CUS-2", "Casa Norte").await;
    (owner, ledger)
}

/// A letter that does not reach a contact leaves an invoice unpaid; one that reaches another customer's contact, or a
/// person without access, tells them what is none of theirs.
/// Proves: M2, L1
#[test]
fn contacts_who_may_see_a_document_are_told_that_it_was_sent_and_nobody_else() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        // One after the other: each counts in its customer.
        let contact = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        let leaver = cast::contact(kit, &owner, CUSTOMER, "Lena Leaver").await;
        let other = cast::contact(kit, &owner, "CUS-2", "Carla Casa").await;
        let stranger = tests::people::sign_up(kit, "Stella Stranger").await;
        cast::add_contact(kit, &owner, CUSTOMER, &stranger.name, &stranger.email).await;

        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let sent = |mail: &Message| mail.subject.starts_with("New: invoice");
        let mail = kit.mailbox.wait_for(&contact.person.email, "invoice", sent).await;
        let page = format!("/customer-portal/{}/{CUSTOMER}/invoices/INV-1", owner.company.id);
        assert!(mail.text.contains(&page) && mail.text.contains("€42.00"), "{mail}");
        kit.mailbox.wait_for(&leaver.person.email, "invoice", sent).await;

        let path = cast::portal_access(CUSTOMER, &leaver.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 5_300).await;
        let again = |mail: &Message| mail.subject.starts_with("Changed: invoice");
        let mail = kit.mailbox.wait_for(&contact.person.email, "changed invoice", again).await;
        assert!(mail.text.contains("€53.00"), "{mail}");
        let told = async |email: &str, about: &dyn Fn(&Message) -> bool| {
            kit.mailbox.inbox(email).await.iter().filter(|mail| about(mail)).count()
        };
        assert_eq!(told(&leaver.person.email, &again).await, 0, "who was switched off was told");
        for email in [&other.person.email, &stranger.email, &owner.person.email] {
            assert_eq!(told(email, &sent).await + told(email, &again).await, 0, "{email} was told");
        }
    });
}

/// A customer abroad would otherwise puzzle over what is due and when; a colleague without a language gets English, since
/// the customer's is not spoken here.
/// Proves: U19
#[test]
fn a_contact_reads_of_an_invoice_in_their_language() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let german = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        let other = cast::contact(kit, &owner, CUSTOMER, "Cora Colleague").await;
        kit.api.patch("/v1/me").by(&german.person).json(json!({ "language": "de-AT" })).ok(200).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 123_456).await;
        let sent = |mail: &Message| mail.subject.starts_with("Neu: Rechnung");
        let mail = kit.mailbox.wait_for(&german.person.email, "the invoice in German", sent).await;
        assert!(mail.text.contains("Owners Ltd hat Ihnen Rechnung"), "{mail}");
        // An Austrian writes the sign first, and separates thousands with a space.
        assert!(mail.text.contains("€\u{a0}1\u{a0}234,56"), "{mail}");
        let sent = |mail: &Message| mail.subject.starts_with("New: invoice") && mail.text.contains("€1,234.56");
        kit.mailbox.wait_for(&other.person.email, "the invoice in English", sent).await;
    });
}

/// Proves: M2, L2, U21
#[test]
fn those_who_manage_estimates_are_told_of_a_decision_but_not_who_recorded_it() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let manages = ["estimates.view", "estimates.manage"];
        let (editor, reader, contact) = tokio::join!(
            cast::member(kit, &owner, "Edda Editor", "custom", Some(&manages)),
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&["estimates.view"])),
            cast::contact(kit, &owner, CUSTOMER, "Nora Nord"),
        );
        let estimate = ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let sent = |mail: &Message| mail.subject.starts_with("New: estimate");
        kit.mailbox.wait_for(&contact.person.email, "estimate", sent).await;

        let shown = kit.api.get("/v1/estimates/EST-1").by(&editor.person).within(&editor.here).ok(200).await;
        let digest = text(&shown, "/estimate/digest");
        let body = json!({ "decision": "declined", "reason": "Too dear, said Nora", "digest": digest });
        let path = "/v1/estimates/EST-1/recorded-decision";
        kit.api.post(path).by(&editor.person).within(&editor.here).json(body).ok(200).await;
        let declined = |mail: &Message| mail.subject.starts_with("Declined: estimate");
        let mail = kit.mailbox.wait_for(&owner.person.email, "decision", declined).await;
        for said in ["Edda Editor recorded that", "Too dear, said Nora", "/estimates/EST-1"] {
            assert!(mail.text.contains(said), "{said}: {mail} {estimate}");
        }
        for person in [&editor.person, &reader.person, &contact.person] {
            let inbox = kit.mailbox.inbox(&person.email).await;
            assert!(!inbox.iter().any(declined), "{} was told", person.name);
        }
    });
}

/// What the company says among itself must not reach the customer.
/// Proves: M2, L3, U21
#[test]
fn a_comment_is_told_to_the_other_side_and_an_internal_one_to_those_it_names() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let (member, contact) = tokio::join!(
            cast::member(kit, &owner, "Edda Editor", "custom", Some(&["invoices.view"])),
            cast::contact(kit, &owner, CUSTOMER, "Nora Nord"),
        );
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let ours = |body| kit.api.post("/v1/invoices/INV-1/comments").by(&owner.person).within(&owner.here).json(body);
        let internal = json!({ "text": "Nora pays late", "mentions": [member.person.user] });
        ours(internal).ok(201).await;
        let said = |words: &'static str| move |mail: &Message| mail.text.contains(words);
        kit.mailbox.wait_for(&member.person.email, "mention", said("Nora pays late")).await;

        ours(json!({ "text": "Here it is", "visibility": "customer" })).ok(201).await;
        kit.mailbox.wait_for(&contact.person.email, "comment", said("Here it is")).await;
        let path = "/v1/customer-portal/invoices/INV-1/comments";
        let body = json!({ "text": "Which shop is it for?" });
        kit.api.post(path).by(&contact.person).within(&contact.here).json(body).ok(201).await;
        kit.mailbox.wait_for(&owner.person.email, "answer", said("Which shop is it for?")).await;
        let reached = async |email: &str, words: &'static str| kit.mailbox.inbox(email).await.iter().any(said(words));
        assert!(!reached(&contact.person.email, "Nora pays late").await, "an internal comment reached a contact");
        assert!(!reached(&contact.person.email, "Which shop is it for?").await, "a writer was told of their comment");
        assert!(!reached(&member.person.email, "Which shop is it for?").await, "who may not answer was told");
    });
}

/// Whom the company no longer sells to would otherwise go on getting what is said about their documents.
/// Proves: M2, L3
#[test]
fn contacts_of_an_archived_customer_are_told_nothing() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let member = cast::member(kit, &owner, "Edda Editor", "custom", Some(&["invoices.view"])).await;
        let contact = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let status = |status: &'static str| {
            let path = format!("/v1/customers/{CUSTOMER}");
            kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "status": status })).send_owned()
        };
        let say = async |words: &str| {
            let body = json!({ "text": words, "visibility": "customer", "mentions": [member.person.user] });
            let call = kit.api.post("/v1/invoices/INV-1/comments").by(&owner.person).within(&owner.here).json(body);
            call.ok(201).await
        };
        let said = |words: &'static str| move |mail: &Message| mail.text.contains(words);
        status("archived").await.ok(200);
        say("Said in the archive").await;
        kit.mailbox.wait_for(&member.person.email, "mention", said("Said in the archive")).await;
        status("active").await.ok(200);
        say("Said afterwards").await;
        kit.mailbox.wait_for(&contact.person.email, "comment", said("Said afterwards")).await;
        let inbox = kit.mailbox.inbox(&contact.person.email).await;
        assert!(!inbox.iter().any(said("Said in the archive")), "a contact of an archived customer was told");
    });
}

fn subject(beginning: &'static str) -> impl Fn(&Message) -> bool {
    move |mail: &Message| mail.subject.starts_with(beginning)
}

async fn count(kit: &Kit, email: &str, about: impl Fn(&Message) -> bool) -> usize {
    kit.mailbox.inbox(email).await.iter().filter(|mail| about(mail)).count()
}

/// A customer who was told that an estimate is accepted, and never that it is open again, waits for the goods.
/// Proves: M2, L4
#[test]
fn contacts_are_told_that_a_decision_was_undone_and_that_the_estimate_is_open_again() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let contact = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        let other = cast::contact(kit, &owner, "CUS-2", "Carla Casa").await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let ask = |path: &str, body| kit.api.post(path).by(&owner.person).within(&owner.here).json(body).send_owned();
        let shown = kit.api.get("/v1/estimates/EST-1").by(&owner.person).within(&owner.here).ok(200).await;
        let accepted = json!({ "decision": "accepted", "digest": text(&shown, "/estimate/digest") });
        ask("/v1/estimates/EST-1/recorded-decision", accepted).await.ok(200);
        ask("/v1/estimates/EST-1/undo-decision", json!({ "reason": "They meant EST-2" })).await.ok(200);
        let mail = kit.mailbox.wait_for(&contact.person.email, "word of it", subject("Open again: estimate")).await;
        let page = format!("/customer-portal/{}/{CUSTOMER}/estimates/EST-1", owner.company.id);
        assert!(mail.text.contains(&page) && mail.text.contains("was accepted by mistake"), "{mail}");
        assert!(!mail.text.contains("They meant"), "the company's own words reached the customer: {mail}");
        assert_eq!(count(kit, &other.person.email, subject("Open again")).await, 0);
    });
}

/// Proves: M2, L4
#[test]
fn who_sent_a_document_is_told_who_saw_it_if_the_company_wants_that() {
    run(async {
        let kit = kit();
        let (owner, _) = seller(kit).await;
        let manages = ["invoices.view", "invoices.manage"];
        let editor = cast::member(kit, &owner, "Edda Editor", "custom", Some(&manages)).await;
        let first = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        let second = cast::contact(kit, &owner, CUSTOMER, "Cora Colleague").await;
        let mut body = machine::written("INV-1", 4_200);
        body["due_on"] = json!("2027-12-01");
        let ask = |path: &str, body| kit.api.post(path).by(&editor.person).within(&editor.here).json(body).send_owned();
        ask("/v1/invoices", body).await.ok(201);
        ask("/v1/invoices/INV-1/send", json!({})).await.ok(200);
        let view = async |contact: &cast::Contact| {
            let path = "/v1/customer-portal/invoices/INV-1";
            let shown = kit.api.get(path).by(&contact.person).within(&contact.here).ok(200).await;
            let body = json!({ "digest": text(&shown, "/invoice/digest") });
            let path = format!("{path}/viewed");
            kit.api.post(&path).by(&contact.person).within(&contact.here).json(body).ok(200).await;
        };
        view(&first).await;
        let body = json!({ "rights": ["comment"], "tell_of_views": true });
        let put = kit.api.put("/v1/customer-portal-settings").by(&owner.person).within(&owner.here);
        assert_eq!(put.json(body).ok(200).await["customer_portal_settings"]["tell_of_views"], true);
        for _ in 0..2 {
            view(&second).await;
        }
        let by_cora =
            |mail: &Message| mail.subject.starts_with("Seen: invoice") && mail.text.contains("Cora Colleague");
        let mail = kit.mailbox.wait_for(&editor.person.email, "word of it", by_cora).await;
        assert!(mail.text.contains("/invoices/INV-1"), "{mail}");
        assert_eq!(count(kit, &owner.person.email, subject("Seen: invoice")).await, 0, "the owner did not send it");
    });
}

/// Proves: M2, L5
#[test]
fn a_document_is_sent_again_as_it_is_and_a_statement_to_those_who_may_see_them() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let contact = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
        let other = cast::contact(kit, &owner, "CUS-2", "Carla Casa").await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let path = |customer: &str, what: &str| format!("/v1/customers/{customer}/{what}");
        let ask =
            |path: String, body| kit.api.post(&path).by(&owner.person).within(&owner.here).json(body).send_owned();
        let invoice = |reference: &str| json!({ "kind": "invoice", "document": reference });
        let sent = ask(path(CUSTOMER, "document-letters"), invoice("INV-1")).await.ok(202);
        assert_eq!(text(&sent, "/customer"), CUSTOMER);
        let mail = kit.mailbox.wait_for(&contact.person.email, "the invoice", subject("Sent again: invoice")).await;
        let page = format!("/customer-portal/{}/{CUSTOMER}/invoices/INV-1", owner.company.id);
        assert!(mail.text.contains(&page) && mail.text.contains("€42.00"), "{mail}");
        for (customer, body, field) in [
            ("CUS-2", invoice("INV-1"), "document"),
            (CUSTOMER, invoice("INV-2"), "document"),
            (CUSTOMER, json!({ "kind": "document", "document": "INV-1" }), "kind"),
        ] {
            ask(path(customer, "document-letters"), body).await.refused_field(422, "invalid-field", field);
        }
        ask(path("CUS-3", "document-letters"), invoice("INV-1")).await.refused(404, "not-found");

        let period = |from: &str, until: &str| json!({ "from": from, "until": until });
        let backwards = ask(path(CUSTOMER, "statement-letters"), period("2026-11-30", "2026-11-01")).await;
        backwards.refused_field(422, "invalid-field", "until");
        ask(path(CUSTOMER, "statement-letters"), period("2026-11-01", "2026-11-30")).await.ok(202);
        let mail = kit.mailbox.wait_for(&contact.person.email, "the statement", subject("Statement of account")).await;
        let page =
            format!("/customer-portal/{}/{CUSTOMER}/statement?from=2026-11-01&until=2026-11-30", owner.company.id);
        assert!(mail.text.contains(&page), "{mail}");
        // Contacts may not see statements any more.
        let body = json!({ "rights": ["comment"] });
        kit.api.put("/v1/customer-portal-settings").by(&owner.person).within(&owner.here).json(body).ok(200).await;
        ask(path(CUSTOMER, "statement-letters"), period("2026-10-01", "2026-10-31")).await.ok(202);
        ask(path(CUSTOMER, "document-letters"), invoice("INV-1")).await.ok(202);
        let again = async || (count(kit, &contact.person.email, subject("Sent again")).await == 2).then_some(());
        eventually("the invoice comes again", again).await;
        let october = |mail: &Message| mail.text.contains("from=2026-10-01");
        assert_eq!(count(kit, &contact.person.email, october).await, 0, "who may not see statements got one");
        assert_eq!(count(kit, &other.person.email, |mail| mail.text.contains("INV-1")).await, 0);
    });
}
