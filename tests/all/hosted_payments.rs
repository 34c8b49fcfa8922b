//! Payments through a hosted link, on the payment provider's page.

use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::http::Answer;
use tests::machine::{self, CUSTOMER, Ledger};
use tests::{Kit, checkout, kit, people, run, story};

use crate::faults::rig::{Rig, eventually, invoke, metric_in};
use crate::hosted_bounds::{contact, forward, let_its_days_pass, opened, seller, send, withdrawn};

/// A company with one invoice that was sent to a contact by a hosted link.
struct Stage<'k> {
    kit: &'k Kit,
    owner: Owner,
    ledger: Ledger,
    /// The link's id and path.
    link: String,
    path: String,
}

impl<'k> Stage<'k> {
    async fn set(kit: &'k Kit, total_minor: i64) -> Self {
        Self::with(kit, machine::invoice("INV-1", total_minor)).await
    }

    async fn with(kit: &'k Kit, invoice: Value) -> Self {
        let (owner, ledger) = seller(kit).await;
        ledger.put(kit, &owner.company.id, "invoices", "INV-1", invoice).await.ok(201);
        let (link, path) = link_for(kit, &owner, "Nora Nord").await;
        Self { kit, owner, ledger, link, path }
    }

    async fn pay(&self) -> Answer {
        pay(self.kit, &self.path).await
    }

    /// Starts a payment; answers its id and the address of its page.
    async fn started(&self) -> (String, String) {
        let started = self.pay().await.ok(201);
        (text(&started, "/payment/id"), text(&started, "/provider/url"))
    }

    async fn shown(&self) -> Value {
        opened(self.kit, &self.path).await
    }

    async fn as_owner(&self, path: &str) -> Value {
        self.kit.api.get(path).by(&self.owner.person).within(&self.owner.here).ok(200).await
    }

    async fn status_of(&self, payment: &str) -> String {
        text(&self.as_owner(&format!("/v1/payments/{payment}")).await, "/payment/status")
    }

    async fn ends_as(&self, payment: &str, status: &str) {
        eventually(status, async || (self.status_of(payment).await == status).then_some(())).await;
    }

    async fn due(&self) -> Value {
        self.shown().await["due_minor"].clone()
    }

    /// How often something happened to the company.
    async fn count(&self, kind: &str) -> usize {
        story::events_of_type(self.kit, &self.owner.company.id, kind).await
    }

    async fn reconcile(&self) {
        self.kit.invoke("reconcile", &json!({ "schedule": "payments" })).await.ok();
    }
}

async fn link_for(kit: &Kit, owner: &Owner, name: &str) -> (String, String) {
    let email = people::address(name);
    let id = cast::add_contact(kit, owner, CUSTOMER, name, &email).await;
    send(kit, owner, ("invoice", "INV-1"), &id, &email).await
}

async fn pay(kit: &Kit, path: &str) -> Answer {
    kit.api.post(&format!("{path}/payments")).header("accept", "application/json").send().await
}

/// The page that answers the form.
async fn page(kit: &Kit, path: &str) -> Answer {
    kit.api.post(&format!("{path}/payments")).header("accept", "text/html").send().await
}

async fn settings(kit: &Kit, owner: &Owner, rights: Value) {
    let path = "/v1/customer-portal-settings";
    kit.api.put(path).by(&owner.person).within(&owner.here).json(json!({ "rights": rights })).ok(200).await;
}

/// Proves: H5, 12, 27, F11
#[test]
fn the_holder_of_a_link_pays_all_that_is_due_on_the_providers_page() {
    run(async {
        let stage = Stage::set(kit(), 48_000).await;
        let shown = stage.shown().await;
        assert_eq!((&shown["may_pay"], shown.get("paying_minor")), (&json!(true), None), "{shown}");
        let started = stage.pay().await.ok(201);
        let (payment, url) = (text(&started, "/payment/id"), text(&started, "/provider/url"));
        assert_eq!(
            (&started["payment"]["amount_minor"], &started["payment"]["currency"]),
            (&json!(48_000), &json!("EUR"))
        );
        assert_eq!(text(&started, "/provider/name"), "stripe");
        assert!(url.starts_with(stage.kit.stack.provider_url.trim_end_matches('/')), "{url}");

        // A second click, and the form of the page, lead to the same page.
        let again = stage.pay().await.ok(201);
        assert_eq!((text(&again, "/payment/id"), text(&again, "/provider/url")), (payment.clone(), url.clone()));
        let form = page(stage.kit, &stage.path).await;
        assert_eq!(form.status, 201, "{}", form.text());
        assert!(form.text().contains(&format!("href=\"{url}\"")), "{}", form.text());
        assert!(form.text().contains("Continue to payment") && form.text().contains("480.00"), "{}", form.text());
        let shown = stage.shown().await;
        assert_eq!((&shown["paying_minor"], &shown["due_minor"]), (&json!(48_000), &json!(0)), "{shown}");
        assert_eq!(shown["may_pay"], true, "{shown}");

        let (status, back) = checkout::pay_on_page(stage.kit, &url, "pm_card_visa").await;
        assert_eq!(status, 303);
        let back = back.expect("the provider leads back");
        assert!(back.ends_with(&stage.path), "{back}");
        // Coming back says what our record says, and changes nothing.
        let cover = stage.kit.api.get(&stage.path).header("accept", "text/html").send().await.text();
        assert!(cover.contains("is under way") || cover.contains("It is paid."), "{cover}");
        story::payment_settles(stage.kit, &stage.owner, &payment).await;
        let cover = stage.kit.api.get(&stage.path).header("accept", "text/html").send().await.text();
        assert!(cover.contains("It is paid."), "{cover}");
        let shown = stage.shown().await;
        assert_eq!((text(&shown, "/invoice_status"), &shown["may_pay"]), ("paid".to_owned(), &json!(false)), "{shown}");
        // The provider tells of the session and of its intent, and each twice.
        assert_eq!((stage.count("payment.started").await, stage.count("payment.succeeded").await), (1, 1));
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "settled");
        let refused = page(stage.kit, &stage.path).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("Nothing is left to pay"), "{}", refused.text());

        let listed = stage.as_owner("/v1/payments?invoice=INV-1").await;
        let one = &list(&listed, "payments")[0];
        assert_eq!((text(one, "/started_by_name"), one.get("started_by")), ("Nora Nord".to_owned(), None), "{one}");
        assert_eq!(text(one, "/started_through/link"), stage.link, "{one}");
        assert!(text(one, "/started_through/contact").starts_with("ct_"), "{one}");
    });
}

/// Proves: 23, 27
#[test]
fn another_link_is_told_that_nothing_is_due_and_not_who_pays() {
    run(async {
        let stage = Stage::set(kit(), 10_000).await;
        let (_, other) = link_for(stage.kit, &stage.owner, "Theo Third").await;
        let (payment, url) = stage.started().await;
        let refused = pay(stage.kit, &other).await.refused(409, "conflict");
        let said = refused.to_string();
        assert!(said.contains("only 0 is due") && text(&refused, "/state") == "open", "{said}");
        assert!(!said.contains("Nora Nord") && !said.contains(&payment), "{said}");
        let refused = page(stage.kit, &other).await;
        assert!(
            refused.status == 409 && refused.text().contains("Somebody is paying this invoice"),
            "{}",
            refused.text()
        );
        let shown = opened(stage.kit, &other).await;
        assert_eq!((&shown["may_pay"], shown.get("paying_minor")), (&json!(false), None), "{shown}");
        // People of the company see who pays.
        let body = json!({ "invoice": "INV-1", "amount_minor": 10_000, "currency": "EUR" });
        let by_owner = stage.kit.api.post("/v1/payments").by(&stage.owner.person).within(&stage.owner.here).json(body);
        let refused = by_owner.refused(409, "conflict").await;
        assert_eq!(text(&refused, "/payments/0/started_by_name"), "Nora Nord", "{refused}");
        assert_eq!(text(&refused, "/payments/0/started_through/link"), stage.link, "{refused}");

        checkout::pay_on_page(stage.kit, &url, "pm_card_visa").await;
        story::payment_settles(stage.kit, &stage.owner, &payment).await;
        assert_eq!(text(&pay(stage.kit, &other).await.refused(409, "conflict"), "/state"), "settled");
    });
}

/// Who holds a link would otherwise pay where contacts may not, or after they lost what the link rests on.
/// Proves: H3, N4, 9
#[test]
fn a_link_pays_only_while_it_opens_and_its_contacts_may_pay() {
    run(async {
        let stage = Stage::set(kit(), 10_000).await;
        let (kit, owner) = (stage.kit, &stage.owner);
        settings(kit, owner, json!(["comment", "forward"])).await;
        assert_eq!(stage.shown().await["may_pay"], false);
        stage.pay().await.refused(403, "not-granted");
        let refused = page(kit, &stage.path).await;
        assert!(
            refused.status == 403 && refused.text().contains("You cannot pay through this link"),
            "{}",
            refused.text()
        );
        settings(kit, owner, json!(["comment", "forward", "pay"])).await;

        let may = json!(["invoices.view", "sales.forward"]);
        let narrow = contact(kit, owner, "Nina Narrow", Some(may)).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let (_, forwarded) = forward(kit, &narrow, "invoices/INV-1", &friend).await;
        let (_, own) = send(kit, owner, ("invoice", "INV-1"), &narrow.id, &narrow.person.email).await;
        for path in [&forwarded, &own] {
            assert_eq!(opened(kit, path).await["may_pay"], false);
            pay(kit, path).await.refused(403, "not-granted");
        }
        let wide = contact(kit, owner, "Wanda Wide", None).await;
        let (_, passed_on) = forward(kit, &wide, "invoices/INV-1", &friend).await;
        assert_eq!(opened(kit, &passed_on).await["may_pay"], true);

        let (expired, path) = link_for(kit, owner, "Ella Ended").await;
        let_its_days_pass(kit, owner, &expired).await;
        assert_eq!(text(&pay(kit, &path).await.refused(410, "gone"), "/state"), "expired");
        pay(kit, &path.replace(&expired, "dl_00000000000070008000000000000000")).await.refused(404, "not-found");
        let (revoked, path) = link_for(kit, owner, "Rita Revoked").await;
        let ended = kit.api.delete(&format!("/v1/document-links/{revoked}")).by(&owner.person).within(&owner.here);
        assert_eq!(ended.send().await.status, 204);
        withdrawn(kit, &path).await;
        pay(kit, &path).await.refused(410, "gone");
        assert_eq!(page(kit, &path).await.status, 410);
        assert_eq!(stage.count("payment.started").await, 0);
    });
}

/// Proves: F12
#[test]
fn only_an_open_invoice_that_is_paid_online_is_paid_through_a_link() {
    run(async {
        let kit = kit();
        let mut by_transfer = machine::invoice("INV-1", 10_000);
        by_transfer["payment_options"] = json!(["bank_transfer"]);
        let stage = Stage::with(kit, by_transfer).await;
        assert_eq!(stage.shown().await["may_pay"], false);
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "open");

        let stage = Stage::set(kit, 10_000).await;
        let company = stage.owner.company.id.as_str();
        let mut void = machine::invoice("INV-1", 10_000);
        void["status"] = json!("void");
        stage.ledger.put(kit, company, "invoices", "INV-1", void).await.ok(200);
        assert_eq!(stage.shown().await["may_pay"], false);
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "void");

        // Less than the provider takes.
        let stage = Stage::set(kit, 49).await;
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "open");

        stage.ledger.estimate(kit, &stage.owner.company.id, "EST-1", 4_200).await;
        let email = people::address("Edna Estimate");
        let id = cast::add_contact(kit, &stage.owner, CUSTOMER, "Edna Estimate", &email).await;
        let (_, path) = send(kit, &stage.owner, ("estimate", "EST-1"), &id, &email).await;
        assert_eq!(text(&pay(kit, &path).await.refused(409, "conflict"), "/state"), "no_invoice");
    });
}

/// Proves: 27, F11
#[test]
fn an_amount_is_free_again_when_its_page_ends() {
    run(async {
        let stage = Stage::set(kit(), 10_000).await;
        let (payment, url) = stage.started().await;
        assert_eq!(stage.due().await, 0);
        checkout::tamper_session(stage.kit, &url, &json!({ "status": "expired" })).await;
        stage.ends_as(&payment, "canceled").await;
        assert_eq!(stage.due().await, 10_000);
        assert_eq!(checkout::pay_on_page(stage.kit, &url, "pm_card_visa").await.0, 410);

        // Where the webhook is lost, the holder's next try finds out, and starts anew.
        let (second, url) = stage.started().await;
        assert_ne!(second, payment);
        checkout::tamper_session(stage.kit, &url, &json!({ "status": "expired", "notify": false })).await;
        let (third, url) = stage.started().await;
        assert_ne!(third, second);
        assert_eq!((stage.status_of(&second).await, stage.due().await), ("canceled".to_owned(), json!(0)));
        // And so does the schedule.
        checkout::tamper_session(stage.kit, &url, &json!({ "status": "expired", "notify": false })).await;
        stage.reconcile().await;
        assert_eq!((stage.status_of(&third).await, stage.due().await), ("canceled".to_owned(), json!(10_000)));
        assert_eq!((stage.count("payment.failed").await, stage.count("payment.succeeded").await), (3, 0));
    });
}

/// Proves: F11, 27
#[test]
fn who_paid_is_settled_by_the_schedule_or_their_next_click_when_no_webhook_comes() {
    run(async {
        let kit = kit();
        let stage = Stage::set(kit, 10_000).await;
        let (payment, url) = stage.started().await;
        stage.reconcile().await;
        assert_eq!(stage.status_of(&payment).await, "pending", "nobody paid yet");
        checkout::pay_silently_on_page(kit, &url).await;
        for _ in 0..2 {
            stage.reconcile().await;
        }
        assert_eq!(stage.status_of(&payment).await, "succeeded");
        assert_eq!(stage.count("payment.succeeded").await, 1);

        let stage = Stage::set(kit, 10_000).await;
        let (payment, url) = stage.started().await;
        checkout::pay_silently_on_page(kit, &url).await;
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "succeeded");
        assert_eq!(stage.status_of(&payment).await, "succeeded");
        assert_eq!(text(&stage.shown().await, "/invoice_status"), "paid");
    });
}

/// Proves: 16, 27
#[test]
fn a_session_that_disagrees_with_our_record_settles_nothing() {
    run(async {
        let kit = kit();
        for change in [json!({ "amount_total": 1 }), json!({ "currency": "usd" })] {
            let stage = Stage::set(kit, 10_000).await;
            let (payment, url) = stage.started().await;
            checkout::pay_silently_on_page(kit, &url).await;
            checkout::tamper_session(kit, &url, &change).await;
            disagrees(&stage, &payment).await;
        }
        let stage = Stage::set(kit, 10_000).await;
        let (payment, url) = stage.started().await;
        let intent = checkout::pay_silently_on_page(kit, &url).await;
        checkout::tamper(kit, &intent, &json!({ "amount_received": 9_999 })).await;
        disagrees(&stage, &payment).await;
    });
}

async fn disagrees(stage: &Stage<'_>, payment: &str) {
    let rig = Rig::of(stage.kit, "reconcile").await;
    let reconcile = rig.start().await;
    invoke(&reconcile, &json!({ "schedule": "payments" })).await;
    let is_named = |line: &String| line.contains("a payment cannot be checked") && line.contains(payment);
    eventually("the payment is named", async || reconcile.log().iter().any(is_named).then_some(())).await;
    eventually("the metric is written", async || metric_in(&reconcile.log(), "PaymentDisagreement", 1)).await;
    assert_eq!((stage.status_of(payment).await, stage.count("payment.succeeded").await), ("pending".to_owned(), 0));
}

/// Proves: 5, 27
#[test]
fn people_who_manage_payments_end_one_through_a_link_and_contacts_do_not() {
    run(async {
        let kit = kit();
        let stage = Stage::set(kit, 10_000).await;
        let clara = contact(kit, &stage.owner, "Clara Contact", None).await;
        let (payment, url) = stage.started().await;
        let seen = kit.api.get(&format!("/v1/customer-portal/invoices/INV-1/payments/{payment}"));
        let seen = seen.by(&clara.person).within(&clara.here).ok(200).await;
        assert_eq!(seen["payment"]["own"], false, "{seen}");
        let cancel = format!("/v1/customer-portal/invoices/INV-1/payments/{payment}/cancel");
        kit.api.post(&cancel).by(&clara.person).within(&clara.here).refused(403, "not-granted").await;

        let cancel = || {
            kit.api.post(&format!("/v1/payments/{payment}/cancel")).by(&stage.owner.person).within(&stage.owner.here)
        };
        assert_eq!(text(&cancel().ok(200).await, "/payment/status"), "canceled");
        assert_eq!(checkout::pay_on_page(kit, &url, "pm_card_visa").await.0, 410, "a canceled payment took money");
        assert_eq!(stage.due().await, 10_000);

        // The first one decides.
        let (payment, url) = stage.started().await;
        checkout::pay_silently_on_page(kit, &url).await;
        let cancel = kit.api.post(&format!("/v1/payments/{payment}/cancel"));
        let late = cancel.by(&stage.owner.person).within(&stage.owner.here).refused(409, "conflict").await;
        assert_eq!(text(&late, "/state"), "succeeded");
        assert_eq!(stage.status_of(&payment).await, "succeeded");
    });
}

/// Proves: U2, 27
#[test]
fn a_bank_debit_is_on_its_way_until_the_bank_decides_and_a_declined_card_may_be_tried_again() {
    run(async {
        let kit = kit();
        let stage = Stage::set(kit, 10_000).await;
        let (payment, url) = stage.started().await;
        assert_eq!(checkout::pay_on_page(kit, &url, "pm_card_visa_chargeDeclined").await.0, 402);
        assert_eq!(stage.started().await, (payment.clone(), url.clone()), "the page is still open");
        assert_eq!(checkout::pay_on_page(kit, &url, "pm_usBankAccount_success").await.0, 303);
        assert_eq!(text(&stage.pay().await.refused(409, "conflict"), "/state"), "pending");
        let waiting = page(kit, &stage.path).await;
        assert!(waiting.text().contains("Your payment is on its way"), "{}", waiting.text());
        let intent = checkout::intent_of_session(kit, &url).await;
        checkout::tamper(kit, &intent, &json!({ "status": "requires_payment_method" })).await;
        stage.ends_as(&payment, "canceled").await;
        assert_eq!(stage.due().await, 10_000);

        let (payment, url) = stage.started().await;
        checkout::pay_on_page(kit, &url, "pm_usBankAccount_success").await;
        let intent = checkout::intent_of_session(kit, &url).await;
        checkout::tamper(kit, &intent, &json!({ "status": "succeeded" })).await;
        story::payment_settles(kit, &stage.owner, &payment).await;
        // What goes back of it is told by its intent.
        checkout::refund(kit, &intent, 4_000).await;
        let refunded = async || {
            let shown = stage.as_owner(&format!("/v1/payments/{payment}")).await;
            (shown["payment"]["refunded_minor"] == 4_000).then_some(())
        };
        eventually("the refund", refunded).await;
        assert_eq!(stage.due().await, 4_000);
    });
}

/// The holder's request would otherwise make a second page that takes money too.
/// Proves: F1, F11, 13
#[test]
fn many_clicks_at_once_make_one_payment_and_one_page() {
    run(async {
        let stage = Stage::set(kit(), 10_000).await;
        let mut clicks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let click = stage.kit.api.post(&format!("{}/payments", stage.path)).header("accept", "application/json");
            clicks.spawn(click.send_owned());
        }
        let answers = clicks.join_all().await;
        let mut pages: Vec<(String, String)> = answers
            .iter()
            .filter(|answer| answer.status == 201)
            .map(|answer| (text(&answer.json(), "/payment/id"), text(&answer.json(), "/provider/url")))
            .collect();
        for answer in &answers {
            assert!([201, 409, 503].contains(&answer.status), "{}: {}", answer.status, answer.text());
        }
        assert!(!pages.is_empty());
        pages.dedup();
        assert_eq!(pages.len(), 1, "{pages:?}");
        assert_eq!(stage.count("payment.started").await, 1);
    });
}
