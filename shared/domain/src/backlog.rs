//! What waits in a client of a firm, and since when: its accounts, approvals, requested documents and low balances.
//!
//! Each thing waits since a day that does not move. So the order of a firm's clients does not depend on the day on which it is
//! read, and nothing has to be written anew at midnight. What is shown of a backlog follows from the permissions of the person
//! who looks.

mod entry;
mod events;
mod seen;
mod state;
#[cfg(test)]
mod tests;
mod waiting;

pub use entry::Backlog;
pub use events::EVENTS;
pub use seen::{AccountsBehind, SeenBacklog};
pub use state::{CompanyState, Counted};
pub use waiting::{Accounts, Waiting};
