//! Keys of the outbox of events, and of the claims on notifications about them.

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

/// The entries of the outbox, oldest first: one list for each shard.
pub(crate) fn outbox_entries() -> impl Iterator<Item = Listing<OutboxEntry>> {
    shards().map(|shard| ENTRY.list(OUTBOX.pk(&shard), ()))
}

/// The claim on notifying one recipient of one event.
pub(crate) fn notice(event: &EventId, recipient: &str) -> Key<Notice> {
    NOTICE.key((event, recipient))
}

/// A claim on notifying one recipient of one event.
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

/// How long a notice is remembered: longer than any queue keeps a message.
const REMEMBERED_FOR_S: i64 = 30 * 24 * 3600;

impl Notice {
    /// A claim until a time, with the message that was sent under it.
    pub(crate) fn new(event: &EventId, lease_until: UtcTime, message_id: Option<&str>, now: UtcTime) -> Self {
        let forget_at_s = now.plus_s(REMEMBERED_FOR_S).unix_s();
        Self { event: event.clone(), lease_until, message_id: message_id.map(str::to_owned), forget_at_s }
    }
}

impl Entity for Notice {
    const ENTITY: &'static str = "notice";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.forget_at_s)
    }
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
