//! Registers companies and firms: on their own, through a registration link, or with a signup code. A firm
//! creates such links and codes here; the vendor's codes are in `vendor`.
//!
//! A link's token and a code are derived when they are shown and never stored: not in the table, an event,
//! a log, or the answer kept for a replay. A forged link and an unknown one get the same answer; so do an
//! unknown code, a closed one and malformed text.

mod codes;
mod companies;
mod firms;
mod link;
mod page;
mod registrant;
mod registrations;
mod signup_sources;
mod terms;

use api::{Api, ConfigError, Problem, ProblemType, env_var};
use cognito::AddressReader;
use domain::signup_source::Closed;
use links::RegistrationSigner;
use store::SdkConfig;

/// The function's shared state. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    signer: RegistrationSigner,
    addresses: AddressReader,
    /// The base of every link, without a slash at the end.
    public_url: String,
    /// Where a person signs in, without a slash at the end.
    portal_url: String,
}

impl App {
    /// Makes the clients of KMS and of the identity provider, with the names that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `REGISTRATION_KEY_ID`, `PUBLIC_URL` or `PORTAL_URL`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let base = |name| env_var(name).map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self {
            api,
            signer: RegistrationSigner::new(aws_sdk_kms::Client::new(config), env_var("REGISTRATION_KEY_ID")?),
            addresses: AddressReader::new(config),
            public_url: base("PUBLIC_URL")?,
            portal_url: base("PORTAL_URL")?,
        })
    }
}

api::routes! {
    state: App;
    companies::{register_company},
    firms::{register_firm},
    link::{make_link, list_links, get_link, revoke_link, link_qr},
    codes::{make_code, list_codes, get_code, revoke_code},
    page::{show_link},
    registrations::{preview, register},
}

/// The problem for a closed link.
fn gone(closed: Closed) -> Problem {
    Problem::new(ProblemType::Gone).detail(closed).state(closed.0.as_str())
}
