//! Accounts: the caller's profile, created at the first sign-in, what companies and firms say about themselves, and the
//! letters that an address does not get.

mod company;
mod firm;
mod me;
mod suppressions;

use api::Api;
use cognito::AddressReader;
use store::SdkConfig;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    addresses: AddressReader,
}

impl App {
    /// Makes the client of the identity provider.
    #[must_use]
    pub fn new(api: Api, config: &SdkConfig) -> Self {
        Self { api, addresses: AddressReader::new(config) }
    }
}

api::routes! {
    state: App;
    me::{make_me, get_me, change_me},
    company::{update_company},
    firm::{update_firm},
    suppressions::{lift_my_suppressions, lift_suppressions},
}
