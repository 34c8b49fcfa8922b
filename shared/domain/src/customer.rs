//! Customers: whom a company sells to, and the contacts there.

pub mod seat;

pub use self::seat::{ContactAccessEnded, ContactAccessStarted};
use crate::text::Reference;

/// Something that belongs to one customer of a company: other customers' contacts do not learn that it exists.
pub trait OfCustomer {
    /// The customer.
    fn customer(&self) -> &Reference;
}
