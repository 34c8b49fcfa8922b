//! The provider's webhooks: that a payment ended, and that its money went back or returned. A webhook is only
//! a hint that something happened: the handler looks the intent or the session up and compares it with our own record.

use api::{Answer, ApiResult, Problem, ProblemType, Public, input::MAX_BODY_BYTES};
use axum::{
    body::to_bytes,
    extract::{Request, State},
};
use domain::{Actor, Org, payment::AtProvider};
use payment_settlement::{Reported, Settled, SettlementError, Which, settle};
use payments::{
    ProviderError, ProviderSecrets, Stripe,
    webhook::{SIGNATURE_HEADER, WebhookEvent, verify},
};
use serde::Serialize;
use store::{Authority, ChangeContext};
use utoipa::ToSchema;

use crate::{
    App,
    provider::{ACTOR, unsettled},
};

/// `Retry-After` while the provider cannot be asked, in seconds.
const RETRY_AFTER_S: u32 = 10;

/// The result of a webhook. The provider reads only the status; this text is for its delivery log.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookResult {
    /// It changed a payment: it ended, or its money went back or returned.
    Settled,
    /// It changed nothing: it is a repetition, or nothing has happened yet.
    Unchanged,
    /// It is about none of our payments.
    Ignored,
    /// It contradicts our record; nothing was settled, and an operator must check.
    Disagreement,
}

/// The answer to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookResponse {
    received: WebhookResult,
}

fn received(received: WebhookResult) -> ApiResult {
    Answer::ok(&WebhookResponse { received })
}

/// Receives a Stripe webhook event.
///
/// Any event type is accepted; the signature covers the raw body. A repeated delivery changes nothing.
#[utoipa::path(post, path = "/v1/webhooks/stripe",
    request_body(content = Object, description = "An event as Stripe signs it"),
    params(("Stripe-Signature" = String, Header)), responses((status = 200, body = WebhookResponse)))]
pub(crate) async fn receive_stripe_event(State(app): State<App>, caller: Public, request: Request) -> ApiResult {
    let now = caller.now;
    let (parts, body) = request.into_parts();
    let raw = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Problem::new(ProblemType::TooLarge).detail(format!("at most {MAX_BODY_BYTES} bytes")))?;
    let signature = parts.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stripe = app.provider.at(now).await.map_err(deliver_again)?;
    let secrets = stripe.secrets();
    let event = verify(&raw, signature, secrets.webhook_secrets(), now.unix_s()).map_err(|error| {
        tracing::info!(%error, "a webhook was refused");
        Problem::new(ProblemType::MalformedRequest)
    })?;

    let Some(at_provider) = concerned(&event, secrets) else { return received(WebhookResult::Ignored) };
    let reported = match Reported::look_up(&stripe, at_provider).await {
        Ok(reported) => reported,
        Err(ProviderError::NotFound) => return received(WebhookResult::Ignored),
        Err(error) => return Err(deliver_again(error).into()),
    };
    let change_context = ChangeContext { at: now, actor: Actor::machine(ACTOR), request_id: caller.request_id };
    apply(&app, &stripe, &change_context, &reported).await
}

/// The events of a session that may have ended a payment.
const OF_SESSIONS: [&str; 4] = [
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
];

/// The intent or session that may have ended, or whose money may have gone back or returned, if the event is for us
/// and about one.
fn concerned<'e>(event: &'e WebhookEvent, secrets: &ProviderSecrets) -> Option<AtProvider<'e>> {
    let kind = event.kind.as_str();
    if event.is_for(secrets) && OF_SESSIONS.contains(&kind) {
        return event.session_id().map(AtProvider::Session);
    }
    let ends = ["payment_intent.succeeded", "payment_intent.canceled", "payment_intent.payment_failed"];
    let goes_back = kind == "charge.refunded" || kind.starts_with("refund.") || kind.starts_with("charge.dispute.");
    (event.is_for(secrets) && (ends.contains(&kind) || goes_back))
        .then(|| event.payment_intent_id())
        .flatten()
        .map(AtProvider::Intent)
}

async fn apply(app: &App, stripe: &Stripe, change_context: &ChangeContext, reported: &Reported) -> ApiResult {
    let Some((company, payment, invoice)) = reported.names() else { return received(WebhookResult::Ignored) };
    let authority = Authority::System(Org::Company(company.clone()));
    let which = Which { payment: &payment, invoice: &invoice };
    match settle(&app.api.store, stripe, &authority, change_context, which, reported).await {
        Ok(Settled::Changed(_)) => received(WebhookResult::Settled),
        Ok(Settled::Unchanged(_)) => received(WebhookResult::Unchanged),
        Err(SettlementError::Unknown) => {
            tracing::warn!(%company, %payment, "a webhook names a payment that is not there");
            received(WebhookResult::Ignored)
        }
        // Delivering it again would change nothing, so it is acknowledged.
        Err(SettlementError::Disagreement(error)) => {
            tracing::error!(%company, %payment, %error, "the provider disagrees with our record");
            received(WebhookResult::Disagreement)
        }
        Err(SettlementError::Provider(error)) => Err(deliver_again(error).into()),
        Err(error @ SettlementError::Store(_)) => Err(unsettled(error)),
    }
}

/// Asks the provider to deliver the event again, since what it is about could not be looked up.
fn deliver_again(error: ProviderError) -> Problem {
    tracing::error!(%error, "a webhook could not be followed up");
    Problem::new(ProblemType::Unavailable).retry_after_s(RETRY_AFTER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_and_may_have_ended_is_looked_up() {
        let secrets =
            ProviderSecrets::from_json(r#"{"api_key":"k","webhook_secrets":["s"],"livemode":false,"account":null}"#)
                .unwrap();
        let event = WebhookEvent {
            id: "evt_1".to_owned(),
            kind: "payment_intent.succeeded".to_owned(),
            livemode: false,
            account: None,
            object_id: Some("pi_1".to_owned()),
            object_type: Some("payment_intent".to_owned()),
            object_intent_id: None,
            object_mode: None,
        };
        let charge = WebhookEvent {
            object_id: Some("ch_1".to_owned()),
            object_type: Some("charge".to_owned()),
            object_intent_id: Some("pi_1".to_owned()),
            ..event.clone()
        };
        for kind in ["charge.refunded", "refund.created", "refund.failed", "charge.dispute.funds_withdrawn"] {
            let event = WebhookEvent { kind: kind.to_owned(), ..charge.clone() };
            assert_eq!(concerned(&event, &secrets), Some(AtProvider::Intent("pi_1")), "{kind}");
        }
        assert_eq!(concerned(&WebhookEvent { kind: "charge.succeeded".to_owned(), ..charge }, &secrets), None);
        assert_eq!(concerned(&event, &secrets), Some(AtProvider::Intent("pi_1")));
        let session = WebhookEvent {
            object_id: Some("cs_1".to_owned()),
            object_type: Some("checkout.session".to_owned()),
            object_intent_id: Some("pi_1".to_owned()),
            object_mode: Some("payment".to_owned()),
            ..event.clone()
        };
        for kind in OF_SESSIONS {
            let event = WebhookEvent { kind: kind.to_owned(), ..session.clone() };
            assert_eq!(concerned(&event, &secrets), Some(AtProvider::Session("cs_1")), "{kind}");
            let subscription = WebhookEvent { object_mode: Some("subscription".to_owned()), ..event.clone() };
            let of_others = WebhookEvent { account: Some("acct_1".to_owned()), ..event };
            for other in [subscription, of_others] {
                assert_eq!(concerned(&other, &secrets), None, "{other:?}");
            }
        }
        let others = [
            WebhookEvent { kind: "payment_intent.created".to_owned(), ..event.clone() },
            WebhookEvent { livemode: true, ..event.clone() },
            WebhookEvent { account: Some("acct_1".to_owned()), ..event.clone() },
            WebhookEvent { object_type: Some("charge".to_owned()), ..event.clone() },
            WebhookEvent { object_id: None, ..event },
        ];
        for other in others {
            assert_eq!(concerned(&other, &secrets), None, "{other:?}");
        }
    }
}
