//! The letter to the members who see reports: the accounts of a month are published, or corrected.

use domain::language::Reader;
use domain::{Money, report::Month};

use crate::{
    date::month,
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Section, Words},
    url::HttpUrl,
};

/// A figure that matters.
#[derive(Debug, Clone)]
pub struct PublishedFigure {
    /// What it is.
    pub label: &'static str,
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

impl Letter for AccountsPublished {
    fn name(&self) -> &'static str {
        "accounts-published"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, published_by, .. } = self;
        let of_month = format!("The accounts of {company} for {}", month(self.month));
        let (said, reports, subject) = if self.is_correction {
            (
                format!("{of_month} were corrected by {published_by}."),
                Section::list("Changed reports", &self.changed),
                format!("{}: corrected accounts for {}", company.short(), month(self.month)),
            )
        } else {
            (
                format!("{of_month} were published by {published_by}."),
                Section::list("Reports", &self.reports),
                format!("{}: monthly accounts ready for {}", company.short(), month(self.month)),
            )
        };
        Words {
            sections: reports.into_iter().collect(),
            facts: self.figures.iter().map(|figure| Fact::new(figure.label, figure.value)).collect(),
            quotation: Quotation::if_any(published_by, self.comment.as_ref()),
            button: Some(Button::new("See the accounts", &self.link)),
            ..Words::new(&subject, &said, &format!("You receive this because you see the reports of {company}."))
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
                PublishedFigure { label: "Net profit", value: euros(1_250_000) },
                PublishedFigure { label: "Closing cash", value: euros(-4_050) },
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
