//! The payment of an invoice, as letters about what was taken back of it show it.

use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Words},
    url::HttpUrl,
};

/// A payment of an invoice.
#[derive(Debug, Clone)]
pub struct InvoicePayment {
    /// The company's name.
    pub company: Line,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: Line,
    /// The customer's name, as it is printed on it.
    pub customer: Line,
    /// How much had been paid.
    pub paid: Money,
    /// The invoice in the portal.
    pub link: HttpUrl,
}

impl InvoicePayment {
    /// The words of a letter that says what was taken back, to those who manage payments or invoices, and to the payer.
    pub(super) fn words(&self, subject: &str, said: &str, taken_back: Fact) -> Words {
        let Self { company, invoice_number, customer, paid, link } = self;
        Words {
            facts: vec![
                Fact::new("Company", company),
                Fact::new("Customer", customer),
                Fact::new("Invoice", invoice_number),
                Fact::new("Paid", paid),
                taken_back,
            ],
            button: Some(Button::new("See the invoice", link)),
            ..Words::new(
                subject,
                said,
                &format!(
                    "You receive this because you manage payments or invoices of {company}, or made this payment."
                ),
            )
        }
    }

    #[cfg(test)]
    pub(super) fn example(say: crate::say::Say<'_>) -> Self {
        let line = |text| Line::new(&say(text));
        Self {
            company: line("Acme Retail"),
            invoice_number: line("2026-17"),
            customer: line("Müller GmbH"),
            paid: Money { minor: 123_456, currency: "EUR".parse().unwrap() },
            link: crate::say::link(),
        }
    }
}
