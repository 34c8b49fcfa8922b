//! Hosted links: a contact sees one sales document without signing in, comments on it, and accepts or declines an
//! estimate.
//!
//! Mail scanners and previews open links, so opening one changes nothing: what changes something is a POST. A link that
//! is not ours gets the same answer whether its MAC is wrong or it is unknown.

mod attachment;
mod comment;
mod decide;
mod form;
mod page;
mod renew;
mod show;
mod shown;
mod view;

use api::{Api, ConfigError};
use hosted_links::HostedLinks;
use store::SdkConfig;

/// The clients and settings of the function. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    links: HostedLinks,
}

impl App {
    /// Makes the client of KMS, with the name that the template gives.
    ///
    /// # Errors
    /// [`ConfigError`] for `LINK_KEY_ID`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let links = HostedLinks::from_environment(api.store.clone(), config)?;
        Ok(Self { api, links })
    }
}

api::routes! {
    state: App;
    show::{get_hosted_document, view_hosted_document},
    comment::{comment_on_hosted_document},
    decide::{decide_hosted_estimate},
    renew::{renew_hosted_link},
}
