//! The status of an estimate: it follows from what is stored and from today's date, here and nowhere else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{Estimate, EstimateState};
use crate::time::Day;

/// The status of an estimate on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateStatus {
    /// Not sent.
    Draft,
    /// Sent.
    Sent,
    /// The customer saw the present content.
    Viewed,
    /// The customer accepted it.
    Accepted,
    /// The customer declined it.
    Declined,
    /// Its last valid day is over, and nobody decided.
    Expired,
    /// An invoice was made of it.
    Invoiced,
}

impl Estimate {
    /// The status on a day, which is today in the company's time zone.
    #[must_use]
    pub fn status(&self, today: Day) -> EstimateStatus {
        match self.state {
            EstimateState::Draft => EstimateStatus::Draft,
            EstimateState::Accepted => EstimateStatus::Accepted,
            EstimateState::Declined => EstimateStatus::Declined,
            EstimateState::Invoiced => EstimateStatus::Invoiced,
            EstimateState::Open if today > self.terms.valid_until => EstimateStatus::Expired,
            EstimateState::Open if self.viewed.is_some_and(|viewed| viewed.revision == self.revision) => {
                EstimateStatus::Viewed
            }
            EstimateState::Open => EstimateStatus::Sent,
        }
    }
}
