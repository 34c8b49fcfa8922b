//! Stripe's PaymentIntents over HTTPS.
//!
//! Sources: <https://docs.stripe.com/api/payment_intents>,
//! <https://docs.stripe.com/api/idempotent_requests>, <https://docs.stripe.com/error-low-level>.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, Method, StatusCode, Url, header::HeaderMap, redirect};
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::{
    currency::{self, Unchargeable},
    intent::{Intent, NewIntent, WireIntent, is_object_id},
    secrets::ProviderSecrets,
};

/// The version of Stripe's API that this adapter was written against; without it Stripe would
/// answer in whichever version the vendor's account happens to have.
const STRIPE_VERSION: &str = "2026-09-30.endive";

/// Longest description sent, in characters.
const MAX_DESCRIPTION_CHARS: usize = 500;

/// Longest message of Stripe's that is shown to a payer, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Largest answer read; an intent is a few kilobytes.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// How long and how often one call tries.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// To have a TLS connection.
    connect: Duration,
    /// For one try, from request to the answer's last byte.
    attempt: Duration,
    /// For the whole call; no try begins or lasts beyond it. A person is waiting, and the gateway
    /// gives up after 30 s.
    call: Duration,
    /// Tries in one call.
    max_attempts: u32,
    /// The first pause; each is twice the one before, and jittered.
    first_pause: Duration,
}

const PACE: Pace = Pace {
    connect: Duration::from_secs(3),
    attempt: Duration::from_secs(6),
    call: Duration::from_secs(15),
    max_attempts: 3,
    first_pause: Duration::from_millis(300),
};

/// The payment provider. Cheap to clone; clones share their connections.
///
/// Every call tries at most three times within 15 s, with the same idempotency key, when Stripe is
/// not reached, is busy with the same key (409), throttles (429) or fails (5xx): a function that
/// calls it needs a timeout of 20 s or more.
#[derive(Debug, Clone)]
pub struct Stripe {
    base_url: Arc<str>,
    secrets: Arc<ProviderSecrets>,
    /// Built at the first call; see the crate's text on TLS.
    http: Arc<OnceLock<Client>>,
    pace: Pace,
}

/// Why the provider did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not reached, throttled or failing, after the last try. Whether the call had an effect is
    /// open; repeating it later with the same payment is safe and tells.
    #[error("the payment provider is unavailable ({reason})")]
    Unavailable {
        /// What the last try met, with Stripe's request id where there was one. For the log.
        reason: String,
    },
    /// Stripe failed once and will answer every repetition for this payment with that same failure
    /// for a day: the attempt is dead, the payer starts a new payment. No money can have moved on
    /// it, since its client secret never reached anyone.
    #[error("the payment provider replays a failure for this payment ({reason})")]
    KeySpent {
        /// Stripe's status and request id. For the log.
        reason: String,
    },
    /// Stripe will not do this, however often it is asked.
    #[error("the payment provider refused: {code}")]
    Refused {
        /// Stripe's error code, or ours: `unsupported_currency`, `unsupported_amount`.
        code: String,
        /// What the payer may be told.
        message: String,
    },
    /// Stripe has no such intent in this account and mode.
    #[error("the payment provider knows no such intent")]
    NotFound,
    /// Our key is wrong, lacks a right or is of the other mode, or the address is not Stripe's:
    /// every call fails until an operator repairs it.
    #[error("the payment provider is misconfigured ({reason})")]
    Misconfigured {
        /// What is wrong. For the log.
        reason: String,
    },
    /// An answer that is not what was asked for, such as another amount: nothing may be concluded
    /// from it and nothing shown to the payer.
    #[error("the payment provider gave an unexpected answer ({reason})")]
    Unexpected {
        /// What does not fit. For the log.
        reason: &'static str,
    },
}

impl Stripe {
    /// An adapter for Stripe at `base_url` (`https://api.stripe.com`, or an emulator). Does no I/O.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the address is not an origin over HTTPS; plain HTTP is
    /// taken only on this machine, as the key travels with every request.
    pub fn new(base_url: &str, secrets: Arc<ProviderSecrets>) -> Result<Self, ProviderError> {
        let base_url = base_url.trim_end_matches('/');
        let url = Url::parse(base_url)
            .ok()
            .filter(is_safe_origin)
            .ok_or_else(|| ProviderError::Misconfigured { reason: "the address is not an HTTPS origin".to_owned() })?;
        Ok(Self { base_url: url.as_str().trim_end_matches('/').into(), secrets, http: Arc::default(), pace: PACE })
    }

    /// The same adapter with other secrets, as when the parameter was read again; connections are
    /// kept.
    #[must_use]
    pub fn with_secrets(&self, secrets: Arc<ProviderSecrets>) -> Self {
        Self { secrets, ..self.clone() }
    }

    /// The secrets in use.
    #[must_use]
    pub fn secrets(&self) -> &ProviderSecrets {
        &self.secrets
    }

    /// Makes the intent of a payment, or finds the one that was made for it: the payment's id is
    /// the idempotency key, so asking again within a day answers the same intent, in the state it
    /// had when it was made (look it up for its state now).
    ///
    /// # Errors
    /// [`ProviderError`]. A currency whose minor unit differs between ISO 4217 and Stripe is
    /// `Refused` without asking, rather than charged wrongly.
    pub async fn create_intent(&self, new: &NewIntent<'_>) -> Result<Intent, ProviderError> {
        currency::check(new.currency, new.amount.minor()).map_err(|reason| match reason {
            Unchargeable::Currency => ProviderError::Refused {
                code: "unsupported_currency".to_owned(),
                message: format!("Payments in {} cannot be taken.", new.currency),
            },
            Unchargeable::NotInTens => ProviderError::Refused {
                code: "unsupported_amount".to_owned(),
                message: format!("An amount in {} must end in zero.", new.currency),
            },
        })?;
        let description: String =
            new.description.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION_CHARS).collect();
        let form = [
            ("amount", new.amount.minor().to_string()),
            ("currency", new.currency.code().to_ascii_lowercase()),
            ("automatic_payment_methods[enabled]", "true".to_owned()),
            ("description", description),
            ("metadata[payment]", new.payment_id.to_string()),
            ("metadata[company]", new.company_id.to_string()),
            ("metadata[invoice]", new.invoice_reference.to_string()),
        ];
        let key = new.payment_id.as_str();
        let call = Call { method: Method::POST, path: "", form: &form, key: Some(key) };
        let intent = self.call(&call).await?;
        let as_asked = intent.amount_minor == new.amount.minor()
            && intent.currency == new.currency
            && intent.payment_id().as_ref() == Some(new.payment_id);
        if !as_asked {
            return Err(ProviderError::Unexpected { reason: "an intent for something else" });
        }
        if intent.client_secret.is_none() {
            return Err(ProviderError::Unexpected { reason: "an intent without client secret" });
        }
        Ok(intent)
    }

    /// Looks an intent up: the one source of what became of a payment.
    ///
    /// # Errors
    /// [`ProviderError`]; an id that no intent can have is `NotFound` without asking.
    pub async fn intent_by_id(&self, intent_id: &str) -> Result<Intent, ProviderError> {
        let path = intent_path(intent_id, "")?;
        let call = Call { method: Method::GET, path: &path, form: &[], key: None };
        answer_for(intent_id, self.call(&call).await?)
    }

    /// Gives an intent up, so that no money can move on it any more, and answers how it stands:
    /// `Canceled` (now or before), or the state that forbade it, such as `Succeeded` or
    /// `Processing`. The caller must look at the status.
    ///
    /// There is deliberately no idempotency key: cancelling twice is harmless, and a remembered
    /// refusal would outlive the state it was given for.
    ///
    /// # Errors
    /// [`ProviderError`], as for [`Stripe::intent_by_id`].
    pub async fn cancel_intent(&self, intent_id: &str) -> Result<Intent, ProviderError> {
        let path = intent_path(intent_id, "/cancel")?;
        let call = Call { method: Method::POST, path: &path, form: &[], key: None };
        match self.call(&call).await {
            Ok(intent) => answer_for(intent_id, intent),
            Err(ProviderError::Refused { code, .. }) if code == "payment_intent_unexpected_state" => {
                self.intent_by_id(intent_id).await
            }
            Err(error) => Err(error),
        }
    }

    /// One call with its tries.
    async fn call(&self, call: &Call<'_>) -> Result<Intent, ProviderError> {
        let http = self.http()?;
        let deadline = Instant::now() + self.pace.call;
        let mut attempt = 1;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let reason = match self.attempt(http, call, left.min(self.pace.attempt)).await {
                Ok(intent) => return Ok(intent),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(reason)) => reason,
            };
            let pause = pause_after(attempt, self.pace.first_pause);
            if attempt >= self.pace.max_attempts || Instant::now() + pause >= deadline {
                return Err(ProviderError::Unavailable { reason });
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, http: &Client, call: &Call<'_>, timeout: Duration) -> Result<Intent, Failure> {
        let url = format!("{}/v1/payment_intents{}", self.base_url, call.path);
        let mut request = http
            .request(call.method.clone(), url)
            .timeout(timeout)
            .bearer_auth(self.secrets.api_key.expose_secret())
            .header("Stripe-Version", STRIPE_VERSION);
        if call.method == Method::POST {
            request = request.form(call.form);
        }
        if let Some(key) = call.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(account) = self.secrets.account() {
            request = request.header("Stripe-Account", account);
        }
        let mut answer = request.send().await.map_err(|error| unreached(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| unreached(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Failure::Lasting(ProviderError::Unexpected { reason: "an oversized answer" }));
            }
            body.extend_from_slice(&chunk);
        }
        if !answer.status().is_success() {
            return Err(failed(answer.status(), answer.headers(), &body));
        }
        let intent =
            WireIntent::read(&body).ok_or(Failure::Lasting(ProviderError::Unexpected { reason: "not an intent" }))?;
        if intent.livemode != self.secrets.livemode() {
            return Err(Failure::Lasting(ProviderError::Misconfigured {
                reason: "the key is of the other mode (live or test)".to_owned(),
            }));
        }
        Ok(intent)
    }

    fn http(&self) -> Result<&Client, ProviderError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.pace.connect)
            // Following one would hand our key to wherever it points.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|_| ProviderError::Misconfigured { reason: "no TLS client could be made".to_owned() })?;
        Ok(self.http.get_or_init(|| client))
    }
}

struct Call<'a> {
    method: Method,
    /// Behind `/v1/payment_intents`.
    path: &'a str,
    form: &'a [(&'a str, String)],
    key: Option<&'a str>,
}

/// How one try failed.
enum Failure {
    /// The next may succeed.
    Passing(String),
    /// The next would fail alike.
    Lasting(ProviderError),
}

fn is_safe_origin(url: &Url) -> bool {
    let this_machine = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && this_machine);
    let bare = url.username().is_empty() && url.password().is_none();
    scheme && bare && url.query().is_none() && url.fragment().is_none()
}

fn intent_path(intent_id: &str, action: &str) -> Result<String, ProviderError> {
    if is_object_id(intent_id) { Ok(format!("/{intent_id}{action}")) } else { Err(ProviderError::NotFound) }
}

fn answer_for(intent_id: &str, intent: Intent) -> Result<Intent, ProviderError> {
    if intent.id == intent_id { Ok(intent) } else { Err(ProviderError::Unexpected { reason: "another intent" }) }
}

/// The pause before the next try: half of it fixed, so that a try of ours that is still under way
/// (409) can end, and half of it random, so that callers that failed together do not return
/// together.
fn pause_after(attempt: u32, first_pause: Duration) -> Duration {
    let half = first_pause.saturating_mul(1 << attempt.saturating_sub(1).min(8)) / 2;
    let mut random = [0; 8];
    // Without randomness the pause is merely not spread.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let spread_us = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).max(1);
    half + Duration::from_micros(u64::from_le_bytes(random) % spread_us)
}

/// Stripe's answer did not come, or not whole. The request may have been carried out.
fn unreached(error: &reqwest::Error) -> Failure {
    let reason = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_builder() {
        return Failure::Lasting(ProviderError::Misconfigured { reason: "a request could not be built".to_owned() });
    } else {
        "connection lost"
    };
    Failure::Passing(reason.to_owned())
}

/// Sorts an answer that is not a success.
fn failed(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let request = header("request-id").filter(|id| is_object_id(id)).unwrap_or("no request id");
    let error = WireError::read(body);
    let reason = format!("status {}, {}, {request}", status.as_u16(), error.code);
    if status.is_server_error() && header("idempotent-replayed") == Some("true") {
        return Failure::Lasting(ProviderError::KeySpent { reason });
    }
    let worth_another_try = match header("stripe-should-retry") {
        Some("true") => true,
        // Stripe says no, but a later call may well succeed: unavailable, not refused.
        Some("false") if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Failure::Lasting(ProviderError::Unavailable { reason });
        }
        Some("false") => false,
        _ => status.is_server_error() || status == StatusCode::CONFLICT || status == StatusCode::TOO_MANY_REQUESTS,
    };
    if worth_another_try {
        return Failure::Passing(reason);
    }
    Failure::Lasting(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Misconfigured { reason },
        StatusCode::NOT_FOUND => ProviderError::NotFound,
        _ if status.is_redirection() || status.is_informational() => ProviderError::Misconfigured { reason },
        _ => ProviderError::Refused { message: error.public_message(), code: error.code },
    })
}

/// What is read of Stripe's error object.
struct WireError {
    kind: String,
    code: String,
    message: String,
}

impl WireError {
    fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: Wire,
        }
        #[derive(Deserialize)]
        struct Wire {
            r#type: Option<String>,
            code: Option<String>,
            message: Option<String>,
        }
        let wire = serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error);
        let (kind, code, message) = wire.map_or((None, None, None), |wire| (wire.r#type, wire.code, wire.message));
        let kind = kind.filter(|kind| is_object_id(kind)).unwrap_or_else(|| "no_type".to_owned());
        Self {
            code: code.filter(|code| is_object_id(code)).unwrap_or_else(|| kind.clone()),
            message: message.unwrap_or_default(),
            kind,
        }
    }

    /// What a payer may read. Stripe says of its card errors alone that their message is meant for
    /// the payer; others are meant for us and may tell about the account.
    fn public_message(&self) -> String {
        match (self.kind.as_str(), self.code.as_str()) {
            (_, "amount_too_small") => "The amount is too small to be paid this way.".to_owned(),
            (_, "amount_too_large") => "The amount is too large to be paid this way.".to_owned(),
            ("card_error", _) if !self.message.is_empty() => {
                self.message.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect()
            }
            _ => "The payment provider refused the payment.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::IntentStatus;

    const PAYMENT: &str = "py_0192f5c4a7b87c3d9e0f112233445566";
    const COMPANY: &str = "co_0192f5c4a7b87c3d9e0f112233445566";

    /// What the scripted provider does with one request.
    #[derive(Clone)]
    enum Step {
        /// Answers: status line and further header lines, body.
        Answer(&'static str, String),
        /// Reads the request and closes the connection.
        HangUp,
        /// Reads the request and says nothing.
        Silence,
    }

    /// A provider that takes the steps one request after the other, the last one for ever.
    struct Provider {
        url: String,
        requests: Arc<Mutex<Vec<String>>>,
    }

    impl Provider {
        async fn playing(script: Vec<Step>) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let requests = Arc::new(Mutex::new(Vec::new()));
            let seen = requests.clone();
            tokio::spawn(async move {
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let request = read_request(&mut stream).await;
                    let turn = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request);
                        seen.len() - 1
                    };
                    match script[turn.min(script.len() - 1)].clone() {
                        Step::HangUp => {}
                        Step::Silence => {
                            tokio::spawn(async move {
                                sleep(Duration::from_secs(5)).await;
                                drop(stream);
                            });
                        }
                        Step::Answer(head, body) => {
                            let answer = format!(
                                "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                                body.len()
                            );
                            // A client that has seen enough may be gone.
                            let _ = stream.write_all(answer.as_bytes()).await;
                        }
                    }
                }
            });
            Self { url, requests }
        }

        fn stripe(&self) -> Stripe {
            self.stripe_with(r#""livemode":false,"account":null"#)
        }

        fn stripe_with(&self, rest: &str) -> Stripe {
            let json = format!(r#"{{"api_key":"sk_test_canary","webhook_secrets":["whsec_a"],{rest}}}"#);
            let secrets = Arc::new(ProviderSecrets::from_json(&json).unwrap());
            let mut stripe = Stripe::new(&self.url, secrets).unwrap();
            stripe.pace = Pace {
                connect: Duration::from_millis(300),
                attempt: Duration::from_millis(300),
                call: Duration::from_secs(3),
                max_attempts: 3,
                first_pause: Duration::from_millis(2),
            };
            stripe
        }

        fn requests(&self) -> Vec<String> {
            self.requests.lock().unwrap().clone()
        }
    }

    async fn read_request(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap();
            bytes.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                    .unwrap_or(0);
                if body.len() >= length {
                    return text;
                }
            }
            assert!(count > 0, "the request ended early: {text}");
        }
    }

    fn intent(status: &str) -> String {
        format!(
            r#"{{"id":"pi_1","object":"payment_intent","status":"{status}","amount":123456,
            "amount_received":0,"currency":"eur","client_secret":"pi_1_secret_canary",
            "metadata":{{"payment":"{PAYMENT}"}},"livemode":false}}"#
        )
    }

    fn ok(status: &str) -> Step {
        Step::Answer("200 OK", intent(status))
    }

    fn error(head: &'static str, kind: &str, code: &str) -> Step {
        let body = format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"Internal: acct_canary"}}}}"#);
        Step::Answer(head, body)
    }

    async fn create(stripe: &Stripe) -> Result<Intent, ProviderError> {
        create_for(stripe, 123_456, "EUR").await
    }

    async fn create_for(stripe: &Stripe, minor: i64, code: &str) -> Result<Intent, ProviderError> {
        let new = NewIntent {
            payment_id: &PAYMENT.parse().unwrap(),
            company_id: &COMPANY.parse().unwrap(),
            invoice_reference: &"INV-2026.17".parse().unwrap(),
            amount: minor.try_into().unwrap(),
            currency: code.parse().unwrap(),
            description: "Invoice 2026-17 & more\r\n",
        };
        stripe.create_intent(&new).await
    }

    fn unavailable(answer: &Result<Intent, ProviderError>) -> bool {
        matches!(answer, Err(ProviderError::Unavailable { .. }))
    }

    #[tokio::test]
    async fn an_intent_is_made_with_everything_stripe_needs() {
        let provider = Provider::playing(vec![ok("requires_payment_method")]).await;
        let intent = create(&provider.stripe()).await.unwrap();
        assert_eq!(intent.status, IntentStatus::RequiresPaymentMethod);
        assert_eq!(intent.client_secret.unwrap().expose_secret(), "pi_1_secret_canary");

        let request = provider.requests().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v1/payment_intents HTTP/1.1\r\n"), "{head}");
        let head = head.to_ascii_lowercase();
        for line in [
            "authorization: bearer sk_test_canary",
            "stripe-version: 2026-09-30.endive",
            "content-type: application/x-www-form-urlencoded",
            &format!("idempotency-key: {PAYMENT}"),
        ] {
            assert!(head.lines().any(|l| l == line), "{line} in {head}");
        }
        assert!(!head.contains("stripe-account"));
        assert_eq!(
            body,
            format!(
                "amount=123456&currency=eur&automatic_payment_methods%5Benabled%5D=true\
                 &description=Invoice+2026-17+%26+more&metadata%5Bpayment%5D={PAYMENT}\
                 &metadata%5Bcompany%5D={COMPANY}&metadata%5Binvoice%5D=INV-2026.17"
            )
        );
    }

    #[tokio::test]
    async fn a_connected_account_is_named_in_every_request() {
        let provider = Provider::playing(vec![ok("processing")]).await;
        let stripe = provider.stripe_with(r#""livemode":false,"account":"acct_1N""#);
        stripe.intent_by_id("pi_1").await.unwrap();
        assert!(provider.requests()[0].to_ascii_lowercase().contains("stripe-account: acct_1n\r\n"));
    }

    #[tokio::test]
    async fn what_passes_is_tried_again_with_the_same_key() {
        for trouble in [
            Step::HangUp,
            Step::Silence,
            error("500 Internal Server Error", "api_error", ""),
            error("503 Service Unavailable", "api_error", ""),
            error("429 Too Many Requests", "invalid_request_error", "rate_limit"),
            error("409 Conflict", "idempotency_error", "idempotency_key_in_use"),
            error("400 Bad Request\r\nStripe-Should-Retry: true", "invalid_request_error", "x"),
            Step::Answer("502 Bad Gateway", "<html>".into()),
        ] {
            let script = vec![trouble.clone(), trouble, ok("requires_payment_method")];
            let provider = Provider::playing(script).await;
            assert_eq!(create(&provider.stripe()).await.unwrap().id, "pi_1");
            let requests = provider.requests();
            assert_eq!(requests.len(), 3);
            assert!(requests.iter().all(|request| request.contains(PAYMENT)));
            assert_eq!(requests[0], requests[2]);
        }
    }

    #[tokio::test]
    async fn tries_are_bounded() {
        for trouble in [
            Step::HangUp,
            Step::Silence,
            error("500 Internal Server Error\r\nRequest-Id: req_1", "api_error", ""),
            error("409 Conflict", "idempotency_error", "idempotency_key_in_use"),
        ] {
            let provider = Provider::playing(vec![trouble]).await;
            let answer = create(&provider.stripe()).await;
            assert!(unavailable(&answer), "{answer:?}");
            assert_eq!(provider.requests().len(), 3);
        }
    }

    #[tokio::test]
    async fn a_call_ends_with_its_time_however_many_tries_are_left() {
        let provider = Provider::playing(vec![Step::Silence]).await;
        let mut stripe = provider.stripe();
        stripe.pace.call = Duration::from_millis(400);
        let begun = Instant::now();
        assert!(unavailable(&create(&stripe).await));
        assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
        assert_eq!(provider.requests().len(), 2);
    }

    #[tokio::test]
    async fn nobody_listening_is_unavailable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let provider = Provider { url, requests: Arc::default() };
        let answer = create(&provider.stripe()).await;
        assert_eq!(answer.unwrap_err(), ProviderError::Unavailable { reason: "no connection".into() });
    }

    #[tokio::test]
    async fn a_replayed_failure_ends_the_payment_instead_of_being_tried_for_ever() {
        let replayed = "500 Internal Server Error\r\nIdempotent-Replayed: true\r\nRequest-Id: req_2";
        let provider = Provider::playing(vec![
            error("500 Internal Server Error", "api_error", ""),
            error(replayed, "api_error", ""),
        ])
        .await;
        let answer = create(&provider.stripe()).await.unwrap_err();
        assert!(matches!(&answer, ProviderError::KeySpent { reason } if reason.contains("req_2")), "{answer:?}");
        assert_eq!(provider.requests().len(), 2);
    }

    #[tokio::test]
    async fn what_stripe_says_not_to_repeat_is_not_repeated() {
        for (head, lasting) in [
            ("500 Internal Server Error\r\nStripe-Should-Retry: false", false),
            ("429 Too Many Requests\r\nStripe-Should-Retry: false", false),
            ("409 Conflict\r\nStripe-Should-Retry: false", true),
        ] {
            let provider = Provider::playing(vec![error(head, "api_error", "x")]).await;
            let answer = create(&provider.stripe()).await;
            assert_eq!(unavailable(&answer), !lasting, "{head}: {answer:?}");
            assert_eq!(provider.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_refusal_tells_the_payer_nothing_internal() {
        for (head, kind, code, expected) in [
            ("400 Bad Request", "invalid_request_error", "parameter_unknown", "refused"),
            ("400 Bad Request", "idempotency_error", "", "refused"),
            ("400 Bad Request", "invalid_request_error", "amount_too_small", "too small"),
            ("400 Bad Request", "invalid_request_error", "amount_too_large", "too large"),
        ] {
            let provider = Provider::playing(vec![error(head, kind, code)]).await;
            let Err(ProviderError::Refused { code: told, message }) = create(&provider.stripe()).await else {
                panic!("{code} is not a refusal");
            };
            assert_eq!(told, if code.is_empty() { kind } else { code });
            assert!(message.contains(expected) && !message.contains("canary"), "{message}");
            assert_eq!(provider.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_card_error_is_told_in_stripes_words() {
        let body = r#"{"error":{"type":"card_error","code":"card_declined",
            "message":"Your card was declined.\u0007"}}"#;
        let provider = Provider::playing(vec![Step::Answer("402 Payment Required", body.into())]).await;
        assert_eq!(
            create(&provider.stripe()).await.unwrap_err(),
            ProviderError::Refused { code: "card_declined".into(), message: "Your card was declined.".into() }
        );
    }

    #[tokio::test]
    async fn a_wrong_key_or_address_is_a_misconfiguration() {
        for step in [
            error("401 Unauthorized", "invalid_request_error", ""),
            error("403 Forbidden", "invalid_request_error", "more_permissions_required"),
            Step::Answer("302 Found\r\nLocation: http://127.0.0.1:9/", String::new()),
        ] {
            let provider = Provider::playing(vec![step]).await;
            let answer = create(&provider.stripe()).await.unwrap_err();
            assert!(matches!(answer, ProviderError::Misconfigured { .. }), "{answer:?}");
            assert!(!format!("{answer} {answer:?}").contains("canary"));
            assert_eq!(provider.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn an_intent_of_the_other_mode_is_never_used() {
        let provider = Provider::playing(vec![ok("succeeded")]).await;
        let stripe = Stripe {
            secrets: Arc::new(
                ProviderSecrets::from_json(
                    r#"{"api_key":"emulator","webhook_secrets":["s"],"livemode":true,"account":null}"#,
                )
                .unwrap(),
            ),
            ..provider.stripe()
        };
        let answer = stripe.intent_by_id("pi_1").await;
        assert!(matches!(answer, Err(ProviderError::Misconfigured { .. })), "{answer:?}");
    }

    #[tokio::test]
    async fn an_answer_to_another_question_is_not_believed() {
        for wrong in [
            intent("processing").replace("123456", "123457"),
            intent("processing").replace("\"eur\"", "\"usd\""),
            intent("processing").replace(PAYMENT, COMPANY),
            intent("processing").replace("\"pi_1_secret_canary\"", "null"),
            "{}".into(),
            " ".repeat(MAX_ANSWER_BYTES + 1),
        ] {
            let provider = Provider::playing(vec![Step::Answer("200 OK", wrong)]).await;
            let answer = create(&provider.stripe()).await;
            assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{answer:?}");
        }
        let provider = Provider::playing(vec![ok("succeeded")]).await;
        let answer = provider.stripe().intent_by_id("pi_2").await;
        assert!(matches!(answer, Err(ProviderError::Unexpected { .. })), "{answer:?}");
    }

    #[tokio::test]
    async fn currencies_that_stripe_counts_otherwise_are_refused_unasked() {
        let provider = Provider::playing(vec![ok("processing")]).await;
        for (minor, code, expected) in [
            (1_000, "ISK", "unsupported_currency"),
            (1_000, "UGX", "unsupported_currency"),
            (1_000, "MGA", "unsupported_currency"),
            (1_001, "KWD", "unsupported_amount"),
        ] {
            let answer = create_for(&provider.stripe(), minor, code).await;
            assert!(matches!(&answer, Err(ProviderError::Refused { code, .. }) if code == expected), "{answer:?}");
        }
        assert!(provider.requests().is_empty());
    }

    #[tokio::test]
    async fn an_intent_is_looked_up_by_its_id() {
        let provider = Provider::playing(vec![
            ok("succeeded"),
            error("404 Not Found", "invalid_request_error", "resource_missing"),
        ])
        .await;
        let stripe = provider.stripe();
        let found = stripe.intent_by_id("pi_1").await.unwrap();
        assert_eq!(found.status, IntentStatus::Succeeded);
        assert_eq!(found.payment_id(), PAYMENT.parse().ok());
        let request = provider.requests().remove(0);
        assert!(request.starts_with("GET /v1/payment_intents/pi_1 HTTP/1.1\r\n"), "{request}");
        assert!(!request.to_ascii_lowercase().contains("idempotency-key"));
        assert_eq!(stripe.intent_by_id("pi_1").await.unwrap_err(), ProviderError::NotFound);
    }

    #[tokio::test]
    async fn an_id_that_could_change_the_path_is_never_sent() {
        let provider = Provider::playing(vec![ok("succeeded")]).await;
        let stripe = provider.stripe();
        for id in ["", "../charges", "pi_1/cancel", "pi_1?x=1", "pi_1#", "pi 1", "pi_é", "pi_1\r\n"] {
            assert_eq!(stripe.intent_by_id(id).await.unwrap_err(), ProviderError::NotFound);
            assert_eq!(stripe.cancel_intent(id).await.unwrap_err(), ProviderError::NotFound);
        }
        assert!(provider.requests().is_empty());
    }

    #[tokio::test]
    async fn cancelling_answers_how_the_intent_stands() {
        let provider = Provider::playing(vec![ok("canceled")]).await;
        let canceled = provider.stripe().cancel_intent("pi_1").await.unwrap();
        assert_eq!(canceled.status, IntentStatus::Canceled);
        let request = provider.requests().remove(0);
        assert!(request.starts_with("POST /v1/payment_intents/pi_1/cancel HTTP/1.1\r\n"));

        let too_late = error("400 Bad Request", "invalid_request_error", "payment_intent_unexpected_state");
        let provider = Provider::playing(vec![too_late, ok("succeeded")]).await;
        let stands = provider.stripe().cancel_intent("pi_1").await.unwrap();
        assert_eq!(stands.status, IntentStatus::Succeeded);
    }

    #[test]
    fn the_key_never_travels_in_the_clear() {
        let secrets = Arc::new(
            ProviderSecrets::from_json(r#"{"api_key":"k","webhook_secrets":["s"],"livemode":true,"account":null}"#)
                .unwrap(),
        );
        for url in ["https://api.stripe.com", "https://api.stripe.com/", "http://127.0.0.1:8420"] {
            let stripe = Stripe::new(url, secrets.clone()).unwrap();
            assert_eq!(&*stripe.base_url, url.trim_end_matches('/'));
        }
        for url in [
            "http://api.stripe.com",
            "http://127.0.0.1.example",
            "ftp://api.stripe.com",
            "https://user:key@api.stripe.com",
            "https://api.stripe.com?x",
            "api.stripe.com",
            "",
        ] {
            assert!(Stripe::new(url, secrets.clone()).is_err(), "{url}");
        }
    }

    #[test]
    fn pauses_grow_and_are_spread() {
        let first = Duration::from_millis(300);
        for attempt in 1..=40 {
            let whole = first * (1 << (attempt - 1).min(8));
            let pause = pause_after(attempt, first);
            assert!(pause >= whole / 2 && pause < whole, "{attempt}: {pause:?}");
        }
    }
}
