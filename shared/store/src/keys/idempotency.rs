//! Keys of idempotency records.

use domain::UserId;

use super::{key::Key, template::Single};
use crate::idempotency::Recorded;

/// The caller, and the key that they sent.
const RECORD: Single<Recorded, (UserId, str)> = Single::new("IDEMPOTENCY");

pub(crate) fn idempotency(caller: &UserId, key: &str) -> Key<Recorded> {
    RECORD.key((caller, key))
}
