//! What customers owe: the account of each customer, its movements, and statements of account.
//!
//! INVARIANT: for each currency, an account's balance is the sum of its movements, and also what is open: the open
//! amounts of invoices less what is in the customer's favour. Each change of a document or a payment is written in one
//! transaction with the account and the movements that [`account_change`] gives.

mod account;
mod change;
mod movement;
mod statement;

pub use account::{AccountError, Ageing, CurrencyAccount, CustomerAccount, LastPaid};
pub use change::{AccountChange, AccountInput, DocumentChange, account_change};
pub use movement::{Movement, MovementKind};
pub use statement::{Statement, StatementEntry, StatementPeriod, StatementSent, send_statement, statement};

#[cfg(test)]
mod tests;
