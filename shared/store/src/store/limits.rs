//! Counting by itself, outside of a change.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

use super::Store;
use crate::{
    condition::Condition,
    error::StoreError,
    limits::{EXPRESSION, Tally},
};

impl Store {
    /// Counts by itself, for what does more than one change, or none: one conditional `UpdateItem`.
    /// What is part of one change counts in it, see [`crate::Change::count`].
    ///
    /// # Errors
    /// [`StoreError::Limited`] when that would be more than is allowed; nothing is counted then.
    pub async fn count(&self, tally: &Tally) -> Result<(), StoreError> {
        let Condition { expression, names, values } = tally.named();
        let counted = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(tally.key().attributes()))
            .update_expression(EXPRESSION)
            .condition_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        counted.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => tally.exceeded(),
            _ => StoreError::from_sdk(error),
        })
    }
}
