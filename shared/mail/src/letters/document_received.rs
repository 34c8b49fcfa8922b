//! The letter to the person who asked for documents: one was uploaded.

use domain::{language::Reader, messages};

use super::{documents_reminder::still_missing, documents_requested::request_label};
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

messages! {
    subject(company, item) {
        English: "{company}: received {item}",
        German: "{company}: {item} erhalten",
        French: "{company} : document reçu, {item}",
        Dutch: "{company}: {item} ontvangen",
        Spanish: "{company}: documento recibido, {item}",
    }
    uploaded(company) {
        English: "{company} uploaded a document that you asked for. Others are still missing.",
        German: "{company} hat ein Dokument hochgeladen, um das Sie gebeten haben. Weitere fehlen noch.",
        French: "{company} a déposé un document que vous aviez demandé. D’autres manquent encore.",
        Dutch: "{company} heeft een document geüpload waar u om had gevraagd. Andere ontbreken nog.",
        Spanish: "{company} ha subido un documento que usted solicitó. Todavía faltan otros.",
    }
    uploaded_last(company) {
        English: "{company} uploaded a document that you asked for. Nothing else is missing.",
        German: "{company} hat ein Dokument hochgeladen, um das Sie gebeten haben. Es fehlt nichts mehr.",
        French: "{company} a déposé un document que vous aviez demandé. Il ne manque plus rien.",
        Dutch: "{company} heeft een document geüpload waar u om had gevraagd. Er ontbreekt niets meer.",
        Spanish: "{company} ha subido un documento que usted solicitó. Ya no falta nada.",
    }
    pub(super) document_label {
        English: "Document",
        German: "Dokument",
        French: "Document",
        Dutch: "Document",
        Spanish: "Documento",
    }
    accept_or_send_back {
        English: "Accept it or send it back",
        German: "Annehmen oder zurückgeben",
        French: "Accepter ou renvoyer",
        Dutch: "Accepteren of terugsturen",
        Spanish: "Aceptar o devolver",
    }
    why(company) {
        English: "You receive this because you asked for documents of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie um Unterlagen von {company} gebeten haben.",
        French: "Vous recevez ce message parce que vous avez demandé des documents de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u om documenten van {company} hebt gevraagd.",
        Spanish: "Recibe este mensaje porque solicitó documentos de {company}.",
    }
}

impl Letter for DocumentReceived {
    fn name(&self) -> &'static str {
        "document-received"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, title, item, missing, .. } = self;
        let said = if missing.is_empty() { uploaded_last(reader, company) } else { uploaded(reader, company) };
        Words {
            sections: Section::list(still_missing(reader), missing).into_iter().collect(),
            facts: vec![Fact::new(document_label(reader), item), Fact::new(request_label(reader), title)],
            button: Some(Button::new(accept_or_send_back(reader), &self.link)),
            ..Words::new(&subject(reader, company.short(), item.short()), &said, &why(reader, company))
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
