//! Ids and times in Stripe's shape.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// A fresh id in Stripe's shape: a prefix and 24 letters and digits.
pub(super) fn fresh_id(prefix: &str) -> String {
    let random = Uuid::new_v4().simple().to_string();
    let short: String = random.chars().take(24).collect();
    format!("{prefix}_{short}")
}

/// Seconds since 1970.
pub(super) fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
