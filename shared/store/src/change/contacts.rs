//! Writing a contact with the item that keeps its address to one contact of the customer, and what a decided change
//! changes.

use domain::customer::{Contact, Customer, CustomerChange, change::DecidedChange};

use super::Change;
use crate::keys::ContactAtAddress;

impl Change<'_> {
    /// Writes a contact in place of `before`. It conflicts with another contact of the customer at the same address.
    pub fn put_contact(&mut self, before: Option<&Contact>, after: &Contact) {
        self.put(|tenant| tenant.contact(&after.customer, &after.id), before.map(|before| before.version), after);
        if before.is_some_and(|before| before.details.email == after.details.email) {
            return;
        }
        if let Some(before) = before {
            self.free_address(before);
        }
        let at = ContactAtAddress::of(&after.id);
        self.put(|tenant| tenant.contact_at(&after.customer, &after.details.email), None, &at);
    }

    /// Deletes a contact.
    pub fn delete_contact(&mut self, contact: &Contact) {
        self.delete(|tenant| tenant.contact(&contact.customer, &contact.id), contact.version);
        self.free_address(contact);
    }

    /// Writes a decided change, and the customer and the contact where it changed them. Both are as they were read.
    pub fn put_decided_change(
        &mut self,
        (change, customer, contact): (&CustomerChange, &Customer, &Contact),
        decided: &DecidedChange,
    ) {
        self.put(|tenant| tenant.customer_change(&change.contact), Some(change.version), &decided.change);
        if let Some(after) = &decided.customer {
            self.put(|tenant| tenant.customer(&customer.reference), Some(customer.version), after);
        }
        if let Some(after) = &decided.contact {
            self.put_contact(Some(contact), after);
        }
    }

    fn free_address(&mut self, contact: &Contact) {
        let version = ContactAtAddress::VERSION;
        self.delete(|tenant| tenant.contact_at(&contact.customer, &contact.details.email), version);
    }
}
