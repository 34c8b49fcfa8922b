//! Keys of the outbox that events leave by, and of the claims on telling people of them.

use domain::{Event, EventId, Org, UtcTime};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{shard, shards},
    template::{Item, Partition, Single},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const OUTBOX: Partition<OutboxEntry, u8> = Partition::new("OUTBOX");
const ENTRY: Item<OutboxEntry, OutboxEntry, EventId> = Item::new("EVENT");
/// The event, and the recipient.
const NOTICE: Single<Notice, (EventId, str)> = Single::new("NOTICE");

/// The entry of an event.
pub(crate) fn outbox(event: &EventId) -> Key<OutboxEntry> {
    ENTRY.key(OUTBOX.pk(&shard(event.as_str())), event)
}

/// What waits in the outbox, oldest first: one list for each shard.
pub(crate) fn outbox_entries() -> impl Iterator<Item = Listing<OutboxEntry>> {
    shards().map(|shard| ENTRY.list(OUTBOX.pk(&shard), ()))
}

/// The claim on telling one recipient of one event.
pub(crate) fn notice(event: &EventId, recipient: &str) -> Key<Notice> {
    NOTICE.key((event, recipient))
}

/// A claim on telling one recipient of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which event.
    pub event: EventId,
    /// Until when the claim counts, while the message is not sent.
    pub lease_until: UtcTime,
    /// The provider's message id, once it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When DynamoDB may forget it, in Unix seconds.
    pub forget_at_s: i64,
}

impl Entity for Notice {
    const ENTITY: &'static str = "notice";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.forget_at_s)
    }
}

/// An event that has not been seen to leave for the bus.
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
