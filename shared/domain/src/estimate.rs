//! Estimates: offers that the company accepts or declines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    content_digest::ContentDigest,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    ledger_report::{Recording, ReportVersion, Reported},
    money::{Amount, Currency},
    text::{Name, Note, Reference},
    time::{Day, UtcTime, Zone},
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
    /// The last day on which it can be accepted, in the company's time zone.
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
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
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

/// Why an estimate was not decided, or not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// It was decided.
    #[error("it was already decided")]
    Decided(EstimateStatus),
    /// Its last day has passed.
    #[error("it was valid until {0}")]
    Lapsed(Day),
    /// The transaction differs from the one that the person saw.
    #[error("it was changed since you saw it")]
    Changed,
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
    let report_version = known.as_ref().and_then(|known| known.report_version);
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
        report_version,
        version,
    };
    let event = estimate.event(kinds::EstimateRecorded::of);
    Ok(Recording::Recorded(estimate, event))
}

impl Reported for Estimate {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version += 1;
    }
}

impl Estimate {
    /// The digest of what the ledger says about it, which is what a person decides about.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&self.terms)
    }

    /// Accepts or declines. `zone` is the company's: it says when the last day ends.
    ///
    /// # Errors
    /// [`EstimateError`].
    pub fn decide(
        &self,
        decision: EstimateDecision,
        user: &UserId,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), EstimateError> {
        let EstimateDecision { verdict, reason, seen } = decision;
        if self.status != EstimateStatus::Open {
            return Err(EstimateError::Decided(self.status));
        }
        if seen != self.digest() {
            return Err(EstimateError::Changed);
        }
        if now.day_in(zone) > self.terms.valid_until {
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
    use proptest::prelude::*;
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

    fn zone(name: &str) -> Zone {
        name.to_owned().try_into().unwrap()
    }

    fn decide(estimate: &Estimate, verdict: EstimateVerdict, now: UtcTime) -> Result<Estimate, EstimateError> {
        let decision = EstimateDecision { verdict, reason: None, seen: estimate.digest() };
        estimate.decide(decision, &user(), &Zone::utc(), now).map(|(decided, _)| decided)
    }

    #[test]
    fn an_estimate_is_decided_once_and_then_fixed() {
        let taken = decide(&estimate(), EstimateVerdict::Declined, UtcTime::EPOCH).unwrap();
        let again = decide(&taken, EstimateVerdict::Accepted, UtcTime::EPOCH);
        assert_eq!(again.unwrap_err(), EstimateError::Decided(EstimateStatus::Declined));
        let mut terms = taken.terms.clone();
        terms.total_minor = 1.try_into().unwrap();
        let changed = record(&taken.company.clone(), &taken.reference.clone(), Some(taken), terms);
        assert_eq!(changed.unwrap_err(), EstimateError::Decided(EstimateStatus::Declined));
    }

    /// Proves: 26, U3
    #[test]
    fn a_decision_counts_only_for_the_terms_that_were_seen() {
        let seen = estimate();
        let mut terms = seen.terms.clone();
        terms.total_minor = 9000.try_into().unwrap();
        let (company, reference) = (seen.company.clone(), seen.reference.clone());
        let Ok(Recording::Recorded(now, _)) = record(&company, &reference, Some(seen.clone()), terms) else {
            panic!("an open estimate can be changed")
        };
        let decision = |seen: &Estimate| EstimateDecision {
            verdict: EstimateVerdict::Accepted,
            reason: None,
            seen: seen.digest(),
        };
        let unseen = now.decide(decision(&seen), &user(), &Zone::utc(), UtcTime::EPOCH);
        assert_eq!(unseen.unwrap_err(), EstimateError::Changed);
        assert!(now.decide(decision(&now), &user(), &Zone::utc(), UtcTime::EPOCH).is_ok());
    }

    /// The zones with the largest offsets, with changes of clocks at midnight, and one that left out a day.
    const ZONES: [&str; 10] = [
        "UTC",
        "America/Los_Angeles",
        "Asia/Tokyo",
        "Europe/Lisbon",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Pacific/Kiritimati",
        "Pacific/Niue",
        "Pacific/Apia",
        "Australia/Lord_Howe",
    ];

    proptest! {
        /// The model counts days from the zone's offset, without a calendar.
        /// Proves: U24
        #[test]
        fn the_last_day_ends_at_midnight_where_the_company_is(
            name in prop::sample::select(&ZONES[..]),
            days in 0_i64..30_000,
            from_midnight_s in -50_i64 * 3_600..50 * 3_600,
        ) {
            let now = UtcTime::from_unix_ms((days * 86_400 + from_midnight_s) * 1000);
            let mut estimate = estimate();
            estimate.terms.valid_until = UtcTime::from_unix_ms(days * 86_400_000).day_in(&Zone::utc());
            let decision =
                EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: estimate.digest() };
            let decided = estimate.decide(decision, &user(), &zone(name), now);
            let at = jiff::Timestamp::from_second(now.unix_s()).unwrap();
            let offset_s = i64::from(jiff::tz::db().get(name).unwrap().to_offset(at).seconds());
            let local_day = (now.unix_s() + offset_s).div_euclid(86_400);
            prop_assert_eq!(decided.is_ok(), local_day <= days, "{} in {}", now, name);
        }
    }

    /// Proves: U24
    #[test]
    fn the_afternoon_counts_in_los_angeles_and_the_morning_after_does_not_in_tokyo() {
        let mut estimate = estimate();
        estimate.terms.valid_until = "2026-11-21".to_owned().try_into().unwrap();
        let decide = |name: &str, now: &str| {
            let decision =
                EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: estimate.digest() };
            estimate.decide(decision, &user(), &zone(name), now.parse().unwrap()).map(|_| ())
        };
        let lapsed = Err(EstimateError::Lapsed(estimate.terms.valid_until));
        assert_eq!(decide("America/Los_Angeles", "2026-11-22T01:00:00Z"), Ok(()), "17:00 on the last day");
        assert_eq!(decide("America/Los_Angeles", "2026-11-22T08:00:00Z"), lapsed, "midnight");
        assert_eq!(decide("Asia/Tokyo", "2026-11-21T14:59:59Z"), Ok(()), "a second to midnight");
        assert_eq!(decide("Asia/Tokyo", "2026-11-21T15:00:00Z"), lapsed, "midnight");
    }
}
