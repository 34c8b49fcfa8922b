//! The event in a webhook, as far as it is read.

use serde::Deserialize;

use crate::{intent::is_object_id, secrets::ProviderSecrets};

/// A webhook whose signature is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Stripe's id of the event, `evt_…`: the same on every delivery of it.
    pub id: String,
    /// The type, such as `payment_intent.succeeded`.
    pub kind: String,
    /// Whether it is about real money.
    pub livemode: bool,
    /// The connected account it is about; nothing when it is the key's own.
    pub account: Option<String>,
    /// The id of the object it is about, where that has one.
    pub object_id: Option<String>,
    /// That object's type, such as `payment_intent`.
    pub object_type: Option<String>,
    /// The payment intent that the object belongs to, as a charge, a refund or a dispute names it.
    pub object_intent_id: Option<String>,
    /// What a Checkout Session is for, such as `payment`; nothing of other objects.
    pub object_mode: Option<String>,
}

impl WebhookEvent {
    /// Whether the event is of our mode and our account. An endpoint may get events of others, and test events must
    /// never settle anything live; the caller acknowledges and ignores those.
    #[must_use]
    pub fn is_for(&self, secrets: &ProviderSecrets) -> bool {
        self.livemode == secrets.livemode() && self.account.as_deref() == secrets.account()
    }

    /// The Checkout Session of a payment that the event is about. The account may have others, such as of subscriptions.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        let is_of_payment =
            self.object_type.as_deref() == Some("checkout.session") && self.object_mode.as_deref() == Some("payment");
        self.object_id.as_deref().filter(|_| is_of_payment)
    }

    /// The payment intent that the event is about: itself, or a charge, refund or dispute of it.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        match self.object_type.as_deref() {
            Some("payment_intent") => self.object_id.as_deref(),
            Some("charge" | "refund" | "dispute") => self.object_intent_id.as_deref(),
            _ => None,
        }
    }
}

/// The event in a body.
pub(super) fn read(raw_body: &[u8]) -> Option<WebhookEvent> {
    #[derive(Deserialize)]
    struct Wire {
        id: String,
        object: String,
        r#type: String,
        livemode: bool,
        account: Option<String>,
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        object: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        id: Option<String>,
        object: Option<String>,
        payment_intent: Option<serde_json::Value>,
        mode: Option<serde_json::Value>,
    }
    let event: Wire = serde_json::from_slice(raw_body).ok()?;
    let object = event.data.object;
    let text = |value: &Option<serde_json::Value>| value.as_ref().and_then(|it| it.as_str()).map(str::to_owned);
    let (intent, mode) = (text(&object.payment_intent), text(&object.mode));
    let well_formed = event.object == "event"
        && is_object_id(&event.id)
        && [&object.id, &intent].into_iter().flatten().all(|id| is_object_id(id));
    well_formed.then_some(WebhookEvent {
        id: event.id,
        kind: event.r#type,
        livemode: event.livemode,
        account: event.account,
        object_id: object.id,
        object_type: object.object,
        object_intent_id: intent,
        object_mode: mode,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_about_a_session_of_a_payment_names_it_and_no_intent() {
        let body = r#"{"id":"evt_4","object":"event","type":"checkout.session.completed","livemode":false,
            "data":{"object":{"id":"cs_test_1","object":"checkout.session","mode":"payment","payment_intent":"pi_1"}}}"#;
        let event = read(body.as_bytes()).unwrap();
        assert_eq!((event.session_id(), event.payment_intent_id()), (Some("cs_test_1"), None));
        for other in ["\"subscription\"", "null", "{}"] {
            let body = body.replace("\"payment\"", other);
            assert_eq!(read(body.as_bytes()).unwrap().session_id(), None, "{other}");
        }
        assert_eq!(read(body.replace("checkout.session\"", "charge\"").as_bytes()).unwrap().session_id(), None);
    }

    /// Proves: S10
    #[test]
    fn an_event_about_money_that_went_back_names_its_intent() {
        for (kind, object) in
            [("charge.refunded", "charge"), ("refund.failed", "refund"), ("charge.dispute.closed", "dispute")]
        {
            let body = format!(
                r#"{{"id":"evt_3","object":"event","type":"{kind}","livemode":false,
                "data":{{"object":{{"id":"x_1","object":"{object}","payment_intent":"pi_1"}}}}}}"#
            );
            assert_eq!(read(body.as_bytes()).unwrap().payment_intent_id(), Some("pi_1"), "{kind}");
            assert!(read(body.replace("pi_1", "pi_1/../x").as_bytes()).is_none(), "{kind}");
            let without = body.replace("\"pi_1\"", "null");
            assert_eq!(read(without.as_bytes()).unwrap().payment_intent_id(), None, "{kind}");
        }
    }
}
