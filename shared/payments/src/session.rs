//! A Checkout Session: a page of Stripe's on which one payer pays one amount, until it ends.
//!
//! Stripe makes the intent when the payer confirms, so a session that nobody has paid has none. An intent of a session
//! cannot be cancelled: the session is expired instead, and is the source of how the payment ended.
//!
//! Source: <https://docs.stripe.com/api/checkout/sessions/object>.

use domain::{Currency, UtcTime};
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    intent::{Expandable, Intent, NewIntent, WireIntent, is_object_id},
    metadata::Metadata,
};

/// The page to make.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// What to collect on it, and for what. The payment's id is the provider's idempotency key here too, so one payment
    /// has one session.
    pub intent: NewIntent<'a>,
    /// Where the page leads when the payer has paid, and when they go back. A secret where it is a link.
    pub return_url: &'a str,
    /// When the page ends: 30 minutes to 24 hours from now.
    pub expires_at: UtcTime,
}

/// A session's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// The payer may pay.
    Open,
    /// The payer has confirmed. The money may still be on its way, or fail to come.
    Complete,
    /// It has ended without that. Final.
    Expired,
    /// A status that Stripe added since; nothing may be concluded from it.
    #[serde(other)]
    Unknown,
}

/// A Checkout Session as Stripe states it. `Debug` hides the address of its page.
///
/// Before money is booked the caller compares the amounts, currencies and metadata of the session and of its intent
/// with its own record; the mode was compared here already.
#[derive(Debug, Clone)]
pub struct Session {
    /// Stripe's id, `cs_…`.
    pub id: String,
    /// The status.
    pub status: SessionStatus,
    /// The requested amount, in minor units.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
    /// Where the payer pays; there while it is open. Never stored or logged.
    pub url: Option<SecretString>,
    /// When it ends by itself.
    pub expires_at: UtcTime,
    /// The intent, once its payer has confirmed. Known when the session was looked up; `None` else.
    pub intent: Option<Intent>,
    /// What we attached when making it.
    pub metadata: Metadata,
    /// Whether real money moves.
    pub livemode: bool,
}

/// The members of Stripe's object that are read.
#[derive(Deserialize)]
pub(crate) struct WireSession {
    id: String,
    object: String,
    mode: String,
    status: SessionStatus,
    amount_total: i64,
    currency: String,
    #[serde(default)]
    url: Option<SecretString>,
    expires_at: i64,
    #[serde(default)]
    payment_intent: Option<Expandable<WireIntent>>,
    #[serde(default)]
    metadata: Metadata,
    livemode: bool,
}

impl WireSession {
    /// The session and whether the charge of its intent was ever disputed, unless the answer is something else or has a
    /// currency or an id that no session of a payment has.
    pub(crate) fn read(body: &[u8]) -> Option<(Session, bool)> {
        let wire: Self = serde_json::from_slice(body).ok()?;
        if wire.object != "checkout.session" || wire.mode != "payment" || !is_object_id(&wire.id) {
            return None;
        }
        let (intent, is_disputed) = match wire.payment_intent {
            Some(Expandable::Object(intent)) => {
                let (intent, is_disputed) = intent.into_intent_with_disputed()?;
                (Some(intent), is_disputed)
            }
            // A session of which only the intent's id was sent is looked up before anything is concluded from it.
            Some(Expandable::Id(_)) | None => (None, false),
        };
        let session = Session {
            id: wire.id,
            status: wire.status,
            amount_minor: wire.amount_total,
            currency: wire.currency.to_ascii_uppercase().parse().ok()?,
            url: wire.url,
            expires_at: UtcTime::from_unix_ms(wire.expires_at.checked_mul(1000)?),
            intent,
            metadata: wire.metadata,
            livemode: wire.livemode,
        };
        Some((session, is_disputed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IntentStatus;

    const WIRE: &str = r#"{"id":"cs_test_a1","object":"checkout.session","mode":"payment","status":"open",
        "payment_status":"unpaid","amount_total":1234,"currency":"eur","url":"https://checkout.example/c/pay/canary",
        "expires_at":1795000000,"payment_intent":null,
        "metadata":{"payment":"py_0192f5c4a7b87c3d9e0f112233445566","company":"co_0192f5c4a7b87c3d9e0f112233445566",
        "invoice":"INV-2026.17"},"livemode":false,"new":[]}"#;
    const INTENT: &str = r#"{"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1234,
        "amount_received":1234,"currency":"eur","metadata":{"payment":"py_0192f5c4a7b87c3d9e0f112233445566"},
        "latest_charge":{"id":"ch_1","amount_refunded":34,"disputed":true},"livemode":false}"#;

    fn read(wire: &str) -> Option<(Session, bool)> {
        WireSession::read(wire.as_bytes())
    }

    #[test]
    fn a_session_is_read() {
        let (session, is_disputed) = read(WIRE).unwrap();
        assert_eq!((session.id.as_str(), session.status, is_disputed), ("cs_test_a1", SessionStatus::Open, false));
        assert_eq!((session.amount_minor, session.currency.code()), (1234, "EUR"));
        assert_eq!(session.expires_at.unix_s(), 1_795_000_000);
        assert_eq!(session.metadata.payment_id().unwrap().as_str(), "py_0192f5c4a7b87c3d9e0f112233445566");
        assert_eq!(session.metadata.invoice_reference().unwrap().as_str(), "INV-2026.17");
        assert!(session.intent.is_none() && !format!("{session:?}").contains("canary"));
    }

    /// Proves: 16, S10
    #[test]
    fn its_intent_is_read_with_what_went_back() {
        let (session, is_disputed) =
            read(&WIRE.replace("\"payment_intent\":null", &format!("\"payment_intent\":{INTENT}"))).unwrap();
        let intent = session.intent.unwrap();
        assert_eq!((intent.id.as_str(), intent.status), ("pi_1", IntentStatus::Succeeded));
        assert_eq!((intent.refunded_minor, is_disputed), (34, true));
        let (session, _) = read(&WIRE.replace("\"payment_intent\":null", "\"payment_intent\":\"pi_1\"")).unwrap();
        assert!(session.intent.is_none());
        let other = INTENT.replace("\"payment_intent\"", "\"setup_intent\"");
        assert!(read(&WIRE.replace("\"payment_intent\":null", &format!("\"payment_intent\":{other}"))).is_none());
    }

    #[test]
    fn every_status_is_known_or_unknown_but_never_an_error() {
        for (text, status) in [
            ("open", SessionStatus::Open),
            ("complete", SessionStatus::Complete),
            ("expired", SessionStatus::Expired),
            ("paused", SessionStatus::Unknown),
        ] {
            assert_eq!(read(&WIRE.replace("\"open\"", &format!("\"{text}\""))).unwrap().0.status, status, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_session_of_a_payment_is_not_read() {
        for (from, to) in [
            ("checkout.session", "payment_link"),
            ("\"mode\":\"payment\"", "\"mode\":\"subscription\""),
            ("cs_test_a1\"", "cs/../1\""),
            ("\"eur\"", "\"zzz\""),
            ("1234,", "null,"),
            ("1795000000", "9223372036854775807"),
            ("\"livemode\":false,", ""),
        ] {
            assert!(read(&WIRE.replacen(from, to, 1)).is_none(), "{to}");
        }
        assert!(read("").is_none());
    }
}
