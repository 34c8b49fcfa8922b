//! One report in full, as JSON or as a CSV file for spreadsheets.

use api::{Answer, Api, ApiResult, Cell, Csv, DecimalSign, Dialect, InCompany, Path, Query, Separator};
use axum::{extract::State, response::Response};
use domain::{
    Reference,
    ledger_report::ReportVersion,
    permission::may,
    report::{ReportContent, ReportRow},
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::{IntoParams, ToSchema};
use views::ReportView;

use crate::seen::{Seen, whole};

/// A version of a report, in full.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportResponse {
    report: ReportView,
    /// Whether this version is the one that is published now.
    is_published: bool,
    rows: Vec<ReportRow>,
}

/// Which version to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// A version that is or was published; for callers who see drafts, also the newest. Default: the published one, or
    /// the newest for callers who see drafts.
    #[serde(default)]
    #[param(value_type = Option<u64>)]
    version: Option<ReportVersion>,
}

/// Shows a report in full.
///
/// Labels are as the ledger wrote them. `null` is a value that is not stated, and never zero.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/reports/{reference}", params(("reference" = Reference, Path), ReportQuery),
    responses((status = 200, body = ReportResponse)))]
pub(crate) async fn get_report(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Path(reference): Path<Reference>,
    Query(query): Query<ReportQuery>,
) -> ApiResult {
    let seen = Seen::by(&caller);
    let found = retry_on_conflict(|| whole(&api, &caller, &seen, &reference, query.version)).await?;
    let report = ReportView::of(reference, found.head, seen.drafts);
    Answer::ok(&ReportResponse { report, is_published: found.is_published, rows: found.content.rows })
}

/// Which version to write, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportCsvQuery {
    /// As for `GET /v1/reports/{reference}`.
    #[serde(default)]
    #[param(value_type = Option<u64>)]
    version: Option<ReportVersion>,
    /// What stands before decimals where the reader is. Default: `point`.
    #[serde(default)]
    #[param(inline)]
    decimal: DecimalSign,
    /// What separates cells. Default: `comma`, or `semicolon` where decimals have a comma, as Excel expects.
    #[serde(default)]
    #[param(inline)]
    separator: Option<Separator>,
}

/// Writes a report as a CSV file for spreadsheets.
///
/// `decimal` says how the reader's language writes decimals; Excel then opens the file with numbers as numbers. Amounts
/// have the decimals of the currency. A cell is empty where no value is stated.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/reports/{reference}/csv", params(("reference" = Reference, Path), ReportCsvQuery),
    responses((status = 200, description = "A file", content((String = "text/csv")))))]
pub(crate) async fn export_report(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Path(reference): Path<Reference>,
    Query(query): Query<ReportCsvQuery>,
) -> ApiResult<Response> {
    let seen = Seen::by(&caller);
    let found = retry_on_conflict(|| whole(&api, &caller, &seen, &reference, query.version)).await?;
    let dialect = Dialect::of(query.decimal, query.separator);
    let name = format!("{reference}-{}.csv", u64::from(found.head.report_version));
    Ok(csv(&found.content, dialect).download(&name))
}

/// The file: a line for each row, with its depth, account and label before its values.
fn csv(content: &ReportContent, dialect: Dialect) -> Csv {
    let titles = content.columns.iter().map(|column| column.title.as_str());
    let header: Vec<&str> = ["level", "account", "label"].into_iter().chain(titles).collect();
    let mut csv = Csv::for_excel(&header, dialect);
    add(&mut csv, content, &content.rows, 1);
    csv
}

fn add(csv: &mut Csv, content: &ReportContent, rows: &[ReportRow], level: i64) {
    let decimals = content.currency.exponent();
    for row in rows {
        let mut cells = vec![Cell::Number(level), row.account.as_ref().map(|account| account.as_str()).into()];
        cells.push(row.label.as_str().into());
        for column in 0..content.columns.len() {
            cells.push(row.own_minor(column).map_or(Cell::Empty, |minor| Cell::Decimal { minor, decimals }));
        }
        csv.row(&cells);
        add(csv, content, &row.rows, level + 1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Proves: R9
    #[test]
    fn a_file_has_numbers_and_labels_that_are_no_formulas() {
        let content: ReportContent = serde_json::from_value(json!({
            "kind": "balance_sheet", "title": "Bilanz", "currency": "EUR",
            "columns": [
                { "key": "a", "title": "31.10.2026", "kind": "actual", "at": "2026-10-31" },
                { "key": "b", "title": "=1+1", "kind": "comparison", "at": "2025-10-31" },
            ],
            "rows": [{ "label": "Aktiva; gesamt", "kind": "section", "rows": [
                { "label": "=HYPERLINK(\"x\")", "kind": "line", "account": "-1200", "values_minor": [-5, null] },
            ] }],
        }))
        .unwrap();
        let dialect = Dialect::of(DecimalSign::Comma, None);
        let expected = "\u{feff}level;account;label;31.10.2026;'=1+1\r\n1;;\"Aktiva; gesamt\";;\r\n\
            2;'-1200;\"'=HYPERLINK(\"\"x\"\")\";-0,05;\r\n";
        assert_eq!(csv(&content, dialect).as_str(), expected);
    }
}
