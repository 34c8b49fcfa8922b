//! The keys that every function reads at start, and their key in the table.

use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    template::{Item, Partition},
};
use crate::{cursor::CursorKey, item::Entity};

const KEYS: Partition<ContextKeys, ()> = Partition::new("KEYS");
const CONTEXT: Item<ContextKeys, ContextKeys, ()> = Item::new("CONTEXT");

pub(crate) fn context_keys() -> Key<ContextKeys> {
    CONTEXT.key(KEYS.pk(()), ())
}

/// The keys that every function reads at start: the public halves of those that sign context tokens, and the one that seals
/// cursors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextKeys {
    /// The newest first.
    pub keys: Vec<PublicKey>,
    /// Seals the cursors of lists, and is never published; none before the first `switch-context` that knows of it has started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor_key: Option<CursorKey>,
}

/// A P-256 public key as RFC 7517 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The point's x coordinate, base64url.
    pub x: String,
    /// The point's y coordinate, base64url.
    pub y: String,
}

impl Entity for ContextKeys {
    const ENTITY: &'static str = "context_keys";
}
