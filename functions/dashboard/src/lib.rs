//! The company's dashboard, its bank accounts and their low-balance thresholds.

mod bank;
mod overview;

use api::Api;

api::routes! {
    state: Api;
    overview::{show_dashboard},
    bank::{list_bank_accounts, get_bank_account, put_threshold},
}
