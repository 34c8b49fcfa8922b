//! The letter about a comment on a sales document: to the other side, and to the company's people whom it names.

use domain::{language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Words},
    letters::{common, sales_document::SalesDocumentNamed},
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

messages! {
    pub(super) subject(by, document) {
        English: "{by} commented on {document}",
        German: "Kommentar von {by}: {document}",
        French: "Commentaire ajouté par {by} : {document}",
        Dutch: "Opmerking van {by}: {document}",
        Spanish: "Comentario de {by}: {document}",
    }
    commented(by, of, document) {
        English: "{by} of {of} commented on {document}.",
        German: "{by} von {of} hat {document} kommentiert.",
        French: "{by} ({of}) a commenté {document}.",
        Dutch: "{by} van {of} heeft een opmerking geplaatst bij {document}.",
        Spanish: "{by}, de {of}, ha comentado {document}.",
    }
    pub(super) mentioned(by, document) {
        English: "{by} mentioned you in a comment on {document}.",
        German: "{by} hat Sie in einem Kommentar zu {document} erwähnt.",
        French: "{by} vous mentionne dans un commentaire sur {document}.",
        Dutch: "{by} heeft u genoemd in een opmerking bij {document}.",
        Spanish: "{by} le ha mencionado en un comentario sobre {document}.",
    }
    pub(super) read_and_answer {
        English: "Read and answer",
        German: "Lesen und antworten",
        French: "Lire et répondre",
        Dutch: "Lezen en antwoorden",
        Spanish: "Leer y responder",
    }
    why_company(company) {
        English: "You receive this because you may answer comments of customers of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie bei {company} Kommentare von Kunden beantworten dürfen.",
        French: "Vous recevez ce message parce que vous pouvez répondre aux commentaires des clients de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u opmerkingen van klanten van {company} mag beantwoorden.",
        Spanish: "Recibe este mensaje porque puede responder a los comentarios de los clientes de {company}.",
    }
    pub(super) why_mentioned(company) {
        English: "You receive this because you were mentioned at {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie bei {company} erwähnt wurden.",
        French: "Vous recevez ce message parce qu’un commentaire chez {company} vous mentionne.",
        Dutch: "U ontvangt dit bericht omdat u bij {company} bent genoemd.",
        Spanish: "Recibe este mensaje porque le han mencionado en {company}.",
    }
}

impl Letter for CommentAdded {
    fn name(&self) -> &'static str {
        "comment-added"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { document, by, .. } = self;
        let SalesDocumentNamed { company, customer, .. } = document;
        let named = document.named(reader);
        let (said, why) = match self.reader {
            CommentReader::Contact => {
                (commented(reader, by, company, named), common::why_contact(reader, customer, company))
            }
            CommentReader::Company => (commented(reader, by, customer, named), why_company(reader, company)),
            CommentReader::Mentioned => (mentioned(reader, by, named), why_mentioned(reader, company)),
        };
        Words {
            on_behalf_of: (self.reader == CommentReader::Contact).then(|| company.clone()),
            facts: document.facts(reader),
            quotation: Quotation::if_any(by, self.text.as_ref()),
            button: Some(Button::new(read_and_answer(reader), &self.link)),
            ..Words::new(&subject(reader, by.short(), document.title(reader)), &said, &why)
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
