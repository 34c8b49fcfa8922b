//! The keys that every function reads at start.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Store, put::Put};
use crate::{
    condition::Condition,
    cursor_form::CursorForm,
    error::StoreError,
    item::from_item,
    keys::{self, ContextKeys},
};

impl Store {
    /// The public keys that verify context tokens, and the key of cursors, which the store keeps for itself too; none before
    /// the first token was signed. One `GetItem`, eventually consistent: also the cheap read that opens the connection.
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
        let published: Option<ContextKeys> = answer.item.map(from_item).transpose()?;
        if let Some(published) = &published {
            self.learn_cursor_key(published);
        }
        Ok(published)
    }

    /// Publishes the public keys that verify context tokens, and the key of cursors. Only `switch-context` may.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is another key of cursors already: it never changes.
    pub async fn publish_context_keys(&self, published: &ContextKeys) -> Result<(), StoreError> {
        let absent = "attribute_not_exists(cursor_key)";
        let condition = match &published.cursor_key {
            Some(own) => Condition::new(&format!("{absent} OR cursor_key = :cursor_key"))
                .value(":cursor_key", AttributeValue::S(own.clone().into())),
            None => Condition::new(absent),
        };
        match self.put_if(&keys::context_keys(), published, condition).await? {
            Put::Written => {
                self.learn_cursor_key(published);
                Ok(())
            }
            Put::Refused(_) => Err(StoreError::Conflict),
        }
    }

    fn learn_cursor_key(&self, published: &ContextKeys) {
        if let Some(key) = &published.cursor_key {
            // It never changes, so it does not matter who learned it first.
            let _: Result<(), _> = self.cursors.set(CursorForm::Sealed(key.clone()));
        }
    }
}
