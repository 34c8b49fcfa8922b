//! `Idempotency-Key`: binds a key to its caller and to the request it came with.

use axum::http::{HeaderMap, Method, Uri};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::UserId;
use store::Idempotency;

use crate::{guard::CONTEXT_HEADER, problem::Problem};

/// The header's name.
pub const HEADER: &str = "idempotency-key";
const MAX_CHARS: usize = 64;

/// The request's `Idempotency-Key`, if it has one, and the digest that goes with it.
#[derive(Debug, Clone, Default)]
pub struct Idempotent {
    key: Option<String>,
    fingerprint: String,
}

impl Idempotent {
    /// Reads the header and digests method, path, tenant and body.
    ///
    /// # Errors
    /// `422 invalid-field` for a key that is not 1–64 visible ASCII characters.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let Some(key) = headers.get(HEADER) else { return Ok(Self::default()) };
        let key = key.to_str().unwrap_or_default();
        if !(1..=MAX_CHARS).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::field("Idempotency-Key", "must be 1 to 64 visible ASCII characters"));
        }
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for part in [method.as_str(), uri.path(), context_org(headers).as_str()] {
            digest.update(part.as_bytes());
            digest.update(b"\n");
        }
        digest.update(body);
        let fingerprint = URL_SAFE_NO_PAD.encode(digest.finish());
        Ok(Self { key: Some(key.to_owned()), fingerprint })
    }

    /// The key, bound to the caller; `None` if the request has none.
    #[must_use]
    pub fn by(&self, caller: &UserId) -> Option<Idempotency> {
        self.key.as_ref().map(|key| Idempotency {
            caller: caller.clone(),
            key: key.clone(),
            fingerprint: self.fingerprint.clone(),
        })
    }
}

/// The tenant that a context token names, unverified: it only tells requests apart. The token
/// itself cannot be digested, since a refreshed one makes the same request.
fn context_org(headers: &HeaderMap) -> String {
    #[derive(serde::Deserialize)]
    struct Org {
        org: String,
    }
    let token = headers.get(CONTEXT_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let payload = token.split('.').nth(1).unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    serde_json::from_slice::<Org>(&json).map(|claims| claims.org).unwrap_or_default()
}
