//! The one place where functions read the time and draw ids.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::UtcTime;

/// The present.
#[must_use]
pub fn now() -> UtcTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcTime::from_unix_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// When an invocation ends, from what Lambda says of it: Unix milliseconds.
#[must_use]
pub fn deadline(unix_ms: u64) -> UtcTime {
    UtcTime::from_unix_ms(i64::try_from(unix_ms).unwrap_or(i64::MAX))
}

/// Draws a UUIDv7 for a new id.
#[must_use]
pub fn new_uuid() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
