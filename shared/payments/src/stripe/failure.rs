//! Sorts failed Stripe calls: whether to try again, and which message to show.

use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;

use crate::intent::is_object_id;

/// Longest message of Stripe's that is shown to a payer, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Why a call to the provider failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not reached, throttled or failing, after the last try. Whether the call had an effect is
    /// open; repeating it later with the same payment is safe and tells.
    #[error("the payment provider is unavailable ({reason})")]
    Unavailable {
        /// What the last try met, with Stripe's request id where there was one. For the log.
        reason: String,
    },
    /// Stripe failed once and will answer every repetition for this payment with that same failure
    /// for a day: the attempt is dead, the payer starts a new payment. No money can have moved on
    /// it, since its client secret never reached anyone.
    #[error("the payment provider replays a failure for this payment ({reason})")]
    KeySpent {
        /// Stripe's status and request id. For the log.
        reason: String,
    },
    /// Stripe will not do this, however often it is asked.
    #[error("the payment provider refused: {code}")]
    Refused {
        /// Stripe's error code, or ours: `unsupported_currency`, `unsupported_amount`.
        code: String,
        /// The message for the payer.
        message: String,
    },
    /// Stripe has no such intent or session in this account and mode.
    #[error("the payment provider knows no such intent or session")]
    NotFound,
    /// Our key is wrong, lacks a right or is of the other mode, or the address is not Stripe's:
    /// every call fails until an operator repairs it.
    #[error("the payment provider is misconfigured ({reason})")]
    Misconfigured {
        /// What is wrong. For the log.
        reason: String,
    },
    /// An answer that does not match the request, such as another amount: do not rely on it, and show
    /// nothing to the payer.
    #[error("the payment provider gave an unexpected answer ({reason})")]
    Unexpected {
        /// What does not fit. For the log.
        reason: &'static str,
    },
}

/// How one try failed.
pub(super) enum Failure {
    /// The next may succeed.
    Passing(String),
    /// The next would fail alike.
    Lasting(ProviderError),
}

/// Stripe's answer did not come, or not whole. The request may have been carried out.
pub(super) fn unreached(error: &reqwest::Error) -> Failure {
    let reason = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_builder() {
        return Failure::Lasting(ProviderError::Misconfigured { reason: "a request could not be built".to_owned() });
    } else {
        "connection lost"
    };
    Failure::Passing(reason.to_owned())
}

/// Sorts an answer that is not a success.
pub(super) fn failed(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let request = header("request-id").filter(|id| is_object_id(id)).unwrap_or("no request id");
    let error = WireError::read(body);
    let reason = format!("status {}, {}, {request}", status.as_u16(), error.code);
    if status.is_server_error() && header("idempotent-replayed") == Some("true") {
        return Failure::Lasting(ProviderError::KeySpent { reason });
    }
    let worth_another_try = match header("stripe-should-retry") {
        Some("true") => true,
        // Stripe says no, but a later call may well succeed: unavailable, not refused.
        Some("false") if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Failure::Lasting(ProviderError::Unavailable { reason });
        }
        Some("false") => false,
        _ => status.is_server_error() || status == StatusCode::CONFLICT || status == StatusCode::TOO_MANY_REQUESTS,
    };
    if worth_another_try {
        return Failure::Passing(reason);
    }
    Failure::Lasting(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Misconfigured { reason },
        StatusCode::NOT_FOUND => ProviderError::NotFound,
        _ if status.is_redirection() || status.is_informational() => ProviderError::Misconfigured { reason },
        _ => ProviderError::Refused { message: error.public_message(), code: error.code },
    })
}

/// The fields of Stripe's error object that are read.
struct WireError {
    kind: String,
    code: String,
    message: String,
}

impl WireError {
    fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: Wire,
        }
        #[derive(Deserialize)]
        struct Wire {
            r#type: Option<String>,
            code: Option<String>,
            message: Option<String>,
        }
        let wire = serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error);
        let (kind, code, message) = wire.map_or((None, None, None), |wire| (wire.r#type, wire.code, wire.message));
        let kind = kind.filter(|kind| is_object_id(kind)).unwrap_or_else(|| "no_type".to_owned());
        Self {
            code: code.filter(|code| is_object_id(code)).unwrap_or_else(|| kind.clone()),
            message: message.unwrap_or_default(),
            kind,
        }
    }

    /// The message for the payer. Only Stripe's card errors have messages for the payer; others are meant for us
    /// and may reveal data of the account.
    fn public_message(&self) -> String {
        match (self.kind.as_str(), self.code.as_str()) {
            (_, "amount_too_small") => "The amount is too small to be paid this way.".to_owned(),
            (_, "amount_too_large") => "The amount is too large to be paid this way.".to_owned(),
            ("card_error", _) if !self.message.is_empty() => {
                self.message.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect()
            }
            _ => "The payment provider refused the payment.".to_owned(),
        }
    }
}
