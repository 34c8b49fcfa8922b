//! How cursors are written and read: the position in a list after one of its entries, readable or sealed.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::{
    cursor::{Cursor, CursorError, CursorKey},
    item::{Item, Source, text},
    listing::Listing,
};

/// The position in a list after one of its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// The name of the list; none in a sealed cursor, whose key is the list's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<String>,
    /// Primary key of the last entry.
    k: (String, String),
    /// Its sort key in the index, where the list is one of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<String>,
}

impl Position {
    /// After an entry, or after the key at which a query ended.
    pub(crate) fn after<T>(listing: &Listing<T>, last: &Item) -> Option<Self> {
        let (_, sk_name) = listing.source.key_names();
        let k = (text(last, "pk")?, text(last, "sk")?);
        let i = if listing.source == Source::Table { None } else { text(last, sk_name) };
        Some(Self { l: None, k, i })
    }

    /// Where a list of an index starts, for a page that goes on with it: the prefix itself sorts
    /// before every entry, and DynamoDB starts after a key whether or not it is there.
    pub(crate) fn before<T>(listing: &Listing<T>) -> Self {
        let start = listing.prefix.clone();
        Self { l: None, k: (start.clone(), start.clone()), i: Some(start) }
    }

    /// The key to start after. The list's partition is never taken from the cursor.
    fn start_key<T>(self, listing: &Listing<T>) -> Result<Item, CursorError> {
        let (pk_name, sk_name) = listing.source.key_names();
        let well_placed = match (listing.source, &self.i) {
            (Source::Table, None) => self.k.0 == listing.pk && listing.holds(&self.k.1),
            (Source::Gsi1 | Source::Gsi2, Some(index_sk)) => listing.holds(index_sk),
            (Source::Table, Some(_)) | (Source::Gsi1 | Source::Gsi2, None) => false,
        };
        if !well_placed {
            return Err(CursorError);
        }
        let mut key = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.k.0)),
            ("sk".to_owned(), AttributeValue::S(self.k.1)),
        ]);
        if let Some(index_sk) = self.i {
            key.insert(pk_name.to_owned(), AttributeValue::S(listing.pk.clone()));
            key.insert(sk_name.to_owned(), AttributeValue::S(index_sk));
        }
        Ok(key)
    }
}

/// How a store writes and reads cursors.
#[derive(Debug, Clone)]
pub(crate) enum CursorForm {
    /// Readable: of a function that no caller reaches, whose cursors never leave the stack.
    Open,
    /// Sealed with this key.
    Sealed(CursorKey),
}

impl CursorForm {
    /// The cursor of a position in a list; `None` where it cannot be written.
    pub(crate) fn write<T>(&self, listing: &Listing<T>, position: Position) -> Option<Cursor> {
        let bytes = match self {
            Self::Open => serde_json::to_vec(&Position { l: Some(listing.name()), ..position }).ok(),
            Self::Sealed(key) => key.seal(&listing.name(), serde_json::to_vec(&position).ok()?),
        };
        bytes.map(Cursor::from_bytes)
    }

    /// The key after which a page of the list starts.
    ///
    /// # Errors
    /// [`CursorError`] for a cursor of another list, or one that was changed.
    pub(crate) fn start_key<T>(&self, listing: &Listing<T>, cursor: &Cursor) -> Result<Item, CursorError> {
        let bytes = cursor.bytes()?;
        let (bytes, named) = match self {
            Self::Open => (bytes, Some(listing.name())),
            Self::Sealed(key) => (key.open(&listing.name(), &bytes).ok_or(CursorError)?, None),
        };
        let position: Position = serde_json::from_slice(&bytes).map_err(|_| CursorError)?;
        if position.l != named {
            return Err(CursorError);
        }
        position.start_key(listing)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    fn listing(pk: &str) -> Listing<()> {
        Listing::new(Source::Table, pk.to_owned(), "INVOICE#".to_owned())
    }

    fn forms() -> [CursorForm; 2] {
        [CursorForm::Open, CursorForm::Sealed(CursorKey::generate().unwrap())]
    }

    fn after(form: &CursorForm, listing: &Listing<()>, sk: &str) -> Cursor {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let last = HashMap::from([("pk".to_owned(), text(&listing.pk)), ("sk".to_owned(), text(sk))]);
        form.write(listing, Position::after(listing, &last).unwrap()).unwrap()
    }

    /// Proves: 20
    #[test]
    fn a_cursor_opens_only_the_list_that_gave_it() {
        for form in forms() {
            let cursor = after(&form, &listing("COMPANY#a"), "INVOICE#1");
            assert!(form.start_key(&listing("COMPANY#a"), &cursor).is_ok());
            let payments = Listing::new(Source::Table, "COMPANY#a".to_owned(), "PAYMENT#".to_owned());
            for other in [
                listing("COMPANY#b"),
                payments,
                listing("COMPANY#a").backwards(),
                listing("COMPANY#a").narrowed_to("paid".to_owned()),
            ] {
                assert_eq!(form.start_key(&other, &cursor), Err(CursorError), "{}", other.name());
            }
        }
    }

    /// Proves: 20
    #[test]
    fn a_cursor_stays_in_its_range() {
        let range = |least: &str| listing("COMPANY#a").between(least.to_owned(), "INVOICE#5".to_owned());
        for form in forms() {
            let cursor = after(&form, &range("INVOICE#2"), "INVOICE#3");
            assert!(form.start_key(&range("INVOICE#2"), &cursor).is_ok());
            assert_eq!(form.start_key(&range("INVOICE#1"), &cursor), Err(CursorError));
            assert_eq!(form.start_key(&listing("COMPANY#a"), &cursor), Err(CursorError));
            // The right list, but a place outside of it.
            let outside = after(&form, &range("INVOICE#2"), "INVOICE#6");
            assert_eq!(form.start_key(&range("INVOICE#2"), &outside), Err(CursorError));
        }
    }

    #[test]
    fn a_cursor_may_stand_before_a_list_of_an_index() {
        let list = |pk: &str| Listing::<()>::new(Source::Gsi2, pk.to_owned(), "INVITATION#".to_owned());
        for form in forms() {
            let cursor = form.write(&list("EMAIL#a"), Position::before(&list("EMAIL#a"))).unwrap();
            assert!(form.start_key(&list("EMAIL#a"), &cursor).is_ok());
            assert_eq!(form.start_key(&list("EMAIL#b"), &cursor), Err(CursorError));
        }
    }

    /// Proves: O1, 20
    #[test]
    fn a_sealed_cursor_tells_nothing_and_cannot_be_changed() {
        let [open, sealed] = forms();
        let list = listing("COMPANY#a");
        let bytes = |cursor: &Cursor| URL_SAFE_NO_PAD.decode(cursor.as_str()).unwrap();
        let shows = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
        let readable = after(&open, &list, "INVOICE#1");
        let cursor = after(&sealed, &list, "INVOICE#1");
        for what in ["INVOICE", "COMPANY"] {
            assert!(shows(&bytes(&readable), what) && !shows(&bytes(&cursor), what), "{what}");
        }
        for at in 0..bytes(&cursor).len() {
            let mut changed = bytes(&cursor);
            changed[at] ^= 1;
            let changed = Cursor::new(URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(sealed.start_key(&list, &changed), Err(CursorError), "byte {at}");
        }
        assert_eq!(sealed.start_key(&list, &readable), Err(CursorError), "a cursor that anybody can write");
        let [_, other] = forms();
        assert_eq!(other.start_key(&list, &cursor), Err(CursorError), "a cursor under another key");
    }

    #[test]
    fn garbage_is_no_cursor() {
        for form in forms() {
            for text in ["", "x", "e30", &"A".repeat(60), &"A".repeat(5000)] {
                assert_eq!(form.start_key(&listing("COMPANY#a"), &Cursor::new(text.to_owned())), Err(CursorError));
            }
        }
    }
}
