//! The inbox of a person in a company or firm.
//!
//! It lies among the tenant's data: who loses the place loses the inbox. An entry is never changed. Which entries are
//! unread is kept once, beside them.

use serde::{Deserialize, Serialize};

use super::{catalogue::NotificationType, postponed::MailTime};
use crate::{
    event::{Event, Subject},
    id::{EventId, UserId},
    permission::Permission,
    text::Name,
    time::UtcTime,
};

/// How long an entry is kept, in seconds: 90 days.
pub(crate) const KEPT_FOR_S: i64 = 90 * 24 * 3600;
/// The most entries that count as unread; of more, the oldest count as read.
const MAX_UNREAD: usize = 100;

/// One notification of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEntry {
    /// The event that it is about, which names it.
    pub id: EventId,
    /// Whose it is.
    pub user: UserId,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// The permissions of which its reader holds one; none where the place is enough.
    #[serde(default)]
    pub needs: Vec<Permission>,
    /// What it says, in one line.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// The person whose act it is about, if it was one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<Name>,
    /// When it happened.
    pub at: UtcTime,
    /// Whether the person had chosen, when it came, that it is not mailed. Then it is not mailed later either, though its event
    /// is delivered again after they chose otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_mailed: bool,
}

/// Whether somebody may see a notification now: it is still kept, it came in their stay, and they hold one of the
/// permissions that it needs.
pub(crate) fn is_shown(
    (needs, at): (&[Permission], UtcTime),
    since: UtcTime,
    now: UtcTime,
    holds: impl Fn(Permission) -> bool,
) -> bool {
    let is_kept = now < at.plus_s(KEPT_FOR_S);
    is_kept && at >= since && (needs.is_empty() || needs.iter().any(|permission| holds(*permission)))
}

impl InboxEntry {
    /// Until when it is kept.
    #[must_use]
    pub fn kept_until(&self) -> UtcTime {
        self.at.plus_s(KEPT_FOR_S)
    }

    /// Whether its person may see it now, in the stay that began at `since` and with the permissions that they hold.
    #[must_use]
    pub fn is_shown(&self, since: UtcTime, now: UtcTime, holds: impl Fn(Permission) -> bool) -> bool {
        is_shown((&self.needs, self.at), since, now, holds)
    }

    /// The notification of a person about an event.
    #[must_use]
    pub fn of(event: &Event, user: UserId, kind: NotificationType, needs: Vec<Permission>, title: String) -> Self {
        Self {
            id: event.id.clone(),
            user,
            kind,
            needs,
            title,
            subject: event.subject.clone(),
            by_name: event.actor.name.clone(),
            at: event.at,
            never_mailed: false,
        }
    }

    /// The entry with its time of mail, as it was when the entry came.
    #[must_use]
    pub fn mailed(self, time: MailTime) -> Self {
        Self { never_mailed: matches!(time, MailTime::Never), ..self }
    }
}

/// An entry that its reader has not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct UnreadEntry {
    id: EventId,
    #[serde(default)]
    needs: Vec<Permission>,
    at: UtcTime,
}

/// The entries that a person has not read in one company or firm, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadNotifications {
    #[serde(default)]
    entries: Vec<UnreadEntry>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl UnreadNotifications {
    /// Whether an entry is unread.
    #[must_use]
    pub fn contains(&self, id: &EventId) -> bool {
        self.entries.iter().any(|entry| entry.id == *id)
    }

    /// How many entries are unread of those that the person may see now, as [`InboxEntry::is_shown`]: at most 100.
    #[must_use]
    pub fn count(&self, since: UtcTime, now: UtcTime, holds: impl Fn(Permission) -> bool + Copy) -> usize {
        self.entries.iter().filter(|entry| is_shown((&entry.needs, entry.at), since, now, holds)).count()
    }

    /// Adds a new entry, and forgets those that are not kept any more.
    #[must_use]
    pub fn with(&self, entry: &InboxEntry, now: UtcTime) -> Self {
        let mut entries: Vec<UnreadEntry> =
            self.entries.iter().filter(|entry| now < entry.at.plus_s(KEPT_FOR_S)).cloned().collect();
        let InboxEntry { id, needs, at, .. } = entry.clone();
        entries.push(UnreadEntry { id, needs, at });
        entries.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        let too_many = entries.len().saturating_sub(MAX_UNREAD);
        entries.drain(..too_many);
        Self { entries, version: self.version + 1 }
    }

    /// After one entry was read; `None` where it is not unread.
    #[must_use]
    pub fn without(&self, id: &EventId) -> Option<Self> {
        let entries: Vec<UnreadEntry> = self.entries.iter().filter(|entry| entry.id != *id).cloned().collect();
        (entries.len() < self.entries.len()).then(|| Self { entries, version: self.version + 1 })
    }

    /// After all entries were read; `None` where none is unread.
    #[must_use]
    pub fn all_read(&self) -> Option<Self> {
        (!self.entries.is_empty()).then(|| Self { entries: Vec::new(), version: self.version + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> EventId {
        EventId::from_uuid(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn entry(n: u32, needs: &[Permission]) -> InboxEntry {
        InboxEntry {
            id: id(n),
            user: "u".parse().unwrap(),
            kind: NotificationType::PaymentReceived,
            needs: needs.to_vec(),
            title: "Payment received".to_owned(),
            subject: Subject { kind: "payment".to_owned(), id: "pay_1".to_owned() },
            by_name: None,
            at: UtcTime::EPOCH.plus_s(i64::from(n)),
            never_mailed: false,
        }
    }

    const ALL: fn(Permission) -> bool = |_| true;

    fn unread(entries: impl Iterator<Item = InboxEntry>) -> UnreadNotifications {
        entries.fold(UnreadNotifications::default(), |unread, entry| unread.with(&entry, entry.at))
    }

    /// Proves: NT5
    #[test]
    fn what_one_may_not_see_does_not_count() {
        let paid = [Permission::PaymentsView];
        let either = [Permission::PaymentsManage, Permission::InvoicesEdit];
        let unread = unread([entry(1, &paid), entry(2, &either), entry(3, &[])].into_iter());
        let now = UtcTime::EPOCH.plus_s(10);
        let count = |since, holds: fn(Permission) -> bool| unread.count(since, now, holds);
        assert_eq!(count(UtcTime::EPOCH, ALL), 3);
        assert_eq!(count(UtcTime::EPOCH, |permission| permission == Permission::InvoicesEdit), 2);
        assert_eq!(count(UtcTime::EPOCH, |_| false), 1);
        assert_eq!(count(UtcTime::EPOCH.plus_s(3), ALL), 1, "what came in an earlier stay");
        assert_eq!(unread.count(UtcTime::EPOCH, now.plus_s(KEPT_FOR_S), ALL), 0, "what is not kept any more");
    }

    #[test]
    fn reading_takes_one_away_or_all() {
        let unread = unread((1..=3).map(|n| entry(n, &[])));
        assert_eq!(unread.version, 3);
        let fewer = unread.without(&id(2)).unwrap();
        assert!(fewer.contains(&id(1)) && !fewer.contains(&id(2)) && fewer.version == 4);
        assert_eq!(fewer.without(&id(2)), None);
        let none = fewer.all_read().unwrap();
        assert_eq!((none.contains(&id(1)), none.all_read()), (false, None));
    }

    #[test]
    fn the_newest_hundred_stay_unread_in_any_order_of_arrival() {
        let mut numbers: Vec<u32> = (1..=130).collect();
        numbers.reverse();
        let unread = unread(numbers.into_iter().map(|n| entry(n, &[])));
        assert_eq!(unread.count(UtcTime::EPOCH, UtcTime::EPOCH.plus_s(200), ALL), 100);
        assert!(!unread.contains(&id(30)) && unread.contains(&id(31)) && unread.contains(&id(130)));
    }
}
