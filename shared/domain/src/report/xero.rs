//! Reports as Xero's Reports API answers them: `{"Reports": [{"ReportType", "ReportTitles", "Rows": […]}]}`.
//!
//! The first row is the header, whose cells title the columns. Cells stand in the order of the header. A section without
//! a title holds totals of the report, or the lines of a report that has no sections, with their total. A column of percentages
//! is left out, and so are the columns of a report by contact that hold no money: the dates, the reference and one without a
//! title.

use serde_json::Value;

use super::{
    column::{ColumnKind, ReportColumn},
    content::{ReportContent, ReportKind, ReportRow, RowKind},
    conversion::{At, ConversionError, ConversionProblem, Stated, blank, day, keep_first_roles},
    naming::role_of_total,
};
use crate::{money::Currency, text::Label, time::Day};

/// The account of "Current Year Earnings", which is none.
const NO_ACCOUNT: &str = "00000000-0000-0000-0000-000000000000";
/// The columns of a report by contact that say which invoice a row is.
const INVOICE_COLUMNS: [&str; 3] = ["Date", "Reference", "Number"];
/// How Xero writes the time of a day.
const MIDNIGHT: &str = "T00:00:00";

struct Xero {
    kind: ReportKind,
    currency: Currency,
    /// The cells of a row that make its label.
    labels: Vec<usize>,
    /// The cells of a row that are kept.
    cells: Vec<usize>,
}

/// Converts a report.
pub(super) fn convert(json: &Value, stated: Stated) -> Result<ReportContent, ConversionError> {
    let whole = At::new(json, String::new());
    let report = match whole.get("Reports") {
        Some(reports) => {
            let missing = ConversionError { place: "Reports[0]".to_owned(), problem: ConversionProblem::Missing };
            reports.items()?.into_iter().next().ok_or(missing)?
        }
        None => whole,
    };
    let report_type = report.need("ReportType")?;
    let kind = match report_type.text()? {
        "ProfitAndLoss" => ReportKind::ProfitAndLoss,
        "BalanceSheet" => ReportKind::BalanceSheet,
        "CashSummary" | "CashFlow" | "StatementOfCashFlows" => ReportKind::CashFlow,
        "AgedReceivables" | "AgedReceivablesSummary" | "AgedReceivablesByContact" => ReportKind::AgedReceivables,
        "AgedPayables" | "AgedPayablesSummary" | "AgedPayablesByContact" => ReportKind::AgedPayables,
        _ => return Err(report_type.refuse(ConversionProblem::Kind)),
    };
    let currency = stated
        .currency
        .ok_or(ConversionError { place: "currency".to_owned(), problem: ConversionProblem::Currency })?;
    let title = match report.get("ReportName") {
        Some(name) => name.label()?.map_or_else(blank, Ok)?,
        None => report_type.label()?.map_or_else(blank, Ok)?,
    };
    let rows = report.need("Rows")?.items()?;
    let header = rows.iter().find(|row| row.member_text("RowType") == Ok("Header"));
    let header = header.ok_or_else(|| report.refuse(ConversionProblem::Missing)).map_err(|error| ConversionError {
        place: format!("{}Rows", if error.place.is_empty() { String::new() } else { format!("{}.", error.place) }),
        ..error
    })?;
    let (labels, titles) = titled(header)?;
    let (cells, columns) = columns(&report, kind, titles, stated.columns)?;
    let xero = Xero { kind, currency, labels, cells };
    let mut rows = xero.rows(&rows, RowKind::Line, RowKind::Total)?;
    keep_first_roles(&mut rows, &mut Vec::new());
    Ok(ReportContent { kind, title, basis: None, currency, produced_at: None, columns, rows })
}

/// The place of a column's cells in each row, and its title.
type Titled<'a> = (usize, At<'a>);

/// The cells that make the label of a row, and the titles of the columns of values with the place of each cell.
fn titled<'a>(header: &At<'a>) -> Result<(Vec<usize>, Vec<Titled<'a>>), ConversionError> {
    let (mut labels, mut titles) = (vec![0], Vec::new());
    let cells = header.list("Cells")?;
    let of_invoices = match cells.first() {
        Some(first) => INVOICE_COLUMNS.contains(&first.member_text("Value")?),
        None => false,
    };
    for (index, cell) in cells.into_iter().enumerate().skip(1) {
        let title = cell.need("Value")?;
        let text = title.text()?;
        if of_invoices && INVOICE_COLUMNS.contains(&text) {
            labels.push(index);
        } else if !(text.contains('%') || of_invoices && (text == "Due Date" || text.trim().is_empty())) {
            titles.push((index, title));
        }
    }
    Ok((labels, titles))
}

/// The columns of values: as the caller states them, or as their titles and the report's say.
fn columns(
    report: &At<'_>,
    kind: ReportKind,
    titles: Vec<Titled<'_>>,
    stated: Option<Vec<ReportColumn>>,
) -> Result<(Vec<usize>, Vec<ReportColumn>), ConversionError> {
    let cells: Vec<usize> = titles.iter().map(|(index, _)| *index).collect();
    if let Some(stated) = stated {
        let expected = cells.len();
        if stated.len() != expected {
            let problem = ConversionProblem::Columns { expected };
            return Err(ConversionError { place: "columns".to_owned(), problem });
        }
        return Ok((cells, stated));
    }
    let period = titled_period(report)?;
    let (of_days, ages) = (kind.is_about_days(), kind.is_by_age());
    let mut columns = Vec::new();
    for (number, (_, title)) in titles.into_iter().enumerate() {
        let text = title.text()?;
        let is_budget = text.to_lowercase().contains("budget");
        let of_report = period.map(|(_, end)| end).filter(|_| number == 0 || is_budget || ages);
        // The title of an age may be the month in which invoices are due, which is not the day of the report.
        let of_title = day(text).filter(|_| !ages);
        let end = of_title.or(of_report).ok_or_else(|| title.refuse(ConversionProblem::Date))?;
        let column_kind = match (is_budget, number == 0 || ages) {
            (true, _) => ColumnKind::Budget,
            (false, true) => ColumnKind::Actual,
            (false, false) => ColumnKind::Comparison,
        };
        let from = match (of_days, period) {
            (true, _) => None,
            (false, Some((Some(from), to))) => Some(begin_of(end, from, to)),
            (false, Some((None, _)) | None) => return Err(title.refuse(ConversionProblem::Date)),
        };
        let key = format!("c{}", number + 1).parse().map_err(|_| title.refuse(ConversionProblem::Label))?;
        let label = title.label()?.map_or_else(blank, Ok)?;
        let (to, at) = if of_days { (None, Some(end)) } else { (Some(end), None) };
        columns.push(ReportColumn { key, title: label, kind: column_kind, from, to, at });
    }
    Ok((cells, columns))
}

/// The first and last day that the report's titles name: `1 October 2026 to 31 October 2026`, `As at 31 October 2026`. The
/// last title counts, which says for a report by contact until when payments are shown.
fn titled_period(report: &At<'_>) -> Result<Option<(Option<Day>, Day)>, ConversionError> {
    for title in report.list("ReportTitles")?.iter().rev() {
        let text = title.text()?;
        let text = ["From ", "To ", "For the month ended ", "As at ", "As of ", "Showing payments to "]
            .iter()
            .find_map(|words| text.strip_prefix(words))
            .unwrap_or(text);
        if let Some((from, to)) = text.split_once(" to ")
            && let (Some(from), Some(to)) = (day(from), day(to))
        {
            return Ok(Some((Some(from), to)));
        }
        if let Some(at) = day(text) {
            let month = title.text()?.starts_with("For the month ended").then(|| at.first_of_month());
            return Ok(Some((month, at)));
        }
    }
    Ok(None)
}

/// When a period begins that ends on `end` and is as long as the one of the report.
fn begin_of(end: Day, from: Day, to: Day) -> Day {
    let whole_months = from == from.first_of_month() && to == to.last_of_month();
    if whole_months && end == end.last_of_month() {
        let mut months = 0;
        while months < 120 && to.first_of_month().minus_months(months) > from {
            months += 1;
        }
        return end.first_of_month().minus_months(months);
    }
    end.plus_days(to.days_until(from))
}

impl Xero {
    /// The rows of the report or of a section, and of which kinds its rows and its summary are.
    fn rows(&self, rows: &[At<'_>], kind: RowKind, summary: RowKind) -> Result<Vec<ReportRow>, ConversionError> {
        let mut converted = Vec::new();
        for row in rows {
            let row_type = row.need("RowType")?;
            match row_type.text()? {
                "Header" => {}
                "Section" => {
                    let title = match row.get("Title") {
                        Some(title) => title.label()?,
                        None => None,
                    };
                    let rows = row.list("Rows")?;
                    // Where they have a total of their own, the rows of a section without a title are lines.
                    let has_total = rows.iter().any(|row| row.member_text("RowType") == Ok("SummaryRow"));
                    let within = match (&title, has_total) {
                        (Some(_), _) => self.rows(&rows, RowKind::Line, RowKind::Subtotal)?,
                        (None, true) => self.rows(&rows, RowKind::Line, RowKind::Total)?,
                        (None, false) => self.rows(&rows, RowKind::Total, RowKind::Total)?,
                    };
                    match title {
                        Some(label) => converted.push(section(label, within)),
                        None => converted.extend(within),
                    }
                }
                "Row" => converted.push(self.row(row, kind)?),
                "SummaryRow" => converted.push(self.row(row, summary)?),
                _ => return Err(row_type.refuse(ConversionProblem::Kind)),
            }
        }
        Ok(converted)
    }

    fn row(&self, row: &At<'_>, kind: RowKind) -> Result<ReportRow, ConversionError> {
        let cells = row.list("Cells")?;
        let first = cells.first();
        let label = self.label(row, &cells)?;
        let mut values_minor = Vec::with_capacity(self.cells.len());
        for index in &self.cells {
            let value = cells.get(*index).and_then(|cell| cell.get("Value"));
            values_minor.push(value.map_or(Ok(None), |value| value.amount(self.currency))?);
        }
        let account = match (first, kind) {
            (Some(cell), RowKind::Line) => account(cell)?,
            (Some(_) | None, _) => None,
        };
        let named = role_of_total(self.kind, label.as_str());
        // By age, the total of each contact has the words of the total of all.
        let role = named.filter(|_| kind == RowKind::Total || (kind == RowKind::Subtotal && !self.kind.is_by_age()));
        Ok(ReportRow { label, kind, role, account, values_minor, rows: Vec::new() })
    }

    /// The first cell, and for an invoice its date and its reference.
    fn label(&self, row: &At<'_>, cells: &[At<'_>]) -> Result<Label, ConversionError> {
        let values: Vec<At<'_>> = self.labels.iter().filter_map(|index| cells.get(*index)?.get("Value")).collect();
        let mut words = Vec::new();
        for value in &values {
            let text = value.text()?.trim();
            words.push(text.strip_suffix(MIDNIGHT).unwrap_or(text));
        }
        words.retain(|word| !word.is_empty());
        if words.is_empty() {
            return blank();
        }
        words.join(" ").parse().map_err(|_| values.first().unwrap_or(row).refuse(ConversionProblem::Label))
    }
}

fn section(label: Label, rows: Vec<ReportRow>) -> ReportRow {
    ReportRow { label, kind: RowKind::Section, role: None, account: None, values_minor: Vec::new(), rows }
}

fn account(cell: &At<'_>) -> Result<Option<Label>, ConversionError> {
    for attribute in cell.list("Attributes")? {
        if attribute.member_text("Id")? == "account"
            && let Some(value) = attribute.get("Value")
        {
            return Ok(value.label()?.filter(|account| account.as_str() != NO_ACCOUNT));
        }
    }
    Ok(None)
}
