//! The provider with its credentials as they are now: read from the parameter store, kept for five
//! minutes, so that a rotation reaches running functions without a deployment.

use std::{fmt, sync::Arc};

use aws_sdk_ssm::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use domain::UtcTime;
use tokio::sync::Mutex;

use crate::{
    secrets::ProviderSecrets,
    stripe::{ProviderError, Stripe},
};

/// How long credentials are used before they are read again, in seconds.
const KEPT_FOR_S: i64 = 300;

/// The payment provider of this deployment. Made once, in `main`; cheap to clone.
#[derive(Clone)]
pub struct Provider {
    parameters: Client,
    parameter_name: Arc<str>,
    base_url: Arc<str>,
    kept: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    stripe: Stripe,
    read_at: UtcTime,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Provider {
    /// The provider at `base_url` with the credentials in a SecureString parameter. Does no I/O.
    #[must_use]
    pub fn new(parameters: Client, parameter_name: &str, base_url: &str) -> Self {
        Self { parameters, parameter_name: parameter_name.into(), base_url: base_url.into(), kept: Arc::default() }
    }

    /// The adapter to use at this time. Reads the parameter when the cached credentials are older than
    /// five minutes; if that fails, the cached ones stay in use, since Stripe itself refuses a key that is no
    /// longer valid.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] or [`ProviderError::Misconfigured`] when nothing was ever
    /// read.
    pub async fn at(&self, now: UtcTime) -> Result<Stripe, ProviderError> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref()
            && now < kept.read_at.plus_s(KEPT_FOR_S)
        {
            return Ok(kept.stripe.clone());
        }
        let stripe = match (self.read().await, kept.as_ref()) {
            (Ok(secrets), Some(kept)) => kept.stripe.with_secrets(secrets),
            (Ok(secrets), None) => Stripe::new(&self.base_url, secrets)?,
            (Err(error), Some(kept)) => {
                tracing::warn!(%error, "the provider's credentials could not be read again");
                kept.stripe.clone()
            }
            (Err(error), None) => return Err(error),
        };
        *kept = Some(Kept { stripe: stripe.clone(), read_at: now });
        Ok(stripe)
    }

    async fn read(&self) -> Result<Arc<ProviderSecrets>, ProviderError> {
        let read = self.parameters.get_parameter().name(&*self.parameter_name).with_decryption(true).send().await;
        let read = read.map_err(|error| unread(&error))?;
        let value = read.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
        let secrets = ProviderSecrets::from_json(&value)
            .map_err(|error| ProviderError::Misconfigured { reason: error.to_string() })?;
        Ok(Arc::new(secrets))
    }
}

/// Sorts a failed read into one that may succeed when repeated and one that needs an operator. Only
/// the code is kept.
fn unread<E: ProvideErrorMetadata>(error: &SdkError<E>) -> ProviderError {
    let code = error.code().unwrap_or("no answer");
    let reason = format!("parameter store: {code}");
    let needs_an_operator = matches!(
        code,
        "ParameterNotFound"
            | "AccessDeniedException"
            | "InvalidKeyId"
            | "ValidationException"
            | "ParameterVersionNotFound"
    );
    if needs_an_operator { ProviderError::Misconfigured { reason } } else { ProviderError::Unavailable { reason } }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex as StdMutex,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_sdk_ssm::config::{
        BehaviorVersion, Credentials, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    };
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use serde_json::{Value, json};

    use super::*;

    /// A parameter store that answers as it was last told, and counts.
    #[derive(Debug, Clone)]
    struct Fake {
        answer: Arc<StdMutex<(u16, Value)>>,
        reads: Arc<AtomicUsize>,
    }

    impl HttpConnector for Fake {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            assert_eq!(body, json!({"Name": "/countersign/stripe", "WithDecryption": true}));
            self.reads.fetch_add(1, Ordering::Relaxed);
            let (status, body) = self.answer.lock().unwrap().clone();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.to_string().into())))
        }
    }

    impl Fake {
        fn holding(secret: &str) -> Self {
            let fake = Self { answer: Arc::new(StdMutex::new((500, Value::Null))), reads: Arc::default() };
            fake.hold(secret);
            fake
        }

        fn hold(&self, secret: &str) {
            let value = format!(r#"{{"api_key":"k","webhook_secrets":["{secret}"],"livemode":false,"account":null}}"#);
            *self.answer.lock().unwrap() = (200, json!({"Parameter": {"Value": value}}));
        }

        fn fail(&self, status: u16, code: &str) {
            *self.answer.lock().unwrap() = (status, json!({"__type": code, "message": "canary"}));
        }

        fn reads(&self) -> usize {
            self.reads.load(Ordering::Relaxed)
        }

        fn provider(&self) -> Provider {
            let connector = SharedHttpConnector::new(self.clone());
            let config = aws_sdk_ssm::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                .retry_config(RetryConfig::disabled())
                .http_client(http_client_fn(move |_, _| connector.clone()))
                .build();
            Provider::new(Client::from_conf(config), "/countersign/stripe", "https://api.stripe.com")
        }
    }

    fn at(seconds: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(seconds)
    }

    fn secret(stripe: &Stripe) -> String {
        use secrecy::ExposeSecret as _;
        stripe.secrets().webhook_secrets()[0].expose_secret().to_owned()
    }

    #[tokio::test]
    async fn credentials_are_read_once_in_five_minutes() {
        let fake = Fake::holding("old");
        let provider = fake.provider();
        assert_eq!(secret(&provider.at(at(0)).await.unwrap()), "old");
        fake.hold("new");
        assert_eq!(secret(&provider.at(at(KEPT_FOR_S - 1)).await.unwrap()), "old");
        assert_eq!(fake.reads(), 1);
        assert_eq!(secret(&provider.clone().at(at(KEPT_FOR_S)).await.unwrap()), "new");
        assert_eq!(fake.reads(), 2);
    }

    #[tokio::test]
    async fn what_is_kept_serves_on_when_it_cannot_be_read_again() {
        let fake = Fake::holding("old");
        let provider = fake.provider();
        provider.at(at(0)).await.unwrap();
        fake.fail(500, "InternalServerError");
        assert_eq!(secret(&provider.at(at(KEPT_FOR_S)).await.unwrap()), "old");
    }

    #[tokio::test]
    async fn nothing_read_is_unavailable_or_misconfigured_and_tells_no_secret() {
        let fake = Fake::holding("canary");
        let provider = fake.provider();
        fake.fail(500, "InternalServerError");
        let error = provider.at(at(0)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unavailable { .. }), "{error:?}");
        fake.fail(400, "ParameterNotFound");
        let error = provider.at(at(0)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Misconfigured { .. }), "{error:?}");
        *fake.answer.lock().unwrap() = (200, json!({"Parameter": {"Value": "{\"api_key\":\"canary\"}"}}));
        let error = provider.at(at(0)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Misconfigured { .. }), "{error:?}");
        assert!(!format!("{error} {error:?} {provider:?}").contains("canary"));
    }
}
