//! Keys of payments, of those whose outcome is not known yet, and of those that are looked up again.

use domain::{
    Org, PaymentId, Reference, UtcTime,
    payment::{Payment, PaymentStatus},
};

use super::{
    key::Key,
    parts::{key_parts, shard, shards},
    template::{Gsi1, Gsi2, Item, Partition},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(PaymentId);

const PAYMENT: Item<Payment, Org, PaymentId> = Item::new("PAYMENT");
const PAYMENT_BY_INVOICE: Gsi1<Payment, Org, (Reference, PaymentId)> = Gsi1::new("PAYMENT");
const UNSETTLED: Partition<Payment, u8> = Partition::new("DUE#payments");
const UNSETTLED_PAYMENT: Gsi2<Payment, Payment, UtcTime> = Gsi2::without_kind();

const SETTLED: Partition<Payment, u8> = Partition::new("DUE#payment-checks");
const SETTLED_PAYMENT: Gsi2<Payment, Payment, UtcTime> = Gsi2::without_kind();

/// The succeeded payments that are to be looked up again until a time: one list for each shard.
pub(crate) fn due_payment_checks(until: UtcTime) -> impl Iterator<Item = Listing<Payment>> {
    shards().map(move |shard| {
        let checks = SETTLED_PAYMENT.list(SETTLED.pk(&shard), ());
        checks.between(SETTLED_PAYMENT.sk(&UtcTime::EPOCH), SETTLED_PAYMENT.sk(&until))
    })
}

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

    /// Payments, all or those of one invoice, newest first.
    #[must_use]
    pub fn payments(&self, invoice: Option<&Reference>) -> Listing<Payment> {
        match invoice {
            Some(invoice) => PAYMENT_BY_INVOICE.list(self.pk(), invoice),
            None => PAYMENT.list(self.pk(), ()),
        }
        .newest_first()
    }
}

impl Entity for Payment {
    const ENTITY: &'static str = "payment";

    fn indexes(&self) -> Indexes {
        let shard = shard(self.id.as_str());
        let by_invoice = PAYMENT_BY_INVOICE.entry(COMPANY.pk(&self.company), (&self.invoice, &self.id));
        let due = match self.status {
            PaymentStatus::Pending => Some(UNSETTLED_PAYMENT.entry(UNSETTLED.pk(&shard), &self.started_at)),
            PaymentStatus::Succeeded => self.check_at.as_ref().map(|at| SETTLED_PAYMENT.entry(SETTLED.pk(&shard), at)),
            PaymentStatus::Canceled => None,
        };
        Indexes::from(by_invoice).and(due)
    }
}
