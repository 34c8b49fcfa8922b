//! Which payment is settled.

use domain::{PaymentId, Reference, payment::Payment};

/// Which payment of the authority's company, by its id and its invoice.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The payment.
    pub payment: &'a PaymentId,
    /// The invoice.
    pub invoice: &'a Reference,
}

impl<'a> From<&'a Payment> for Which<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self { payment: &payment.id, invoice: &payment.invoice }
    }
}
