//! Starting a function: configuration from the environment, clients made once, and the server
//! loop.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware::{from_fn, map_response},
    response::Response,
};
use domain::limit::Allowances;
use store::Store;

use crate::{
    context::ContextVerifier,
    front::behind_front,
    logs,
    problem::{Problem, ProblemType, in_the_readers_language},
};

/// How long the first read may delay the start.
const WARM_UP_LIMIT: Duration = Duration::from_millis(1500);

/// The variable with the limits that differ from the defaults.
const LIMITS: &str = "LIMITS";

/// What every HTTP function needs: the table, the keys that verify contexts, and the limits.
#[derive(Debug, Clone)]
pub struct Api {
    /// The table.
    pub store: Store,
    /// Verifies context tokens.
    pub verifier: Arc<ContextVerifier>,
    /// The limits.
    pub allowances: Allowances,
}

/// An environment variable that the template must set is missing.
#[derive(Debug, thiserror::Error)]
#[error("environment variable {0} is not set")]
pub struct ConfigError(pub &'static str);

/// Reads an environment variable that the template sets.
///
/// # Errors
/// [`ConfigError`], which names it.
pub fn env_var(name: &'static str) -> Result<String, ConfigError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(ConfigError(name))
}

/// What went wrong at start, or in the server loop.
pub type Error = lambda_http::Error;

/// Starts an HTTP function: logging, the AWS configuration, and the edge.
///
/// Reads the published context keys, and the key of cursors beside them: one cheap read that also opens the connection before
/// the first request. Its failure is ignored, since a request that needs a key reads again.
///
/// # Errors
/// [`ConfigError`], or limits that cannot be read.
pub async fn start() -> Result<(store::SdkConfig, Api), Error> {
    let (config, store) = start_with_table()?;
    let verifier = Arc::new(ContextVerifier::new(env_var("PUBLIC_URL")?));
    let allowances: Allowances = std::env::var(LIMITS).unwrap_or_default().parse()?;
    match tokio::time::timeout(WARM_UP_LIMIT, store.context_keys()).await {
        Ok(Ok(Some(keys))) => verifier.learn(&keys),
        Ok(Ok(None)) => tracing::info!("no context keys are published yet"),
        Ok(Err(_)) | Err(_) => tracing::warn!("context keys could not be read at start"),
    }
    Ok((config, Api { store, verifier, allowances }))
}

/// Starts a function that no caller reaches over HTTP: logging, the AWS configuration, the table.
///
/// # Errors
/// [`ConfigError`].
pub fn start_without_api() -> Result<(store::SdkConfig, Store), Error> {
    let (config, store) = start_with_table()?;
    Ok((config, store.with_open_cursors()))
}

fn start_with_table() -> Result<(store::SdkConfig, Store), Error> {
    logs::start();
    let config = store::sdk_config();
    let store = Store::from_config(&config, env_var("TABLE_NAME")?);
    Ok((config, store))
}

/// Serves a router until the runtime stops the process.
///
/// # Errors
/// An error of the Lambda runtime.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(finished(behind_front(router))).await
}

/// The router with the outer layers: every response has the security headers, every problem is in the reader's language,
/// and an unknown route is a problem too.
fn finished(router: Router) -> Router {
    router
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::new(ProblemType::MethodNotAllowed))
        .layer(from_fn(in_the_readers_language))
        .layer(map_response(safe_headers))
}

async fn safe_headers(mut response: Response) -> Response {
    let defaults: [(HeaderName, &'static str); 3] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let headers = response.headers_mut();
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
