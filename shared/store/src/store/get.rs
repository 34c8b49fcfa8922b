//! Batch reads by key.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::Store;
use crate::{
    batch_get::{BatchGet, FoundItems, RawKeyList},
    error::StoreError,
    item::{Item, ItemsByKey, RawKey},
    retry::BACKOFF,
};

/// `BatchGetItem` takes at most this many keys.
const MAX_BATCH: usize = 100;
/// How often keys that DynamoDB left unprocessed are asked for again.
const MAX_BATCH_ROUNDS: u32 = 5;

impl Store {
    pub(crate) async fn get<W: BatchGet>(&self, wanted: W) -> Result<W::Found, StoreError> {
        let mut keys = Vec::new();
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        wanted.take(&mut found)
    }

    /// As [`Store::get`] at half the cost: a write of the last moment may not be seen yet.
    pub(crate) async fn get_eventually<W: BatchGet>(&self, wanted: W) -> Result<W::Found, StoreError> {
        let mut keys = Vec::new();
        wanted.keys(&mut keys);
        let mut found = self.batch_get_with(keys, false).await?;
        wanted.take(&mut found)
    }

    /// Reads items by key: strongly consistent `BatchGetItem`s of up to 100 keys, one after the other.
    pub(super) async fn batch_get(&self, keys: Vec<RawKeyList>) -> Result<FoundItems, StoreError> {
        self.batch_get_with(keys, true).await
    }

    async fn batch_get_with(&self, keys: Vec<RawKeyList>, is_strong: bool) -> Result<FoundItems, StoreError> {
        let mut keys: Vec<RawKey> = keys.into_iter().map(|key| key.0).collect();
        // DynamoDB refuses a batch that names a key twice.
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        let mut found = ItemsByKey::with_capacity(keys.len());
        for batch in keys.chunks(MAX_BATCH) {
            let mut pending: Vec<Item> = batch.iter().map(RawKey::attributes).collect();
            let mut round = 0;
            while !pending.is_empty() {
                if round == MAX_BATCH_ROUNDS {
                    return Err(StoreError::Unavailable("unprocessed keys".to_owned()));
                }
                BACKOFF.wait_after(round).await;
                round += 1;
                let wanted = KeysAndAttributes::builder()
                    .set_keys(Some(pending))
                    .consistent_read(is_strong)
                    .build()
                    .map_err(|error| StoreError::Unexpected(error.to_string()))?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, wanted)
                    .send()
                    .await
                    .map_err(StoreError::from_sdk)?;
                for item in answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                    if let Some(key) = RawKey::of(&item) {
                        found.insert(key, item);
                    }
                }
                pending = answer
                    .unprocessed_keys
                    .unwrap_or_default()
                    .remove(&self.table)
                    .map(|unprocessed| unprocessed.keys)
                    .unwrap_or_default();
            }
        }
        Ok(FoundItems(found))
    }
}
