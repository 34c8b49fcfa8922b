//! The letter to those who see payments: an invoice's payment was received.

use domain::language::Reader;
use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A payment of an invoice was received.
#[derive(Debug, Clone)]
pub struct PaymentReceived {
    /// The company's name.
    pub company: Line,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: Line,
    /// The customer's name, as it is printed on it.
    pub customer: Option<Line>,
    /// How much was received.
    pub amount: Money,
    /// The payer's name.
    pub paid_by: Option<Line>,
    /// The invoice in the portal.
    pub link: HttpUrl,
}

impl Letter for PaymentReceived {
    fn name(&self) -> &'static str {
        "payment-received"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, invoice_number, amount, .. } = self;
        let facts = [
            Some(Fact::new("Company", company)),
            Fact::if_any("Customer", self.customer.as_ref()),
            Some(Fact::new("Invoice", invoice_number)),
            Some(Fact::new("Amount", amount)),
            Fact::if_any("Paid by", self.paid_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("See the invoice", &self.link)),
            ..Words::new(&format!("Payment received: {amount} for invoice {}", invoice_number.short()), &format!(
                "The payment of {amount} for invoice {invoice_number} was received."
            ), &format!("You receive this because you follow payments of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let received = Self {
            company: line("Acme Retail"),
            invoice_number: line("2026-17"),
            customer: Some(line("Müller GmbH")),
            amount: Money { minor: 123_456, currency: "EUR".parse().unwrap() },
            paid_by: Some(line("Olivia Owner")),
            link: crate::say::link(),
        };
        vec![("a_payment_is_received", received)]
    }
}
