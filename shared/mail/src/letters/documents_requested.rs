//! The letter to the people who are asked for documents.

use domain::{language::Reader, messages, time::Day};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Section, Words},
    letters::document_asker::DocumentAsker,
    url::HttpUrl,
};

/// Somebody asks for documents.
#[derive(Debug, Clone)]
pub struct DocumentsRequested {
    /// The company's name.
    pub company: Line,
    /// Who asks.
    pub asked_by: DocumentAsker,
    /// What the request is about.
    pub title: Line,
    /// The documents.
    pub items: Vec<Line>,
    /// What else the person who asks wrote.
    pub note: Option<Quote>,
    /// The last day on which the documents are in time.
    pub due_on: Day,
    /// The request in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(day, title) {
        English: "Documents needed until {day}: {title}",
        German: "Unterlagen benötigt bis zum {day}: {title}",
        French: "Documents à fournir au plus tard le {day} : {title}",
        Dutch: "Documenten uiterlijk {day} nodig: {title}",
        Spanish: "Documentos necesarios hasta el {day}: {title}",
    }
    asks(asked_by, company, day) {
        English: "{asked_by} asks for documents of {company} until {day}.",
        German: "{asked_by} bittet bis zum {day} um Unterlagen von {company}.",
        French: "{asked_by} demande des documents de l’entreprise {company} pour le {day} au plus tard.",
        Dutch: "{asked_by} vraagt om documenten van {company}, uiterlijk op {day}.",
        Spanish: "{asked_by} solicita documentos de {company}, a más tardar el {day}.",
    }
    documents {
        English: "Documents",
        German: "Unterlagen",
        French: "Documents",
        Dutch: "Documenten",
        Spanish: "Documentos",
    }
    pub(super) request_label {
        English: "Request",
        German: "Anfrage",
        French: "Demande",
        Dutch: "Verzoek",
        Spanish: "Solicitud",
    }
    /// The last day on which the documents are in time.
    pub(super) due_on_label {
        English: "Due on",
        German: "Fällig am",
        French: "Échéance",
        Dutch: "Uiterlijk op",
        Spanish: "Fecha límite",
    }
    pub(super) upload {
        English: "Upload the documents",
        German: "Unterlagen hochladen",
        French: "Déposer les documents",
        Dutch: "Documenten uploaden",
        Spanish: "Subir los documentos",
    }
    /// Why the people who are asked get a letter.
    pub(super) why_asked(company) {
        English: "You receive this because you were asked for documents of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie um Unterlagen von {company} gebeten wurden.",
        French: "Vous recevez ce message parce que des documents de l’entreprise {company} vous ont été demandés.",
        Dutch: "U ontvangt dit bericht omdat u om documenten van {company} is gevraagd.",
        Spanish: "Recibe este mensaje porque se le han solicitado documentos de {company}.",
    }
}

impl Letter for DocumentsRequested {
    fn name(&self) -> &'static str {
        "documents-requested"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, asked_by, title, .. } = self;
        let day = &reader.day(self.due_on);
        Words {
            sections: Section::list(documents(reader), &self.items).into_iter().collect(),
            facts: vec![Fact::new(request_label(reader), title), Fact::new(due_on_label(reader), day)],
            quotation: Quotation::if_any(&asked_by.name, self.note.as_ref()),
            button: Some(Button::new(upload(reader), &self.link)),
            ..Words::new(
                &subject(reader, day, title.short()),
                &asks(reader, asked_by.in_words(reader), company, day),
                &why_asked(reader, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let asked = Self {
            company: line("Acme Retail"),
            asked_by: DocumentAsker { name: line("Ada Lovelace"), firm: Some(line("Lovelace & Co")) },
            title: line("Papers of October"),
            items: vec![line("Bank statement October"), line("Lease contract")],
            note: Quote::new(&say("The lease with both signatures, please.\nThank you!")),
            due_on: Day::try_from("2026-11-10".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        let own = Self {
            asked_by: DocumentAsker { name: line("Olivia Owner"), firm: None },
            items: vec![line("Card receipts")],
            note: None,
            ..asked.clone()
        };
        vec![("a_firm_asks_for_documents", asked), ("a_member_asks_for_a_document", own)]
    }
}
