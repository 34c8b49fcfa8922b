//! What the payer's browser does at the payment provider: it confirms the payment with a card.
//! The card goes to the provider and never to us.

use serde_json::Value;

use crate::{Kit, aws};

/// Confirms the payment behind a client secret with a test card that succeeds.
///
/// # Panics
/// When the provider refuses.
pub async fn pay_by_card(kit: &Kit, client_secret: &str) -> Value {
    confirm(kit, client_secret, "pm_card_visa").await
}

/// Confirms the payment behind a client secret with any payment method; answers the provider's intent.
///
/// # Panics
/// When the provider does not answer.
pub async fn confirm(kit: &Kit, client_secret: &str, payment_method: &str) -> Value {
    confirm_with(kit, client_secret, ("payment_method", payment_method)).await
}

/// Confirms the payment behind a client secret with a new payment method of a type that waits, such as
/// `multibanco` (a voucher) or `ideal` (a redirect); answers the provider's intent.
///
/// # Panics
/// When the provider does not answer.
pub async fn confirm_waiting(kit: &Kit, client_secret: &str, method_type: &str) -> Value {
    confirm_with(kit, client_secret, ("payment_method_data[type]", method_type)).await
}

async fn confirm_with(kit: &Kit, client_secret: &str, method: (&str, &str)) -> Value {
    let intent = intent_of(client_secret);
    let answer = kit
        .http
        .post(format!("{}/v1/payment_intents/{intent}/confirm", kit.stack.provider_url.trim_end_matches('/')))
        .bearer_auth("pk_test_local")
        .form(&[("client_secret", client_secret), method])
        .send()
        .await
        .unwrap_or_else(|e| panic!("the payment provider does not answer: {e}"));
    answer.json().await.unwrap_or(Value::Null)
}

/// Pays on the provider's page of a session; answers its status, and where it leads then.
///
/// # Panics
/// When the provider does not answer.
pub async fn pay_on_page(kit: &Kit, url: &str, payment_method: &str) -> (u16, Option<String>) {
    on_page(kit, url, &[("payment_method", payment_method)]).await
}

/// Pays on the page of a session, of which the provider sends no webhook; answers the intent's id.
///
/// # Panics
/// When the provider refuses.
pub async fn pay_silently_on_page(kit: &Kit, url: &str) -> String {
    let (status, _) = on_page(kit, url, &[("payment_method", "pm_card_visa"), ("notify", "false")]).await;
    assert_eq!(status, 303, "the page takes the card");
    intent_of_session(kit, url).await
}

async fn on_page(kit: &Kit, url: &str, form: &[(&str, &str)]) -> (u16, Option<String>) {
    let call = kit.http.post(url).form(form);
    let answer = call.send().await.unwrap_or_else(|e| panic!("the payment page does not answer: {e}"));
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    (answer.status().as_u16(), location)
}

/// The intent of a session, once its payer has confirmed.
///
/// # Panics
/// When there is none.
pub async fn intent_of_session(kit: &Kit, url: &str) -> String {
    let session = tamper_session(kit, url, &Value::Object(serde_json::Map::new())).await;
    let intent = session.get("payment_intent").and_then(Value::as_str);
    intent.unwrap_or_else(|| panic!("nobody has paid: {session}")).to_owned()
}

/// Changes the session of a page at the provider behind everyone's back (see `provider::admin`).
///
/// # Panics
/// When the provider refuses.
pub async fn tamper_session(kit: &Kit, url: &str, change: &Value) -> Value {
    let session = url.rsplit('/').next().unwrap_or_default();
    at_the_bank(kit, &format!("checkout_sessions/{session}"), change).await
}

/// Changes an intent at the provider behind everyone's back (see `provider::admin`): how a test makes a
/// webhook go missing, or an amount disagree.
///
/// # Panics
/// When the provider refuses.
pub async fn tamper(kit: &Kit, intent: &str, change: &Value) -> Value {
    at_the_bank(kit, &format!("payment_intents/{intent}"), change).await
}

/// Has the payer's bank do something (see `provider::admin`): `payment_intents/{id}/disputes`, `disputes/{id}`,
/// `refunds/{id}/fail`. Answers the object.
///
/// # Panics
/// When the provider refuses.
pub async fn at_the_bank(kit: &Kit, path: &str, body: &Value) -> Value {
    let url = format!("{}/_admin/{path}", kit.stack.provider_url.trim_end_matches('/'));
    let answer = kit.http.post(url).json(body).send().await.unwrap_or_else(|e| panic!("the provider is away: {e}"));
    let status = answer.status();
    let object = answer.json().await.unwrap_or(Value::Null);
    assert!(status.is_success(), "the provider refuses {path} {body}: {status} {object}");
    object
}

/// Refunds a part of a payment, as the company does in the provider's dashboard; answers the refund.
///
/// # Panics
/// When the provider refuses.
pub async fn refund(kit: &Kit, intent: &str, amount_minor: i64) -> Value {
    let url = format!("{}/v1/refunds", kit.stack.provider_url.trim_end_matches('/'));
    let form = [("payment_intent", intent.to_owned()), ("amount", amount_minor.to_string())];
    let call = kit.http.post(url).bearer_auth(&kit.stack.provider_secret).form(&form);
    let answer = call.send().await.unwrap_or_else(|e| panic!("the provider is away: {e}"));
    let status = answer.status();
    let refund = answer.json().await.unwrap_or(Value::Null);
    assert!(status.is_success(), "the provider refuses a refund: {status} {refund}");
    refund
}

/// The intent's id, which its client secret begins with.
#[must_use]
pub fn intent_of(client_secret: &str) -> &str {
    client_secret.split("_secret_").next().unwrap_or(client_secret)
}

/// The `Stripe-Signature` of a webhook body, as the provider makes it at `at` (seconds since 1970).
#[must_use]
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let signed = [at.to_string().as_bytes(), b".", body].concat();
    format!("t={at},v1={}", aws::hex(&aws::mac(secret.as_bytes(), &signed)))
}
