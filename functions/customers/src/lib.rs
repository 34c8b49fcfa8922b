//! A company's customers and their contacts, the changes that contacts ask for, and the settings of their portal.
//!
//! What contacts do themselves is in the function `customer-portal`.

mod customers;
mod view;

use api::Api;

api::routes! {
    state: Api;
    customers::{list_customers, add_customer, get_customer, change_customer},
}
