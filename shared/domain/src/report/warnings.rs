//! What does not add up in a report. It is shown to the people who publish and never refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    content::{ReportContent, ReportRow, row_place},
    role::RowRole,
};
use crate::text::Reference;

/// The most warnings of one report.
const MAX_WARNINGS: usize = 50;

/// What does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// The total of a section is not the sum of its rows.
    Sum,
    /// Gross profit is not income less cost of sales.
    GrossProfit,
    /// Assets are not liabilities and equity together.
    BalanceSheet,
    /// Closing cash is not opening cash with what came in and went out.
    Cash,
}

/// A value that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportWarning {
    /// What does not add up.
    pub kind: WarningKind,
    /// The row, such as `rows[2].rows[0]`.
    pub place: String,
    /// The key of the column.
    pub column: Reference,
    /// What the report states, in minor units.
    pub stated_minor: i64,
    /// What the other rows make, in minor units.
    pub expected_minor: i64,
}

/// What a row adds to the section that it is in.
fn added_minor(row: &ReportRow, column: usize) -> i64 {
    row.stated_minor(column).unwrap_or_else(|| row.rows.iter().map(|row| added_minor(row, column)).sum())
}

/// What the columns of a report are checked by: found once, since there are up to 24 of them and 2,000 rows.
struct Checked<'c> {
    /// The sections with one total: the place of the total, the section, and where in it the total is.
    sections: Vec<(Vec<usize>, &'c ReportRow, usize)>,
    /// The rows with a role, and their places.
    roles: Vec<(RowRole, Vec<usize>, &'c ReportRow)>,
}

impl<'c> Checked<'c> {
    fn of(content: &'c ReportContent) -> Self {
        let mut checked = Self { sections: Vec::new(), roles: Vec::new() };
        content.each_row(&mut |path, row| {
            if let Some(total) = only_total(row) {
                checked.sections.push(([path, &[total]].concat(), row, total));
            }
            if let Some(role) = row.role {
                checked.roles.push((role, path.to_vec(), row));
            }
        });
        checked
    }

    fn rows_of(&self, role: RowRole) -> impl Iterator<Item = (&[usize], &'c ReportRow)> {
        self.roles.iter().filter(move |(of, ..)| *of == role).map(|(_, path, row)| (path.as_slice(), *row))
    }
}

/// Finds what does not add up, at most 50 places. Sums are of at most 2,000 values of at most 10^15 each, which an `i64`
/// holds.
#[must_use]
pub fn warnings(content: &ReportContent) -> Vec<ReportWarning> {
    let checked = Checked::of(content);
    let mut found = Vec::new();
    for (index, column) in content.columns.iter().enumerate() {
        let mut warn = |kind, path: &[usize], stated_minor, expected_minor| {
            if stated_minor != expected_minor && found.len() < MAX_WARNINGS {
                let (place, column) = (row_place(path), column.key.clone());
                found.push(ReportWarning { kind, place, column, stated_minor, expected_minor });
            }
        };
        for (path, section, total) in &checked.sections {
            if let Some((stated, expected)) = section_total(section, *total, index) {
                warn(WarningKind::Sum, path, stated, expected);
            }
        }
        for (kind, role, expected) in identities(&checked, index) {
            let at = checked.rows_of(role).find_map(|(path, row)| Some((path, row.stated_minor(index)?)));
            if let (Some((path, stated)), Some(expected)) = (at, expected) {
                warn(kind, path, stated, expected);
            }
        }
    }
    found
}

/// Where the only total among the rows of a section is.
fn only_total(section: &ReportRow) -> Option<usize> {
    let mut totals = section.rows.iter().enumerate().filter(|(_, row)| row.is_total());
    match (totals.next(), totals.next()) {
        (Some((place, _)), None) => Some(place),
        (None | Some(_), _) => None,
    }
}

/// What the only total of a section states, and the sum of the other rows. A section may state a value of its own that is part
/// of the total, as an account with sub-accounts does, or that is the total.
fn section_total(section: &ReportRow, total: usize, column: usize) -> Option<(i64, i64)> {
    let stated = section.rows.get(total)?.own_minor(column)?;
    let others = section.rows.iter().filter(|row| !row.is_total());
    let sum: i64 = others.map(|row| added_minor(row, column)).sum();
    let with_own = section.own_minor(column).map(|own| own.saturating_add(sum));
    Some((stated, with_own.filter(|with_own| *with_own == stated).unwrap_or(sum)))
}

/// What holds between roles, where all of them are stated.
fn identities(checked: &Checked<'_>, column: usize) -> Vec<(WarningKind, RowRole, Option<i64>)> {
    let value = |role| checked.rows_of(role).next().and_then(|(_, row)| row.stated_minor(column));
    let gross =
        value(RowRole::Income).zip(value(RowRole::CostOfSales)).map(|(income, cost)| income.saturating_sub(cost));
    let financing = value(RowRole::TotalLiabilitiesAndEquity).or_else(|| {
        value(RowRole::TotalLiabilities)
            .zip(value(RowRole::TotalEquity))
            .map(|(liabilities, equity)| liabilities.saturating_add(equity))
    });
    let moved = value(RowRole::CashChange).or_else(|| {
        // Money that went out is stated with or without its sign.
        value(RowRole::CashIn)
            .zip(value(RowRole::CashOut))
            .map(|(came, went)| came.saturating_sub(went.saturating_abs()))
    });
    let closing = value(RowRole::CashOpening).zip(moved).map(|(opening, moved)| opening.saturating_add(moved));
    vec![
        (WarningKind::GrossProfit, RowRole::GrossProfit, gross),
        (WarningKind::BalanceSheet, RowRole::TotalAssets, financing),
        (WarningKind::Cash, RowRole::CashClosing, closing),
    ]
}
