//! Reminders of invoices: on the company's days, once, and never of what does not wait for payment.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Contact, Owner, text};
use tests::chaos::{Fault, Rule};
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::mailbox::Message;
use tests::runtime_api::Payload;
use tests::table::Table;
use tests::{Kit, kit, people, run, story};
use tokio::sync::Mutex;

use crate::document_requests::day;
use crate::faults::rig::{Rig, eventually, invoke, response};

/// Held by a test that runs the schedule: a run does what is due for everybody.
static RUNNING: Mutex<()> = Mutex::const_new(());

const SETTINGS: &str = "/v1/customer-portal-settings";

pub(crate) fn schedule() -> Value {
    json!({ "schedule": "invoice_reminders" })
}

fn reminds(mail: &Message) -> bool {
    mail.subject.starts_with("Overdue since") && mail.subject.contains("invoice")
}

/// Makes time pass: a company's last round was so many days ago, and one is due now.
pub(crate) async fn pass(table: &Table, company: &str, days: i64) {
    let pk = format!("COMPANY#{company}");
    let now = format!("{:.3}", jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60));
    let shard = company.bytes().last().unwrap_or_default() % 4;
    let due = format!("DUE#invoice-reminders#{shard}");
    for (attribute, value) in [("given_until", day(-days)), ("next_at", now.clone()), ("gsi2sk", now), ("gsi2pk", due)]
    {
        table.set(&pk, "INVOICE_REMINDERS", attribute, AttributeValue::S(value)).await;
    }
}

/// An invoice that was sent so many days ago.
pub(crate) async fn sent_ago(table: &Table, company: &str, invoice: &str, days: i64) {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
    let at = AttributeValue::S(format!("{at:.3}"));
    table.set(&format!("COMPANY#{company}"), &format!("INVOICE#{invoice}"), "sent_at", at).await;
}

/// A company that reminds five days after the due day, a contact of its customer, and the ledger.
async fn begun(kit: &Kit) -> (Owner, Ledger, Contact) {
    let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), Ledger::sign_in(kit));
    machine::push_customer(kit, &owner.company.id, CUSTOMER, CUSTOMER_NAME).await;
    let contact = cast::contact(kit, &owner, CUSTOMER, "Nora Nord").await;
    let body = json!({ "rights": ["comment", "pay"], "remind_days_after": [5] });
    kit.api.put(SETTINGS).by(&owner.person).within(&owner.here).json(body).ok(200).await;
    (owner, ledger, contact)
}

/// An invoice of 42.00 that was due eight days ago and was sent long before.
async fn unpaid(kit: &Kit, ledger: &Ledger, company: &str, reference: &str) {
    let mut body = machine::invoice(reference, 4_200);
    body["issued_on"] = json!(day(-40));
    body["due_on"] = json!(day(-8));
    ledger.put(kit, company, "invoices", reference, body).await.ok(201);
    sent_ago(&kit.table, company, reference, 30).await;
}

async fn reminded(kit: &Kit, company: &str) -> usize {
    story::events_of_type(kit, company, "invoice.reminded").await
}

/// A customer who is dunned for what is paid, disputed or was never late is lost.
/// Proves: IR1, IR2, IR3
#[test]
fn customers_are_reminded_once_of_what_waits_for_payment_and_of_nothing_else() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let (owner, ledger, contact) = begun(kit).await;
        let company = owner.company.id.as_str();
        for number in 1..=5 {
            unpaid(kit, &ledger, company, &format!("INV-{number}")).await;
        }
        let pk = format!("COMPANY#{company}");
        let mut paid = machine::invoice("INV-2", 4_200);
        for (field, value) in [("issued_on", day(-40)), ("due_on", day(-8))] {
            paid[field] = json!(value);
        }
        paid["settled_elsewhere_minor"] = json!(4_200);
        ledger.put(kit, company, "invoices", "INV-2", paid).await.ok(200);
        let pay = json!({ "amount_minor": 1_200, "currency": "EUR" });
        let path = "/v1/customer-portal/invoices/INV-3/payments";
        kit.api.post(path).by(&contact.person).within(&contact.here).json(pay).ok(201).await;
        kit.table.set(&pk, "INVOICE#INV-4", "disputed_minor", AttributeValue::N("100".to_owned())).await;
        // An old draft that was sent an hour ago.
        kit.table
            .set(&pk, "INVOICE#INV-5", "sent_at", AttributeValue::S(format!("{:.3}", jiff::Timestamp::now())))
            .await;
        // A reader of the hosted page, and one whose link was ended.
        let (reader, ended) = (people::address("Rita Reader"), people::address("Elsa Ended"));
        for (name, email) in [("Rita Reader", &reader), ("Elsa Ended", &ended)] {
            let id = cast::add_contact(kit, &owner, CUSTOMER, name, email).await;
            let body = json!({ "kind": "invoice", "document": "INV-1", "contact": id });
            let made =
                kit.api.post("/v1/document-links").by(&owner.person).within(&owner.here).json(body).ok(201).await;
            if *email == ended {
                let path = format!("/v1/document-links/{}", text(&made, "/document_link/id"));
                let gone = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
                assert_eq!(gone.status, 204, "{}", gone.text());
            }
        }
        kit.invoke("notify", &schedule()).await.ok();
        assert_eq!(reminded(kit, company).await, 0, "reminders were switched on today");

        pass(&kit.table, company, 6).await;
        // As deployed: the schedule, the bus, the queue.
        let url = format!("{}/schedules/invoice_reminders", kit.stack.control_url);
        let due = kit.http.post(url).send().await.expect("the emulator answers");
        assert_eq!(due.status().as_u16(), 202, "there is no such schedule");
        let mail = kit.mailbox.wait_for(&contact.person.email, "reminder", reminds).await;
        let page = format!("/customer-portal/{company}/{CUSTOMER}/invoices/INV-1");
        assert!(mail.text.contains(&page) && mail.text.contains("€42.00"), "{mail}");
        let mail = kit.mailbox.wait_for(&reader, "reminder", reminds).await;
        let hosted = format!("/h/{}", cast::token_in(&mail.link("/h/")));
        kit.api.get(&hosted).header("accept", "application/json").ok(200).await;
        for _ in 0..2 {
            pass(&kit.table, company, 6).await;
            kit.invoke("notify", &schedule()).await.ok();
        }
        assert_eq!(reminded(kit, company).await, 1, "three runs, five invoices");
        for (email, letters) in [(&contact.person.email, 1), (&reader, 1), (&ended, 0)] {
            let inbox = kit.mailbox.inbox(email).await;
            assert_eq!(inbox.iter().filter(|mail| reminds(mail)).count(), letters, "{email}");
        }
    });
}

/// Who hears of an invoice before it is late can still pay in time.
/// Proves: IR1
#[test]
fn customers_are_reminded_before_the_due_day_on_the_companys_days() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let (owner, ledger, contact) = begun(kit).await;
        let company = owner.company.id.as_str();
        let body = json!({ "rights": ["comment", "pay"], "remind_days_before": [3] });
        kit.api.put(SETTINGS).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        // In two days, three days before which was yesterday; and in ten, with its reminder a week ahead.
        for (reference, due_in) in [("INV-1", 2), ("INV-2", 10)] {
            let mut body = machine::invoice(reference, 4_200);
            (body["issued_on"], body["due_on"]) = (json!(day(-40)), json!(day(due_in)));
            ledger.put(kit, company, "invoices", reference, body).await.ok(201);
            sent_ago(&kit.table, company, reference, 30).await;
        }
        for _ in 0..2 {
            pass(&kit.table, company, 6).await;
            kit.invoke("notify", &schedule()).await.ok();
        }
        assert_eq!(reminded(kit, company).await, 1, "two runs, two invoices");
        let ahead = |mail: &Message| mail.subject.starts_with("Reminder: invoice") && mail.subject.contains("INV-1");
        let mail = kit.mailbox.wait_for(&contact.person.email, "reminder", ahead).await;
        assert!(mail.text.contains("€42.00"), "{mail}");
        let inbox = kit.mailbox.inbox(&contact.person.email).await;
        assert!(!inbox.iter().any(reminds), "nothing is late");
    });
}

/// Proves: IR1
#[test]
fn schedules_at_the_same_time_remind_of_an_invoice_once_and_not_when_it_is_switched_off() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let (owner, ledger, _) = begun(kit).await;
        let company = owner.company.id.as_str();
        unpaid(kit, &ledger, company, "INV-1").await;
        let body = json!({ "rights": ["comment"] });
        kit.api.put(SETTINGS).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let item = kit.table.item(&format!("COMPANY#{company}"), "INVOICE_REMINDERS").await.expect("it was on");
        assert!(!item.contains_key("next_at") && !item.contains_key("gsi2pk"), "{item:?}");
        let body = json!({ "rights": ["comment"], "remind_days_after": [4, 5] });
        kit.api.put(SETTINGS).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let rig = Rig::of(kit, "notify").await;
        for _ in 0..2 {
            pass(&kit.table, company, 6).await;
            let crowd = rig.crowd(4).await;
            let mut running = tokio::task::JoinSet::new();
            for function in crowd {
                running.spawn(async move { response(&invoke(&function, &schedule()).await).clone() });
            }
            running.join_all().await;
            // A run that lost a condition leaves the rest to the next one.
            eventually("the round is over", async || {
                kit.invoke("notify", &schedule()).await.ok();
                let item = kit.table.item(&format!("COMPANY#{company}"), "INVOICE_REMINDERS").await?;
                let next_at = tests::table::text(&item, "next_at")?;
                (next_at > jiff::Timestamp::now().to_string().as_str()).then_some(())
            })
            .await;
        }
        assert_eq!(reminded(kit, company).await, 1);
    });
}

/// One invoice that cannot be written would otherwise keep all later ones of its company from being reminded of.
/// Proves: IR1
#[test]
fn an_invoice_that_cannot_be_written_waits_for_the_next_run_and_the_others_do_not() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let (owner, ledger, _) = begun(kit).await;
        let company = owner.company.id.as_str();
        for number in 1..=3 {
            unpaid(kit, &ledger, company, &format!("INV-{number}")).await;
        }
        let rig = Rig::of(kit, "notify").await;
        let first = format!("COMPANY#{company}");
        let writes_first = move |request: &Value| {
            let request = request.to_string();
            request.contains(&format!("\"{first}\"")) && request.contains("\"INVOICE#INV-1\"")
        };
        let failing = rig.table.place(Rule::on("TransactWriteItems", Fault::ServerError).when(writes_first));
        pass(&kit.table, company, 6).await;
        let function = rig.start().await;
        let failed = invoke(&function, &schedule()).await;
        assert!(matches!(failed, Payload::Error(_)), "a failure is told to those who run the stack: {failed:?}");
        assert!(failing.hits() > 0, "nothing failed");
        assert_eq!(reminded(kit, company).await, 2);
        failing.remove();
        eventually("the first is reminded of", async || {
            pass(&kit.table, company, 6).await;
            kit.invoke("notify", &schedule()).await.ok();
            (reminded(kit, company).await == 3).then_some(())
        })
        .await;
    });
}
