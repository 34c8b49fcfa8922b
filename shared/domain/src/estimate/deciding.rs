//! Accepting and declining an estimate, and undoing a mistaken decision.

use super::{
    decision::{Decider, EstimateDecision, EstimateDecisionRecord, EstimateVerdict, UndoneDecision},
    state::{Estimate, EstimateError, EstimateState, RecordDecisionError},
};
use crate::{
    event::{NewEvent, kinds},
    time::{Day, UtcTime, Zone},
};

impl Estimate {
    /// Accepts or declines; who declines says why. `zone` is the company's: it says when the last day ends.
    ///
    /// # Errors
    /// [`EstimateError`].
    pub fn decide(
        &self,
        decision: EstimateDecision,
        by: Decider,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), EstimateError> {
        self.decide_on(now.day_in(zone), None, decision, by, now)
    }

    /// Records a decision that the customer made otherwise, such as by phone. `decided_on` is the day on which they did:
    /// it counts for the last valid day. Default: today.
    ///
    /// # Errors
    /// [`RecordDecisionError`].
    pub fn record_decision(
        &self,
        decided_on: Option<Day>,
        decision: EstimateDecision,
        by: Decider,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), RecordDecisionError> {
        let today = now.day_in(zone);
        if decided_on.is_some_and(|day| day > today || day < self.terms.content.issued_on) {
            return Err(RecordDecisionError::Day);
        }
        Ok(self.decide_on(decided_on.unwrap_or(today), decided_on, decision, by, now)?)
    }

    fn decide_on(
        &self,
        day: Day,
        decided_on: Option<Day>,
        decision: EstimateDecision,
        by: Decider,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), EstimateError> {
        let EstimateDecision { verdict, reason, seen } = decision;
        match self.state {
            EstimateState::Draft => return Err(EstimateError::Draft),
            EstimateState::Open => {}
            EstimateState::Accepted | EstimateState::Declined | EstimateState::Invoiced => {
                return Err(EstimateError::Decided(self.state));
            }
        }
        let digest = self.digest();
        if seen != digest {
            return Err(EstimateError::Changed);
        }
        if day > self.terms.valid_until {
            return Err(EstimateError::Lapsed(self.terms.valid_until));
        }
        if verdict == EstimateVerdict::Declined && reason.is_none() {
            return Err(EstimateError::NoReason);
        }
        let record = EstimateDecisionRecord {
            decision: verdict,
            by,
            at: now,
            decided_on,
            reason,
            revision: self.revision,
            digest,
            undone: None,
        };
        let decided = Self {
            state: match verdict {
                EstimateVerdict::Accepted => EstimateState::Accepted,
                EstimateVerdict::Declined => EstimateState::Declined,
            },
            decision: Some(record),
            version: self.version + 1,
            ..self.clone()
        };
        let event = decided.decision_event(kinds::EstimateDecided::of);
        Ok((decided, event))
    }

    /// Undoes a mistaken decision. The estimate is open again as a new revision, and the decision stays on record.
    ///
    /// # Errors
    /// [`EstimateError::NotDecided`]; an estimate that became an invoice is not undone.
    pub fn undo_decision(&self, undone: UndoneDecision) -> Result<(Self, NewEvent), EstimateError> {
        let is_decided = matches!(self.state, EstimateState::Accepted | EstimateState::Declined);
        let Some(decision) = self.decision.clone().filter(|_| is_decided) else {
            return Err(EstimateError::NotDecided(self.state));
        };
        let (by, at) = (undone.by.clone(), undone.at);
        let decision = EstimateDecisionRecord { undone: Some(undone), ..decision };
        let mut open = Self { decision: Some(decision), version: self.version + 1, ..self.clone() };
        // The event says which decision was undone; then it is an earlier one.
        let event = open.decision_event(kinds::EstimateDecisionUndone::of);
        open.send(Some(by), at);
        Ok((open, event))
    }
}
