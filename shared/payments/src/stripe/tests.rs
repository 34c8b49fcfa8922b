//! The adapter against a provider that answers by a script.

mod sessions;

use std::sync::Mutex;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::IntentStatus;

const PAYMENT: &str = "py_0192f5c4a7b87c3d9e0f112233445566";
const COMPANY: &str = "co_0192f5c4a7b87c3d9e0f112233445566";

/// What the scripted provider does with one request.
#[derive(Clone)]
enum Step {
    /// Answers: status line and further header lines, body.
    Answer(&'static str, String),
    /// Reads the request and closes the connection.
    HangUp,
    /// Reads the request and says nothing.
    Silence,
}

/// A provider that takes the steps one request after the other, the last one for ever.
struct Provider {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    async fn playing(script: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                let turn = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request);
                    seen.len() - 1
                };
                match script[turn.min(script.len() - 1)].clone() {
                    Step::HangUp => {}
                    Step::Silence => {
                        tokio::spawn(async move {
                            sleep(Duration::from_secs(5)).await;
                            drop(stream);
                        });
                    }
                    Step::Answer(head, body) => {
                        let answer = format!(
                            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                            body.len()
                        );
                        // A client that has seen enough may be gone.
                        let _ = stream.write_all(answer.as_bytes()).await;
                    }
                }
            }
        });
        Self { url, requests }
    }

    fn stripe(&self) -> Stripe {
        self.stripe_with(r#""livemode":false,"account":null"#)
    }

    fn stripe_with(&self, rest: &str) -> Stripe {
        let json = format!(r#"{{"api_key":"sk_test_canary","webhook_secrets":["whsec_a"],{rest}}}"#);
        let secrets = Arc::new(ProviderSecrets::from_json(&json).unwrap());
        let mut stripe = Stripe::new(&self.url, secrets).unwrap();
        stripe.pace = Pace {
            connect: Duration::from_millis(300),
            attempt: Duration::from_millis(300),
            call: Duration::from_secs(3),
            max_attempts: 3,
            backoff: Backoff::new(Duration::from_millis(2), Duration::from_secs(1), Jitter::Half),
        };
        stripe
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        assert!(count > 0, "the request ended early: {text}");
    }
}

fn intent(status: &str) -> String {
    format!(
        r#"{{"id":"pi_1","object":"payment_intent","status":"{status}","amount":123456,
        "amount_received":0,"currency":"eur","client_secret":"pi_1_secret_canary",
        "metadata":{{"payment":"{PAYMENT}"}},"livemode":false}}"#
    )
}

fn ok(status: &str) -> Step {
    Step::Answer("200 OK", intent(status))
}

fn error(head: &'static str, kind: &str, code: &str) -> Step {
    let body = format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"Internal: acct_canary"}}}}"#);
    Step::Answer(head, body)
}

async fn create(stripe: &Stripe) -> Result<Intent, ProviderError> {
    create_for(stripe, 123_456, "EUR").await
}

async fn create_for(stripe: &Stripe, minor: i64, code: &str) -> Result<Intent, ProviderError> {
    let new = NewIntent {
        payment_id: &PAYMENT.parse().unwrap(),
        company_id: &COMPANY.parse().unwrap(),
        invoice_reference: &"INV-2026.17".parse().unwrap(),
        amount: minor.try_into().unwrap(),
        currency: code.parse().unwrap(),
        description: "Invoice 2026-17 & more\r\n",
    };
    stripe.create_intent(&new).await
}

fn unavailable(answer: &Result<Intent, ProviderError>) -> bool {
    matches!(answer, Err(ProviderError::Unavailable { .. }))
}

#[tokio::test]
async fn an_intent_is_made_with_everything_stripe_needs() {
    let provider = Provider::playing(vec![ok("requires_payment_method")]).await;
    let intent = create(&provider.stripe()).await.unwrap();
    assert_eq!(intent.status, IntentStatus::RequiresPaymentMethod);
    assert_eq!(intent.client_secret.unwrap().expose_secret(), "pi_1_secret_canary");

    let request = provider.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/payment_intents HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    for line in [
        "authorization: bearer sk_test_canary",
        "stripe-version: 2026-09-30.endive",
        "content-type: application/x-www-form-urlencoded",
        &format!("idempotency-key: {PAYMENT}"),
    ] {
        assert!(head.lines().any(|l| l == line), "{line} in {head}");
    }
    assert!(!head.contains("stripe-account"));
    assert_eq!(
        body,
        format!(
            "amount=123456&currency=eur&automatic_payment_methods%5Benabled%5D=true\
             &description=Invoice+2026-17+%26+more&metadata%5Bpayment%5D={PAYMENT}\
             &metadata%5Bcompany%5D={COMPANY}&metadata%5Binvoice%5D=INV-2026.17"
        )
    );
}

#[tokio::test]
async fn a_connected_account_is_named_in_every_request() {
    let provider = Provider::playing(vec![ok("processing")]).await;
    let stripe = provider.stripe_with(r#""livemode":false,"account":"acct_1N""#);
    stripe.intent_by_id("pi_1").await.unwrap();
    assert!(provider.requests()[0].to_ascii_lowercase().contains("stripe-account: acct_1n\r\n"));
}

/// Proves: F11
#[tokio::test]
async fn what_passes_is_tried_again_with_the_same_key() {
    for trouble in [
        Step::HangUp,
        Step::Silence,
        error("500 Internal Server Error", "api_error", ""),
        error("503 Service Unavailable", "api_error", ""),
        error("429 Too Many Requests", "invalid_request_error", "rate_limit"),
        error("409 Conflict", "idempotency_error", "idempotency_key_in_use"),
        error("400 Bad Request\r\nStripe-Should-Retry: true", "invalid_request_error", "x"),
        Step::Answer("502 Bad Gateway", "<html>".into()),
    ] {
        let script = vec![trouble.clone(), trouble, ok("requires_payment_method")];
        let provider = Provider::playing(script).await;
        assert_eq!(create(&provider.stripe()).await.unwrap().id, "pi_1");
        let requests = provider.requests();
        assert_eq!(requests.len(), 3);
        assert!(requests.iter().all(|request| request.contains(PAYMENT)));
        assert_eq!(requests[0], requests[2]);
    }
}

#[tokio::test]
async fn tries_are_bounded() {
    for trouble in [
        Step::HangUp,
        Step::Silence,
        error("500 Internal Server Error\r\nRequest-Id: req_1", "api_error", ""),
        error("409 Conflict", "idempotency_error", "idempotency_key_in_use"),
    ] {
        let provider = Provider::playing(vec![trouble]).await;
        let answer = create(&provider.stripe()).await;
        assert!(unavailable(&answer), "{answer:?}");
        assert_eq!(provider.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_call_ends_with_its_time_however_many_tries_are_left() {
    let provider = Provider::playing(vec![Step::Silence]).await;
    let mut stripe = provider.stripe();
    stripe.pace.call = Duration::from_millis(400);
    let begun = Instant::now();
    assert!(unavailable(&create(&stripe).await));
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
    assert_eq!(provider.requests().len(), 2);
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let provider = Provider { url, requests: Arc::default() };
    let answer = create(&provider.stripe()).await;
    assert_eq!(answer.unwrap_err(), ProviderError::Unavailable { reason: "no connection".into() });
}

/// Proves: F11
#[tokio::test]
async fn a_replayed_failure_ends_the_payment_instead_of_being_tried_for_ever() {
    let replayed = "500 Internal Server Error\r\nIdempotent-Replayed: true\r\nRequest-Id: req_2";
    let provider =
        Provider::playing(vec![error("500 Internal Server Error", "api_error", ""), error(replayed, "api_error", "")])
            .await;
    let answer = create(&provider.stripe()).await.unwrap_err();
    assert!(matches!(&answer, ProviderError::KeySpent { reason } if reason.contains("req_2")), "{answer:?}");
    assert_eq!(provider.requests().len(), 2);
}

#[tokio::test]
async fn what_stripe_says_not_to_repeat_is_not_repeated() {
    for (head, lasting) in [
        ("500 Internal Server Error\r\nStripe-Should-Retry: false", false),
        ("429 Too Many Requests\r\nStripe-Should-Retry: false", false),
        ("409 Conflict\r\nStripe-Should-Retry: false", true),
    ] {
        let provider = Provider::playing(vec![error(head, "api_error", "x")]).await;
        let answer = create(&provider.stripe()).await;
        assert_eq!(unavailable(&answer), !lasting, "{head}: {answer:?}");
        assert_eq!(provider.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_tells_the_payer_nothing_internal() {
    for (head, kind, code, expected) in [
        ("400 Bad Request", "invalid_request_error", "parameter_unknown", "refused"),
        ("400 Bad Request", "idempotency_error", "", "refused"),
        ("400 Bad Request", "invalid_request_error", "amount_too_small", "too small"),
        ("400 Bad Request", "invalid_request_error", "amount_too_large", "too large"),
    ] {
        let provider = Provider::playing(vec![error(head, kind, code)]).await;
        let Err(ProviderError::Refused { code: told, message }) = create(&provider.stripe()).await else {
            panic!("{code} is not a refusal");
        };
        assert_eq!(told, if code.is_empty() { kind } else { code });
        assert!(message.contains(expected) && !message.contains("canary"), "{message}");
        assert_eq!(provider.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_card_error_is_told_in_stripes_words() {
    let body = r#"{"error":{"type":"card_error","code":"card_declined",
        "message":"Your card was declined.\u0007"}}"#;
    let provider = Provider::playing(vec![Step::Answer("402 Payment Required", body.into())]).await;
    assert_eq!(
        create(&provider.stripe()).await.unwrap_err(),
        ProviderError::Refused { code: "card_declined".into(), message: "Your card was declined.".into() }
    );
}

#[tokio::test]
async fn a_wrong_key_or_address_is_a_misconfiguration() {
    for step in [
        error("401 Unauthorized", "invalid_request_error", ""),
        error("403 Forbidden", "invalid_request_error", "more_permissions_required"),
        Step::Answer("302 Found\r\nLocation: http://127.0.0.1:9/", String::new()),
    ] {
        let provider = Provider::playing(vec![step]).await;
        let answer = create(&provider.stripe()).await.unwrap_err();
        assert!(matches!(answer, ProviderError::Misconfigured { .. }), "{answer:?}");
        assert!(!format!("{answer} {answer:?}").contains("canary"));
        assert_eq!(provider.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_intent_of_the_other_mode_is_never_used() {
    let provider = Provider::playing(vec![ok("succeeded")]).await;
    let stripe = Stripe {
        secrets: Arc::new(
            ProviderSecrets::from_json(
                r#"{"api_key":"emulator","webhook_secrets":["s"],"livemode":true,"account":null}"#,
            )
            .unwrap(),
        ),
        ..provider.stripe()
    };
    let answer = stripe.intent_by_id("pi_1").await;
    assert!(matches!(answer, Err(ProviderError::Misconfigured { .. })), "{answer:?}");
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_believed() {
    for wrong in [
        intent("processing").replace("123456", "123457"),
        intent("processing").replace("\"eur\"", "\"usd\""),
        intent("processing").replace(PAYMENT, COMPANY),
        intent("processing").replace("\"pi_1_secret_canary\"", "null"),
        "{}".into(),
        " ".repeat(MAX_ANSWER_BYTES + 1),
    ] {
        let provider = Provider::playing(vec![Step::Answer("200 OK", wrong)]).await;
        let answer = create(&provider.stripe()).await;
        assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{answer:?}");
    }
    let provider = Provider::playing(vec![ok("succeeded")]).await;
    let answer = provider.stripe().intent_by_id("pi_2").await;
    assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{answer:?}");
}

#[tokio::test]
async fn currencies_that_stripe_counts_otherwise_are_refused_unasked() {
    let provider = Provider::playing(vec![ok("processing")]).await;
    for (minor, code, expected) in [
        (1_000, "ISK", "unsupported_currency"),
        (1_000, "UGX", "unsupported_currency"),
        (1_000, "MGA", "unsupported_currency"),
        (1_001, "KWD", "unsupported_amount"),
    ] {
        let answer = create_for(&provider.stripe(), minor, code).await;
        assert!(matches!(&answer, Err(ProviderError::Refused { code, .. }) if code == expected), "{answer:?}");
    }
    assert!(provider.requests().is_empty());
}

#[tokio::test]
async fn an_intent_is_looked_up_by_its_id() {
    let provider =
        Provider::playing(vec![ok("succeeded"), error("404 Not Found", "invalid_request_error", "resource_missing")])
            .await;
    let stripe = provider.stripe();
    let found = stripe.intent_by_id("pi_1").await.unwrap();
    assert_eq!(found.status, IntentStatus::Succeeded);
    assert_eq!(found.payment_id(), PAYMENT.parse().ok());
    let request = provider.requests().remove(0);
    assert!(request.starts_with("GET /v1/payment_intents/pi_1?expand"), "{request}");
    assert!(request.contains("=latest_charge&") && !request.contains("/v1/disputes"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("idempotency-key"));
    assert_eq!(stripe.intent_by_id("pi_1").await.unwrap_err(), ProviderError::NotFound);
}

/// Proves: S10
#[tokio::test]
async fn what_disputes_took_is_asked_for_where_there_is_one() {
    let charge = r#""latest_charge":{"id":"ch_1","amount_refunded":10,"disputed":true},"livemode""#;
    let disputed = intent("succeeded").replace("\"livemode\"", charge);
    let list = r#"{"object":"list","has_more":false,"data":[{"amount":300,"currency":"eur","status":"lost"}]}"#;
    let script = vec![Step::Answer("200 OK", disputed.clone()), Step::Answer("200 OK", list.to_owned())];
    let provider = Provider::playing(script).await;
    let found = provider.stripe().intent_by_id("pi_1").await.unwrap();
    assert_eq!((found.refunded_minor, found.disputed_minor), (10, 300));
    let asked = provider.requests().remove(1);
    assert!(asked.starts_with("GET /v1/disputes?payment_intent=pi_1&limit=100 HTTP/1.1\r\n"), "{asked}");

    let foreign = Step::Answer("200 OK", list.replace("eur", "usd"));
    let provider = Provider::playing(vec![Step::Answer("200 OK", disputed), foreign]).await;
    let answer = provider.stripe().intent_by_id("pi_1").await;
    assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{answer:?}");
}

#[tokio::test]
async fn an_id_that_could_change_the_path_is_never_sent() {
    let provider = Provider::playing(vec![ok("succeeded")]).await;
    let stripe = provider.stripe();
    for id in ["", "../charges", "pi_1/cancel", "pi_1?x=1", "pi_1#", "pi 1", "pi_é", "pi_1\r\n"] {
        assert_eq!(stripe.intent_by_id(id).await.unwrap_err(), ProviderError::NotFound);
        assert_eq!(stripe.cancel_intent(id).await.unwrap_err(), ProviderError::NotFound);
    }
    assert!(provider.requests().is_empty());
}

#[tokio::test]
async fn cancelling_answers_how_the_intent_stands() {
    let provider = Provider::playing(vec![ok("canceled")]).await;
    let canceled = provider.stripe().cancel_intent("pi_1").await.unwrap();
    assert_eq!(canceled.status, IntentStatus::Canceled);
    let request = provider.requests().remove(0);
    assert!(request.starts_with("POST /v1/payment_intents/pi_1/cancel HTTP/1.1\r\n"));

    let too_late = error("400 Bad Request", "invalid_request_error", "payment_intent_unexpected_state");
    let provider = Provider::playing(vec![too_late, ok("succeeded")]).await;
    let stands = provider.stripe().cancel_intent("pi_1").await.unwrap();
    assert_eq!(stands.status, IntentStatus::Succeeded);
}

#[test]
fn the_key_never_travels_in_the_clear() {
    let secrets = Arc::new(
        ProviderSecrets::from_json(r#"{"api_key":"k","webhook_secrets":["s"],"livemode":true,"account":null}"#)
            .unwrap(),
    );
    for url in ["https://api.stripe.com", "https://api.stripe.com/", "http://127.0.0.1:8420"] {
        let stripe = Stripe::new(url, secrets.clone()).unwrap();
        assert_eq!(&*stripe.base_url, url.trim_end_matches('/'));
    }
    for url in [
        "http://api.stripe.com",
        "http://127.0.0.1.example",
        "ftp://api.stripe.com",
        "https://user:key@api.stripe.com",
        "https://api.stripe.com?x",
        "api.stripe.com",
        "",
    ] {
        assert!(Stripe::new(url, secrets.clone()).is_err(), "{url}");
    }
}
