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

use crate::password::{Password, PasswordError};

/// How long one call may take, all its tries together. One request makes at most four calls, which
/// together take less time than the function has.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// The attribute of the user pool that tells the accounts made here from those that an administrator made.
const MADE_BY: &str = "custom:made_by";
const MADE_BY_US: &str = "invitation";

/// Asks Cognito about people, and makes accounts in one user pool.
#[derive(Debug, Clone)]
pub(crate) struct IdentityProvider {
    client: Client,
    pool: String,
}

/// An account of an address that is nobody's yet: the link's holder makes it theirs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: UserId,
    /// How it came to be there.
    pub(crate) origin: AccountOrigin,
}

/// How an account that is nobody's came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountOrigin {
    /// This request made it.
    New,
    /// An earlier request made it and ended before it set a password for good.
    HalfMade,
    /// Somebody signed up with the address and has not shown that it is theirs.
    Unconfirmed,
}

/// Why no account was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AccountError {
    /// The address has one that is somebody's.
    Exists,
    /// The user pool's policy refuses the password; its requirements.
    Password(PasswordError),
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

    /// The address of another person, as the pool has it now: none where they are not there or were switched off.
    ///
    /// # Errors
    /// `503 unavailable` when Cognito does not answer.
    pub(crate) async fn address_of(&self, user: &UserId) -> Result<Address, Problem> {
        let found = self.client.admin_get_user().user_pool_id(&self.pool).username(user.as_str()).send().await;
        match found {
            Ok(found) => {
                let address = cognito::address_in(found.user_attributes());
                Ok(Address { verified: address.verified && found.enabled(), ..address })
            }
            Err(error) if error.code() == Some("UserNotFoundException") => Ok(Address { email: None, verified: false }),
            Err(error) => Err(cognito::problem(&error)),
        }
    }

    /// Makes an account for an address, or finds one there that is nobody's. A refused password leaves
    /// nothing behind. Nobody can sign in to it before [`IdentityProvider::hand_over`].
    ///
    /// # Errors
    /// [`AccountError`].
    pub(crate) async fn make_or_find(&self, email: &Email, password: &Password) -> Result<Account, AccountError> {
        let made = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(email.as_str())
            .message_action(MessageActionType::Suppress)
            .temporary_password(password.reveal())
            .user_attributes(attribute("email", email.as_str())?)
            .user_attributes(attribute("email_verified", "true")?)
            .user_attributes(attribute(MADE_BY, MADE_BY_US)?)
            .send()
            .await;
        match made {
            Ok(answer) => {
                let user = subject(answer.user().map(|user| user.attributes()).unwrap_or_default())?;
                Ok(Account { user, origin: AccountOrigin::New })
            }
            Err(error) => match error.as_service_error() {
                Some(AdminCreateUserError::UsernameExistsException(_)) => self.unowned(email).await,
                _ => Err(refused(&error)),
            },
        }
    }

    /// Gives an account to the holder of a link that was sent to its address: the address counts as
    /// verified, and the password is the holder's for good. The caller has checked that nobody has a
    /// profile with the account.
    ///
    /// The address comes first: a crash in between leaves an account that the next try through the link
    /// finds as nobody's again.
    ///
    /// # Errors
    /// [`AccountError`].
    pub(crate) async fn hand_over(&self, account: &Account, password: &Password) -> Result<(), AccountError> {
        match account.origin {
            AccountOrigin::New | AccountOrigin::HalfMade => {}
            AccountOrigin::Unconfirmed => {
                self.client
                    .admin_update_user_attributes()
                    .user_pool_id(&self.pool)
                    .username(account.user.as_str())
                    .user_attributes(attribute("email_verified", "true")?)
                    .send()
                    .await
                    .map_err(|error| refused(&error))?;
            }
        }
        self.client
            .admin_set_user_password()
            .user_pool_id(&self.pool)
            .username(account.user.as_str())
            .password(password.reveal())
            .permanent(true)
            .send()
            .await
            .map_err(|error| refused(&error))?;
        Ok(())
    }

    /// The account of this address if it is nobody's: nobody has confirmed the address, or we made it
    /// ourselves and set no password for good. Any other account is somebody's, also one whose password an
    /// administrator of the pool has reset, and one that was switched off.
    async fn unowned(&self, email: &Email) -> Result<Account, AccountError> {
        let found = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(email.as_str())
            .send()
            .await
            .map_err(|error| refused(&error))?;
        if !found.enabled() {
            return Err(AccountError::Exists);
        }
        let attributes = found.user_attributes();
        let is_ours = cognito::attribute(attributes, MADE_BY) == Some(MADE_BY_US);
        let origin = match found.user_status() {
            Some(UserStatusType::Unconfirmed) => AccountOrigin::Unconfirmed,
            Some(UserStatusType::ForceChangePassword) if is_ours => AccountOrigin::HalfMade,
            Some(_) | None => return Err(AccountError::Exists),
        };
        Ok(Account { user: subject(attributes)?, origin })
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

/// The requirement of Cognito's password policy that is not met.
fn asked_for(message: &str) -> PasswordError {
    let rules = [
        ("long enough", PasswordError::ShorterThanAsked),
        ("lowercase", PasswordError::NoLowerCase),
        ("uppercase", PasswordError::NoUpperCase),
        ("numeric", PasswordError::NoDigit),
        ("symbol", PasswordError::NoSymbol),
    ];
    let rule = rules.into_iter().find(|(theirs, _)| message.contains(theirs));
    rule.map_or(PasswordError::NotTaken, |(_, ours)| ours)
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

    async fn make_or_find(
        answers: Vec<(&'static str, u16, Value)>,
    ) -> (Result<Account, AccountError>, Vec<(String, Value)>) {
        let (identity, asked) = cognito(answers);
        let made = identity.make_or_find(&"nia@example.com".parse().unwrap(), &password()).await;
        let asked = asked.lock().unwrap().clone();
        (made, asked)
    }

    fn password() -> Password {
        Password::try_from("Correct-Horse-7-Battery".to_owned()).unwrap()
    }

    fn account(origin: AccountOrigin) -> Account {
        Account { user: "u-1".parse().unwrap(), origin }
    }

    fn with_sub() -> Value {
        json!([{"Name": "email", "Value": "nia@example.com"}, {"Name": "sub", "Value": "u-1"}])
    }

    fn exists() -> (&'static str, u16, Value) {
        ("AdminCreateUser", 400, json!({"__type": "UsernameExistsException"}))
    }

    #[tokio::test]
    async fn an_account_is_made_verified_and_without_a_letter() {
        let made = json!({"User": {"Username": "x", "Attributes": with_sub()}});
        let (made, asked) = make_or_find(vec![("AdminCreateUser", 200, made)]).await;
        assert_eq!(made, Ok(account(AccountOrigin::New)));
        assert_eq!(asked[0].1["MessageAction"], "SUPPRESS");
        assert_eq!(asked[0].1["UserAttributes"][1], json!({"Name": "email_verified", "Value": "true"}));
        assert_eq!(asked[0].1["UserAttributes"][2], json!({"Name": "custom:made_by", "Value": "invitation"}));
    }

    /// Proves: S6, U10
    #[tokio::test]
    async fn only_an_account_that_nobody_confirmed_or_that_we_left_half_made_is_nobodys() {
        use AccountOrigin::{HalfMade, Unconfirmed};
        let ours = json!({"Name": "custom:made_by", "Value": "invitation"});
        for (status, enabled, is_ours, expected) in [
            ("UNCONFIRMED", true, false, Some(Unconfirmed)),
            ("UNCONFIRMED", false, false, None),
            ("FORCE_CHANGE_PASSWORD", true, true, Some(HalfMade)),
            ("FORCE_CHANGE_PASSWORD", true, false, None),
            ("FORCE_CHANGE_PASSWORD", false, true, None),
            ("CONFIRMED", true, true, None),
            ("RESET_REQUIRED", true, true, None),
            ("EXTERNAL_PROVIDER", true, true, None),
            ("COMPROMISED", true, true, None),
            ("ARCHIVED", true, true, None),
            ("A_NEW_STATE", true, true, None),
        ] {
            let mut attributes = with_sub();
            if is_ours {
                attributes.as_array_mut().unwrap().push(ours.clone());
            }
            let found = json!({
                "Username": "x", "UserStatus": status, "Enabled": enabled, "UserAttributes": attributes,
            });
            let (found, _) = make_or_find(vec![exists(), ("AdminGetUser", 200, found)]).await;
            let expected = expected.map(account).ok_or(AccountError::Exists);
            assert_eq!(found, expected, "{status}, enabled: {enabled}, ours: {is_ours}");
        }
    }

    #[tokio::test]
    async fn an_account_is_handed_over_with_a_password_for_good_and_a_verified_address() {
        for (origin, operations) in [
            (AccountOrigin::New, &["AdminSetUserPassword"][..]),
            (AccountOrigin::HalfMade, &["AdminSetUserPassword"]),
            (AccountOrigin::Unconfirmed, &["AdminUpdateUserAttributes", "AdminSetUserPassword"]),
        ] {
            let (identity, asked) =
                cognito(vec![("AdminUpdateUserAttributes", 200, json!({})), ("AdminSetUserPassword", 200, json!({}))]);
            identity.hand_over(&account(origin), &password()).await.unwrap();
            let asked = asked.lock().unwrap().clone();
            let names: Vec<&str> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
            assert_eq!(names, operations, "{origin:?}");
            let (_, last) = asked.last().unwrap();
            assert_eq!((&last["Permanent"], &last["Username"]), (&json!(true), &json!("u-1")));
            if origin == AccountOrigin::Unconfirmed {
                let verified = json!([{"Name": "email_verified", "Value": "true"}]);
                assert_eq!(asked[0].1["UserAttributes"], verified);
            }
        }
    }

    #[tokio::test]
    async fn a_refused_password_is_told_in_our_own_words() {
        for (message, expected) in [
            ("Password did not conform with policy: Password not long enough", PasswordError::ShorterThanAsked),
            (
                "Password did not conform with policy: Password must have lowercase characters",
                PasswordError::NoLowerCase,
            ),
            ("Password did not conform with policy: Password must have numeric characters", PasswordError::NoDigit),
            ("Something new about nia@example.com", PasswordError::NotTaken),
        ] {
            let answer = json!({"__type": "InvalidPasswordException", "message": message});
            let (refused, _) = make_or_find(vec![("AdminCreateUser", 400, answer)]).await;
            assert_eq!(refused, Err(AccountError::Password(expected)), "{message}");
        }
    }
}
