//! The status of an invoice: it follows from what is stored and from today's date, here and nowhere else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{Invoice, InvoiceState};
use crate::time::Day;

/// The status of an invoice on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not sent.
    Draft,
    /// Sent, and nothing is paid.
    Sent,
    /// The customer saw the present content, and nothing is paid.
    Viewed,
    /// A part is paid.
    PartiallyPaid,
    /// Nothing is left to be paid.
    Paid,
    /// Its due day is over, and something is left to be paid.
    Overdue,
    /// Withdrawn.
    Void,
    /// Credit notes take off all of it.
    Credited,
}

impl Invoice {
    /// The status on a day, which is today in the company's time zone.
    #[must_use]
    pub fn status(&self, today: Day) -> InvoiceStatus {
        let received_minor = self.paid_minor + self.terms.settled_elsewhere_minor.minor();
        match self.state {
            InvoiceState::Draft => InvoiceStatus::Draft,
            InvoiceState::Void => InvoiceStatus::Void,
            InvoiceState::Settled if self.credited_minor > 0 && received_minor <= 0 => InvoiceStatus::Credited,
            InvoiceState::Settled => InvoiceStatus::Paid,
            InvoiceState::Open if today > self.terms.due_on => InvoiceStatus::Overdue,
            InvoiceState::Open if received_minor > 0 => InvoiceStatus::PartiallyPaid,
            InvoiceState::Open if self.viewed.is_some_and(|viewed| viewed.revision == self.revision) => {
                InvoiceStatus::Viewed
            }
            InvoiceState::Open => InvoiceStatus::Sent,
        }
    }
}
