//! Stripe's Checkout Sessions over HTTPS.
//!
//! Source: <https://docs.stripe.com/api/checkout/sessions>.

use reqwest::Method;
use secrecy::ExposeSecret as _;

use super::{Call, ProviderError, Stripe, chargeable, description, is_safe_url, metadata_fields, object_path};
use crate::session::{NewSession, Session, SessionStatus, WireSession};

/// Where sessions are, behind `/v1`.
const SESSIONS: &str = "/checkout/sessions";

/// Methods that take the money days after the page was left: vouchers and bank transfers. Nobody can cancel what waits for
/// one, and a link would keep the amount of its invoice reserved that long. Source:
/// <https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-excluded_payment_method_types>.
const SLOW_METHODS: [&str; 5] = ["boleto", "customer_balance", "konbini", "multibanco", "oxxo"];

/// What is read of an intent that is looked up with its session.
const WITH_INTENT: &str = "?expand%5B%5D=payment_intent.latest_charge&expand%5B%5D=payment_intent.payment_method";

impl Stripe {
    /// Makes the session of a payment, or finds the one that was made for it: as [`Stripe::create_intent`], by the
    /// payment's id. All fields must be those of the first time.
    ///
    /// The page is in the language of the payer's browser, since a language that is chosen here would be another field
    /// when they come back with another browser.
    ///
    /// # Errors
    /// [`ProviderError`], as for [`Stripe::create_intent`].
    pub async fn create_session(&self, new: &NewSession<'_>) -> Result<Session, ProviderError> {
        let intent = &new.intent;
        chargeable(intent)?;
        let description = description(intent);
        let plain = [
            ("mode", "payment".to_owned()),
            ("success_url", new.return_url.to_owned()),
            ("cancel_url", new.return_url.to_owned()),
            ("expires_at", new.expires_at.unix_s().to_string()),
            ("client_reference_id", intent.payment_id.to_string()),
            ("line_items[0][quantity]", "1".to_owned()),
            ("line_items[0][price_data][currency]", intent.currency.code().to_ascii_lowercase()),
            ("line_items[0][price_data][unit_amount]", intent.amount.minor().to_string()),
            ("line_items[0][price_data][product_data][name]", description.clone()),
            // Else the payer could be charged in a currency of theirs, which is not our record's.
            ("adaptive_pricing[enabled]", "false".to_owned()),
            ("payment_intent_data[description]", description),
        ];
        let form: Vec<(String, String)> = plain
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .chain(
                SLOW_METHODS
                    .into_iter()
                    .enumerate()
                    .map(|(n, method)| (format!("excluded_payment_method_types[{n}]"), method.to_owned())),
            )
            .chain(metadata_fields(intent, ""))
            .chain(metadata_fields(intent, "payment_intent_data"))
            .collect();
        let key = intent.payment_id.as_str();
        let call = Call { method: Method::POST, path: SESSIONS, form: &form, key: Some(key), read: WireSession::read };
        let (session, _) = self.call(&call).await?;
        self.of_our_mode(session.livemode)?;
        let as_asked = session.amount_minor == intent.amount.minor()
            && session.currency == intent.currency
            && session.metadata.payment_id().as_ref() == Some(intent.payment_id);
        if !as_asked {
            return Err(ProviderError::Unexpected { reason: "a session for something else" });
        }
        if !session.url.as_ref().is_some_and(|url| is_safe_url(url.expose_secret())) {
            return Err(ProviderError::Unexpected { reason: "a session without an address over HTTPS" });
        }
        Ok(session)
    }

    /// Looks a session up, with its intent and what was refunded and disputed of it.
    ///
    /// # Errors
    /// [`ProviderError`], as for [`Stripe::intent_by_id`].
    pub async fn session_by_id(&self, session_id: &str) -> Result<Session, ProviderError> {
        let path = object_path(SESSIONS, session_id, WITH_INTENT)?;
        let call = Call { method: Method::GET, path: &path, form: &[], key: None, read: WireSession::read };
        let (mut session, is_disputed) = self.call(&call).await?;
        self.of_our_mode(session.livemode)?;
        if session.id != session_id {
            return Err(ProviderError::Unexpected { reason: "another session" });
        }
        if let Some(intent) = &mut session.intent {
            self.of_our_mode(intent.livemode)?;
            if is_disputed {
                intent.disputed_minor = self.withdrawn_minor(intent).await?;
            }
        }
        Ok(session)
    }

    /// Ends a session, so that nobody can pay in it any more, and returns it as it is then: `Expired` (now or before),
    /// or `Complete` when its payer was first. The caller must look at the status.
    ///
    /// There is deliberately no idempotency key, as for [`Stripe::cancel_intent`].
    ///
    /// # Errors
    /// [`ProviderError`], as for [`Stripe::session_by_id`].
    pub async fn expire_session(&self, session_id: &str) -> Result<Session, ProviderError> {
        let path = object_path(SESSIONS, session_id, "/expire")?;
        let call = Call { method: Method::POST, path: &path, form: &[], key: None, read: WireSession::read };
        let refused = match self.call(&call).await {
            Ok(_) => None,
            // Stripe has no code of its own for a session that is not open.
            Err(error @ ProviderError::Refused { .. }) => Some(error),
            Err(error) => return Err(error),
        };
        let session = self.session_by_id(session_id).await?;
        match refused {
            Some(error) if session.status == SessionStatus::Open => Err(error),
            Some(_) | None => Ok(session),
        }
    }
}
