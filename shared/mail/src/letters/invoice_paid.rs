//! The letter to those who see payments: an invoice was paid otherwise than through the payment provider.

use domain::{Money, language::Reader, messages};

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

messages! {
    is_paid(number, customer) {
        English: "Invoice paid: {number} by {customer}",
        German: "Rechnung bezahlt: {number} von {customer}",
        French: "Facture payée : {number} par {customer}",
        Dutch: "Factuur betaald: {number} door {customer}",
        Spanish: "Factura pagada: {number} por {customer}",
    }
    received_outside(number, total, received) {
        English: "Invoice {number} of {total} is paid: {received} were received by transfer or in cash.",
        German: "Die Rechnung {number} über {total} ist bezahlt: {received} sind per Überweisung oder bar eingegangen.",
        French: "La facture {number} de {total} est payée : {received} ont été reçus par virement ou en espèces.",
        Dutch: "Factuur {number} van {total} is betaald: {received} is per overschrijving of contant ontvangen.",
        Spanish: "La factura {number} de {total} está pagada: se han recibido {received} por transferencia o en efectivo.",
    }
    company_label {
        English: "Company",
        German: "Unternehmen",
        French: "Entreprise",
        Dutch: "Bedrijf",
        Spanish: "Empresa",
    }
    customer_label {
        English: "Customer",
        German: "Kunde",
        French: "Client",
        Dutch: "Klant",
        Spanish: "Cliente",
    }
    invoice_label {
        English: "Invoice",
        German: "Rechnung",
        French: "Facture",
        Dutch: "Factuur",
        Spanish: "Factura",
    }
    total_label {
        English: "Total",
        German: "Gesamtbetrag",
        French: "Total",
        Dutch: "Totaal",
        Spanish: "Total",
    }
    received_label {
        English: "Received",
        German: "Eingegangen",
        French: "Reçu",
        Dutch: "Ontvangen",
        Spanish: "Recibido",
    }
    see {
        English: "See the invoice",
        German: "Rechnung ansehen",
        French: "Voir la facture",
        Dutch: "Factuur bekijken",
        Spanish: "Ver la factura",
    }
    why(company) {
        English: "You receive this because you follow payments of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Zahlungseingänge von {company} verfolgen.",
        French: "Vous recevez ce message parce que vous suivez les paiements de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u de betalingen van {company} volgt.",
        Spanish: "Recibe este mensaje porque sigue los pagos de {company}.",
    }
}

impl Letter for InvoicePaid {
    fn name(&self) -> &'static str {
        "invoice-paid"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, customer, invoice_number, .. } = self;
        let (total, received) = (reader.money(self.total), reader.money(self.received));
        let facts = vec![
            Fact::new(company_label(reader), company),
            Fact::new(customer_label(reader), customer),
            Fact::new(invoice_label(reader), invoice_number),
            Fact::new(total_label(reader), &total),
            Fact::new(received_label(reader), &received),
        ];
        let subject = is_paid(reader, invoice_number.short(), customer.short());
        let sentence = received_outside(reader, invoice_number, &total, &received);
        let button = Some(Button::new(see(reader), &self.link));
        Words { facts, button, ..Words::new(&subject, &sentence, &why(reader, company)) }
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
