//! One link of a chain, and the events that it fixes.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::{
    id::{EventId, Org},
    time::UtcTime,
};

/// The most events that one seal fixes. Less than a page of the store, so that one query reads all
/// events of a seal and shows one too many.
pub const MAX_EVENTS: usize = 64;

/// The layout of what is hashed; another layout has another number.
const LAYOUT: &str = "countersign/seal/1";

/// An event as a seal fixes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedEvent {
    /// Which event.
    pub id: EventId,
    /// The digest over everything that is stored of it.
    pub digest: Digest,
}

/// One link of a tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Whose trail.
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

    /// Whether it is a seal of this tenant that does not contradict itself: its hash is that of its content, and its
    /// ends and its count are those of its events.
    #[must_use]
    pub fn is_whole(&self, org: &Org) -> bool {
        let ends = (self.events.first().map(|e| &e.id), self.events.last().map(|e| &e.id));
        self.org == *org
            && self.hash == self.true_hash()
            && ends == (Some(&self.from), Some(&self.to))
            && usize::try_from(self.count) == Ok(self.events.len())
    }
}

/// When an event's id was drawn: a `UUIDv7` begins with the milliseconds since 1970 (RFC 9562, section
/// 5.7).
#[must_use]
pub fn drawn_at(id: &EventId) -> UtcTime {
    let digits = id.as_str().get(3..15).unwrap_or_default();
    UtcTime::from_unix_ms(i64::from_str_radix(digits, 16).unwrap_or(0))
}
