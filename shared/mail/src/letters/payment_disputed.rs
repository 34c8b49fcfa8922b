//! The letter about a dispute: to those who manage payments or invoices, and to the payer.

use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Paragraph, Words},
    url::HttpUrl,
};

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
    /// The company's name.
    pub company: Line,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: Line,
    /// The other party of the invoice.
    pub counterparty: Line,
    /// What happened.
    pub dispute: Dispute,
    /// How much had been paid.
    pub paid: Money,
    /// How much of it is withdrawn now for disputes, in all.
    pub disputed: Money,
    /// The invoice in the portal.
    pub link: HttpUrl,
}

impl Letter for PaymentDisputed {
    fn name(&self) -> &'static str {
        "payment-disputed"
    }

    fn words(&self) -> Words {
        let Self { company, invoice_number, .. } = self;
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
        Words {
            paragraphs: vec![Paragraph::new(&said)],
            facts: vec![
                Fact::new("Company", company),
                Fact::new("Counterparty", &self.counterparty),
                Fact::new("Invoice", invoice_number),
                Fact::new("Paid", self.paid),
                Fact::new("Withdrawn for disputes", self.disputed),
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
        let opened = Self {
            company: line("Acme Retail"),
            invoice_number: line("2026-17"),
            counterparty: line("Müller GmbH"),
            dispute: Dispute::Opened(euros(123_456)),
            paid: euros(123_456),
            disputed: euros(123_456),
            link: crate::say::link(),
        };
        let won = Self { dispute: Dispute::Won(euros(123_456)), disputed: euros(0), ..opened.clone() };
        vec![("a_payment_is_disputed", opened), ("a_dispute_is_won", won)]
    }
}
