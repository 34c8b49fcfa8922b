//! The end of a chain: what the kept head says of it, and what waits behind it.

use super::{
    chain::{ChainDefect, VerificationFinding},
    head::KnownHead,
    link::{Seal, SealedEvent, drawn_at},
};
use crate::{id::Org, time::UtcTime};

/// How old an event may get before it should have been sealed, in seconds: the margin, and several runs of the schedule.
const OVERDUE_AFTER_S: i64 = 3600;

/// Where the end of a chain stands to the kept head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainEnd {
    /// The last seal is the kept head.
    AtHead,
    /// The last seal follows the kept head: a run ended between writing the seal and noting it.
    OneAhead,
}

/// Why nothing may be signed behind the end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forgery {
    /// The last seal does not read as one, contradicts itself, or is of another place or tenant.
    #[error("the last seal was altered")]
    SealAltered,
    /// The last seal was not signed with the key.
    #[error("the signature of the last seal is not the key's")]
    SignatureInvalid,
    /// The last seal comes before the kept head.
    #[error("the chain ends before its kept head")]
    Shortened,
    /// The last seal is at the place of the kept head, or behind it, and does not continue it.
    #[error("the chain does not continue its kept head")]
    Replaced,
    /// The last seal is more than one behind the kept head.
    #[error("the chain has seals that were never noted")]
    Unnoted,
}

/// Judges the last seal of a tenant's chain against the kept head ([`KnownHead::NONE`] where none is kept). The caller
/// has compared the seal's number with its place, and checks the signature.
///
/// INVARIANT: a seal is written first and noted next, before another one is written, so the chain is never more than one
/// seal ahead of the head, and never behind it.
///
/// # Errors
/// [`Forgery`].
pub fn judge_end(org: &Org, kept: KnownHead, last: Option<&Seal>) -> Result<ChainEnd, Forgery> {
    if last.is_some_and(|last| !last.is_whole(org)) {
        return Err(Forgery::SealAltered);
    }
    let end = last.map_or(KnownHead::NONE, KnownHead::from);
    let follows = |last: &Seal| last.number == kept.number.saturating_add(1) && last.previous == kept.hash;
    if end == kept {
        Ok(ChainEnd::AtHead)
    } else if last.is_some_and(follows) {
        Ok(ChainEnd::OneAhead)
    } else if end.number < kept.number {
        Err(Forgery::Shortened)
    } else if end.number > kept.number.saturating_add(1) {
        Err(Forgery::Unnoted)
    } else {
        Err(Forgery::Replaced)
    }
}

/// What the kept head contradicts, once the end of the chain is reached: `last` is the last place with a seal (0 for
/// none), `at_head` the seal at the head's own place, if there is one that can be read.
#[must_use]
pub fn contradicts_kept_head(kept: KnownHead, last: u64, at_head: Option<&Seal>) -> Option<VerificationFinding> {
    if last < kept.number {
        return Some(VerificationFinding::of_seal(ChainDefect::ChainShortened, kept.number));
    }
    if last > kept.number.saturating_add(1) {
        return Some(VerificationFinding::of_seal(ChainDefect::HeadOutdated, last));
    }
    let replaced = at_head.is_some_and(|seal| seal.hash != kept.hash);
    replaced.then(|| VerificationFinding::of_seal(ChainDefect::SealReplaced, kept.number))
}

/// How many of the events behind the last seal (0 for none) should have been sealed by now, and the finding about them,
/// which names the first.
#[must_use]
pub fn overdue(last: u64, unsealed: &[SealedEvent], now: UtcTime) -> (usize, Option<VerificationFinding>) {
    let due = now.plus_s(-OVERDUE_AFTER_S);
    let mut overdue = unsealed.iter().filter(|event| drawn_at(&event.id) < due);
    let Some(first) = overdue.next() else { return (0, None) };
    let what = if last == 0 { ChainDefect::NeverSealed } else { ChainDefect::EventsOverdue };
    (1 + overdue.count(), Some(VerificationFinding::of_event(what, last.saturating_add(1), &first.id)))
}
