//! What the events about invoices say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{Invoice, InvoiceState};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::Org,
    money::{Currency, Total},
    sales::{DocumentSource, Revision},
    text::{Name, Reference},
    time::Day,
};

/// Payload of `invoice.recorded`, `invoice.sent` and `invoice.voided`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceRecorded {
    /// The number that is printed on the invoice.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Total,
    /// What was settled other than through the payment provider, in minor units.
    #[serde(default)]
    pub settled_elsewhere_minor: Total,
    /// The total before the change; `null` for a new invoice.
    #[schema(required = true)]
    pub before_total_minor: Option<Total>,
    /// The currency.
    pub currency: Currency,
    /// The invoice's state.
    pub state: InvoiceState,
    /// Who keeps it.
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    pub revision: Revision,
    /// When it is due.
    pub due_on: Day,
    /// The estimate that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Reference>,
}

/// Payload of `invoice.paid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoicePaid {
    /// The number that is printed on the invoice.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Total,
    /// What was settled other than through the payment provider, in minor units.
    pub settled_elsewhere_minor: Total,
    /// The currency.
    pub currency: Currency,
}

impl Invoice {
    /// The event of a change by which the invoice became paid otherwise than through the payment provider. One that was
    /// new with the change was never unpaid here: nobody is told of it.
    #[must_use]
    pub fn paid_elsewhere(&self, before: Option<&Self>) -> Option<NewEvent> {
        let before = before?;
        if self.paid_elsewhere_at.is_none() || before.paid_elsewhere_at.is_some() {
            return None;
        }
        let content = &self.terms.content;
        let paid = InvoicePaid {
            number: content.number.clone(),
            customer: content.customer.clone(),
            customer_name: content.customer_name.clone(),
            total_minor: content.total_minor,
            settled_elsewhere_minor: self.terms.settled_elsewhere_minor,
            currency: content.currency,
        };
        let org = Org::Company(self.company.clone());
        Some(NewEvent::new(org, self.reference.as_str(), kinds::InvoicePaid::of(paid)))
    }

    /// The event of a change: that the content was sent, that the invoice was withdrawn, or else that it was
    /// recorded.
    pub(super) fn recorded(&self, before: Option<&Self>, is_sent: bool) -> NewEvent {
        let kind: fn(InvoiceRecorded) -> EventData = match self.state {
            InvoiceState::Void if before.is_some() => kinds::InvoiceVoided::of,
            InvoiceState::Open | InvoiceState::Settled if is_sent => kinds::InvoiceSent::of,
            InvoiceState::Draft | InvoiceState::Open | InvoiceState::Settled | InvoiceState::Void => {
                kinds::InvoiceRecorded::of
            }
        };
        let content = &self.terms.content;
        let recorded = InvoiceRecorded {
            number: content.number.clone(),
            customer: content.customer.clone(),
            customer_name: content.customer_name.clone(),
            total_minor: content.total_minor,
            settled_elsewhere_minor: self.terms.settled_elsewhere_minor,
            before_total_minor: before.map(|before| before.terms.content.total_minor),
            currency: content.currency,
            state: self.state,
            source: self.source,
            revision: self.revision,
            due_on: self.terms.due_on,
            estimate: self.terms.estimate.clone(),
        };
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), kind(recorded))
    }
}
