//! How the AWS clients find their region, credentials, endpoints and trust: from the environment
//! alone.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

/// The roots that AWS service endpoints chain to (Amazon Trust Services repository).
///
/// Parsing the system's whole bundle of some 140 roots takes most of a cold start's CPU.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// How long one try of a call may take. The table answers in milliseconds; a connection that died
/// while the function was frozen never does, and the next try opens another.
const ONE_TRY: Duration = Duration::from_secs(3);
/// How long a call may take with all its tries: less than a function has for a request (10 s), so
/// that its caller is told to come back.
const ALL_TRIES: Duration = Duration::from_secs(8);

/// How long AWS is waited for, where a client sets no limits of its own. `TABLE_PATIENCE_MS` replaces
/// both.
fn patience() -> TimeoutConfig {
    let set = std::env::var("TABLE_PATIENCE_MS").ok().and_then(|text| text.parse().ok()).map(Duration::from_millis);
    TimeoutConfig::builder()
        .operation_attempt_timeout(set.unwrap_or(ONE_TRY))
        .operation_timeout(set.unwrap_or(ALL_TRIES))
        .build()
}

/// Whether AWS is reached elsewhere than under its own names: an emulator does not answer under a name
/// for each bucket.
#[must_use]
pub fn is_endpoint_set() -> bool {
    std::env::var_os("AWS_ENDPOINT_URL").is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some()
}

/// The configuration every AWS client of a function is made from.
///
/// Lambda puts all of it into the environment. Naming the two providers keeps the instance
/// metadata service and STS out of the cold start; `AWS_ENDPOINT_URL` and its per-service forms
/// still apply. `SSL_CERT_FILE`, where it is set, replaces the built-in roots.
pub async fn sdk_config() -> SdkConfig {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .timeout_config(patience());
    let trusted = match std::env::var_os("SSL_CERT_FILE") {
        Some(_) => TrustStore::empty().with_native_roots(true),
        None => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
    };
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(tls) => {
            let client =
                Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https();
            config.http_client(client).load().await
        }
        Err(error) => {
            tracing::error!(%error, "the built-in roots cannot be used; falling back to the system's");
            config.load().await
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
