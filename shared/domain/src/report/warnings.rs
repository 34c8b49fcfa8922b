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

/// Finds what does not add up, at most 50 places. Sums are of at most 2,000 values of at most 10^15 each, which an `i64`
/// holds.
#[must_use]
pub fn warnings(content: &ReportContent) -> Vec<ReportWarning> {
    let mut found = Vec::new();
    for (index, column) in content.columns.iter().enumerate() {
        let mut warn = |kind, place: String, stated_minor, expected_minor| {
            if stated_minor != expected_minor && found.len() < MAX_WARNINGS {
                found.push(ReportWarning { kind, place, column: column.key.clone(), stated_minor, expected_minor });
            }
        };
        content.each_row(&mut |path, section| {
            if let Some((total, stated, expected)) = section_total(section, index) {
                warn(WarningKind::Sum, row_place(&[path, &[total]].concat()), stated, expected);
            }
        });
        for (kind, role, expected) in identities(content, index) {
            let mut at = None;
            content.each_row(&mut |path, row| {
                if row.role == Some(role) {
                    at = at.take().or(row.stated_minor(index).map(|stated| (row_place(path), stated)));
                }
            });
            if let (Some((place, stated)), Some(expected)) = (at, expected) {
                warn(kind, place, stated, expected);
            }
        }
    }
    found
}

/// The only total among the rows of a section: its place, what it states, and the sum of the others. A section may state
/// a value of its own that is part of the total, as an account with sub-accounts does, or that is the total.
fn section_total(section: &ReportRow, column: usize) -> Option<(usize, i64, i64)> {
    let mut totals = section.rows.iter().enumerate().filter(|(_, row)| row.is_total());
    let (Some((place, total)), None) = (totals.next(), totals.next()) else { return None };
    let stated = total.own_minor(column)?;
    let others = section.rows.iter().filter(|row| !row.is_total());
    let sum: i64 = others.map(|row| added_minor(row, column)).sum();
    let with_own = section.own_minor(column).map(|own| own.saturating_add(sum));
    Some((place, stated, with_own.filter(|with_own| *with_own == stated).unwrap_or(sum)))
}

/// What holds between roles, where all of them are stated.
fn identities(content: &ReportContent, column: usize) -> Vec<(WarningKind, RowRole, Option<i64>)> {
    let value = |role| content.row_of(role).and_then(|row| row.stated_minor(column));
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
