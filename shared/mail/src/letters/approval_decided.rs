//! The letter to the preparer: the decision on a transaction.

use domain::language::Reader;
use domain::Money;

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    url::HttpUrl,
};

/// The decision on a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The ledger may post it.
    Approved,
    /// The ledger may not post it.
    Rejected,
}

/// Someone decided on a transaction.
#[derive(Debug, Clone)]
pub struct ApprovalDecided {
    /// The company's name.
    pub company: Line,
    /// Who would be paid.
    pub payee: Line,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub description: Option<Line>,
    /// The decision.
    pub decision: Decision,
    /// The decider's name.
    pub decided_by: Line,
    /// The decider's own words.
    pub reason: Option<Quote>,
    /// The approval in the portal.
    pub link: HttpUrl,
}

impl Letter for ApprovalDecided {
    fn name(&self) -> &'static str {
        "approval-decided"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, payee, amount, decided_by, .. } = self;
        let (heading, decision) = match self.decision {
            Decision::Approved => ("Approved", "approved"),
            Decision::Rejected => ("Rejected", "rejected"),
        };
        let facts = [
            Some(Fact::new("Payee", payee)),
            Some(Fact::new("Amount", amount)),
            Fact::if_any("Description", self.description.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            quotation: Quotation::if_any(decided_by, self.reason.as_ref()),
            button: Some(Button::new("See the transaction", &self.link)),
            ..Words::new(&format!("{heading}: {amount} to {}", payee.short()), &format!("{decided_by} {decision} this transaction of {company}."), &format!("You receive this because you follow approvals of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let given = Self {
            company: line("Acme Retail"),
            payee: line("Müller GmbH"),
            amount: Money { minor: 5_120, currency: "KWD".parse().unwrap() },
            description: None,
            decision: Decision::Approved,
            decided_by: line("Olivia Owner"),
            reason: None,
            link: crate::say::link(),
        };
        let refused = Self {
            decision: Decision::Rejected,
            reason: Quote::new(&say("Twice the agreed price.\nAsk them.")),
            ..given.clone()
        };
        vec![("an_approval_is_given", given), ("an_approval_is_refused_with_a_reason", refused)]
    }
}
