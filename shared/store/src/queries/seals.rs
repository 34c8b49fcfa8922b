//! Reading a tenant's seals, and the digests of the events that they fix.

use domain::{
    EventId, UtcTime,
    seal::{Seal, SealedEvent, Since},
};

use super::Queries;
use crate::{
    error::StoreError,
    event_digest::digest,
    item::{Item, RawKey, from_item},
    keys,
    listing::Listing,
};

/// The most events that one call reads.
const MAX_LOOKED_AT: usize = 1000;

/// A seal as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedSeal {
    /// The number that its key says.
    pub place: u64,
    /// The seal; `None` where the item does not read as one.
    pub seal: Option<Seal>,
}

/// The events that one call found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventScan {
    /// The events, in the order of their ids.
    pub events: Vec<SealedEvent>,
    /// Whether there are more than were read.
    pub more: bool,
}

impl Queries<'_> {
    /// Reads up to `limit` (1–100) of the tenant's seals from a number on, in the order of the chain: one
    /// strongly consistent `Query`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seals(&self, from: u64, limit: u16) -> Result<Vec<PlacedSeal>, StoreError> {
        let (items, _) = self.store.query_items(&self.tenant.seals(from), limit, None).await?;
        Ok(items.into_iter().filter_map(placed).collect())
    }

    /// Reads the tenant's newest seal: one strongly consistent `Query`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_seal(&self) -> Result<Option<PlacedSeal>, StoreError> {
        let (items, _) = self.store.query_items(&self.tenant.newest_seals(), 1, None).await?;
        Ok(items.into_iter().next().and_then(placed))
    }

    /// Digests the tenant's events since somewhere, up to and including `to`: strongly consistent
    /// `Query`s of up to 100 events, ten at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_between(&self, since: &Since, to: &EventId) -> Result<EventScan, StoreError> {
        self.scan(&self.tenant.events_between(since, to), MAX_LOOKED_AT).await
    }

    /// Digests up to `most` of the tenant's events since somewhere whose ids were drawn before a time:
    /// strongly consistent `Query`s of up to 100 events, ten at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_drawn(&self, since: &Since, before: UtcTime, most: usize) -> Result<EventScan, StoreError> {
        self.scan(&self.tenant.events_drawn(since, before), most).await
    }

    async fn scan<T>(&self, listing: &Listing<T>, most: usize) -> Result<EventScan, StoreError> {
        let mut events = Vec::new();
        let mut start = None;
        let most = most.min(MAX_LOOKED_AT);
        loop {
            let left = most.saturating_sub(events.len());
            if left == 0 {
                return Ok(EventScan { events, more: true });
            }
            let limit = u16::try_from(left.min(100)).unwrap_or(100);
            let (items, last) = self.store.query_items(listing, limit, start).await?;
            for item in items {
                events.push(fixed(&item)?);
            }
            if last.is_none() {
                return Ok(EventScan { events, more: false });
            }
            start = last;
        }
    }
}

fn placed(item: Item) -> Option<PlacedSeal> {
    let place = keys::place_of(&RawKey::of(&item)?.sk)?;
    Some(PlacedSeal { place, seal: from_item(item).ok() })
}

/// An event as a seal fixes it: by everything that is stored of it, its keys included.
fn fixed(item: &Item) -> Result<SealedEvent, StoreError> {
    let id = RawKey::of(item).and_then(|key| keys::event_id(&key.sk));
    let id = id.ok_or_else(|| StoreError::Unexpected("an event's key names no event".to_owned()))?;
    Ok(SealedEvent { id, digest: digest(item) })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    #[test]
    fn what_is_no_seal_is_told_by_its_place() {
        let broken = Item::from(
            [("pk", "p"), ("sk", "SEAL#00000000000000000007"), ("entity", "seal")]
                .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))),
        );
        assert_eq!(placed(broken), Some(PlacedSeal { place: 7, seal: None }));
    }
}
