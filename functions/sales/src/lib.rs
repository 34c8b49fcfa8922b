//! Invoices, credit notes and estimates: lists and shows them, who saw them and the comments on them; drafts, sends and
//! corrects them for a company whose ledger pushes none. `pay` handles payments, `ledger` what the ledger pushes.

mod comments;
mod credit_note_drafts;
mod credit_notes;
mod decisions;
mod drafting;
mod estimate_drafts;
mod estimates;
mod invoice_drafts;
mod invoices;
mod show;

use api::Api;

api::routes! {
    state: Api;
    invoices::{list_invoices, get_invoice, list_invoice_views},
    invoice_drafts::{draft_invoice, replace_invoice, send_invoice, void_invoice},
    credit_notes::{list_credit_notes, get_credit_note, list_credit_note_views},
    credit_note_drafts::{draft_credit_note, replace_credit_note, send_credit_note, void_credit_note},
    comments::{
        list_invoice_comments, comment_on_invoice, read_invoice_comments, list_estimate_comments, comment_on_estimate,
        read_estimate_comments, list_credit_note_comments, comment_on_credit_note, read_credit_note_comments,
    },
    estimates::{list_estimates, get_estimate, list_estimate_views},
    estimate_drafts::{draft_estimate, replace_estimate, send_estimate},
    decisions::{record_decision, undo_decision},
}
