//! Registration links and signup codes: a firm or the vendor creates them, and a new client registers
//! with one.
//!
//! A link's token and a code are derived when they are shown and never stored: not in the table, an event,
//! a log, or the answer kept for a replay. A forged link and an unknown one get the same answer; so do an
//! unknown code, a closed one and malformed text.

mod codes;
mod link;
mod page;
mod registrations;
mod signup_sources;
mod terms;
mod vendor;

use api::{Api, ConfigError, Problem, ProblemType, env_var};
use domain::signup_source::Closed;
use links::{KmsError, RegistrationSigner};
use store::SdkConfig;

/// The function's shared state. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    signer: RegistrationSigner,
    /// The base of every link, without a slash at the end.
    public_url: String,
    /// Where a person signs in, without a slash at the end.
    portal_url: String,
}

impl App {
    /// Makes the client of KMS, with the names that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `REGISTRATION_KEY_ID`, `PUBLIC_URL` or `PORTAL_URL`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let base = |name| env_var(name).map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self {
            api,
            signer: RegistrationSigner::new(aws_sdk_kms::Client::new(config), env_var("REGISTRATION_KEY_ID")?),
            public_url: base("PUBLIC_URL")?,
            portal_url: base("PORTAL_URL")?,
        })
    }
}

api::routes! {
    state: App;
    link::{make_link, list_links, get_link, revoke_link, link_qr},
    codes::{make_code, list_codes, get_code, revoke_code},
    vendor::{put_vendor_code, get_vendor_code, revoke_vendor_code},
    page::{show_link},
    registrations::{preview, register},
}

/// Maps a KMS error to a problem.
fn unanswered(error: KmsError) -> Problem {
    match error {
        KmsError::Unavailable { .. } => {
            tracing::warn!(%error, "the registration key did not answer");
            Problem::new(ProblemType::Unavailable)
        }
        KmsError::Misconfigured { .. } => Problem::internal(error),
    }
}

/// The problem for a closed link.
fn gone(closed: Closed) -> Problem {
    Problem::new(ProblemType::Gone).detail(closed).state(closed.0.as_str())
}
