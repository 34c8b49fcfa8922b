//! A sales document, as letters name it.

use domain::{Money, comment::Topic, language::Reader, messages};

use super::common;
use crate::{
    inert::Line,
    layout::{Company, Fact},
};

/// A kind of sales document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SalesDocumentKind {
    /// An invoice.
    Invoice,
    /// A credit note.
    CreditNote,
    /// An estimate.
    Estimate,
}

impl SalesDocumentKind {
    /// The kind that a topic is; `None` for an uploaded document.
    #[must_use]
    pub const fn of(topic: Topic) -> Option<Self> {
        match topic {
            Topic::Invoice => Some(Self::Invoice),
            Topic::CreditNote => Some(Self::CreditNote),
            Topic::Estimate => Some(Self::Estimate),
            Topic::Document => None,
        }
    }

    const fn label(self, reader: &Reader) -> &'static str {
        match self {
            Self::Invoice => invoice(reader),
            Self::CreditNote => credit_note(reader),
            Self::Estimate => estimate(reader),
        }
    }

    /// The button that leads to it.
    pub(super) const fn button(self, reader: &Reader) -> &'static str {
        match self {
            Self::Invoice => see_the_invoice(reader),
            Self::CreditNote => see_the_credit_note(reader),
            Self::Estimate => see_the_estimate(reader),
        }
    }
}

messages! {
    pub(super) invoice {
        English: "Invoice",
        German: "Rechnung",
        French: "Facture",
        Dutch: "Factuur",
        Spanish: "Factura",
    }
    credit_note {
        English: "Credit note",
        German: "Gutschrift",
        French: "Avoir",
        Dutch: "Creditnota",
        Spanish: "Nota de crédito",
    }
    estimate {
        English: "Estimate",
        German: "Angebot",
        French: "Devis",
        Dutch: "Offerte",
        Spanish: "Presupuesto",
    }
    total {
        English: "Total",
        German: "Gesamtbetrag",
        French: "Total",
        Dutch: "Totaal",
        Spanish: "Total",
    }
    pub(super) see_the_invoice {
        English: "See the invoice",
        German: "Rechnung ansehen",
        French: "Voir la facture",
        Dutch: "Factuur bekijken",
        Spanish: "Ver la factura",
    }
    see_the_credit_note {
        English: "See the credit note",
        German: "Gutschrift ansehen",
        French: "Voir l’avoir",
        Dutch: "Creditnota bekijken",
        Spanish: "Ver la nota de crédito",
    }
    pub(super) see_the_estimate {
        English: "See the estimate",
        German: "Angebot ansehen",
        French: "Voir le devis",
        Dutch: "Offerte bekijken",
        Spanish: "Ver el presupuesto",
    }
    invoice_titled(number) {
        English: "invoice {number}",
        German: "Rechnung {number}",
        French: "facture {number}",
        Dutch: "factuur {number}",
        Spanish: "factura {number}",
    }
    credit_note_titled(number) {
        English: "credit note {number}",
        German: "Gutschrift {number}",
        French: "avoir {number}",
        Dutch: "creditnota {number}",
        Spanish: "nota de crédito {number}",
    }
    estimate_titled(number) {
        English: "estimate {number}",
        German: "Angebot {number}",
        French: "devis {number}",
        Dutch: "offerte {number}",
        Spanish: "presupuesto {number}",
    }
    invoice_named(number) {
        English: "invoice {number}",
        German: "Rechnung {number}",
        French: "la facture {number}",
        Dutch: "factuur {number}",
        Spanish: "la factura {number}",
    }
    credit_note_named(number) {
        English: "credit note {number}",
        German: "Gutschrift {number}",
        French: "l’avoir {number}",
        Dutch: "creditnota {number}",
        Spanish: "la nota de crédito {number}",
    }
    estimate_named(number) {
        English: "estimate {number}",
        German: "Angebot {number}",
        French: "le devis {number}",
        Dutch: "offerte {number}",
        Spanish: "el presupuesto {number}",
    }
}

/// A sales document of a company.
#[derive(Debug, Clone)]
pub struct SalesDocumentNamed {
    /// The company.
    pub company: Company,
    /// The customer's name, as it is printed on it.
    pub customer: Line,
    /// What it is.
    pub kind: SalesDocumentKind,
    /// The number that is printed on it.
    pub number: Line,
    /// Its total.
    pub total: Money,
}

impl SalesDocumentNamed {
    /// The document in a subject, after a colon: its kind and the beginning of its number.
    pub(super) fn title(&self, reader: &Reader) -> String {
        let number = self.number.short();
        match self.kind {
            SalesDocumentKind::Invoice => invoice_titled(reader, number),
            SalesDocumentKind::CreditNote => credit_note_titled(reader, number),
            SalesDocumentKind::Estimate => estimate_titled(reader, number),
        }
    }

    /// The document within a sentence, as what somebody sends, sees or comments on. French and Spanish have their article
    /// in it, so no `de`, `à` or `a` may stand before it; no other word of the sentence may depend on its gender.
    pub(super) fn named(&self, reader: &Reader) -> String {
        match self.kind {
            SalesDocumentKind::Invoice => invoice_named(reader, &self.number),
            SalesDocumentKind::CreditNote => credit_note_named(reader, &self.number),
            SalesDocumentKind::Estimate => estimate_named(reader, &self.number),
        }
    }

    /// The details of every letter about it.
    pub(super) fn facts(&self, reader: &Reader) -> Vec<Fact> {
        vec![
            Fact::new(common::company(reader), &self.company),
            Fact::new(common::customer(reader), &self.customer),
            Fact::new(self.kind.label(reader), &self.number),
            Fact::new(total(reader), reader.money(self.total)),
        ]
    }

    #[cfg(test)]
    pub(super) fn example(say: crate::say::Say<'_>, kind: SalesDocumentKind) -> Self {
        let line = |text| Line::new(&say(text));
        Self {
            company: Company { name: line("Acme Retail"), color: Some(domain::color::Color::of([0x0a, 0x6c, 0x74])) },
            customer: line("Müller GmbH"),
            kind,
            number: line("2026-17"),
            total: Money { minor: 123_456, currency: "EUR".parse().unwrap() },
        }
    }
}
