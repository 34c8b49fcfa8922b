//! Keys of the seats of contacts.

use domain::{CompanyId, Org, Reference, UserId, customer::seat::ContactSeat, org::User};

use super::{
    key::Key,
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant, while_active},
    users::USER,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const SEAT: Item<ContactSeat, Org, (Reference, UserId)> = Item::new("SEAT");
const CUSTOMER_OF_CONTACT: Gsi1<ContactSeat, User, (CompanyId, Reference)> = Gsi1::new("CUSTOMER");

pub(crate) fn contact_seat(company: &CompanyId, customer: &Reference, user: &UserId) -> Key<ContactSeat> {
    SEAT.key(COMPANY.pk(company), (customer, user))
}

/// The customers whose contact a person is.
pub(crate) fn contact_seats_of(user: &UserId) -> Listing<ContactSeat> {
    CUSTOMER_OF_CONTACT.list(USER.pk(user), ())
}

impl Tenant {
    /// A person's seat as a contact of a customer of the company.
    #[must_use]
    pub fn contact_seat(&self, customer: &Reference, user: &UserId) -> Key<ContactSeat> {
        SEAT.key(self.pk(), (customer, user))
    }

    /// The seats at a customer of the company, past ones included.
    #[must_use]
    pub fn contact_seats(&self, customer: &Reference) -> Listing<ContactSeat> {
        SEAT.list(self.pk(), customer)
    }

    /// The seats at every customer of the company, past ones included.
    #[must_use]
    pub fn all_contact_seats(&self) -> Listing<ContactSeat> {
        SEAT.list(self.pk(), ())
    }
}

impl Entity for ContactSeat {
    const ENTITY: &'static str = "contact_seat";

    fn indexes(&self) -> Indexes {
        let at_customer = (&self.company, &self.customer);
        while_active(self.status, CUSTOMER_OF_CONTACT.entry(USER.pk(&self.user), at_customer)).into()
    }
}
