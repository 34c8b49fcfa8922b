//! Conditional puts of one item, outside of a tenant's change.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure};

use super::Store;
use crate::{
    condition::Condition,
    error::StoreError,
    item::{Entity, Item, to_item},
    keys::Key,
};

/// The result of a conditional put.
pub(crate) enum Put {
    /// The item is written.
    Written,
    /// The condition failed; the item that is there, if any.
    Refused(Option<Item>),
}

impl Store {
    /// Writes an entity if a condition holds: one `PutItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn put_if<T: Entity>(
        &self,
        key: &Key<T>,
        entity: &T,
        condition: Condition,
    ) -> Result<Put, StoreError> {
        let some = |map: std::collections::HashMap<_, _>| (!map.is_empty()).then_some(map);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&key.raw, entity)?))
            .condition_expression(condition.expression)
            .set_expression_attribute_values(some(condition.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Put::Written),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Put::Refused(failed.item().filter(|item| !item.is_empty()).cloned()))
                }
                _ => Err(StoreError::from_sdk(error)),
            },
        }
    }

    /// Writes an entity in place of whatever is there: one `PutItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn put_over<T: Entity>(&self, key: &Key<T>, entity: &T) -> Result<(), StoreError> {
        let item = to_item(&key.raw, entity)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        put.map(drop).map_err(StoreError::from_sdk)
    }

    /// Writes an entity: new when `expected` is `None`, else in place of that version. One `PutItem`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is there already, or was changed.
    pub(crate) async fn put_version<T: Entity>(
        &self,
        key: &Key<T>,
        expected: Option<u64>,
        entity: &T,
    ) -> Result<(), StoreError> {
        match self.put_if(key, entity, Condition::as_read(expected)).await? {
            Put::Written => Ok(()),
            Put::Refused(_) => Err(StoreError::Conflict),
        }
    }
}
