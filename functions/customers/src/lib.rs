//! A company's customers and their contacts, the changes that contacts ask for, and the settings of their portal.
//!
//! What contacts do themselves is in the function `customer-portal`.

mod changes;
mod contacts;
mod customers;
mod portal_settings;
mod view;

use api::Api;

api::routes! {
    state: Api;
    customers::{list_customers, add_customer, get_customer, change_customer},
    contacts::{list_contacts, add_contact, get_contact, change_contact, remove_contact},
    portal_settings::{get_portal_settings, put_portal_settings},
    changes::{list_customer_changes, get_customer_change, decide_customer_change},
}
