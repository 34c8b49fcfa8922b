//! Keys of the reminders that companies send of invoices: one item for each company, found when the next are due.

use domain::{Org, UtcTime, invoice::InvoiceReminders};

use super::{
    key::Key,
    parts::{shard, shards},
    template::{Gsi2, Item, Partition},
    tenant::Tenant,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const REMINDERS: Item<InvoiceReminders, Org, ()> = Item::new("INVOICE_REMINDERS");
const DUE: Partition<InvoiceReminders, u8> = Partition::new("DUE#invoice-reminders");
const DUE_REMINDERS: Gsi2<InvoiceReminders, InvoiceReminders, UtcTime> = Gsi2::without_kind();

/// The companies whose reminders are due until a time: one list for each shard.
pub(crate) fn due_invoice_reminders(until: UtcTime) -> impl Iterator<Item = Listing<InvoiceReminders>> {
    shards().map(move |shard| {
        let reminders = DUE_REMINDERS.list(DUE.pk(&shard), ());
        reminders.between(DUE_REMINDERS.sk(&UtcTime::EPOCH), DUE_REMINDERS.sk(&until))
    })
}

impl Tenant {
    /// How far the company's reminders of invoices have come.
    #[must_use]
    pub fn invoice_reminders(&self) -> Key<InvoiceReminders> {
        REMINDERS.key(self.pk(), ())
    }
}

impl Entity for InvoiceReminders {
    const ENTITY: &'static str = "invoice_reminders";

    fn indexes(&self) -> Indexes {
        let shard = shard(self.company.as_str());
        self.next_at.as_ref().map(|at| DUE_REMINDERS.entry(DUE.pk(&shard), at)).into()
    }
}
