//! Adds seals to a chain.

use domain::{
    Org, UtcTime,
    seal::{MAX_EVENTS, Seal, SealedEvent, Since},
};
use store::{Authority, PlacedSeal, Store, StoreError};

use crate::{ChainError, key::SealKey};

/// The most seals that one run adds to one chain; the rest waits for the next.
const MAX_SEALS: usize = 32;

/// The result of a run for one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// The number of seals added.
    pub seals: usize,
    /// The number of events that they cover.
    pub events: usize,
    /// Whether there are events that no seal covers yet.
    pub is_more: bool,
}

/// The end of the chain, and the events behind it.
struct Tail {
    last: Option<PlacedSeal>,
    events: Vec<SealedEvent>,
    is_more: bool,
}

/// Seals a tenant's events whose ids were drawn before `settled`, at most 32 seals of 64 events.
///
/// Of two concurrent runs, one fails to write its seal and leaves the rest to the other: the chain does not
/// fork.
///
/// # Errors
/// [`ChainError`]; the seals that were written stay.
pub async fn seal_tenant(
    store: &Store,
    key: &SealKey,
    org: &Org,
    settled: UtcTime,
    now: UtcTime,
) -> Result<Sealed, ChainError> {
    let mut done = Sealed::default();
    let mut tail = read_tail(store, org, None, settled, now).await?;
    for _ in 0..MAX_SEALS {
        let last = match &tail.last {
            None => None,
            Some(PlacedSeal { seal: Some(seal), place }) if seal.number == *place => Some(seal.clone()),
            // A new seal after an altered one would give the forgery a signature.
            Some(PlacedSeal { place, .. }) => {
                tracing::error!(%org, place, "the last seal is not what it was; nothing is sealed behind it");
                return Ok(Sealed { is_more: true, ..done });
            }
        };
        if let Some(last) = &last
            && (last.hash != last.true_hash() || last.org != *org)
        {
            tracing::error!(%org, number = last.number, "the last seal was altered; nothing is sealed behind it");
            return Ok(Sealed { is_more: true, ..done });
        }
        let Some(seal) = Seal::next(org, last.as_ref(), &tail.events, now) else {
            return Ok(Sealed { is_more: tail.is_more, ..done });
        };
        let seal = key.sign(seal).await?;
        if !store.append_seal(&seal).await? {
            tracing::info!(%org, "another run sealed first");
            return Ok(Sealed { is_more: true, ..done });
        }
        // The log keeps the head of the chain outside the table: rewriting the table does not rewrite the log.
        tracing::info!(%org, number = seal.number, hash = %seal.hash, events = seal.count, "sealed");
        done = Sealed { seals: done.seals + 1, events: done.events + seal.events.len(), is_more: true };
        tail = read_tail(store, org, Some(seal), settled, now).await?;
    }
    Ok(done)
}

/// Reads the events after the last seal: the settled ones, and whether there are others, which are too
/// young.
async fn read_tail(
    store: &Store,
    org: &Org,
    last: Option<Seal>,
    settled: UtcTime,
    now: UtcTime,
) -> Result<Tail, StoreError> {
    store
        .query_authorized(&Authority::System(org.clone()), now, async |queries| {
            let last = match last {
                Some(seal) => Some(PlacedSeal { place: seal.number, seal: Some(seal) }),
                None => queries.newest_seal().await?,
            };
            let reached = last.as_ref().and_then(|placed| placed.seal.as_ref()).map(|seal| seal.to.clone());
            let since = reached.map_or(Since::Beginning, Since::Behind);
            let found = queries.events_drawn(&since, settled, MAX_EVENTS).await?;
            let is_more = if found.events.is_empty() {
                // Any event that is not sealed yet makes the tenant wait for the next run; clocks may run ahead.
                !queries.events_drawn(&since, FAR, 1).await?.events.is_empty()
            } else {
                true
            };
            Ok(Tail { last, events: found.events, is_more })
        })
        .await
}

/// Behind every id that is ever drawn: the 48 bits of a `UUIDv7`'s time end in the year 10889.
const FAR: UtcTime = UtcTime::LATEST;
