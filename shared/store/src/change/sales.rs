//! Writing sales documents with the lines that do not fit into them, and the account of their customer.

use domain::{receivables::AccountChange, sales::SalesDocument};

use super::Change;
use crate::{
    item::Entity,
    keys::{Key, Tenant},
};

impl Change<'_> {
    /// Writes a sales document: new when `expected` is `None`, else in place of that version. Lines of more than
    /// 200 KB go into items beside it; those of an earlier content are overwritten or stay unread.
    pub fn put_sales_document<T: Entity + SalesDocument>(
        &mut self,
        key: impl FnOnce(&Tenant, &domain::Reference) -> Key<T>,
        expected: Option<u64>,
        document: &T,
    ) {
        let (stored, parts) = document.stored_apart();
        self.put(|tenant| key(tenant, document.reference()), expected, &stored);
        for (part, n) in parts.iter().zip(0_u8..) {
            self.put_unconditional(|tenant| tenant.line_part(T::TOPIC, document.reference(), n), part);
        }
    }

    /// Writes the account of a customer in place of the one that was read, and the movements that lead to it.
    pub fn put_account(&mut self, change: Option<&AccountChange>) {
        let Some(AccountChange { account, expected, movements, .. }) = change else { return };
        self.put(|tenant| tenant.customer_account(&account.customer), *expected, account);
        for movement in movements {
            self.put(|tenant| tenant.movement(movement), None, movement);
        }
    }
}
