//! Seals: what makes a tenant's audit log tamper-evident.
//!
//! A seal fixes up to [`MAX_EVENTS`] neighbouring events by their digests and the seal before it by its hash, so
//! that altering, removing or inserting an event or a seal leaves a contradiction. This module defines seals and
//! what contradicts one. The store computes digests from the stored items; the caller signs a seal's hash.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    id::{EventId, Org},
    time::UtcTime,
};

/// The most events that one seal fixes. Less than a page of the store, so that one query reads all
/// events of a seal and shows one too many.
pub const MAX_EVENTS: usize = 64;

/// How old an event's id must be before the event is sealed, in seconds.
///
/// An id is drawn shortly before its transaction commits. No function that records events runs for
/// longer than two minutes, no call to the table goes on for longer than eight seconds, and clocks
/// of AWS differ by less than a second: five minutes leave more than as much again.
pub const SETTLED_AFTER_S: i64 = 300;

/// The layout of what is hashed; another layout has another number.
const LAYOUT: &str = "countersign/seal/1";

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct Digest([u8; 32]);

/// Text that is not a SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a SHA-256 digest of 64 lower-case hexadecimal digits")]
pub struct DigestError;

impl Digest {
    /// The hash that the first seal of a chain names as the seal before it.
    pub const NONE: Self = Self([0; 32]);

    /// Digests bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let well_formed = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !well_formed {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        for (n, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * n..2 * n + 2).ok_or(DigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// An event as a seal fixes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedEvent {
    /// Which event.
    pub id: EventId,
    /// The digest over the whole stored item.
    pub digest: Digest,
}

/// One link of a tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The tenant whose audit log is sealed.
    pub org: Org,
    /// Its place in the chain, from 1 on.
    pub number: u64,
    /// The first event it fixes.
    pub from: EventId,
    /// The last event it fixes.
    pub to: EventId,
    /// How many events it fixes.
    pub count: u32,
    /// The events, in the order of their ids.
    pub events: Vec<SealedEvent>,
    /// The hash of the seal before; [`Digest::NONE`] in the first.
    pub previous: Digest,
    /// When it was made.
    pub sealed_at: UtcTime,
    /// The digest over all of the above.
    pub hash: Digest,
    /// The signature over the hash, as the holder of the key writes it; empty before it is signed.
    pub signature: String,
}

impl Seal {
    /// The seal that follows `previous`, over events that come after its own; `None` when there are
    /// none. Takes at most [`MAX_EVENTS`], which must be in the order of their ids.
    #[must_use]
    pub fn next(org: &Org, previous: Option<&Self>, events: &[SealedEvent], now: UtcTime) -> Option<Self> {
        let events: Vec<SealedEvent> = events.iter().take(MAX_EVENTS).cloned().collect();
        let (from, to) = (events.first()?.id.clone(), events.last()?.id.clone());
        let mut seal = Self {
            org: org.clone(),
            number: previous.map_or(1, |seal| seal.number.saturating_add(1)),
            from,
            to,
            count: u32::try_from(events.len()).unwrap_or(u32::MAX),
            events,
            previous: previous.map_or(Digest::NONE, |seal| seal.hash),
            sealed_at: now,
            hash: Digest::NONE,
            signature: String::new(),
        };
        seal.hash = seal.true_hash();
        Some(seal)
    }

    /// The hash that its content has.
    #[must_use]
    pub fn true_hash(&self) -> Digest {
        // Every part is of a type that holds no line break, so no two seals give the same text.
        let mut text = format!(
            "{LAYOUT}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            self.org, self.number, self.from, self.to, self.count, self.previous, self.sealed_at
        );
        for event in &self.events {
            text.push_str(event.id.as_str());
            text.push(' ');
            text.push_str(&event.digest.to_string());
            text.push('\n');
        }
        Digest::of(text.as_bytes())
    }

    /// Whether it contradicts itself.
    fn is_whole(&self, org: &Org) -> bool {
        let ends = (self.events.first().map(|e| &e.id), self.events.last().map(|e| &e.id));
        self.org == *org
            && self.hash == self.true_hash()
            && ends == (Some(&self.from), Some(&self.to))
            && usize::try_from(self.count) == Ok(self.events.len())
    }
}

/// What contradicts a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChainDefect {
    /// The event is not what it was when it was sealed.
    EventAltered,
    /// The event was sealed and is gone.
    EventMissing,
    /// The event is among sealed ones and was inserted after they were sealed.
    EventInserted,
    /// The seal's content does not have the seal's hash.
    SealAltered,
    /// There is no seal of this number.
    SealMissing,
    /// The seal is in the place of one with another number.
    SealOutOfPlace,
    /// The seal names another seal before it than the one in the table.
    ChainBroken,
    /// The seal's signature is not the key's.
    SignatureInvalid,
}

/// A finding of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerificationFinding {
    /// The defect.
    pub what: ChainDefect,
    /// The number of the seal.
    pub seal: u64,
    /// The event, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

impl VerificationFinding {
    /// A finding about a seal.
    #[must_use]
    pub const fn of_seal(what: ChainDefect, seal: u64) -> Self {
        Self { what, seal, event: None }
    }

    fn of_event(what: ChainDefect, seal: u64, event: &EventId) -> Self {
        Self { what, seal, event: Some(event.clone()) }
    }
}

/// The progress of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainWalk {
    org: Org,
    /// The place that comes next.
    expected: u64,
    /// The seal at the previous place, if it is intact.
    last: Option<Seal>,
    /// The last event that the seals so far fix.
    reached: Option<EventId>,
}

/// The range in which the events of one seal are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// From the beginning of the audit log.
    Beginning,
    /// After this event.
    Behind(EventId),
    /// From this event on, since the events before it are not known.
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

    /// Where the events begin that no seal fixes yet.
    #[must_use]
    pub fn unsealed_since(&self) -> Since {
        self.reached.clone().map_or(Since::Beginning, Since::Behind)
    }

    /// Verifies the next seal as it was read from its place in the table, `None` if the item cannot be read as a
    /// seal. Returns the findings and, if its events can be compared, the range to read them from.
    pub fn step(&mut self, place: u64, seal: Option<&Seal>) -> (Option<Since>, Vec<VerificationFinding>) {
        // A forged number must not make this loop long.
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

/// When an event's id was drawn: a `UUIDv7` begins with the milliseconds since 1970 (RFC 9562, section
/// 5.7).
#[must_use]
pub fn drawn_at(id: &EventId) -> UtcTime {
    let digits = id.as_str().get(3..15).unwrap_or_default();
    UtcTime::from_unix_ms(i64::from_str_radix(digits, 16).unwrap_or(0))
}

/// A noted seal: its number and hash, written `12:3f…`. A person who keeps one can find out whether the end of a
/// chain was removed, which the table alone cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KnownHead {
    /// The seal's number.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
}

/// Text that is not a noted seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a seal's number and hash, such as 12:3f… with 64 hexadecimal digits")]
pub struct KnownHeadError;

impl TryFrom<String> for KnownHead {
    type Error = KnownHeadError;

    fn try_from(text: String) -> Result<Self, KnownHeadError> {
        let (number, hash) = text.split_once(':').ok_or(KnownHeadError)?;
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        match (plain, number.parse(), hash.parse()) {
            (true, Ok(number), Ok(hash)) => Ok(Self { number, hash }),
            _ => Err(KnownHeadError),
        }
    }
}

impl From<KnownHead> for String {
    fn from(noted: KnownHead) -> Self {
        format!("{}:{}", noted.number, noted.hash)
    }
}

impl From<&Seal> for KnownHead {
    fn from(seal: &Seal) -> Self {
        Self { number: seal.number, hash: seal.hash }
    }
}

impl KnownHead {
    /// The findings of comparing the note with the seal at its place, if that can be read.
    #[must_use]
    pub fn contradicted_by(&self, seal: Option<&Seal>) -> Option<VerificationFinding> {
        match seal {
            None => Some(VerificationFinding::of_seal(ChainDefect::SealMissing, self.number)),
            Some(seal) if seal.true_hash() != self.hash => {
                Some(VerificationFinding::of_seal(ChainDefect::SealAltered, self.number))
            }
            Some(_) => None,
        }
    }
}

/// How many missing seals in a row are listed one by one.
const MAX_MISSING: u64 = 20;

/// Compares the events that a seal fixed with the present ones.
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

#[cfg(test)]
mod tests;
