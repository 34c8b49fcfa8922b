//! Estimates: offers that the company accepts or declines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    invoice::Recording,
    money::{Amount, Currency},
    text::{Name, Note, Reference},
    time::{Day, UtcTime},
};

/// The status of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateStatus {
    /// Not decided.
    Open,
    /// The company accepted it.
    Accepted,
    /// The company declined it.
    Declined,
}

impl EstimateStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }
}

/// The ledger's data of an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateTerms {
    /// The number printed on it.
    pub number: Name,
    /// The other party.
    pub counterparty: Name,
    /// Its currency.
    pub currency: Currency,
    /// Its total in minor units.
    pub total_minor: Amount,
    /// When it was issued.
    pub issued_on: Day,
    /// When it is to be paid, if it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Day>,
    /// The last day on which it can be accepted, in UTC.
    pub valid_until: Day,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
}

/// An estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// The ledger's data.
    #[serde(flatten)]
    pub terms: EstimateTerms,
    /// Its status.
    pub status: EstimateStatus,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UtcTime>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The decisions that a person can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateVerdict {
    /// The company takes the offer.
    Accepted,
    /// The company does not.
    Declined,
}

/// Why an estimate was not decided, or not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// It was decided.
    #[error("it was already decided")]
    Decided(EstimateStatus),
    /// Its last day has passed.
    #[error("it was valid until {0}")]
    Lapsed(Day),
}

/// Records an estimate from the ledger, or a change to one that is still open.
///
/// # Errors
/// [`EstimateError::Decided`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<Estimate>,
    terms: EstimateTerms,
) -> Result<Recording<Estimate>, EstimateError> {
    let version = match known {
        Some(known) if known.terms == terms => return Ok(Recording::Unchanged(known)),
        Some(known) if known.status != EstimateStatus::Open => return Err(EstimateError::Decided(known.status)),
        Some(known) => known.version + 1,
        None => 1,
    };
    let estimate = Estimate {
        company: company.clone(),
        reference: reference.clone(),
        terms,
        status: EstimateStatus::Open,
        decided_by: None,
        decided_at: None,
        reason: None,
        version,
    };
    let event = estimate.event(kinds::EstimateRecorded::of);
    Ok(Recording::Recorded(estimate, event))
}

impl Estimate {
    /// Accepts or declines.
    ///
    /// # Errors
    /// [`EstimateError`].
    pub fn decide(
        &self,
        verdict: EstimateVerdict,
        reason: Option<Note>,
        user: &UserId,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), EstimateError> {
        if self.status != EstimateStatus::Open {
            return Err(EstimateError::Decided(self.status));
        }
        if now.day() > self.terms.valid_until {
            return Err(EstimateError::Lapsed(self.terms.valid_until));
        }
        let decided = Self {
            status: match verdict {
                EstimateVerdict::Accepted => EstimateStatus::Accepted,
                EstimateVerdict::Declined => EstimateStatus::Declined,
            },
            decided_by: Some(user.clone()),
            decided_at: Some(now),
            reason,
            version: self.version + 1,
            ..self.clone()
        };
        let event = decided.event(kinds::EstimateDecided::of);
        Ok((decided, event))
    }

    fn event(&self, kind: fn(EstimatePayload) -> EventData) -> NewEvent {
        let data = EstimatePayload {
            number: self.terms.number.clone(),
            counterparty: self.terms.counterparty.clone(),
            total_minor: self.terms.total_minor,
            currency: self.terms.currency,
            status: self.status,
            reason: self.reason.clone(),
        };
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), kind(data))
    }
}

/// Payload of the `estimate.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EstimatePayload {
    /// The number that is printed on the estimate.
    pub number: Name,
    /// The other side of the estimate.
    pub counterparty: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The estimate's state.
    pub status: EstimateStatus,
    /// The reason that was given with the decision.
    #[schema(required = true)]
    pub reason: Option<Note>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn estimate() -> Estimate {
        let terms = EstimateTerms {
            number: "E-1".parse().unwrap(),
            counterparty: "Obras".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            total_minor: 5000.try_into().unwrap(),
            issued_on: "1970-01-01".to_owned().try_into().unwrap(),
            due_on: None,
            valid_until: "1970-01-02".to_owned().try_into().unwrap(),
            description: None,
        };
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        match record(&company, &"E-1".parse().unwrap(), None, terms).unwrap() {
            Recording::Recorded(estimate, _) | Recording::Unchanged(estimate) => estimate,
        }
    }

    fn user() -> UserId {
        "owner".parse().unwrap()
    }

    #[test]
    fn an_estimate_can_be_accepted_through_its_last_day() {
        let (last_moment, too_late) = (UtcTime::EPOCH.plus_s(2 * 86_400 - 1), UtcTime::EPOCH.plus_s(2 * 86_400));
        assert!(estimate().decide(EstimateVerdict::Accepted, None, &user(), last_moment).is_ok());
        let refused = estimate().decide(EstimateVerdict::Accepted, None, &user(), too_late);
        assert!(matches!(refused, Err(EstimateError::Lapsed(_))));
    }

    #[test]
    fn an_estimate_is_decided_once_and_then_fixed() {
        let (taken, _) = estimate().decide(EstimateVerdict::Declined, None, &user(), UtcTime::EPOCH).unwrap();
        let again = taken.decide(EstimateVerdict::Accepted, None, &user(), UtcTime::EPOCH);
        assert_eq!(again.unwrap_err(), EstimateError::Decided(EstimateStatus::Declined));
        let mut terms = taken.terms.clone();
        terms.total_minor = 1.try_into().unwrap();
        let changed = record(&taken.company.clone(), &taken.reference.clone(), Some(taken), terms);
        assert_eq!(changed.unwrap_err(), EstimateError::Decided(EstimateStatus::Declined));
    }
}
