//! One operation of a transaction: an item, what is written there, and on which conditions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    self, AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::Org;

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
    Addressee(Check),
    Unchanged {
        version: u64,
    },
    Absent,
    /// The attribute is as it was read; `None` where it was absent.
    AsRead {
        attribute: &'static str,
        text: Option<String>,
    },
    OneRemains,
    Limit(Tally),
    /// There is room for what is added: the count was at most `room` before.
    Storage {
        org: Org,
        quota_bytes: u64,
        room: i64,
    },
    Idempotency(Idempotency),
}

#[derive(Debug, Clone)]
pub(super) enum Write {
    Put(Item),
    Update(Update),
    Delete,
    Count(Tally),
    Add(Added),
}

/// Bytes that are added to a count of stored bytes; fewer than none where a document goes.
#[derive(Debug, Clone)]
pub(super) struct Added {
    pub(super) bytes: i64,
    /// The `entity` attribute of a count that is not there yet.
    pub(super) entity: &'static str,
}

impl Added {
    fn expression(self, names: &mut HashMap<String, String>, values: &mut HashMap<String, AttributeValue>) -> String {
        for (name, attribute) in [("#entity", "entity"), ("#v", "v"), ("#bytes", "bytes")] {
            names.insert(name.to_owned(), attribute.to_owned());
        }
        values.insert(":entity".to_owned(), AttributeValue::S(self.entity.to_owned()));
        values.insert(":v".to_owned(), AttributeValue::N("1".to_owned()));
        values.insert(":added".to_owned(), AttributeValue::N(self.bytes.to_string()));
        "SET #entity = :entity, #v = :v ADD #bytes :added".to_owned()
    }
}

/// What is changed of an item, the rest of which stays as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Update {
    /// A number, and what is added to it.
    pub(super) count: Option<(&'static str, i8)>,
    /// Texts by attribute; `None` takes the attribute away.
    pub(super) texts: Vec<(&'static str, Option<String>)>,
    /// The name and schema version of an entity that may not be there yet: the update makes it. Its `version` counts
    /// the update.
    pub(super) makes: Option<(&'static str, u8)>,
}

impl Update {
    /// The update expression, with its placeholders put among the others.
    fn expression(self, names: &mut HashMap<String, String>, values: &mut HashMap<String, AttributeValue>) -> String {
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        for (n, (attribute, text)) in self.texts.into_iter().enumerate() {
            names.insert(format!("#u{n}"), attribute.to_owned());
            match text {
                Some(text) => {
                    values.insert(format!(":u{n}"), AttributeValue::S(text));
                    set.push(format!("#u{n} = :u{n}"));
                }
                None => removed.push(format!("#u{n}")),
            }
        }
        let mut added = Vec::new();
        if let Some((attribute, delta)) = self.count {
            names.insert("#counted".to_owned(), attribute.to_owned());
            values.insert(":delta".to_owned(), AttributeValue::N(delta.to_string()));
            added.push("#counted :delta".to_owned());
        }
        if let Some((entity, schema)) = self.makes {
            for name in ["entity", "v", "version"] {
                names.insert(format!("#made_{name}"), name.to_owned());
            }
            values.insert(":made_entity".to_owned(), AttributeValue::S(entity.to_owned()));
            values.insert(":made_v".to_owned(), AttributeValue::N(schema.to_string()));
            values.insert(":made_one".to_owned(), AttributeValue::N("1".to_owned()));
            set.extend(["#made_entity = :made_entity".to_owned(), "#made_v = :made_v".to_owned()]);
            added.push("#made_version :made_one".to_owned());
        }
        let clause =
            |keyword: &str, parts: Vec<String>| (!parts.is_empty()).then(|| format!("{keyword} {}", parts.join(", ")));
        let clauses = [clause("SET", set), clause("REMOVE", removed), clause("ADD", added)];
        clauses.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
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
            Some(Write::Update(update)) => {
                let update = update.expression(&mut condition.names, &mut condition.values);
                let update = types::Update::builder().set_key(key).update_expression(update);
                on_condition!(update, table, condition).map(|update| item.update(update))
            }
            Some(Write::Add(added)) => {
                let update = added.expression(&mut condition.names, &mut condition.values);
                let update = types::Update::builder().set_key(key).update_expression(update);
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

/// The attribute is as it was read.
pub(super) fn is_as_read(attribute: &'static str, text: Option<String>) -> (Purpose, Condition) {
    let condition = match text.clone() {
        Some(text) => Condition::new("#read = :read").value(":read", AttributeValue::S(text)),
        None => Condition::new("attribute_exists(pk) AND attribute_not_exists(#read)"),
    };
    (Purpose::AsRead { attribute, text }, condition.name("#read", attribute))
}

pub(super) fn is_at(version: u64) -> (Purpose, Condition) {
    (Purpose::Unchanged { version }, Condition::at(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_that_makes_its_item_leaves_an_entity_that_reads() {
        let update = Update { count: Some(("accepted", 1)), texts: Vec::new(), makes: Some(("invitation_record", 1)) };
        let (mut names, mut values) = (HashMap::new(), HashMap::new());
        let expression = update.expression(&mut names, &mut values);
        let (set, added) = expression.split_once(" ADD ").unwrap();
        assert_eq!(set, "SET #made_entity = :made_entity, #made_v = :made_v");
        assert_eq!(added, "#counted :delta, #made_version :made_one");
        assert_eq!((names["#counted"].as_str(), names["#made_version"].as_str()), ("accepted", "version"));
        assert_eq!(values[":made_entity"], AttributeValue::S("invitation_record".to_owned()));
    }
}
