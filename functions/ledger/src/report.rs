//! The common result of the ledger's reports: stored, or older than the stored one.

use std::fmt::Display;

use api::Problem;
use domain::{NewEvent, Reference, ledger_report::ReportOutcome, sales::SalesDocument};
use store::{Change, Entity, Key, StoreError, Tenant};

/// The stored resource after a report.
pub(crate) struct Stored<T> {
    pub(crate) stored: T,
    pub(crate) is_new: bool,
    /// Whether the report was applied.
    pub(crate) applied: bool,
}

/// Stores the result of a report in a change. `expected` is the version that was read.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn store<T: Entity>(
    mut change: Change<'_>,
    key: impl FnOnce(&Tenant) -> Key<T>,
    expected: Option<u64>,
    outcome: ReportOutcome<T>,
) -> Result<Stored<T>, StoreError> {
    let (stored, event): (T, Option<NewEvent>) = match outcome {
        ReportOutcome::Superseded(stored) => return Ok(Stored { stored, is_new: false, applied: false }),
        ReportOutcome::Unchanged(stored) => return Ok(Stored { stored, is_new: false, applied: true }),
        ReportOutcome::Renumbered(stored) => (stored, None),
        ReportOutcome::Recorded(stored, event) => (stored, Some(event)),
    };
    change.put(key, expected, &stored);
    if let Some(event) = event {
        change.record(event);
    }
    change.commit().await?;
    Ok(Stored { stored, is_new: expected.is_none(), applied: true })
}

/// As [`store`], for a sales document, whose lines may be kept beside it.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn store_document<T: Entity + SalesDocument>(
    mut change: Change<'_>,
    key: fn(&Tenant, &Reference) -> Key<T>,
    expected: Option<u64>,
    outcome: ReportOutcome<T>,
) -> Result<Stored<T>, StoreError> {
    let (stored, event): (T, Option<NewEvent>) = match outcome {
        ReportOutcome::Superseded(stored) => return Ok(Stored { stored, is_new: false, applied: false }),
        ReportOutcome::Unchanged(stored) => return Ok(Stored { stored, is_new: false, applied: true }),
        ReportOutcome::Renumbered(stored) => (stored, None),
        ReportOutcome::Recorded(stored, event) => (stored, Some(event)),
    };
    change.put_sales_document(key, expected, &stored);
    if let Some(event) = event {
        change.record(event);
    }
    change.commit().await?;
    Ok(Stored { stored, is_new: expected.is_none(), applied: true })
}

/// The conflict of two contents for one version or one time; it names the first field that differs.
pub(crate) fn reused(error: impl Display, field: &str, state: &str) -> Problem {
    Problem::conflict(error, state).naming(field, "differs from what is stored")
}
