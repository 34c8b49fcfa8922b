//! Whether something is mailed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a notification is mailed. It is in the inbox either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailChoice {
    /// It is mailed when it happens.
    AtOnce,
    /// It is mailed with the next digest.
    InDigest,
    /// It is not mailed.
    None,
}
