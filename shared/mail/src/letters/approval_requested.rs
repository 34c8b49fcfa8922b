//! The letter to someone who may decide: a transaction waits.

use domain::language::Reader;
use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A transaction waits for someone's approval.
#[derive(Debug, Clone)]
pub struct ApprovalRequested {
    /// The company's name.
    pub company: Line,
    /// Who would be paid.
    pub payee: Line,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub description: Option<Line>,
    /// The preparer's name.
    pub prepared_by: Option<Line>,
    /// The approval in the portal.
    pub link: HttpUrl,
}

impl Letter for ApprovalRequested {
    fn name(&self) -> &'static str {
        "approval-requested"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, payee, amount, .. } = self;
        let facts = [
            Some(Fact::new("Payee", payee)),
            Some(Fact::new("Amount", amount)),
            Fact::if_any("Description", self.description.as_ref()),
            Fact::if_any("Prepared by", self.prepared_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("Review it", &self.link)),
            ..Words::new(&format!("Approval needed: {amount} to {}", payee.short()), &format!("A transaction of {company} waits for your approval."), &format!("You receive this because you may decide on approvals of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = Money { minor: 123_456, currency: "EUR".parse().unwrap() };
        let yen = Money { minor: 1_234, currency: "JPY".parse().unwrap() };
        let in_detail = Self {
            company: line("Acme Retail"),
            payee: line("Müller GmbH"),
            amount: euros,
            description: Some(line("Shop fittings, second half")),
            prepared_by: Some(line("Ben Books")),
            link: crate::say::link(),
        };
        let little =
            Self { payee: line("東京電力"), amount: yen, description: None, prepared_by: None, ..in_detail.clone() };
        vec![("an_approval_is_requested", in_detail), ("an_approval_of_little_detail_is_requested", little)]
    }
}
