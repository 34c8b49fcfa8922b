//! The portal of a company's customers, for the contacts there. Every route acts for one customer, whose contact the
//! caller is; what belongs to another customer of the same company does not exist here.
//!
//! Payments of contacts are in `pay`, and links to attachments in `documents`.

mod comments;
mod credit_notes;
mod document;
mod estimates;
mod forward;
mod home;
mod invoices;
mod leaving;
mod list;
mod me;
mod statement;
mod view;

use api::Api;

api::routes! {
    state: Api;
    home::{show_customer_portal},
    invoices::{
        list_customer_invoices, get_customer_invoice, note_customer_invoice_view, list_customer_invoice_comments,
        comment_on_customer_invoice, read_customer_invoice_comments,
    },
    estimates::{
        list_customer_estimates, get_customer_estimate, note_customer_estimate_view, list_customer_estimate_comments,
        comment_on_customer_estimate, read_customer_estimate_comments, decide_customer_estimate,
    },
    credit_notes::{
        list_customer_credit_notes, get_customer_credit_note, note_customer_credit_note_view,
        list_customer_credit_note_comments, comment_on_customer_credit_note, read_customer_credit_note_comments,
    },
    forward::{forward_customer_invoice, forward_customer_estimate, forward_customer_credit_note},
    statement::{get_customer_statement},
    me::{get_own_contact, change_own_details},
    leaving::{leave_customer_portal},
}
