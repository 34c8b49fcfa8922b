//! Mail to one person from one company or firm that waits: for the end of quiet hours, or for the next digest.

use serde::{Deserialize, Serialize};

use super::{
    catalogue::NotificationType,
    mail::MailChoice,
    settings::NotificationSettings,
    timing::{DigestTime, digest_day},
};
use crate::{
    id::{EventId, Org, UserId},
    time::{Day, UtcTime, Zone},
};

/// The most events that wait for the end of quiet hours, and the most that one digest lists. What is beyond stays in
/// the inbox alone.
const MAX_WAITING: usize = 100;

/// When a notification is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTime {
    /// Now.
    Now,
    /// When quiet hours end.
    Held(UtcTime),
    /// With the digest that is due then.
    InDigest(UtcTime),
    /// Not at all.
    Never,
}

/// When a notification is mailed to a person, of whom it is decided whether it is. Quiet hours only put off, and never
/// what is critical.
#[must_use]
pub fn mail_time(
    kind: NotificationType,
    mail: MailChoice,
    own: &NotificationSettings,
    zone: &Zone,
    now: UtcTime,
) -> MailTime {
    match mail {
        MailChoice::None => MailTime::Never,
        MailChoice::InDigest => MailTime::InDigest(own.digest_time().next(zone, now)),
        MailChoice::AtOnce if kind.is_critical() => MailTime::Now,
        MailChoice::AtOnce => own.quiet_until(zone, now).map_or(MailTime::Now, MailTime::Held),
    }
}

/// A digest that somebody is sending, and that is not done with yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenDigest {
    /// The events that it lists.
    pub events: Vec<EventId>,
    /// Its local day.
    pub day: Day,
    /// Until when others leave it to them. After that they have died, or it could not be sent.
    until: UtcTime,
}

/// Mail to one person from one company or firm that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostponedMail {
    /// From where.
    pub org: Org,
    /// To whom.
    pub user: UserId,
    /// The events whose letters wait for the end of quiet hours.
    #[serde(default)]
    pub held: Vec<EventId>,
    /// When those end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<UtcTime>,
    /// The events that wait for the digest.
    #[serde(default)]
    pub in_digest: Vec<EventId>,
    /// When that is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_at: Option<UtcTime>,
    /// The local day of the last digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_digest_on: Option<Day>,
    /// The digest that is being sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<TakenDigest>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl PostponedMail {
    /// Nothing that waits.
    #[must_use]
    pub const fn none(org: Org, user: UserId) -> Self {
        Self {
            org,
            user,
            held: Vec::new(),
            held_until: None,
            in_digest: Vec::new(),
            digest_at: None,
            last_digest_on: None,
            taken: None,
            version: 0,
        }
    }

    /// Whether the letter about an event waits.
    #[must_use]
    pub fn waits(&self, event: &EventId) -> bool {
        self.held.contains(event) || self.in_digest.contains(event)
    }

    /// When something of it is due; `None` when nothing waits.
    #[must_use]
    pub fn next_at(&self) -> Option<UtcTime> {
        let taken_until = self.taken.as_ref().map(|taken| taken.until);
        self.held_until.into_iter().chain(self.digest_at).chain(taken_until).min()
    }

    /// With the letter about an event, at its time; `None` where it need not wait, waits already, or too many do. A
    /// digest lists an event that is `new` alone: of one that is not, it has told, or will.
    #[must_use]
    pub fn with(&self, event: &EventId, time: MailTime, new: bool) -> Option<Self> {
        let add = |waiting: &[EventId]| {
            let fits = waiting.len() < MAX_WAITING && !waiting.contains(event);
            fits.then(|| waiting.iter().chain([event]).cloned().collect::<Vec<_>>())
        };
        let version = self.version.saturating_add(1);
        match time {
            MailTime::Now | MailTime::Never => None,
            MailTime::Held(until) => {
                let held_until = Some(self.held_until.map_or(until, |known| known.min(until)));
                add(&self.held).map(|held| Self { held, held_until, version, ..self.clone() })
            }
            MailTime::InDigest(due) => {
                let digest_at = Some(self.digest_at.unwrap_or(due));
                let in_digest = add(&self.in_digest).filter(|_| new)?;
                Some(Self { in_digest, digest_at, version, ..self.clone() })
            }
        }
    }

    /// Whether letters that waited for the end of quiet hours are to be sent.
    #[must_use]
    pub fn is_held_mail_due(&self, now: UtcTime) -> bool {
        self.held_until.is_some_and(|until| until <= now)
    }

    /// The same while quiet hours go on: the person has moved them.
    #[must_use]
    pub fn held_until(&self, until: UtcTime) -> Self {
        Self { held_until: Some(until), version: self.version.saturating_add(1), ..self.clone() }
    }

    /// After these letters were sent. What came meanwhile still waits.
    #[must_use]
    pub fn sent(&self, events: &[EventId]) -> Self {
        let held: Vec<EventId> = self.held.iter().filter(|event| !events.contains(event)).cloned().collect();
        let held_until = self.held_until.filter(|_| !held.is_empty());
        Self { held, held_until, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Takes the digest that is due, which is in `taken` then, until `until`: one that another took and did not finish in
    /// time, or what waits for one. None is taken where the day has had a digest, as after a change of the zone: its events
    /// wait for the next. `None` when none is due, or another sends one.
    #[must_use]
    pub fn take_digest(&self, time: &DigestTime, zone: &Zone, now: UtcTime, until: UtcTime) -> Option<Self> {
        let version = self.version.saturating_add(1);
        if let Some(taken) = &self.taken {
            let again = (taken.until <= now).then(|| TakenDigest { until, ..taken.clone() });
            return again.map(|taken| Self { taken: Some(taken), version, ..self.clone() });
        }
        self.digest_at.filter(|due| *due <= now)?;
        let Some(day) = digest_day(self.last_digest_on, zone, now) else {
            return Some(Self { digest_at: Some(time.next(zone, now)), version, ..self.clone() });
        };
        let taken = TakenDigest { events: self.in_digest.clone(), day, until };
        Some(Self {
            in_digest: Vec::new(),
            digest_at: None,
            last_digest_on: Some(day),
            taken: Some(taken).filter(|taken| !taken.events.is_empty()),
            version,
            ..self.clone()
        })
    }

    /// After the taken digest is done with: it was sent, and the mail log says so.
    #[must_use]
    pub fn digest_done(&self) -> Self {
        Self { taken: None, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// After the taken digest could not be sent: it is tried again at `at`, with the same events and of the same day, since
    /// the mail server may have taken it all the same. What came meanwhile waits for the next.
    #[must_use]
    pub fn try_again(&self, at: UtcTime) -> Self {
        let taken = self.taken.clone().map(|taken| TakenDigest { until: at, ..taken });
        Self { taken, version: self.version.saturating_add(1), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: u32) -> EventId {
        EventId::from_uuid(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn none() -> PostponedMail {
        PostponedMail::none("co_00000000000000000000000000000001".parse().unwrap(), "u".parse().unwrap())
    }

    #[test]
    fn letters_wait_once_for_the_end_of_quiet_hours() {
        let end = at("2026-11-22T06:00:00Z");
        let one = none().with(&event(1), MailTime::Held(end), true).unwrap();
        assert_eq!((one.next_at(), one.version), (Some(end), 1));
        assert_eq!(one.with(&event(1), MailTime::Held(end), false), None, "it waits already");
        let two = one.with(&event(2), MailTime::Held(end), false).unwrap();
        assert!(two.is_held_mail_due(end) && !two.is_held_mail_due(end.plus_s(-1)));
        let left = two.sent(&[event(1)]);
        assert_eq!((left.held.clone(), left.held_until), (vec![event(2)], Some(end)));
        assert_eq!(left.sent(&[event(2)]).next_at(), None);
        for time in [MailTime::Now, MailTime::Never] {
            assert_eq!(none().with(&event(1), time, true), None);
        }
        let full = (0..100).fold(none(), |mail, n| mail.with(&event(n), MailTime::Held(end), true).unwrap());
        assert_eq!(full.with(&event(100), MailTime::Held(end), true), None);
    }

    /// Proves: NT7
    #[test]
    fn quiet_hours_put_off_what_is_not_critical() {
        let (quiet, digest) = (r#"{"from_hour": 22, "until_hour": 7}"#, DigestTime::default());
        let own = NotificationSettings { quiet_hours: serde_json::from_str(quiet).ok(), ..Default::default() };
        let (utc, night, day) = (Zone::utc(), at("2026-11-21T23:00:00Z"), at("2026-11-21T12:00:00Z"));
        let (paid, disputed) = (NotificationType::PaymentReceived, NotificationType::PaymentDisputed);
        let time = |kind, mail, now| mail_time(kind, mail, &own, &utc, now);
        assert_eq!(time(paid, MailChoice::AtOnce, night), MailTime::Held(at("2026-11-22T07:00:00Z")));
        assert_eq!(time(paid, MailChoice::AtOnce, day), MailTime::Now);
        for critical in [disputed, NotificationType::AccessEnded, NotificationType::ApprovalPolicyChanged] {
            assert_eq!(time(critical, MailChoice::AtOnce, night), MailTime::Now, "{critical}");
        }
        assert_eq!(time(disputed, MailChoice::None, night), MailTime::Never);
        assert_eq!(time(paid, MailChoice::InDigest, night), MailTime::InDigest(digest.next(&utc, night)));
    }

    /// Proves: NT7, F24
    #[test]
    fn a_day_has_one_digest_whatever_the_zone() {
        let (time, kiritimati) = (DigestTime::default(), Zone::try_from("Pacific/Kiritimati".to_owned()).unwrap());
        let due = time.next(&kiritimati, at("2026-11-21T12:00:00Z"));
        let mail = none().with(&event(1), MailTime::InDigest(due), true).unwrap();
        assert_eq!(mail.with(&event(1), MailTime::InDigest(due), false), None);
        let take =
            |mail: &PostponedMail, zone: &Zone, now: UtcTime| mail.take_digest(&time, zone, now, now.plus_s(300));
        let events = |mail: &PostponedMail| mail.taken.as_ref().map(|taken| taken.events.clone());
        assert_eq!(take(&mail, &kiritimati, due.plus_s(-1)), None);
        let sending = take(&mail, &kiritimati, due).unwrap();
        assert_eq!(events(&sending), Some(vec![event(1)]));
        let taken = sending.digest_done();
        assert_eq!((events(&taken), taken.next_at()), (None, None));
        assert_eq!(taken.with(&event(1), MailTime::InDigest(due), false), None, "its event came again");

        // Back in an earlier zone, the day begins anew.
        let pago_pago = Zone::try_from("Pacific/Pago_Pago".to_owned()).unwrap();
        let again = taken.with(&event(2), MailTime::InDigest(due.plus_s(60)), true).unwrap();
        let waits = take(&again, &pago_pago, due.plus_s(3_600)).unwrap();
        assert_eq!((events(&waits), waits.in_digest.clone()), (None, vec![event(2)]));
        let next = waits.next_at().unwrap();
        assert!(next > due.plus_s(3_600));

        // It could not be sent. What came meanwhile is not in it when it is tried again.
        let back =
            sending.with(&event(3), MailTime::InDigest(due.plus_s(500)), true).unwrap().try_again(due.plus_s(400));
        assert_eq!((events(&back), back.next_at()), (Some(vec![event(1)]), Some(due.plus_s(400))));
        assert_eq!(take(&back, &kiritimati, due.plus_s(399)), None);
        let again = take(&back, &kiritimati, due.plus_s(400)).unwrap();
        assert_eq!((events(&again), again.in_digest.clone()), (events(&sending), vec![event(3)]));
        assert_eq!(again.last_digest_on, sending.last_digest_on);
    }

    /// Proves: NT7, F24
    #[test]
    fn a_digest_that_somebody_took_and_did_not_finish_is_taken_again() {
        let (time, utc) = (DigestTime::default(), Zone::utc());
        let due = time.next(&utc, at("2026-11-21T12:00:00Z"));
        let mail = none().with(&event(1), MailTime::InDigest(due), true).unwrap();
        let first = mail.take_digest(&time, &utc, due, due.plus_s(300)).unwrap();
        // What comes meanwhile waits for the next, also where that is due before.
        let first = first.with(&event(2), MailTime::InDigest(due.plus_s(60)), true).unwrap();
        assert_eq!(first.next_at(), Some(due.plus_s(60)));
        assert_eq!(first.take_digest(&time, &utc, due.plus_s(299), due.plus_s(599)), None, "it is being sent");
        let second = first.take_digest(&time, &utc, due.plus_s(300), due.plus_s(600)).unwrap();
        let taken = |mail: &PostponedMail| mail.taken.clone().map(|taken| (taken.events, taken.day));
        assert_eq!(taken(&second), taken(&first));
        assert_eq!((second.in_digest.clone(), second.last_digest_on), (vec![event(2)], first.last_digest_on));
        assert_eq!(second.take_digest(&time, &utc, due.plus_s(301), due.plus_s(601)), None);
        assert_eq!(second.digest_done().next_at(), Some(due.plus_s(60)));
    }
}
