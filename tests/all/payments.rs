//! `/v1/payments`, `/v1/webhooks/stripe` and the reconciling schedule.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, text};
use tests::http::Answer;
use tests::machine::Ledger;
use tests::{Kit, checkout, kit, people, run, story};

use crate::faults::rig::{Rig, eventually, invoke, metric_in, response};
use crate::support::refused_input;

/// A company with one open invoice.
pub(crate) async fn billed(kit: &Kit, total_minor: i64) -> Owner {
    let (owner, ledger) = tokio::join!(cast::owner(kit, "Petra Payer", "Payers Ltd"), Ledger::sign_in(kit));
    ledger.invoice(kit, &owner.company.id, "INV-1", total_minor).await;
    owner
}

pub(crate) async fn pay(kit: &Kit, owner: &Owner, amount_minor: i64) -> Answer {
    let body = json!({ "invoice": "INV-1", "amount_minor": amount_minor, "currency": "EUR" });
    kit.api.post("/v1/payments").by(&owner.person).within(&owner.here).json(body).send().await
}

async fn status_of(kit: &Kit, owner: &Owner, payment: &str) -> String {
    let path = format!("/v1/payments/{payment}");
    let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
    text(&answer, "/payment/status")
}

async fn webhook(kit: &Kit, secret: &str, at: i64, body: &Value) -> Answer {
    let bytes = body.to_string().into_bytes();
    let signature = checkout::signature(secret, at, &bytes);
    kit.api
        .post("/v1/webhooks/stripe")
        .header("stripe-signature", &signature)
        .raw("application/json; charset=utf-8", bytes)
        .send()
        .await
}

fn succeeded_event(intent: &str, amount_minor: i64) -> Value {
    json!({
        "id": format!("evt_{}", people::unique()), "object": "event", "type": "payment_intent.succeeded",
        "livemode": false, "created": jiff::Timestamp::now().as_second(), "api_version": "2025-09-30.clover",
        "data": { "object": {
            "id": intent, "object": "payment_intent", "status": "succeeded", "amount": amount_minor,
            "amount_received": amount_minor, "currency": "eur", "livemode": false, "metadata": {},
        } },
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null },
    })
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Proves: F11
#[test]
fn a_payment_settles_through_the_signed_webhook_once() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 48_000).await;
        let answer = pay(kit, &owner, 48_000).await.ok(201);
        let payment = text(&answer, "/payment/id");
        assert!(payment.starts_with("py_"), "{payment}");
        assert_eq!(text(&answer, "/provider/name"), "stripe");
        let secret = text(&answer, "/provider/client_secret");
        checkout::pay_by_card(kit, &secret).await;
        story::payment_settles(kit, &owner, &payment).await;
        // The provider delivers twice; ours on top makes a third and a fourth.
        for _ in 0..2 {
            let event = succeeded_event(checkout::intent_of(&secret), 48_000);
            let answer = webhook(kit, &kit.stack.webhook_secret, now(), &event).await;
            assert!(answer.status < 300, "{}: {}", answer.status, answer.text());
        }
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.succeeded").await, 1);
        let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&invoice, "/invoice/status"), "paid");
    });
}

#[test]
fn a_declined_card_fails_no_invoice() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let secret = text(&answer, "/provider/client_secret");
        checkout::confirm(kit, &secret, "pm_card_visa_chargeDeclined").await;
        let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&invoice, "/invoice/status"), "sent");
        // The same payment may be tried again with a better card.
        checkout::pay_by_card(kit, &secret).await;
        let status = status_of(kit, &owner, &text(&answer, "/payment/id")).await;
        assert!(["pending", "failed", "succeeded"].contains(&status.as_str()), "{status}");
    });
}

/// Proves: 16, B10
#[test]
fn a_webhook_with_a_bad_signature_is_refused_and_settles_nothing() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let intent = checkout::intent_of(&text(&answer, "/provider/client_secret")).to_owned();
        let event = succeeded_event(&intent, 10_000);
        let bytes = event.to_string().into_bytes();
        let before = kit.table.trace(&owner.company.id).await;
        let good = checkout::signature(&kit.stack.webhook_secret, now(), &bytes);
        let other_body = checkout::signature(&kit.stack.webhook_secret, now(), b"{}");
        let old = checkout::signature(&kit.stack.webhook_secret, now() - 301, &bytes);
        let early = checkout::signature(&kit.stack.webhook_secret, now() + 400, &bytes);
        let wrong_key = checkout::signature("whsec_wrong", now(), &bytes);
        let wrong_scheme = good.replace("v1=", "v0=");
        let moved = good.replacen("t=", "t=9", 1);
        for (what, signature) in [
            ("of another secret", Some(wrong_key)),
            ("of another body", Some(other_body)),
            ("301 s old", Some(old)),
            ("from the future", Some(early)),
            ("of another scheme", Some(wrong_scheme)),
            ("with another time", Some(moved)),
            ("that is nonsense", Some("t=,v1=".to_owned())),
            ("that is missing", None),
        ] {
            let mut call = kit.api.post("/v1/webhooks/stripe").raw("application/json", bytes.clone());
            if let Some(signature) = signature {
                call = call.header("stripe-signature", &signature);
            }
            let answer = call.send().await;
            assert_eq!(answer.status, 400, "a signature {what}: {}", answer.text());
            assert!(answer.slug().is_some(), "a signature {what}: {}", answer.text());
        }
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused webhook left a trace");
    });
}

/// Proves: 16
#[test]
fn a_webhook_is_believed_only_as_far_as_the_provider_confirms_it() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let intent = checkout::intent_of(&text(&answer, "/provider/client_secret")).to_owned();
        // Signed correctly and says it succeeded, but the provider, when asked, says it waits for a card.
        webhook(kit, &kit.stack.webhook_secret, now(), &succeeded_event(&intent, 10_000)).await;
        assert_eq!(status_of(kit, &owner, &text(&answer, "/payment/id")).await, "pending");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.succeeded").await, 0);
    });
}

/// Proves: 16
#[test]
fn a_webhook_of_the_other_mode_or_of_nothing_of_ours_changes_nothing() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let secret = text(&answer, "/provider/client_secret");
        let before = kit.table.trace(&owner.company.id).await;
        let mut live = succeeded_event(checkout::intent_of(&secret), 10_000);
        live["livemode"] = json!(true);
        let mut unknown = succeeded_event("pi_unknown_to_everyone", 10_000);
        unknown["data"]["object"]["id"] = json!("pi_unknown_to_everyone");
        let mut other = succeeded_event(checkout::intent_of(&secret), 10_000);
        other["type"] = json!("customer.created");
        for event in [live, unknown, other] {
            let answer = webhook(kit, &kit.stack.webhook_secret, now(), &event).await;
            assert!(answer.status < 500, "{}: {}", answer.status, answer.text());
        }
        assert!(kit.table.trace(&owner.company.id).await == before, "a foreign webhook left a trace");
    });
}

/// Proves: F11
#[test]
fn a_payment_whose_webhook_never_comes_is_found_by_the_schedule() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let payment = text(&answer, "/payment/id");
        kit.invoke("reconcile", &json!({ "schedule": "payments" })).await.ok();
        assert_eq!(status_of(kit, &owner, &payment).await, "pending", "nobody paid yet");
        let secret = text(&answer, "/provider/client_secret");
        let silently = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, checkout::intent_of(&secret), &silently).await;
        for _ in 0..2 {
            kit.invoke("reconcile", &json!({ "schedule": "payments" })).await.ok();
        }
        assert_eq!(status_of(kit, &owner, &payment).await, "succeeded");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.succeeded").await, 1);
    });
}

/// Proves: 16, 27, S11
#[test]
fn an_amount_or_currency_that_disagrees_with_our_record_settles_nothing() {
    run(async {
        let kit = kit();
        for change in [
            json!({ "status": "succeeded", "amount": 1, "amount_received": 1, "notify": true }),
            json!({ "status": "succeeded", "amount_received": 9_999, "notify": true }),
            json!({ "status": "succeeded", "amount_received": 10_000, "currency": "usd", "notify": true }),
        ] {
            let owner = billed(kit, 10_000).await;
            let answer = pay(kit, &owner, 10_000).await.ok(201);
            let intent = checkout::intent_of(&text(&answer, "/provider/client_secret")).to_owned();
            checkout::tamper(kit, &intent, &change).await;
            webhook(kit, &kit.stack.webhook_secret, now(), &succeeded_event(&intent, 10_000)).await;
            // The webhook is acknowledged and the schedule goes on, so an alarm must tell an operator.
            let rig = Rig::of(kit, "reconcile").await;
            let reconcile = rig.start().await;
            invoke(&reconcile, &json!({ "schedule": "payments" })).await;
            eventually("the metric is written", async || metric_in(&reconcile.log(), "PaymentDisagreement", 1)).await;
            let status = status_of(kit, &owner, &text(&answer, "/payment/id")).await;
            assert_ne!(status, "succeeded", "{change}");
            let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
            assert_ne!(text(&invoice, "/invoice/status"), "paid", "{change}");
        }
    });
}

/// A run that settles one payment and cannot look up another succeeds: without a metric nobody would hear of the other.
/// Proves: S11
#[test]
fn a_payment_that_cannot_be_looked_up_is_counted_while_others_are_settled() {
    run(async {
        let kit = kit();
        let (healthy, lost) = tokio::join!(billed(kit, 10_000), billed(kit, 10_000));
        let paid = pay(kit, &healthy, 10_000).await.ok(201);
        let intent = checkout::intent_of(&text(&paid, "/provider/client_secret")).to_owned();
        let silently = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, &intent, &silently).await;
        let unknown = pay(kit, &lost, 10_000).await.ok(201);
        let id = text(&unknown, "/payment/id");
        let (pk, sk) = (format!("COMPANY#{}", lost.company.id), format!("PAYMENT#{id}"));
        let provider_id = kit.table.item(&pk, &sk).await.expect("the payment is there")["provider_id"].clone();
        let nobodys = AttributeValue::S("pi_nobodys".to_owned());
        kit.table.set(&pk, &sk, "provider_id", nobodys).await;

        let rig = Rig::of(kit, "reconcile").await;
        let reconcile = rig.start().await;
        let report = response(&invoke(&reconcile, &json!({ "schedule": "payments" })).await).clone();
        kit.table.set(&pk, &sk, "provider_id", provider_id).await;
        let failed = report["failed"].as_u64().expect("a number");
        assert!(failed >= 1, "{report}");
        eventually("the metric is written", async || metric_in(&reconcile.log(), "PaymentCheckFailed", failed)).await;
        assert_eq!(status_of(kit, &healthy, &text(&paid, "/payment/id")).await, "succeeded");
        assert_eq!(status_of(kit, &lost, &id).await, "pending");
    });
}

/// Proves: B4
#[test]
fn amounts_are_whole_positive_and_within_what_is_due() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        for (body, field) in [
            (json!({ "invoice": "INV-1", "amount_minor": -5, "currency": "EUR" }), "amount_minor"),
            (json!({ "invoice": "INV-1", "amount_minor": 0, "currency": "EUR" }), "amount_minor"),
            (json!({ "invoice": "INV-1", "amount_minor": 10.5, "currency": "EUR" }), "amount_minor"),
            (json!({ "invoice": "INV-1", "amount_minor": "100", "currency": "EUR" }), "amount_minor"),
            (json!({ "invoice": "INV-1", "amount_minor": 100, "currency": "ZZZ" }), "currency"),
            (json!({ "invoice": "INV-1", "amount_minor": 100, "currency": "EUR", "status": "succeeded" }), "status"),
        ] {
            let call = kit.api.post("/v1/payments").by(&owner.person).within(&owner.here).json(body);
            refused_input(&call.send().await, field);
        }
        let above = pay(kit, &owner, 10_001).await;
        above.refused(409, "conflict");
        let body = json!({ "invoice": "INV-1", "amount_minor": 100, "currency": "USD" });
        let other = kit.api.post("/v1/payments").by(&owner.person).within(&owner.here).json(body).send().await;
        other.refused_field(422, "invalid-field", "currency");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.started").await, 0);
    });
}

#[test]
fn a_paid_invoice_takes_no_more() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
        story::payment_settles(kit, &owner, &text(&answer, "/payment/id")).await;
        let again = pay(kit, &owner, 1).await;
        assert_eq!(text(&again.refused(409, "conflict"), "/state"), "settled");
    });
}

#[test]
fn an_invoice_can_be_paid_in_parts() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        for (amount, status) in [(4_000, "partially_paid"), (6_000, "paid")] {
            let answer = pay(kit, &owner, amount).await.ok(201);
            checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
            story::payment_settles(kit, &owner, &text(&answer, "/payment/id")).await;
            let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
            assert_eq!(text(&invoice, "/invoice/status"), status, "after {amount}");
        }
    });
}

/// Proves: 27, F12
#[test]
fn a_payment_that_is_given_up_frees_its_amount_and_takes_no_money() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let payment = text(&answer, "/payment/id");
        let taken = pay(kit, &owner, 1).await;
        taken.refused(409, "conflict");
        let cancel = || kit.api.post(&format!("/v1/payments/{payment}/cancel")).by(&owner.person).within(&owner.here);
        let canceled = cancel().ok(200).await;
        assert_eq!(text(&canceled, "/payment/status"), "canceled");
        assert_eq!(cancel().ok(200).await, canceled, "doing it again answers the same");
        let late = checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
        assert_ne!(late.get("status").and_then(Value::as_str), Some("succeeded"), "a canceled payment took money");
        let again = pay(kit, &owner, 10_000).await.ok(201);
        checkout::pay_by_card(kit, &text(&again, "/provider/client_secret")).await;
        story::payment_settles(kit, &owner, &text(&again, "/payment/id")).await;
        assert_eq!(status_of(kit, &owner, &payment).await, "canceled");
    });
}

#[test]
fn a_payment_that_succeeded_cannot_be_given_up() {
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let payment = text(&answer, "/payment/id");
        checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
        // Whether the webhook was here already or not: what the provider says decides.
        let call = kit.api.post(&format!("/v1/payments/{payment}/cancel")).by(&owner.person).within(&owner.here);
        let problem = call.refused(409, "conflict").await;
        assert_eq!(text(&problem, "/state"), "succeeded");
        story::payment_settles(kit, &owner, &payment).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "payment.succeeded").await, 1);
    });
}

#[test]
fn a_webhook_is_read_raw_also_when_the_gateway_encoded_it() {
    use base64::Engine as _;
    run(async {
        let kit = kit();
        let owner = billed(kit, 10_000).await;
        let answer = pay(kit, &owner, 10_000).await.ok(201);
        let payment = text(&answer, "/payment/id");
        let intent = checkout::intent_of(&text(&answer, "/provider/client_secret")).to_owned();
        let silently = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, &intent, &silently).await;

        let file = tests::stack::Stack::repository().join("events/pay-webhook.json");
        let mut event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        // Spaces and line breaks are part of what was signed.
        let body = serde_json::to_vec_pretty(&succeeded_event(&intent, 10_000)).unwrap();
        event["headers"]["stripe-signature"] = json!(checkout::signature(&kit.stack.webhook_secret, now(), &body));
        event["body"] = json!(base64::engine::general_purpose::STANDARD.encode(&body));
        assert_eq!(event["isBase64Encoded"], json!(true));
        let answered = kit.invoke("pay", &event).await.ok();
        assert!(answered["statusCode"].as_u64().is_some_and(|status| status < 300), "{answered}");
        assert_eq!(status_of(kit, &owner, &payment).await, "succeeded");
    });
}

#[test]
fn an_invoice_in_payment_cannot_shrink_below_the_payment() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(billed(kit, 10_000), Ledger::sign_in(kit));
        let answer = pay(kit, &owner, 8_000).await.ok(201);
        let company = owner.company.id.as_str();
        let smaller = ledger.put(kit, company, "invoices", "INV-1", tests::machine::invoice("INV-1", 7_999)).await;
        smaller.refused(409, "conflict");
        let fitting = ledger.put(kit, company, "invoices", "INV-1", tests::machine::invoice("INV-1", 8_000)).await;
        fitting.ok(200);
        checkout::pay_by_card(kit, &text(&answer, "/provider/client_secret")).await;
        story::payment_settles(kit, &owner, &text(&answer, "/payment/id")).await;
        let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&invoice, "/invoice/status"), "paid");
    });
}
