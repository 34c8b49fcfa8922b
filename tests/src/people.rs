//! People who sign up and sign in through the identity provider, over its public API and their own mailbox.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell, mpsc};

use crate::http::Bearer;
use crate::mailbox::Message;
use crate::{Kit, aws};

/// The password of everyone in the tests: the local pool is thrown away with the stack.
pub const PASSWORD: &str = "Correct-Horse-7-Battery";

/// How many accounts the pool holds ready.
const READY: usize = 16;
/// How many accounts are made at the same time.
const MAKERS: usize = 2;

/// Someone with an account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their address, unique to this run.
    pub email: String,
    /// The identity provider's `sub`: our user id.
    pub user: String,
    /// The token that the API takes.
    pub access_token: String,
    /// The token that the API must not take.
    pub id_token: String,
}

impl Bearer for Person {
    fn token(&self) -> &str {
        &self.access_token
    }

    fn called(&self) -> &str {
        &self.name
    }
}

/// An address that no earlier run used: `olivia.marsh.k3f9…@example.com`.
#[must_use]
pub fn address(name: &str) -> String {
    let words = name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(".");
    let local: String = words.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    format!("{local}.{}@example.com", unique())
}

/// A short text that no other call, test, process or earlier run gets.
#[must_use]
pub fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let started = jiff::Timestamp::now().as_millisecond() % 100_000_000_000;
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{started:x}{:x}{next:x}", std::process::id() & 0xfff)
}

/// Someone new with an account and a profile. The account comes from the pool; nobody else gets it.
pub async fn sign_up(kit: &Kit, name: &str) -> Person {
    let person = Person { name: name.to_owned(), ..from_pool(kit).await };
    kit.api.post("/v1/me").by(&person).json(json!({ "name": name })).ok(201).await;
    person
}

/// An account of the pool. The first call begins to fill it, and it is refilled beside the tests, so that hardly any
/// of them waits for an account.
///
/// # Panics
/// When the identity provider refuses to make accounts.
async fn from_pool(kit: &Kit) -> Person {
    static POOL: OnceCell<Mutex<mpsc::Receiver<Person>>> = OnceCell::const_new();
    let pool = POOL.get_or_init(|| async {
        let (ready, accounts) = mpsc::channel(READY);
        for _ in 0..MAKERS {
            let (kit, ready) = (kit.clone(), ready.clone());
            tokio::spawn(async move { while ready.send(make_account(&kit).await).await.is_ok() {} });
        }
        Mutex::new(accounts)
    });
    let account = pool.await.lock().await.recv().await;
    account.expect("the pool is filled as long as the identity provider makes accounts")
}

/// Makes an account as the pool's administrator: no mail, no code, the address taken for verified.
///
/// # Panics
/// When the identity provider refuses.
async fn make_account(kit: &Kit) -> Person {
    let email = address("Person");
    let attributes = json!([
        { "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" },
        { "Name": "name", "Value": "Person" },
    ]);
    let account = json!({ "MessageAction": "SUPPRESS", "UserAttributes": attributes });
    administer(kit, "AdminCreateUser", &email, account).await;
    administer(kit, "AdminSetUserPassword", &email, json!({ "Password": PASSWORD, "Permanent": true })).await;
    sign_in(kit, "Person", &email, PASSWORD).await
}

/// Signs someone up at the identity provider alone, as people do it themselves (account, code from the mail, sign-in):
/// an account without a profile.
pub async fn sign_up_at_the_identity_provider(kit: &Kit, name: &str, email: &str) -> Person {
    let client = &kit.stack.web_client_id;
    sign_up_unconfirmed(kit, name, email, PASSWORD).await;
    let code = verification_code(kit, email).await;
    let body = json!({ "ClientId": client, "Username": email, "ConfirmationCode": code });
    cognito(kit, "ConfirmSignUp", &body).await.unwrap_or_else(|e| panic!("{email} could not confirm: {e}"));
    sign_in(kit, name, email, PASSWORD).await
}

/// Signs up with an address and enters no code: anybody can do so with anybody's address.
///
/// # Panics
/// When the identity provider refuses.
pub async fn sign_up_unconfirmed(kit: &Kit, name: &str, email: &str, password: &str) {
    let attributes = json!([{ "Name": "email", "Value": email }, { "Name": "name", "Value": name }]);
    let client = &kit.stack.web_client_id;
    let body = json!({ "ClientId": client, "Username": email, "Password": password, "UserAttributes": attributes });
    cognito(kit, "SignUp", &body).await.unwrap_or_else(|e| panic!("{email} could not sign up: {e}"));
}

/// Calls an operation of the identity provider as an administrator of the pool, on one person.
///
/// # Panics
/// When the identity provider refuses.
pub async fn administer(kit: &Kit, operation: &str, username: &str, fields: Value) -> Value {
    let mut body = json!({ "UserPoolId": kit.stack.user_pool_id, "Username": username });
    for (name, value) in fields.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let done = aws::call(&kit.stack, &kit.http, "cognito-idp", &target, &body).await;
    done.unwrap_or_else(|(_, e)| panic!("{operation} of {username} was refused: {e}"))
}

/// Signs in with a password.
///
/// # Panics
/// When the identity provider refuses.
pub async fn sign_in(kit: &Kit, name: &str, email: &str, password: &str) -> Person {
    let tokens = try_sign_in(kit, email, password).await.unwrap_or_else(|e| panic!("{email} could not sign in: {e}"));
    let text = |key: &str| {
        tokens
            .pointer(&format!("/AuthenticationResult/{key}"))
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {key} for {email}: {tokens}"))
            .to_owned()
    };
    let access_token = text("AccessToken");
    let user =
        claims(&access_token).get("sub").and_then(Value::as_str).expect("an access token has a subject").to_owned();
    Person { name: name.to_owned(), email: email.to_owned(), user, access_token, id_token: text("IdToken") }
}

/// Signs in with a password, or answers why not.
///
/// # Errors
/// The identity provider's refusal.
pub async fn try_sign_in(kit: &Kit, email: &str, password: &str) -> Result<Value, Value> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": kit.stack.web_client_id,
        "AuthParameters": { "USERNAME": email, "PASSWORD": password },
    });
    cognito(kit, "InitiateAuth", &body).await
}

/// Calls the identity provider's public, unsigned API.
///
/// # Errors
/// The provider's refusal.
pub async fn cognito(kit: &Kit, operation: &str, body: &Value) -> Result<Value, Value> {
    let answer = kit
        .http
        .post(&kit.stack.endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
        .body(body.to_string())
        .send()
        .await
        .unwrap_or_else(|e| panic!("the identity provider does not answer: {e}"));
    let fine = answer.status().is_success();
    let value = answer.json().await.unwrap_or(Value::Null);
    if fine { Ok(value) } else { Err(value) }
}

/// The claims inside a JWT, unverified.
///
/// # Panics
/// When it is not a JWT.
#[must_use]
#[track_caller]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT.
///
/// # Panics
/// When it is not a JWT.
#[must_use]
#[track_caller]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

#[track_caller]
fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("a JWT's part is base64url"))
        .expect("a JWT's part is JSON")
}

/// Gives someone another address at the identity provider, which they have confirmed or not.
pub async fn change_address(kit: &Kit, person: &Person, email: &str, verified: bool) {
    let verified = verified.to_string();
    let attributes = json!([{ "Name": "email", "Value": email }, { "Name": "email_verified", "Value": verified }]);
    administer(kit, "AdminUpdateUserAttributes", &person.user, json!({ "UserAttributes": attributes })).await;
}

async fn verification_code(kit: &Kit, email: &str) -> String {
    // An invitation's link may hold six digits in a row by chance.
    let has_code = |mail: &Message| !mail.text.contains("/i/") && code_in(&mail.text).is_some();
    let mail = kit.mailbox.wait_for(email, "verification code", has_code).await;
    code_in(&mail.text).expect("just seen")
}

fn code_in(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).map(str::to_owned)
}
