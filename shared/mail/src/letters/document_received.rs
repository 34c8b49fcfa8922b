//! The letter to the person who asked for documents: one was uploaded.

use domain::language::Reader;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Section, Words},
    url::HttpUrl,
};

/// A requested document was received.
#[derive(Debug, Clone)]
pub struct DocumentReceived {
    /// The company's name.
    pub company: Line,
    /// What the request is about.
    pub title: Line,
    /// The document that was asked for.
    pub item: Line,
    /// What else is missing.
    pub missing: Vec<Line>,
    /// The request in the portal.
    pub link: HttpUrl,
}

impl Letter for DocumentReceived {
    fn name(&self) -> &'static str {
        "document-received"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, title, item, missing, .. } = self;
        let rest = if missing.is_empty() { "Nothing else is missing." } else { "Others are still missing." };
        Words {
            sections: Section::list("Still missing", missing).into_iter().collect(),
            facts: vec![Fact::new("Document", item), Fact::new("Request", title)],
            button: Some(Button::new("Accept it or send it back", &self.link)),
            ..Words::new(
                &format!("{}: received {}", company.short(), item.short()),
                &format!("{company} uploaded a document that you asked for. {rest}"),
                &format!("You receive this because you asked for documents of {company}."),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let one = Self {
            company: line("Acme Retail"),
            title: line("Papers of October"),
            item: line("Bank statement October"),
            missing: vec![line("Lease contract")],
            link: crate::say::link(),
        };
        let last = Self { missing: Vec::new(), ..one.clone() };
        vec![("a_document_is_received", one), ("the_last_document_is_received", last)]
    }
}
