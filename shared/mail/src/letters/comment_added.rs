//! The letter about a comment on a sales document: to the other side, and to the company's people whom it names.

use domain::language::Reader;

use crate::{
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Words},
    letters::sales_document::SalesDocumentNamed,
    url::HttpUrl,
};

/// Who reads the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentReader {
    /// A contact of the customer.
    Contact,
    /// Somebody of the company, to whom the customer writes.
    Company,
    /// Somebody of the company whom the comment names.
    Mentioned,
}

/// Somebody commented on a sales document.
#[derive(Debug, Clone)]
pub struct CommentAdded {
    /// The document.
    pub document: SalesDocumentNamed,
    /// The writer's name.
    pub by: Line,
    /// What they wrote.
    pub text: Option<Quote>,
    /// Who reads the letter.
    pub reader: CommentReader,
    /// Where the reader finds the document: in the portal, or behind their hosted link.
    pub link: HttpUrl,
}

impl Letter for CommentAdded {
    fn name(&self) -> &'static str {
        "comment-added"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { document, by, .. } = self;
        let SalesDocumentNamed { company, customer, .. } = document;
        let (sentence, why) = match self.reader {
            CommentReader::Contact => (
                format!("{by} of {company} commented on {document}."),
                format!("You receive this because you are a contact of {customer} at {company}."),
            ),
            CommentReader::Company => (
                format!("{by} of {customer} commented on {document}."),
                format!("You receive this because you may answer comments of customers of {company}."),
            ),
            CommentReader::Mentioned => (
                format!("{by} mentioned you in a comment on {document}."),
                format!("You receive this because you were mentioned at {company}."),
            ),
        };
        Words {
            on_behalf_of: (self.reader == CommentReader::Contact).then(|| company.clone()),
            facts: document.facts(),
            quotation: Quotation::if_any(by, self.text.as_ref()),
            button: Some(Button::new("Read and answer", &self.link)),
            ..Words::new(&format!("{} commented on {}", by.short(), document.short()), &sentence, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let written = |reader| Self {
            document: SalesDocumentNamed::example(say, SalesDocumentKind::Invoice),
            by: Line::new(&say("Nora Nord")),
            text: Quote::new(&say("Which shop is this for?\nThe first or the second?")),
            reader,
            link: crate::say::link(),
        };
        vec![
            ("a_contact_comments", written(CommentReader::Company)),
            ("the_company_comments", written(CommentReader::Contact)),
            ("a_comment_mentions_somebody", written(CommentReader::Mentioned)),
        ]
    }
}
