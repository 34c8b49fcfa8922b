//! The chaos proxy: each fault as a caller and the upstream see it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};
use tests::{
    chaos::{Chaos, Endpoint, Fault, Outcome, Rule},
    wire::{Identity, Reply, Server},
};

/// An upstream which answers every request with its own body, and counts.
struct Echo {
    server: Server,
    asked: Arc<AtomicUsize>,
}

impl Echo {
    async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let server = Server::start(0, None, move |request: hyper::Request<Bytes>| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move { Reply::Answer(Response::new(request.into_body())) }
        })
        .await
        .unwrap();
        Self { server, asked }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn call(chaos: &Chaos, action: &str, body: &Value) -> Result<(u16, Value), reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(chaos.endpoint())
        .header("x-amz-target", format!("DynamoDB_20120810.{action}"))
        .body(body.to_string())
        .send()
        .await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await?))
}

async fn proxy() -> (Echo, Chaos) {
    let upstream = Echo::start().await;
    let chaos = Chaos::in_front_of(&upstream.url()).await.unwrap();
    (upstream, chaos)
}

#[tokio::test]
async fn a_calm_proxy_passes_and_records() {
    let (upstream, chaos) = proxy().await;
    let body = json!({ "TableName": "t" });
    let (status, answer) = call(&chaos, "GetItem", &body).await.unwrap();
    assert_eq!((status, &answer), (200, &body));
    assert_eq!(upstream.asked(), 1);
    let exchanges = chaos.take_exchanges();
    let [exchange] = exchanges.as_slice() else { panic!("{exchanges:?}") };
    assert_eq!(exchange.action, "GetItem");
    assert_eq!(exchange.request, body);
    assert_eq!(exchange.request_bytes, body.to_string().len());
    assert_eq!(exchange.status(), Some(200));
    assert_eq!(exchange.response(), &body);
    assert_eq!(exchange.fault, None);
    assert!(chaos.exchanges().is_empty());
}

#[tokio::test]
async fn a_rule_hits_its_action_after_and_as_often_as_it_says() {
    let (upstream, chaos) = proxy().await;
    let rule = chaos.place(Rule::on("PutItem", Fault::Throttling).after(1).times(2));
    let mut statuses = Vec::new();
    for action in ["PutItem", "GetItem", "PutItem", "PutItem", "PutItem"] {
        statuses.push(call(&chaos, action, &json!({})).await.unwrap().0);
    }
    assert_eq!(statuses, [200, 200, 400, 400, 200]);
    assert_eq!(rule.hits(), 2);
    assert_eq!(upstream.asked(), 3);
    assert_eq!(chaos.count("PutItem"), 4);
}

#[tokio::test]
async fn a_rule_can_look_into_the_request() {
    let (_upstream, chaos) = proxy().await;
    chaos.place(Rule::on("PutItem", Fault::ServerError).when(|body| body["TableName"] == "b"));
    assert_eq!(call(&chaos, "PutItem", &json!({ "TableName": "a" })).await.unwrap().0, 200);
    assert_eq!(call(&chaos, "PutItem", &json!({ "TableName": "b" })).await.unwrap().0, 500);
    chaos.calm();
    assert_eq!(call(&chaos, "PutItem", &json!({ "TableName": "b" })).await.unwrap().0, 200);
}

/// Proves: M13
#[tokio::test]
async fn injected_errors_are_spelt_as_the_service_spells_them() {
    let (upstream, chaos) = proxy().await;
    let transaction = json!({ "TransactItems": [{}, {}, {}] });
    for (action, fault, error) in [
        ("GetItem", Fault::ThroughputExceeded, "ProvisionedThroughputExceededException"),
        ("GetItem", Fault::Throttling, "ThrottlingException"),
        ("GetItem", Fault::ServerError, "InternalServerError"),
        ("PutItem", Fault::TransactionConflict, "TransactionConflictException"),
        ("TransactWriteItems", Fault::TransactionConflict, "TransactionCanceledException"),
        ("TransactWriteItems", Fault::TransactionThrottled, "TransactionCanceledException"),
    ] {
        chaos.place(Rule::on(action, fault).times(1));
        let (status, answer) = call(&chaos, action, &transaction).await.unwrap();
        let wanted = format!("com.amazonaws.dynamodb.v20120810#{error}");
        assert_eq!(answer["__type"], wanted.as_str(), "{fault:?}");
        assert_eq!(status, if fault == Fault::ServerError { 500 } else { 400 });
    }
    assert_eq!(upstream.asked(), 0);
}

#[tokio::test]
async fn a_conflict_names_one_reason_per_item() {
    let (_upstream, chaos) = proxy().await;
    chaos.place(Rule::on("TransactWriteItems", Fault::TransactionConflict));
    let transaction = json!({ "TransactItems": [{}, {}] });
    let (_, answer) = call(&chaos, "TransactWriteItems", &transaction).await.unwrap();
    let codes: Vec<&Value> =
        answer["CancellationReasons"].as_array().unwrap().iter().map(|reason| &reason["Code"]).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(answer["Message"].as_str().unwrap().ends_with("[TransactionConflict, None]"));
}

#[tokio::test]
async fn a_reset_reaches_the_caller_and_not_the_upstream() {
    let (upstream, chaos) = proxy().await;
    chaos.place(Rule::on("PutItem", Fault::Reset));
    call(&chaos, "PutItem", &json!({})).await.unwrap_err();
    assert_eq!(upstream.asked(), 0);
    let exchanges = chaos.exchanges();
    // The client may have tried again on a new connection; each time in vain.
    assert!(exchanges.iter().all(|exchange| exchange.outcome == Outcome::HungUp { committed: None }));
}

/// Proves: M13
#[tokio::test]
async fn a_dropped_reply_was_committed() {
    let (upstream, chaos) = proxy().await;
    let rule = chaos.place(Rule::on("PutItem", Fault::DropReply).times(1));
    let body = json!({ "a": 1 });
    call(&chaos, "PutItem", &body).await.unwrap_err();
    assert_eq!(upstream.asked(), 1);
    assert_eq!(rule.hits(), 1);
    assert_eq!(chaos.exchanges()[0].outcome, Outcome::HungUp { committed: Some((200, body)) });
}

#[tokio::test]
async fn a_delay_delays() {
    let (upstream, chaos) = proxy().await;
    chaos.place(Rule::on_everything(Fault::Delay(Duration::from_millis(150))));
    let started = Instant::now();
    call(&chaos, "Query", &json!({})).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(upstream.asked(), 1);
    assert!(chaos.exchanges()[0].took >= Duration::from_millis(150));
}

/// Proves: M13
#[tokio::test]
async fn a_held_request_waits_before_the_upstream_and_a_held_reply_behind_it() {
    for (fault, asked_while_held) in [(Fault::Hold, 0), (Fault::HoldReply, 1)] {
        let (upstream, chaos) = proxy().await;
        let chaos = Arc::new(chaos);
        let rule = chaos.place(Rule::on("PutItem", fault));
        let caller = tokio::spawn({
            let chaos = Arc::clone(&chaos);
            async move { call(&chaos, "PutItem", &json!({})).await }
        });
        rule.reached(1).await;
        assert_eq!(upstream.asked(), asked_while_held, "{fault:?}");
        assert!(!caller.is_finished());
        assert_eq!(chaos.exchanges()[0].outcome, Outcome::Pending);
        rule.release();
        assert_eq!(caller.await.unwrap().unwrap().0, 200);
        assert_eq!(upstream.asked(), 1);
    }
}

#[tokio::test]
async fn an_absent_upstream_is_said_to_be_absent() {
    let upstream = Echo::start().await;
    let url = upstream.url();
    drop(upstream);
    let chaos = Chaos::in_front_of(&url).await.unwrap();
    let (status, answer) = call(&chaos, "GetItem", &json!({})).await.unwrap();
    assert_eq!(status, 503);
    assert!(answer["message"].as_str().unwrap().contains("no answer"), "{answer}");
}

#[tokio::test]
async fn over_tls_a_client_that_trusts_the_authority_gets_through_and_another_does_not() {
    let upstream = Echo::start().await;
    let identity = Identity::generate().unwrap();
    let endpoint = Arc::new(Endpoint::new(&upstream.url()).unwrap());
    let chaos = Chaos::start(endpoint, Some(&identity)).await.unwrap();
    assert!(chaos.endpoint().starts_with("https://localhost:"));
    let authority = reqwest::Certificate::from_pem(identity.authority_pem().as_bytes()).unwrap();
    let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    let answer = trusting.post(chaos.endpoint()).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    stranger.post(chaos.endpoint()).body("{}").send().await.unwrap_err();
    assert_eq!(upstream.asked(), 1);
}
