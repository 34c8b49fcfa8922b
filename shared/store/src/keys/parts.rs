//! The parts of keys: ids, states, times, names that sort a list, and digests.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{CompanyId, Email, FirmId, Org, Reference, UserId, UtcTime, time::Day};

use super::template::{FirstParts, KeyPart, append};

/// The number of partitions that pending work is spread over.
const SHARDS: u8 = 4;
/// How much of a digest stands in a key: 132 bits.
const DIGEST_CHARS: usize = 22;
/// How much of a name stands in a key.
const NAME_CHARS: usize = 60;

/// Declares types whose text, as they display it, holds no `#`: ids, references, numbers, times.
macro_rules! key_parts {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::keys::template::KeyPart for $name {
            fn append_to(&self, key: &mut String) {
                key.push_str(&self.to_string());
            }
        }
    )*};
}

/// Declares types whose `as_str` is a word of our own, such as a status.
macro_rules! key_words {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::keys::template::KeyPart for $name {
            fn append_to(&self, key: &mut String) {
                key.push_str(self.as_str());
            }
        }
    )*};
}

pub(super) use {key_parts, key_words};

// The parts that several entities share; an entity's own are declared beside its templates.
key_parts!(CompanyId, FirmId, Org, UserId, Reference, UtcTime, Day, u8, i64);

/// A word of our own.
impl KeyPart for &'static str {
    fn append_to(&self, key: &mut String) {
        key.push_str(self);
    }
}

/// An address may hold a `#` before its `@`, of which there is one, and none after it: no address
/// with a separator behind it begins another.
impl KeyPart for Email {
    fn append_to(&self, key: &mut String) {
        key.push_str(self.as_str());
    }
}

/// A name that sorts a list: lower case, without the separator, at most 60 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortName(String);

impl SortName {
    pub(crate) fn of(name: &str) -> Self {
        Self(name.to_lowercase().chars().map(|c| if c == '#' { ' ' } else { c }).take(NAME_CHARS).collect())
    }
}

impl KeyPart for SortName {
    fn append_to(&self, key: &mut String) {
        key.push_str(&self.0);
    }
}

/// The beginning of a name, after which a list of names is cut off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginning<'a>(pub(crate) &'a str);

impl<B: ?Sized> FirstParts<(SortName, B)> for Beginning<'_> {
    fn append_first_to(&self, key: &mut String) {
        SortName::of(self.0).append_to(key);
    }
}

impl<A: KeyPart, C: ?Sized> FirstParts<(A, SortName, C)> for (&A, Beginning<'_>) {
    fn append_first_to(&self, key: &mut String) {
        append(self.0, key);
        SortName::of(self.1.0).append_to(key);
    }
}

/// A digest of a text, for a key that must not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextDigest(String);

impl TextDigest {
    pub(crate) fn of(text: &str) -> Self {
        let mut name = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
        name.truncate(DIGEST_CHARS);
        Self(name)
    }
}

impl KeyPart for TextDigest {
    fn append_to(&self, key: &mut String) {
        key.push_str(&self.0);
    }
}

/// A place in a sequence. It has as many digits as the largest number, so that texts sort as numbers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) u64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

key_parts!(Place);

/// Spreads ids over the shards by their last character, a random hexadecimal digit.
pub(crate) fn shard(id: &str) -> u8 {
    id.bytes().last().map_or(0, |digit| digit % SHARDS)
}

/// Every shard.
pub(crate) fn shards() -> std::ops::Range<u8> {
    0..SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_into_another_part_of_a_sort_key() {
        assert_eq!(SortName::of("Az#active#ZZ"), SortName("az active zz".to_owned()));
        assert!(SortName::of(&"é".repeat(200)).0.chars().count() <= 60);
    }

    #[test]
    fn numbers_sort_as_their_texts_do() {
        let text = |number: u64| Place(number).to_string();
        assert!(text(9) < text(10) && text(u64::MAX - 1) < text(u64::MAX));
        assert_eq!(text(12).parse(), Ok(Place(12)));
    }
}
