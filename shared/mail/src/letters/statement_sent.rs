//! The letter to a customer's contacts: the company sends a statement of account.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
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

impl Letter for StatementSent {
    fn name(&self) -> &'static str {
        "statement-sent"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, customer, .. } = self;
        let (from, until) = (day(self.from), day(self.until));
        Words {
            on_behalf_of: Some(company.clone()),
            facts: vec![
                Fact::new("Company", company),
                Fact::new("Customer", customer),
                Fact::new("From", &from),
                Fact::new("Until", &until),
            ],
            button: Some(Button::new("See the statement", &self.link)),
            ..Words::new(&format!("Statement of account from {}", company.short()), &format!(
                "{company} sent you a statement of account: what was invoiced, credited and paid from {from} to {until}, \
                 and what is open."
            ), &format!("You receive this because you are a contact of {customer} at {company}."))
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
