//! The letter to the people who are asked for documents: one was sent back.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    url::HttpUrl,
};

/// Who sent a document back, and why.
#[derive(Debug, Clone)]
pub enum SentBackBy {
    /// A person.
    Person {
        /// Their name.
        name: Line,
        /// The reason, in their words.
        reason: Option<Quote>,
    },
    /// The inspection of its file.
    Inspection {
        /// The reason, a sentence of ours.
        reason: Line,
    },
}

/// A requested document was sent back: another one is needed.
#[derive(Debug, Clone)]
pub struct DocumentSentBack {
    /// The company's name.
    pub company: Line,
    /// What the request is about.
    pub title: Line,
    /// The document that was asked for.
    pub item: Line,
    /// Who sent it back, and why.
    pub by: SentBackBy,
    /// The last day on which the documents are in time.
    pub due_on: Day,
    /// The request in the portal.
    pub link: HttpUrl,
}

impl Letter for DocumentSentBack {
    fn name(&self) -> &'static str {
        "document-sent-back"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, title, item, .. } = self;
        let (sentence, quotation) = match &self.by {
            SentBackBy::Person { name, reason } => {
                let sentence = format!("{name} sent back a document of {company}. Please upload another one.");
                (sentence, Quotation::if_any(name, reason.as_ref()))
            }
            SentBackBy::Inspection { reason } => {
                (format!("A document of {company} was refused: {reason} Please upload another one."), None)
            }
        };
        Words {
            facts: vec![
                Fact::new("Document", item),
                Fact::new("Request", title),
                Fact::new("Due on", day(self.due_on)),
            ],
            quotation,
            button: Some(Button::new("Upload another document", &self.link)),
            ..Words::new(&format!("Sent back: {}", item.short()), &sentence, &format!("You receive this because you were asked for documents of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let reviewed = Self {
            company: line("Acme Retail"),
            title: line("Papers of October"),
            item: line("Bank statement October"),
            by: SentBackBy::Person {
                name: line("Ada Lovelace"),
                reason: Quote::new(&say("This is the statement of September.")),
            },
            due_on: Day::try_from("2026-11-10".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        let refused = Self {
            by: SentBackBy::Inspection { reason: Line::new("The scan found malware in the file.") },
            ..reviewed.clone()
        };
        vec![("a_document_is_sent_back", reviewed), ("a_document_is_refused_by_the_inspection", refused)]
    }
}
