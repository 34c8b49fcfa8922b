//! What is still due of several invoices.

use super::state::Invoice;
use crate::money::Currency;

/// The amount due in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The currency.
    pub currency: Currency,
    /// What is neither settled nor in flight, in minor units.
    pub due_minor: i64,
}

/// Adds up what is still due, each currency by itself, in the order in which they first occur.
///
/// A page of invoices at the largest amount still fits an `i64`; more than that stays at its end.
#[must_use]
pub fn due_by_currency(invoices: &[Invoice]) -> Vec<Due> {
    let mut sums: Vec<Due> = Vec::new();
    for invoice in invoices {
        let (currency, due_minor) = (invoice.terms.content.currency, invoice.due_minor.max(0));
        match sums.iter_mut().find(|sum| sum.currency == currency) {
            Some(sum) => sum.due_minor = sum.due_minor.saturating_add(due_minor),
            None => sums.push(Due { currency, due_minor }),
        }
    }
    sums
}
