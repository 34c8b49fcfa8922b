//! The event and the answer of API Gateway's HTTP API (payload format 2.0).
//!
//! Source: "Working with AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer
//! guide. Only what the gateway does is here; routes and claims are the caller's.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The account that everything runs in.
pub(super) const ACCOUNT_ID: &str = "123456789012";

/// An HTTP request, to be put into an event.
#[derive(Debug, Clone)]
pub struct HttpEvent {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: Option<Vec<u8>>,
    claims: Option<Map<String, Value>>,
    scopes: Option<Vec<String>>,
    source_ip: String,
}

impl HttpEvent {
    /// A request without body, signed in as nobody.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: BTreeMap::from([
                ("host".to_owned(), "api.countersign.test".to_owned()),
                ("accept".to_owned(), "*/*".to_owned()),
                ("user-agent".to_owned(), "countersign-tests".to_owned()),
            ]),
            cookies: Vec::new(),
            body: None,
            claims: None,
            scopes: None,
            source_ip: "192.0.2.10".to_owned(),
        }
    }

    /// The method, upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The names of the query's parameters, in their order.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.iter().map(|(name, _)| name.as_str())
    }

    /// A GET request.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A POST request without body.
    #[must_use]
    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    /// A PUT request without body.
    #[must_use]
    pub fn put(path: &str) -> Self {
        Self::new("PUT", path)
    }

    /// A DELETE request.
    #[must_use]
    pub fn delete(path: &str) -> Self {
        Self::new("DELETE", path)
    }

    /// Adds a query parameter; the same name may come again.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a header. The gateway hands header names over in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    /// Adds a cookie, `name=value`.
    #[must_use]
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.cookies.push(cookie.to_owned());
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().into_bytes())
    }

    /// Sets a form body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", encoded.into_bytes())
    }

    /// Sets any body. One whose type is not text arrives base64-encoded, as the gateway does it.
    #[must_use]
    pub fn body(self, content_type: &str, body: Vec<u8>) -> Self {
        let length = body.len().to_string();
        let mut event = self.header("content-type", content_type).header("content-length", &length);
        event.body = Some(body);
        event
    }

    /// The claims of the JWT that the gateway's authorizer has checked. It hands every claim over
    /// as a string, and a list as its elements in brackets.
    #[must_use]
    pub fn claims(mut self, claims: &Value) -> Self {
        let claims = claims.as_object().cloned().unwrap_or_default();
        self.claims = Some(claims.into_iter().map(|(name, value)| (name, Value::String(claim_text(&value)))).collect());
        self
    }

    /// The scopes that the route demanded.
    #[must_use]
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = Some(scopes.iter().map(|&scope| scope.to_owned()).collect());
        self
    }

    /// The caller's address.
    #[must_use]
    pub fn source_ip(mut self, address: &str) -> Self {
        address.clone_into(&mut self.source_ip);
        self
    }

    /// The event.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let now = Timestamp::now();
        let route_key = "$default";
        let mut context = json!({
            "accountId": ACCOUNT_ID,
            "apiId": "bench00000",
            "domainName": "api.countersign.test",
            "domainPrefix": "api",
            "http": {
                "method": self.method,
                "path": self.path,
                "protocol": "HTTP/1.1",
                "sourceIp": self.source_ip,
                "userAgent": self.headers.get("user-agent"),
            },
            "requestId": Uuid::new_v4().simple().to_string(),
            "routeKey": route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        });
        if let (Some(claims), Some(context)) = (&self.claims, context.as_object_mut()) {
            let authorizer = json!({ "jwt": { "claims": claims, "scopes": self.scopes } });
            context.insert("authorizer".to_owned(), authorizer);
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path,
            "rawQueryString": self.raw_query(),
            "headers": self.headers,
            "requestContext": context,
            "isBase64Encoded": false,
        });
        if let Some(event) = event.as_object_mut() {
            if !self.cookies.is_empty() {
                event.insert("cookies".to_owned(), json!(self.cookies));
            }
            if !self.query.is_empty() {
                event.insert("queryStringParameters".to_owned(), json!(self.joined_query()));
            }
            if let Some(body) = &self.body {
                let (body, is_base64) = self.encoded(body);
                event.insert("body".to_owned(), Value::String(body));
                event.insert("isBase64Encoded".to_owned(), Value::Bool(is_base64));
            }
        }
        event
    }

    fn raw_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish()
    }

    /// Repeated parameters are joined with commas.
    fn joined_query(&self) -> BTreeMap<&str, String> {
        let mut joined: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.query {
            joined
                .entry(name)
                .and_modify(|values| {
                    values.push(',');
                    values.push_str(value);
                })
                .or_insert_with(|| value.clone());
        }
        joined
    }

    fn encoded(&self, body: &[u8]) -> (String, bool) {
        let content_type = self.headers.get("content-type").map(String::as_str);
        let is_text = content_type.is_some_and(|kind| {
            kind.starts_with("text/")
                || kind.starts_with("application/json")
                || kind.starts_with("application/xml")
                || kind.starts_with("application/javascript")
        });
        match std::str::from_utf8(body) {
            Ok(text) if is_text => (text.to_owned(), false),
            _ => (STANDARD.encode(body), true),
        }
    }
}

fn claim_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(claim_text).collect();
            format!("[{}]", values.join(" "))
        }
        other => other.to_string(),
    }
}

/// The function's answer is not the answer of an HTTP API.
#[derive(Debug, thiserror::Error)]
#[error("not an HTTP answer: {0}")]
pub struct NotAnHttpAnswer(Value);

/// What an HTTP function answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// Reads what a function responded to the gateway.
    ///
    /// # Errors
    /// When it is no answer of HTTP.
    pub fn parse(response: &Value) -> Result<Self, NotAnHttpAnswer> {
        let fail = || NotAnHttpAnswer(response.clone());
        let status = response
            .get("statusCode")
            .and_then(Value::as_u64)
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(fail)?;
        let headers = response.get("headers").and_then(Value::as_object);
        let headers = headers
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned())))
            .collect();
        let cookies = response.get("cookies").and_then(Value::as_array);
        let cookies = cookies.into_iter().flatten().filter_map(|cookie| cookie.as_str().map(str::to_owned)).collect();
        let text = response.get("body").and_then(Value::as_str).unwrap_or_default();
        let is_base64 = response.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
        let body =
            if is_base64 { STANDARD.decode(text).map_err(|_undecodable| fail())? } else { text.as_bytes().to_owned() };
        Ok(Self { status, headers, cookies, body })
    }

    /// The body as text, whatever is not UTF-8 in it replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_gateways_shape() {
        let event = HttpEvent::post("/v1/things")
            .query("a", "1")
            .query("a", "2 3")
            .header("X-Thing", "y")
            .cookie("c=d")
            .json(&json!({ "b": 1 }))
            .claims(&json!({ "sub": "u-1", "exp": 17, "cognito:groups": ["a", "b"] }))
            .scopes(&["countersign/ledger"])
            .to_json();
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["rawPath"], "/v1/things");
        assert_eq!(event["rawQueryString"], "a=1&a=2+3");
        assert_eq!(event["queryStringParameters"]["a"], "1,2 3");
        assert_eq!(event["headers"]["x-thing"], "y");
        assert_eq!(event["cookies"], json!(["c=d"]));
        assert_eq!(event["body"], r#"{"b":1}"#);
        assert_eq!(event["isBase64Encoded"], false);
        let jwt = &event["requestContext"]["authorizer"]["jwt"];
        assert_eq!(jwt["claims"], json!({ "sub": "u-1", "exp": "17", "cognito:groups": "[a b]" }));
        assert_eq!(jwt["scopes"], json!(["countersign/ledger"]));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
    }

    #[test]
    fn a_form_arrives_base64_encoded_and_a_public_route_has_no_authorizer() {
        let event = HttpEvent::post("/i/t").form(&[("name", "Zoë & co")]).to_json();
        assert_eq!(event["isBase64Encoded"], true);
        let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
        assert_eq!(body, b"name=Zo%C3%AB+%26+co");
        assert!(event["requestContext"].get("authorizer").is_none());
    }

    #[test]
    fn an_answer_is_decoded() {
        let answer = HttpAnswer::parse(&json!({
            "statusCode": 201,
            "headers": { "Content-Type": "application/json" },
            "cookies": ["a=b"],
            "body": "e30=",
            "isBase64Encoded": true,
        }))
        .unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.json(), json!({}));
        assert!(HttpAnswer::parse(&json!({ "message": "no" })).is_err());
    }
}
