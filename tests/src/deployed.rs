//! The functions of the running stack as processes of our own: the same binary and environment as
//! deployed, under our Runtime API, so that a test can put a [`Chaos`](crate::chaos::Chaos) proxy
//! before the table, kill the process, or measure it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{aws::ROOT_KEY, runtime_api::Launch, stack::Stack};

/// Lambda's description of a function.
async fn configuration(stack: &Stack, http: &reqwest::Client, function: &str) -> Value {
    let endpoint = stack.endpoint.trim_end_matches('/');
    let url = format!("{endpoint}/2015-03-31/functions/{}/configuration", stack.function(function));
    // The emulator reads who calls out of the header, and does not check the signature of a GET.
    let credential = format!("{}/20260101/{}/lambda/aws4_request", ROOT_KEY.0, stack.region);
    let answer = http
        .get(url)
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"))
        .send()
        .await
        .unwrap_or_else(|e| panic!("Lambda did not tell the configuration of {function}: {e}"));
    let status = answer.status();
    let configuration: Value = answer.json().await.unwrap_or_default();
    assert!(status.is_success(), "Lambda refused the configuration of {function}: {status} {configuration}");
    configuration
}

/// The environment variables in a function's configuration.
fn variables(configuration: &Value) -> BTreeMap<String, String> {
    let variables = configuration.pointer("/Environment/Variables").and_then(Value::as_object);
    variables
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The environment variables that a function was deployed with.
///
/// # Panics
/// When the stack does not know the function.
pub async fn environment(stack: &Stack, http: &reqwest::Client, function: &str) -> BTreeMap<String, String> {
    variables(&configuration(stack, http, function).await)
}

/// A function of the stack, ready to be started from a binary, with every AWS service at the stack's
/// endpoint. Set `AWS_ENDPOINT_URL_DYNAMODB` to a proxy's endpoint to come between it and the table.
///
/// It runs with the credentials of its own role, so what the role forbids is refused, and what it does
/// counts when roles are compared with what was done. See [`as_root`].
///
/// # Panics
/// When the stack does not know the function.
pub async fn launch(stack: &Stack, http: &reqwest::Client, function: &str, binary: &Path) -> Launch {
    let configuration = configuration(stack, http, function).await;
    Launch::new(function, binary)
        .envs(variables(&configuration))
        .envs(
            credentials_of(stack, http, stack.functions.get(function).map_or("", String::as_str), &configuration).await,
        )
        .env("AWS_ENDPOINT_URL", stack.endpoint.trim_end_matches('/'))
        .env("AWS_REGION", stack.region.as_str())
        .env("AWS_DEFAULT_REGION", stack.region.as_str())
}

/// The credentials of a function's role, as the variables of its environment, for a test that tries what the role may do.
/// The session has another name than the function's: what a test tries is not what the function did.
///
/// # Panics
/// When the stack does not know the function.
pub async fn credentials(stack: &Stack, http: &reqwest::Client, function: &str) -> BTreeMap<String, String> {
    let arn = stack.functions.get(function).map_or_else(String::new, |arn| format!("{arn}-tried"));
    credentials_of(stack, http, &arn, &configuration(stack, http, function).await).await
}

async fn credentials_of(
    stack: &Stack,
    http: &reqwest::Client,
    arn: &str,
    configuration: &Value,
) -> BTreeMap<String, String> {
    let role = configuration.get("Role").and_then(Value::as_str).unwrap_or_default();
    let url = format!("{}/credentials?function={arn}&role={role}", stack.control_url);
    let answer = http.get(url).send().await;
    let answer = answer.unwrap_or_else(|e| panic!("the emulator gave no credentials of {arn}: {e}"));
    answer.json().await.unwrap_or_else(|e| panic!("what the emulator gave are no credentials of {arn}: {e}"))
}

/// The same as the account's root: for a table that no role knows.
#[must_use]
pub fn as_root(launch: Launch) -> Launch {
    let (key, secret) = ROOT_KEY;
    launch.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_SESSION_TOKEN", "")
}

/// The debug binary that the stack deploys too; `COUNTERSIGN_BINARIES` names another folder.
#[must_use]
pub fn binary(function: &str) -> PathBuf {
    let folder = std::env::var_os("COUNTERSIGN_BINARIES")
        .map_or_else(|| Stack::repository().join("target/debug"), PathBuf::from);
    folder.join(function)
}
