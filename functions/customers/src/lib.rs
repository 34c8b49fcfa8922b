//! A company's customers and their contacts, the changes that contacts ask for, and the settings of their portal.
//!
//! What contacts do themselves is in the function `customer-portal`.

mod changes;
mod contacts;
mod customers;
mod document_links;
mod letters;
mod portal_access;
mod portal_settings;
mod statement;
mod view;

use api::{Api, ConfigError, env_var};

/// The API and the settings of the function.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    /// How long an invitation stays open by default, 1–30 days.
    expiry_days: u8,
}

impl App {
    /// Reads the settings of the template.
    ///
    /// # Errors
    /// [`ConfigError`] for `INVITATION_EXPIRY_DAYS`.
    pub fn from_environment(api: Api) -> Result<Self, ConfigError> {
        let name = "INVITATION_EXPIRY_DAYS";
        let expiry_days = env_var(name)?.parse().ok().filter(|days| (1..=30).contains(days));
        Ok(Self { api, expiry_days: expiry_days.ok_or(ConfigError(name))? })
    }
}

api::routes! {
    state: App;
    customers::{list_customers, add_customer, get_customer, change_customer},
    contacts::{list_contacts, add_contact, get_contact, change_contact, remove_contact},
    portal_settings::{get_portal_settings, put_portal_settings},
    changes::{list_customer_changes, get_customer_change, decide_customer_change},
    document_links::{list_document_links, make_document_link, revoke_document_link},
    statement::{get_statement_of_account},
    letters::{send_document_again, send_statement_letter},
    portal_access::{give_portal_access, end_portal_access},
}
