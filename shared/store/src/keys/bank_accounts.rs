//! Keys of bank accounts, and of those with a crossing that somebody is still to be told of.

use domain::{Org, Reference, UtcTime, bank::BankAccount};

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

const BANK_ACCOUNT: Item<BankAccount, Org, Reference> = Item::new("BANK");
const DUE: Partition<BankAccount, u8> = Partition::new("DUE#balances");
const DUE_BALANCE: Gsi2<BankAccount, BankAccount, UtcTime> = Gsi2::without_kind();

/// The bank accounts with a crossing that somebody is still to be told of: one list for each shard.
pub(crate) fn due_balances() -> impl Iterator<Item = Listing<BankAccount>> {
    shards().map(|shard| DUE_BALANCE.list(DUE.pk(&shard), ()))
}

impl Tenant {
    /// A bank account.
    #[must_use]
    pub fn bank_account(&self, reference: &Reference) -> Key<BankAccount> {
        BANK_ACCOUNT.key(self.pk(), reference)
    }

    /// The company's bank accounts.
    #[must_use]
    pub fn bank_accounts(&self) -> Listing<BankAccount> {
        BANK_ACCOUNT.list(self.pk(), ())
    }
}

impl Entity for BankAccount {
    const ENTITY: &'static str = "bank_account";

    fn indexes(&self) -> Indexes {
        let entry = DUE_BALANCE.entry(DUE.pk(&shard(self.company.as_str())), &self.as_of);
        self.is_due().then_some(entry).into()
    }
}
