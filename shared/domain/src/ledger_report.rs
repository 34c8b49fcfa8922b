//! In which order the ledger's reports count.
//!
//! Reports arrive late, twice and out of order. A ledger that gives each state of a thing a growing version is
//! protected from this: a report that is older than the stored one changes nothing, and one version never has two
//! contents. A report without a version always replaces the stored one.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::event::NewEvent;

/// The ledger's own version of the state that it reports: a whole number that grows with each change, for
/// example a revision number or the time of the change in milliseconds since 1970.
///
/// It ends at 2^53 - 1, the largest whole number that every reader of JSON keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u64", into = "u64")]
#[schema(value_type = u64, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
pub struct ReportVersion(u64);

const MAX_VERSION: u64 = 9_007_199_254_740_991;

/// A version that some readers of JSON would round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {MAX_VERSION}")]
pub struct ReportVersionError;

impl TryFrom<u64> for ReportVersion {
    type Error = ReportVersionError;

    fn try_from(version: u64) -> Result<Self, ReportVersionError> {
        if version <= MAX_VERSION { Ok(Self(version)) } else { Err(ReportVersionError) }
    }
}

impl From<ReportVersion> for u64 {
    fn from(version: ReportVersion) -> Self {
        version.0
    }
}

/// The result of recording.
#[derive(Debug, Clone, PartialEq)]
pub enum Recording<T> {
    /// It is new or changed.
    Recorded(T, NewEvent),
    /// The very same was sent before; nothing changes.
    Unchanged(T),
}

/// The result of a report, with its version considered.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportOutcome<T> {
    /// It is new or changed.
    Recorded(T, NewEvent),
    /// The content is the stored one under a newer version: only the version is to be stored.
    Renumbered(T),
    /// It is what is stored.
    Unchanged(T),
    /// It is older than what is stored, and changes nothing.
    Superseded(T),
}

/// Why a report is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError<E> {
    /// The stored content has the same version and differs.
    #[error("another content was reported as this version")]
    VersionReused {
        /// The first field that differs.
        field: String,
    },
    /// The rules of the thing itself refuse it.
    #[error("{0}")]
    Refused(E),
}

/// Something that the ledger reports.
pub trait Reported {
    /// The version that the stored content was reported as.
    fn report_version(&self) -> Option<ReportVersion>;

    /// Sets that version.
    fn set_report_version(&mut self, version: ReportVersion);

    /// Counts a change, for optimistic locking.
    fn count_change(&mut self);
}

/// Whether a report of version `sent` is older than what is stored: it changes nothing, whatever it says.
#[must_use]
pub fn is_late(known: &impl Reported, sent: Option<ReportVersion>) -> bool {
    known.report_version().zip(sent).is_some_and(|(stored, sent)| sent < stored)
}

/// Applies a report of version `sent` to what is `known`: `difference` names the first field in which the
/// report's content differs from what is stored, and `record` decides about a report that counts.
///
/// # Errors
/// [`ReportError`].
pub fn apply<T: Reported, E>(
    known: Option<T>,
    sent: Option<ReportVersion>,
    difference: impl FnOnce(&T) -> Option<String>,
    record: impl FnOnce(Option<T>) -> Result<Recording<T>, E>,
) -> Result<ReportOutcome<T>, ReportError<E>> {
    let known = match (known, sent) {
        (Some(known), sent) if is_late(&known, sent) => return Ok(ReportOutcome::Superseded(known)),
        (Some(known), Some(sent)) if known.report_version() == Some(sent) => {
            return match difference(&known) {
                Some(field) => Err(ReportError::VersionReused { field }),
                None => Ok(ReportOutcome::Unchanged(known)),
            };
        }
        (known, _) => known,
    };
    Ok(match (record(known).map_err(ReportError::Refused)?, sent) {
        (Recording::Recorded(mut stored, event), Some(sent)) => {
            stored.set_report_version(sent);
            ReportOutcome::Recorded(stored, event)
        }
        (Recording::Recorded(stored, event), None) => ReportOutcome::Recorded(stored, event),
        (Recording::Unchanged(mut stored), Some(sent)) => {
            stored.set_report_version(sent);
            stored.count_change();
            ReportOutcome::Renumbered(stored)
        }
        (Recording::Unchanged(stored), None) => ReportOutcome::Unchanged(stored),
    })
}

/// The first field, by name, in which two contents differ; `None` where they are equal.
#[must_use]
pub fn first_difference(stored: &impl Serialize, sent: &impl Serialize) -> Option<String> {
    match (serde_json::to_value(stored), serde_json::to_value(sent)) {
        (Ok(Value::Object(stored)), Ok(Value::Object(sent))) => {
            stored.keys().chain(sent.keys()).find(|field| stored.get(*field) != sent.get(*field)).cloned()
        }
        // Contents are structs, which are objects.
        _ => Some("body".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        invoice::{self, Invoice, InvoiceReport, InvoiceState, RecordError},
        sales::DocumentSource,
        time::UtcTime,
    };

    fn send(
        known: Option<Invoice>,
        total_minor: i64,
        version: Option<u64>,
    ) -> Result<ReportOutcome<Invoice>, ReportError<RecordError>> {
        let terms = invoice::tests::terms(total_minor);
        let version = version.map(|version| version.try_into().unwrap());
        let difference = |known: &Invoice| first_difference(&known.terms, &terms);
        apply(known, version, difference, |known| {
            let company = crate::samples::company(1);
            let (state, source) = (InvoiceState::Open, DocumentSource::Ledger);
            let report = InvoiceReport { terms: terms.clone(), state, source, by: None, at: UtcTime::EPOCH };
            invoice::record(&company, &"INV-1".parse().unwrap(), known, report)
        })
    }

    fn stored(outcome: ReportOutcome<Invoice>) -> Invoice {
        match outcome {
            ReportOutcome::Recorded(stored, _)
            | ReportOutcome::Renumbered(stored)
            | ReportOutcome::Unchanged(stored)
            | ReportOutcome::Superseded(stored) => stored,
        }
    }

    proptest! {
        /// Whatever the order in which reports arrive, and however often: what is stored is the newest that has
        /// arrived, and the answer to any other says that it was not applied.
        /// Proves: U6
        #[test]
        fn the_newest_version_that_arrived_is_what_is_stored(
            arrivals in prop::collection::vec(0_u64..8, 1..30)
        ) {
            let mut known: Option<Invoice> = None;
            let mut newest = None;
            for version in arrivals {
                let total = i64::try_from(version).unwrap() * 100 + 100;
                let outcome = send(known.clone(), total, Some(version)).unwrap();
                let is_late = newest.is_some_and(|newest| version < newest);
                prop_assert_eq!(matches!(outcome, ReportOutcome::Superseded(_)), is_late);
                prop_assert_eq!(matches!(outcome, ReportOutcome::Unchanged(_)), newest == Some(version));
                let now = stored(outcome);
                if is_late {
                    prop_assert_eq!(Some(&now), known.as_ref());
                }
                newest = newest.max(Some(version));
                let expected = i64::try_from(newest.unwrap()).unwrap() * 100 + 100;
                prop_assert_eq!(now.terms.content.total_minor.minor(), expected);
                known = Some(now);
            }
        }
    }

    /// Proves: U7
    #[test]
    fn one_version_never_stands_for_two_contents() {
        let known = stored(send(None, 100, Some(7)).unwrap());
        let reused = send(Some(known.clone()), 200, Some(7));
        assert_eq!(reused, Err(ReportError::VersionReused { field: "lines".to_owned() }));
        assert!(matches!(send(Some(known), 100, Some(7)), Ok(ReportOutcome::Unchanged(_))));
    }

    #[test]
    fn the_same_content_under_a_newer_version_makes_every_older_one_late() {
        let known = stored(send(None, 100, Some(7)).unwrap());
        let ReportOutcome::Renumbered(known) = send(Some(known), 100, Some(9)).unwrap() else { panic!("it is newer") };
        assert_eq!(known.version, 2, "a write between the read and this one is noticed");
        assert!(matches!(send(Some(known), 200, Some(8)), Ok(ReportOutcome::Superseded(_))));
    }

    #[test]
    fn a_report_without_a_version_is_applied_whatever_is_stored() {
        let known = stored(send(None, 100, Some(7)).unwrap());
        assert!(matches!(send(Some(known), 200, None), Ok(ReportOutcome::Recorded(..))));
        let unversioned = stored(send(None, 100, None).unwrap());
        assert!(matches!(send(Some(unversioned.clone()), 100, None), Ok(ReportOutcome::Unchanged(_))));
        assert!(matches!(send(Some(unversioned), 200, Some(0)), Ok(ReportOutcome::Recorded(..))), "the first version");
    }

    #[test]
    fn a_version_that_json_readers_would_round_is_refused() {
        assert!(ReportVersion::try_from(MAX_VERSION).is_ok());
        assert_eq!(ReportVersion::try_from(MAX_VERSION + 1), Err(ReportVersionError));
    }
}
