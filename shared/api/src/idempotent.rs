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
    /// Reads the header and digests method, path, tenant (of a contact: the customer) and body.
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
        for part in [method.as_str(), uri.path(), context_place(headers).as_str()] {
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

/// The place that a context token names, unverified: it only tells requests apart. Of a contact it is the customer too:
/// other customers of the company are other tenants. The token itself cannot be digested, since a refreshed one makes
/// the same request.
fn context_place(headers: &HeaderMap) -> String {
    #[derive(Default, serde::Deserialize)]
    struct Place {
        org: String,
        #[serde(default)]
        customer: Option<String>,
    }
    let token = headers.get(CONTEXT_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let payload = token.split('.').nth(1).unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let Place { org, customer } = serde_json::from_slice(&json).unwrap_or_default();
    match customer {
        Some(customer) => format!("{org}/{customer}"),
        None => org,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn fingerprint(claims: &str) -> String {
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(HEADER), HeaderValue::from_static("key"));
        headers.insert(HeaderName::from_static(CONTEXT_HEADER), HeaderValue::from_str(&token).unwrap());
        let uri = Uri::from_static("/v1/customer-portal/invoices/INV-1/payments");
        Idempotent::of(&Method::POST, &uri, &headers, b"{}").unwrap().fingerprint
    }

    /// A contact of two customers of one company would otherwise get from one what was answered for the other.
    #[test]
    fn one_key_is_another_request_at_another_customer() {
        let [one, other, none] =
            [r#"{"org":"co_1","customer":"C-1"}"#, r#"{"org":"co_1","customer":"C-2"}"#, r#"{"org":"co_1"}"#]
                .map(fingerprint);
        assert!(one != other && one != none && other != none);
        assert_eq!(one, fingerprint(r#"{"org":"co_1","customer":"C-1","exp":2}"#), "a refreshed token");
    }
}
