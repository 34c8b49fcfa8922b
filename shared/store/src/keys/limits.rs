//! Keys of the counters of limits.

use domain::limit::{Limit, Window};

use super::{
    parts::{TextDigest, key_words},
    template::Single,
};
use crate::item::RawKey;

key_words!(Limit);

/// The limit, a digest of what is counted, and the window's first second.
const COUNTER: Single<Limit, (Limit, TextDigest, i64)> = Single::new("LIMIT");

pub(crate) fn limit(limit: Limit, counted: &TextDigest, window: Window) -> RawKey {
    COUNTER.key((&limit, counted, &window.starts_at_s)).raw
}
