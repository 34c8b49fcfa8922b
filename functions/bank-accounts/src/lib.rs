//! A company's bank accounts, as the ledger and the statements of banks say them: balances, their course, low-balance
//! thresholds, the files that were read, and the numbers in them.

mod balances;
mod bank_accounts;
mod numbers;
mod statements;
mod thresholds;

use api::Api;

api::routes! {
    state: Api;
    bank_accounts::{list_bank_accounts, get_bank_account},
    thresholds::{put_threshold, get_own_thresholds, put_own_thresholds},
    balances::{list_bank_account_balances},
    statements::{list_bank_statements},
    numbers::{list_bank_account_numbers, map_bank_account_number},
}
