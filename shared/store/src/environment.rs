//! How the AWS clients find their region, credentials, endpoints and trust: from the environment
//! alone.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_types::{
    SdkConfig,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

/// The roots that AWS service endpoints chain to (Amazon Trust Services repository).
///
/// Parsing the system's whole bundle of some 140 roots takes most of a cold start's CPU.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// How long one try of a call may take. The table answers in milliseconds; a connection that died
/// while the function was frozen never does, and the next try opens another.
const ONE_TRY: Duration = Duration::from_secs(3);
/// How long a call may take with all its tries: less than a function has for a request (10 s), so that its caller
/// gets an answer.
const ALL_TRIES: Duration = Duration::from_secs(8);

/// The time limits of AWS calls, where a client sets none of its own. `TABLE_PATIENCE_MS` replaces both.
fn patience() -> TimeoutConfig {
    let set = std::env::var("TABLE_PATIENCE_MS").ok().and_then(|text| text.parse().ok()).map(Duration::from_millis);
    TimeoutConfig::builder()
        .operation_attempt_timeout(set.unwrap_or(ONE_TRY))
        .operation_timeout(set.unwrap_or(ALL_TRIES))
        .build()
}

/// The settings of one service, such as `AWS_ENDPOINT_URL_DYNAMODB`.
#[derive(Debug)]
struct PerService;

impl LoadServiceConfig for PerService {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        set(&format!("{}_{service}", key.env()))
    }
}

/// A variable that is set and not empty.
fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.trim().is_empty())
}

/// What Lambda puts into a function's environment for its role; `None` outside of one.
fn credentials() -> Option<Credentials> {
    let (id, secret) = (set("AWS_ACCESS_KEY_ID")?, set("AWS_SECRET_ACCESS_KEY")?);
    let mut credentials =
        Credentials::builder().access_key_id(id).secret_access_key(secret).provider_name("environment");
    credentials.set_session_token(set("AWS_SESSION_TOKEN"));
    Some(credentials.build())
}

/// Whether AWS is reached elsewhere than under its own names: an emulator does not answer under a name
/// for each bucket.
#[must_use]
pub fn is_endpoint_set() -> bool {
    std::env::var_os("AWS_ENDPOINT_URL").is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some()
}

/// The configuration every AWS client of a function is made from.
///
/// Lambda puts all of it into the environment, so it is read from there and nowhere else: the SDK's own loader
/// would link its profile files, its metadata service and its STS (1.3 MB of each function) although nothing there
/// is used. `AWS_ENDPOINT_URL` and its per-service forms apply. `SSL_CERT_FILE`, where it is set, replaces the
/// built-in roots.
#[must_use]
pub fn sdk_config() -> SdkConfig {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).map(Region::new))
        .timeout_config(patience())
        .service_config(PerService);
    let mut config = match credentials() {
        Some(credentials) => config.credentials_provider(SharedCredentialsProvider::new(credentials)),
        None => config,
    };
    config.set_endpoint_url(set("AWS_ENDPOINT_URL"));
    let trusted = match std::env::var_os("SSL_CERT_FILE") {
        Some(_) => TrustStore::empty().with_native_roots(true),
        None => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
    };
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(tls) => {
            let client =
                Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https();
            config.http_client(client).build()
        }
        Err(error) => {
            tracing::error!(%error, "the built-in roots cannot be used; falling back to the system's");
            config.build()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_roots_are_those_of_amazon_trust_services() {
        let text = std::str::from_utf8(AMAZON_ROOTS).unwrap();
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 5);
        let tls = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS));
        assert!(tls.build().is_ok());
    }
}
