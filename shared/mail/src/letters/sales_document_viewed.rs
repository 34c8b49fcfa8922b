//! The letter to the person who sent a sales document: somebody at the customer saw it.

use domain::language::Reader;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    letters::sales_document::SalesDocumentNamed,
    url::HttpUrl,
};

/// Somebody at a customer saw a sales document for the first time.
#[derive(Debug, Clone)]
pub struct SalesDocumentViewed {
    /// The document.
    pub document: SalesDocumentNamed,
    /// Who saw it.
    pub viewed_by: Line,
    /// The document in the portal.
    pub link: HttpUrl,
}

impl Letter for SalesDocumentViewed {
    fn name(&self) -> &'static str {
        "sales-document-viewed"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { document, viewed_by, .. } = self;
        let SalesDocumentNamed { company, customer, .. } = document;
        let mut facts = document.facts();
        facts.push(Fact::new("Seen by", viewed_by));
        Words {
            facts,
            button: Some(Button::new(document.kind.button(), &self.link)),
            ..Words::new(&format!("Seen: {} by {}", document.short(), viewed_by.short()), &format!("{viewed_by} of {customer} saw {document}."), &format!(
                    "You receive this because you sent the document, and {company} chose that you hear when it is seen."
                ))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let viewed = Self {
            document: SalesDocumentNamed::example(say, SalesDocumentKind::Invoice),
            viewed_by: Line::new(&say("Carla Contact")),
            link: crate::say::link(),
        };
        vec![("a_document_is_seen", viewed)]
    }
}
