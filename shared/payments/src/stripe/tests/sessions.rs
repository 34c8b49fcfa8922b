//! Checkout Sessions against the provider that answers by a script.

use super::*;
use crate::{NewSession, Session, SessionStatus};

const RETURN_URL: &str = "https://books.example/h/co_1.dl_1.1.token";

fn session(status: &str, intent: &str) -> String {
    format!(
        r#"{{"id":"cs_test_1","object":"checkout.session","mode":"payment","status":"{status}","amount_total":123456,
        "currency":"eur","url":"https://checkout.example/c/pay/cs_test_1","expires_at":1795003600,
        "payment_intent":{intent},"metadata":{{"payment":"{PAYMENT}"}},"livemode":false}}"#
    )
}

fn answer(status: &str, intent: &str) -> Step {
    Step::Answer("200 OK", session(status, intent))
}

async fn create(stripe: &Stripe, code: &str) -> Result<Session, ProviderError> {
    let new = NewSession {
        intent: NewIntent {
            payment_id: &PAYMENT.parse().unwrap(),
            company_id: &COMPANY.parse().unwrap(),
            invoice_reference: &"INV-2026.17".parse().unwrap(),
            amount: 123_456.try_into().unwrap(),
            currency: code.parse().unwrap(),
            description: "Invoice 2026-17\r\n",
        },
        return_url: RETURN_URL,
        expires_at: domain::UtcTime::from_unix_ms(1_795_003_600_000),
    };
    stripe.create_session(&new).await
}

/// Proves: F11
#[tokio::test]
async fn a_session_is_made_with_everything_stripe_needs_and_one_key() {
    let provider = Provider::playing(vec![Step::HangUp, answer("open", "null")]).await;
    let made = create(&provider.stripe(), "EUR").await.unwrap();
    assert_eq!((made.id.as_str(), made.status), ("cs_test_1", SessionStatus::Open));
    assert_eq!(made.url.unwrap().expose_secret(), "https://checkout.example/c/pay/cs_test_1");
    let requests = provider.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0], requests[1]);
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/checkout/sessions HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains(&format!("idempotency-key: {PAYMENT}")), "{head}");
    let form: Vec<(String, String)> = Url::parse(&format!("http://x/?{body}"))
        .unwrap()
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let expected = [
        ("mode", "payment"),
        ("success_url", RETURN_URL),
        ("cancel_url", RETURN_URL),
        ("expires_at", "1795003600"),
        ("client_reference_id", PAYMENT),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "123456"),
        ("line_items[0][price_data][product_data][name]", "Invoice 2026-17"),
        ("adaptive_pricing[enabled]", "false"),
        ("payment_intent_data[description]", "Invoice 2026-17"),
        ("excluded_payment_method_types[0]", "boleto"),
        ("excluded_payment_method_types[1]", "customer_balance"),
        ("excluded_payment_method_types[2]", "konbini"),
        ("excluded_payment_method_types[3]", "multibanco"),
        ("excluded_payment_method_types[4]", "oxxo"),
        ("metadata[payment]", PAYMENT),
        ("metadata[company]", COMPANY),
        ("metadata[invoice]", "INV-2026.17"),
        ("payment_intent_data[metadata][payment]", PAYMENT),
        ("payment_intent_data[metadata][company]", COMPANY),
        ("payment_intent_data[metadata][invoice]", "INV-2026.17"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

/// Proves: 16
#[tokio::test]
async fn a_session_for_something_else_is_not_believed() {
    let good = session("open", "null");
    for wrong in [
        good.replace("123456", "123457"),
        good.replace("\"eur\"", "\"usd\""),
        good.replace(PAYMENT, COMPANY),
        good.replace("\"payment\",\"status\"", "\"setup\",\"status\""),
        good.replace("\"https://checkout.example/c/pay/cs_test_1\"", "null"),
        good.replace("https://checkout", "http://checkout"),
        good.replace("https://checkout.example/", "javascript:"),
        intent("processing"),
        "{}".to_owned(),
    ] {
        let provider = Provider::playing(vec![Step::Answer("200 OK", wrong.clone())]).await;
        let answer = create(&provider.stripe(), "EUR").await;
        assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{wrong}: {answer:?}");
    }
    let provider = Provider::playing(vec![Step::Answer("200 OK", good.replace("false", "true"))]).await;
    for answer in [create(&provider.stripe(), "EUR").await, provider.stripe().session_by_id("cs_test_1").await] {
        assert!(matches!(answer, Err(ProviderError::Misconfigured { .. })), "{answer:?}");
    }
    let provider = Provider::playing(vec![answer("open", "null")]).await;
    let refused = create(&provider.stripe(), "ISK").await;
    assert!(
        matches!(&refused, Err(ProviderError::Refused { code, .. }) if code == "unsupported_currency"),
        "{refused:?}"
    );
    let other = provider.stripe().session_by_id("cs_test_2").await;
    assert!(matches!(other, Err(ProviderError::Unexpected { .. })), "{other:?}");
}

/// Proves: 16, S10
#[tokio::test]
async fn a_session_is_looked_up_with_its_intent_and_what_went_back() {
    let provider = Provider::playing(vec![answer("open", "null")]).await;
    assert!(provider.stripe().session_by_id("cs_test_1").await.unwrap().intent.is_none());
    let request = provider.requests().remove(0);
    let path = "GET /v1/checkout/sessions/cs_test_1?expand%5B%5D=payment_intent.latest_charge&";
    assert!(request.starts_with(path), "{request}");

    let charge = r#""latest_charge":{"id":"ch_1","amount_refunded":10,"disputed":true},"livemode""#;
    let disputed = intent("succeeded").replace("\"livemode\"", charge);
    let list = r#"{"object":"list","has_more":false,"data":[{"amount":300,"currency":"eur","status":"lost"}]}"#;
    let script = vec![answer("complete", &disputed), Step::Answer("200 OK", list.to_owned())];
    let provider = Provider::playing(script).await;
    let found = provider.stripe().session_by_id("cs_test_1").await.unwrap();
    let of_session = found.intent.unwrap();
    assert_eq!((of_session.refunded_minor, of_session.disputed_minor), (10, 300));

    let live = intent("succeeded").replace("\"livemode\":false", "\"livemode\":true");
    let provider = Provider::playing(vec![answer("complete", &live)]).await;
    let refused = provider.stripe().session_by_id("cs_test_1").await;
    assert!(matches!(refused, Err(ProviderError::Misconfigured { .. })), "{refused:?}");
}

/// Proves: F11
#[tokio::test]
async fn expiring_answers_how_the_session_stands() {
    let provider = Provider::playing(vec![answer("expired", "null")]).await;
    let expired = provider.stripe().expire_session("cs_test_1").await.unwrap();
    assert_eq!(expired.status, SessionStatus::Expired);
    let requests = provider.requests();
    assert!(requests[0].starts_with("POST /v1/checkout/sessions/cs_test_1/expire HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(!requests[0].to_ascii_lowercase().contains("idempotency-key"));
    assert!(requests[1].starts_with("GET /v1/checkout/sessions/cs_test_1?"), "{}", requests[1]);

    // Its payer was first, or it ended before: what it is now counts.
    let refused = || error("400 Bad Request", "invalid_request_error", "");
    let provider = Provider::playing(vec![refused(), answer("complete", &intent("succeeded"))]).await;
    let complete = provider.stripe().expire_session("cs_test_1").await.unwrap();
    assert_eq!(
        (complete.status, complete.intent.map(|intent| intent.id)),
        (SessionStatus::Complete, Some("pi_1".into()))
    );
    // One that is open and yet refused is no success.
    let provider = Provider::playing(vec![refused(), answer("open", "null")]).await;
    let open = provider.stripe().expire_session("cs_test_1").await;
    assert!(matches!(open, Err(ProviderError::Refused { .. })), "{open:?}");
    let provider = Provider::playing(vec![error("404 Not Found", "invalid_request_error", "resource_missing")]).await;
    assert_eq!(provider.stripe().expire_session("cs_test_1").await.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test]
async fn an_id_that_could_change_the_path_of_a_session_is_never_sent() {
    let provider = Provider::playing(vec![answer("open", "null")]).await;
    let stripe = provider.stripe();
    for id in ["", "../charges", "cs_1/expire", "cs_1?x=1", "cs_1\r\n"] {
        assert_eq!(stripe.session_by_id(id).await.unwrap_err(), ProviderError::NotFound);
        assert_eq!(stripe.expire_session(id).await.unwrap_err(), ProviderError::NotFound);
    }
    assert!(provider.requests().is_empty());
}
