//! Keys of customers, their contacts, the changes that contacts ask for, and a company's settings for them.

use domain::{
    CompanyId, ContactId, Email, Org, Reference, UtcTime,
    customer::{Contact, Customer, CustomerChange, CustomerStatus, PortalSettings, change::CustomerChangeStatus},
};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{Beginning, SortName, key_parts, key_words},
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(ContactId);
key_words!(CustomerStatus, CustomerChangeStatus);

const CUSTOMER: Item<Customer, Org, Reference> = Item::new("CUSTOMER");
const CUSTOMER_BY_NAME: Gsi1<Customer, Org, (CustomerStatus, SortName, Reference)> = Gsi1::new("CUSTOMER");
const CONTACT: Item<Contact, Org, (Reference, ContactId)> = Item::new("CONTACT");
const CONTACT_AT: Item<ContactAtAddress, Org, (Reference, Email)> = Item::new("CONTACTEMAIL");
const CHANGE: Item<CustomerChange, Org, ContactId> = Item::new("CUSTOMERCHANGE");
const CHANGE_BY_STATUS: Gsi1<CustomerChange, Org, (CustomerChangeStatus, UtcTime, ContactId)> =
    Gsi1::new("CUSTOMERCHANGE");
const PORTAL_SETTINGS: Item<PortalSettings, Org, ()> = Item::new("CUSTOMER_PORTAL");

/// Which contact of a customer has an address: there is one such item for each, so two changes at once cannot give one
/// address to two contacts. It is written and deleted with its contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactAtAddress {
    /// The contact.
    pub contact: ContactId,
    /// Always 1.
    pub version: u64,
}

impl ContactAtAddress {
    /// Written once and never changed.
    pub(crate) const VERSION: u64 = 1;

    /// This contact's.
    pub(crate) fn of(contact: &ContactId) -> Self {
        Self { contact: contact.clone(), version: Self::VERSION }
    }
}

/// A customer of a company.
pub(crate) fn customer(company: &CompanyId, reference: &Reference) -> Key<Customer> {
    CUSTOMER.key(COMPANY.pk(company), reference)
}

/// A company's settings for its customers' contacts.
pub(crate) fn portal_settings(company: &CompanyId) -> Key<PortalSettings> {
    PORTAL_SETTINGS.key(COMPANY.pk(company), ())
}

impl Tenant {
    /// A customer of this company.
    #[must_use]
    pub fn customer(&self, reference: &Reference) -> Key<Customer> {
        CUSTOMER.key(self.pk(), reference)
    }

    /// The customers in one state by name; with a beginning, those whose name begins so in whatever case.
    #[must_use]
    pub fn customers(&self, status: CustomerStatus, beginning: Option<&str>) -> Listing<Customer> {
        CUSTOMER_BY_NAME.list(self.pk(), (&status, Beginning(beginning.unwrap_or_default())))
    }

    /// A contact of a customer.
    #[must_use]
    pub fn contact(&self, customer: &Reference, id: &ContactId) -> Key<Contact> {
        CONTACT.key(self.pk(), (customer, id))
    }

    /// A customer's contacts as they were added: at most a hundred.
    #[must_use]
    pub fn contacts(&self, customer: &Reference) -> Listing<Contact> {
        CONTACT.list(self.pk(), customer)
    }

    /// Which contact of a customer has this address.
    #[must_use]
    pub fn contact_at(&self, customer: &Reference, email: &Email) -> Key<ContactAtAddress> {
        CONTACT_AT.key(self.pk(), (customer, email))
    }

    /// The change that a contact asked for last.
    #[must_use]
    pub fn customer_change(&self, contact: &ContactId) -> Key<CustomerChange> {
        CHANGE.key(self.pk(), contact)
    }

    /// The changes that contacts asked for, in one state, the oldest first.
    #[must_use]
    pub fn customer_changes(&self, status: CustomerChangeStatus) -> Listing<CustomerChange> {
        CHANGE_BY_STATUS.list(self.pk(), &status)
    }

    /// The company's settings for its customers' contacts.
    #[must_use]
    pub fn portal_settings(&self) -> Key<PortalSettings> {
        PORTAL_SETTINGS.key(self.pk(), ())
    }
}

impl Entity for Customer {
    const ENTITY: &'static str = "customer";

    fn indexes(&self) -> Indexes {
        let by_name = (&self.status, &SortName::of(self.details.name.as_str()), &self.reference);
        CUSTOMER_BY_NAME.entry(COMPANY.pk(&self.company), by_name).into()
    }
}

impl Entity for Contact {
    const ENTITY: &'static str = "contact";
}

impl Entity for ContactAtAddress {
    const ENTITY: &'static str = "contact_address";
}

impl Entity for CustomerChange {
    const ENTITY: &'static str = "customer_change";

    fn indexes(&self) -> Indexes {
        let by_status = (&self.status, &self.requested_at, &self.contact);
        CHANGE_BY_STATUS.entry(COMPANY.pk(&self.company), by_status).into()
    }
}

impl Entity for PortalSettings {
    const ENTITY: &'static str = "customer_portal";
}

#[cfg(test)]
mod tests {
    use domain::customer::{CustomerDetails, CustomerUpdate, add};

    use super::*;

    fn customer(name: &str) -> Customer {
        let details = CustomerDetails {
            name: name.parse().unwrap(),
            email: None,
            language: None,
            currency: "EUR".parse().unwrap(),
            vat_number: None,
            billing_address: None,
            delivery_address: None,
            payment_terms_days: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        add(company, "CUS-1".parse().unwrap(), details, UtcTime::EPOCH).0
    }

    /// Proves: K2
    #[test]
    fn a_customer_is_found_by_the_beginning_of_its_name_and_among_the_active_or_the_archived() {
        let active = customer("Ünlü # Söhne");
        let tenant = Tenant::new(Org::Company(active.company.clone()));
        let archive = CustomerUpdate { status: Some(CustomerStatus::Archived), ..CustomerUpdate::default() };
        let (archived, _) = active.edit(archive).unwrap();
        let is_in = |listing: &Listing<Customer>, customer: &Customer| {
            customer.indexes().entries.iter().any(|entry| {
                listing.source == entry.source && listing.pk == entry.pk && entry.sk.starts_with(&listing.prefix)
            })
        };
        for beginning in [None, Some("ünl"), Some("ÜNLÜ # s")] {
            assert!(is_in(&tenant.customers(CustomerStatus::Active, beginning), &active), "{beginning:?}");
            assert!(!is_in(&tenant.customers(CustomerStatus::Active, beginning), &archived), "{beginning:?}");
            assert!(is_in(&tenant.customers(CustomerStatus::Archived, beginning), &archived), "{beginning:?}");
        }
        assert!(!is_in(&tenant.customers(CustomerStatus::Active, Some("s")), &active));
    }

    /// Proves: 23
    #[test]
    fn a_customers_contacts_are_no_other_customers() {
        let tenant = Tenant::new(Org::Company(customer("A").company));
        let contact = "ct_00000000000000000000000000000001".parse().unwrap();
        let key = tenant.contact(&"CUS-10".parse().unwrap(), &contact).raw;
        assert!(key.sk.starts_with(&tenant.contacts(&"CUS-10".parse().unwrap()).prefix));
        assert!(!key.sk.starts_with(&tenant.contacts(&"CUS-1".parse().unwrap()).prefix));
    }
}
