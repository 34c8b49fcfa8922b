//! One operation of a transaction: an item, what is written there, and on which conditions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::{
    authority::Check,
    condition::Condition,
    error::StoreError,
    idempotency::Idempotency,
    item::{Item, RawKey},
    limits::Tally,
};

/// Why an item of the transaction is conditional: what a failure means.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    Authority(Check),
    Inviter(Check),
    Unchanged { version: u64 },
    Absent,
    OneRemains,
    Limit(Tally),
    Idempotency(Idempotency),
}

#[derive(Debug, Clone)]
pub(super) enum Write {
    Put(Item),
    Add { attribute: &'static str, delta: i8 },
    Delete,
    Count(Tally),
}

#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) key: RawKey,
    pub(super) write: Option<Write>,
    pub(super) conditions: Vec<(Purpose, Condition)>,
}

impl Operation {
    /// The operation as one item of the transaction on a table.
    pub(super) fn write_item(&self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let condition = Condition::all(self.conditions.iter().map(|(_, condition)| condition.clone()));
        let (expression, mut names, mut values) = match condition {
            Some(c) => (Some(c.expression), c.names, c.values),
            None => (None, HashMap::new(), HashMap::new()),
        };
        let some = |map: HashMap<String, _>| (!map.is_empty()).then_some(map);
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let built = match self.write.clone() {
            Some(Write::Put(item)) => Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build()),
            Some(Write::Add { attribute, delta }) => {
                names.insert("#counted".to_owned(), attribute.to_owned());
                values.insert(":delta".to_owned(), AttributeValue::N(delta.to_string()));
                Update::builder()
                    .table_name(table)
                    .set_key(Some(self.key.attributes()))
                    .update_expression("ADD #counted :delta")
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(Some(names))
                    .set_expression_attribute_values(some(values))
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map(|update| TransactWriteItem::builder().update(update).build())
            }
            Some(Write::Delete) => Delete::builder()
                .table_name(table)
                .set_key(Some(self.key.attributes()))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build()),
            Some(Write::Count(tally)) => {
                tally.update(table).build().map(|update| TransactWriteItem::builder().update(update).build())
            }
            None => ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(self.key.attributes()))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|check| TransactWriteItem::builder().condition_check(check).build()),
        };
        built.map_err(|error| StoreError::Unexpected(error.to_string()))
    }
}

pub(super) fn is_absent() -> (Purpose, Condition) {
    (Purpose::Absent, Condition::absent())
}

pub(super) fn is_at(version: u64) -> (Purpose, Condition) {
    (Purpose::Unchanged { version }, Condition::at(version))
}
