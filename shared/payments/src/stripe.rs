//! Stripe's PaymentIntents over HTTPS, and what went back of them; the calls of Checkout Sessions are in `sessions`.
//!
//! Sources: <https://docs.stripe.com/api/payment_intents>, <https://docs.stripe.com/api/charges>,
//! <https://docs.stripe.com/api/disputes>,
//! <https://docs.stripe.com/api/idempotent_requests>, <https://docs.stripe.com/error-low-level>.

mod failure;
mod sessions;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use backoff::{Backoff, Jitter};
use reqwest::{Client, Method, Url, redirect};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};

use crate::{
    currency::{self, Unchargeable},
    dispute::WireDisputes,
    intent::{Intent, NewIntent, WireIntent, is_object_id},
    secrets::ProviderSecrets,
};

use failure::{Failure, failed, unreached};

pub use failure::ProviderError;

/// The version of Stripe's API that this adapter was written against; without it Stripe would
/// answer in whichever version the vendor's account happens to have.
const STRIPE_VERSION: &str = "2026-09-30.endive";

/// Where intents are, behind `/v1`.
const INTENTS: &str = "/payment_intents";

/// Longest description sent, in characters.
const MAX_DESCRIPTION_CHARS: usize = 500;

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
    /// The pauses between tries. Half of each is fixed, so that a try of ours that is still under way
    /// (409) can end.
    backoff: Backoff,
}

const PACE: Pace = Pace {
    connect: Duration::from_secs(3),
    attempt: Duration::from_secs(6),
    call: Duration::from_secs(15),
    max_attempts: 3,
    backoff: Backoff::new(Duration::from_millis(300), Duration::from_secs(15), Jitter::Half),
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
        chargeable(new)?;
        let form: Vec<(String, String)> = [
            ("amount".to_owned(), new.amount.minor().to_string()),
            ("currency".to_owned(), new.currency.code().to_ascii_lowercase()),
            ("automatic_payment_methods[enabled]".to_owned(), "true".to_owned()),
            ("description".to_owned(), description(new)),
        ]
        .into_iter()
        .chain(metadata_fields(new, ""))
        .collect();
        let key = new.payment_id.as_str();
        let call = Call { method: Method::POST, path: INTENTS, form: &form, key: Some(key), read: WireIntent::read };
        let intent = self.own(self.call(&call).await?)?;
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

    /// Looks an intent up, with what was refunded and disputed of it: the only source of a payment's
    /// outcome. A second call is made where its charge was disputed.
    ///
    /// # Errors
    /// [`ProviderError`]; an id that no intent can have is `NotFound` without asking.
    pub async fn intent_by_id(&self, intent_id: &str) -> Result<Intent, ProviderError> {
        let path = object_path(INTENTS, intent_id, "?expand%5B%5D=latest_charge&expand%5B%5D=payment_method")?;
        let read = WireIntent::read_with_disputed;
        let call = Call { method: Method::GET, path: &path, form: &[], key: None, read };
        let (intent, is_disputed) = self.call(&call).await?;
        let mut intent = answer_for(intent_id, self.own(intent)?)?;
        if is_disputed {
            intent.disputed_minor = self.withdrawn_minor(&intent).await?;
        }
        Ok(intent)
    }

    /// What was withdrawn for the disputes of an intent, in minor units.
    async fn withdrawn_minor(&self, intent: &Intent) -> Result<i64, ProviderError> {
        let path = format!("/disputes?payment_intent={}&limit=100", intent.id);
        let call = Call { method: Method::GET, path: &path, form: &[], key: None, read: WireDisputes::read };
        let disputes = self.call(&call).await?;
        let withdrawn = disputes.withdrawn_minor(intent.currency.code());
        withdrawn.ok_or(ProviderError::Unexpected { reason: "a dispute in another currency" })
    }

    /// Cancels an intent, so that no money can move on it any more, and returns its status:
    /// `Canceled` (now or before), or the state that forbade it, such as `Succeeded` or
    /// `Processing`. The caller must look at the status.
    ///
    /// There is deliberately no idempotency key: cancelling twice is harmless, and a remembered
    /// refusal would outlive the state it was given for.
    ///
    /// # Errors
    /// [`ProviderError`], as for [`Stripe::intent_by_id`].
    pub async fn cancel_intent(&self, intent_id: &str) -> Result<Intent, ProviderError> {
        let path = object_path(INTENTS, intent_id, "/cancel")?;
        let call = Call { method: Method::POST, path: &path, form: &[], key: None, read: WireIntent::read };
        match self.call(&call).await {
            Ok(intent) => answer_for(intent_id, self.own(intent)?),
            Err(ProviderError::Refused { code, .. }) if code == "payment_intent_unexpected_state" => {
                self.intent_by_id(intent_id).await
            }
            Err(error) => Err(error),
        }
    }

    /// One call with its tries.
    async fn call<T>(&self, call: &Call<'_, T>) -> Result<T, ProviderError> {
        let http = self.http()?;
        let deadline = Instant::now() + self.pace.call;
        let mut attempt = 1;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let reason = match self.attempt(http, call, left.min(self.pace.attempt)).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(reason)) => reason,
            };
            let pause = self.pace.backoff.pause_after(attempt);
            if attempt >= self.pace.max_attempts || Instant::now() + pause >= deadline {
                return Err(ProviderError::Unavailable { reason });
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt<T>(&self, http: &Client, call: &Call<'_, T>, timeout: Duration) -> Result<T, Failure> {
        let url = format!("{}/v1{}", self.base_url, call.path);
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
        (call.read)(&body).ok_or(Failure::Lasting(ProviderError::Unexpected { reason: "not what was asked for" }))
    }

    /// An intent, if it is of our mode.
    fn own(&self, intent: Intent) -> Result<Intent, ProviderError> {
        self.of_our_mode(intent.livemode)?;
        Ok(intent)
    }

    /// Refuses an object of the other mode.
    fn of_our_mode(&self, livemode: bool) -> Result<(), ProviderError> {
        if livemode == self.secrets.livemode() {
            return Ok(());
        }
        let reason = "the key is of the other mode (live or test)".to_owned();
        Err(ProviderError::Misconfigured { reason })
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

struct Call<'a, T> {
    method: Method,
    /// Behind `/v1`.
    path: &'a str,
    form: &'a [(String, String)],
    key: Option<&'a str>,
    /// Reads the answer; `None` for one that is something else.
    read: fn(&[u8]) -> Option<T>,
}

/// What Stripe does not charge as we count it is refused without asking.
fn chargeable(new: &NewIntent<'_>) -> Result<(), ProviderError> {
    currency::check(new.currency, new.amount.minor()).map_err(|reason| match reason {
        Unchargeable::Currency => ProviderError::Refused {
            code: "unsupported_currency".to_owned(),
            message: format!("Payments in {} cannot be taken.", new.currency),
        },
        Unchargeable::NotInTens => ProviderError::Refused {
            code: "unsupported_amount".to_owned(),
            message: format!("An amount in {} must end in zero.", new.currency),
        },
    })
}

/// The fields of a form that attach what names our payment; `object` is empty or the parameter of a nested object.
fn metadata_fields(new: &NewIntent<'_>, object: &str) -> [(String, String); 3] {
    let name =
        |of: &str| if object.is_empty() { format!("metadata[{of}]") } else { format!("{object}[metadata][{of}]") };
    [
        (name("payment"), new.payment_id.to_string()),
        (name("company"), new.company_id.to_string()),
        (name("invoice"), new.invoice_reference.to_string()),
    ]
}

/// What the payer sees, as far as Stripe takes it.
fn description(new: &NewIntent<'_>) -> String {
    new.description.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION_CHARS).collect()
}

/// Whether what is sent there is read by nobody else: over HTTPS, or on this machine.
fn has_safe_scheme(url: &Url) -> bool {
    let this_machine = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && this_machine)
}

/// Whether it is an address to send a payer to.
fn is_safe_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| has_safe_scheme(&url))
}

fn is_safe_origin(url: &Url) -> bool {
    let scheme = has_safe_scheme(url);
    let bare = url.username().is_empty() && url.password().is_none();
    scheme && bare && url.query().is_none() && url.fragment().is_none()
}

fn object_path(objects: &str, id: &str, rest: &str) -> Result<String, ProviderError> {
    if is_object_id(id) { Ok(format!("{objects}/{id}{rest}")) } else { Err(ProviderError::NotFound) }
}

fn answer_for(intent_id: &str, intent: Intent) -> Result<Intent, ProviderError> {
    if intent.id == intent_id { Ok(intent) } else { Err(ProviderError::Unexpected { reason: "another intent" }) }
}
