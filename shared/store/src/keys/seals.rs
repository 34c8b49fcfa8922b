//! Seals over a tenant's trail, and which tenants have something to seal.
//!
//! Seals have a partition of their own, whose name begins like that of the events: what keeps every
//! function from changing or deleting events (`KeepEvents` in the template) covers seals too.

use domain::{
    Event, EventId, Org, UtcTime,
    seal::{Seal, Since},
};
use serde::{Deserialize, Serialize};

use super::{Key, RawKey, SHARDS, Tenant, org_pk, raw, shard};
use crate::{
    item::{Entity, Indexes},
    listing::{Listing, Source},
};

fn seals_pk(org: &Org) -> String {
    format!("EVENTS#SEALS#{}", org_pk(org))
}

fn seal_sk(number: u64) -> String {
    // As many digits as the largest number has, so that the order of the text is that of the chain.
    format!("SEAL#{number:020}")
}

pub(crate) fn seal(seal: &Seal) -> RawKey {
    raw(seals_pk(&seal.org), seal_sk(seal.number))
}

/// The place that a seal's sort key says.
pub(crate) fn place_of(sk: &str) -> Option<u64> {
    sk.strip_prefix("SEAL#")?.parse().ok()
}

pub(crate) fn unsealed(org: &Org) -> Key<Unsealed> {
    Key::new(raw(format!("SEALING#{}", org_pk(org)), "SEALING".to_owned()))
}

fn due_pk(shard: u8) -> String {
    format!("DUE#sealing#{shard}")
}

/// The tenants that have something to seal, as far as is known: one listing for each shard.
pub(crate) fn unsealed_tenants() -> impl Iterator<Item = Listing<Unsealed>> {
    (0..SHARDS).map(|shard| Listing::new(Source::Gsi2, due_pk(shard), String::new()))
}

impl Tenant {
    /// The tenant's seals from this number on, in the order of the chain.
    #[must_use]
    pub fn seals(&self, from: u64) -> Listing<Seal> {
        // A colon is the character behind the digits: behind every number.
        Listing::new(Source::Table, seals_pk(&self.org), "SEAL#".to_owned()).between(seal_sk(from), "SEAL#:".to_owned())
    }

    /// The tenant's seals, the newest first.
    #[must_use]
    pub fn newest_seals(&self) -> Listing<Seal> {
        Listing::new(Source::Table, seals_pk(&self.org), "SEAL#".to_owned()).newest_first()
    }

    /// The tenant's events since somewhere, up to and including one, in the order of their ids.
    pub(crate) fn events_between(&self, since: &Since, to: &EventId) -> Listing<Event> {
        let to = format!("EVENT#{to}");
        let since = least(since);
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let since = if to < since { to.clone() } else { since };
        self.events().oldest_first().between(since, to)
    }

    /// The tenant's events since somewhere whose ids were drawn before a time, in the order of their
    /// ids.
    pub(crate) fn events_drawn(&self, since: &Since, before: UtcTime) -> Listing<Event> {
        let before = format!("EVENT#ev_{:012x}", before.unix_ms().max(0));
        let since = least(since);
        let before = if before < since { since.clone() } else { before };
        self.events().oldest_first().between(since, before)
    }
}

/// The least sort key of events since somewhere.
fn least(since: &Since) -> String {
    match since {
        Since::Beginning => "EVENT#ev_".to_owned(),
        // Longer than the id's own key, and less than the key of any other id behind it: ids are of one
        // length.
        Since::Behind(id) => format!("EVENT#{id}!"),
        Since::From(id) => format!("EVENT#{id}"),
    }
}

impl Entity for Seal {
    const ENTITY: &'static str = "seal";
}

/// Whether a tenant has events that no seal fixes yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsealed {
    /// The tenant.
    pub org: Org,
    /// Drawn anew each time there is more, so that whoever sealed what there was cannot take the mark
    /// of more away.
    pub mark: String,
    /// Whether there is something to seal.
    pub due: bool,
}

impl Entity for Unsealed {
    const ENTITY: &'static str = "unsealed";

    fn indexes(&self) -> Indexes {
        let keys = (due_pk(shard(self.org.as_str())), self.org.as_str().to_owned());
        Indexes { gsi2: self.due.then_some(keys), ..Indexes::default() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant() -> Tenant {
        Tenant::new("co_00000000000000000000000000000001".parse().unwrap())
    }

    fn event(n: u128) -> EventId {
        EventId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_range_of_events_leaves_out_the_one_it_is_behind_and_no_other() {
        let holds = |listing: &Listing<Event>, n: u128| {
            let (least, greatest) = listing.range.clone().unwrap();
            let sk = format!("EVENT#{}", event(n));
            (least.as_str()..=greatest.as_str()).contains(&sk.as_str())
        };
        let between = tenant().events_between(&Since::Behind(event(5)), &event(8));
        assert_eq!((4..10).filter(|n| holds(&between, *n)).collect::<Vec<_>>(), [6, 7, 8]);
        let from = tenant().events_between(&Since::From(event(5)), &event(8));
        assert_eq!((4..10).filter(|n| holds(&from, *n)).collect::<Vec<_>>(), [5, 6, 7, 8]);
        let all = tenant().events_between(&Since::Beginning, &event(8));
        assert!(holds(&all, 0) && holds(&all, 8) && !holds(&all, 9));
        let backwards = tenant().events_between(&Since::Behind(event(9)), &event(3)).range.unwrap();
        assert!(backwards.0 <= backwards.1);
        let drawn = tenant().events_drawn(&Since::Behind(event(u128::MAX)), UtcTime::EPOCH).range.unwrap();
        assert!(drawn.0 <= drawn.1);
    }

    #[test]
    fn seals_stand_in_the_order_of_the_chain_under_a_key_that_iam_protects() {
        assert!(seal_sk(9) < seal_sk(10) && seal_sk(u64::MAX - 1) < seal_sk(u64::MAX));
        assert!(seal_sk(u64::MAX).as_str() < "SEAL#:");
        assert_eq!(place_of(&seal_sk(12)), Some(12));
        assert!(seals_pk(tenant().org()).starts_with("EVENTS#"));
    }
}
