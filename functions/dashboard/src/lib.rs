//! A company at a glance, its bank accounts, and the balance that each should not fall below.

mod bank;
mod overview;

use api::Api;

api::routes! {
    state: Api;
    overview::{show_dashboard},
    bank::{list_bank_accounts, get_bank_account, put_threshold},
}
