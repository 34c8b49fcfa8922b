//! The letter to a customer's contacts: the company sends a statement of account.

use domain::{language::Reader, messages, time::Day};

use super::common;
use crate::{
    inert::Line,
    layout::{Button, Company, Fact, Letter, Words},
    url::HttpUrl,
};

/// A statement of account was sent.
#[derive(Debug, Clone)]
pub struct StatementSent {
    /// The company.
    pub company: Company,
    /// The customer's name.
    pub customer: Line,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// The statement in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(company) {
        English: "Statement of account from {company}",
        German: "Kontoübersicht von {company}",
        French: "Votre relevé de compte chez {company}",
        Dutch: "Rekeningoverzicht van {company}",
        Spanish: "Estado de cuenta de {company}",
    }
    sent(company, from, until) {
        English: "{company} sent you a statement of account: what was invoiced, credited and paid from {from} to {until}, and \
                  what is open.",
        German: "{company} hat Ihnen eine Kontoübersicht gesendet: was vom {from} bis zum {until} berechnet, gutgeschrieben und \
                 bezahlt wurde und was noch offen ist.",
        French: "{company} vous a envoyé un relevé de compte : ce qui a été facturé, crédité et payé du {from} au {until}, et ce \
                 qui reste dû.",
        Dutch: "{company} heeft u een rekeningoverzicht gestuurd: wat er van {from} tot en met {until} is gefactureerd, \
                gecrediteerd en betaald, en wat er nog openstaat.",
        Spanish: "{company} le ha enviado un estado de cuenta: lo facturado, abonado y pagado del {from} al {until}, y lo que \
                  queda pendiente.",
    }
    first_day {
        English: "From",
        German: "Von",
        French: "Du",
        Dutch: "Van",
        Spanish: "Desde",
    }
    last_day {
        English: "Until",
        German: "Bis",
        French: "Au",
        Dutch: "Tot en met",
        Spanish: "Hasta",
    }
    button {
        English: "See the statement",
        German: "Kontoübersicht ansehen",
        French: "Voir le relevé",
        Dutch: "Overzicht bekijken",
        Spanish: "Ver el estado de cuenta",
    }
}

impl Letter for StatementSent {
    fn name(&self) -> &'static str {
        "statement-sent"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, customer, .. } = self;
        let (from, until) = (&reader.day(self.from), &reader.day(self.until));
        Words {
            on_behalf_of: Some(company.clone()),
            facts: vec![
                Fact::new(common::company(reader), company),
                Fact::new(common::customer(reader), customer),
                Fact::new(first_day(reader), from),
                Fact::new(last_day(reader), until),
            ],
            button: Some(Button::new(button(reader), &self.link)),
            ..Words::new(
                &subject(reader, company.short()),
                &sent(reader, company, from, until),
                &common::why_contact(reader, customer, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let date = |text: &str| Day::try_from(text.to_owned()).unwrap();
        let sent = Self {
            company: Company { name: line("Acme Retail"), color: None },
            customer: line("Müller GmbH"),
            from: date("2026-10-01"),
            until: date("2026-10-31"),
            link: crate::say::link(),
        };
        vec![("a_statement_is_sent", sent)]
    }
}
