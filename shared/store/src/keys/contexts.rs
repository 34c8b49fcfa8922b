//! Keys of contexts: where a person was last, and a firm's clients by the beginning of their name.

use domain::{FirmId, Org, UserId, org::Connection, switcher::Visit};

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
