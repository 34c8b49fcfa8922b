//! An answer of the API, and what it must look like.

use serde_json::Value;

/// A whole answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The request line, for messages.
    pub line: String,
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, in order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; `Null` when it is empty.
    ///
    /// # Panics
    /// When there is a body and it is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| {
            panic!("{}: {} with a body that is not JSON ({e}): {}", self.line, self.status, self.text())
        })
    }

    /// The JSON body of an answer with this status.
    ///
    /// # Panics
    /// When the status is another.
    #[track_caller]
    #[allow(clippy::must_use_candidate, reason = "also called for its assertions")]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: expected {status}, was {}: {}", self.line, self.status, self.text());
        self.json()
    }

    /// Checks that this is a page for people: 200, HTML, no referrer, no script from elsewhere.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn ok_page(&self) {
        assert_eq!(self.status, 200, "{}: {}", self.line, self.text());
        let media = self.header("content-type").unwrap_or_default();
        assert!(media.starts_with("text/html"), "{}: a page sent as {media}", self.line);
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"), "{}", self.line);
    }

    /// The problem's slug, when the answer is one of ours.
    #[must_use]
    pub fn slug(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.bytes).ok()?;
        Some(problem.get("type")?.as_str()?.strip_prefix("urn:countersign:problem:")?.to_owned())
    }

    /// The problem document of a refusal, held to RFC 9457 and to the house's form.
    ///
    /// # Panics
    /// When the answer is not exactly that refusal, or its problem document is malformed.
    #[track_caller]
    #[allow(clippy::must_use_candidate, reason = "called for its assertions")]
    pub fn refused(&self, status: u16, slug: &str) -> Value {
        assert_eq!(
            (self.status, self.slug().as_deref()),
            (status, Some(slug)),
            "{}: expected {status} {slug}, was {}: {}",
            self.line,
            self.status,
            self.text()
        );
        let media = self.header("content-type").unwrap_or_default();
        assert!(media.starts_with("application/problem+json"), "{}: a problem sent as {media}", self.line);
        assert!(self.header("content-language").is_some(), "{}: a title in no language", self.line);
        let problem = self.json();
        assert_eq!(problem.get("status").and_then(Value::as_u64), Some(u64::from(status)), "{}: {problem}", self.line);
        assert!(problem.get("title").is_some_and(Value::is_string), "{}: no title: {problem}", self.line);
        let known = ["type", "title", "status", "detail", "errors", "permission", "state", "current", "payments"];
        for member in problem.as_object().into_iter().flat_map(|object| object.keys()) {
            assert!(known.contains(&member.as_str()), "{}: a problem leaks `{member}`: {problem}", self.line);
        }
        problem
    }

    /// A refusal that names the field it is about, or an element of it.
    ///
    /// # Panics
    /// When the answer is not that refusal, or another field is named.
    #[track_caller]
    pub fn refused_field(&self, status: u16, slug: &str, field: &str) {
        let problem = self.refused(status, slug);
        let named: Vec<&str> = problem
            .get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|error| error.get("field").and_then(Value::as_str))
            .collect();
        let about = |name: &&str| {
            let rest = name.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('[') || rest.starts_with('.'))
        };
        assert!(named.iter().any(about), "{}: expected `{field}` to be named, was {named:?}: {problem}", self.line);
    }
}
