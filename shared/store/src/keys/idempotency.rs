//! Keys of idempotency records.

use super::{
    key::Key,
    template::{KeyPart, Single},
};
use crate::idempotency::{KeyOwner, Recorded};

/// The caller, and the key that they sent.
const RECORD: Single<Recorded, (KeyOwner, str)> = Single::new("IDEMPOTENCY");

/// No id of a person holds the `_` of a link's, so neither is ever taken for the other.
impl KeyPart for KeyOwner {
    fn append_to(&self, key: &mut String) {
        match self {
            Self::Person(user) => user.append_to(key),
            Self::Link(link) => link.append_to(key),
        }
    }
}

pub(crate) fn idempotency(caller: &KeyOwner, key: &str) -> Key<Recorded> {
    RECORD.key((caller, key))
}
