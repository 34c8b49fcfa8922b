//! Contexts: lists, enters and leaves them, and publishes the keys that verify context tokens.
//!
//! Entering a context needs only a signed-in person and ignores context tokens, so a context cannot be
//! entered from within another.

mod context_session;
mod cursor;
mod keys;
mod list;
mod signer;

use api::Api;
use domain::context_reason::ReasonRule;
use store::SdkConfig;

use crate::{keys::Keys, signer::Signer};

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    keys: Keys,
    /// The `iss` of context tokens.
    issuer: String,
    /// Who must give a reason to enter.
    reasons: ReasonRule,
}

impl App {
    /// Makes the client of the key that signs context tokens.
    #[must_use]
    pub fn new(api: Api, config: &SdkConfig, key_id: String, issuer: String, reasons: ReasonRule) -> Self {
        let keys = Keys::new(Signer::from_config(config, key_id), api.store.clone());
        Self { api, keys, issuer, reasons }
    }

    /// Publishes the signing key's public half ahead of the first request, if KMS answers in time;
    /// otherwise the first request that needs it does so.
    pub async fn warm_up(&self) {
        self.keys.warm_up().await;
    }
}

api::routes! {
    state: App;
    list::{list_contexts},
    context_session::{enter_context, enter_customer_context, refresh_context, leave_context},
    keys::{published_keys},
}
