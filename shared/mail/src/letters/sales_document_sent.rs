//! The letter to a customer's contacts: an invoice, a credit note or an estimate was sent, or changed and sent again.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
    layout::{Button, Fact, Letter, Words},
    letters::sales_document::SalesDocumentNamed,
    url::HttpUrl,
};

/// The last day of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastDay {
    /// An invoice is to be paid by then.
    Due(Day),
    /// An estimate can be accepted until then.
    Valid(Day),
}

/// What a customer had of a document before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Nothing.
    First,
    /// Other content.
    Changed,
    /// The same.
    Again,
}

/// A sales document was sent.
#[derive(Debug, Clone)]
pub struct SalesDocumentSent {
    /// The document.
    pub document: SalesDocumentNamed,
    /// Its last day, if it has one.
    pub last_day: Option<LastDay>,
    /// What the customer had of it before.
    pub sending: Sending,
    /// The document in the portal.
    pub link: HttpUrl,
}

impl Letter for SalesDocumentSent {
    fn name(&self) -> &'static str {
        "sales-document-sent"
    }

    fn words(&self, _: &Reader) -> Words {
        let document = &self.document;
        let SalesDocumentNamed { company, customer, .. } = document;
        let (subject, sentence) = match self.sending {
            Sending::First => ("New", format!("{company} sent you {document}.")),
            Sending::Changed => (
                "Changed",
                format!("{company} changed {document} and sent it again. It replaces what you got before."),
            ),
            Sending::Again => ("Sent again", format!("{company} sent you {document} again, as you have it already.")),
        };
        let subject = format!("{subject}: {} from {}", document.short(), company.short());
        let mut facts = document.facts();
        facts.extend(self.last_day.map(|last_day| match last_day {
            LastDay::Due(due_on) => Fact::new("Due on", day(due_on)),
            LastDay::Valid(until) => Fact::new("Valid until", day(until)),
        }));
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(document.kind.button(), &self.link)),
            ..Words::new(&subject, &sentence, &format!("You receive this because you are a contact of {customer} at {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let date = |text: &str| Day::try_from(text.to_owned()).unwrap();
        let sent = |kind, last_day, sending| Self {
            document: SalesDocumentNamed::example(say, kind),
            last_day,
            sending,
            link: crate::say::link(),
        };
        let due = LastDay::Due(date("2026-12-01"));
        let valid = LastDay::Valid(date("2026-12-31"));
        vec![
            ("an_invoice_is_sent", sent(SalesDocumentKind::Invoice, Some(due), Sending::First)),
            ("a_credit_note_is_sent", sent(SalesDocumentKind::CreditNote, None, Sending::First)),
            ("an_estimate_is_sent_again", sent(SalesDocumentKind::Estimate, Some(valid), Sending::Changed)),
            ("an_invoice_is_sent_as_it_is", sent(SalesDocumentKind::Invoice, Some(due), Sending::Again)),
        ]
    }
}
