//! The letter to the people who are asked for documents that are still missing.

use domain::{language::Reader, messages, time::Day};

use super::documents_requested::{due_on_label, request_label, upload};
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Section, Words},
    letters::document_asker::DocumentAsker,
    url::HttpUrl,
};

/// Requested documents are missing, before or after their due day.
#[derive(Debug, Clone)]
pub struct DocumentsReminder {
    /// The company's name.
    pub company: Line,
    /// Who asks.
    pub asked_by: DocumentAsker,
    /// What the request is about.
    pub title: Line,
    /// The documents that are missing.
    pub missing: Vec<Line>,
    /// The last day on which the documents are in time.
    pub due_on: Day,
    /// Whether that day is over.
    pub overdue: bool,
    /// The request in the portal.
    pub link: HttpUrl,
}

messages! {
    overdue_subject(day, title) {
        English: "Overdue since {day}: {title}",
        German: "Überfällig seit dem {day}: {title}",
        French: "En retard depuis le {day} : {title}",
        Dutch: "Te laat sinds {day}: {title}",
        Spanish: "Plazo vencido el {day}: {title}",
    }
    soon_subject(day, title) {
        English: "Reminder: documents needed until {day}: {title}",
        German: "Erinnerung: Unterlagen benötigt bis zum {day}: {title}",
        French: "Rappel : documents à fournir au plus tard le {day} : {title}",
        Dutch: "Herinnering: documenten uiterlijk {day} nodig: {title}",
        Spanish: "Recordatorio: documentos necesarios hasta el {day}: {title}",
    }
    asked(asked_by, company, day) {
        English: "{asked_by} asked for documents of {company} until {day}. Some are still missing.",
        German: "{asked_by} hat um Unterlagen von {company} bis zum {day} gebeten. Einige fehlen noch.",
        French: "{asked_by} avait demandé des documents de l’entreprise {company} pour le {day} au plus tard. Certains \
                manquent encore.",
        Dutch: "{asked_by} heeft om documenten van {company} gevraagd, uiterlijk op {day} aan te leveren. Er ontbreken \
                er nog.",
        Spanish: "{asked_by} solicitó documentos de {company} con plazo hasta el {day}. Todavía faltan algunos.",
    }
    asks(asked_by, company, day) {
        English: "{asked_by} asks for documents of {company} until {day}. Some are still missing.",
        German: "{asked_by} bittet bis zum {day} um Unterlagen von {company}. Einige fehlen noch.",
        French: "{asked_by} demande des documents de l’entreprise {company} pour le {day} au plus tard. Certains \
                manquent encore.",
        Dutch: "{asked_by} vraagt om documenten van {company}, uiterlijk op {day}. Er ontbreken er nog.",
        Spanish: "{asked_by} solicita documentos de {company}, a más tardar el {day}. Todavía faltan algunos.",
    }
    pub(super) still_missing {
        English: "Still missing",
        German: "Fehlt noch",
        French: "Manque encore",
        Dutch: "Ontbreekt nog",
        Spanish: "Aún falta",
    }
    why(company) {
        English: "You receive this because you were asked for documents of {company}. The reminders stop when the \
                documents are uploaded.",
        German: "Sie erhalten diese Nachricht, weil Sie um Unterlagen von {company} gebeten wurden. Die Erinnerungen \
                enden, sobald die Unterlagen hochgeladen sind.",
        French: "Vous recevez ce message parce que des documents de l’entreprise {company} vous ont été demandés. Les \
                rappels cesseront dès que les documents auront été déposés.",
        Dutch: "U ontvangt dit bericht omdat u om documenten van {company} is gevraagd. De herinneringen stoppen zodra \
                de documenten zijn geüpload.",
        Spanish: "Recibe este mensaje porque se le han solicitado documentos de {company}. Los recordatorios cesarán \
                cuando se hayan subido los documentos.",
    }
}

impl Letter for DocumentsReminder {
    fn name(&self) -> &'static str {
        "documents-reminder"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, title, .. } = self;
        let (day, by) = (&reader.day(self.due_on), self.asked_by.in_words(reader));
        let (subject, sentence) = if self.overdue {
            (overdue_subject(reader, day, title.short()), asked(reader, by, company, day))
        } else {
            (soon_subject(reader, day, title.short()), asks(reader, by, company, day))
        };
        Words {
            sections: Section::list(still_missing(reader), &self.missing).into_iter().collect(),
            facts: vec![Fact::new(request_label(reader), title), Fact::new(due_on_label(reader), day)],
            button: Some(Button::new(upload(reader), &self.link)),
            ..Words::new(&subject, &sentence, &why(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let before = Self {
            company: line("Acme Retail"),
            asked_by: DocumentAsker { name: line("Ada Lovelace"), firm: Some(line("Lovelace & Co")) },
            title: line("Papers of October"),
            missing: vec![line("Bank statement October"), line("Lease contract")],
            due_on: Day::try_from("2026-11-10".to_owned()).unwrap(),
            overdue: false,
            link: crate::say::link(),
        };
        let after = Self {
            asked_by: DocumentAsker { name: line("Olivia Owner"), firm: None },
            missing: vec![line("Lease contract")],
            overdue: true,
            ..before.clone()
        };
        vec![("documents_are_due_soon", before), ("a_document_is_overdue", after)]
    }
}
