//! A sales document, as letters name it.

use std::fmt;

use domain::{Money, comment::Topic};

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

    const fn label(self) -> &'static str {
        match self {
            Self::Invoice => "Invoice",
            Self::CreditNote => "Credit note",
            Self::Estimate => "Estimate",
        }
    }

    const fn in_a_sentence(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit note",
            Self::Estimate => "estimate",
        }
    }

    /// The button that leads to it.
    pub(super) const fn button(self) -> &'static str {
        match self {
            Self::Invoice => "See the invoice",
            Self::CreditNote => "See the credit note",
            Self::Estimate => "See the estimate",
        }
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
    /// The document in a subject: its kind and the beginning of its number.
    pub(super) fn short(&self) -> String {
        format!("{} {}", self.kind.in_a_sentence(), self.number.short())
    }

    /// The details of every letter about it.
    pub(super) fn facts(&self) -> Vec<Fact> {
        vec![
            Fact::new("Company", &self.company),
            Fact::new("Customer", &self.customer),
            Fact::new(self.kind.label(), &self.number),
            Fact::new("Total", self.total),
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

impl fmt::Display for SalesDocumentNamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.in_a_sentence(), self.number)
    }
}
