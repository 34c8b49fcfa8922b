//! A PaymentIntent: one attempt to collect one amount, from its making to its end.
//!
//! Source: <https://docs.stripe.com/api/payment_intents/object>.

use domain::{CompanyId, Currency, PaymentId, Reference, UtcTime, money::Amount};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::metadata::Metadata;

/// What to collect, and for what.
#[derive(Debug, Clone, Copy)]
pub struct NewIntent<'a> {
    /// Our payment; it is also the provider's idempotency key, so one payment has one intent.
    pub payment_id: &'a PaymentId,
    /// Whose payment it is.
    pub company_id: &'a CompanyId,
    /// The invoice that is paid, by the ledger's reference.
    pub invoice_reference: &'a Reference,
    /// How much, in minor units of `currency` as ISO 4217 has them.
    pub amount: Amount,
    /// The currency.
    pub currency: Currency,
    /// What the payer sees with the provider, such as `Invoice 2026-17`; cut at 500 characters.
    pub description: &'a str,
}

/// An intent's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// No payment method yet, or the last one failed: the payer may try again.
    RequiresPaymentMethod,
    /// A payment method is attached; the payer has not confirmed.
    RequiresConfirmation,
    /// The payer must act, such as 3-D Secure.
    RequiresAction,
    /// Under way; some methods take days.
    Processing,
    /// Authorised and waiting to be captured. Ours capture automatically, so this is unexpected.
    RequiresCapture,
    /// The money is collected. Final.
    Succeeded,
    /// Cancelled. Final: no money will ever move on it.
    Canceled,
    /// A status that Stripe added since; nothing may be concluded from it.
    #[serde(other)]
    Unknown,
}

impl IntentStatus {
    /// Whether the status can never change again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Canceled => true,
            Self::RequiresPaymentMethod
            | Self::RequiresConfirmation
            | Self::RequiresAction
            | Self::Processing
            | Self::RequiresCapture
            | Self::Unknown => false,
        }
    }
}

/// A PaymentIntent as Stripe states it. `Debug` hides the client secret.
///
/// Before money is booked the caller compares `amount_received_minor`, `currency` and
/// [`Intent::payment_id`] with its own record; the mode was compared here already.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Stripe's id, `pi_…`.
    pub id: String,
    /// The status.
    pub status: IntentStatus,
    /// The requested amount, in minor units.
    pub amount_minor: i64,
    /// The collected amount, in minor units; 0 until it succeeds.
    pub amount_received_minor: i64,
    /// The currency.
    pub currency: Currency,
    /// With this the payer's browser completes the payment, and nothing else. Never stored or
    /// logged. Always there on a new intent.
    pub client_secret: Option<SecretString>,
    /// What was refunded in all, in minor units: pending refunds count, failed ones do not. Known when the
    /// intent was looked up; 0 else.
    pub refunded_minor: i64,
    /// What was withdrawn for disputes, open and lost ones, in minor units. Known when the intent was looked
    /// up; 0 else.
    pub disputed_minor: i64,
    /// Whether the payer chose a card. Known when the intent was looked up; `false` else.
    pub is_card: bool,
    /// When the method that the payer chose ends by itself, as a voucher does; `None` if it names no end.
    pub expires_at: Option<UtcTime>,
    /// What we attached when making it: `payment`, `company`, `invoice`.
    pub metadata: Metadata,
    /// Whether real money moves.
    pub livemode: bool,
}

impl Intent {
    /// Our payment, as we named it when the intent was made; nothing if the intent is not ours.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        self.metadata.payment_id()
    }

    /// Whose payment it is, as we named them when the intent was made.
    #[must_use]
    pub fn company_id(&self) -> Option<CompanyId> {
        self.metadata.company_id()
    }

    /// The invoice that is paid, as we named it when the intent was made.
    #[must_use]
    pub fn invoice_reference(&self) -> Option<Reference> {
        self.metadata.invoice_reference()
    }
}

/// The members of Stripe's object that are read.
#[derive(Deserialize)]
pub(crate) struct WireIntent {
    id: String,
    object: String,
    status: IntentStatus,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    currency: String,
    #[serde(default)]
    client_secret: Option<SecretString>,
    #[serde(default)]
    latest_charge: Option<Expandable<WireCharge>>,
    #[serde(default)]
    payment_method: Option<Expandable<WirePaymentMethod>>,
    #[serde(default)]
    next_action: Option<Value>,
    #[serde(default)]
    metadata: Metadata,
    livemode: bool,
}

/// An object, or its id where it was not asked for whole.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable<T> {
    Object(T),
    Id(#[expect(dead_code, reason = "only that it is an id counts")] String),
}

impl<T> Expandable<T> {
    fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Id(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct WireCharge {
    amount_refunded: i64,
    disputed: bool,
}

#[derive(Deserialize)]
struct WirePaymentMethod {
    r#type: String,
}

impl WireIntent {
    /// The intent, unless the answer is something else or has a currency or an id no intent has.
    pub(crate) fn read(body: &[u8]) -> Option<Intent> {
        Some(Self::read_with_disputed(body)?.0)
    }

    /// The intent, and whether its charge was ever disputed.
    pub(crate) fn read_with_disputed(body: &[u8]) -> Option<(Intent, bool)> {
        serde_json::from_slice::<Self>(body).ok()?.into_intent_with_disputed()
    }

    /// The same of an intent that is a part of an answer.
    pub(crate) fn into_intent_with_disputed(self) -> Option<(Intent, bool)> {
        if self.object != "payment_intent" || !is_object_id(&self.id) {
            return None;
        }
        let is_disputed = self.charge().is_some_and(|charge| charge.disputed);
        Some((self.into_intent()?, is_disputed))
    }

    /// The charge that was looked up with it. It is the last one that was tried, so only that of an intent
    /// which succeeded took money.
    fn charge(&self) -> Option<&WireCharge> {
        self.latest_charge.as_ref().filter(|_| self.status == IntentStatus::Succeeded)?.object()
    }

    fn into_intent(self) -> Option<Intent> {
        let method = self.payment_method.as_ref().and_then(Expandable::object);
        Some(Intent {
            status: self.status,
            amount_minor: self.amount,
            amount_received_minor: self.amount_received,
            currency: self.currency.to_ascii_uppercase().parse().ok()?,
            refunded_minor: self.charge().map_or(0, |charge| charge.amount_refunded),
            disputed_minor: 0,
            is_card: method.is_some_and(|method| method.r#type == "card"),
            expires_at: self.next_action.as_ref().and_then(latest_end),
            id: self.id,
            client_secret: self.client_secret,
            metadata: self.metadata,
            livemode: self.livemode,
        })
    }
}

/// The latest end that a next action names: each method has its own place for it, as
/// `multibanco_display_details.expires_at` and `oxxo_display_details.expires_after`.
fn latest_end(next_action: &Value) -> Option<UtcTime> {
    let members = next_action.as_object()?;
    let own = ["expires_at", "expires_after"].into_iter().filter_map(|name| members.get(name)?.as_i64());
    let own = own.map(|unix_s| UtcTime::from_unix_ms(unix_s.saturating_mul(1000)));
    own.chain(members.values().filter_map(latest_end)).max()
}

/// Whether the text can be the id of an object of Stripe's, and so part of a path: 1–255 of
/// `A-Z a-z 0-9 _` (Stripe promises no more than 255).
pub(crate) fn is_object_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &str = r#"{"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1234,
        "amount_received":1234,"currency":"eur","client_secret":"pi_1_secret_canary",
        "metadata":{"payment":"py_0192f5c4a7b87c3d9e0f112233445566","company":"co_0192f5c4a7b87c3d9e0f112233445566",
        "invoice":"INV-2026.17"},"livemode":false,"new":[]}"#;

    #[test]
    fn an_intent_is_read() {
        let intent = WireIntent::read(WIRE.as_bytes()).unwrap();
        assert_eq!(intent.status, IntentStatus::Succeeded);
        assert_eq!(intent.currency.code(), "EUR");
        assert_eq!(intent.amount_received_minor, 1234);
        let ours = intent.payment_id().unwrap();
        assert_eq!(ours.as_str(), "py_0192f5c4a7b87c3d9e0f112233445566");
        assert_eq!(intent.company_id().unwrap().as_str(), "co_0192f5c4a7b87c3d9e0f112233445566");
        assert_eq!(intent.invoice_reference().unwrap().as_str(), "INV-2026.17");
        assert!(!format!("{intent:?}").contains("canary"));
    }

    /// Proves: S10
    #[test]
    fn what_was_refunded_of_the_charge_is_read_from_the_intent_that_took_money() {
        let charge = r#""latest_charge":{"id":"ch_1","object":"charge","amount_refunded":234,"disputed":true},"new""#;
        let wire = WIRE.replace("\"new\"", charge);
        let (intent, is_disputed) = WireIntent::read_with_disputed(wire.as_bytes()).unwrap();
        assert_eq!((intent.refunded_minor, is_disputed), (234, true));
        let declined = wire.replace("succeeded", "requires_payment_method");
        let (intent, is_disputed) = WireIntent::read_with_disputed(declined.as_bytes()).unwrap();
        assert_eq!((intent.refunded_minor, is_disputed), (0, false));
        let unexpanded = WIRE.replace("\"new\"", r#""latest_charge":"ch_1","payment_method":"pm_1","new""#);
        let (intent, is_disputed) = WireIntent::read_with_disputed(unexpanded.as_bytes()).unwrap();
        assert_eq!((intent.refunded_minor, is_disputed, intent.is_card), (0, false, false));
    }

    /// Proves: U2
    #[test]
    fn the_end_of_a_method_is_found_wherever_it_is_named() {
        for (next_action, expected) in [
            (r#"{"type":"multibanco_display_details","multibanco_display_details":{"expires_at":1795000000}}"#, true),
            (r#"{"type":"oxxo_display_details","oxxo_display_details":{"expires_after":1795000000}}"#, true),
            (r#"{"type":"cashapp","cashapp":{"qr_code":{"expires_at":1795000000}}}"#, true),
            (r#"{"type":"redirect_to_url","redirect_to_url":{"url":"https://bank.example","return_url":null}}"#, false),
            ("null", false),
        ] {
            let wire = WIRE.replace("\"new\"", &format!(r#""next_action":{next_action},"new""#));
            let read = WireIntent::read(wire.as_bytes()).unwrap().expires_at;
            assert_eq!(read.map(UtcTime::unix_s), expected.then_some(1_795_000_000), "{next_action}");
        }
        let card = WIRE.replace("\"new\"", r#""payment_method":{"id":"pm_1","type":"card"},"new""#);
        assert!(WireIntent::read(card.as_bytes()).unwrap().is_card);
    }

    #[test]
    fn every_status_is_known_or_unknown_but_never_an_error() {
        for (text, status, is_final) in [
            ("requires_payment_method", IntentStatus::RequiresPaymentMethod, false),
            ("requires_confirmation", IntentStatus::RequiresConfirmation, false),
            ("requires_action", IntentStatus::RequiresAction, false),
            ("processing", IntentStatus::Processing, false),
            ("requires_capture", IntentStatus::RequiresCapture, false),
            ("succeeded", IntentStatus::Succeeded, true),
            ("canceled", IntentStatus::Canceled, true),
            ("partially_funded", IntentStatus::Unknown, false),
        ] {
            let wire = WIRE.replace("succeeded", text);
            let read = WireIntent::read(wire.as_bytes()).unwrap().status;
            assert_eq!((read, read.is_final()), (status, is_final), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_intent_is_not_read() {
        for (from, to) in [
            ("payment_intent", "charge"),
            ("pi_1\"", "pi/../1\""),
            ("\"eur\"", "\"zzz\""),
            ("1234,", "12.34,"),
            ("\"livemode\":false,", ""),
        ] {
            assert!(WireIntent::read(WIRE.replace(from, to).as_bytes()).is_none(), "{to}");
        }
        assert!(WireIntent::read(b"").is_none());
    }

    #[test]
    fn an_intent_of_someone_else_has_no_payment_of_ours() {
        let wire = WIRE.replace("py_0192f5c4a7b87c3d9e0f112233445566", "other");
        assert_eq!(WireIntent::read(wire.as_bytes()).unwrap().payment_id(), None);
    }
}
