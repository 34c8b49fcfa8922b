//! `Idempotency-Key`: binds a key to its caller and to the request it came with.

use axum::http::{HeaderMap, Method, Uri};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{DocumentLinkId, UserId};
use store::{Idempotency, KeyOwner};

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
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let Some(key) = headers.get(HEADER) else { return Ok(Self::default()) };
        let key = key.to_str().unwrap_or_default();
        if !(1..=MAX_CHARS).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::field("Idempotency-Key", "must be 1 to 64 visible ASCII characters"));
        }
        Ok(Self { key: Some(key.to_owned()), fingerprint: fingerprint(method, uri, &context_place(headers), body) })
    }

    /// A form of a page, which sends no header: the same fields are the same request. A page whose form may be sent twice
    /// on purpose has a hidden field that differs.
    #[must_use]
    pub fn of_form(uri: &Uri, body: &[u8]) -> Self {
        let fingerprint = fingerprint(&Method::POST, uri, "", body);
        Self { key: Some(fingerprint.clone()), fingerprint }
    }

    /// The key, bound to the caller; `None` if the request has none.
    #[must_use]
    pub fn by(&self, caller: &UserId) -> Option<Idempotency> {
        self.of_owner(KeyOwner::Person(caller.clone()))
    }

    /// The key, bound to a hosted link; `None` if the request has none.
    #[must_use]
    pub fn by_link(&self, link: &DocumentLinkId) -> Option<Idempotency> {
        self.of_owner(KeyOwner::Link(link.clone()))
    }

    fn of_owner(&self, caller: KeyOwner) -> Option<Idempotency> {
        let key = self.key.clone()?;
        Some(Idempotency { caller, key, fingerprint: self.fingerprint.clone() })
    }
}

/// A digest over method, path, place and body: 43 visible ASCII characters.
fn fingerprint(method: &Method, uri: &Uri, place: &str, body: &[u8]) -> String {
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in [method.as_str(), uri.path(), place] {
        digest.update(part.as_bytes());
        digest.update(b"\n");
    }
    digest.update(body);
    URL_SAFE_NO_PAD.encode(digest.finish())
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

    fn fingerprint_at(claims: &str) -> String {
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
                .map(fingerprint_at);
        assert!(one != other && one != none && other != none);
        assert_eq!(one, fingerprint_at(r#"{"org":"co_1","customer":"C-1","exp":2}"#), "a refreshed token");
    }

    /// A form that is sent twice by a double click would otherwise be two comments.
    #[test]
    fn the_same_form_is_the_same_request_and_any_other_field_makes_another() {
        let link = "dl_00000000000070008000000000000000".parse().unwrap();
        let key = |path: &'static str, body: &[u8]| {
            let idempotency = Idempotent::of_form(&Uri::from_static(path), body).by_link(&link).unwrap();
            assert_eq!(idempotency.key.len(), 43);
            (idempotency.key, idempotency.fingerprint)
        };
        let once = key("/h/a/comments", b"text=Thanks&after=cm_1");
        assert_eq!(once, key("/h/a/comments", b"text=Thanks&after=cm_1"));
        let others = [key("/h/a/comments", b"text=Thanks&after=cm_2"), key("/h/b/comments", b"text=Thanks&after=cm_1")];
        assert!(!others.contains(&once));
    }
}
