//! Estimates: offers that a company sends to its customers, who accept or decline them.
//!
//! A decision counts for one revision: the content that was seen. A declined estimate may be reworked and sent again,
//! an accepted one is fixed until staff undo the decision; both make a new revision that is open, and the old
//! decision stays on record.

mod deciding;
mod decision;
mod event;
mod invoicing;
mod recording;
mod state;
mod status;

pub use decision::{Decider, DecisionVia, EstimateDecision, EstimateDecisionRecord, EstimateVerdict, UndoneDecision};
pub use event::{EstimateDecisionPayload, EstimatePayload};
pub use invoicing::{InvoicedError, invoiced_by};
pub use recording::{EstimateReport, record};
pub use state::{Estimate, EstimateError, EstimateState, EstimateTerms, RecordDecisionError};
pub use status::EstimateStatus;

#[cfg(test)]
mod tests;
