//! The outbox of events. Each call acts for the stack itself and touches only the items that it names.

use domain::{Event, EventId, Org, UtcTime};

use super::Store;
use crate::{
    error::StoreError,
    item::{Item, from_item, is_a},
    keys,
    listing::PageRequest,
};

impl Store {
    /// One event, for a consumer that has only its id. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_by_id(&self, org: &Org, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.get(keys::event(org, id)).await
    }

    /// Reads the event out of a stream record's new image; `None` if the record is no event.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] for an event that does not read as one.
    pub fn event_of_image(image: serde_dynamo::Item) -> Result<Option<Event>, StoreError> {
        let item: Item = image.into();
        if is_a::<Event>(&item) { Ok(Some(from_item(item)?)) } else { Ok(None) }
    }

    /// Removes an event from the outbox once it is on the bus. Idempotent.
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

    /// Events recorded before `before` that are still in the outbox, up to a page from each partition, the oldest
    /// first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn overdue_events(&self, before: UtcTime) -> Result<Vec<Event>, StoreError> {
        let mut overdue = Vec::new();
        for listing in keys::outbox_entries() {
            let page = self.query(&listing, &PageRequest::largest()).await?;
            for entry in page.items.into_iter().filter(|entry| entry.at < before) {
                overdue.push(keys::event(&entry.org, &entry.event));
            }
        }
        Ok(self.get(overdue).await?.into_iter().flatten().collect())
    }
}
