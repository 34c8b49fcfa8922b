//! Checks what a person may do in a company or firm now, and lists the permissions of each role.
//!
//! A module that the vendor's own product hosts asks as a machine. The body holds a context token, or a
//! person's access token together with the company or firm. A person asks in their own context. A token is
//! verified, but it grants nothing: the permissions are read from the table each time, in one strongly
//! consistent batch.

mod access;
mod identity;
mod question;
mod roles;

use api::Api;

pub use crate::{identity::IdentityProvider, roles::roles};

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
    access::{check_access},
    roles::{list_roles},
}
