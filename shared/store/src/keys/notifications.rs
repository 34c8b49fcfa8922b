//! Keys of what people choose about notifications, and of their inboxes.

use domain::{
    EventId, Org, UserId, UtcTime,
    notification::{ClientNotificationSettings, InboxEntry, NotificationSettings, PostponedMail, UnreadNotifications},
    org::User,
};

use super::{
    key::Key,
    parts::{shard, shards},
    template::{Gsi2, Item, Partition},
    tenant::{Tenant, org_pk},
    users::USER,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const OWN_SETTINGS: Item<NotificationSettings, User, ()> = Item::new("NOTIFICATION-SETTINGS");
const SETTINGS: Item<ClientNotificationSettings, Org, ()> = Item::new("NOTIFICATION-SETTINGS");
/// An event's id begins with its time, so a person's entries are sorted by it.
const INBOX: Item<InboxEntry, Org, (UserId, EventId)> = Item::new("INBOX");
const UNREAD: Item<UnreadNotifications, Org, UserId> = Item::new("UNREAD");

const POSTPONED: Item<PostponedMail, Org, UserId> = Item::new("POSTPONED");
const DUE: Partition<PostponedMail, u8> = Partition::new("DUE#mail");
const DUE_MAIL: Gsi2<PostponedMail, PostponedMail, UtcTime> = Gsi2::without_kind();

/// The mail that is due until a time: one list for each shard.
pub(crate) fn due_postponed_mail(until: UtcTime) -> impl Iterator<Item = Listing<PostponedMail>> {
    shards().map(move |shard| {
        let waiting = DUE_MAIL.list(DUE.pk(&shard), ());
        waiting.between(DUE_MAIL.sk(&UtcTime::EPOCH), DUE_MAIL.sk(&until))
    })
}

/// What a person has chosen.
pub(crate) fn notification_settings(user: &UserId) -> Key<NotificationSettings> {
    OWN_SETTINGS.key(USER.pk(user), ())
}

/// What a person has not read in a company or firm.
pub(crate) fn unread_notifications(org: &Org, user: &UserId) -> Key<UnreadNotifications> {
    UNREAD.key(org_pk(org), user)
}

impl Tenant {
    /// What the company's settings say for its people.
    #[must_use]
    pub fn client_notification_settings(&self) -> Key<ClientNotificationSettings> {
        SETTINGS.key(self.pk(), ())
    }

    /// One notification of a person.
    #[must_use]
    pub fn inbox_entry(&self, user: &UserId, id: &EventId) -> Key<InboxEntry> {
        INBOX.key(self.pk(), (user, id))
    }

    /// The notifications of a person, newest first.
    #[must_use]
    pub fn inbox(&self, user: &UserId) -> Listing<InboxEntry> {
        INBOX.list(self.pk(), user).newest_first()
    }

    /// The mail to a person from here that waits.
    #[must_use]
    pub fn postponed_mail(&self, user: &UserId) -> Key<PostponedMail> {
        POSTPONED.key(self.pk(), user)
    }

    /// What a person has not read here.
    #[must_use]
    pub fn unread_notifications(&self, user: &UserId) -> Key<UnreadNotifications> {
        unread_notifications(self.org(), user)
    }
}

impl Entity for NotificationSettings {
    const ENTITY: &'static str = "notification_settings";
}

impl Entity for ClientNotificationSettings {
    const ENTITY: &'static str = "client_notification_settings";
}

impl Entity for InboxEntry {
    const ENTITY: &'static str = "inbox_entry";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.kept_until().unix_s())
    }
}

impl Entity for PostponedMail {
    const ENTITY: &'static str = "postponed_mail";

    fn indexes(&self) -> Indexes {
        let shard = shard(self.user.as_str());
        self.next_at().as_ref().map(|at| DUE_MAIL.entry(DUE.pk(&shard), at)).into()
    }
}

impl Entity for UnreadNotifications {
    const ENTITY: &'static str = "unread_notifications";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inbox_is_one_persons_in_one_tenant() {
        let tenant = Tenant::new("co_00000000000000000000000000000001".parse().unwrap());
        let user = |name: &str| name.parse::<UserId>().unwrap();
        let entry = tenant.inbox_entry(&user("u-1"), &"ev_00000000000000000000000000000001".parse().unwrap()).raw;
        let listed = tenant.inbox(&user("u-1"));
        assert!(entry.pk == "COMPANY#co_00000000000000000000000000000001" && listed.pk == entry.pk);
        assert!(entry.sk.starts_with(&listed.prefix));
        assert!(!entry.sk.starts_with(&tenant.inbox(&user("u")).prefix), "the name of another begins so");
    }
}
