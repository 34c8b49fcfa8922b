//! The letter to the members who see reports: the accounts of a month are published, or corrected.

use domain::{
    Money,
    language::Reader,
    messages,
    report::{Month, RowRole},
};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Section, Words},
    url::HttpUrl,
};

/// A figure that matters.
#[derive(Debug, Clone)]
pub struct PublishedFigure {
    /// What it is.
    pub role: RowRole,
    /// Its value.
    pub value: Money,
}

/// The accounts of a month were published.
#[derive(Debug, Clone)]
pub struct AccountsPublished {
    /// The company's name.
    pub company: Line,
    /// The month.
    pub month: Month,
    /// Who published them.
    pub published_by: Line,
    /// The titles of the reports.
    pub reports: Vec<Line>,
    /// Whether it corrects what was published before.
    pub is_correction: bool,
    /// The titles of the reports that a correction changed or added.
    pub changed: Vec<Line>,
    /// The figures that matter.
    pub figures: Vec<PublishedFigure>,
    /// What the publisher wrote.
    pub comment: Option<Quote>,
    /// The publication in the portal.
    pub link: HttpUrl,
}

messages! {
    subject_ready(company, month) {
        English: "{company}: monthly accounts ready for {month}",
        German: "{company}: Monatsabschluss {month} ist fertig",
        French: "{company} : comptes mensuels disponibles pour {month}",
        Dutch: "{company}: maandcijfers over {month} staan klaar",
        Spanish: "{company}: cuentas mensuales de {month} disponibles",
    }
    published(company, month, by) {
        English: "The accounts of {company} for {month} were published by {by}.",
        German: "{by} hat den Monatsabschluss {month} von {company} veröffentlicht.",
        French: "{by} a publié les comptes mensuels de l’entreprise {company} pour {month}.",
        Dutch: "{by} heeft de maandcijfers van {company} over {month} gepubliceerd.",
        Spanish: "{by} ha publicado las cuentas mensuales de {company} correspondientes a {month}.",
    }
    reports {
        English: "Reports",
        German: "Berichte",
        French: "Rapports",
        Dutch: "Rapporten",
        Spanish: "Informes",
    }
    subject_corrected(company, month) {
        English: "{company}: corrected accounts for {month}",
        German: "{company}: Monatsabschluss {month} wurde berichtigt",
        French: "{company} : comptes mensuels corrigés pour {month}",
        Dutch: "{company}: gecorrigeerde maandcijfers over {month}",
        Spanish: "{company}: cuentas mensuales de {month} corregidas",
    }
    corrected(company, month, by) {
        English: "The accounts of {company} for {month} were corrected by {by}.",
        German: "{by} hat den Monatsabschluss {month} von {company} berichtigt.",
        French: "{by} a corrigé les comptes mensuels de l’entreprise {company} pour {month}.",
        Dutch: "{by} heeft de maandcijfers van {company} over {month} gecorrigeerd.",
        Spanish: "{by} ha corregido las cuentas mensuales de {company} correspondientes a {month}.",
    }
    changed_reports {
        English: "Changed reports",
        German: "Geänderte Berichte",
        French: "Rapports modifiés",
        Dutch: "Gewijzigde rapporten",
        Spanish: "Informes modificados",
    }
    button {
        English: "See the accounts",
        German: "Monatsabschluss ansehen",
        French: "Voir les comptes",
        Dutch: "Maandcijfers bekijken",
        Spanish: "Ver las cuentas",
    }
    why(company) {
        English: "You receive this because you see the reports of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie Zugriff auf die Berichte von {company} haben.",
        French: "Vous recevez ce message parce que vous avez accès aux rapports de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u toegang hebt tot de rapporten van {company}.",
        Spanish: "Recibe este mensaje porque tiene acceso a los informes de {company}.",
    }
}

impl Letter for AccountsPublished {
    fn name(&self) -> &'static str {
        "accounts-published"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, published_by, .. } = self;
        let month = &reader.month(self.month);
        let (subject, said, reports) = if self.is_correction {
            (
                subject_corrected(reader, company.short(), month),
                corrected(reader, company, month, published_by),
                Section::list(changed_reports(reader), &self.changed),
            )
        } else {
            (
                subject_ready(reader, company.short(), month),
                published(reader, company, month, published_by),
                Section::list(reports(reader), &self.reports),
            )
        };
        let figure = |figure: &PublishedFigure| Fact::new(figure.role.in_words(reader), reader.money(figure.value));
        Words {
            sections: reports.into_iter().collect(),
            facts: self.figures.iter().map(figure).collect(),
            quotation: Quotation::if_any(published_by, self.comment.as_ref()),
            button: Some(Button::new(button(reader), &self.link)),
            ..Words::new(&subject, &said, &why(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let ready = Self {
            company: line("Acme Retail"),
            month: "2026-10".parse().unwrap(),
            published_by: line("Ada Lovelace"),
            reports: vec![line("Profit and loss"), line("Balance sheet")],
            is_correction: false,
            changed: Vec::new(),
            figures: vec![
                PublishedFigure { role: RowRole::NetProfit, value: euros(1_250_000) },
                PublishedFigure { role: RowRole::CashClosing, value: euros(-4_050) },
            ],
            comment: Quote::new(&say("A good month.\nThe new shop pays for itself.")),
            link: crate::say::link(),
        };
        let corrected = Self {
            is_correction: true,
            changed: vec![line("Profit and loss")],
            comment: None,
            ..ready.clone()
        };
        vec![("monthly_accounts_are_ready", ready), ("monthly_accounts_are_corrected", corrected)]
    }
}
