//! Keys of events.

use domain::{Actor, Event, EventId, FirmId, Org, UtcTime};

use super::{
    key::Key,
    parts::key_parts,
    template::{Gsi1, Gsi2, Item, Partition, Pk},
    tenant::{FIRM, Tenant, org_pk},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(EventId);

/// Events have a partition of their own beside their tenant's: it is the one most written to.
const EVENTS: Partition<Event, Pk<Org>> = Partition::new("EVENTS");
const EVENT: Item<Event, Event, EventId> = Item::new("EVENT");
const EVENT_AT_CLIENT: Gsi1<Event, Event, EventId> = Gsi1::new("EVENT");
const ACTS: Partition<Actor, domain::UserId> = Partition::new("ACTOR");
const EVENT_BY_ACTOR: Gsi2<Event, Actor, EventId> = Gsi2::new("EVENT");
/// What every event's id begins with.
const ID_PREFIX: &str = "ev_";

/// The key of an event of a tenant's.
pub(crate) fn event(org: &Org, id: &EventId) -> Key<Event> {
    EVENT.key(EVENTS.pk(&org_pk(org)), id)
}

/// The event that an event's sort key names.
pub(crate) fn event_id(sk: &str) -> Option<EventId> {
    EVENT.part_of(sk)
}

/// Whether a partition holds events or seals, which are only ever added. The name of both begins with the word that IAM and the
/// stream's filter go by.
pub(crate) fn is_in_the_record(pk: &str) -> bool {
    pk.starts_with(&EVENTS.prefix())
}

/// The sort key of an event.
pub(super) fn event_sk(id: &EventId) -> String {
    EVENT.sk(id)
}

/// A sort key before those of all events.
pub(super) fn before_all() -> String {
    EVENT.prefix() + ID_PREFIX
}

/// A sort key behind those of all events: it ends in the letter after the hexadecimal digits.
pub(crate) fn after_all() -> String {
    before_all() + "g"
}

/// A sort key before those of events recorded from a time on, and behind those of all earlier ones: a
/// `UUIDv7` begins with the milliseconds since 1970, in 48 bits (RFC 9562, section 5.7).
pub(super) fn recorded_at(at: UtcTime) -> String {
    format!("{}{:012x}", before_all(), at.unix_ms().max(0))
}

impl Tenant {
    /// The tenant's events, newest first.
    #[must_use]
    pub fn events(&self) -> Listing<Event> {
        EVENT.list(EVENTS.pk(&self.pk()), ()).newest_first()
    }

    /// What happened in companies on this firm's side, newest first.
    #[must_use]
    pub fn events_at_clients(&self) -> Listing<Event> {
        EVENT_AT_CLIENT.list(EVENTS.pk(&self.pk()), ()).newest_first()
    }
}

impl Listing<Event> {
    /// Keeps to events whose ids were drawn from `from` on and before `before`. An id is drawn when
    /// the event is recorded, so this is the time of recording; [`Event::at`] is somewhat earlier.
    #[must_use]
    pub fn recorded(self, from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
        self.drawn(ID_PREFIX, from, before)
    }
}

impl Entity for Event {
    const ENTITY: &'static str = "event";
}

/// The keys under which an event is found besides its tenant's: the firm on whose side it
/// happened, and the person who did it.
pub(crate) fn event_indexes(event: &Event, firm: Option<&FirmId>) -> Indexes {
    let seen_by = match &event.org {
        Org::Company(_) => firm.or(event.actor.firm.as_ref()),
        Org::Firm(_) => None,
    };
    let at_client = seen_by.map(|firm| EVENT_AT_CLIENT.entry(EVENTS.pk(&FIRM.pk(firm)), &event.id));
    let by_actor = event.actor.user.as_ref().map(|user| EVENT_BY_ACTOR.entry(ACTS.pk(user), &event.id));
    Indexes::from(at_client).and(by_actor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_key_names_it_and_no_other_key_names_an_event() {
        let id = EventId::from_uuid(uuid::Uuid::from_u128(5));
        let org = Org::Company("co_00000000000000000000000000000001".parse().unwrap());
        assert_eq!(event_id(&event(&org, &id).raw.sk), Some(id.clone()));
        assert_eq!(event_id(&crate::keys::outbox(&id).raw.sk), Some(id.clone()));
        for sk in ["", "EVENT#", "EVENT#co_00000000000000000000000000000001", "PROFILE", id.as_str()] {
            assert_eq!(event_id(sk), None, "{sk}");
        }
    }

    /// Proves: S5
    #[test]
    fn events_and_seals_are_in_the_record_and_nothing_else_is() {
        for pk in ["EVENTS#COMPANY#co_1", "EVENTS#FIRM#fm_1", "EVENTS#SEALS#COMPANY#co_1"] {
            assert!(is_in_the_record(pk), "{pk}");
        }
        for pk in ["COMPANY#co_1", "OUTBOX#1", "EVENTS", "ACTOR#u"] {
            assert!(!is_in_the_record(pk), "{pk}");
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
