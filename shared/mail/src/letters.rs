//! The letters. Each is one type, in a file with its words and its examples; this list names them all.
//!
//! The type's fields are what a letter knows; [`Letter::words`](crate::Letter::words) says it. A field for people's text is a
//! [`Line`](crate::Line) or a [`Quote`](crate::Quote). The words stand beside it in every language (`domain::messages!`).

#[cfg(test)]
use crate::{layout::Letter as _, say::Say};

pub mod access_target;
mod common;
pub mod document_asker;
pub mod invoice_payment;
pub mod sales_document;

macro_rules! letters {
    ($($module:ident::$letter:ident,)*) => {
        $(pub mod $module;)*

        /// The message of every example of every letter.
        #[cfg(test)]
        fn every_example(say: Say<'_>, frame: &tests::Frame) -> Vec<(&'static str, crate::Message)> {
            let mut messages = Vec::new();
            $(for (name, letter) in $module::$letter::examples(say) {
                messages.push((name, frame.message(&letter)));
            })*
            messages
        }
    };
}

letters! {
    invitation::Invitation,
    approval_requested::ApprovalRequested,
    approval_decided::ApprovalDecided,
    approval_withdrawn::ApprovalWithdrawn,
    approval_policy_changed::ApprovalPolicyChanged,
    payment_received::PaymentReceived,
    payment_refunded::PaymentRefunded,
    payment_disputed::PaymentDisputed,
    invoice_paid::InvoicePaid,
    balance_crossed::BalanceCrossed,
    forecast_crossed::ForecastCrossed,
    access_ended::AccessEnded,
    access_changed::AccessChanged,
    firm_connected::FirmConnected,
    access_requested::AccessRequested,
    access_decided::AccessDecided,
    client_registered::ClientRegistered,
    documents_requested::DocumentsRequested,
    documents_reminder::DocumentsReminder,
    document_received::DocumentReceived,
    document_sent_back::DocumentSentBack,
    accounts_published::AccountsPublished,
    ledger_fact::LedgerFact,
    sales_document_sent::SalesDocumentSent,
    sales_document_viewed::SalesDocumentViewed,
    statement_sent::StatementSent,
    invoice_reminder::InvoiceReminder,
    estimate_reopened::EstimateReopened,
    estimate_decided::EstimateDecided,
    document_forwarded::DocumentForwarded,
    comment_added::CommentAdded,
    document_commented::DocumentCommented,
    digest::Digest,
}

#[cfg(test)]
mod tests;
