//! Reads a body that a portal sends as JSON and a page as a form.

use api::{Problem, input};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

/// Whether a page's form was sent.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The fields of a form or of JSON. A field of a form that is left empty is left out.
///
/// # Errors
/// The problem of the field that is wrong.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    if !is_form(headers) {
        return input::from_json(body);
    }
    let fields: serde_json::Map<String, serde_json::Value> = form_urlencoded::parse(body)
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    let json = serde_json::to_vec(&fields).map_err(Problem::internal)?;
    input::from_json(&json)
}

/// A field of a form as it was sent, to be shown again.
pub(crate) fn field(body: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(body).find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        decision: String,
        reason: Option<String>,
    }

    /// A reason that is left empty in the form would otherwise be refused as no text.
    #[test]
    fn a_form_and_json_say_the_same_and_an_empty_field_says_nothing() {
        let mut form = HeaderMap::new();
        form.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"));
        let read_form = |body: &str| read::<Fields>(&form, body.as_bytes());
        let fields = read_form("decision=declined&reason=Too+dear").unwrap();
        assert_eq!((fields.decision.as_str(), fields.reason.as_deref()), ("declined", Some("Too dear")));
        assert_eq!(read_form("decision=accepted&reason=+").unwrap().reason, None);
        let fields: Fields = read(&HeaderMap::new(), br#"{"decision":"accepted"}"#).unwrap();
        assert_eq!(fields.decision, "accepted");
        for body in ["reason=x", "decision=accepted&other=1"] {
            assert!(read_form(body).is_err(), "{body}");
        }
    }
}
