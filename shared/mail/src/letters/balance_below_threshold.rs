//! The letter to those who manage thresholds: a bank balance fell below one.

use domain::{Money, UtcTime};

use crate::{
    date::date_and_time,
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A bank balance fell below its threshold.
#[derive(Debug, Clone)]
pub struct BalanceBelowThreshold {
    /// The company's name.
    pub company: Line,
    /// The bank account's name.
    pub account: Line,
    /// The balance.
    pub balance: Money,
    /// The threshold that was set.
    pub threshold: Money,
    /// When the ledger took the balance.
    pub as_of: Option<UtcTime>,
    /// The account in the portal.
    pub link: HttpUrl,
}

impl Letter for BalanceBelowThreshold {
    fn name(&self) -> &'static str {
        "balance-below-threshold"
    }

    fn words(&self) -> Words {
        let Self { company, account, balance, threshold, .. } = self;
        let facts = [
            Some(Fact::new("Company", company)),
            Some(Fact::new("Account", account)),
            Some(Fact::new("Balance", balance)),
            Some(Fact::new("Threshold", threshold)),
            Fact::if_any("As of", self.as_of.map(date_and_time)),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("See the account", &self.link)),
            ..Words::new(&format!("{}: balance of {} below {threshold}", company.short(), account.short()), &format!(
                "The balance of {account} fell below the threshold that was set for it."
            ), &format!("You receive this because you follow bank balances of {company}."))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let fell = Self {
            company: line("Acme Retail"),
            account: line("Current account"),
            balance: euros(-1_050),
            threshold: euros(1_000_000),
            as_of: Some("2026-11-21T06:00:00Z".parse().unwrap()),
            link: crate::say::link(),
        };
        vec![("a_balance_falls_below_its_threshold", fell)]
    }
}
