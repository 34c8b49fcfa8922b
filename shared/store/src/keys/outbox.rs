//! Keys of the outbox of events.

use domain::{Event, EventId, Org, UtcTime};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{shard, shards},
    template::{Item, Partition},
};
use crate::{item::Entity, listing::Listing};

const OUTBOX: Partition<OutboxEntry, u8> = Partition::new("OUTBOX");
const ENTRY: Item<OutboxEntry, OutboxEntry, EventId> = Item::new("EVENT");

/// The entry of an event.
pub(crate) fn outbox(event: &EventId) -> Key<OutboxEntry> {
    ENTRY.key(OUTBOX.pk(&shard(event.as_str())), event)
}

/// The entries of the outbox, oldest first: one list for each shard.
pub(crate) fn outbox_entries() -> impl Iterator<Item = Listing<OutboxEntry>> {
    shards().map(|shard| ENTRY.list(OUTBOX.pk(&shard), ()))
}

/// An event that is not known to be on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The tenant it happened in.
    pub org: Org,
    /// Which event.
    pub event: EventId,
    /// When it was recorded.
    pub at: UtcTime,
}

impl OutboxEntry {
    /// The entry of an event.
    pub(crate) fn of(event: &Event) -> Self {
        Self { org: event.org.clone(), event: event.id.clone(), at: event.at }
    }
}

impl Entity for OutboxEntry {
    const ENTITY: &'static str = "outbox";
}
