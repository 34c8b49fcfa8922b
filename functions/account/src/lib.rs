//! Accounts: the caller's profile, created at the first sign-in, and the registration of companies and firms.

mod identity;
mod me;
mod registration;

use api::Api;
use store::SdkConfig;

use crate::identity::Identity;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    identity: Identity,
}

impl App {
    /// Makes the client of the identity provider.
    #[must_use]
    pub fn new(api: Api, config: &SdkConfig) -> Self {
        Self { api, identity: Identity::new(config) }
    }
}

api::routes! {
    state: App;
    me::{make_me, get_me, change_me},
    registration::{register_company, register_firm},
}
