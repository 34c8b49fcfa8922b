//! A customer, and how people add and change it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    details::{CustomerDetails, CustomerUpdate},
    event::{CustomerAdded, CustomerChanged},
    field::{CustomerField, CustomerStatus},
};
use crate::{
    content_digest::ContentDigest,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org},
    ledger_report::{ReportVersion, Reported},
    text::Reference,
    time::UtcTime,
};

/// A customer of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Who sells to it.
    pub company: CompanyId,
    /// The ledger's own name for it, or one made here.
    pub reference: Reference,
    /// What is known about it.
    #[serde(flatten)]
    pub details: CustomerDetails,
    /// Whether it is dealt with.
    pub status: CustomerStatus,
    /// How many contacts it has.
    pub contact_count: u16,
    /// The ledger's version of what it reported last, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// The digest of what the ledger reported last. People may have changed the customer since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_digest: Option<ContentDigest>,
    /// When it was added.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A reference for a customer that nobody gave one, from a UUIDv7 that the caller drew: `cus-` and 32 hexadecimal
/// digits.
#[must_use]
pub fn reference_from(uuid: Uuid) -> Reference {
    Reference::of_uuid("cus-", uuid)
}

/// Adds a customer that a person describes.
#[must_use]
pub fn add(company: CompanyId, reference: Reference, details: CustomerDetails, at: UtcTime) -> (Customer, NewEvent) {
    let customer = Customer::new(company, reference, details, at);
    let event = customer.event(kinds::CustomerAdded::of(CustomerAdded { currency: customer.details.currency }));
    (customer, event)
}

impl Customer {
    pub(super) fn new(company: CompanyId, reference: Reference, details: CustomerDetails, at: UtcTime) -> Self {
        Self {
            company,
            reference,
            details,
            status: CustomerStatus::Active,
            contact_count: 0,
            report_version: None,
            report_digest: None,
            created_at: at,
            version: 1,
        }
    }

    /// Changes it as a person says. `None` if that changes nothing.
    #[must_use]
    pub fn edit(&self, update: CustomerUpdate) -> Option<(Self, NewEvent)> {
        let status = update.status.unwrap_or(self.status);
        let after = Self { details: self.details.updated(update), status, ..self.next() };
        let changed = self.differences(&after);
        if changed.is_empty() {
            return None;
        }
        let event = after.event(kinds::CustomerChanged::of(CustomerChanged { changed, status }));
        Some((after, event))
    }

    /// The fields that people see and in which it differs from another state of the same customer.
    pub(super) fn differences(&self, after: &Self) -> Vec<CustomerField> {
        let mut changed = self.details.differences(&after.details);
        changed.extend((self.status != after.status).then_some(CustomerField::Status));
        changed
    }

    /// The customer as it is written next.
    pub(super) fn next(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    pub(super) fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), payload)
    }
}

impl Reported for Customer {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version = self.version.saturating_add(1);
    }
}
