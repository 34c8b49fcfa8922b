//! The company's dashboard.

mod approvals;
mod balances;
mod comments;
mod documents;
mod figures;
mod invoices;
mod next;
mod overview;

use api::Api;

api::routes! {
    state: Api;
    overview::{show_dashboard},
}
