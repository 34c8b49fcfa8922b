//! The letter to someone who may decide: what waits for a decision has changed.

use domain::language::Reader;
use domain::Money;

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// Which transactions need an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalRule {
    /// None.
    Nothing,
    /// Those of at least this amount, and those in another currency.
    From(Money),
}

impl ApprovalRule {
    fn in_words(self) -> String {
        match self {
            Self::Nothing => "No transaction needs an approval".to_owned(),
            Self::From(amount) => format!("Transactions from {amount} on, and all in another currency"),
        }
    }
}

/// The approval policy of a company was changed.
#[derive(Debug, Clone)]
pub struct ApprovalPolicyChanged {
    /// The company's name.
    pub company: Line,
    /// The policy before.
    pub before: ApprovalRule,
    /// The policy now.
    pub after: ApprovalRule,
    /// The name of the person who changed it.
    pub changed_by: Line,
    /// The policy in the portal.
    pub link: HttpUrl,
}

impl Letter for ApprovalPolicyChanged {
    fn name(&self) -> &'static str {
        "approval-policy-changed"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, changed_by, .. } = self;
        let is_off = self.after == ApprovalRule::Nothing;
        let (subject, said) = if is_off {
            (
                format!("{} no longer needs approvals", company.short()),
                format!("The approval policy of {company} was switched off."),
            )
        } else {
            (
                format!("The approval policy of {} has changed", company.short()),
                format!("The approval policy of {company} has changed."),
            )
        };
        Words {
            facts: vec![
                Fact::new("Before", self.before.in_words()),
                Fact::new("Now", self.after.in_words()),
                Fact::new("Changed by", changed_by),
            ],
            button: Some(Button::new("See the policy", &self.link)),
            notes: vec![Line::sentence("If you did not expect this, ask the person who changed it.")],
            ..Words::new(&subject, &said, &format!("You receive this because you may decide on approvals of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let from = |minor| ApprovalRule::From(Money { minor, currency: "EUR".parse().unwrap() });
        let raised = Self {
            company: line("Acme Retail"),
            before: from(100_000),
            after: from(900_000),
            changed_by: line("Ada Admin"),
            link: crate::say::link(),
        };
        let off = Self { after: ApprovalRule::Nothing, ..raised.clone() };
        vec![("an_approval_policy_changes", raised), ("an_approval_policy_is_switched_off", off)]
    }
}
