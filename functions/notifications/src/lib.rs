//! What people are notified of: their own choices, a company's settings, and the inbox in each company and firm.

mod client_settings;
mod inbox;
mod refusal;
mod settings;

use api::Api;

api::routes! {
    state: Api;
    settings::{
        get_notification_settings, change_notification_settings, get_notification_settings_of,
        change_notification_settings_of,
    },
    client_settings::{get_client_notification_settings, put_client_notification_settings},
    inbox::{list_notifications, read_notification, read_all_notifications},
}
