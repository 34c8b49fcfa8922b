//! The payment of an invoice, as letters about what was taken back of it show it.

use domain::{Money, language::Reader, messages};

use super::{
    common,
    sales_document::{invoice, see_the_invoice},
};
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

messages! {
    had_been_paid {
        English: "Paid",
        German: "Bezahlt",
        French: "Payé",
        Dutch: "Betaald",
        Spanish: "Pagado",
    }
    why(company) {
        English: "You receive this because you manage payments or invoices of {company}, or made this payment.",
        German: "Sie erhalten diese Nachricht, weil Sie Zahlungen oder Rechnungen von {company} verwalten oder diese Zahlung \
                 geleistet haben.",
        French: "Vous recevez ce message parce que vous gérez les paiements ou les factures de l’entreprise {company}, ou que \
                 vous avez effectué ce paiement.",
        Dutch: "U ontvangt dit bericht omdat u betalingen of facturen van {company} beheert, of omdat u deze betaling hebt \
                gedaan.",
        Spanish: "Recibe este mensaje porque gestiona los pagos o las facturas de {company}, o porque realizó este pago.",
    }
}

impl InvoicePayment {
    /// The words of a letter that says what was taken back, to those who manage payments or invoices, and to the payer.
    pub(super) fn words(&self, reader: &Reader, subject: &str, said: &str, taken_back: Fact) -> Words {
        let Self { company, invoice_number, customer, paid, link } = self;
        Words {
            facts: vec![
                Fact::new(common::company(reader), company),
                Fact::new(common::customer(reader), customer),
                Fact::new(invoice(reader), invoice_number),
                Fact::new(had_been_paid(reader), reader.money(*paid)),
                taken_back,
            ],
            button: Some(Button::new(see_the_invoice(reader), link)),
            ..Words::new(subject, said, &why(reader, company))
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
