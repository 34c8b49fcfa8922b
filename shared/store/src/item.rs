//! Items: an entity's attributes, plus keys, entity type and schema version.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::StoreError, keys::RawKey};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The keys under which an item is found besides its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indexes {
    /// Partition and sort key in `gsi1`, the inverse index.
    pub gsi1: Option<(String, String)>,
    /// Partition and sort key in `gsi2`, the sparse look-up index.
    pub gsi2: Option<(String, String)>,
    /// When DynamoDB may delete the item, in Unix seconds. Clean-up only: never decides expiry.
    pub ttl_unix_s: Option<i64>,
}

/// Something kept in the table.
pub trait Entity: Serialize + DeserializeOwned {
    /// The `entity` attribute.
    const ENTITY: &'static str;
    /// The schema version this code writes, in attribute `v`.
    const VERSION: u8 = 1;

    /// Where else it is found.
    fn indexes(&self) -> Indexes {
        Indexes::default()
    }
}

/// Attributes kept as string sets, so that `contains(grants, :permission)` works.
const STRING_SETS: [&str; 1] = ["grants"];

/// Makes the item of an entity.
///
/// # Errors
/// [`StoreError::Unexpected`] when the entity does not serialize to a map.
pub(crate) fn to_item<T: Entity>(key: &RawKey, entity: &T) -> Result<Item, StoreError> {
    let mut item: Item =
        serde_dynamo::to_item(entity).map_err(|error| StoreError::Unexpected(format!("{}: {error}", T::ENTITY)))?;
    for name in STRING_SETS {
        if let Some(AttributeValue::L(values)) = item.get(name) {
            let texts: Vec<String> = values.iter().filter_map(|v| v.as_s().ok().cloned()).collect();
            // DynamoDB has no empty set; an absent attribute reads back as the empty set.
            if texts.is_empty() {
                item.remove(name);
            } else {
                item.insert(name.to_owned(), AttributeValue::Ss(texts));
            }
        }
    }
    let mut text = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    text("pk", key.pk.clone());
    text("sk", key.sk.clone());
    text("entity", T::ENTITY.to_owned());
    let indexes = entity.indexes();
    if let Some((pk, sk)) = indexes.gsi1 {
        text("gsi1pk", pk);
        text("gsi1sk", sk);
    }
    if let Some((pk, sk)) = indexes.gsi2 {
        text("gsi2pk", pk);
        text("gsi2sk", sk);
    }
    item.insert("v".to_owned(), AttributeValue::N(T::VERSION.to_string()));
    if let Some(ttl) = indexes.ttl_unix_s {
        item.insert("ttl".to_owned(), AttributeValue::N(ttl.to_string()));
    }
    Ok(item)
}

/// Reads an entity back.
///
/// # Errors
/// [`StoreError::Unexpected`] when the item is of another entity or version, or lacks attributes.
pub(crate) fn from_item<T: Entity>(item: Item) -> Result<T, StoreError> {
    let is = |name: &str| item.get(name).and_then(|v| v.as_s().ok().cloned()).unwrap_or_default();
    if is("entity") != T::ENTITY {
        return Err(StoreError::Unexpected(format!("found {} in place of {}", is("entity"), T::ENTITY)));
    }
    serde_dynamo::from_item(item).map_err(|error| StoreError::Unexpected(format!("{}: {error}", T::ENTITY)))
}
