//! Lists: one `Query` a page, with a bound.

use std::marker::PhantomData;

use domain::{UtcTime, time::Day};

use crate::{cursor::Cursor, item::Source};

/// The largest page.
pub(crate) const MAX_PAGE: u16 = 100;
/// The default size of a page.
const DEFAULT_PAGE: u16 = 25;

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

    /// The text that names the list, its direction and its filter: a cursor is bound to it.
    pub(crate) fn name(&self) -> String {
        let direction = if self.forward { "" } else { "-" };
        let mut name = format!("{direction}{:?} {} {}", self.source, self.pk, self.prefix);
        if let Some((least, greatest)) = &self.range {
            name = format!("{name} {least} {greatest}");
        }
        if self.narrowed.is_empty() { name } else { format!("{name} only {}", self.narrowed) }
    }

    /// Whether a sort key is in the list. DynamoDB refuses to start anywhere else.
    pub(crate) fn holds(&self, sk: &str) -> bool {
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
