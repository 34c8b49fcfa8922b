//! The balances and entries of one statement, apart by currency: a balance in another currency than the account's is a
//! balance of its own.

use domain::{Currency, time::Day};

use crate::{
    MAX_BALANCES, MAX_CURRENCIES,
    amount::balance,
    error::Reason,
    statement::{BalanceKind, Entries, StatedBalance, Statement, Warning},
};

#[derive(Debug)]
struct One {
    currency: Currency,
    balances: Vec<StatedBalance>,
    entries: Entries,
}

#[derive(Debug, Default)]
pub(super) struct ByCurrency(Vec<One>);

impl ByCurrency {
    fn of(&mut self, currency: Currency) -> Result<&mut One, Reason> {
        let at = match self.0.iter().position(|one| one.currency == currency) {
            Some(at) => at,
            None if self.0.len() >= MAX_CURRENCIES => {
                return Err(Reason::TooMany { what: "currencies in a statement", most: MAX_CURRENCIES });
            }
            None => {
                self.0.push(One { currency, balances: Vec::new(), entries: Entries::default() });
                self.0.len() - 1
            }
        };
        self.0.get_mut(at).ok_or(Reason::UnknownCurrency)
    }

    pub(super) fn add_balance(
        &mut self,
        currency: Currency,
        kind: BalanceKind,
        day: Day,
        minor: i64,
        is_debit: bool,
    ) -> Result<(), Reason> {
        let one = self.of(currency)?;
        if one.balances.len() >= MAX_BALANCES {
            return Err(Reason::TooMany { what: "balances in a statement", most: MAX_BALANCES });
        }
        one.balances.push(StatedBalance { kind, day, balance_minor: balance(minor, is_debit)? });
        Ok(())
    }

    /// Adds an entry: its amount and day where it is booked.
    pub(super) fn add_entry(&mut self, currency: Currency, booked: Option<(i64, Option<Day>)>) -> Result<(), Reason> {
        let one = self.of(currency)?;
        match booked {
            Some((minor, on)) => one.entries.add_booked(minor, on)?,
            None => one.entries.add_pending(),
        }
        Ok(())
    }

    /// The currency of the account: the one that it states, or that of its first balance or entry.
    pub(super) fn main(&self, stated: Option<Currency>) -> Option<Currency> {
        let of_balances = self.0.iter().find(|one| !one.balances.is_empty());
        stated.or(of_balances.or(self.0.first()).map(|one| one.currency))
    }

    /// One statement for each currency that has a balance, like `head` in everything else.
    pub(super) fn into_statements(self, head: Statement) -> Vec<Statement> {
        let main = head.currency;
        let has_balances = self.0.iter().any(|one| !one.balances.is_empty());
        let is_kept = |one: &One| if has_balances { !one.balances.is_empty() } else { one.currency == main };
        let (kept, left): (Vec<One>, Vec<One>) = self.0.into_iter().partition(is_kept);
        let count = left.iter().fold(0_u32, |count, one| count.saturating_add(one.entries.booked));
        let mut statements: Vec<Statement> = kept
            .into_iter()
            .map(|one| Statement {
                currency: one.currency,
                balances: one.balances,
                entries: one.entries,
                ..head.clone()
            })
            .collect();
        if statements.is_empty() {
            statements.push(head);
        }
        if count > 0
            && let Some(first) = statements.first_mut()
        {
            first.warnings.push(Warning::OtherCurrency { count });
        }
        statements
    }
}
