//! A company's bank accounts, as the ledger reports them, and their low-balance thresholds.

mod bank_accounts;

use api::Api;

api::routes! {
    state: Api;
    bank_accounts::{list_bank_accounts, get_bank_account, put_threshold},
}
