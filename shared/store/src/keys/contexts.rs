//! Keys of contexts: where a person was last, a firm's clients by the beginning of their name, and what
//! context tokens are verified with.

use domain::{FirmId, Org, UserId, context_list::Visit, org::Connection};
use serde::{Deserialize, Serialize};

use super::{Key, firm_pk, raw, sortable, user_pk};
use crate::{
    item::Entity,
    listing::{Listing, Source},
};

/// When a person was last in a company or firm.
pub(crate) fn visit(user: &UserId, org: &Org) -> Key<Visit> {
    Key::new(raw(user_pk(user), format!("VISIT#{org}")))
}

impl Entity for Visit {
    const ENTITY: &'static str = "visit";
}

/// A firm's active clients whose names may begin so, by name. The key holds the first 60 characters
/// of a name, so a longer beginning must be compared with the name itself.
pub(crate) fn clients_named(firm: &FirmId, beginning: &str) -> Listing<Connection> {
    Listing::new(Source::Gsi1, firm_pk(firm), format!("CLIENT#active#{}", sortable(beginning)))
}

pub(crate) fn context_keys() -> Key<ContextKeys> {
    Key::new(raw("KEYS".to_owned(), "CONTEXT".to_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_cannot_reach_past_the_active_clients() {
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        assert_eq!(clients_named(&firm, "").prefix, "CLIENT#active#");
        assert_eq!(clients_named(&firm, "Az#x").prefix, "CLIENT#active#az x");
        assert_eq!(clients_named(&firm, "az").pk, "FIRM#fm_00000000000000000000000000000002");
    }

    #[test]
    fn a_visit_is_the_persons_own() {
        let org: Org = "co_00000000000000000000000000000001".parse().unwrap();
        let key = visit(&"u".parse().unwrap(), &org).raw;
        assert_eq!((key.pk.as_str(), key.sk.as_str()), ("USER#u", "VISIT#co_00000000000000000000000000000001"));
    }
}
