//! The letter about a dispute: to those who manage payments or invoices, and to the payer.

use domain::language::Reader;
use domain::Money;

use super::invoice_payment::InvoicePayment;
use crate::layout::{Fact, Letter, Words};

/// What happened to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispute {
    /// The payer's bank disputes so much, and the payment provider withdrew it.
    Opened(Money),
    /// A dispute of so much was won: the money is back.
    Won(Money),
}

/// What the payment provider withdrew of a payment for disputes has changed.
#[derive(Debug, Clone)]
pub struct PaymentDisputed {
    /// The payment.
    pub payment: InvoicePayment,
    /// What happened.
    pub dispute: Dispute,
    /// How much of it is withdrawn now for disputes, in all.
    pub disputed: Money,
}

impl Letter for PaymentDisputed {
    fn name(&self) -> &'static str {
        "payment-disputed"
    }

    fn words(&self, _: &Reader) -> Words {
        let invoice_number = &self.payment.invoice_number;
        let (subject, said) = match self.dispute {
            Dispute::Opened(amount) => (
                format!("Payment disputed: {amount} for invoice {}", invoice_number.short()),
                format!(
                    "The bank of the payer disputes {amount} of a payment for invoice {invoice_number}. The payment provider \
                     withdrew the amount, and the invoice is due again for it. If the dispute is won, the amount comes back."
                ),
            ),
            Dispute::Won(amount) => (
                format!("Dispute won: {amount} for invoice {}", invoice_number.short()),
                format!("A dispute about a payment for invoice {invoice_number} was won. {amount} is paid again."),
            ),
        };
        self.payment.words(&subject, &said, Fact::new("Withdrawn for disputes", self.disputed))
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let opened = Self {
            payment: InvoicePayment::example(say),
            dispute: Dispute::Opened(euros(123_456)),
            disputed: euros(123_456),
        };
        let won = Self { dispute: Dispute::Won(euros(123_456)), disputed: euros(0), ..opened.clone() };
        vec![("a_payment_is_disputed", opened), ("a_dispute_is_won", won)]
    }
}
