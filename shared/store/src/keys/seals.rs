//! Keys of the seals over a tenant's audit log, and of the mark that a tenant has something to seal.
//!
//! Seals have a partition of their own, whose name begins like that of the events: what keeps every
//! function from changing or deleting events (`KeepEvents` in the template) covers seals too.

use domain::{
    Event, EventId, Org, UtcTime,
    seal::{Seal, Since},
};
use serde::{Deserialize, Serialize};

use super::{
    events::{before_all, event_sk, recorded_at},
    key::Key,
    parts::{Place, shard, shards},
    template::{Gsi2, Item, Partition, Pk, Single},
    tenant::{Tenant, org_pk},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const SEALS: Partition<Seal, Pk<Org>> = Partition::new("EVENTS#SEALS");
const SEAL: Item<Seal, Seal, Place> = Item::new("SEAL");
const UNSEALED: Single<Unsealed, Pk<Org>> = Single::new("SEALING");
const DUE: Partition<Unsealed, u8> = Partition::new("DUE#sealing");
const DUE_TENANT: Gsi2<Unsealed, Unsealed, (UtcTime, Org)> = Gsi2::without_kind();

pub(crate) fn seal(seal: &Seal) -> Key<Seal> {
    SEAL.key(SEALS.pk(&org_pk(&seal.org)), &Place(seal.number))
}

/// The place that a seal's sort key says.
pub(crate) fn place_of(sk: &str) -> Option<u64> {
    SEAL.part_of(sk).map(|Place(number)| number)
}

/// A sort key behind those of all seals: a colon is the character behind the digits.
fn behind_all() -> String {
    SEAL.prefix() + ":"
}

pub(crate) fn unsealed(org: &Org) -> Key<Unsealed> {
    UNSEALED.key(&org_pk(org))
}

/// The tenants that have something to seal, as far as is known, those that wait the longest first: one list for each shard.
pub(crate) fn unsealed_tenants() -> impl Iterator<Item = Listing<Unsealed>> {
    shards().map(|shard| DUE_TENANT.list(DUE.pk(&shard), ()))
}

impl Tenant {
    /// The tenant's seals from this number on, in the order of the chain.
    #[must_use]
    pub fn seals(&self, from: u64) -> Listing<Seal> {
        SEAL.list(SEALS.pk(&self.pk()), ()).between(SEAL.sk(&Place(from)), behind_all())
    }

    /// The tenant's seals, the newest first.
    #[must_use]
    pub fn newest_seals(&self) -> Listing<Seal> {
        SEAL.list(SEALS.pk(&self.pk()), ()).newest_first()
    }

    /// The tenant's events since somewhere, up to and including one, in the order of their ids.
    pub(crate) fn events_between(&self, since: &Since, to: &EventId) -> Listing<Event> {
        let (since, to) = (least(since), event_sk(to));
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let since = if to < since { to.clone() } else { since };
        self.events().oldest_first().between(since, to)
    }

    /// The tenant's events since somewhere whose ids were drawn before a time, in the order of their
    /// ids.
    pub(crate) fn events_drawn(&self, since: &Since, before: UtcTime) -> Listing<Event> {
        let (since, before) = (least(since), recorded_at(before));
        let before = if before < since { since.clone() } else { before };
        self.events().oldest_first().between(since, before)
    }
}

/// The least sort key of events since somewhere.
fn least(since: &Since) -> String {
    match since {
        Since::Beginning => before_all(),
        // Longer than the id's own key, and less than the key of any other id behind it: ids are of one
        // length.
        Since::Behind(id) => event_sk(id) + "!",
        Since::From(id) => event_sk(id),
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
    /// Drawn anew each time there is more: a sealer that saw an earlier mark cannot take away the mark
    /// of more.
    pub mark: String,
    /// Whether there is something to seal.
    pub due: bool,
    /// Since when it waits: since it was first marked, or since the last run that sealed some of it.
    #[serde(default = "long_ago")]
    pub since: UtcTime,
}

/// Marks of before there was a time wait the longest.
const fn long_ago() -> UtcTime {
    UtcTime::EPOCH
}

impl Entity for Unsealed {
    const ENTITY: &'static str = "unsealed";

    fn indexes(&self) -> Indexes {
        let entry = DUE_TENANT.entry(DUE.pk(&shard(self.org.as_str())), (&self.since, &self.org));
        self.due.then_some(entry).into()
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
        assert!(SEAL.sk(&Place(u64::MAX)) < behind_all());
        assert_eq!(place_of(&SEAL.sk(&Place(12))), Some(12));
        assert!(tenant().seals(0).pk.starts_with("EVENTS#"));
    }
}
