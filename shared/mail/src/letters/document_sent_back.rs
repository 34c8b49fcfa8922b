//! The letter to the people who are asked for documents: one was sent back.

use domain::{document_request::WhyNot, language::Reader, messages, time::Day};

use super::{
    document_received::document_label,
    documents_requested::{due_on_label, request_label, why_asked},
};
use crate::{
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
    /// Nobody: the document no longer counts. `None` where the reason is none that is known.
    Nobody(Option<WhyNot>),
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

messages! {
    subject(item) {
        English: "Sent back: {item}",
        German: "Zurückgegeben: {item}",
        French: "Document renvoyé : {item}",
        Dutch: "Teruggestuurd: {item}",
        Spanish: "Documento devuelto: {item}",
    }
    sent_back(name, company) {
        English: "{name} sent back a document of {company}. Please upload another one.",
        German: "{name} hat ein Dokument von {company} zurückgegeben. Bitte laden Sie ein anderes hoch.",
        French: "{name} a renvoyé un document de l’entreprise {company}. Veuillez en déposer un autre.",
        Dutch: "{name} heeft een document van {company} teruggestuurd. Upload alstublieft een ander document.",
        Spanish: "{name} ha devuelto un documento de {company}. Por favor, suba otro.",
    }
    refused(company) {
        English: "A document of {company} was refused. Please upload another one.",
        German: "Ein Dokument von {company} wurde abgelehnt. Bitte laden Sie ein anderes hoch.",
        French: "Un document de l’entreprise {company} a été refusé. Veuillez en déposer un autre.",
        Dutch: "Een document van {company} is geweigerd. Upload alstublieft een ander document.",
        Spanish: "Se ha rechazado un documento de {company}. Por favor, suba otro.",
    }
    refused_because(company, reason) {
        English: "A document of {company} was refused: {reason} Please upload another one.",
        German: "Ein Dokument von {company} wurde abgelehnt: {reason} Bitte laden Sie ein anderes hoch.",
        French: "Un document de l’entreprise {company} a été refusé. {reason} Veuillez en déposer un autre.",
        Dutch: "Een document van {company} is geweigerd. {reason} Upload alstublieft een ander document.",
        Spanish: "Se ha rechazado un documento de {company}. {reason} Por favor, suba otro.",
    }
    upload_another {
        English: "Upload another document",
        German: "Anderes Dokument hochladen",
        French: "Déposer un autre document",
        Dutch: "Ander document uploaden",
        Spanish: "Subir otro documento",
    }
}

impl Letter for DocumentSentBack {
    fn name(&self) -> &'static str {
        "document-sent-back"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, title, item, .. } = self;
        let (sentence, quotation) = match &self.by {
            SentBackBy::Person { name, reason } => {
                (sent_back(reader, name, company), Quotation::if_any(name, reason.as_ref()))
            }
            SentBackBy::Nobody(Some(why)) => (refused_because(reader, company, why.in_words(reader)), None),
            SentBackBy::Nobody(None) => (refused(reader, company), None),
        };
        Words {
            facts: vec![
                Fact::new(document_label(reader), item),
                Fact::new(request_label(reader), title),
                Fact::new(due_on_label(reader), reader.day(self.due_on)),
            ],
            quotation,
            button: Some(Button::new(upload_another(reader), &self.link)),
            ..Words::new(&subject(reader, item.short()), &sentence, &why_asked(reader, company))
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
            by: SentBackBy::Nobody(Some(WhyNot::Infected)),
            ..reviewed.clone()
        };
        vec![("a_document_is_sent_back", reviewed), ("a_document_is_refused_by_the_inspection", refused)]
    }
}
