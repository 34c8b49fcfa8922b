//! Cognito: reads a signed-in person's address, and makes accounts for invited addresses.

use std::time::Duration;

use api::Problem;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::admin_create_user::AdminCreateUserError,
    types::{AttributeType, MessageActionType, UserStatusType},
};
use domain::{Email, UserId, profile::Address};
use store::SdkConfig;

use crate::password::Password;

/// How long one call may take, all its tries together. One request makes at most three calls, which
/// together take less time than the function has.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// Asks Cognito about people, and makes accounts in one user pool.
#[derive(Debug, Clone)]
pub(crate) struct IdentityProvider {
    client: Client,
    pool: String,
}

/// An account that can be signed in to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: UserId,
    /// False where an earlier try had left it half made.
    pub(crate) is_new: bool,
}

/// Why no account was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AccountError {
    /// The address has one that is in use.
    Exists,
    /// The user pool's policy refuses the password; its requirements.
    Password(&'static str),
    /// Cognito refused or did not answer.
    Failed(Problem),
}

impl IdentityProvider {
    pub(crate) fn new(config: &SdkConfig, pool: String) -> Self {
        Self { client: cognito::client(config, CALL_TIMEOUT), pool }
    }

    /// The caller's address; see [`cognito::address`].
    pub(crate) async fn address(&self, access_token: &str) -> Result<Address, Problem> {
        cognito::address(&self.client, access_token).await
    }

    /// Makes an account whose address is verified: the caller holds a link that was sent there. The
    /// password is set from the start, so a refused one leaves nothing behind.
    ///
    /// Finishes an account that an earlier try left half made; any other account stays as it is.
    ///
    /// # Errors
    /// [`AccountError`].
    pub(crate) async fn create(&self, email: &Email, password: &Password) -> Result<Account, AccountError> {
        let made = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(email.as_str())
            .message_action(MessageActionType::Suppress)
            .temporary_password(password.reveal())
            .user_attributes(attribute("email", email.as_str())?)
            .user_attributes(attribute("email_verified", "true")?)
            .send()
            .await;
        let account = match made {
            Ok(answer) => {
                let user = subject(answer.user().map(|user| user.attributes()).unwrap_or_default())?;
                Account { user, is_new: true }
            }
            Err(error) => match error.as_service_error() {
                Some(AdminCreateUserError::UsernameExistsException(_)) => {
                    Account { user: self.half_made(email).await?, is_new: false }
                }
                _ => return Err(refused(&error)),
            },
        };
        self.client
            .admin_set_user_password()
            .user_pool_id(&self.pool)
            .username(email.as_str())
            .password(password.reveal())
            .permanent(true)
            .send()
            .await
            .map_err(|error| refused(&error))?;
        Ok(account)
    }

    /// The account of this address if nobody could ever sign in to it.
    async fn half_made(&self, email: &Email) -> Result<UserId, AccountError> {
        let found = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(email.as_str())
            .send()
            .await
            .map_err(|error| refused(&error))?;
        match found.user_status() {
            Some(UserStatusType::ForceChangePassword) => subject(found.user_attributes()),
            Some(_) | None => Err(AccountError::Exists),
        }
    }
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, AccountError> {
    let attribute = AttributeType::builder().name(name).value(value).build();
    attribute.map_err(|error| AccountError::Failed(Problem::internal(error)))
}

fn subject(attributes: &[AttributeType]) -> Result<UserId, AccountError> {
    let subject = cognito::attribute(attributes, "sub").and_then(|sub| sub.parse().ok());
    subject.ok_or_else(|| AccountError::Failed(Problem::internal("an account without a subject")))
}

fn refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> AccountError {
    match error.code() {
        Some("InvalidPasswordException") => AccountError::Password(asked_for(error.message().unwrap_or_default())),
        Some(_) | None => AccountError::Failed(cognito::problem(error)),
    }
}

/// The requirements of Cognito's password policy, in our own words.
fn asked_for(message: &str) -> &'static str {
    let rules = [
        ("long enough", "is too short"),
        ("lowercase", "must contain a lower-case letter"),
        ("uppercase", "must contain an upper-case letter"),
        ("numeric", "must contain a digit"),
        ("symbol", "must contain a symbol"),
    ];
    let rule = rules.into_iter().find(|(theirs, _)| message.contains(theirs));
    rule.map_or("is not a password that is taken here", |(_, ours)| ours)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_cognitoidentityprovider::config::{
        BehaviorVersion, Credentials, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    };
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use serde_json::{Value, json};

    use super::*;

    /// What Cognito was asked, without its service's name.
    type Asked = Arc<Mutex<Vec<(String, Value)>>>;

    /// Cognito, with one answer per operation.
    #[derive(Debug)]
    struct Fake {
        answers: Vec<(&'static str, u16, Value)>,
        asked: Asked,
    }

    impl HttpConnector for Fake {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let target = request.headers().get("x-amz-target").unwrap();
            let operation = target.split('.').nth(1).unwrap().to_owned();
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let (_, status, answer) = self.answers.iter().find(|(name, ..)| *name == operation).unwrap();
            self.asked.lock().unwrap().push((operation, body));
            HttpConnectorFuture::ready(Ok(HttpResponse::new((*status).try_into().unwrap(), answer.to_string().into())))
        }
    }

    fn cognito(answers: Vec<(&'static str, u16, Value)>) -> (IdentityProvider, Asked) {
        let asked = Asked::default();
        let connector = SharedHttpConnector::new(Fake { answers, asked: asked.clone() });
        let config = aws_sdk_cognitoidentityprovider::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        (IdentityProvider { client: Client::from_conf(config), pool: "pool".to_owned() }, asked)
    }

    async fn create(answers: Vec<(&'static str, u16, Value)>) -> (Result<Account, AccountError>, Vec<String>) {
        let (identity, asked) = cognito(answers);
        let password = Password::try_from("Correct-Horse-7-Battery".to_owned()).unwrap();
        let made = identity.create(&"nia@example.com".parse().unwrap(), &password).await;
        let asked = asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect();
        (made, asked)
    }

    fn with_sub() -> Value {
        json!([{"Name": "email", "Value": "nia@example.com"}, {"Name": "sub", "Value": "u-1"}])
    }

    fn exists() -> (&'static str, u16, Value) {
        ("AdminCreateUser", 400, json!({"__type": "UsernameExistsException"}))
    }

    #[tokio::test]
    async fn an_account_is_made_verified_and_without_a_letter() {
        let (identity, asked) = cognito(vec![
            ("AdminCreateUser", 200, json!({"User": {"Username": "x", "Attributes": with_sub()}})),
            ("AdminSetUserPassword", 200, json!({})),
        ]);
        let password = Password::try_from("Correct-Horse-7-Battery".to_owned()).unwrap();
        let made = identity.create(&"nia@example.com".parse().unwrap(), &password).await;
        assert_eq!(made, Ok(Account { user: "u-1".parse().unwrap(), is_new: true }));
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked[0].1["MessageAction"], "SUPPRESS");
        assert_eq!(asked[0].1["UserAttributes"][1], json!({"Name": "email_verified", "Value": "true"}));
        assert_eq!(asked[1].1["Permanent"], true);
    }

    #[tokio::test]
    async fn a_half_made_account_is_finished_and_any_other_left_alone() {
        let status = |status: &str| {
            let found = json!({"Username": "x", "UserStatus": status, "UserAttributes": with_sub()});
            vec![exists(), ("AdminGetUser", 200, found), ("AdminSetUserPassword", 200, json!({}))]
        };
        let (made, asked) = create(status("FORCE_CHANGE_PASSWORD")).await;
        assert_eq!(made, Ok(Account { user: "u-1".parse().unwrap(), is_new: false }));
        assert_eq!(asked, ["AdminCreateUser", "AdminGetUser", "AdminSetUserPassword"]);
        for other in ["CONFIRMED", "UNCONFIRMED", "RESET_REQUIRED", "EXTERNAL_PROVIDER"] {
            let (refused, asked) = create(status(other)).await;
            assert_eq!(refused, Err(AccountError::Exists), "{other}");
            assert_eq!(asked, ["AdminCreateUser", "AdminGetUser"], "{other}");
        }
    }

    #[tokio::test]
    async fn a_refused_password_is_told_in_our_own_words() {
        for (message, expected) in [
            ("Password did not conform with policy: Password not long enough", "is too short"),
            (
                "Password did not conform with policy: Password must have lowercase characters",
                "must contain a lower-case letter",
            ),
            ("Password did not conform with policy: Password must have numeric characters", "must contain a digit"),
            ("Something new about nia@example.com", "is not a password that is taken here"),
        ] {
            let answer = json!({"__type": "InvalidPasswordException", "message": message});
            let (refused, _) = create(vec![("AdminCreateUser", 400, answer)]).await;
            assert_eq!(refused, Err(AccountError::Password(expected)), "{message}");
        }
    }
}
