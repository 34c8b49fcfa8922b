//! One operation of a transaction: an item, what is written there, and on which conditions.

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

/// Finishes a builder with the table and the condition. The SDK's builders name these alike and share no trait.
macro_rules! on_condition {
    ($builder:expr, $table:expr, $condition:expr) => {{
        let Condition { expression, names, values } = $condition;
        $builder
            .table_name($table)
            .set_condition_expression((!expression.is_empty()).then_some(expression))
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
    }};
}

impl Operation {
    /// The operation as one item of the transaction on a table.
    pub(super) fn write_item(&self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let conditions = self.conditions.iter().map(|(_, condition)| condition.clone());
        let mut condition = Condition::all(conditions).unwrap_or_default();
        let key = Some(self.key.attributes());
        let item = TransactWriteItem::builder();
        let built = match self.write.clone() {
            Some(Write::Put(entity)) => {
                on_condition!(Put::builder().set_item(Some(entity)), table, condition).map(|put| item.put(put))
            }
            Some(Write::Add { attribute, delta }) => {
                condition.names.insert("#counted".to_owned(), attribute.to_owned());
                condition.values.insert(":delta".to_owned(), AttributeValue::N(delta.to_string()));
                let update = Update::builder().set_key(key).update_expression("ADD #counted :delta");
                on_condition!(update, table, condition).map(|update| item.update(update))
            }
            Some(Write::Delete) => {
                on_condition!(Delete::builder().set_key(key), table, condition).map(|delete| item.delete(delete))
            }
            Some(Write::Count(tally)) => tally.update(table).build().map(|update| item.update(update)),
            None => on_condition!(ConditionCheck::builder().set_key(key), table, condition)
                .map(|check| item.condition_check(check)),
        };
        built.map(|item| item.build()).map_err(|error| StoreError::Unexpected(error.to_string()))
    }
}

pub(super) fn is_absent() -> (Purpose, Condition) {
    (Purpose::Absent, Condition::absent())
}

pub(super) fn is_at(version: u64) -> (Purpose, Condition) {
    (Purpose::Unchanged { version }, Condition::at(version))
}
