//! Two columns of a report, or the latest columns of two reports, side by side.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    column::ReportColumn,
    content::{ReportContent, ReportRow, RowKind},
    figures::{Compared, latest_column},
    role::RowRole,
};
use crate::text::Label;

/// With which column of the same report the latest one is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The period before.
    #[default]
    PreviousPeriod,
    /// The same period a year before.
    LastYear,
    /// The budget of the same period.
    Budget,
}

/// A row of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedRow {
    /// How deep the row is nested, from 1.
    pub level: usize,
    /// Its label, as the ledger wrote it.
    pub label: Label,
    /// Its kind.
    pub kind: RowKind,
    /// Its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RowRole>,
    /// The ledger's code or id of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Label>,
    /// The value, in minor units; `null` where none is stated.
    #[schema(required = true)]
    pub value_minor: Option<i64>,
    /// The value that it is compared with.
    #[schema(required = true)]
    pub against_minor: Option<i64>,
    /// The difference; `null` unless both are stated.
    #[schema(required = true)]
    pub change_minor: Option<i64>,
    /// The difference in hundredths of a percent of what it is compared with, rounded towards zero; `null` where that is
    /// zero or not stated.
    #[schema(required = true)]
    pub change_basis_points: Option<i64>,
}

/// Two columns side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparison {
    /// The column of the values.
    pub column: ReportColumn,
    /// The column that it is compared with.
    pub against: ReportColumn,
    /// The rows, each before those below it.
    pub rows: Vec<ComparedRow>,
}

/// Why two columns cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComparisonError {
    /// The report has no actual column.
    #[error("the report has no actual column")]
    NothingActual,
    /// The report has no such column.
    #[error("the report has no such column")]
    NoSuchColumn,
    /// The other report has no actual column.
    #[error("that report has no actual column")]
    NothingActualThere,
    /// The other report is of another kind.
    #[error("that report is of another kind")]
    OtherKind,
    /// The other report is in another currency.
    #[error("that report is in another currency")]
    OtherCurrency,
}

/// Compares the latest column of a report with another column of it.
///
/// # Errors
/// [`ComparisonError::NothingActual`], [`ComparisonError::NoSuchColumn`].
pub fn compare_columns(content: &ReportContent, against: Against) -> Result<Comparison, ComparisonError> {
    let columns = Compared::of(&content.columns).ok_or(ComparisonError::NothingActual)?;
    let other = match against {
        Against::PreviousPeriod => columns.previous,
        Against::LastYear => columns.last_year,
        Against::Budget => columns.budget,
    };
    let other = other.ok_or(ComparisonError::NoSuchColumn)?;
    let column = |index: usize| content.columns.get(index).cloned().ok_or(ComparisonError::NoSuchColumn);
    let mut rows = Vec::new();
    content.each_row(&mut |path, row| {
        rows.push(compared(path.len(), row, row.own_minor(columns.latest), row.own_minor(other)));
    });
    Ok(Comparison { column: column(columns.latest)?, against: column(other)?, rows })
}

/// Compares the latest columns of two reports. Rows belong together that have the same account, or else the same role, or
/// else the same label, below rows that belong together; rows of `other` alone come last below their row.
///
/// # Errors
/// [`ComparisonError`], but [`ComparisonError::NoSuchColumn`].
pub fn compare_reports(content: &ReportContent, other: &ReportContent) -> Result<Comparison, ComparisonError> {
    if content.kind != other.kind {
        return Err(ComparisonError::OtherKind);
    }
    if content.currency != other.currency {
        return Err(ComparisonError::OtherCurrency);
    }
    let latest = |content: &ReportContent| {
        let index = latest_column(&content.columns)?;
        Some((index, content.columns.get(index)?.clone()))
    };
    let (here, column) = latest(content).ok_or(ComparisonError::NothingActual)?;
    let (there, against) = latest(other).ok_or(ComparisonError::NothingActualThere)?;
    let mut rows = Vec::new();
    side_by_side(1, (&content.rows, here), (&other.rows, there), &mut rows);
    Ok(Comparison { column, against, rows })
}

fn side_by_side(
    level: usize,
    (rows, here): (&[ReportRow], usize),
    (others, there): (&[ReportRow], usize),
    into: &mut Vec<ComparedRow>,
) {
    let mut left: Vec<&ReportRow> = others.iter().collect();
    for row in rows {
        let at = left.iter().position(|other| name(other) == name(row));
        let other = at.map(|at| left.remove(at));
        into.push(compared(level, row, row.own_minor(here), other.and_then(|other| other.own_minor(there))));
        side_by_side(level + 1, (&row.rows, here), (other.map_or(&[], |other| &other.rows), there), into);
    }
    for other in left {
        into.push(compared(level, other, None, other.own_minor(there)));
        side_by_side(level + 1, (&[], here), (&other.rows, there), into);
    }
}

#[derive(PartialEq, Eq)]
enum RowName<'a> {
    Account(&'a Label),
    Role(RowRole),
    Label(RowKind, &'a Label),
}

fn name(row: &ReportRow) -> RowName<'_> {
    match (&row.account, row.role) {
        (Some(account), _) => RowName::Account(account),
        (None, Some(role)) => RowName::Role(role),
        (None, None) => RowName::Label(row.kind, &row.label),
    }
}

fn compared(level: usize, row: &ReportRow, value_minor: Option<i64>, against_minor: Option<i64>) -> ComparedRow {
    // Values lie within 10^15 of zero: their difference fits an `i64`.
    let change_minor = value_minor.zip(against_minor).map(|(value, against)| value - against);
    let change_basis_points = change_minor.zip(against_minor).and_then(|(change, against)| {
        let points = i128::from(change) * 10_000;
        points.checked_div(i128::from(against.abs())).and_then(|points| i64::try_from(points).ok())
    });
    ComparedRow {
        level,
        label: row.label.clone(),
        kind: row.kind,
        role: row.role,
        account: row.account.clone(),
        value_minor,
        against_minor,
        change_minor,
        change_basis_points,
    }
}
