//! The few AWS calls that the tests make as the account's root: Lambda Invoke, KMS, Cognito, SQS, SNS.
//!
//! They are plain requests over HTTP with a Signature Version 4 header, because the local stack enforces
//! IAM and signatures. An SDK client each would cost minutes of compile time for four operations.

use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::stack::Stack;

/// The emulator's root credentials: public, and good for nothing but the local stack.
pub const ROOT_KEY: (&str, &str) = ("test", "test");

/// Calls one operation of an AWS JSON service, such as `("kms", "TrentService.Sign")`.
///
/// # Errors
/// The status and body of an answer that is not a success.
pub async fn call(
    stack: &Stack,
    client: &reqwest::Client,
    service: &str,
    target: &str,
    body: &Value,
) -> Result<Value, (u16, Value)> {
    let version = if service == "sqs" || service == "dynamodb" || service == "logs" { "1.0" } else { "1.1" };
    let content_type = format!("application/x-amz-json-{version}");
    let body = body.to_string().into_bytes();
    let headers = [("content-type", content_type.as_str()), ("x-amz-target", target)];
    let (status, bytes) = signed(stack, client, service, "/", &headers, body).await;
    let answer =
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    if status < 300 { Ok(answer) } else { Err((status, answer)) }
}

/// Publishes a message on a topic, as SES publishes what became of a letter.
///
/// # Panics
/// When the topic does not take it.
pub async fn publish(stack: &Stack, client: &reqwest::Client, topic: &str, message: &str) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "Publish"), ("Version", "2010-03-31"), ("TopicArn", topic), ("Message", message)])
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let (status, answer) = signed(stack, client, "sns", "/", &headers, body.into_bytes()).await;
    assert!(status < 300, "the topic does not take it: {status} {}", String::from_utf8_lossy(&answer));
}

/// What an invoked function answered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invoked {
    /// `Some` when the function failed: `Unhandled` and the like.
    pub error: Option<String>,
    /// What the function returned, or the error it raised.
    pub payload: Value,
}

impl Invoked {
    /// The payload of an invocation that did not fail.
    ///
    /// # Panics
    /// When the function failed.
    #[track_caller]
    #[allow(clippy::must_use_candidate, reason = "also called for its assertion")]
    pub fn ok(self) -> Value {
        assert!(self.error.is_none(), "the function failed ({:?}): {}", self.error, self.payload);
        self.payload
    }
}

/// Runs a function by its folder name with an event, and waits for its answer.
///
/// # Panics
/// When the Lambda API itself refuses the call.
pub async fn invoke(stack: &Stack, client: &reqwest::Client, function: &str, event: &Value) -> Invoked {
    let path = format!("/2015-03-31/functions/{}/invocations", stack.function(function));
    let request = sign(
        stack,
        client,
        ("POST", "lambda", &path),
        &[("content-type", "application/json"), ("x-amz-invocation-type", "RequestResponse")],
        event.to_string().into_bytes(),
    );
    let answer = request.send().await.unwrap_or_else(|e| panic!("Lambda Invoke of {function} failed: {e}"));
    let status = answer.status().as_u16();
    let error =
        answer.headers().get("x-amz-function-error").map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let bytes = answer.bytes().await.unwrap_or_default();
    assert!(status < 300, "Lambda refused to invoke {function}: {status} {}", String::from_utf8_lossy(&bytes));
    Invoked { error, payload: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

/// Reads an object of a bucket: the status and the body. Its key needs no escapes.
///
/// # Panics
/// When the emulator does not answer.
pub async fn object(stack: &Stack, client: &reqwest::Client, bucket: &str, key: &str) -> (u16, Vec<u8>) {
    let request = sign(stack, client, ("GET", "s3", &format!("/{bucket}/{key}")), &[], Vec::new());
    let answer = request.send().await.expect("the emulator answers");
    (answer.status().as_u16(), answer.bytes().await.unwrap_or_default().to_vec())
}

async fn signed(
    stack: &Stack,
    client: &reqwest::Client,
    service: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, Vec<u8>) {
    let answer = sign(stack, client, ("POST", service, path), headers, body)
        .send()
        .await
        .unwrap_or_else(|e| panic!("the emulator did not answer a {service} call: {e}"));
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap_or_default().to_vec())
}

/// Signature Version 4 with a signed payload, for a method, a service and a path that needs no escaping.
fn sign(
    stack: &Stack,
    client: &reqwest::Client,
    (method, service, path): (&str, &str, &str),
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> reqwest::RequestBuilder {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = at.get(..8).unwrap_or_default();
    let host = stack.endpoint.split("://").last().unwrap_or_default().trim_end_matches('/');
    let body_hash = hex(&Sha256::digest(&body));

    let mut signed: Vec<(&str, &str)> = headers.to_vec();
    signed.extend([("host", host), ("x-amz-content-sha256", body_hash.as_str()), ("x-amz-date", at.as_str())]);
    signed.sort_unstable();
    let canonical: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");

    let scope = format!("{day}/{}/{service}/aws4_request", stack.region);
    let request = format!("{method}\n{path}\n\n{canonical}\n{names}\n{body_hash}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(request.as_bytes())));
    let mut key = format!("AWS4{}", ROOT_KEY.1).into_bytes();
    for part in [day, stack.region.as_str(), service, "aws4_request"] {
        key = mac(&key, part.as_bytes());
    }
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", ROOT_KEY.0);

    let method = method.parse().expect("a method");
    let url = format!("{}{path}", stack.endpoint.trim_end_matches('/'));
    let mut request = client.request(method, url).body(body);
    for (name, value) in signed.into_iter().filter(|(name, _)| *name != "host") {
        request = request.header(name, value);
    }
    request.header("authorization", authorization)
}

/// HMAC-SHA-256, also what signs a provider's webhook.
#[must_use]
pub fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
