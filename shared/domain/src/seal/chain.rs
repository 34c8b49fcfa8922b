//! Following a chain: what contradicts a seal, and what contradicts the events that it fixes.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    digest::Digest,
    link::{Seal, SealedEvent, drawn_at},
};
use crate::id::{EventId, Org};

/// How long after its events a seal may be made, in seconds. Sealing that was away for less is no finding; seals that
/// were removed and made anew later are.
const SEALED_LATE_AFTER_S: i64 = 24 * 3600;

/// What contradicts a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChainDefect {
    /// The event is not what it was when it was sealed.
    EventAltered,
    /// The event was sealed and is gone.
    EventMissing,
    /// The event lies among sealed ones and was not there when they were sealed.
    EventInserted,
    /// The seal's content does not have the seal's hash.
    SealAltered,
    /// There is no seal of this number.
    SealMissing,
    /// The seal stands where one of another number belongs.
    SealOutOfPlace,
    /// The seal names another one before it than there is.
    ChainBroken,
    /// The seal's signature is not the key's.
    SignatureInvalid,
    /// The seal was made more than a day after its first event: sealing was away, or earlier seals were removed.
    SealedLate,
    /// The seal is another than the one whose hash is kept outside the table.
    SealReplaced,
    /// The chain ends before the seal that is kept outside the table: its end was removed.
    ChainShortened,
    /// The chain has more seals than were noted outside the table.
    HeadOutdated,
    /// Events after the last seal are more than an hour old.
    EventsOverdue,
    /// Events are more than an hour old, and there is no seal at all.
    NeverSealed,
}

/// One thing that was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerificationFinding {
    /// What.
    pub what: ChainDefect,
    /// At which seal of the chain.
    pub seal: u64,
    /// About which event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

impl VerificationFinding {
    /// Something wrong with a seal.
    #[must_use]
    pub const fn of_seal(what: ChainDefect, seal: u64) -> Self {
        Self { what, seal, event: None }
    }

    pub(super) fn of_event(what: ChainDefect, seal: u64, event: &EventId) -> Self {
        Self { what, seal, event: Some(event.clone()) }
    }
}

/// Where following a chain has got to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainWalk {
    org: Org,
    /// The place that comes next.
    expected: u64,
    /// The seal at the place before, where it is what it should be.
    last: Option<Seal>,
    /// The last event that any seal so far fixes.
    reached: Option<EventId>,
}

/// Where the events of one seal are to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// From the beginning of the trail.
    Beginning,
    /// Behind this event.
    Behind(EventId),
    /// From this event on, since what comes before it is not known.
    From(EventId),
}

impl ChainWalk {
    /// Follows a chain from the place behind `last`, or from its beginning.
    #[must_use]
    pub fn behind(org: &Org, last: Option<Seal>) -> Self {
        let expected = last.as_ref().map_or(1, |seal| seal.number.saturating_add(1));
        Self { org: org.clone(), expected, reached: last.as_ref().map(|seal| seal.to.clone()), last }
    }

    /// Follows a chain from a place on, the seal before which cannot be read.
    #[must_use]
    pub fn from_place(org: &Org, place: u64) -> Self {
        Self { org: org.clone(), expected: place, reached: None, last: None }
    }

    /// Where the events begin that no seal has fixed yet.
    #[must_use]
    pub fn unsealed_since(&self) -> Since {
        self.reached.clone().map_or(Since::Beginning, Since::Behind)
    }

    /// Steps on to the next seal as it was found at its place in the table, `None` where what is there
    /// cannot be read as one. Says what is wrong with it and, where its events can be compared, since
    /// where they must be looked for.
    pub fn step(&mut self, place: u64, seal: Option<&Seal>) -> (Option<Since>, Vec<VerificationFinding>) {
        // A number that was made up must not make this loop long.
        let missing = self.expected..place.min(self.expected.saturating_add(MAX_MISSING));
        let mut findings: Vec<VerificationFinding> =
            missing.map(|number| VerificationFinding::of_seal(ChainDefect::SealMissing, number)).collect();
        let last = self.last.take().filter(|_| place == self.expected);
        self.expected = place.saturating_add(1);
        let Some(seal) = seal else {
            findings.push(VerificationFinding::of_seal(ChainDefect::SealAltered, place));
            return (None, findings);
        };
        self.reached = self.reached.take().max(Some(seal.to.clone()));
        if seal.number != place {
            findings.push(VerificationFinding::of_seal(ChainDefect::SealOutOfPlace, place));
            return (None, findings);
        }
        if !seal.is_whole(&self.org) {
            findings.push(VerificationFinding::of_seal(ChainDefect::SealAltered, place));
        }
        if seal.sealed_at > drawn_at(&seal.from).plus_s(SEALED_LATE_AFTER_S) {
            findings.push(VerificationFinding::of_seal(ChainDefect::SealedLate, place));
        }
        let (since, previous) = match &last {
            Some(last) => (Since::Behind(last.to.clone()), Some(last.hash)),
            None if place == 1 => (Since::Beginning, Some(Digest::NONE)),
            None => (Since::From(seal.from.clone()), None),
        };
        if previous.is_some_and(|previous| previous != seal.previous) {
            findings.push(VerificationFinding::of_seal(ChainDefect::ChainBroken, place));
        }
        self.last = Some(seal.clone());
        (Some(since), findings)
    }
}

/// How many missing seals in a row are told one by one.
const MAX_MISSING: u64 = 20;

/// Compares what a seal fixed with what there is now.
#[must_use]
pub fn compare(seal: &Seal, found: &[SealedEvent]) -> Vec<VerificationFinding> {
    let mut left: BTreeMap<&EventId, Digest> = found.iter().map(|event| (&event.id, event.digest)).collect();
    let mut findings = Vec::new();
    for event in &seal.events {
        match left.remove(&event.id) {
            None => findings.push(VerificationFinding::of_event(ChainDefect::EventMissing, seal.number, &event.id)),
            Some(digest) if digest != event.digest => {
                findings.push(VerificationFinding::of_event(ChainDefect::EventAltered, seal.number, &event.id));
            }
            Some(_) => {}
        }
    }
    findings
        .extend(left.into_keys().map(|id| VerificationFinding::of_event(ChainDefect::EventInserted, seal.number, id)));
    findings
}
