//! The letter to the person who sent a sales document: somebody at the customer saw it.

use domain::{language::Reader, messages};

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

messages! {
    subject(document, by) {
        English: "Seen: {document} by {by}",
        German: "Angesehen von {by}: {document}",
        French: "Document consulté par {by} : {document}",
        Dutch: "Bekeken door {by}: {document}",
        Spanish: "Documento visto por {by}: {document}",
    }
    saw(by, customer, document) {
        English: "{by} of {customer} saw {document}.",
        German: "{by} von {customer} hat {document} angesehen.",
        French: "{by} ({customer}) a consulté {document}.",
        Dutch: "{by} van {customer} heeft {document} bekeken.",
        Spanish: "{by}, de {customer}, ha visto {document}.",
    }
    seen_by {
        English: "Seen by",
        German: "Angesehen von",
        French: "Consulté par",
        Dutch: "Bekeken door",
        Spanish: "Visto por",
    }
    why(company) {
        English: "You receive this because you sent the document, and {company} chose that you hear when it is seen.",
        German: "Sie erhalten diese Nachricht, weil Sie das Dokument gesendet haben und {company} festgelegt hat, dass Sie \
                 davon erfahren, wenn es angesehen wird.",
        French: "Vous recevez ce message parce que vous avez envoyé le document et que l’entreprise {company} a choisi de \
                 vous prévenir lorsqu’il est consulté.",
        Dutch: "U ontvangt dit bericht omdat u het document hebt gestuurd en {company} ervoor koos u te laten weten wanneer het \
                wordt bekeken.",
        Spanish: "Recibe este mensaje porque usted envió el documento y {company} decidió avisarle cuando alguien lo vea.",
    }
}

impl Letter for SalesDocumentViewed {
    fn name(&self) -> &'static str {
        "sales-document-viewed"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { document, viewed_by, .. } = self;
        let SalesDocumentNamed { company, customer, .. } = document;
        let mut facts = document.facts(reader);
        facts.push(Fact::new(seen_by(reader), viewed_by));
        Words {
            facts,
            button: Some(Button::new(document.kind.button(reader), &self.link)),
            ..Words::new(
                &subject(reader, document.title(reader), viewed_by.short()),
                &saw(reader, viewed_by, customer, document.named(reader)),
                &why(reader, company),
            )
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
