//! What the events about estimates say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    decision::EstimateDecisionRecord,
    state::{Estimate, EstimateState},
};
use crate::{
    event::{EventData, NewEvent},
    id::Org,
    money::{Currency, Total},
    sales::{DocumentSource, Revision},
    text::{Name, Reference},
};

/// Payload of the `estimate.*` events that are not about a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EstimatePayload {
    /// The number that is printed on the estimate.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Total,
    /// The currency.
    pub currency: Currency,
    /// The estimate's state.
    pub state: EstimateState,
    /// Who keeps it.
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    pub revision: Revision,
    /// The invoice that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Reference>,
}

/// Payload of `estimate.decided` and `estimate.decision_undone`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EstimateDecisionPayload {
    /// The number that is printed on the estimate.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Total,
    /// The currency.
    pub currency: Currency,
    /// The estimate's state: after a decision that decision, and for one that is undone the one before.
    pub state: EstimateState,
    /// The decision.
    #[schema(required = true)]
    pub decision: Option<EstimateDecisionRecord>,
}

impl Estimate {
    pub(super) fn event(&self, kind: fn(EstimatePayload) -> EventData) -> NewEvent {
        let content = &self.terms.content;
        let data = EstimatePayload {
            number: content.number.clone(),
            customer: content.customer.clone(),
            customer_name: content.customer_name.clone(),
            total_minor: content.total_minor,
            currency: content.currency,
            state: self.state,
            source: self.source,
            revision: self.revision,
            invoice: self.invoice.clone(),
        };
        self.of(kind(data))
    }

    pub(super) fn decision_event(&self, kind: fn(EstimateDecisionPayload) -> EventData) -> NewEvent {
        let content = &self.terms.content;
        let data = EstimateDecisionPayload {
            number: content.number.clone(),
            customer: content.customer.clone(),
            customer_name: content.customer_name.clone(),
            total_minor: content.total_minor,
            currency: content.currency,
            state: self.state,
            decision: self.decision.clone(),
        };
        self.of(kind(data))
    }

    fn of(&self, data: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), data)
    }
}
