//! Money over its whole life: a started payment is found again, a refund or dispute reopens the invoice, and the
//! ledger reports what was settled elsewhere.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Member, Owner, list, text};
use tests::http::Answer;
use tests::machine::{self, Ledger};
use tests::{Kit, checkout, kit, people, run, story};

use crate::payments::{billed, pay};

const DAY_S: i64 = 24 * 3600;

async fn pay_as(kit: &Kit, member: &Member, amount_minor: i64) -> Answer {
    let body = json!({ "invoice": "INV-1", "amount_minor": amount_minor, "currency": "EUR" });
    kit.api.post("/v1/payments").by(&member.person).within(&member.here).json(body).send().await
}

async fn payments_of(kit: &Kit, owner: &Owner, invoice: &str) -> Vec<Value> {
    let path = format!("/v1/payments?invoice={invoice}");
    let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
    list(&answer, "payments").clone()
}

async fn invoice(kit: &Kit, owner: &Owner) -> Value {
    let answer = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
    answer["invoice"].clone()
}

async fn payment(kit: &Kit, owner: &Owner, id: &str) -> Value {
    let call = kit.api.get(&format!("/v1/payments/{id}")).by(&owner.person).within(&owner.here);
    call.ok(200).await["payment"].clone()
}

/// An invoice of 100 euros that is paid; answers the payment's id and the provider's intent.
async fn paid(kit: &Kit) -> (Owner, String, String) {
    let owner = billed(kit, 10_000).await;
    let answer = pay(kit, &owner, 10_000).await.ok(201);
    let (id, secret) = (text(&answer, "/payment/id"), text(&answer, "/provider/client_secret"));
    checkout::pay_by_card(kit, &secret).await;
    story::payment_settles(kit, &owner, &id).await;
    (owner, id, checkout::intent_of(&secret).to_owned())
}

/// Waits until the invoice shows these amounts: what is paid and what is due.
async fn comes_to(kit: &Kit, owner: &Owner, paid_minor: i64, due_minor: i64) {
    for _ in 0..80 {
        let invoice = invoice(kit, owner).await;
        if invoice["paid_minor"] == paid_minor && invoice["due_minor"] == due_minor {
            let status = match (paid_minor, due_minor) {
                (_, 0) => "paid",
                (0, _) => "sent",
                _ => "partially_paid",
            };
            assert_eq!(invoice["status"], status, "{invoice}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the invoice never came to {paid_minor} paid: {}", invoice(kit, owner).await);
}

/// Makes a payment older: it was started this many seconds ago.
async fn age(kit: &Kit, owner: &Owner, id: &str, attribute: &str, seconds: i64) {
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(seconds);
    let value = AttributeValue::S(format!("{then:.3}"));
    kit.table.set(&format!("COMPANY#{}", owner.company.id), &format!("PAYMENT#{id}"), attribute, value).await;
}

async fn reconcile(kit: &Kit) {
    kit.invoke("reconcile", &json!({ "schedule": "payments" })).await.ok();
}

/// Proves: U1, S19
#[test]
fn a_started_payment_is_listed_and_resumed_by_the_person_who_started_it() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let first = pay(kit, &owner, 6_000).await.ok(201);
        let listed = payments_of(kit, &owner, "INV-1").await;
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&first["payment"]["id"], &json!("pending")));
        assert_eq!(listed[0]["started_by_name"], "Petra Payer");
        assert!(payments_of(kit, &owner, "INV").await.is_empty(), "another invoice has none");

        // The tab was closed and the key is lost.
        let key = people::unique();
        let body = json!({ "invoice": "INV-1", "amount_minor": 6_000, "currency": "EUR" });
        let again = || {
            let call = kit.api.post("/v1/payments").by(&owner.person).within(&owner.here);
            call.key(&key).json(body.clone()).send()
        };
        let resumed = again().await.ok(200);
        assert_eq!(resumed, first, "the same payment, with its client secret");
        assert_eq!(again().await.ok(200), resumed, "a repetition answers the same");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.started").await, 1);

        let other = pay(kit, &owner, 1_000).await.refused(409, "conflict");
        assert_eq!(other.pointer("/payments/0/id"), first.pointer("/payment/id"), "{other}");
        checkout::pay_by_card(kit, &text(&first, "/provider/client_secret")).await;
        story::payment_settles(kit, &owner, &text(&first, "/payment/id")).await;
        // The key stays bound to the payment that it resumed: no second one is started.
        assert_eq!(text(&again().await.ok(200), "/payment/id"), text(&first, "/payment/id"));
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.started").await, 1);
    });
}

/// Proves: U1
#[test]
fn a_payment_that_ended_unheard_is_settled_when_it_is_resumed() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let silently = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, checkout::intent_of(&text(&answer, "/provider/client_secret")), &silently).await;
        let problem = pay(kit, &owner, 10_000).await.refused(409, "conflict");
        assert_eq!(text(&problem, "/state"), "succeeded");
        comes_to(kit, &owner, 10_000, 0).await;
    });
}

/// Proves: U1, S19
#[test]
fn others_learn_who_is_paying_and_a_manager_gives_the_payment_up() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let (payer, admin) = tokio::join!(
            cast::member(kit, &owner, "Paula Payer", "custom", Some(&["payments.pay"])),
            cast::member(kit, &owner, "Adam Admin", "admin", None),
        );
        let first = pay(kit, &owner, 10_000).await.ok(201);
        let id = text(&first, "/payment/id");
        let refused = pay_as(kit, &payer, 10_000).await.refused(409, "conflict");
        let named = &refused["payments"][0];
        assert_eq!(
            (&named["id"], &named["started_by_name"], &named["amount_minor"]),
            (&json!(id), &json!("Petra Payer"), &json!(10_000)),
            "{refused}"
        );
        assert_eq!(named["started_at"], first["payment"]["started_at"]);
        let detail = text(&refused, "/detail");
        assert!(detail.contains("Petra Payer is paying 10000 since") && detail.contains(&id), "{detail}");

        let cancel = |who: &Member| {
            kit.api.post(&format!("/v1/payments/{id}/cancel")).by(&who.person).within(&who.here).send_owned()
        };
        cancel(&payer).await.refused(403, "not-granted");
        assert_eq!(payment(kit, &owner, &id).await["status"], "pending");
        cancel(&admin).await.ok(200);
        pay_as(kit, &payer, 10_000).await.ok(201);
    });
}

/// Proves: S10
#[test]
fn a_refund_reopens_the_invoice_and_one_that_failed_is_taken_back() {
    run(async {
        let kit = kit();
        let (owner, id, intent) = paid(kit).await;
        checkout::refund(kit, &intent, 3_000).await;
        comes_to(kit, &owner, 7_000, 3_000).await;
        let second = checkout::refund(kit, &intent, 2_000).await;
        comes_to(kit, &owner, 5_000, 5_000).await;
        assert_eq!(payment(kit, &owner, &id).await["refunded_minor"], 5_000);
        // Each refund is told of by two events, and each of those comes twice.
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.refunded").await, 2);

        checkout::at_the_bank(kit, &format!("refunds/{}/fail", text(&second, "/id")), &json!({})).await;
        comes_to(kit, &owner, 7_000, 3_000).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.refunded").await, 3);
        // What is due again can be paid again.
        let again = pay(kit, &owner, 3_000).await.ok(201);
        checkout::pay_by_card(kit, &text(&again, "/provider/client_secret")).await;
        comes_to(kit, &owner, 10_000, 0).await;
        let path = format!("/v1/customers/{}/statement?from=2020-01-01&until=2099-12-31", machine::CUSTOMER);
        let statement = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let entries = list(&statement["statement"]["currencies"][0], "entries");
        let kinds: Vec<String> = entries.iter().map(|entry| text(entry, "/kind")).collect();
        assert_eq!(kinds, ["invoice", "payment", "refund", "refund", "returned", "payment"], "{statement}");
    });
}

/// Proves: S10
#[test]
fn a_dispute_takes_the_money_until_it_is_won_and_an_inquiry_takes_none() {
    run(async {
        let kit = kit();
        let (owner, id, intent) = paid(kit).await;
        let open = |body: Value| {
            let path = format!("payment_intents/{intent}/disputes");
            async move { text(&checkout::at_the_bank(kit, &path, &body).await, "/id") }
        };
        let decide = |dispute: String, status: &'static str| async move {
            checkout::at_the_bank(kit, &format!("disputes/{dispute}"), &json!({ "status": status })).await;
        };
        let inquiry = open(json!({ "inquiry": true })).await;
        let part = open(json!({ "amount": 4_000 })).await;
        comes_to(kit, &owner, 6_000, 4_000).await;
        decide(inquiry, "warning_closed").await;
        decide(part, "won").await;
        comes_to(kit, &owner, 10_000, 0).await;
        let whole = open(json!({})).await;
        comes_to(kit, &owner, 0, 10_000).await;
        decide(whole, "lost").await;
        let payment = payment(kit, &owner, &id).await;
        assert_eq!((&payment["disputed_minor"], &payment["status"]), (&json!(10_000), &json!("succeeded")));
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.disputed").await, 3);
    });
}

/// Proves: S10
#[test]
fn a_dispute_whose_webhook_never_came_is_found_by_the_schedule() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let (id, secret) = (text(&answer, "/payment/id"), text(&answer, "/provider/client_secret"));
        let intent = checkout::intent_of(&secret);
        let paid = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, intent, &paid).await;
        reconcile(kit).await;
        assert_eq!(payment(kit, &owner, &id).await["status"], "succeeded");
        let silently = json!({ "amount": 4_000, "notify": false });
        checkout::at_the_bank(kit, &format!("payment_intents/{intent}/disputes"), &silently).await;
        reconcile(kit).await;
        assert_eq!(invoice(kit, &owner).await["due_minor"], 0, "it is looked up after a day at the earliest");
        // A day passes, for the item and its entry in the index.
        for attribute in ["check_at", "gsi2sk"] {
            age(kit, &owner, &id, attribute, 60).await;
        }
        for _ in 0..2 {
            reconcile(kit).await;
        }
        comes_to(kit, &owner, 6_000, 4_000).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.disputed").await, 1);
    });
}

/// Proves: U2
#[test]
fn a_voucher_or_redirect_keeps_its_reservation_when_a_day_has_passed() {
    run(async {
        let kit = kit();
        for (method, ends) in [("multibanco", true), ("ideal", false)] {
            let owner = billed(kit, 10_000).await;
            let answer = pay(kit, &owner, 10_000).await.ok(201);
            let (id, secret) = (text(&answer, "/payment/id"), text(&answer, "/provider/client_secret"));
            let waiting = checkout::confirm_waiting(kit, &secret, method).await;
            assert_eq!(waiting["status"], "requires_action", "{waiting}");
            age(kit, &owner, &id, "started_at", DAY_S + 3_600).await;
            reconcile(kit).await;
            assert_eq!(payment(kit, &owner, &id).await["status"], "pending", "{method}");
            if ends {
                let ended = json!({ "expires_at": jiff::Timestamp::now().as_second() - 7_200, "notify": false });
                checkout::tamper(kit, checkout::intent_of(&secret), &ended).await;
            } else {
                age(kit, &owner, &id, "started_at", 15 * DAY_S).await;
            }
            reconcile(kit).await;
            assert_eq!(payment(kit, &owner, &id).await["status"], "canceled", "{method}");
            assert_eq!(invoice(kit, &owner).await["due_minor"], 10_000, "{method}");
        }
    });
}

/// Proves: U4
#[test]
fn what_the_ledger_settled_elsewhere_is_not_paid_again() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let ledger = Ledger::sign_in(kit).await;
        let settled = |minor: i64| {
            let mut body = machine::invoice("INV-1", 10_000);
            body["settled_elsewhere_minor"] = json!(minor);
            ledger.put(kit, &owner.company.id, "invoices", "INV-1", body)
        };
        let part = settled(4_000).await.ok(200);
        assert_eq!(
            (&part["invoice"]["due_minor"], &part["invoice"]["status"]),
            (&json!(6_000), &json!("partially_paid"))
        );
        // More than the total came in; it is booked on another invoice then.
        let beyond = settled(10_500).await.ok(200);
        assert_eq!((&beyond["invoice"]["due_minor"], &beyond["invoice"]["overpaid_minor"]), (&json!(0), &json!(500)));
        settled(4_000).await.ok(200);

        // A payment is in flight: settling the whole elsewhere would have the client pay twice.
        let answer = pay(kit, &owner, 6_000).await.ok(201);
        let refused = settled(10_000).await.refused(409, "conflict");
        assert_eq!(refused.pointer("/payments/0/id"), answer.pointer("/payment/id"), "{refused}");
        let cancel = format!("/v1/payments/{}/cancel", text(&answer, "/payment/id"));
        kit.api.post(&cancel).by(&owner.person).within(&owner.here).ok(200).await;
        settled(10_000).await.ok(200);
        let invoice = invoice(kit, &owner).await;
        assert_eq!((&invoice["status"], &invoice["due_minor"]), (&json!("paid"), &json!(0)), "{invoice}");
        assert_eq!((&invoice["paid_minor"], &invoice["settled_elsewhere_minor"]), (&json!(0), &json!(10_000)));
        assert_eq!(text(&pay(kit, &owner, 6_000).await.refused(409, "conflict"), "/state"), "settled");
    });
}

/// Proves: U5
#[test]
fn an_invoice_of_zero_is_settled_from_the_start() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 0).await;
        let invoice = invoice(kit, &owner).await;
        assert_eq!((&invoice["total_minor"], &invoice["status"]), (&json!(0), &json!("paid")), "{invoice}");
        assert_eq!(text(&pay(kit, &owner, 100).await.refused(409, "conflict"), "/state"), "settled");
    });
}

/// Proves: U22
#[test]
fn a_payment_that_would_leave_an_unpayable_rest_is_refused_before_it_is_made() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        for amount in [9_970, 30] {
            let refused = pay(kit, &owner, amount).await;
            refused.refused_field(422, "invalid-field", "amount_minor");
            assert!(refused.text().contains("must be 10000, or 50 to 9950"), "{}", refused.text());
        }
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.started").await, 0);
        pay(kit, &owner, 9_950).await.ok(201);
    });
}
