//! The letter to the people who are asked for documents that are still missing.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
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

impl Letter for DocumentsReminder {
    fn name(&self) -> &'static str {
        "documents-reminder"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, asked_by, title, .. } = self;
        let due_on = day(self.due_on);
        let (subject, sentence) = if self.overdue {
            (
                format!("Overdue since {due_on}: {}", title.short()),
                format!("{asked_by} asked for documents of {company} until {due_on}. Some are still missing."),
            )
        } else {
            (
                format!("Reminder: documents needed until {due_on}: {}", title.short()),
                format!("{asked_by} asks for documents of {company} until {due_on}. Some are still missing."),
            )
        };
        Words {
            sections: Section::list("Still missing", &self.missing).into_iter().collect(),
            facts: vec![Fact::new("Request", title), Fact::new("Due on", due_on)],
            button: Some(Button::new("Upload the documents", &self.link)),
            ..Words::new(
                &subject,
                &sentence,
                &format!(
                    "You receive this because you were asked for documents of {company}. The reminders stop when the \
                     documents are uploaded."
                ),
            )
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
