//! A PaymentIntent: one attempt to collect one amount, from its making to its end.
//!
//! Source: <https://docs.stripe.com/api/payment_intents/object>.

use std::collections::BTreeMap;

use domain::{CompanyId, Currency, PaymentId, Reference, money::Amount};
use secrecy::SecretString;
use serde::Deserialize;

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

    /// Whether nothing happens unless the payer acts, so that it can be given up without stopping
    /// a payment under way.
    #[must_use]
    pub const fn awaits_payer(self) -> bool {
        match self {
            Self::RequiresPaymentMethod | Self::RequiresConfirmation | Self::RequiresAction => true,
            Self::Processing | Self::RequiresCapture | Self::Succeeded | Self::Canceled | Self::Unknown => false,
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
    /// What we attached when making it: `payment`, `company`, `invoice`.
    pub metadata: BTreeMap<String, String>,
    /// Whether real money moves.
    pub livemode: bool,
}

impl Intent {
    /// Our payment, as we named it when the intent was made; nothing if the intent is not ours.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        self.metadata.get("payment")?.parse().ok()
    }

    /// Whose payment it is, as we named them when the intent was made.
    #[must_use]
    pub fn company_id(&self) -> Option<CompanyId> {
        self.metadata.get("company")?.parse().ok()
    }

    /// The invoice that is paid, as we named it when the intent was made.
    #[must_use]
    pub fn invoice_reference(&self) -> Option<Reference> {
        self.metadata.get("invoice")?.parse().ok()
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
    metadata: BTreeMap<String, String>,
    livemode: bool,
}

impl WireIntent {
    /// The intent, unless the answer is something else or has a currency or an id no intent has.
    pub(crate) fn read(body: &[u8]) -> Option<Intent> {
        let wire: Self = serde_json::from_slice(body).ok()?;
        let currency = wire.currency.to_ascii_uppercase().parse().ok()?;
        (wire.object == "payment_intent" && is_object_id(&wire.id)).then_some(Intent {
            id: wire.id,
            status: wire.status,
            amount_minor: wire.amount,
            amount_received_minor: wire.amount_received,
            currency,
            client_secret: wire.client_secret,
            metadata: wire.metadata,
            livemode: wire.livemode,
        })
    }
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

    #[test]
    fn every_status_is_known_or_unknown_but_never_an_error() {
        for (text, status, is_final, awaits_payer) in [
            ("requires_payment_method", IntentStatus::RequiresPaymentMethod, false, true),
            ("requires_confirmation", IntentStatus::RequiresConfirmation, false, true),
            ("requires_action", IntentStatus::RequiresAction, false, true),
            ("processing", IntentStatus::Processing, false, false),
            ("requires_capture", IntentStatus::RequiresCapture, false, false),
            ("succeeded", IntentStatus::Succeeded, true, false),
            ("canceled", IntentStatus::Canceled, true, false),
            ("partially_funded", IntentStatus::Unknown, false, false),
        ] {
            let wire = WIRE.replace("succeeded", text);
            let read = WireIntent::read(wire.as_bytes()).unwrap().status;
            assert_eq!((read, read.is_final(), read.awaits_payer()), (status, is_final, awaits_payer), "{text}");
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
