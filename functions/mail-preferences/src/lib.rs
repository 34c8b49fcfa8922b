//! The link in a notification: its reader stops that mail with one click (RFC 8058), and sees and sets what is mailed to
//! them, without a sign-in.
//!
//! Mail scanners open links, so opening one changes nothing: what changes something is a POST. The signature in the link is
//! all that opens it, and it opens nothing but the mail choices of the person to whom the letter was. Whatever is no such
//! link gets one and the same answer.

mod choices;
mod form;
mod link;
mod page;
mod preferences;
mod stop;
mod words;

use api::{Api, ConfigError, env_var};
use links::MailPreferencesSigner;
use store::SdkConfig;

/// The clients and settings of the function. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    signer: MailPreferencesSigner,
}

impl App {
    /// Makes the client of KMS, with the key that the template names.
    ///
    /// # Errors
    /// [`ConfigError`] for `LINK_KEY_ID`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let signer = MailPreferencesSigner::new(aws_sdk_kms::Client::new(config), env_var("LINK_KEY_ID")?);
        Ok(Self { api, signer })
    }
}

api::routes! {
    state: App;
    preferences::{get_mail_preferences, set_mail_preferences},
    stop::{stop_mail, resume_mail},
}
