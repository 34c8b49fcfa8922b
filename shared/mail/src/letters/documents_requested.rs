//! The letter to the people who are asked for documents.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Section, Words},
    letters::document_asker::DocumentAsker,
    url::HttpUrl,
};

/// Somebody asks for documents.
#[derive(Debug, Clone)]
pub struct DocumentsRequested {
    /// The company's name.
    pub company: Line,
    /// Who asks.
    pub asked_by: DocumentAsker,
    /// What the request is about.
    pub title: Line,
    /// The documents.
    pub items: Vec<Line>,
    /// What else the person who asks wrote.
    pub note: Option<Quote>,
    /// The last day on which the documents are in time.
    pub due_on: Day,
    /// The request in the portal.
    pub link: HttpUrl,
}

impl Letter for DocumentsRequested {
    fn name(&self) -> &'static str {
        "documents-requested"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, asked_by, title, .. } = self;
        Words {
            sections: Section::list("Documents", &self.items).into_iter().collect(),
            facts: vec![Fact::new("Request", title), Fact::new("Due on", day(self.due_on))],
            quotation: Quotation::if_any(&asked_by.name, self.note.as_ref()),
            button: Some(Button::new("Upload the documents", &self.link)),
            ..Words::new(
                &format!("Documents needed until {}: {}", day(self.due_on), title.short()),
                &format!("{asked_by} asks for documents of {company} until {}.", day(self.due_on)),
                &format!("You receive this because you were asked for documents of {company}."),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let asked = Self {
            company: line("Acme Retail"),
            asked_by: DocumentAsker { name: line("Ada Lovelace"), firm: Some(line("Lovelace & Co")) },
            title: line("Papers of October"),
            items: vec![line("Bank statement October"), line("Lease contract")],
            note: Quote::new(&say("The lease with both signatures, please.\nThank you!")),
            due_on: Day::try_from("2026-11-10".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        let own = Self {
            asked_by: DocumentAsker { name: line("Olivia Owner"), firm: None },
            items: vec![line("Card receipts")],
            note: None,
            ..asked.clone()
        };
        vec![("a_firm_asks_for_documents", asked), ("a_member_asks_for_a_document", own)]
    }
}
