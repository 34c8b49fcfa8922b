//! Live answers for modules that the vendor's own product hosts: may this person do this, there,
//! now?
//!
//! The caller is a machine. Who it asks about is in the body: a context token, or a person's access
//! token together with the place. Both are verified here, and neither is believed: what is granted
//! is read from the table each time, in one strongly consistent batch.

mod identity;
mod question;

use api::Api;

pub use crate::identity::IdentityProvider;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    identities: IdentityProvider,
}

impl App {
    /// The edge, and whose access tokens are taken.
    #[must_use]
    pub const fn new(api: Api, identities: IdentityProvider) -> Self {
        Self { api, identities }
    }
}

api::routes! {
    state: App;
    question::{authorize},
}
