//! The API as its callers see it: who calls, and one request at a time.

use std::future::Future;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

pub use crate::answer::Answer;
use crate::context::Context;
use crate::narrator::{Narrator, Told};

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
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
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
