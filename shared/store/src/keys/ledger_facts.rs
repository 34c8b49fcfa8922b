//! Keys of the facts that the ledger states.

use domain::{Org, Reference, ledger_fact::LedgerFact};

use super::{key::Key, template::Item, tenant::Tenant};
use crate::item::Entity;

const FACT: Item<LedgerFact, Org, Reference> = Item::new("FACT");

impl Tenant {
    /// A fact that the ledger stated.
    #[must_use]
    pub fn ledger_fact(&self, reference: &Reference) -> Key<LedgerFact> {
        FACT.key(self.pk(), reference)
    }
}

impl Entity for LedgerFact {
    const ENTITY: &'static str = "ledger_fact";
}
