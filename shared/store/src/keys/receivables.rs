//! Keys of customers' accounts and of their movements.

use domain::{
    Org, Reference,
    receivables::{CustomerAccount, Movement},
    time::Day,
};

use super::{key::Key, template::Item, tenant::Tenant};
use crate::{item::Entity, listing::Listing};

const ACCOUNT: Item<CustomerAccount, Org, Reference> = Item::new("CUSTOMERACCOUNT");
const MOVEMENT: Item<Movement, Org, (Reference, Day, str)> = Item::new("MOVEMENT");

impl Tenant {
    /// What a customer owes.
    #[must_use]
    pub fn customer_account(&self, customer: &Reference) -> Key<CustomerAccount> {
        ACCOUNT.key(self.pk(), customer)
    }

    /// What all customers owe, by the customer's reference.
    #[must_use]
    pub fn customer_accounts(&self) -> Listing<CustomerAccount> {
        ACCOUNT.list(self.pk(), ())
    }

    pub(crate) fn movement(&self, movement: &Movement) -> Key<Movement> {
        MOVEMENT.key(self.pk(), (&movement.customer, &movement.day, movement.name().as_str()))
    }

    /// The movements of a customer's account from a day on, the oldest first.
    #[must_use]
    pub fn movements_since(&self, customer: &Reference, from: Day) -> Listing<Movement> {
        let all = MOVEMENT.list(self.pk(), customer);
        // A day is written in ten characters, which none of these follows.
        let (least, greatest) = (format!("{}{from}", all.prefix), format!("{}~", all.prefix));
        all.between(least, greatest)
    }
}

impl Entity for CustomerAccount {
    const ENTITY: &'static str = "customer_account";
}

impl Entity for Movement {
    const ENTITY: &'static str = "movement";
}
