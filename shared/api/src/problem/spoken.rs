//! Problems leave in the language of the request.
//!
//! A handler makes a problem without knowing who reads it. The outermost layer, which sees both the request and the
//! answer, says the title in the reader's language. Nothing that is kept, such as an answer that is recorded for a
//! repeated request, has a title in it.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use domain::language::Reader;

use super::Problem;
use crate::language::RequestReader;

/// Says the title of a problem in the language that `Accept-Language` prefers among ours, else in English. Other answers
/// pass as they are.
pub(crate) async fn in_the_readers_language(request: Request, next: Next) -> Response {
    let RequestReader(reader) = RequestReader::of(request.headers());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => said_to(&reader, problem, response),
        None => response,
    }
}

fn said_to(reader: &Reader, problem: Problem, response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    // The length of the English body.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(reader.language().tag()));
    Response::from_parts(parts, Body::from(problem.titled(reader).to_json()))
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        http::StatusCode,
        middleware::from_fn,
        response::IntoResponse,
        routing::{get, post},
    };
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{Answer, ApiError, ProblemType};

    /// The answer to a request with these languages: its status, its `Content-Language` and its body.
    async fn answer(method: &str, languages: &[&str]) -> (StatusCode, Option<String>, Value) {
        let refused = async || -> Result<Answer, ApiError> {
            Err(Problem::field("name", "is required").detail("look at the fields").retry_after_s(7).into())
        };
        let router = Router::new()
            .route("/", get(async || Answer::ok(&json!({ "title": "Anything" })).into_response()))
            .route("/", post(refused))
            .method_not_allowed_fallback(async || Problem::new(ProblemType::MethodNotAllowed))
            .layer(from_fn(in_the_readers_language));
        let request = languages
            .iter()
            .fold(axum::http::Request::builder(), |request, value| request.header(header::ACCEPT_LANGUAGE, *value));
        let request = request.method(method).uri("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let said = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, language) = (response.status(), said(header::CONTENT_LANGUAGE));
        let length: Option<usize> = said(header::CONTENT_LENGTH).map(|length| length.parse().unwrap());
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            assert_eq!(said(header::CONTENT_TYPE).as_deref(), Some("application/problem+json"));
            assert_eq!(said(header::RETRY_AFTER).as_deref(), Some("7"));
        }
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        assert!(length.is_none_or(|length| length == body.len()), "{length:?}");
        (status, language, serde_json::from_slice(&body).unwrap())
    }

    /// A portal shows the title to a person; a program reads the rest, whatever the person's language is.
    #[tokio::test]
    async fn only_the_title_is_said_in_the_language_of_the_request() {
        for (languages, tag, title) in [
            (&["de-AT, en;q=0.5"][..], "de", "Ein Feld ist ungültig"),
            (&["en;q=0.2, nl;q=0.9"], "nl", "Een veld is ongeldig"),
            (&["fr"], "fr", "Un champ n’est pas valide"),
            (&["pt-BR, es;q=0.1"], "es", "Un campo no es válido"),
            (&["pt-BR"], "en", "A field is not acceptable"),
            (&["de;q=0"], "en", "A field is not acceptable"),
            (&[";;q=,,"], "en", "A field is not acceptable"),
            (&[], "en", "A field is not acceptable"),
        ] {
            let (status, language, body) = answer("POST", languages).await;
            assert_eq!((status, language.as_deref()), (StatusCode::UNPROCESSABLE_ENTITY, Some(tag)), "{languages:?}");
            let expected = json!({
                "type": "urn:countersign:problem:invalid-field", "title": title, "status": 422,
                "detail": "look at the fields", "errors": [{ "field": "name", "detail": "is required" }],
            });
            assert_eq!(body, expected, "{languages:?}");
        }
        let (status, language, body) = answer("DELETE", &["de"]).await;
        assert_eq!((status, language.as_deref()), (StatusCode::METHOD_NOT_ALLOWED, Some("de")));
        assert_eq!(body["title"], "Das ist hier nicht möglich");
    }

    #[tokio::test]
    async fn an_answer_that_is_no_problem_passes_as_it_is() {
        let (status, language, body) = answer("GET", &["de"]).await;
        assert_eq!((status, language, body), (StatusCode::OK, None, json!({ "title": "Anything" })));
    }
}
