//! The letter about a refund: to those who manage payments or invoices, and to the payer.

use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Paragraph, Words},
    url::HttpUrl,
};

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
    /// The company's name.
    pub company: Line,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: Line,
    /// The other party of the invoice.
    pub counterparty: Line,
    /// What happened.
    pub refund: Refund,
    /// How much had been paid.
    pub paid: Money,
    /// How much of it is refunded now, in all.
    pub refunded: Money,
    /// The invoice in the portal.
    pub link: HttpUrl,
}

impl Letter for PaymentRefunded {
    fn name(&self) -> &'static str {
        "payment-refunded"
    }

    fn words(&self) -> Words {
        let Self { company, invoice_number, .. } = self;
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
        Words {
            paragraphs: vec![Paragraph::new(&said)],
            facts: vec![
                Fact::new("Company", company),
                Fact::new("Counterparty", &self.counterparty),
                Fact::new("Invoice", invoice_number),
                Fact::new("Paid", self.paid),
                Fact::new("Refunded in all", self.refunded),
            ],
            button: Some(Button::new("See the invoice", &self.link)),
            ..Words::new(
                &subject,
                &format!("You receive this because you manage payments or invoices of {company}, or made this payment."),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let made = Self {
            company: line("Acme Retail"),
            invoice_number: line("2026-17"),
            counterparty: line("Müller GmbH"),
            refund: Refund::Made(euros(20_000)),
            paid: euros(123_456),
            refunded: euros(50_000),
            link: crate::say::link(),
        };
        let failed = Self { refund: Refund::Failed(euros(20_000)), refunded: euros(30_000), ..made.clone() };
        vec![("a_payment_is_refunded", made), ("a_refund_fails", failed)]
    }
}
