//! Items: an entity's attributes, plus keys, entity type and schema version.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The items that a batch read found, by key.
pub(crate) type ItemsByKey = HashMap<RawKey, Item>;

/// A primary key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RawKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

impl RawKey {
    /// The key as attributes of an item.
    pub(crate) fn attributes(&self) -> Item {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// The key of an item.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: text(item, "pk")?, sk: text(item, "sk")? })
    }
}

/// An attribute that is text.
pub(crate) fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned()
}

/// Where a list of items is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The table itself.
    Table,
    /// The inverse index.
    Gsi1,
    /// The sparse look-up index.
    Gsi2,
}

impl Source {
    /// The attributes that hold partition and sort key.
    pub(crate) const fn key_names(self) -> (&'static str, &'static str) {
        match self {
            Self::Table => ("pk", "sk"),
            Self::Gsi1 => ("gsi1pk", "gsi1sk"),
            Self::Gsi2 => ("gsi2pk", "gsi2sk"),
        }
    }

    /// Whether it is the table itself, which can be read consistently.
    pub(crate) const fn is_table(self) -> bool {
        matches!(self, Self::Table)
    }

    /// The index; `None` for the table itself.
    pub(crate) const fn index_name(self) -> Option<&'static str> {
        match self {
            Self::Table => None,
            Self::Gsi1 => Some("gsi1"),
            Self::Gsi2 => Some("gsi2"),
        }
    }
}

/// Where an index finds an item: made by the template of the index key, and by nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    pub(crate) source: Source,
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// The keys under which an item is found besides its own, and when it may be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indexes {
    pub(crate) entries: Vec<IndexEntry>,
    ttl_unix_s: Option<i64>,
}

impl From<IndexEntry> for Indexes {
    fn from(entry: IndexEntry) -> Self {
        Self { entries: vec![entry], ttl_unix_s: None }
    }
}

impl From<Option<IndexEntry>> for Indexes {
    fn from(entry: Option<IndexEntry>) -> Self {
        Self { entries: entry.into_iter().collect(), ttl_unix_s: None }
    }
}

impl Indexes {
    /// Adds an entry in another index.
    #[must_use]
    pub(crate) fn and(mut self, entry: impl Into<Option<IndexEntry>>) -> Self {
        self.entries.extend(entry.into());
        self
    }

    /// Lets DynamoDB delete the item after a time, in Unix seconds. Clean-up only: never decides expiry.
    #[must_use]
    pub(crate) const fn until(unix_s: i64) -> Self {
        Self { entries: Vec::new(), ttl_unix_s: Some(unix_s) }
    }
}

/// Something kept in the table.
pub trait Entity: Serialize + DeserializeOwned {
    /// The `entity` attribute.
    const ENTITY: &'static str;
    /// The schema version this code writes, in attribute `v`.
    const VERSION: u8 = 1;

    /// The keys under which an index finds it, and when it may be deleted.
    fn indexes(&self) -> Indexes {
        Indexes::default()
    }
}

/// An entity that does not become an item, or an item that is not the entity asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ItemError(String);

/// Attributes kept as string sets, so that `contains(grants, :permission)` works.
const STRING_SETS: [&str; 1] = ["grants"];

/// Makes the item of an entity.
///
/// # Errors
/// [`ItemError`] when the entity does not serialize to a map.
pub(crate) fn to_item<T: Entity>(key: &RawKey, entity: &T) -> Result<Item, ItemError> {
    to_item_in(key, entity, entity.indexes())
}

/// As [`to_item`], for an entity whose index entries depend on more than itself.
///
/// # Errors
/// As [`to_item`].
pub(crate) fn to_item_in<T: Entity>(key: &RawKey, entity: &T, indexes: Indexes) -> Result<Item, ItemError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(|error| ItemError(format!("{}: {error}", T::ENTITY)))?;
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
    item.extend(key.attributes());
    item.insert("entity".to_owned(), AttributeValue::S(T::ENTITY.to_owned()));
    item.insert("v".to_owned(), AttributeValue::N(T::VERSION.to_string()));
    for IndexEntry { source, pk, sk } in indexes.entries {
        let (pk_name, sk_name) = source.key_names();
        item.insert(pk_name.to_owned(), AttributeValue::S(pk));
        item.insert(sk_name.to_owned(), AttributeValue::S(sk));
    }
    if let Some(ttl) = indexes.ttl_unix_s {
        item.insert("ttl".to_owned(), AttributeValue::N(ttl.to_string()));
    }
    Ok(item)
}

/// Whether an item holds a `T`.
pub(crate) fn is_a<T: Entity>(item: &Item) -> bool {
    text(item, "entity").as_deref() == Some(T::ENTITY)
}

/// Reads an entity back.
///
/// # Errors
/// [`ItemError`] when the item is of another entity, or lacks attributes.
pub(crate) fn from_item<T: Entity>(item: Item) -> Result<T, ItemError> {
    if !is_a::<T>(&item) {
        let found = text(&item, "entity").unwrap_or_default();
        return Err(ItemError(format!("found {found} in place of {}", T::ENTITY)));
    }
    serde_dynamo::from_item(item).map_err(|error| ItemError(format!("{}: {error}", T::ENTITY)))
}
