//! The status of a customer, and the fields of customers and contacts that events name.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a customer is dealt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerStatus {
    /// Dealt with.
    #[default]
    Active,
    /// Kept for the record: it is in no list of active customers, gets no new contacts, and its contacts have no
    /// access.
    Archived,
}

impl CustomerStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for CustomerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A field of a customer that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerField {
    /// Its name.
    Name,
    /// Its own address for documents.
    Email,
    /// The language of its documents and letters.
    Language,
    /// The currency of its documents.
    Currency,
    /// Its VAT number.
    VatNumber,
    /// Where invoices are addressed to.
    BillingAddress,
    /// Where goods go.
    DeliveryAddress,
    /// After how many days its invoices are due.
    PaymentTermsDays,
    /// Whether it is active or archived.
    Status,
}

/// A field of a contact that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    /// The name.
    Name,
    /// The address.
    Email,
    /// The telephone number.
    Phone,
    /// What they do at the customer.
    JobTitle,
    /// The language of letters.
    Language,
}
