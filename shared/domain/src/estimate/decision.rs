//! Decisions on estimates: who decided what, about which content.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    content_digest::ContentDigest,
    id::UserId,
    sales::Revision,
    text::{Name, Note, Reference},
    time::{Day, UtcTime},
};

/// The decisions that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateVerdict {
    /// The customer takes the offer.
    Accepted,
    /// The customer does not.
    Declined,
}

/// By which way a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionVia {
    /// By a contact who was signed in.
    Contact,
    /// On a hosted page.
    Link,
    /// By staff or a member of the company, for a customer who decided otherwise, such as by phone.
    Staff,
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decider {
    /// By which way.
    pub via: DecisionVia,
    /// Their name.
    pub name: Name,
    /// Their user, if they were signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The contact, unless staff decided for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Reference>,
}

/// A decision on an estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateDecision {
    /// What is decided.
    pub verdict: EstimateVerdict,
    /// Why.
    pub reason: Option<Note>,
    /// What the person saw: [`Estimate::digest`] at that time.
    pub seen: ContentDigest,
}

/// A decision as it stays on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EstimateDecisionRecord {
    /// What was decided.
    pub decision: EstimateVerdict,
    /// Who decided.
    pub by: Decider,
    /// When it was made, or recorded.
    pub at: UtcTime,
    /// The day on which the customer decided, where it was recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Day>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// About which content.
    pub revision: Revision,
    /// The digest of what was seen.
    pub digest: ContentDigest,
    /// That it was a mistake and was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<UndoneDecision>,
}

/// That a decision was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoneDecision {
    /// Who undid it.
    pub by: UserId,
    /// Their name.
    pub by_name: Name,
    /// When.
    pub at: UtcTime,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}
