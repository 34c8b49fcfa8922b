//! The published keys that context tokens are verified with.

use super::Store;
use crate::{
    error::StoreError,
    item::{from_item, to_item},
    keys::{self, ContextKeys},
};

impl Store {
    /// The public keys that verify context tokens; none before the first token was signed. One
    /// `GetItem`, eventually consistent: also the cheap read that opens the connection.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn context_keys(&self) -> Result<Option<ContextKeys>, StoreError> {
        let key = keys::context_keys();
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.raw.attributes()))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(answer.item.map(from_item).transpose()?)
    }

    /// Publishes the public keys that verify context tokens. Only `switch-context` may.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn publish_context_keys(&self, published: &ContextKeys) -> Result<(), StoreError> {
        let key = keys::context_keys();
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&key.raw, published)?))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::from_sdk)
    }
}
