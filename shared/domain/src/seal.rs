//! Seals: what makes a tenant's audit log tamper-evident.
//!
//! A seal fixes up to [`MAX_EVENTS`] neighbouring events by their digests and the seal before it by its hash, so
//! that altering, removing or inserting an event or a seal leaves a contradiction. This module defines seals and
//! what contradicts one. The store computes digests from the stored items; the caller signs a seal's hash.

mod chain;
mod digest;
mod end;
mod head;
mod link;

pub use chain::{ChainDefect, ChainWalk, Since, VerificationFinding, compare};
pub use digest::{Digest, DigestError};
pub use end::{ChainEnd, Forgery, contradicts_kept_head, judge_end, overdue};
pub use head::{KnownHead, KnownHeadError};
pub use link::{MAX_EVENTS, Seal, SealedEvent, drawn_at};

/// How old an event's id must be before the event is sealed, in seconds.
///
/// An id is drawn shortly before its transaction commits. No function that records events runs for
/// longer than two minutes, no call to the table goes on for longer than eight seconds, and clocks
/// of AWS differ by less than a second: five minutes leave more than as much again.
pub const SETTLED_AFTER_S: i64 = 300;

#[cfg(test)]
mod tests;
