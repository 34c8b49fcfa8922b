//! The payment provider over HTTP: what Stripe does, and the failures that a test can order.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use hmac::{Hmac, Mac};
use hyper::{Response, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use tests::{
    provider::{API_KEY, Config, Provider},
    wire::{Reply, Server},
};

const CREATE: &str = "/v1/payment_intents";
const PAY_100: &[(&str, &str)] = &[
    ("amount", "10000"),
    ("currency", "eur"),
    ("metadata[payment]", "py_1"),
    ("automatic_payment_methods[enabled]", "true"),
];

pub(super) struct Shop {
    provider: Provider,
    http: reqwest::Client,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) replayed: bool,
    pub(super) body: Value,
}

impl Shop {
    pub(super) async fn open() -> Self {
        let provider = Provider::start(Config::default()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        Self { provider, http }
    }

    pub(super) fn url(&self) -> String {
        self.provider.url()
    }

    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        key: Option<&str>,
        form: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.provider.url()));
        request = request.bearer_auth(bearer);
        if method == Method::POST {
            request = request.form(form);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await?;
        Ok(Answer {
            status: answer.status().as_u16(),
            replayed: answer.headers().contains_key("idempotent-replayed"),
            body: answer.json().await?,
        })
    }

    pub(super) async fn post(&self, path: &str, key: Option<&str>, form: &[(&str, &str)]) -> Answer {
        self.call(Method::POST, path, API_KEY, key, form).await.unwrap()
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, API_KEY, None, &[]).await.unwrap()
    }

    /// Confirms as the payer's browser does.
    async fn confirm(&self, intent: &Value, payment_method: &str) -> Answer {
        let path = format!("{CREATE}/{}/confirm", intent["id"].as_str().unwrap());
        let form = [("payment_method", payment_method), ("client_secret", intent["client_secret"].as_str().unwrap())];
        self.call(Method::POST, &path, "pk_test_local", None, &form).await.unwrap()
    }

    pub(super) async fn admin(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self
            .http
            .request(method, format!("{}/_admin/{path}", self.provider.url()))
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(super) async fn intents(&self) -> Vec<Value> {
        let answer = self.admin(Method::GET, "payment_intents", json!({})).await;
        answer["data"].as_array().unwrap().clone()
    }
}

/// A webhook endpoint which keeps what arrives, and answers with the statuses it was given, then 200.
pub(super) struct Endpoint {
    server: Server,
    seen: Arc<Mutex<Vec<(String, Bytes)>>>,
}

impl Endpoint {
    pub(super) async fn start(statuses: &[u16]) -> Self {
        let seen: Arc<Mutex<Vec<(String, Bytes)>>> = Arc::default();
        let statuses = Arc::new(Mutex::new(statuses.to_vec()));
        let server = {
            let seen = Arc::clone(&seen);
            Server::start(0, None, move |request: hyper::Request<Bytes>| {
                let signature = request.headers()["stripe-signature"].to_str().unwrap().to_owned();
                seen.lock().unwrap().push((signature, request.into_body()));
                let mut statuses = statuses.lock().unwrap();
                let status = if statuses.is_empty() { 200 } else { statuses.remove(0) };
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                async move { Reply::Answer(response) }
            })
            .await
            .unwrap()
        };
        Self { server, seen }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v1/webhooks/stripe", self.server.address())
    }

    /// What has arrived, once there is this much of it, and a little later still no more.
    pub(super) async fn settled(&self, count: usize) -> Vec<(String, Bytes)> {
        self.settled_about("", count).await
    }

    /// The same of the events whose type begins so: what happened before may still be on its way.
    pub(super) async fn settled_about(&self, kind: &str, count: usize) -> Vec<(String, Bytes)> {
        let arrived = || {
            let mut seen = self.seen.lock().unwrap().clone();
            seen.retain(|one| kinds(std::slice::from_ref(one))[0].starts_with(kind));
            seen
        };
        for _ in 0..300 {
            if arrived().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let seen = arrived();
        assert_eq!(seen.len(), count, "{seen:?}");
        seen
    }
}

pub(super) fn kinds(seen: &[(String, Bytes)]) -> Vec<String> {
    seen.iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_intent_is_made_looked_up_and_charged() {
    let shop = Shop::open().await;
    let made = shop.post(CREATE, None, PAY_100).await;
    assert_eq!(made.status, 200, "{made:?}");
    let intent = made.body;
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["amount"], 10_000);
    assert_eq!(intent["amount_received"], 0);
    assert_eq!(intent["livemode"], false);
    assert_eq!(intent["metadata"], json!({ "payment": "py_1" }));
    let id = intent["id"].as_str().unwrap();
    assert!(intent["client_secret"].as_str().unwrap().starts_with(&format!("{id}_secret_")));

    let charged = shop.confirm(&intent, "pm_card_visa").await;
    assert_eq!((charged.status, &charged.body["status"]), (200, &json!("succeeded")));
    let seen = shop.get(&format!("{CREATE}/{id}")).await;
    assert_eq!(seen.body["amount_received"], 10_000);
    assert_eq!(shop.get(CREATE).await.body["data"][0]["id"], id);

    let again = shop.confirm(&intent, "pm_card_visa").await;
    assert_eq!(again.status, 400);
    assert_eq!(again.body["error"]["code"], "payment_intent_unexpected_state");
    assert_eq!(shop.intents().await[0]["charges"], 1);
}

#[tokio::test]
async fn a_declined_card_is_a_402_and_can_be_tried_again() {
    let shop = Shop::open().await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    let declined = shop.confirm(&intent, "pm_card_visa_chargeDeclined").await;
    assert_eq!(declined.status, 402);
    let error = &declined.body["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!("card_error"), &json!("card_declined")));
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    assert_eq!(shop.confirm(&intent, "pm_card_visa").await.status, 200);
}

#[tokio::test]
async fn a_canceled_intent_cannot_be_charged_and_a_charged_one_cannot_be_canceled() {
    let shop = Shop::open().await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    let cancel = format!("{CREATE}/{}/cancel", intent["id"].as_str().unwrap());
    let canceled = shop.post(&cancel, None, &[("cancellation_reason", "abandoned")]).await;
    assert_eq!(canceled.body["status"], "canceled");
    assert_eq!(shop.confirm(&intent, "pm_card_visa").await.status, 400);

    let intent = shop.post(CREATE, None, PAY_100).await.body;
    shop.confirm(&intent, "pm_card_visa").await;
    let cancel = format!("{CREATE}/{}/cancel", intent["id"].as_str().unwrap());
    assert_eq!(shop.post(&cancel, None, &[]).await.status, 400);
}

#[tokio::test]
async fn bad_requests_are_refused_in_stripes_shape() {
    let shop = Shop::open().await;
    for (form, code) in [
        (&[("currency", "eur")][..], "parameter_missing"),
        (&[("amount", "1.5"), ("currency", "eur")], "parameter_invalid_integer"),
        (&[("amount", "-5"), ("currency", "eur")], "parameter_invalid_integer"),
        (&[("amount", "49"), ("currency", "eur")], "amount_too_small"),
        (&[("amount", "100000000"), ("currency", "eur")], "amount_too_large"),
        (&[("amount", "100"), ("currency", "euro")], "parameter_invalid_string"),
        (&[("amount", "100"), ("currency", "eur"), ("colour", "red")], "parameter_unknown"),
    ] {
        let refused = shop.post(CREATE, None, form).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (400, &json!(code)), "{form:?}");
        assert_eq!(refused.body["error"]["type"], "invalid_request_error");
    }
    assert_eq!(shop.get(&format!("{CREATE}/pi_none")).await.status, 404);
    assert_eq!(shop.get("/v1/charges").await.status, 404);
    assert!(shop.intents().await.is_empty());
}

#[tokio::test]
async fn only_the_keys_of_the_account_open_it() {
    let shop = Shop::open().await;
    let wrong = shop.call(Method::POST, CREATE, "sk_test_other", None, PAY_100).await.unwrap();
    assert_eq!(wrong.status, 401);
    let browser = shop.call(Method::POST, CREATE, "pk_test_local", None, PAY_100).await.unwrap();
    assert_eq!(browser.status, 403);
    let basic = shop
        .http
        .post(format!("{}{CREATE}", shop.provider.url()))
        .basic_auth(API_KEY, Some(""))
        .form(PAY_100)
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 200);
    let intent: Value = basic.json().await.unwrap();
    let path = format!("{CREATE}/{}/confirm", intent["id"].as_str().unwrap());
    let form = [("payment_method", "pm_card_visa"), ("client_secret", "pi_other_secret_x")];
    let stranger = shop.call(Method::POST, &path, "pk_test_local", None, &form).await.unwrap();
    assert_eq!(stranger.status, 404);
    assert_eq!(shop.intents().await[0]["charges"], 0);
}

/// Proves: M13
#[tokio::test]
async fn an_idempotency_key_is_honoured_as_stripe_honours_it() {
    let shop = Shop::open().await;
    let first = shop.post(CREATE, Some("k-1"), PAY_100).await;
    let again = shop.post(CREATE, Some("k-1"), PAY_100).await;
    assert!(!first.replayed && again.replayed);
    assert_eq!(first.body, again.body);
    let other = shop.post(CREATE, Some("k-1"), &[("amount", "20000"), ("currency", "eur")]).await;
    assert_eq!((other.status, &other.body["error"]["type"]), (400, &json!("idempotency_error")));
    assert_eq!(shop.intents().await.len(), 1);

    // A request that was refused leaves its key unused.
    assert_eq!(shop.post(CREATE, Some("k-2"), &[("amount", "0"), ("currency", "eur")]).await.status, 400);
    assert_eq!(shop.post(CREATE, Some("k-2"), PAY_100).await.status, 200);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let shop = Shop::open().await;
    let slow = json!({ "operation": "create", "fault": "delay", "delay_ms": 400 });
    shop.admin(Method::POST, "fail_next", slow).await;
    let (first, second) = tokio::join!(shop.post(CREATE, Some("k"), PAY_100), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        shop.post(CREATE, Some("k"), PAY_100).await
    });
    assert_eq!(first.status, 200);
    assert_eq!((second.status, &second.body["error"]["code"]), (409, &json!("idempotency_key_in_use")));
    assert!(shop.post(CREATE, Some("k"), PAY_100).await.replayed);
}

/// Proves: F11
#[tokio::test]
async fn a_lost_reply_was_carried_out_and_its_key_knows() {
    let shop = Shop::open().await;
    shop.admin(Method::POST, "fail_next", json!({ "operation": "create", "fault": "drop_reply" })).await;
    shop.call(Method::POST, CREATE, API_KEY, Some("k"), PAY_100).await.unwrap_err();
    let retried = shop.post(CREATE, Some("k"), PAY_100).await;
    assert_eq!((retried.status, retried.replayed), (200, true));
    assert_eq!(shop.intents().await.len(), 1);
    let calls = shop.admin(Method::GET, "requests", json!({})).await;
    assert_eq!(calls["data"][0]["reply_lost"], true);
}

#[tokio::test]
async fn a_500_after_the_charge_is_followed_by_the_truth_or_kept_as_ordered() {
    let shop = Shop::open().await;
    for (fault, then) in [("error_after", 200), ("error_replayed", 500)] {
        shop.admin(Method::POST, "fail_next", json!({ "fault": fault })).await;
        assert_eq!(shop.post(CREATE, Some(fault), PAY_100).await.status, 500);
        let retried = shop.post(CREATE, Some(fault), PAY_100).await;
        assert_eq!((retried.status, retried.replayed), (then, true), "{fault}");
    }
    // Both were carried out all the same.
    assert_eq!(shop.intents().await.len(), 2);
}

#[tokio::test]
async fn a_request_refused_for_now_can_be_sent_again() {
    let shop = Shop::open().await;
    for (fault, status) in [("error_before", 500), ("rate_limit", 429)] {
        shop.admin(Method::POST, "fail_next", json!({ "fault": fault })).await;
        assert_eq!(shop.post(CREATE, Some(fault), PAY_100).await.status, status);
        let retried = shop.post(CREATE, Some(fault), PAY_100).await;
        assert_eq!((retried.status, retried.replayed), (200, false));
    }
}

#[tokio::test]
async fn a_webhook_is_signed_and_comes_twice() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[]).await;
    let webhook = json!({ "url": endpoint.url(), "secrets": ["whsec_old", "whsec_new"] });
    shop.admin(Method::PUT, "webhook", webhook).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    shop.confirm(&intent, "pm_card_visa").await;
    let seen = endpoint.settled(2).await;
    assert_eq!(seen[0].1, seen[1].1, "the same event, byte for byte");
    let event: Value = serde_json::from_slice(&seen[0].1).unwrap();
    assert_eq!(event["type"], "payment_intent.succeeded");
    assert_eq!(event["object"], "event");
    assert_eq!(event["livemode"], false);
    assert_eq!(event["data"]["object"]["id"], intent["id"]);
    assert_eq!(event["data"]["object"]["status"], "succeeded");

    let (signature, body) = &seen[0];
    let time = signature.split(',').next().unwrap().strip_prefix("t=").unwrap();
    for secret in ["whsec_old", "whsec_new"] {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(signature.contains(&format!("v1={hex}")), "{secret}: {signature}");
    }
}

#[tokio::test]
async fn a_webhook_that_is_refused_comes_again() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[500, 503]).await;
    shop.admin(Method::PUT, "webhook", json!({ "url": endpoint.url() })).await;
    shop.admin(Method::PUT, "deliveries", json!({ "times": 1 })).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    shop.confirm(&intent, "pm_card_visa").await;
    endpoint.settled(3).await;
    let deliveries = shop.admin(Method::GET, "deliveries", json!({})).await;
    let statuses: Vec<&Value> = deliveries["data"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [500, 503, 200]);
}

/// Proves: F11
#[tokio::test]
async fn webhooks_can_come_reversed_or_be_lost_and_sent_later() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[]).await;
    shop.admin(Method::PUT, "webhook", json!({ "url": endpoint.url() })).await;
    shop.admin(Method::PUT, "deliveries", json!({ "times": 1, "reversed": true })).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    shop.confirm(&intent, "pm_card_visa_chargeDeclined").await;
    shop.confirm(&intent, "pm_card_visa").await;
    let seen = endpoint.settled(2).await;
    assert_eq!(kinds(&seen), ["payment_intent.succeeded", "payment_intent.payment_failed"]);

    shop.admin(Method::PUT, "deliveries", json!({ "drop": true })).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    shop.confirm(&intent, "pm_card_visa").await;
    endpoint.settled(2).await;
    let events = shop.admin(Method::GET, "events", json!({})).await;
    let lost = events["data"].as_array().unwrap().last().unwrap().clone();
    let path = format!("events/{}/redeliver", lost["id"].as_str().unwrap());
    shop.admin(Method::POST, &path, json!({ "times": 5, "concurrent": true })).await;
    endpoint.settled(7).await;
}

#[tokio::test]
async fn an_intent_can_be_settled_behind_the_callers_back() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[]).await;
    shop.admin(Method::PUT, "webhook", json!({ "url": endpoint.url() })).await;
    shop.admin(Method::PUT, "deliveries", json!({ "times": 1 })).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    assert_eq!(shop.confirm(&intent, "pm_usBankAccount_success").await.body["status"], "processing");
    let path = format!("payment_intents/{}", intent["id"].as_str().unwrap());
    let change = json!({ "status": "succeeded", "amount_received": 1, "currency": "usd" });
    let changed = shop.admin(Method::POST, &path, change).await;
    assert_eq!((&changed["amount_received"], &changed["currency"]), (&json!(1), &json!("usd")));
    let seen = endpoint.settled(2).await;
    assert_eq!(kinds(&seen), ["payment_intent.processing", "payment_intent.succeeded"]);
}

#[tokio::test]
async fn a_charge_is_refunded_in_parts_up_to_what_was_taken() {
    let shop = Shop::open().await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    let id = intent["id"].as_str().unwrap();
    let refund =
        async |amount: &str| shop.post("/v1/refunds", None, &[("payment_intent", id), ("amount", amount)]).await;
    assert_eq!(refund("1").await.status, 400, "nothing was taken yet");
    shop.confirm(&intent, "pm_card_visa").await;
    let first = refund("4000").await;
    assert_eq!((first.status, &first.body["object"]), (200, &json!("refund")));
    assert_eq!(refund("6001").await.status, 400);
    assert_eq!(refund("6000").await.status, 200);
    let expanded = shop.get(&format!("{CREATE}/{id}?expand%5B%5D=latest_charge")).await.body;
    let charge = &expanded["latest_charge"];
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(10_000), &json!(true)));
    // A refund of it fails: the money comes back.
    let path = format!("refunds/{}/fail", first.body["id"].as_str().unwrap());
    assert_eq!(shop.admin(Method::POST, &path, json!({})).await["status"], "failed");
    let expanded = shop.get(&format!("{CREATE}/{id}?expand%5B%5D=latest_charge")).await.body;
    assert_eq!(expanded["latest_charge"]["amount_refunded"], 6_000);
    assert!(shop.get(&format!("{CREATE}/{id}")).await.body["latest_charge"].is_string());
}

#[tokio::test]
async fn a_dispute_moves_money_until_evidence_wins_it() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[]).await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    let id = intent["id"].as_str().unwrap();
    shop.confirm(&intent, "pm_card_visa").await;
    shop.admin(Method::PUT, "webhook", json!({ "url": endpoint.url() })).await;
    shop.admin(Method::PUT, "deliveries", json!({ "times": 1, "concurrent": false })).await;
    let opened = shop.admin(Method::POST, &format!("payment_intents/{id}/disputes"), json!({ "amount": 700 })).await;
    let seen = endpoint.settled_about("charge.dispute.", 2).await;
    assert!(kinds(&seen).contains(&"charge.dispute.funds_withdrawn".to_owned()));
    let event: Value = serde_json::from_slice(&seen[0].1).unwrap();
    assert_eq!(
        (&event["data"]["object"]["object"], &event["data"]["object"]["payment_intent"]),
        (&json!("dispute"), &json!(id))
    );
    let net = async || {
        let disputes = shop.get(&format!("/v1/disputes?payment_intent={id}")).await.body;
        let moved = disputes["data"][0]["balance_transactions"].as_array().unwrap().clone();
        moved.iter().map(|it| it["amount"].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!(net().await, -700);
    let evidence = [("evidence[uncategorized_text]", "winning_evidence"), ("submit", "true")];
    let won = shop.post(&format!("/v1/disputes/{}", opened["id"].as_str().unwrap()), None, &evidence).await;
    assert_eq!((won.status, &won.body["status"]), (200, &json!("won")));
    assert_eq!(net().await, 0);
    assert_eq!(
        shop.post("/v1/refunds", None, &[("payment_intent", id)]).await.body["error"]["code"],
        "charge_disputed"
    );
}

#[tokio::test]
async fn a_voucher_waits_until_its_end() {
    let shop = Shop::open().await;
    let intent = shop.post(CREATE, None, PAY_100).await.body;
    let path = format!("{CREATE}/{}/confirm", intent["id"].as_str().unwrap());
    let waiting = shop.post(&path, None, &[("payment_method_data[type]", "multibanco")]).await.body;
    assert_eq!(waiting["status"], "requires_action");
    assert!(waiting["next_action"]["multibanco_display_details"]["expires_at"].is_i64(), "{waiting}");
}
