//! Customers: the businesses and people that a company sells to. The ledger pushes them under its own references;
//! people add and change them where the ledger has none.
//!
//! What a customer owes is not in here: [`receivables`](crate::receivables) keeps that from the documents.

pub mod admission;
pub mod change;
pub mod contact;
mod details;
mod event;
#[cfg(test)]
pub(crate) mod examples;
mod field;
mod of_customer;
mod phone;
mod recording;
pub mod seat;
pub mod settings;
mod state;
#[cfg(test)]
mod tests;
mod vat_number;

pub use change::{CustomerChange, CustomerChangeDecided, CustomerChangeRequested};
pub use contact::{Contact, ContactDetails};
pub use details::{Address, CustomerDetails, CustomerUpdate, PaymentTermsDays, PaymentTermsError};
pub use event::{ContactAdded, ContactChanged, ContactRemoved, CustomerAdded, CustomerChanged, CustomerRecorded};
pub use field::{ContactField, CustomerField, CustomerStatus};
pub use of_customer::OfCustomer;
pub use phone::{Phone, PhoneError};
pub use recording::{ContactWrite, CustomerReport, RecordError, record};
pub use seat::{ContactAccessEnded, ContactAccessStarted};
pub use settings::{PortalSettings, PortalSettingsChanged};
pub use state::{Customer, add, reference_from};
pub use vat_number::{VatNumber, VatNumberError};
