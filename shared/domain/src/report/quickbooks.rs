//! Reports as `QuickBooks` Online answers them: `{"Header", "Columns": {"Column": […]}, "Rows": {"Row": […]}}`.
//!
//! A section has a header, rows and a summary; `group` names what it is, in every language. Columns that are no money,
//! such as percentages, and columns of changes are left out.

use serde_json::Value;

use super::{
    column::{ColumnKind, ReportColumn},
    content::{ReportBasis, ReportContent, ReportKind, ReportRow, RowKind},
    conversion::{At, ConversionError, ConversionProblem, Stated, blank, day, keep_first_roles},
    role::RowRole,
};
use crate::{
    money::{Balance, Currency},
    text::Label,
};

struct Quickbooks {
    kind: ReportKind,
    currency: Currency,
    /// The columns that are kept.
    columns: Vec<usize>,
}

/// Converts a report.
pub(super) fn convert(json: &Value, stated: Stated) -> Result<ReportContent, ConversionError> {
    let whole = At::new(json, String::new());
    let header = whole.need("Header")?;
    let name = header.need("ReportName")?;
    let kind = match name.text()? {
        "ProfitAndLoss" => ReportKind::ProfitAndLoss,
        "BalanceSheet" => ReportKind::BalanceSheet,
        "CashFlow" => ReportKind::CashFlow,
        "AgedReceivables" => ReportKind::AgedReceivables,
        "AgedPayables" => ReportKind::AgedPayables,
        _ => return Err(name.refuse(ConversionProblem::Kind)),
    };
    let title = name.label()?.map_or_else(blank, Ok)?;
    let basis = match header.member_text("ReportBasis")? {
        "Cash" => Some(ReportBasis::Cash),
        "Accrual" => Some(ReportBasis::Accrual),
        _ => None,
    };
    let currency = match header.get("Currency") {
        Some(code) => code.text()?.parse().map_err(|_| code.refuse(ConversionProblem::UnknownCurrency))?,
        None => stated
            .currency
            .ok_or(ConversionError { place: "currency".to_owned(), problem: ConversionProblem::Currency })?,
    };
    let (kept, columns) = columns(&whole, &header, kind, stated.columns)?;
    let quickbooks = Quickbooks { kind, currency, columns: kept };
    let mut rows = match whole.get("Rows") {
        Some(rows) => quickbooks.rows(&rows)?,
        None => Vec::new(),
    };
    keep_first_roles(&mut rows, &mut Vec::new());
    let produced_at = header.member_text("Time")?.parse().ok();
    Ok(ReportContent { kind, title, basis, currency, produced_at, columns, rows })
}

/// The value of a name in a list, such as the `MetaData` of a column or the `Option`s of the header.
fn named<'a>(of: &At<'a>, list: &str, name: &str) -> Result<Option<At<'a>>, ConversionError> {
    for data in of.list(list)? {
        if data.member_text("Name")? == name {
            return Ok(data.get("Value"));
        }
    }
    Ok(None)
}

fn columns(
    whole: &At<'_>,
    header: &At<'_>,
    kind: ReportKind,
    stated: Option<Vec<ReportColumn>>,
) -> Result<(Vec<usize>, Vec<ReportColumn>), ConversionError> {
    let mut kept = Vec::new();
    for (index, column) in whole.need("Columns")?.list("Column")?.into_iter().enumerate() {
        let title = column.member_text("ColTitle")?;
        let is_change = title.contains('%') || title.to_lowercase().contains("change");
        if column.member_text("ColType")? == "Money" && !is_change {
            kept.push((index, column));
        }
    }
    let indices: Vec<usize> = kept.iter().map(|(index, _)| *index).collect();
    if let Some(stated) = stated {
        let expected = indices.len();
        if stated.len() != expected {
            let problem = ConversionProblem::Columns { expected };
            return Err(ConversionError { place: "columns".to_owned(), problem });
        }
        return Ok((indices, stated));
    }
    let of_days = kind.is_about_days();
    // The day at whose end the ages are counted.
    let aged_at = if kind.is_by_age() { named(header, "Option", "report_date")? } else { None };
    let mut columns = Vec::new();
    for (number, (_, column)) in kept.into_iter().enumerate() {
        let written = column.member_text("ColTitle")?;
        let col_key = named(&column, "MetaData", "ColKey")?.map_or(Ok(""), |key| key.text())?;
        let compared = ["(PP)", "(PY)", "(PYTD)"].iter().any(|mark| written.contains(mark));
        let compared = compared || col_key.starts_with("PP") || col_key.starts_with("PY");
        let is_budget = written.to_lowercase().contains("budget");
        let column_kind = match (is_budget, compared) {
            (true, _) => ColumnKind::Budget,
            (false, true) => ColumnKind::Comparison,
            (false, false) => ColumnKind::Actual,
        };
        // A column of a comparison has dates of its own.
        let dated = |own: &str, of_report: &str| -> Result<_, ConversionError> {
            let date = match named(&column, "MetaData", own)? {
                Some(date) => Some(date),
                None if compared => None,
                None => aged_at.clone().or_else(|| header.get(of_report)),
            };
            let date = date.ok_or_else(|| column.refuse(ConversionProblem::Date))?;
            day(date.text()?).ok_or_else(|| date.refuse(ConversionProblem::Date))
        };
        let end = dated("EndDate", "EndPeriod")?;
        let from = if of_days { None } else { Some(dated("StartDate", "StartPeriod")?) };
        let (to, at) = if of_days { (None, Some(end)) } else { (Some(end), None) };
        let key = format!("c{}", number + 1).parse().map_err(|_| column.refuse(ConversionProblem::Label))?;
        let title = match column.get("ColTitle") {
            Some(title) => title.label()?.map_or_else(blank, Ok)?,
            None => blank()?,
        };
        columns.push(ReportColumn { key, title, kind: column_kind, from, to, at });
    }
    Ok((indices, columns))
}

/// The cells of a row as a row is made of them.
struct Cells {
    label: Option<Label>,
    account: Option<Label>,
    values_minor: Vec<Option<Balance>>,
}

impl Quickbooks {
    fn rows(&self, rows: &At<'_>) -> Result<Vec<ReportRow>, ConversionError> {
        let mut converted = Vec::new();
        for row in rows.list("Row")? {
            converted.push(self.row(&row)?);
        }
        Ok(converted)
    }

    fn row(&self, row: &At<'_>) -> Result<ReportRow, ConversionError> {
        let role = self.role(row.member_text("group")?);
        let header = row.get("Header").map(|header| self.cells(&header)).transpose()?;
        let summary = row.get("Summary").map(|summary| self.cells(&summary)).transpose()?;
        let within = match row.get("Rows") {
            Some(rows) => self.rows(&rows)?,
            None => Vec::new(),
        };
        match (header, summary) {
            (None, None) => {
                let cells = self.cells(row)?;
                let label = cells.label.map_or_else(blank, Ok)?;
                let (account, values_minor) = (cells.account, cells.values_minor);
                Ok(ReportRow { label, kind: RowKind::Line, role: None, account, values_minor, rows: within })
            }
            // A section without a header or rows is a total of the report, such as the gross profit.
            (None, Some(total)) if within.is_empty() => self.total(total, RowKind::Total, role),
            (header, summary) => {
                let header = header.unwrap_or(Cells { label: None, account: None, values_minor: Vec::new() });
                let named = header.label.or_else(|| summary.as_ref().and_then(|cells| cells.label.clone()));
                let mut rows = within;
                if let Some(total) = summary {
                    rows.push(self.total(total, RowKind::Subtotal, role)?);
                }
                let label = named.map_or_else(blank, Ok)?;
                let stated = header.values_minor.iter().any(Option::is_some);
                let values_minor = if stated { header.values_minor } else { Vec::new() };
                let account = header.account;
                Ok(ReportRow { label, kind: RowKind::Section, role: None, account, values_minor, rows })
            }
        }
    }

    fn total(&self, cells: Cells, kind: RowKind, role: Option<RowRole>) -> Result<ReportRow, ConversionError> {
        let label = cells.label.map_or_else(blank, Ok)?;
        Ok(ReportRow { label, kind, role, account: None, values_minor: cells.values_minor, rows: Vec::new() })
    }

    fn cells(&self, of: &At<'_>) -> Result<Cells, ConversionError> {
        let data = of.list("ColData")?;
        let (mut label, mut account) = (None, None);
        if let Some(first) = data.first() {
            label = first.get("value").map_or(Ok(None), |value| value.label())?;
            // In a report by age it is the id of a customer or a supplier.
            let id = first.get("id").filter(|_| !self.kind.is_by_age());
            account = id.map_or(Ok(None), |id| id.label())?;
        }
        let mut values_minor = Vec::with_capacity(self.columns.len());
        for index in &self.columns {
            let value = data.get(*index).and_then(|cell| cell.get("value"));
            values_minor.push(value.map_or(Ok(None), |value| value.amount(self.currency))?);
        }
        Ok(Cells { label, account, values_minor })
    }

    fn role(&self, group: &str) -> Option<RowRole> {
        match (self.kind, group) {
            (ReportKind::ProfitAndLoss, "Income") => Some(RowRole::Income),
            (ReportKind::ProfitAndLoss, "COGS") => Some(RowRole::CostOfSales),
            (ReportKind::ProfitAndLoss, "GrossProfit") => Some(RowRole::GrossProfit),
            (ReportKind::ProfitAndLoss, "Expenses") => Some(RowRole::OperatingExpenses),
            (ReportKind::ProfitAndLoss, "NetOperatingIncome") => Some(RowRole::OperatingProfit),
            (ReportKind::ProfitAndLoss, "OtherIncome") => Some(RowRole::OtherIncome),
            (ReportKind::ProfitAndLoss, "OtherExpenses") => Some(RowRole::OtherExpenses),
            (ReportKind::ProfitAndLoss, "NetIncome") => Some(RowRole::NetProfit),
            (ReportKind::BalanceSheet, "TotalAssets") => Some(RowRole::TotalAssets),
            (ReportKind::BalanceSheet, "Liabilities") => Some(RowRole::TotalLiabilities),
            (ReportKind::BalanceSheet, "Equity") => Some(RowRole::TotalEquity),
            (ReportKind::BalanceSheet, "TotalLiabilitiesAndEquity") => Some(RowRole::TotalLiabilitiesAndEquity),
            (ReportKind::CashFlow, "BeginningCash") => Some(RowRole::CashOpening),
            (ReportKind::CashFlow, "CashIncrease") => Some(RowRole::CashChange),
            (ReportKind::CashFlow, "EndingCash") => Some(RowRole::CashClosing),
            (ReportKind::AgedReceivables | ReportKind::AgedPayables, "GrandTotal") => Some(RowRole::TotalOutstanding),
            _ => None,
        }
    }
}
