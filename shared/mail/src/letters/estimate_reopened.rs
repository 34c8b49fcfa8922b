//! The letter to a customer's contacts: a decision on an estimate was undone, and it is open again.

use domain::language::Reader;
use domain::time::Day;

use crate::{
    date::day,
    layout::{Button, Fact, Letter, Words},
    letters::{estimate_decided::EstimateDecision, sales_document::SalesDocumentNamed},
    url::HttpUrl,
};

/// A decision on an estimate was undone.
#[derive(Debug, Clone)]
pub struct EstimateReopened {
    /// The estimate.
    pub estimate: SalesDocumentNamed,
    /// The decision that does not count any more.
    pub undone: EstimateDecision,
    /// The last day on which it can be decided.
    pub valid_until: Day,
    /// The estimate in the portal.
    pub link: HttpUrl,
}

impl Letter for EstimateReopened {
    fn name(&self) -> &'static str {
        "estimate-reopened"
    }

    fn words(&self, _: &Reader) -> Words {
        let estimate = &self.estimate;
        let SalesDocumentNamed { company, customer, .. } = estimate;
        let undone = match self.undone {
            EstimateDecision::Accepted => "accepted",
            EstimateDecision::Declined => "declined",
        };
        let sentence = format!(
            "{company} noted that {estimate} was {undone} by mistake. That does not count any more: the estimate is open \
             again, and you can accept or decline it."
        );
        let mut facts = estimate.facts();
        facts.push(Fact::new("Valid until", day(self.valid_until)));
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(estimate.kind.button(), &self.link)),
            ..Words::new(&format!("Open again: {} from {}", estimate.short(), company.short()), &sentence, &format!("You receive this because you are a contact of {customer} at {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let reopened = Self {
            estimate: SalesDocumentNamed::example(say, SalesDocumentKind::Estimate),
            undone: EstimateDecision::Accepted,
            valid_until: Day::try_from("2026-12-31".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        vec![("an_estimate_is_open_again", reopened)]
    }
}
