//! What mail goes to whom, how often, and what becomes of a message that nobody can handle.

use serde_json::{Value, json};
use std::time::Duration;
use tests::cast::{self, Owner, text};
use tests::machine::{self, Ledger};
use tests::mailbox::Message;
use tests::{Kit, aws, checkout, kit, people, run, story};

/// Proves: M2
#[test]
fn everyone_who_may_decide_is_told_of_a_waiting_approval_and_nobody_else() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (admin, client) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-77", 5_000, None).await;
        let about = |mail: &Message| mail.text.contains("Nordwind Supplies");
        tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "approval request", about),
            kit.mailbox.wait_for(&admin.person.email, "approval request", about),
        );
        let clients = kit.mailbox.inbox(&client.person.email).await;
        assert!(!clients.iter().any(about), "a client was asked to decide");
    });
}

/// Proves: M2
#[test]
fn the_preparer_gets_a_letter_about_the_decision() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let preparer = cast::member(kit, &owner, "Anna Accountant", "accountant", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, Some(&preparer.person.user)).await;
        let body = json!({ "decision": "rejected", "reason": "Ask for a discount first" });
        kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let about = |mail: &Message| mail.text.contains("Ask for a discount first");
        kit.mailbox.wait_for(&preparer.person.email, "decision", about).await;
        let owners = kit.mailbox.inbox(&owner.person.email).await;
        assert!(!owners.iter().any(about), "the decider got a letter about it");
    });
}

/// Proves: M2
#[test]
fn members_who_see_payments_get_a_letter_about_a_received_one() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let sees = ["invoices.view", "payments.view"];
        let (reader, client) = tokio::join!(
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&sees)),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        let ledger = Ledger::sign_in(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let body = json!({ "invoice": "INV-1", "amount_minor": 4_200, "currency": "EUR" });
        let answer = kit.api.post("/v1/payments").by(&owner.person).within(&owner.here).json(body).ok(201).await;
        checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
        let about = |mail: &Message| mail.text.contains("€42.00");
        tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "payment", about),
            kit.mailbox.wait_for(&reader.person.email, "payment", about),
        );
        let clients = kit.mailbox.inbox(&client.person.email).await;
        assert!(!clients.iter().any(about), "a client was told of a payment");
    });
}

/// Proves: FC2, M2, 28
#[test]
fn an_invoice_that_a_transfer_pays_is_told_of_once_to_those_who_see_payments() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let sees = ["invoices.view", "payments.view"];
        let (reader, client) = tokio::join!(
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&sees)),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        let (ledger, company) = (Ledger::sign_in(kit).await, owner.company.id.as_str());
        ledger.invoice(kit, company, "INV-1", 4_200).await;
        let settle = async |reference: &str, minor: i64| {
            let mut invoice = machine::invoice(reference, 4_200);
            invoice["settled_elsewhere_minor"] = json!(minor);
            ledger.put(kit, company, "invoices", reference, invoice).await
        };
        // A part; then all of it, twice.
        for minor in [2_000, 4_200, 4_200] {
            settle("INV-1", minor).await.ok(200);
        }
        let paid = |mail: &Message| mail.subject.starts_with("Invoice paid: No. INV-1");
        let (letter, _) = tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "paid invoice", paid),
            kit.mailbox.wait_for(&reader.person.email, "paid invoice", paid),
        );
        // A correction, and all of it again.
        for minor in [0, 4_200] {
            settle("INV-1", minor).await.ok(200);
        }
        // One that comes with its payment was never unpaid here.
        settle("INV-2", 4_200).await.ok(201);
        assert!(letter.text.contains("€42.00"), "{}", letter.text);
        assert_eq!(story::events_of_type(kit, company, "invoice.paid").await, 1);
        let any = |mail: &Message| mail.subject.starts_with("Invoice paid");
        assert!(!kit.mailbox.inbox(&client.person.email).await.iter().any(any), "a client was told of a payment");
    });
}

/// Money that goes back is missed by the payer and by those who follow the invoice, and by nobody else.
/// Proves: M2, S10
#[test]
fn a_refund_and_a_dispute_are_told_to_those_who_manage_money_and_to_the_payer() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let payers = ["invoices.view", "payments.view", "payments.pay"];
        let sees = ["invoices.view", "payments.view"];
        let (payer, editor, reader) = tokio::join!(
            cast::member(kit, &owner, "Petra Payer", "custom", Some(&payers)),
            cast::member(kit, &owner, "Edda Editor", "custom", Some(&["invoices.view", "invoices.edit"])),
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&sees)),
        );
        let ledger = Ledger::sign_in(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let body = json!({ "invoice": "INV-1", "amount_minor": 4_200, "currency": "EUR" });
        let started = kit.api.post("/v1/payments").by(&payer.person).within(&payer.here).json(body).ok(201).await;
        let secret = text(&started, "/provider/client_secret");
        checkout::pay_by_card(kit, &secret).await;
        let received = |mail: &Message| mail.subject.starts_with("Payment received");
        kit.mailbox.wait_for(&reader.person.email, "payment", received).await;

        let intent = checkout::intent_of(&secret).to_owned();
        checkout::refund(kit, &intent, 1_000).await;
        let refund = |mail: &Message| mail.subject.starts_with("Payment refunded: €10.00");
        for person in [&owner.person, &payer.person, &editor.person] {
            let mail = kit.mailbox.wait_for(&person.email, "refund", refund).await;
            assert!(mail.text.contains("due again"), "{mail}");
        }
        let path = format!("payment_intents/{intent}/disputes");
        checkout::at_the_bank(kit, &path, &json!({ "amount": 3_200 })).await;
        let dispute = |mail: &Message| mail.subject.starts_with("Payment disputed: €32.00");
        for person in [&owner.person, &payer.person, &editor.person] {
            kit.mailbox.wait_for(&person.email, "dispute", dispute).await;
        }
        // One each: the owner manages payments and edits invoices.
        let told = |mail: &Message| refund(mail) || dispute(mail);
        let count = async |person: &people::Person| {
            kit.mailbox.inbox(&person.email).await.iter().filter(|mail| told(mail)).count()
        };
        assert_eq!((count(&owner.person).await, count(&payer.person).await), (2, 2));
        assert_eq!(count(&reader.person).await, 0, "who only sees payments was written to");
    });
}

/// Proves: M2
#[test]
fn a_removed_person_gets_a_letter() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let seen = kit.mailbox.inbox(&member.person.email).await.len();
        let path = format!("/v1/members/{}", member.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        let about = |mail: &Message| !mail.text.contains("/i/") && mail.text.contains("Owners Ltd");
        kit.mailbox.wait_for(&member.person.email, "farewell", about).await;
        assert_eq!(kit.mailbox.inbox(&member.person.email).await.len(), seen + 1);
    });
}

fn begins(beginning: &'static str) -> impl Fn(&Message) -> bool {
    move |mail: &Message| mail.subject.starts_with(beginning)
}

/// Proves: M2
#[test]
fn people_hear_that_somebody_else_changed_or_ended_their_access() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Books & Co").await;
        cast::connect(kit, &owner, &admin, None).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Books", "bookkeeper").await;
        let company = owner.company.id.as_str();

        let path = format!("/v1/members/{}", member.person.user);
        let body = json!({ "role": "read-only" });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let changed = begins("Your access to Owners Ltd has changed");
        let letter = kit.mailbox.wait_for(&member.person.email, "changed access", &changed).await;
        assert!(letter.text.contains("Otto Owner") && letter.text.contains("No longer"), "{letter}");

        cast::assign(kit, &admin, company, &bookkeeper.user, Some(&["invoices.view", "bank.view"])).await;
        let given = begins("You now have access to Owners Ltd");
        kit.mailbox.wait_for(&bookkeeper.email, "access to a client", given).await;
        cast::assign(kit, &admin, company, &bookkeeper.user, Some(&["invoices.view"])).await;
        kit.mailbox.wait_for(&bookkeeper.email, "changed access", &changed).await;
        let path = format!("/v1/assignments/{company}/{}", bookkeeper.user);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await.ok(200);
        kit.mailbox.wait_for(&bookkeeper.email, "ended access", begins("Your access to Owners Ltd has ended")).await;

        let path = format!("/v1/staff/{}", bookkeeper.user);
        let body = json!({ "role": "admin" });
        kit.api.patch(&path).by(&admin.person).within(&admin.here).json(body).ok(200).await;
        kit.mailbox.wait_for(&bookkeeper.email, "changed place", begins("Your access to Books & Co has changed")).await;
        let access =
            |mail: &Message| mail.subject.starts_with("Your access") || mail.subject.starts_with("You now have");
        for person in [&owner.person, &admin.person] {
            let inbox = kit.mailbox.inbox(&person.email).await;
            assert!(!inbox.iter().any(access), "{} was told of what they did themselves", person.name);
        }
    });
}

/// Proves: M2
#[test]
fn both_sides_hear_of_a_connection_that_somebody_else_started_changed_or_ended() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (other, client) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        let admin = cast::firm_admin(kit, "Ada Admin", "Books & Co").await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Books", "bookkeeper").await;
        cast::connect(kit, &owner, &admin, None).await;
        let connected = begins("Books & Co is connected to Owners Ltd");
        for person in [&owner.person, &other.person] {
            kit.mailbox.wait_for(&person.email, "connected firm", &connected).await;
        }
        let path = format!("/v1/connections/{}", admin.firm.id);
        let body = json!({ "permissions": ["invoices.view"] });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let changed = begins("The access of Books & Co to Owners Ltd has changed");
        kit.mailbox.wait_for(&admin.person.email, "changed connection", &changed).await;
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        let ended = begins("Owners Ltd and Books & Co are no longer connected");
        for person in [&admin.person, &other.person] {
            kit.mailbox.wait_for(&person.email, "ended connection", &ended).await;
        }
        let about = |mail: &Message| connected(mail) || changed(mail) || ended(mail);
        let told = async |email: &str| kit.mailbox.inbox(email).await.iter().filter(|mail| about(mail)).count();
        assert_eq!(told(&owner.person.email).await, 1, "the owner was told of what they did");
        assert_eq!(told(&admin.person.email).await, 2, "the firm's admin was told of what they accepted");
        assert_eq!(told(&client.person.email).await, 0, "a client was told");
        assert_eq!(told(&bookkeeper.email).await, 0, "a bookkeeper was told");
    });
}

/// Proves: M2
#[test]
fn a_contact_hears_that_somebody_ended_their_access_to_the_portal() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::customer(kit, &owner, "CUS-1", "Nord GmbH").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Nora Nord").await;
        let path = cast::portal_access(&contact.customer, &contact.id);
        let off = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert_eq!(off.status, 204, "{}", off.text());
        let ended = begins("Your access to Owners Ltd has ended");
        let letter = kit.mailbox.wait_for(&contact.person.email, "ended access", ended).await;
        assert!(letter.text.contains("as a contact of Nord GmbH"), "{letter}");
    });
}

/// Proves: F13
#[test]
fn one_mail_for_each_fall_below_the_threshold() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.balance(kit, company, "BANK-1", 900).await;
        let path = "/v1/bank-accounts/BANK-1/threshold";
        let body = json!({ "threshold_minor": 500, "pause_hours": 0 });
        kit.api.put(path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let run_schedule = || async { kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok() };
        let warnings = || async {
            let inbox = kit.mailbox.inbox(&owner.person.email).await;
            inbox.iter().filter(|mail| mail.text.contains("Current account")).count()
        };
        run_schedule().await;
        assert_eq!(warnings().await, 0, "above the threshold");
        for (balance, expected) in [(400, 1), (300, 1), (800, 1), (499, 2)] {
            ledger.balance(kit, company, "BANK-1", balance).await;
            run_schedule().await;
            let deadline = std::time::Instant::now() + Duration::from_secs(30);
            while warnings().await < expected && std::time::Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            run_schedule().await;
            assert_eq!(warnings().await, expected, "at {balance}");
        }
    });
}

/// Proves: 28, F7
#[test]
fn the_same_event_twice_is_one_mail() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let event = trail.iter().find(|event| text(event, "/type") == "invitation.created").expect("it is there");
        let message = queued(&owner.company.id, event);
        for _ in 0..2 {
            let answer = kit.invoke("notify", &sqs(&[("m1", &message)])).await.ok();
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        assert_eq!(kit.mailbox.inbox(&invited.email).await.len(), 1, "a repeated event mailed again");
    });
}

/// Proves: F8
#[test]
fn a_poison_message_fails_alone() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let trail = tests::story::audit_trail(kit, &world.owner.person, &world.owner.here).await;
        let event = trail.iter().find(|event| text(event, "/type") == "company.registered").expect("it is there");
        let good = queued(&world.owner.company.id, event);
        let answer =
            kit.invoke("notify", &sqs(&[("good", &good), ("poison", "{ not json"), ("also", &good)])).await.ok();
        assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "poison" }] }));
    });
}

/// Proves: F8
#[test]
fn a_poison_message_ends_in_the_dead_letter_queue_and_good_ones_get_through() {
    run(async {
        let _alone = crate::redrive::DEAD_LETTERS.lock().await;
        let kit = kit();
        let queue = &kit.stack.notify_queue_url;
        let sqs = |operation: &str, body: Value| {
            let target = format!("AmazonSQS.{operation}");
            async move { aws::call(&kit.stack, &kit.http, "sqs", &target, &body).await.expect("the queue answers") }
        };
        // The deployed queue tries for a day, which is too long to wait for.
        let asked = json!({ "QueueUrl": queue, "AttributeNames": ["VisibilityTimeout", "RedrivePolicy"] });
        let deployed = sqs("GetQueueAttributes", asked).await["Attributes"].clone();
        let mut redrive: Value = serde_json::from_str(&text(&deployed, "/RedrivePolicy")).expect("a policy");
        redrive["maxReceiveCount"] = json!(5);
        let set = |attributes: Value| json!({ "QueueUrl": queue, "Attributes": attributes });
        let brief = json!({ "VisibilityTimeout": "4", "RedrivePolicy": redrive.to_string() });
        sqs("SetQueueAttributes", set(brief)).await;
        let mark = people::unique();
        sqs("SendMessage", json!({ "QueueUrl": queue, "MessageBody": format!("poison {mark}") })).await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        cast::invite(kit, &owner.person, &owner.here, body).await;
        let url = format!("{}/_ministack/sqs/messages?QueueUrl={}", kit.stack.endpoint, kit.stack.notify_dlq_url);
        let mut found = false;
        for _ in 0..240 {
            let waiting = kit.http.get(&url).send().await.unwrap();
            found = waiting.text().await.unwrap().contains(&mark);
            if found {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        sqs("SetQueueAttributes", set(deployed)).await;
        assert!(found, "the poison message never reached the dead-letter queue");
    });
}

#[test]
fn an_unknown_schedule_is_an_error_not_a_shrug() {
    run(async {
        let answer = kit().invoke("notify", &json!({ "schedule": "tea" })).await;
        assert!(answer.error.is_some(), "{:?}", answer.payload);
    });
}

/// How often an event is handed over while another sender has one of its letters.
const HANDED_OVER_MAX: usize = 150;

/// Hands an event of a company to the deployed function until nothing of it is left to do: then those who are
/// notified have it in the inbox, and the letters about it are sent.
pub(crate) async fn hear(kit: &Kit, owner: &Owner, kind: &str, subject: &str) {
    let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
    let is_it = |event: &&Value| text(event, "/type") == kind && text(event, "/subject/id") == subject;
    let event = trail.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} about {subject}"));
    let message = queued(&owner.company.id, event);
    for _ in 0..HANDED_OVER_MAX {
        let answer = kit.invoke("notify", &sqs(&[("m1", &message)])).await.ok();
        if answer == json!({ "batchItemFailures": [] }) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{kind} about {subject} was never done with");
}

/// An event as the bus hands it to the queue.
fn queued(company: &str, event: &Value) -> String {
    let mut detail = event.clone();
    detail["org"] = json!({ "kind": "company", "id": company });
    detail["version"] = json!(1);
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": event["type"],
        "source": "countersign", "account": "000000000000", "time": event["at"], "region": "eu-central-1",
        "resources": [], "detail": detail,
    })
    .to_string()
}

/// A batch as Lambda hands it to the function.
fn sqs(messages: &[(&str, &str)]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|(id, body)| {
            json!({
                "messageId": id, "receiptHandle": format!("handle-{id}"), "body": body,
                "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
                "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:countersign-notify", "awsRegion": "eu-central-1",
            })
        })
        .collect();
    json!({ "Records": records })
}
