//! The content of a report, and what is refused as one.

use std::{collections::BTreeSet, fmt::Write as _};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    column::{ColumnTimeError, ReportColumn},
    role::RowRole,
};
use crate::{
    money::{Balance, Currency},
    text::Label,
    time::UtcTime,
};

/// The most columns of a report.
pub const MAX_COLUMNS: usize = 24;
/// The most rows of a report, nested ones included.
pub const MAX_ROWS: usize = 2_000;
/// How deep rows may be nested: a row of the report itself is at depth 1.
pub const MAX_DEPTH: usize = 6;

/// The kind of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Profit and loss.
    ProfitAndLoss,
    /// Balance sheet.
    BalanceSheet,
    /// Cash flow.
    CashFlow,
    /// Cashflow forecast.
    CashflowForecast,
    /// What customers owe, by age.
    AgedReceivables,
    /// What is owed to suppliers, by age.
    AgedPayables,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::ProfitAndLoss,
        Self::BalanceSheet,
        Self::CashFlow,
        Self::CashflowForecast,
        Self::AgedReceivables,
        Self::AgedPayables,
    ];

    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProfitAndLoss => "profit_and_loss",
            Self::BalanceSheet => "balance_sheet",
            Self::CashFlow => "cash_flow",
            Self::CashflowForecast => "cashflow_forecast",
            Self::AgedReceivables => "aged_receivables",
            Self::AgedPayables => "aged_payables",
        }
    }

    /// Whether its columns are the ages of what is owed.
    pub(super) const fn is_by_age(self) -> bool {
        matches!(self, Self::AgedReceivables | Self::AgedPayables)
    }

    /// Whether its columns are about the end of a day, and not about a period.
    pub(super) const fn is_about_days(self) -> bool {
        matches!(self, Self::BalanceSheet) || self.is_by_age()
    }
}

/// When a report counts income and expenses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportBasis {
    /// When they are earned and incurred.
    Accrual,
    /// When they are received and paid.
    Cash,
}

/// The kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A heading with rows below it.
    Section,
    /// A line, such as an account.
    Line,
    /// The total of the section that it is in.
    Subtotal,
    /// A total of the report.
    Total,
}

/// A row of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRow {
    /// Its label, as the ledger wrote it.
    pub label: Label,
    /// Its kind.
    pub kind: RowKind,
    /// What it means; a role stands once in a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RowRole>,
    /// The ledger's code or id of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Label>,
    /// Its values in minor units, one for each column; `null` where none is stated. Empty if it states none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Option<i64>>)]
    pub values_minor: Vec<Option<Balance>>,
    /// The rows below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub rows: Vec<ReportRow>,
}

/// A report as the ledger wrote it. At most 24 columns and 2,000 rows, nested up to 6 deep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportContent {
    /// Its kind.
    pub kind: ReportKind,
    /// Its title, as the ledger wrote it.
    pub title: Label,
    /// When it counts income and expenses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<ReportBasis>,
    /// The currency of all its values.
    pub currency: Currency,
    /// When the ledger made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub produced_at: Option<UtcTime>,
    /// Its columns.
    pub columns: Vec<ReportColumn>,
    /// Its rows.
    pub rows: Vec<ReportRow>,
}

/// A content that is refused, and the place, such as `rows[2].rows[0].values_minor`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct ReportContentError {
    /// Where it is.
    pub place: String,
    /// Why it is refused.
    pub reason: ReportContentRefusal,
}

/// Why a content is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportContentRefusal {
    /// No column, or too many.
    #[error("must be 1 to {MAX_COLUMNS} columns")]
    Columns,
    /// Two columns of one key.
    #[error("is the key of another column too")]
    ColumnKey,
    /// The time of a column.
    #[error("{0}")]
    ColumnTime(ColumnTimeError),
    /// Too many rows.
    #[error("must be at most {MAX_ROWS} rows, nested ones included")]
    Rows,
    /// Nested too deep.
    #[error("are nested more than {MAX_DEPTH} deep")]
    Depth,
    /// Not one value for each column.
    #[error("must be empty or have one value for each column")]
    Values,
    /// A role that stands in another row.
    #[error("is the role of another row too")]
    Role,
}

impl ReportContent {
    /// Checks everything that the types do not.
    ///
    /// # Errors
    /// [`ReportContentError`], of the first place.
    pub fn check(&self) -> Result<(), ReportContentError> {
        let refuse = |place: String, reason| Err(ReportContentError { place, reason });
        if self.columns.is_empty() || self.columns.len() > MAX_COLUMNS {
            return refuse("columns".to_owned(), ReportContentRefusal::Columns);
        }
        let mut keys = BTreeSet::new();
        for (index, column) in self.columns.iter().enumerate() {
            if !keys.insert(&column.key) {
                return refuse(format!("columns[{index}].key"), ReportContentRefusal::ColumnKey);
            }
            if let Err(error) = column.check_time() {
                let part = if error == ColumnTimeError::EndsBeforeItBegins { ".to" } else { "" };
                return refuse(format!("columns[{index}]{part}"), ReportContentRefusal::ColumnTime(error));
            }
        }
        let mut seen = Seen { columns: self.columns.len(), rows: 0, roles: BTreeSet::new() };
        seen.check(&self.rows, &mut Vec::new())
            .map_err(|(path, reason)| ReportContentError { place: place_of(&path, reason), reason })
    }

    /// Every row with the way to it, each row before those below it.
    pub(super) fn each_row<'a>(&'a self, visit: &mut impl FnMut(&[usize], &'a ReportRow)) {
        fn walk<'a>(rows: &'a [ReportRow], path: &mut Vec<usize>, visit: &mut impl FnMut(&[usize], &'a ReportRow)) {
            for (index, row) in rows.iter().enumerate() {
                path.push(index);
                visit(path, row);
                walk(&row.rows, path, visit);
                path.pop();
            }
        }
        walk(&self.rows, &mut Vec::new(), visit);
    }

    /// The row with a role.
    pub(super) fn row_of(&self, role: RowRole) -> Option<&ReportRow> {
        let mut found = None;
        self.each_row(&mut |_, row| {
            if row.role == Some(role) {
                found = found.or(Some(row));
            }
        });
        found
    }

    /// How many rows it has, nested ones included.
    #[must_use]
    pub fn row_count(&self) -> usize {
        let mut count = 0;
        self.each_row(&mut |_, _| count += 1);
        count
    }
}

impl ReportRow {
    /// The value that the row itself states in a column.
    #[must_use]
    pub fn own_minor(&self, column: usize) -> Option<i64> {
        self.values_minor.get(column).copied().flatten().map(Balance::minor)
    }

    /// Whether it is a total of other rows.
    pub(super) fn is_total(&self) -> bool {
        matches!(self.kind, RowKind::Subtotal | RowKind::Total)
    }

    /// The value that is stated for the row in a column: by the total of its rows, or by itself.
    pub(super) fn stated_minor(&self, column: usize) -> Option<i64> {
        let total = self.rows.iter().rev().find(|row| row.is_total()).and_then(|row| row.own_minor(column));
        total.or_else(|| self.own_minor(column))
    }
}

/// The place of a row, such as `rows[2].rows[0]`.
pub(super) fn row_place(path: &[usize]) -> String {
    path.iter().enumerate().fold(String::new(), |mut place, (depth, index)| {
        let dot = if depth == 0 { "" } else { "." };
        // Writing to a text never fails.
        let _ = write!(place, "{dot}rows[{index}]");
        place
    })
}

fn place_of(path: &[usize], reason: ReportContentRefusal) -> String {
    let row = row_place(path);
    match reason {
        ReportContentRefusal::Rows => "rows".to_owned(),
        ReportContentRefusal::Values => format!("{row}.values_minor"),
        ReportContentRefusal::Role => format!("{row}.role"),
        ReportContentRefusal::Depth
        | ReportContentRefusal::Columns
        | ReportContentRefusal::ColumnKey
        | ReportContentRefusal::ColumnTime(_) => row,
    }
}

struct Seen {
    columns: usize,
    rows: usize,
    roles: BTreeSet<RowRole>,
}

impl Seen {
    fn check(&mut self, rows: &[ReportRow], path: &mut Vec<usize>) -> Result<(), (Vec<usize>, ReportContentRefusal)> {
        for (index, row) in rows.iter().enumerate() {
            path.push(index);
            self.rows += 1;
            let role_is_new = row.role.is_none_or(|role| self.roles.insert(role));
            let reason = if self.rows > MAX_ROWS {
                Some(ReportContentRefusal::Rows)
            } else if path.len() > MAX_DEPTH {
                Some(ReportContentRefusal::Depth)
            } else if !row.values_minor.is_empty() && row.values_minor.len() != self.columns {
                Some(ReportContentRefusal::Values)
            } else if role_is_new {
                None
            } else {
                Some(ReportContentRefusal::Role)
            };
            if let Some(reason) = reason {
                return Err((path.clone(), reason));
            }
            self.check(&row.rows, path)?;
            path.pop();
        }
        Ok(())
    }
}
