//! Letters about sales documents: to the contacts of their customer, and to those who manage estimates.

use serde_json::json;
use tests::cast::{self, Owner, text};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::mailbox::Message;
use tests::{Kit, kit, run};

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
        assert!(mail.text.contains(&page) && mail.text.contains("42.00 EUR"), "{mail}");
        kit.mailbox.wait_for(&leaver.person.email, "invoice", sent).await;

        let path = cast::portal_access(CUSTOMER, &leaver.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 5_300).await;
        let again = |mail: &Message| mail.subject.starts_with("Changed: invoice");
        let mail = kit.mailbox.wait_for(&contact.person.email, "changed invoice", again).await;
        assert!(mail.text.contains("53.00 EUR"), "{mail}");
        let told = async |email: &str, about: &dyn Fn(&Message) -> bool| {
            kit.mailbox.inbox(email).await.iter().filter(|mail| about(mail)).count()
        };
        assert_eq!(told(&leaver.person.email, &again).await, 0, "who was switched off was told");
        for email in [&other.person.email, &stranger.email, &owner.person.email] {
            assert_eq!(told(email, &sent).await + told(email, &again).await, 0, "{email} was told");
        }
    });
}

/// Proves: M2, L2
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
/// Proves: M2, L3
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
