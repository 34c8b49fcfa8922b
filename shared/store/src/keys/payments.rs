//! Keys of payments, and of those whose outcome is not known yet.

use domain::{
    Org, PaymentId, UtcTime,
    payment::{Payment, PaymentStatus},
};

use super::{
    key::Key,
    parts::{key_parts, shard, shards},
    template::{Gsi2, Item, Partition},
    tenant::Tenant,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(PaymentId);

const PAYMENT: Item<Payment, Org, PaymentId> = Item::new("PAYMENT");
const UNSETTLED: Partition<Payment, u8> = Partition::new("DUE#payments");
const UNSETTLED_PAYMENT: Gsi2<Payment, Payment, UtcTime> = Gsi2::without_kind();

/// The payments whose outcome is not known yet, oldest first: one list for each shard.
pub(crate) fn due_payments() -> impl Iterator<Item = Listing<Payment>> {
    shards().map(|shard| UNSETTLED_PAYMENT.list(UNSETTLED.pk(&shard), ()))
}

impl Tenant {
    /// A payment.
    #[must_use]
    pub fn payment(&self, id: &PaymentId) -> Key<Payment> {
        PAYMENT.key(self.pk(), id)
    }
}

impl Entity for Payment {
    const ENTITY: &'static str = "payment";

    fn indexes(&self) -> Indexes {
        let shard = shard(self.id.as_str());
        let entry = UNSETTLED_PAYMENT.entry(UNSETTLED.pk(&shard), &self.started_at);
        (self.status == PaymentStatus::Pending).then_some(entry).into()
    }
}
