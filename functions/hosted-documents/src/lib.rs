//! Hosted links: a contact sees one sales document without signing in, and accepts or declines an estimate.
//!
//! Mail scanners and previews open links, so opening one changes nothing: what changes something is a POST. A link that
//! is not ours gets the same answer whether its MAC is wrong or it is unknown.

mod decide;
mod form;
mod hosted;
mod link;
mod page;
mod renew;
mod show;
mod view;

use api::{Api, ConfigError, env_var};
use links::DocumentLinkSigner;
use store::SdkConfig;

/// The clients and settings of the function. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    signer: DocumentLinkSigner,
}

impl App {
    /// Makes the client of KMS, with the name that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `LINK_KEY_ID`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let signer = DocumentLinkSigner::new(aws_sdk_kms::Client::new(config), env_var("LINK_KEY_ID")?);
        Ok(Self { api, signer })
    }
}

api::routes! {
    state: App;
    show::{get_hosted_document, view_hosted_document},
    decide::{decide_hosted_estimate},
    renew::{renew_hosted_link},
}
