//! The payment provider's Checkout Sessions over HTTP, as Stripe has them.

use reqwest::Method;
use serde_json::{Value, json};

use super::payment_provider::{Answer, Endpoint, Shop, kinds};

const SESSIONS: &str = "/v1/checkout/sessions";
const HALF_AN_HOUR_S: i64 = 30 * 60;

fn form(expires_in_s: i64) -> Vec<(&'static str, String)> {
    let expires_at = jiff::Timestamp::now().as_second() + expires_in_s;
    vec![
        ("mode", "payment".to_owned()),
        ("success_url", "https://shop.example/h/1".to_owned()),
        ("cancel_url", "https://shop.example/h/1".to_owned()),
        ("expires_at", expires_at.to_string()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", "eur".to_owned()),
        ("line_items[0][price_data][unit_amount]", "10000".to_owned()),
        ("line_items[0][price_data][product_data][name]", "Invoice 1".to_owned()),
        ("metadata[payment]", "py_1".to_owned()),
        ("payment_intent_data[metadata][payment]", "py_1".to_owned()),
    ]
}

async fn make(shop: &Shop, key: Option<&str>, form: &[(&str, String)]) -> Answer {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    shop.post(SESSIONS, key, &form).await
}

fn id(session: &Value) -> &str {
    session["id"].as_str().expect("an id")
}

/// The payer pays on the page; answers its status, and where it leads.
async fn pay(shop: &Shop, session: &Value, method: &str) -> (u16, Option<String>) {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = session["url"].as_str().expect("an open session");
    assert!(url.starts_with(&shop.url()), "{url}");
    let answer = http.post(url).form(&[("payment_method", method)]).send().await.unwrap();
    let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), location)
}

async fn looked_up(shop: &Shop, session: &Value) -> Value {
    let path = format!("{SESSIONS}/{}?expand%5B%5D=payment_intent.latest_charge", id(session));
    shop.get(&path).await.body
}

#[tokio::test]
async fn a_session_has_an_intent_once_its_payer_confirms() {
    let shop = Shop::open().await;
    let endpoint = Endpoint::start(&[]).await;
    let target = json!({ "url": endpoint.url(), "enabled_events": ["checkout.session.completed"] });
    shop.admin(Method::PUT, "webhook", target).await;
    let made = make(&shop, Some("py_1"), &form(2 * HALF_AN_HOUR_S)).await;
    assert_eq!((made.status, &made.body["status"], &made.body["payment_intent"]), (200, &json!("open"), &json!(null)));
    assert_eq!((&made.body["amount_total"], &made.body["mode"]), (&json!(10_000), &json!("payment")));
    assert_eq!(looked_up(&shop, &made.body).await["payment_intent"], json!(null));

    assert_eq!(pay(&shop, &made.body, "pm_card_visa_chargeDeclined").await.0, 402);
    let declined = looked_up(&shop, &made.body).await;
    assert_eq!(
        (&declined["status"], &declined["payment_intent"]["status"]),
        (&json!("open"), &json!("requires_payment_method"))
    );
    let (status, back) = pay(&shop, &made.body, "pm_card_visa").await;
    assert_eq!((status, back.as_deref()), (303, Some("https://shop.example/h/1")));
    let paid = looked_up(&shop, &made.body).await;
    assert_eq!(
        (&paid["status"], &paid["payment_status"], &paid["url"]),
        (&json!("complete"), &json!("paid"), &json!(null))
    );
    let intent = &paid["payment_intent"];
    assert_eq!((&intent["id"], &intent["status"]), (&declined["payment_intent"]["id"], &json!("succeeded")));
    assert_eq!(
        (&intent["metadata"]["payment"], &intent["latest_charge"]["amount_captured"]),
        (&json!("py_1"), &json!(10_000))
    );
    assert_eq!(pay(&shop, &made.body, "pm_card_visa").await.0, 410, "it takes no more");
    assert_eq!(shop.intents().await[0]["charges"], 1);
    let told = endpoint.settled(2).await;
    assert_eq!(kinds(&told), ["checkout.session.completed"; 2]);
}

#[tokio::test]
async fn one_key_makes_one_session_and_other_fields_are_refused() {
    let shop = Shop::open().await;
    let fields = form(2 * HALF_AN_HOUR_S);
    let (first, again) = (make(&shop, Some("py_1"), &fields).await, make(&shop, Some("py_1"), &fields).await);
    assert_eq!((id(&first.body), again.replayed), (id(&again.body), true));
    let mut other = fields.clone();
    other[1].1 = "https://shop.example/h/2".to_owned();
    let refused = make(&shop, Some("py_1"), &other).await;
    assert_eq!((refused.status, &refused.body["error"]["type"]), (400, &json!("idempotency_error")));
    for (name, value) in [("mode", "subscription"), ("success_url", ""), ("phone", "1")] {
        let mut other: Vec<_> = fields.iter().filter(|(known, _)| *known != name).cloned().collect();
        other.push((name, value.to_owned()));
        assert_eq!(make(&shop, None, &other).await.status, 400, "{name}");
    }
}

#[tokio::test]
async fn a_session_ends_within_half_an_hour_and_a_day() {
    let shop = Shop::open().await;
    for (in_s, status) in
        [(HALF_AN_HOUR_S - 60, 400), (HALF_AN_HOUR_S + 60, 200), (24 * 3600 - 60, 200), (24 * 3600 + 60, 400)]
    {
        assert_eq!(make(&shop, None, &form(in_s)).await.status, status, "{in_s}");
    }
}

#[tokio::test]
async fn only_an_open_session_is_expired_and_nobody_pays_in_it_then() {
    let shop = Shop::open().await;
    let expire = async |session: &Value| shop.post(&format!("{SESSIONS}/{}/expire", id(session)), None, &[]).await;
    let made = make(&shop, None, &form(2 * HALF_AN_HOUR_S)).await.body;
    pay(&shop, &made, "pm_card_visa_chargeDeclined").await;
    let expired = expire(&made).await;
    assert_eq!((expired.status, &expired.body["status"]), (200, &json!("expired")));
    assert_eq!(looked_up(&shop, &made).await["payment_intent"]["status"], "canceled");
    assert_eq!(pay(&shop, &made, "pm_card_visa").await.0, 410);
    let again = expire(&made).await;
    assert_eq!((again.status, &again.body["error"]["type"]), (400, &json!("invalid_request_error")));

    let made = make(&shop, None, &form(2 * HALF_AN_HOUR_S)).await.body;
    pay(&shop, &made, "pm_usBankAccount_success").await;
    assert_eq!(expire(&made).await.status, 400, "its payer was first");
    let waiting = looked_up(&shop, &made).await;
    assert_eq!((&waiting["status"], &waiting["payment_status"]), (&json!("complete"), &json!("unpaid")));
    let intent = waiting["payment_intent"]["id"].as_str().unwrap();
    let canceled = shop.post(&format!("/v1/payment_intents/{intent}/cancel"), None, &[]).await;
    assert_eq!(canceled.status, 400, "an intent of a session is not cancelled by itself");
    let of_browser = shop.call(Method::GET, &format!("{SESSIONS}/{}", id(&made)), "pk_test_local", None, &[]).await;
    assert_eq!(of_browser.unwrap().status, 403);
}

#[tokio::test]
async fn a_session_tells_what_the_bank_decides_later() {
    for (status, kind) in
        [("succeeded", "async_payment_succeeded"), ("requires_payment_method", "async_payment_failed")]
    {
        let shop = Shop::open().await;
        let endpoint = Endpoint::start(&[]).await;
        shop.admin(Method::PUT, "webhook", json!({ "url": endpoint.url() })).await;
        let made = make(&shop, None, &form(2 * HALF_AN_HOUR_S)).await.body;
        pay(&shop, &made, "pm_usBankAccount_success").await;
        let intent = looked_up(&shop, &made).await["payment_intent"]["id"].as_str().unwrap().to_owned();
        shop.admin(Method::POST, &format!("payment_intents/{intent}"), json!({ "status": status })).await;
        let told = endpoint.settled_about("checkout.session.async", 2).await;
        assert_eq!(kinds(&told), [format!("checkout.session.{kind}"), format!("checkout.session.{kind}")]);
    }
}
