//! Live answers for modules that the vendor's own product hosts: may this person do this, there,
//! now?
//!
//! The caller is a machine. The body holds a context token, or a person's access token together with the
//! company or firm. The token is verified, but it grants nothing: the permissions are read from the table
//! each time, in one strongly consistent batch.

mod identity;
mod question;

use api::Api;

pub use crate::identity::IdentityProvider;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    identities: IdentityProvider,
}

impl App {
    /// The shared API state and the verifier of access tokens.
    #[must_use]
    pub const fn new(api: Api, identities: IdentityProvider) -> Self {
        Self { api, identities }
    }
}

api::routes! {
    state: App;
    question::{authorize},
}
