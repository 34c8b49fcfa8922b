//! The letter to those who see payments: an invoice's payment was received.

use domain::{Money, language::Reader, messages};

use super::{common, sales_document::see_the_invoice, sales_document::invoice};
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

messages! {
    subject(amount, number) {
        English: "Payment received: {amount} for invoice {number}",
        German: "Zahlung eingegangen: {amount} zu Rechnung {number}",
        French: "Paiement reçu : {amount} pour la facture {number}",
        Dutch: "Betaling ontvangen: {amount} voor factuur {number}",
        Spanish: "Pago recibido: {amount} de la factura {number}",
    }
    received(amount, number) {
        English: "The payment of {amount} for invoice {number} was received.",
        German: "Die Zahlung von {amount} zu Rechnung {number} ist eingegangen.",
        French: "Le paiement de {amount} pour la facture {number} a été reçu.",
        Dutch: "De betaling van {amount} voor factuur {number} is ontvangen.",
        Spanish: "Se ha recibido el pago de {amount} correspondiente a la factura {number}.",
    }
    paid_by {
        English: "Paid by",
        German: "Bezahlt von",
        French: "Payé par",
        Dutch: "Betaald door",
        Spanish: "Pagado por",
    }
    why(company) {
        English: "You receive this because you follow payments of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Zahlungseingänge von {company} verfolgen.",
        French: "Vous recevez ce message parce que vous suivez les paiements de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u de betalingen van {company} volgt.",
        Spanish: "Recibe este mensaje porque sigue los pagos de {company}.",
    }
}

impl Letter for PaymentReceived {
    fn name(&self) -> &'static str {
        "payment-received"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, invoice_number, .. } = self;
        let amount = &reader.money(self.amount);
        let facts = [
            Some(Fact::new(common::company(reader), company)),
            Fact::if_any(common::customer(reader), self.customer.as_ref()),
            Some(Fact::new(invoice(reader), invoice_number)),
            Some(Fact::new(common::amount(reader), amount)),
            Fact::if_any(paid_by(reader), self.paid_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(see_the_invoice(reader), &self.link)),
            ..Words::new(
                &subject(reader, amount, invoice_number.short()),
                &received(reader, amount, invoice_number),
                &why(reader, company),
            )
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
