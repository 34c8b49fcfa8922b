//! The letter with a hosted link: somebody forwarded a sales document.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    letters::sales_document::SalesDocumentNamed,
    url::HttpUrl,
};

/// Somebody forwarded a sales document, or its holder asked for a new link.
#[derive(Debug, Clone)]
pub struct DocumentForwarded {
    /// The document.
    pub document: SalesDocumentNamed,
    /// Who forwarded it; `None` where the holder of an expired link asked for a new one.
    pub forwarded_by: Option<Line>,
    /// What they wrote.
    pub message: Option<Quote>,
    /// The last day on which the link opens.
    pub expires_on: Day,
    /// The hosted link.
    pub link: HttpUrl,
}

impl Letter for DocumentForwarded {
    fn name(&self) -> &'static str {
        "document-forwarded"
    }

    fn words(&self, _: &Reader) -> Words {
        let document = &self.document;
        let SalesDocumentNamed { company, customer, .. } = document;
        let (subject, sentence) = match &self.forwarded_by {
            Some(by) => (
                format!("{} sent you {} from {}", by.short(), document.short(), company.short()),
                format!("{by} sent you {document} from {company}."),
            ),
            None => (
                format!("New link: {} from {}", document.short(), company.short()),
                format!("You asked for a new link to {document} from {company}."),
            ),
        };
        let mut facts = document.facts();
        facts.push(Fact::new("Link opens until", day(self.expires_on)));
        let nobody = Line::new("");
        let writer = self.forwarded_by.as_ref().unwrap_or(&nobody);
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            quotation: Quotation::if_any(writer, self.message.as_ref()),
            button: Some(Button::new(document.kind.button(), &self.link)),
            notes: vec![Line::sentence("The link needs no sign-in and is for you alone. Please do not pass it on.")],
            ..Words::new(&subject, &sentence, &format!("You receive this because {company} has this address as that of a contact of {customer}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let forwarded = Self {
            document: SalesDocumentNamed::example(say, SalesDocumentKind::Invoice),
            forwarded_by: Some(Line::new(&say("Olivia Owner"))),
            message: Quote::new(&say("Could you check the second line?")),
            expires_on: Day::try_from("2026-12-31".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        let renewed = Self { forwarded_by: None, message: None, ..forwarded.clone() };
        vec![("a_document_is_forwarded", forwarded), ("a_new_link_is_asked_for", renewed)]
    }
}
