//! The link in an invitation: the page it opens, the account it may make, and accepting or declining
//! what it offers.
//!
//! Mail scanners and previews open links, so opening one changes nothing: what changes something is a
//! POST. A link that is not ours gets the same answer whether its MAC is wrong or its invitation unknown.

mod accept;
mod accept_context;
mod account;
mod account_form;
mod by_link;
mod identity_provider;
mod invitation_link;
mod page;
mod password;
mod pending_invitations;
mod places;
mod qr_code;
mod recipient;
mod refusal;
mod reject;
mod respond;
mod show;
mod view;

use api::{Api, ConfigError, env_var};
use links::LinkSigner;
use store::SdkConfig;

use crate::identity_provider::IdentityProvider;

/// The clients and settings of the function. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    signer: LinkSigner,
    identity_provider: IdentityProvider,
    /// Where a person signs in, without a slash at the end.
    portal_url: String,
    /// The base of every link, without a slash at the end.
    public_url: String,
}

impl App {
    /// Makes the clients of KMS and Cognito, with the names that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `LINK_KEY_ID`, `USER_POOL_ID`, `PORTAL_URL` or `PUBLIC_URL`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            api,
            signer: LinkSigner::new(aws_sdk_kms::Client::new(config), env_var("LINK_KEY_ID")?),
            identity_provider: IdentityProvider::new(config, env_var("USER_POOL_ID")?),
            portal_url: env_var("PORTAL_URL")?.trim_end_matches('/').to_owned(),
            public_url: env_var("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
        })
    }
}

api::routes! {
    state: App;
    show::{get_invitation_by_link},
    qr_code::{get_invitation_qr_code},
    account::{create_account},
    respond::{accept_invitation, reject_invitation},
    pending_invitations::{list_my_invitations, accept_my_invitation, reject_my_invitation},
}
