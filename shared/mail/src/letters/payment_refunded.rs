//! The letter about a refund: to those who manage payments or invoices, and to the payer.

use domain::language::Reader;
use domain::Money;

use super::invoice_payment::InvoicePayment;
use crate::layout::{Fact, Letter, Words};

/// What happened to a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// So much was refunded.
    Made(Money),
    /// A refund of so much failed: the money is paid again.
    Failed(Money),
}

/// What the payment provider refunded of a payment has changed.
#[derive(Debug, Clone)]
pub struct PaymentRefunded {
    /// The payment.
    pub payment: InvoicePayment,
    /// What happened.
    pub refund: Refund,
    /// How much of it is refunded now, in all.
    pub refunded: Money,
}

impl Letter for PaymentRefunded {
    fn name(&self) -> &'static str {
        "payment-refunded"
    }

    fn words(&self, _: &Reader) -> Words {
        let invoice_number = &self.payment.invoice_number;
        let (subject, said) = match self.refund {
            Refund::Made(amount) => (
                format!("Payment refunded: {amount} for invoice {}", invoice_number.short()),
                format!("{amount} of a payment for invoice {invoice_number} was refunded. The invoice is due again for it."),
            ),
            Refund::Failed(amount) => (
                format!("Refund failed: {amount} for invoice {}", invoice_number.short()),
                format!("A refund of {amount} for invoice {invoice_number} failed. The amount is paid again."),
            ),
        };
        self.payment.words(&subject, &said, Fact::new("Refunded in all", self.refunded))
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let made = Self {
            payment: InvoicePayment::example(say),
            refund: Refund::Made(euros(20_000)),
            refunded: euros(50_000),
        };
        let failed = Self { refund: Refund::Failed(euros(20_000)), refunded: euros(30_000), ..made.clone() };
        vec![("a_payment_is_refunded", made), ("a_refund_fails", failed)]
    }
}
