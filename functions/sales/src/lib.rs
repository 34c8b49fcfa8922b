//! Invoices and estimates as the ledger pushed them: see them, talk about them, and accept or
//! decline estimates. Paying is `pay`'s.

mod comments;
mod estimates;
mod invoices;

use api::Api;

api::routes! {
    state: Api;
    invoices::{list_invoices, get_invoice},
    comments::{list_invoice_comments, comment_on_invoice, list_estimate_comments, comment_on_estimate},
    estimates::{list_estimates, get_estimate, decide_estimate},
}
