//! An invoice that is made of an estimate.

use super::state::{Estimate, EstimateState};
use crate::{
    event::{NewEvent, kinds},
    invoice::{Invoice, InvoiceState},
};

/// Why an invoice does not come from the estimate that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvoicedError {
    /// There is none, or it is another customer's.
    #[error("is no estimate of this customer")]
    Unknown,
    /// It was not sent.
    #[error("is a draft: send it first")]
    Draft,
}

/// The estimate that an invoice names, with the invoice made of it, and the version that was read. `None` for an invoice
/// that names none or is not sent, and for an estimate of which an invoice was made before. `estimate` is the named one
/// as it was read.
///
/// That an estimate expired or was declined does not stop an invoice that the company makes of it.
///
/// # Errors
/// [`InvoicedError`].
pub fn invoiced_by(
    estimate: Option<Estimate>,
    invoice: &Invoice,
) -> Result<Option<(u64, Estimate, NewEvent)>, InvoicedError> {
    let is_sent = matches!(invoice.state, InvoiceState::Open | InvoiceState::Settled);
    if invoice.terms.estimate.is_none() || !is_sent {
        return Ok(None);
    }
    let theirs = |estimate: &Estimate| estimate.terms.content.customer == invoice.terms.content.customer;
    let estimate = estimate.filter(theirs).ok_or(InvoicedError::Unknown)?;
    match estimate.state {
        EstimateState::Draft => Err(InvoicedError::Draft),
        // A second invoice of the same estimate, such as the rest after a deposit.
        EstimateState::Invoiced => Ok(None),
        EstimateState::Open | EstimateState::Accepted | EstimateState::Declined => {
            let expected = estimate.version;
            let invoiced = Estimate {
                state: EstimateState::Invoiced,
                invoice: Some(invoice.reference.clone()),
                version: expected + 1,
                ..estimate
            };
            let event = invoiced.event(kinds::EstimateInvoiced::of);
            Ok(Some((expected, invoiced, event)))
        }
    }
}
