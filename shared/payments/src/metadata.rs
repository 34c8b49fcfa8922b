//! What we attach to Stripe's objects, so that a webhook finds our payment again.

use std::collections::BTreeMap;

use domain::{CompanyId, PaymentId, Reference};
use serde::Deserialize;

/// The metadata of an object of Stripe's. One that is not ours has none of these names, or other values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Our payment.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        self.0.get("payment")?.parse().ok()
    }

    /// Whose payment it is.
    #[must_use]
    pub fn company_id(&self) -> Option<CompanyId> {
        self.0.get("company")?.parse().ok()
    }

    /// The invoice that is paid.
    #[must_use]
    pub fn invoice_reference(&self) -> Option<Reference> {
        self.0.get("invoice")?.parse().ok()
    }
}
