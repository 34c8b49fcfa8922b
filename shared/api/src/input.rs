//! Typed input: a request becomes a value, or a problem that names the field.

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{
    answer::ApiError,
    idempotent::Idempotent,
    problem::{Problem, ProblemType},
};

/// The largest body taken, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The largest body with the lines of a sales document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024;

/// A JSON body of at most `MAX` bytes, and the request's idempotency key.
///
/// An empty body reads as `{}`, so that a request without required fields needs none.
#[derive(Debug, Clone)]
pub struct Body<T, const MAX: usize = MAX_BODY_BYTES> {
    /// The value.
    pub value: T,
    /// The key, if the request has one.
    pub idempotent: Idempotent,
}

impl<S, T, const MAX: usize> FromRequest<S> for Body<T, MAX>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX)
            .await
            .map_err(|_| Problem::new(ProblemType::TooLarge).detail(format!("at most {MAX} bytes")))?;
        if !bytes.is_empty() && !is_json(&parts.headers) {
            return Err(Problem::new(ProblemType::UnsupportedMediaType).into());
        }
        let idempotent = Idempotent::of(&parts.method, &parts.uri, &parts.headers, &bytes)?;
        let json: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        Ok(Self { value: from_json(json)?, idempotent })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Reads JSON, naming the field that is wrong.
///
/// # Errors
/// `400 malformed-request` if the text is not JSON, `422 invalid-field` for any other error.
pub fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => field_problem(&path, &inner.to_string()),
            // serde reports a number or a list in place of an enum as bad syntax, though it is valid JSON.
            serde_json::error::Category::Syntax if serde_json::from_slice::<IgnoredAny>(json).is_ok() => {
                field_problem(&path, "is not of the expected type")
            }
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => {
                Problem::new(ProblemType::MalformedRequest).detail("the body is not JSON")
            }
        }
    })?;
    deserializer.end().map_err(|_| Problem::new(ProblemType::MalformedRequest).detail("the body is not JSON"))?;
    Ok(value)
}

/// A refused field, from a path and the deserializer's message.
fn field_problem(path: &str, message: &str) -> Problem {
    // The position in the text means nothing to a person who filled in a form.
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = |prefix: &str| message.strip_prefix(prefix).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let (named, detail) = if let Some(field) = quoted("unknown field `") {
        (Some(field), "is not a known field".to_owned())
    } else if let Some(field) = quoted("missing field `") {
        (Some(field), "is required".to_owned())
    } else if let Some(field) = quoted("duplicate field `") {
        (Some(field), "is given twice".to_owned())
    } else {
        (None, message.to_owned())
    };
    let parent = if path == "." { "" } else { path };
    let field = match named {
        // The path may or may not have reached the unknown field already.
        Some(name) if parent == name || parent.ends_with(&format!(".{name}")) => parent.to_owned(),
        Some(name) if parent.is_empty() => name,
        Some(name) => format!("{parent}.{name}"),
        None if parent.is_empty() => "body".to_owned(),
        None => parent.to_owned(),
    };
    Problem::field(&field, detail)
}

/// Path parameters. Text that cannot be an id gets 404, as an id that does not exist.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found().into()),
        }
    }
}

/// Query parameters.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let deserializer = serde_urlencoded::Deserializer::new(pairs);
        serde_path_to_error::deserialize(deserializer)
            .map(Self)
            .map_err(|error| field_problem(&error.path().to_string(), &error.inner().to_string()).into())
    }
}

#[cfg(test)]
mod tests {
    use domain::{Email, money::Amount};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Pay {
        amount_minor: Amount,
        payees: Vec<Payee>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Payee {
        email: Email,
    }

    fn refused(json: &str) -> String {
        let problem = from_json::<Pay>(json.as_bytes()).unwrap_err();
        serde_json::to_value(problem).unwrap()["errors"][0].to_string()
    }

    /// Proves: 3
    #[test]
    fn a_refused_field_is_named_with_its_path() {
        let cases = [
            (r#"{"amount_minor":1.5,"payees":[]}"#, "amount_minor"),
            (r#"{"amount_minor":-1,"payees":[]}"#, "amount_minor"),
            (r#"{"amount_minor":1,"payees":[{"email":"x"}]}"#, "payees[0].email"),
            (r#"{"amount_minor":1,"payees":[{"email":"a@b.example","owner":true}]}"#, "payees[0].owner"),
            (r#"{"amount_minor":1,"payees":[],"status":"paid"}"#, "status"),
            (r#"{"payees":[]}"#, "amount_minor"),
            (r#"{"amount_minor":1,"payees":[],"payees":[]}"#, "payees"),
            (r#"[]"#, "body"),
        ];
        for (json, field) in cases {
            let said = refused(json);
            assert!(said.contains(&format!("\"field\":\"{field}\"")), "{json}: {said}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Member,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Invite {
        kind: Kind,
    }

    #[test]
    fn a_value_of_another_type_in_an_enums_place_is_named() {
        assert!(matches!(from_json(br#"{"kind":"member"}"#), Ok(Invite { kind: Kind::Member })));
        for json in [r#"{"kind":7}"#, r#"{"kind":[[]]}"#, r#"{"kind":null}"#, r#"{"kind":{}}"#, r#"{"kind":"x"}"#] {
            let problem = from_json::<Invite>(json.as_bytes()).unwrap_err();
            let said = serde_json::to_value(problem).unwrap();
            assert_eq!(said["errors"][0]["field"], "kind", "{json}: {said}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for json in ["", "{", "{}x", "nul", "\u{0}"] {
            let problem = from_json::<Pay>(json.as_bytes()).unwrap_err();
            assert!(problem.status().is_client_error());
        }
        let trailing = from_json::<Payee>(br#"{"email":"a@b.example"} extra"#).unwrap_err();
        assert_eq!(trailing.status().as_u16(), 400);
    }
}
