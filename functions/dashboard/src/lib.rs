//! A company at a glance, its bank accounts, and the balance that each should not fall below.

mod bank;
mod overview;

use api::Api;

api::routes! {
    state: Api;
    get "/v1/dashboard" => overview::show_dashboard,
    get "/v1/bank-accounts" => bank::list_bank_accounts,
    get "/v1/bank-accounts/{reference}" => bank::get_bank_account,
    put "/v1/bank-accounts/{reference}/threshold" => bank::put_threshold,
}
