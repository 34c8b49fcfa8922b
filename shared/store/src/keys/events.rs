//! Keys of events, of the outbox that they leave by, and of the claims on telling people of them.

use domain::{Event, EventId, FirmId, Org, UtcTime};
use serde::{Deserialize, Serialize};

use super::{Key, RawKey, Tenant, org_pk, raw, shard};
use crate::{
    item::{Entity, Indexes},
    listing::{Listing, Source},
};

fn events_pk(org: &Org) -> String {
    format!("EVENTS#{}", org_pk(org))
}

pub(crate) fn event(event: &Event) -> RawKey {
    raw(events_pk(&event.org), format!("EVENT#{}", event.id))
}

pub(crate) fn event_by_id(org: &Org, id: &EventId) -> Key<Event> {
    Key::new(raw(events_pk(org), format!("EVENT#{id}")))
}

/// The event that an event's sort key names.
pub(crate) fn event_of(sk: &str) -> Option<EventId> {
    sk.strip_prefix("EVENT#")?.parse().ok()
}

pub(crate) fn notice(event: &EventId, recipient: &str) -> Key<Notice> {
    Key::new(raw(format!("NOTICE#{event}#{recipient}"), "NOTICE".to_owned()))
}

pub(crate) fn outbox(event: &EventId) -> RawKey {
    raw(outbox_pk(shard(event.as_str())), format!("EVENT#{event}"))
}

fn outbox_pk(shard: u8) -> String {
    format!("OUTBOX#{shard}")
}

/// What waits in one partition of the outbox, oldest first.
pub(crate) fn outbox_entries(shard: u8) -> Listing<OutboxEntry> {
    Listing::new(Source::Table, outbox_pk(shard), "EVENT#".to_owned())
}

impl Tenant {
    /// The tenant's events, newest first.
    #[must_use]
    pub fn events(&self) -> Listing<Event> {
        Listing::new(Source::Table, events_pk(self.org()), "EVENT#".to_owned()).newest_first()
    }

    /// What happened in companies on this firm's side, newest first.
    #[must_use]
    pub fn events_at_clients(&self) -> Listing<Event> {
        Listing::new(Source::Gsi1, events_pk(self.org()), "EVENT#".to_owned()).newest_first()
    }
}

impl Listing<Event> {
    /// Keeps to events whose ids were drawn from `from` on and before `before`. An id is drawn when
    /// the event is recorded, so this is the time of recording; [`Event::at`] is somewhat earlier.
    #[must_use]
    pub fn recorded(self, from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
        if from.is_none() && before.is_none() {
            return self;
        }
        // A `UUIDv7` begins with the milliseconds since 1970, in 48 bits (RFC 9562, section 5.7).
        let bound = |at: UtcTime| format!("EVENT#ev_{:012x}", at.unix_ms().max(0));
        let least = from.map_or_else(|| "EVENT#ev_".to_owned(), bound);
        // The letter after the hexadecimal digits: behind every id.
        let greatest = before.map_or_else(|| "EVENT#ev_g".to_owned(), bound);
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let greatest = if greatest < least { least.clone() } else { greatest };
        self.between(least, greatest)
    }
}

impl Entity for Event {
    const ENTITY: &'static str = "event";
}

/// The keys under which an event is found besides its tenant's: the firm on whose side it
/// happened, and the person who did it.
pub(crate) fn event_indexes(event: &Event, firm: Option<&FirmId>) -> Indexes {
    let id = format!("EVENT#{}", event.id);
    let seen_by = match &event.org {
        Org::Company(_) => firm.or(event.actor.firm.as_ref()),
        Org::Firm(_) => None,
    };
    Indexes {
        gsi1: seen_by.map(|firm| (events_pk(&Org::Firm(firm.clone())), id.clone())),
        gsi2: event.actor.user.as_ref().map(|user| (format!("ACTOR#{user}"), id)),
        ttl_unix_s: None,
    }
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
        Indexes { ttl_unix_s: Some(self.forget_at_s), ..Indexes::default() }
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

impl Entity for OutboxEntry {
    const ENTITY: &'static str = "outbox";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_key_names_it_and_no_other_key_names_an_event() {
        let id = EventId::from_uuid(uuid::Uuid::from_u128(5));
        let org = Org::Company("co_00000000000000000000000000000001".parse().unwrap());
        assert_eq!(event_of(&event_by_id(&org, &id).raw.sk), Some(id.clone()));
        assert_eq!(event_of(&outbox(&id).sk), Some(id.clone()));
        for sk in ["", "EVENT#", "EVENT#co_00000000000000000000000000000001", "PROFILE", id.as_str()] {
            assert_eq!(event_of(sk), None, "{sk}");
        }
    }

    #[test]
    fn events_are_kept_to_a_range_by_the_time_in_their_ids() {
        let at = |unix_ms: i64| UtcTime::from_unix_ms(unix_ms);
        let id = |unix_ms: u64, rest: u128| {
            let uuid = uuid::Uuid::from_u128((u128::from(unix_ms) << 80) | (7 << 76) | (2 << 62) | rest);
            format!("EVENT#{}", EventId::from_uuid(uuid))
        };
        let tenant = Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()));
        let held = |from: Option<i64>, before: Option<i64>, sk: &str| {
            let (least, greatest) = tenant.events().recorded(from.map(at), before.map(at)).range.unwrap();
            (least.as_str()..=greatest.as_str()).contains(&sk)
        };
        let (early, late) = (id(1_800_000_000_000, 0), id(1_800_000_000_999, (1 << 62) - 1));
        for sk in [&early, &late] {
            assert!(held(Some(1_800_000_000_000), Some(1_800_000_001_000), sk));
            assert!(held(Some(1_800_000_000_000), None, sk));
            assert!(held(None, Some(1_800_000_001_000), sk));
            assert!(held(Some(-5), Some(4_102_444_800_000), sk));
            assert!(!held(Some(1_800_000_001_000), None, sk));
            assert!(!held(None, Some(1_800_000_000_000), sk));
            assert!(!held(Some(1_800_000_001_000), Some(1_800_000_000_000), sk), "a range the wrong way round");
        }
        assert_eq!(tenant.events().recorded(None, None).range, None);
    }
}
