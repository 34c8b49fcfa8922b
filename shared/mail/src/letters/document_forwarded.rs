//! The letter with a hosted link: somebody forwarded a sales document.

use domain::{language::Reader, messages, time::Day};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    letters::{common, sales_document::SalesDocumentNamed},
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

messages! {
    subject_forwarded(by, document, company) {
        English: "{by} sent you {document} from {company}",
        German: "Weitergeleitet von {by}: {document} ({company})",
        French: "Document transmis par {by} : {document} ({company})",
        Dutch: "Doorgestuurd door {by}: {document} ({company})",
        Spanish: "Documento enviado por {by}: {document} ({company})",
    }
    forwarded(by, document, company) {
        English: "{by} sent you {document} from {company}.",
        German: "{by} hat Ihnen {document} von {company} weitergeleitet.",
        French: "{by} vous a transmis {document} de l’entreprise {company}.",
        Dutch: "{by} heeft u {document} van {company} doorgestuurd.",
        Spanish: "{by} le ha enviado {document} de {company}.",
    }
    subject_new_link(document, company) {
        English: "New link: {document} from {company}",
        German: "Neuer Link: {document} von {company}",
        French: "Nouveau lien : {document} ({company})",
        Dutch: "Nieuwe link: {document} van {company}",
        Spanish: "Nuevo enlace: {document} de {company}",
    }
    new_link(document, company) {
        English: "You asked for a new link to {document} from {company}.",
        German: "Sie haben einen neuen Link zu {document} von {company} angefordert.",
        French: "Vous avez demandé un nouveau lien vers {document} de l’entreprise {company}.",
        Dutch: "U hebt een nieuwe link naar {document} van {company} aangevraagd.",
        Spanish: "Ha solicitado un nuevo enlace para ver {document} de {company}.",
    }
    opens_until {
        English: "Link opens until",
        German: "Link gültig bis",
        French: "Lien valable jusqu’au",
        Dutch: "Link geldig tot en met",
        Spanish: "Enlace válido hasta",
    }
    why(company, customer) {
        English: "You receive this because {company} has this address as that of a contact of {customer}.",
        German: "Sie erhalten diese Nachricht, weil {company} diese Adresse als die einer Kontaktperson von {customer} führt.",
        French: "Vous recevez ce message parce que l’entreprise {company} a enregistré cette adresse comme celle d’un \
                 contact du client {customer}.",
        Dutch: "U ontvangt dit bericht omdat {company} dit adres heeft als dat van een contactpersoon van {customer}.",
        Spanish: "Recibe este mensaje porque {company} tiene esta dirección como la de un contacto de {customer}.",
    }
}

impl Letter for DocumentForwarded {
    fn name(&self) -> &'static str {
        "document-forwarded"
    }

    fn words(&self, reader: &Reader) -> Words {
        let document = &self.document;
        let SalesDocumentNamed { company, customer, .. } = document;
        let (title, named) = (document.title(reader), document.named(reader));
        let (subject, said) = match &self.forwarded_by {
            Some(by) => (
                subject_forwarded(reader, by.short(), title, company.short()),
                forwarded(reader, by, named, company),
            ),
            None => (subject_new_link(reader, title, company.short()), new_link(reader, named, company)),
        };
        let mut facts = document.facts(reader);
        facts.push(Fact::new(opens_until(reader), reader.day(self.expires_on)));
        let nobody = Line::new("");
        let writer = self.forwarded_by.as_ref().unwrap_or(&nobody);
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            quotation: Quotation::if_any(writer, self.message.as_ref()),
            button: Some(Button::new(document.kind.button(reader), &self.link)),
            notes: vec![Line::sentence(common::for_you_alone(reader))],
            ..Words::new(&subject, &said, &why(reader, company, customer))
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
