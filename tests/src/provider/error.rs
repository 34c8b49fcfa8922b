//! Stripe's error object. Source: "Errors" in Stripe's API reference.

use serde_json::{Value, json};

/// An answer that is not the thing asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    /// The `error` object.
    pub(super) error: Value,
    /// Whether the request was refused before it was executed. Such a refusal is not kept under its
    /// idempotency key: the caller may correct the request and use the key again.
    pub(super) before_execution: bool,
}

impl ApiError {
    fn refused(status: u16, kind: &str, message: &str) -> Self {
        Self { status, error: json!({ "type": kind, "message": message }), before_execution: true }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(error) = self.error.as_object_mut() {
            error.insert(name.to_owned(), value.into());
        }
        self
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::refused(400, "invalid_request_error", message)
    }

    pub(super) fn parameter(code: &str, param: &str, message: &str) -> Self {
        Self::invalid(message).with("code", code).with("param", param)
    }

    pub(super) fn missing_parameter(param: &str) -> Self {
        Self::parameter("parameter_missing", param, &format!("Missing required param: {param}."))
    }

    pub(super) fn no_such(what: &str, param: &str, id: &str) -> Self {
        Self { status: 404, ..Self::parameter("resource_missing", param, &format!("No such {what}: '{id}'")) }
    }

    pub(super) fn no_key() -> Self {
        Self::refused(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    }

    /// Only the end of a wrong key is repeated.
    pub(super) fn wrong_key(key: &str) -> Self {
        let tail: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        Self::refused(401, "invalid_request_error", &format!("Invalid API Key provided: ****{tail}"))
    }

    pub(super) fn secret_key_required() -> Self {
        Self::refused(
            403,
            "invalid_request_error",
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
        )
        .with("code", "secret_key_required")
    }

    pub(super) fn rate_limited() -> Self {
        Self::refused(
            429,
            "invalid_request_error",
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        )
        .with("code", "rate_limit")
    }

    pub(super) fn internal() -> Self {
        Self {
            before_execution: false,
            ..Self::refused(
                500,
                "api_error",
                "An unknown error occurred; the request may or may not have been carried out.",
            )
        }
    }

    pub(super) fn key_reused(key: &str, with_other: &str) -> Self {
        Self::refused(
            400,
            "idempotency_error",
            &format!(
                "Keys for idempotent requests can only be used with the same {with_other} they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
            ),
        )
    }

    pub(super) fn key_in_use(key: &str) -> Self {
        Self::refused(
            409,
            "idempotency_error",
            &format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): {key}. Please try again later."
            ),
        )
        .with("code", "idempotency_key_in_use")
    }

    pub(super) fn unexpected_state(message: &str, intent: Value) -> Self {
        Self {
            before_execution: false,
            ..Self::invalid(message).with("code", "payment_intent_unexpected_state").with("payment_intent", intent)
        }
    }

    pub(super) fn declined(decline: &Decline, charge: &str, intent: Value) -> Self {
        let mut error = decline.to_json();
        if let Some(error) = error.as_object_mut() {
            error.insert("charge".to_owned(), json!(charge));
            error.insert("payment_intent".to_owned(), intent);
        }
        Self { status: 402, error, before_execution: false }
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}

/// Why a card was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
}

impl Decline {
    pub(super) fn to_json(self) -> Value {
        let mut error = json!({ "type": "card_error", "code": self.code, "message": self.message });
        if let (Some(decline_code), Some(error)) = (self.decline_code, error.as_object_mut()) {
            error.insert("decline_code".to_owned(), json!(decline_code));
        }
        error
    }
}
