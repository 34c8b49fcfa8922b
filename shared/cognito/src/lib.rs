//! Cognito, as the functions that ask about people reach it: a client with a time limit, a person's address, and
//! which failures are temporary.

use std::time::Duration;

use api::{Problem, ProblemType};
use aws_sdk_cognitoidentityprovider::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeType,
};
use domain::{Email, profile::Address};
use store::SdkConfig;

/// The time limit of an [`AddressReader`], all tries together; shorter than the timeout of a function.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(6);

/// Reads addresses, for functions that call nothing else of Cognito.
#[derive(Debug, Clone)]
pub struct AddressReader(Client);

impl AddressReader {
    /// A reader that waits six seconds at most.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self(client(config, ADDRESS_TIMEOUT))
    }

    /// As [`address`].
    ///
    /// # Errors
    /// As [`address`].
    pub async fn address(&self, access_token: &str) -> Result<Address, Problem> {
        address(&self.0, access_token).await
    }
}

/// A client whose calls take at most this long, all tries together.
#[must_use]
pub fn client(config: &SdkConfig, timeout: Duration) -> Client {
    let timeout = TimeoutConfig::builder().operation_timeout(timeout).build();
    Client::from_conf(Builder::from(config).timeout_config(timeout).build())
}

/// The address of the person that the access token was issued to. One `GetUser`, which Cognito allows
/// on the token alone: the function's own role has no part in it.
///
/// # Errors
/// `401 not-signed-in` when Cognito no longer takes the token, `503 unavailable` when it does
/// not answer.
pub async fn address(client: &Client, access_token: &str) -> Result<Address, Problem> {
    let answer = client.get_user().access_token(access_token).send().await.map_err(|error| {
        let refused = ["NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException"];
        // Signed out everywhere, deleted, or a token that lacks the scope to read one's own
        // attributes: the gateway judges a token by its signature alone, and knows none of this.
        match error.code() {
            Some(code) if refused.contains(&code) => Problem::new(ProblemType::NotSignedIn)
                .detail("the identity provider no longer accepts this access token"),
            Some(_) | None => problem(&error),
        }
    })?;
    Ok(address_in(answer.user_attributes()))
}

/// The address among a person's attributes.
#[must_use]
pub fn address_in(attributes: &[AttributeType]) -> Address {
    Address {
        email: attribute(attributes, "email").and_then(|email| email.parse().ok()).filter(Email::is_deliverable),
        verified: attribute(attributes, "email_verified") == Some("true"),
    }
}

/// The value of an attribute.
#[must_use]
pub fn attribute<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name() == name).and_then(AttributeType::value)
}

/// A call that failed: worth another try later, or our own fault. Only the code is kept: the text
/// may quote the address.
pub fn problem<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Problem {
    let code = error.code().unwrap_or("no answer");
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match (code, status) {
        ("TooManyRequestsException" | "LimitExceededException", _) | (_, None | Some(200 | 500..)) => {
            tracing::warn!(%code, "the identity provider is unavailable");
            Problem::new(ProblemType::Unavailable)
        }
        (_, Some(_)) => Problem::internal(format_args!("the identity provider refused: {code}")),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cognitoidentityprovider::config::{
        BehaviorVersion, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    };
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        result::ConnectorError,
    };
    use serde_json::{Value, json};

    use super::*;

    /// Cognito, always with the same answer; none at all when there is no status.
    #[derive(Debug)]
    struct Fake(Option<u16>, Value);

    impl HttpConnector for Fake {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let target = request.headers().get("x-amz-target");
            assert_eq!(target, Some("AWSCognitoIdentityProviderService.GetUser"));
            assert!(request.headers().get("authorization").is_none(), "the token alone speaks");
            HttpConnectorFuture::ready(match self.0 {
                Some(status) => Ok(HttpResponse::new(status.try_into().unwrap(), self.1.to_string().into())),
                None => Err(ConnectorError::io("connection refused".into())),
            })
        }
    }

    async fn ask(status: Option<u16>, body: Value) -> Result<Address, Problem> {
        let connector = SharedHttpConnector::new(Fake(status, body));
        let config = aws_sdk_cognitoidentityprovider::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        address(&Client::from_conf(config), "token").await
    }

    #[tokio::test]
    async fn an_address_is_verified_only_when_cognito_says_so() {
        for (says, verified) in [(json!("true"), true), (json!("false"), false), (json!(null), false)] {
            let attributes = json!([
                {"Name": "sub", "Value": "u-1"},
                {"Name": "email", "Value": "Mona@Example.com"},
                {"Name": "email_verified", "Value": says},
            ]);
            let address = ask(Some(200), json!({"Username": "u-1", "UserAttributes": attributes})).await.unwrap();
            assert_eq!(address, Address { email: Some("mona@example.com".parse().unwrap()), verified });
        }
        let none = ask(Some(200), json!({"Username": "u-1", "UserAttributes": []})).await.unwrap();
        assert_eq!(none, Address { email: None, verified: false });
    }

    #[tokio::test]
    async fn a_refused_token_a_silent_provider_and_our_own_fault_are_told_apart() {
        for (status, code, expected) in [
            (Some(400), "NotAuthorizedException", 401),
            (Some(400), "UserNotFoundException", 401),
            (Some(400), "PasswordResetRequiredException", 401),
            (Some(400), "TooManyRequestsException", 503),
            (Some(500), "InternalErrorException", 503),
            (None, "", 503),
            (Some(400), "InvalidParameterException", 500),
        ] {
            let problem = ask(status, json!({"__type": code})).await.unwrap_err();
            assert_eq!(problem.status().as_u16(), expected, "{code}");
        }
    }
}
