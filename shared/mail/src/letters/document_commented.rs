//! The letter to somebody whom a comment on an uploaded document names.

use domain::language::Reader;

use super::{
    comment_added::{mentioned, read_and_answer, subject, why_mentioned},
    common,
    document_received::document_label,
};
use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    url::HttpUrl,
};

/// Somebody mentioned the reader in a comment on an uploaded document.
#[derive(Debug, Clone)]
pub struct DocumentCommented {
    /// The company's name.
    pub company: Line,
    /// The document's name.
    pub document: Line,
    /// The writer's name.
    pub by: Line,
    /// What they wrote.
    pub text: Option<Quote>,
    /// The document in the portal.
    pub link: HttpUrl,
}

impl Letter for DocumentCommented {
    fn name(&self) -> &'static str {
        "document-commented"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, document, by, .. } = self;
        Words {
            facts: vec![Fact::new(common::company(reader), company), Fact::new(document_label(reader), document)],
            quotation: Quotation::if_any(by, self.text.as_ref()),
            button: Some(Button::new(read_and_answer(reader), &self.link)),
            ..Words::new(
                &subject(reader, by.short(), document.short()),
                &mentioned(reader, by, document),
                &why_mentioned(reader, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let letter = Self {
            company: line("Acme Retail"),
            document: line("Receipt October.pdf"),
            by: line("Ben Books"),
            text: Quote::new(&say("Which shop is this for?")),
            link: crate::say::link(),
        };
        vec![("a_comment_on_a_document_mentions_somebody", letter)]
    }
}
