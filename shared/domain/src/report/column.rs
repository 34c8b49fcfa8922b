//! The columns of a report: each is about a period or about the end of a day.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    text::{Label, Reference},
    time::Day,
};

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// What was booked.
    Actual,
    /// What was booked in the time that it is compared with.
    Comparison,
    /// What was planned.
    Budget,
    /// What is expected.
    Forecast,
}

/// A column of a report. It has `from` and `to`, or `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportColumn {
    /// What names the column within its report.
    pub key: Reference,
    /// Its title, as the ledger wrote it.
    pub title: Label,
    /// What its values are.
    pub kind: ColumnKind,
    /// The first day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day of its period; not before `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// The day at whose end its values stand, in place of a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Day>,
}

/// Why the time of a column is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ColumnTimeError {
    /// It has neither a period nor a day, or both, or half a period.
    #[error("needs `from` and `to`, or `at`")]
    Unclear,
    /// Its period ends before it begins.
    #[error("must not be before `from`")]
    EndsBeforeItBegins,
}

impl ReportColumn {
    /// Checks the time of the column.
    ///
    /// # Errors
    /// [`ColumnTimeError`].
    pub fn check_time(&self) -> Result<(), ColumnTimeError> {
        match (self.from, self.to, self.at) {
            (Some(from), Some(to), None) if to < from => Err(ColumnTimeError::EndsBeforeItBegins),
            (Some(_), Some(_), None) | (None, None, Some(_)) => Ok(()),
            _ => Err(ColumnTimeError::Unclear),
        }
    }

    /// The last day that the column is about.
    #[must_use]
    pub fn ends_on(&self) -> Option<Day> {
        self.to.or(self.at)
    }

    /// The first and the last day of its period; `None` for a column about one day.
    pub(super) fn period(&self) -> Option<(Day, Day)> {
        self.from.zip(self.to)
    }
}
