//! The API as its callers see it: requests, answers, and what an answer must look like.

use std::future::Future;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::cast::Context;
use crate::narrator::Narrator;

/// Someone who can prove who they are at the gateway: a person or a machine.
pub trait Bearer {
    /// The access token.
    fn token(&self) -> &str;
    /// What the demo calls them.
    fn called(&self) -> &str;
}

/// The API of one stack, from outside.
#[derive(Debug, Clone)]
pub struct Api {
    pub(crate) client: reqwest::Client,
    base: String,
    narrator: Narrator,
}

impl Api {
    /// An API client that tells `narrator` about each exchange.
    #[must_use]
    pub fn new(client: reqwest::Client, base: &str, narrator: Narrator) -> Self {
        Self { client, base: base.trim_end_matches('/').to_owned(), narrator }
    }

    /// The same API, telling nobody: for polling and for repeats.
    #[must_use]
    pub fn clone_silent(&self) -> Self {
        Self { narrator: Narrator::silent(), ..self.clone() }
    }

    /// A request by any method; `path` may be a whole address, as a mail carries it.
    pub fn request(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            api: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            shown_body: None,
            who: None,
            place: None,
            showing: Vec::new(),
        }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.request(Method::GET, path)
    }

    /// `POST path`.
    pub fn post(&self, path: &str) -> Call<'_> {
        self.request(Method::POST, path)
    }

    /// `PUT path`.
    pub fn put(&self, path: &str) -> Call<'_> {
        self.request(Method::PUT, path)
    }

    /// `PATCH path`.
    pub fn patch(&self, path: &str) -> Call<'_> {
        self.request(Method::PATCH, path)
    }

    /// `DELETE path`.
    pub fn delete(&self, path: &str) -> Call<'_> {
        self.request(Method::DELETE, path)
    }
}

/// One request being put together.
#[derive(Debug, Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    api: &'a Api,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<(String, Vec<u8>)>,
    /// What the demo prints of the body, as JSON.
    shown_body: Option<Vec<u8>>,
    who: Option<String>,
    place: Option<String>,
    showing: Vec<&'static str>,
}

impl Call<'_> {
    /// Signed in as a person or a machine.
    pub fn by(mut self, who: &impl Bearer) -> Self {
        self.who = Some(who.called().to_owned());
        self.bearer(who.token())
    }

    /// With a token in `Authorization`, whatever it is.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Acting in a company or firm.
    pub fn within(mut self, context: &Context) -> Self {
        self.place = Some(context.name.clone());
        self.context_token(&context.token)
    }

    /// With a context token, whatever it is.
    pub fn context_token(self, token: &str) -> Self {
        self.header("countersign-context", token)
    }

    /// With an idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a JSON body.
    #[allow(clippy::needless_pass_by_value, reason = "callers write json!({…}) in place")]
    pub fn json(mut self, body: Value) -> Self {
        let body = body.to_string().into_bytes();
        self.shown_body = Some(body.clone());
        self.raw("application/json", body)
    }

    /// With any body of any content type.
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some((content_type.to_owned(), body.into()));
        self
    }

    /// With a form, as a browser submits it.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let shown: serde_json::Map<String, Value> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        self.shown_body = Some(Value::Object(shown).to_string().into_bytes());
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", form_escape(name), form_escape(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.raw("application/x-www-form-urlencoded", body)
    }

    /// Which parts of the answer the demo prints (JSON pointers); all of it when none is named.
    pub fn showing(mut self, pointers: &[&'static str]) -> Self {
        self.showing = pointers.to_vec();
        self
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Panics
    /// When nothing answers.
    pub async fn send(self) -> Answer {
        let url =
            if self.path.starts_with("http") { self.path.clone() } else { format!("{}{}", self.api.base, self.path) };
        let mut request = self.api.client.request(self.method.clone(), url).timeout(Duration::from_secs(60));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((content_type, body)) = &self.body {
            request = request.header("content-type", content_type).body(body.clone());
        }
        let line = format!("{} {}", self.method, self.path);
        let sent = request.send().await.unwrap_or_else(|e| panic!("{line}: no answer: {e}"));
        let status = sent.status().as_u16();
        let headers = sent
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let bytes = sent.bytes().await.unwrap_or_else(|e| panic!("{line}: the answer broke off: {e}")).to_vec();
        let answer = Answer { line, status, headers, bytes };
        let told = Told {
            who: self.who.as_deref(),
            place: self.place.as_deref(),
            method: self.method.as_str(),
            path: &self.path,
            body: self.shown_body.as_deref(),
            showing: &self.showing,
        };
        self.api.narrator.exchange(&told, &answer);
        answer
    }

    /// Sends the request; the future borrows nothing but the API.
    pub fn send_owned(self) -> impl Future<Output = Answer> {
        self.send()
    }

    /// Sends the request, expects this status and answers the JSON body (`Null` when there is none).
    pub async fn ok(self, status: u16) -> Value {
        self.send().await.ok(status)
    }

    /// Sends the request and expects a refusal of this status and problem slug.
    pub async fn refused(self, status: u16, slug: &str) -> Value {
        self.send().await.refused(status, slug)
    }
}

/// What the demo tells of a request.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) who: Option<&'a str>,
    pub(crate) place: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) showing: &'a [&'static str],
}

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
        let problem = self.json();
        assert_eq!(problem.get("status").and_then(Value::as_u64), Some(u64::from(status)), "{}: {problem}", self.line);
        assert!(problem.get("title").is_some_and(Value::is_string), "{}: no title: {problem}", self.line);
        let known = ["type", "title", "status", "detail", "errors", "permission", "state"];
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

fn form_escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
