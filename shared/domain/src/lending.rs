//! Requests for access: asked for by whoever lacks it, for a time, and granted or refused by whoever
//! may give it.
//!
//! What is granted is lent: it comes on top of what a place, a connection or an assignment grants,
//! and stops at its instant. It neither widens that grant for ever nor shortens it. A bookkeeper
//! without an assignment gets one that ends.

mod loan;
mod request;

pub use loan::{LendError, Loan, held_in_client, lend_in_client, lend_to_connection, lend_to_member};
pub use request::{
    AccessRequest, AnswerError, Ask, AskError, Decider, MAX_HOURS, OPEN_DAYS, RequestKind, RequestState, RequestStatus,
    about, ask, to_look_after,
};
