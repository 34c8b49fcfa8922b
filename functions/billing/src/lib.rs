//! Billing: who pays for a company's subscription. The company chooses; a firm offers to pay.

mod billing;
mod offers;

use api::Api;

api::routes! {
    state: Api;
    billing::{get_billing, put_billing},
    offers::{list_offers, offer_to_pay, withdraw_offer},
}
