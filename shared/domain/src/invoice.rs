//! Invoices that a company issues to its customers, and how they are paid.
//!
//! Money that is being paid is reserved: `due_minor` is what is neither settled nor in flight, so
//! concurrent payments can never exceed the total.
//!
//! INVARIANT: total = paid + settled elsewhere + credited + in flight + due. A payment can be started only for what
//! is due. What was paid can go back to the payer and return again; so `due_minor` is negative while more
//! came in than was asked for, and [`Invoice::amounts`] shows the surplus as `overpaid_minor`.

mod event;
mod recording;
mod reminding;
mod state;
mod status;
mod sum;

pub use crate::ledger_report::Recording;
pub use event::{InvoicePaid, InvoiceRecorded};
pub use recording::{InvoiceReport, RecordError, record};
pub use reminding::{InvoiceReminded, InvoiceReminders, ReminderRound};
pub use state::{
    CreditError, Invoice, InvoiceAmounts, InvoiceState, InvoiceTerms, PayingLink, PaymentOption, PendingPayment,
};
pub use status::InvoiceStatus;
pub use sum::{Due, due_by_currency};

#[cfg(test)]
pub(crate) mod tests;
