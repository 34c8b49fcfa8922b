//! The letter to those who see payments: an invoice was paid otherwise than through the payment provider.

use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// An invoice became paid, by a transfer for example.
#[derive(Debug, Clone)]
pub struct InvoicePaid {
    /// The company's name.
    pub company: Line,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: Line,
    /// The customer's name, as it is printed on it.
    pub customer: Line,
    /// What the invoice asks for.
    pub total: Money,
    /// What was received otherwise than through the payment provider.
    pub received: Money,
    /// The invoice in the portal.
    pub link: HttpUrl,
}

impl Letter for InvoicePaid {
    fn name(&self) -> &'static str {
        "invoice-paid"
    }

    fn words(&self) -> Words {
        let Self { company, customer, invoice_number, total, received, .. } = self;
        let facts = vec![
            Fact::new("Company", company),
            Fact::new("Customer", customer),
            Fact::new("Invoice", invoice_number),
            Fact::new("Total", total),
            Fact::new("Received by transfer or in cash", received),
        ];
        let subject = format!("Invoice paid: {} by {}", invoice_number.short(), customer.short());
        let sentence = format!("Invoice {invoice_number} of {total} is paid: {received} were received outside the portal.");
        let why = format!("You receive this because you follow payments of {company}.");
        Words { facts, button: Some(Button::new("See the invoice", &self.link)), ..Words::new(&subject, &sentence, &why) }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let paid = Self {
            company: line("Acme Retail"),
            invoice_number: line("2026-17"),
            customer: line("Müller GmbH"),
            total: euros(123_456),
            received: euros(123_456),
            link: crate::say::link(),
        };
        vec![("an_invoice_is_paid_by_transfer", paid)]
    }
}
