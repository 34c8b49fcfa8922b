//! What Stripe remembers under an `Idempotency-Key`.
//!
//! The first answer to a key is kept, whatever its status, once the request began to execute; the
//! same request again gets that answer and nothing runs. A request refused before it ran leaves the
//! key unused. Source: "Idempotent requests" in Stripe's API reference.

use std::collections::HashMap;

use serde_json::Value;

use super::{error::ApiError, form::Form};

/// The longest key that Stripe takes, in characters.
const KEY_CHARS_MAX: usize = 255;

#[derive(Debug, Clone)]
enum Kept {
    Running,
    Answered { status: u16, body: Value, request: String },
}

#[derive(Debug, Clone)]
struct Entry {
    path: String,
    form: Form,
    kept: Kept,
}

/// A kept answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Replay {
    pub(super) status: u16,
    pub(super) body: Value,
    /// The id of the request that was answered first.
    pub(super) original_request: String,
}

/// What to do with a request that carries a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Begun {
    /// It is the first: run it, then [`Keys::keep`] or [`Keys::forget`].
    First,
    /// It has been answered before.
    Again(Replay),
}

/// The keys of one account.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Entry>);

impl Keys {
    pub(super) fn begin(&mut self, key: &str, path: &str, form: &Form) -> Result<Begun, ApiError> {
        if key.chars().count() > KEY_CHARS_MAX {
            return Err(ApiError::invalid("Idempotency keys can be at most 255 characters long."));
        }
        let Some(entry) = self.0.get(key) else {
            let entry = Entry { path: path.to_owned(), form: form.clone(), kept: Kept::Running };
            self.0.insert(key.to_owned(), entry);
            return Ok(Begun::First);
        };
        if entry.path != path {
            return Err(ApiError::key_reused(key, "endpoint"));
        }
        if entry.form != *form {
            return Err(ApiError::key_reused(key, "parameters"));
        }
        match &entry.kept {
            Kept::Running => Err(ApiError::key_in_use(key)),
            Kept::Answered { status, body, request } => {
                Ok(Begun::Again(Replay { status: *status, body: body.clone(), original_request: request.clone() }))
            }
        }
    }

    pub(super) fn keep(&mut self, key: &str, status: u16, body: Value, request: String) {
        if let Some(entry) = self.0.get_mut(key) {
            entry.kept = Kept::Answered { status, body, request };
        }
    }

    pub(super) fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PATH: &str = "/v1/payment_intents";

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes())
    }

    #[test]
    fn the_same_request_again_gets_the_first_answer() {
        let mut keys = Keys::default();
        assert_eq!(keys.begin("k", PATH, &form("amount=1")), Ok(Begun::First));
        keys.keep("k", 402, json!({ "a": 1 }), "req_1".to_owned());
        // The order of the parameters is not part of the request.
        let again = keys.begin("k", PATH, &form("amount=1")).unwrap();
        assert_eq!(
            again,
            Begun::Again(Replay { status: 402, body: json!({ "a": 1 }), original_request: "req_1".to_owned() })
        );
    }

    #[test]
    fn another_request_under_the_key_is_an_idempotency_error() {
        let mut keys = Keys::default();
        keys.begin("k", PATH, &form("amount=1")).unwrap();
        keys.keep("k", 200, json!({}), "req_1".to_owned());
        for (path, parameters) in [(PATH, "amount=2"), ("/v1/payment_intents/pi_1/cancel", "amount=1")] {
            let refused = keys.begin("k", path, &form(parameters)).unwrap_err();
            assert_eq!(refused.status, 400);
            assert_eq!(refused.error["type"], "idempotency_error");
        }
    }

    #[test]
    fn a_key_in_flight_is_a_conflict_and_a_forgotten_key_is_unused() {
        let mut keys = Keys::default();
        keys.begin("k", PATH, &form("")).unwrap();
        assert_eq!(keys.begin("k", PATH, &form("")).unwrap_err().status, 409);
        keys.forget("k");
        assert_eq!(keys.begin("k", PATH, &form("amount=2")), Ok(Begun::First));
    }

    #[test]
    fn an_overlong_key_is_refused() {
        let mut keys = Keys::default();
        assert_eq!(keys.begin(&"k".repeat(256), PATH, &form("")).unwrap_err().status, 400);
    }
}
