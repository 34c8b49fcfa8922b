//! Writing a contact with the item that keeps its address to one contact of the customer.

use domain::customer::Contact;

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

    fn free_address(&mut self, contact: &Contact) {
        let version = ContactAtAddress::VERSION;
        self.delete(|tenant| tenant.contact_at(&contact.customer, &contact.details.email), version);
    }
}
