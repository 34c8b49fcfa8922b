//! Keys of the deliveries of invitations' letters, and of suppressed addresses.

use domain::{
    Email, InvitationId, UtcTime,
    delivery::Delivery,
    invitation::Invitation,
    suppression::{LetterPurpose, Suppression},
};

use super::{
    invitations::INVITATION,
    key::Key,
    parts::{TextDigest, key_words, shard, shards},
    template::{Gsi2, Item, Partition, Single},
    tenant::Tenant,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const DELIVERY: Item<Delivery, Invitation, ()> = Item::new("DELIVERY");
const REMINDERS: Partition<Delivery, u8> = Partition::new("DUE#reminders");
const REMINDER: Gsi2<Delivery, Delivery, UtcTime> = Gsi2::without_kind();
/// The address is kept as a digest: nobody needs a list of them.
const SUPPRESSED: Single<Suppression, TextDigest> = Single::new("SUPPRESSED");
const COMPLAINT: Item<Suppression, Suppression, LetterPurpose> = Item::new("COMPLAINT");

key_words!(LetterPurpose);

pub(crate) fn delivery(id: &InvitationId) -> Key<Delivery> {
    DELIVERY.key(INVITATION.pk(id), ())
}

/// What keeps every letter from an address.
pub(crate) fn suppression(email: &Email) -> Key<Suppression> {
    SUPPRESSED.key(&TextDigest::of(email.as_str()))
}

/// A complaint of the owner of an address about letters of one purpose.
pub(crate) fn complaint(email: &Email, purpose: LetterPurpose) -> Key<Suppression> {
    COMPLAINT.key(SUPPRESSED.pk(&TextDigest::of(email.as_str())), &purpose)
}

/// Letters whose link expires from `from` on and until `until`, and whose recipient was not reminded:
/// one list for each shard.
pub(crate) fn unreminded(from: UtcTime, until: UtcTime) -> impl Iterator<Item = Listing<Delivery>> {
    let (from, until) = (REMINDER.sk(&from), REMINDER.sk(&until));
    shards().map(move |shard| REMINDER.list(REMINDERS.pk(&shard), ()).between(from.clone(), until.clone()))
}

impl Tenant {
    /// The delivery of any invitation's letter. As with [`Tenant::invitation`], compare the
    /// invitation's tenant with this one before use.
    #[must_use]
    pub fn delivery(&self, id: &InvitationId) -> Key<Delivery> {
        delivery(id)
    }
}

impl Entity for Delivery {
    const ENTITY: &'static str = "delivery";

    fn indexes(&self) -> Indexes {
        let to_remind = self.reminded_at.is_none() && !self.state.blocks();
        let shard = shard(self.invitation.as_str());
        to_remind.then(|| REMINDER.entry(REMINDERS.pk(&shard), &self.expires_at)).into()
    }
}

impl Entity for Suppression {
    const ENTITY: &'static str = "suppression";
}
