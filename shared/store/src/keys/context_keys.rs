//! The public keys that context tokens are verified with, and their key in the table.

use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    template::{Item, Partition},
};
use crate::item::Entity;

const KEYS: Partition<ContextKeys, ()> = Partition::new("KEYS");
const CONTEXT: Item<ContextKeys, ContextKeys, ()> = Item::new("CONTEXT");

pub(crate) fn context_keys() -> Key<ContextKeys> {
    CONTEXT.key(KEYS.pk(()), ())
}

/// The public halves of the keys that sign context tokens, for every function to verify with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextKeys {
    /// The newest first.
    pub keys: Vec<PublicKey>,
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
