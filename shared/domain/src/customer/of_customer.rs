//! What belongs to one customer.

use super::{Contact, Customer, CustomerChange};
use crate::text::Reference;

/// Something that belongs to one customer of a company: other customers' contacts do not learn that it exists.
pub trait OfCustomer {
    /// The customer.
    fn customer(&self) -> &Reference;
}

impl OfCustomer for Customer {
    fn customer(&self) -> &Reference {
        &self.reference
    }
}

impl OfCustomer for Contact {
    fn customer(&self) -> &Reference {
        &self.customer
    }
}

impl OfCustomer for CustomerChange {
    fn customer(&self) -> &Reference {
        &self.customer
    }
}
