//! Lists: one `Query` a page, with a bound, and an opaque cursor.

use std::{collections::HashMap, marker::PhantomData};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{UtcTime, time::Day};
use serde::{Deserialize, Serialize};

use crate::item::{Item, Source, text};

/// The largest page.
pub(crate) const MAX_PAGE: u16 = 100;
/// The default size of a page.
const DEFAULT_PAGE: u16 = 25;
/// The longest cursor taken, in bytes.
const MAX_CURSOR_BYTES: usize = 1024;

/// A list of `T`s: one partition, one sort key prefix or range, one direction.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    pub(crate) source: Source,
    pub(crate) pk: String,
    pub(crate) prefix: String,
    /// The least and the greatest sort key, both in the prefix. Default: all of the prefix.
    pub(crate) range: Option<(String, String)>,
    pub(crate) forward: bool,
    /// Whether a read of the table itself sees every write before it. Of an index none does.
    pub(crate) is_strong: bool,
    /// The filter of the entries; a cursor is bound to it.
    narrowed: String,
    entity: PhantomData<fn() -> T>,
}

impl<T> Listing<T> {
    pub(crate) const fn new(source: Source, pk: String, prefix: String) -> Self {
        Self {
            source,
            pk,
            prefix,
            range: None,
            forward: true,
            is_strong: source.is_table(),
            narrowed: String::new(),
            entity: PhantomData,
        }
    }

    pub(crate) fn newest_first(self) -> Self {
        self.backwards()
    }

    /// The same list from its end.
    #[must_use]
    pub fn backwards(mut self) -> Self {
        self.forward = false;
        self
    }

    /// The other way round: the oldest entry first.
    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.forward = true;
        self
    }

    /// Read at half the cost: a write of the last moment may not be seen yet, as in a list of an index.
    #[must_use]
    pub const fn eventually(mut self) -> Self {
        self.is_strong = false;
        self
    }

    /// Binds cursors to a filter, such as its digest: a cursor then opens no list with another filter.
    #[must_use]
    pub fn narrowed_to(mut self, what: String) -> Self {
        self.narrowed = what;
        self
    }

    /// Keeps to sort keys from `least` to `greatest`.
    pub(crate) fn between(mut self, least: String, greatest: String) -> Self {
        self.range = Some((least, greatest));
        self
    }

    /// Keeps to entries from one day to another, both included. The day is the first part of the sort key that the list
    /// leaves open.
    #[must_use]
    pub fn on_days(self, from: Option<Day>, until: Option<Day>) -> Self {
        if from.is_none() && until.is_none() {
            return self;
        }
        let least = from.map_or_else(|| self.prefix.clone(), |from| format!("{}{from}", self.prefix));
        // Behind everything that begins with the day: no key holds a tilde.
        let greatest = until.map_or_else(|| format!("{}~", self.prefix), |until| format!("{}{until}~", self.prefix));
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let greatest = if greatest < least { least.clone() } else { greatest };
        self.between(least, greatest)
    }

    /// Keeps to entries whose ids, the last part of the sort key, were drawn from `from` on and before `before`.
    /// `id_prefix` is what every such id begins with. A `UUIDv7` begins with the milliseconds since 1970, in 48 bits
    /// (RFC 9562, section 5.7).
    #[must_use]
    pub(crate) fn drawn(self, id_prefix: &str, from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
        if from.is_none() && before.is_none() {
            return self;
        }
        let ids = format!("{}{id_prefix}", self.prefix);
        let drawn_at = |at: UtcTime| format!("{ids}{:012x}", at.unix_ms().max(0));
        let least = from.map_or_else(|| ids.clone(), drawn_at);
        // Behind all ids: the letter after the hexadecimal digits.
        let greatest = before.map_or_else(|| format!("{ids}g"), drawn_at);
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let greatest = if greatest < least { least.clone() } else { greatest };
        self.between(least, greatest)
    }

    /// Whether a sort key is in the list. DynamoDB refuses to start anywhere else.
    fn holds(&self, sk: &str) -> bool {
        let in_range = |(least, greatest): &(String, String)| (least.as_str()..=greatest.as_str()).contains(&sk);
        sk.starts_with(&self.prefix) && self.range.as_ref().is_none_or(in_range)
    }
}

/// The part of a list to read: its size and where it begins.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    limit: Option<u16>,
    cursor: Option<Cursor>,
}

/// A limit outside 1–100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 1 and {MAX_PAGE}")]
pub struct LimitError;

impl PageRequest {
    /// Requests up to `limit` entries (1–100, default 25) from the cursor on.
    ///
    /// # Errors
    /// [`LimitError`].
    pub fn new(limit: Option<u16>, cursor: Option<Cursor>) -> Result<Self, LimitError> {
        match limit {
            Some(0 | 101..) => Err(LimitError),
            Some(_) | None => Ok(Self { limit, cursor }),
        }
    }

    /// The largest page from the start.
    #[must_use]
    pub const fn largest() -> Self {
        Self { limit: Some(MAX_PAGE), cursor: None }
    }

    /// The first entries, `limit` of them (1–100).
    #[must_use]
    pub const fn first(limit: u16) -> Self {
        let limit = match limit {
            0 => 1,
            1..=MAX_PAGE => limit,
            _ => MAX_PAGE,
        };
        Self { limit: Some(limit), cursor: None }
    }

    /// The same page, from the cursor on.
    #[must_use]
    pub fn starting_at(self, cursor: Cursor) -> Self {
        Self { cursor: Some(cursor), ..self }
    }

    /// At most `limit` entries of this page, from the cursor on.
    pub(crate) fn with(&self, limit: usize, cursor: Option<Cursor>) -> Self {
        Self { limit: Some(u16::try_from(limit).unwrap_or(MAX_PAGE).min(self.limit())), cursor }
    }

    pub(crate) fn limit(&self) -> u16 {
        self.limit.unwrap_or(DEFAULT_PAGE)
    }

    pub(crate) const fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

/// One page of a list, each entry with the cursor of what follows it: for a list that is put together
/// from several, where a page may end in the middle of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The entries.
    pub items: Vec<(T, Option<Cursor>)>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

/// Where a page starts: opaque to callers, bound to its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// A cursor of another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list")]
pub struct CursorError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    /// The list: source, partition, prefix and range.
    l: String,
    /// Primary key of the last entry.
    k: (String, String),
    /// Its sort key in the index, where the list is one of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<String>,
}

impl Cursor {
    /// Wraps a caller's text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// What to send to the caller.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn list<T>(listing: &Listing<T>) -> String {
        let direction = if listing.forward { "" } else { "-" };
        let mut list = format!("{direction}{:?} {} {}", listing.source, listing.pk, listing.prefix);
        if let Some((least, greatest)) = &listing.range {
            list = format!("{list} {least} {greatest}");
        }
        if listing.narrowed.is_empty() { list } else { format!("{list} only {}", listing.narrowed) }
    }

    pub(crate) fn after<T>(listing: &Listing<T>, last: &Item) -> Option<Self> {
        let (_, sk_name) = listing.source.key_names();
        let position = Position {
            l: Self::list(listing),
            k: (text(last, "pk")?, text(last, "sk")?),
            i: if listing.source == Source::Table { None } else { text(last, sk_name) },
        };
        serde_json::to_vec(&position).ok().map(|json| Self(URL_SAFE_NO_PAD.encode(json)))
    }

    /// Where a list of an index starts, for a page that goes on with it: the prefix itself sorts
    /// before every entry, and DynamoDB starts after a key whether or not it is there.
    pub(crate) fn before<T>(listing: &Listing<T>) -> Option<Self> {
        let start = listing.prefix.clone();
        let position = Position { l: Self::list(listing), k: (start.clone(), start.clone()), i: Some(start) };
        serde_json::to_vec(&position).ok().map(|json| Self(URL_SAFE_NO_PAD.encode(json)))
    }

    /// The key to start after. The list's partition is never taken from the cursor.
    pub(crate) fn start_key<T>(&self, listing: &Listing<T>) -> Result<Item, CursorError> {
        if self.0.len() > MAX_CURSOR_BYTES {
            return Err(CursorError);
        }
        let json = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| CursorError)?;
        let position: Position = serde_json::from_slice(&json).map_err(|_| CursorError)?;
        let (pk_name, sk_name) = listing.source.key_names();
        let well_placed = match (listing.source, &position.i) {
            (Source::Table, None) => position.k.0 == listing.pk && listing.holds(&position.k.1),
            (Source::Gsi1 | Source::Gsi2, Some(index_sk)) => listing.holds(index_sk),
            (Source::Table, Some(_)) | (Source::Gsi1 | Source::Gsi2, None) => false,
        };
        if position.l != Self::list(listing) || !well_placed {
            return Err(CursorError);
        }
        let mut key = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(position.k.0)),
            ("sk".to_owned(), AttributeValue::S(position.k.1)),
        ]);
        if let Some(index_sk) = position.i {
            key.insert(pk_name.to_owned(), AttributeValue::S(listing.pk.clone()));
            key.insert(sk_name.to_owned(), AttributeValue::S(index_sk));
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(pk: &str) -> Listing<()> {
        Listing::new(Source::Table, pk.to_owned(), "INVOICE#".to_owned())
    }

    fn item(pk: &str, sk: &str) -> Item {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(pk.to_owned())),
            ("sk".to_owned(), AttributeValue::S(sk.to_owned())),
        ])
    }

    /// Proves: 20
    #[test]
    fn a_cursor_opens_only_the_list_that_gave_it() {
        let cursor = Cursor::after(&listing("COMPANY#a"), &item("COMPANY#a", "INVOICE#1")).unwrap();
        assert!(cursor.start_key(&listing("COMPANY#a")).is_ok());
        assert_eq!(cursor.start_key(&listing("COMPANY#b")), Err(CursorError));
        let other: Listing<()> = Listing::new(Source::Table, "COMPANY#a".to_owned(), "PAYMENT#".to_owned());
        assert_eq!(cursor.start_key(&other), Err(CursorError));
    }

    /// Proves: 20
    #[test]
    fn a_cursor_stays_in_its_range() {
        let range = |least: &str| listing("COMPANY#a").between(least.to_owned(), "INVOICE#5".to_owned());
        let cursor = Cursor::after(&range("INVOICE#2"), &item("COMPANY#a", "INVOICE#3")).unwrap();
        assert!(cursor.start_key(&range("INVOICE#2")).is_ok());
        assert_eq!(cursor.start_key(&range("INVOICE#1")), Err(CursorError));
        assert_eq!(cursor.start_key(&listing("COMPANY#a")), Err(CursorError));
        // Forged: the right list, but a place outside of it.
        let forged = Cursor::after(&range("INVOICE#2"), &item("COMPANY#a", "INVOICE#6")).unwrap();
        assert_eq!(forged.start_key(&range("INVOICE#2")), Err(CursorError));
    }

    #[test]
    fn a_cursor_may_stand_before_a_list_of_an_index() {
        let list = |pk: &str| Listing::<()>::new(Source::Gsi2, pk.to_owned(), "INVITATION#".to_owned());
        let cursor = Cursor::before(&list("EMAIL#a")).unwrap();
        assert!(cursor.start_key(&list("EMAIL#a")).is_ok());
        assert_eq!(cursor.start_key(&list("EMAIL#b")), Err(CursorError));
    }

    #[test]
    fn garbage_is_no_cursor() {
        for text in ["", "x", "e30", &"A".repeat(5000)] {
            assert_eq!(Cursor::new(text.to_owned()).start_key(&listing("COMPANY#a")), Err(CursorError));
        }
    }
}
