//! Events on their way out. Each call acts for the stack itself, names what it works on, and touches
//! nothing else.

use domain::{Event, EventId, Org, UtcTime};

use super::Store;
use crate::{
    batch_get::BatchGet,
    error::StoreError,
    item::{Item, from_item, is_a, text},
    keys::{self, OutboxEntry},
    listing::Listing,
};

impl Store {
    /// One event, for a consumer that was told only its id. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_by_id(&self, org: &Org, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.get(keys::event(org, id)).await
    }

    /// Reads the event out of a stream record's new image; `None` when the record is of something
    /// else.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] for an event that does not read as one.
    pub fn event_of_image(image: serde_dynamo::Item) -> Result<Option<Event>, StoreError> {
        let item: Item = image.into();
        if is_a::<Event>(&item) { Ok(Some(from_item(item)?)) } else { Ok(None) }
    }

    /// Where in the record a stream record's key stands, if it is the key of an event or a seal: partition and sort key.
    #[must_use]
    pub fn place_in_the_record(keys: serde_dynamo::Item) -> Option<(String, String)> {
        let keys: Item = keys.into();
        let (pk, sk) = (text(&keys, "pk")?, text(&keys, "sk")?);
        keys::is_in_the_record(&pk).then_some((pk, sk))
    }

    /// Takes an event off the outbox once it has left. Idempotent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn leave_outbox(&self, event: &EventId) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::outbox(event).raw.attributes()))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::from_sdk)
    }

    /// Reads a page of the outbox: up to 100 entries, the oldest of their partition first, and the events that they name.
    /// Each is read by itself, so that one that does not read hides no other. One strongly consistent `Query` and one
    /// `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`] when the table did not answer.
    pub async fn outbox_page(&self, place: OutboxPlace, before: UtcTime) -> Result<OutboxPage, StoreError> {
        let OutboxPlace { listing, start } = place;
        let (items, last) = self.query_items(&listing, PAGE, start).await?;
        let mut page =
            OutboxPage { next: last.map(|last| OutboxPlace { listing, start: Some(last) }), ..Default::default() };
        let mut wanted = Vec::new();
        for item in items {
            let sk = text(&item, "sk").unwrap_or_default();
            match from_item::<OutboxEntry>(item) {
                Ok(entry) if entry.at < before => wanted.push((keys::event(&entry.org, &entry.event), sk)),
                Ok(_) => {}
                Err(error) => page.unreadable.push(format!("{sk}: {error}")),
            }
        }
        let mut raw = Vec::new();
        wanted.iter().for_each(|(key, _)| key.keys(&mut raw));
        let mut found = self.batch_get(raw).await?;
        for (key, sk) in wanted {
            match key.take(&mut found) {
                Ok(Some(event)) => page.events.push(event),
                Ok(None) => page.unreadable.push(format!("{sk}: the event is not there")),
                Err(error) => page.unreadable.push(format!("{sk}: {error}")),
            }
        }
        Ok(page)
    }
}

/// How many entries of the outbox are read at once.
const PAGE: u16 = 100;

/// A part of the outbox.
#[derive(Debug)]
pub struct OutboxPlace {
    listing: Listing<OutboxEntry>,
    start: Option<Item>,
}

impl OutboxPlace {
    /// The beginning of each partition.
    pub fn beginnings() -> impl Iterator<Item = Self> {
        keys::outbox_entries().map(|listing| Self { listing, start: None })
    }
}

/// What waits in a part of the outbox.
#[derive(Debug, Default)]
pub struct OutboxPage {
    /// The events recorded before the time that was asked for, the oldest first.
    pub events: Vec<Event>,
    /// What does not read as an entry or an event, and why: the key of the entry, and the error.
    pub unreadable: Vec<String>,
    /// Where the next page begins.
    pub next: Option<OutboxPlace>,
}
