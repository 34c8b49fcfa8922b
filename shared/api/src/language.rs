//! The language in which the sender of a request reads.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::language::Reader;

/// Who reads the answer, by the request's `Accept-Language`: in English where that is missing, cannot be read, or names
/// no language that is spoken here. Their clock is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestReader(pub Reader);

impl RequestReader {
    /// Who reads the answer to a request with these headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get_all(header::ACCEPT_LANGUAGE).into_iter();
        // Several headers are one list (RFC 9110, section 5.3).
        let list: Vec<&str> = sent.filter_map(|value| value.to_str().ok()).collect();
        Self(Reader::accepting(&list.join(",")))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestReader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use domain::language::Language;

    use super::*;

    /// A person would otherwise get a page in a language that their browser did not ask for, or none at all.
    #[test]
    fn a_request_is_answered_in_the_language_that_its_headers_prefer() {
        let language = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(value).unwrap());
            }
            RequestReader::of(&headers).0.language()
        };
        let sent: [(&[&[u8]], Language); 6] = [
            (&[], Language::English),
            (&[b"de-CH, de;q=0.9, en;q=0.8"], Language::German),
            (&[b"en;q=0.5", b"fr"], Language::French),
            (&[b"\xff\xfe", b"nl"], Language::Dutch),
            (&[b"\xff\xfe"], Language::English),
            (&[b"pt-BR"], Language::English),
        ];
        for (values, expected) in sent {
            assert_eq!(language(values), expected, "{values:?}");
        }
    }
}
