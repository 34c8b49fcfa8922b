//! Accounts: the caller's profile, created at the first sign-in, what companies and firms say about themselves, the
//! letters that an address does not get, and notifications: what is mailed, the inbox and the mail log.

mod company;
mod firm;
mod me;
mod notifications;
mod suppressions;

use api::Api;
use cognito::AddressReader;
use store::SdkConfig;

use crate::notifications::{client_settings, inbox, mails, settings};

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
    settings::{
        get_notification_settings, change_notification_settings, get_notification_settings_of,
        change_notification_settings_of,
    },
    client_settings::{get_client_notification_settings, put_client_notification_settings},
    inbox::{list_notifications, read_notification, read_all_notifications},
    mails::{list_mails, list_sent_mails},
}
