//! Payloads of the events about customers and contacts. Names, addresses and numbers stay with the customer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::field::{ContactField, CustomerField, CustomerStatus};
use crate::{money::Currency, text::Reference};

/// Payload of `customer.recorded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerRecorded {
    /// Whether the customer is new.
    pub new: bool,
    /// The fields that changed; none for a new customer.
    pub changed: Vec<CustomerField>,
    /// The status now.
    pub status: CustomerStatus,
    /// How many contacts the report added.
    pub contacts_added: u16,
    /// How many contacts the report changed.
    pub contacts_changed: u16,
}

/// Payload of `customer.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerAdded {
    /// The currency of its documents.
    pub currency: Currency,
}

/// Payload of `customer.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerChanged {
    /// The fields that changed.
    pub changed: Vec<CustomerField>,
    /// The status now.
    pub status: CustomerStatus,
}

/// Payload of `contact.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactAdded {
    /// The customer.
    pub customer: Reference,
}

/// Payload of `contact.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactChanged {
    /// The customer.
    pub customer: Reference,
    /// The fields that changed.
    pub changed: Vec<ContactField>,
}

/// Payload of `contact.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactRemoved {
    /// The customer.
    pub customer: Reference,
}
