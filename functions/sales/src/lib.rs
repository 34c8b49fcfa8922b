//! Invoices and estimates from the ledger: lists and comments on them, and accepts or declines estimates.
//! `pay` handles payments.

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
