//! The letter to those who follow an account: its balance fell below a threshold, or has recovered.

use domain::language::Reader;
use domain::{Money, UtcTime};

use crate::{
    date::date_and_time,
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A bank balance crossed a threshold.
#[derive(Debug, Clone)]
pub struct BalanceCrossed {
    /// The company's name.
    pub company: Line,
    /// The bank account's name.
    pub account: Line,
    /// Whether it has recovered, after it was below.
    pub has_recovered: bool,
    /// Whether the threshold is the recipient's own.
    pub is_own: bool,
    /// The balance.
    pub balance: Money,
    /// The threshold that was set.
    pub threshold: Money,
    /// When the balance was true.
    pub as_of: Option<UtcTime>,
    /// The account in the portal.
    pub link: HttpUrl,
}

impl Letter for BalanceCrossed {
    fn name(&self) -> &'static str {
        if self.has_recovered { "balance-recovered" } else { "balance-below-threshold" }
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, account, balance, threshold, .. } = self;
        let facts = [
            Some(Fact::new("Company", company)),
            Some(Fact::new("Account", account)),
            Some(Fact::new("Balance", balance)),
            Some(Fact::new("Threshold", threshold)),
            Fact::if_any("As of", self.as_of.map(date_and_time)),
        ];
        let whose = if self.is_own { "that you set for it" } else { "that was set for it" };
        let (subject, sentence) = if self.has_recovered {
            (
                format!("{}: balance of {} recovered to {balance}", company.short(), account.short()),
                format!("The balance of {account} has recovered from below the threshold {whose}."),
            )
        } else {
            (
                format!("{}: balance of {} below {threshold}", company.short(), account.short()),
                format!("The balance of {account} fell below the threshold {whose}."),
            )
        };
        let why = if self.is_own {
            format!("You receive this because you set a threshold for this account of {company}.")
        } else {
            format!("You receive this because you follow bank balances of {company}.")
        };
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("See the account", &self.link)),
            ..Words::new(&subject, &sentence, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let fell = Self {
            company: line("Acme Retail"),
            account: line("Current account"),
            has_recovered: false,
            is_own: false,
            balance: euros(-1_050),
            threshold: euros(1_000_000),
            as_of: Some("2026-11-21T06:00:00Z".parse().unwrap()),
            link: crate::say::link(),
        };
        let own = Self { is_own: true, ..fell.clone() };
        let recovered = Self { has_recovered: true, balance: euros(1_234_500), ..own.clone() };
        vec![
            ("a_balance_falls_below_its_threshold", fell),
            ("a_balance_falls_below_a_threshold_of_ones_own", own),
            ("a_balance_has_recovered", recovered),
        ]
    }
}
