//! Reports as Xero and `QuickBooks` Online answer them, in the shapes that they document.

use serde_json::{Value, json};

pub(super) fn cell(value: &str) -> Value {
    json!({ "Value": value })
}

/// A profit and loss as Xero answers it.
pub(super) fn xero() -> Value {
    let row = |kind: &str, label: &str, values: [&str; 3]| {
        let mut first = cell(label);
        if kind == "Row" {
            first["Attributes"] = json!([{ "Id": "account", "Value": "e2bacdc6-2006-43c2-a5da-3c0e5f43b452" }]);
        }
        json!({ "RowType": kind, "Cells": [first, cell(values[0]), cell(values[1]), cell(values[2])] })
    };
    json!({ "Id": "x", "Status": "OK", "Reports": [{
        "ReportID": "ProfitAndLoss", "ReportName": "Profit and Loss", "ReportType": "ProfitAndLoss",
        "ReportTitles": ["Profit & Loss", "Loja Azul", "1 October 2026 to 31 October 2026"], "ReportDate": "1 November 2026",
        "Rows": [
            { "RowType": "Header", "Cells": [cell(""), cell("31 Oct 26"), cell("30 Sep 26"), cell("% change")] },
            { "RowType": "Section", "Title": "Income", "Rows": [
                row("Row", "Sales", ["1,250.00", "1000.0", "25%"]),
                row("Row", "Refunds", ["(50.25)", "", ""]),
                row("SummaryRow", "Total Income", ["1199.75", "1000.00", "20%"]),
            ] },
            { "RowType": "Section", "Title": "Less Operating Expenses", "Rows": [
                row("Row", "Rent", ["400", "400", "0"]),
                row("SummaryRow", "Total Operating Expenses", ["400.00", "400.00", "0"]),
            ] },
            { "RowType": "Section", "Title": "", "Rows": [row("Row", "Net Profit", ["799.75", "600.00", "33%"])] },
        ],
    }] })
}

/// A balance sheet as Xero answers it: headings without rows, totals in sections without a title, and earnings of the year on an
/// account that is none.
pub(super) fn xero_balance_sheet() -> Value {
    let attribute = |id: &str| json!([{ "Id": "account", "Value": id }]);
    let row = |kind: &str, label: &str, account: Option<&str>, values: [&str; 2]| {
        let mut cells = [cell(label), cell(values[0]), cell(values[1])];
        if let Some(account) = account {
            cells.iter_mut().for_each(|cell| cell["Attributes"] = attribute(account));
        }
        json!({ "RowType": kind, "Cells": cells })
    };
    let total =
        |label: &str, values| json!({ "RowType": "Section", "Title": "", "Rows": [row("Row", label, None, values)] });
    json!({ "Reports": [{
        "ReportID": "BalanceSheet", "ReportName": "Balance Sheet", "ReportType": "BalanceSheet",
        "ReportTitles": ["Balance Sheet", "Loja Azul", "As at 31 October 2026"], "ReportDate": "1 November 2026",
        "Rows": [
            { "RowType": "Header", "Cells": [cell(""), cell("31 Oct 2026"), cell("31 Oct 2025")] },
            { "RowType": "Section", "Title": "Assets" },
            { "RowType": "Section", "Title": "Bank", "Rows": [
                row("Row", "Business Account", Some("13918178-849a-4823-9a31-57b7eac713d7"), ["-2,894.08", "0.00"]),
                row("Row", "Savings", Some("26028d3a-f981-44d6-a9ed-a522198870f8"), ["6878.28", "100.00"]),
                row("SummaryRow", "Total Bank", None, ["3984.20", "100.00"]),
            ] },
            total("Total Assets", ["3984.20", "100.00"]),
            { "RowType": "Section", "Title": "Liabilities" },
            { "RowType": "Section", "Title": "Current Liabilities", "Rows": [
                row("Row", "VAT", Some("17d0bc7b-5d34-4bd5-b1f5-6c0b5d1d5a5e"), ["984.20", ""]),
                row("SummaryRow", "Total Current Liabilities", None, ["984.20", "0.00"]),
            ] },
            total("Total Liabilities", ["984.20", "0.00"]),
            total("Net Assets", ["3000.00", "100.00"]),
            { "RowType": "Section", "Title": "Equity", "Rows": [
                row("Row", "Current Year Earnings", Some("00000000-0000-0000-0000-000000000000"), ["2900.00", "0.00"]),
                row("Row", "Retained Earnings", Some("4a2c8f1e-0a5d-4e0c-9d4b-8d1f6b0e7c11"), ["100.00", "100.00"]),
                row("SummaryRow", "Total Equity", None, ["3000.00", "100.00"]),
            ] },
        ],
    }] })
}

/// What is open with one contact as Xero answers it.
pub(super) fn xero_by_contact(report_type: &str) -> Value {
    let row = |kind: &str, values: [&str; 8]| json!({ "RowType": kind, "Cells": values.map(cell) });
    json!({ "Reports": [{
        "ReportID": report_type, "ReportName": "Aged By Contact", "ReportType": report_type,
        "ReportTitles": ["Invoices", "ABC", "To 30 November 2026", "Showing payments to 31 October 2026"],
        "ReportDate": "1 November 2026",
        "Rows": [
            row("Header", ["Date", "Reference", "Due Date", "", "Total", "Paid", "Credited", "Due"]),
            { "RowType": "Section", "Rows": [
                row("Row", ["2026-09-15T00:00:00", "", "2026-10-15T00:00:00", "", "53.90", "50.00", "0.00", "3.90"]),
                row("Row", ["2026-10-14T00:00:00", "INV-7", "2026-11-14T00:00:00", "", "1,053.90", "0.00", "(0.90)", "1053.00"]),
                row("SummaryRow", ["Total", "", "", "", "1107.80", "50.00", "-0.90", "1056.90"]),
            ] },
        ],
    }] })
}

/// What is open by age as Xero's report on all contacts has it: the title of an age may be a month.
pub(super) fn xero_by_age() -> Value {
    let row = |kind: &str, values: [&str; 4]| json!({ "RowType": kind, "Cells": values.map(cell) });
    json!({ "Reports": [{
        "ReportName": "Aged Receivables", "ReportType": "AgedReceivables",
        "ReportTitles": ["Aged Receivables", "Loja Azul", "As at 31 October 2026"],
        "Rows": [
            row("Header", ["Contact", "Current", "September 2026", "Total"]),
            { "RowType": "Section", "Title": "ABC", "Rows": [
                row("Row", ["INV-7", "100.00", "", "100.00"]),
                row("SummaryRow", ["Total", "100.00", "0.00", "100.00"]),
            ] },
            { "RowType": "Section", "Title": "XYZ", "Rows": [
                row("Row", ["INV-8", "", "20.00", "20.00"]),
                row("SummaryRow", ["Total", "0.00", "20.00", "20.00"]),
            ] },
            row("SummaryRow", ["Total", "100.00", "20.00", "120.00"]),
        ],
    }] })
}

/// A balance sheet as `QuickBooks` Online answers it.
pub(super) fn quickbooks() -> Value {
    let data = |label: &str, value: &str| json!({ "ColData": [{ "value": label, "id": "35" }, { "value": value }] });
    let section = |group: &str, label: &str, rows: Vec<Value>, total: &str| {
        json!({ "type": "Section", "group": group, "Header": { "ColData": [{ "value": label }, { "value": "" }] },
            "Rows": { "Row": rows }, "Summary": data(&format!("Total {label}"), total) })
    };
    let mut checking = data("Checking", "1201.00");
    checking["type"] = "Data".into();
    let mut parent = section("", "Job Materials", vec![data("Plants", "20.00")], "120.00");
    parent["Header"] = json!({ "ColData": [{ "value": "Job Materials", "id": "40" }, { "value": "100.00" }] });
    json!({
        "Header": { "Time": "2026-11-01T10:00:00-07:00", "ReportName": "BalanceSheet", "ReportBasis": "Accrual",
            "StartPeriod": "2026-10-01", "EndPeriod": "2026-10-31", "SummarizeColumnsBy": "Total", "Currency": "USD",
            "Option": [{ "Name": "NoReportData", "Value": "false" }] },
        "Columns": { "Column": [
            { "ColTitle": "", "ColType": "Account", "MetaData": [{ "Name": "ColKey", "Value": "account" }] },
            { "ColTitle": "Total", "ColType": "Money", "MetaData": [{ "Name": "ColKey", "Value": "total" }] },
            { "ColTitle": "% of total", "ColType": "Percent" },
        ] },
        "Rows": { "Row": [
            section("TotalAssets", "ASSETS", vec![section("BankAccounts", "Bank Accounts", vec![checking], "1201.00"), parent],
                "1321.00"),
            section("TotalLiabilitiesAndEquity", "LIABILITIES AND EQUITY", vec![
                section("Liabilities", "Liabilities", vec![data("Loan", "400.00")], "400.00"),
                section("Equity", "Equity", vec![data("Opening Balance Equity", "-79.00"), data("Net Income", "1000.00")],
                    "921.00"),
            ], "1321.00"),
        ] },
    })
}

/// A profit and loss as `QuickBooks` Online answers it, beside the previous period.
pub(super) fn quickbooks_profit_and_loss() -> Value {
    let data = |label: &str, values: [&str; 3]| {
        let [now, before, change] = values.map(|value| json!({ "value": value }));
        json!({ "ColData": [{ "value": label, "id": "82" }, now, before, change] })
    };
    let total =
        |group: &str, label: &str, values| json!({ "type": "Section", "group": group, "Summary": data(label, values) });
    let section = |group: &str, label: &str, rows: Vec<Value>, values| {
        json!({ "type": "Section", "group": group, "Header": data(label, ["", "", ""]), "Rows": { "Row": rows },
            "Summary": data(&format!("Total {label}"), values) })
    };
    let meta = |values: &[(&str, &str)]| -> Value {
        values.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
    };
    let before = [("StartDate", "2026-09-01"), ("EndDate", "2026-09-30"), ("ColKey", "PP")];
    json!({
        "Header": { "Time": "2026-11-01T10:00:00-07:00", "ReportName": "ProfitAndLoss", "ReportBasis": "Cash",
            "StartPeriod": "2026-10-01", "EndPeriod": "2026-10-31", "Currency": "USD" },
        "Columns": { "Column": [
            { "ColTitle": "", "ColType": "Account" },
            { "ColTitle": "Oct 2026", "ColType": "Money", "MetaData": meta(&[("ColKey", "total")]) },
            { "ColTitle": "Sep 2026 (PP)", "ColType": "Money", "MetaData": meta(&before) },
            { "ColTitle": "% Change", "ColType": "Money" },
        ] },
        "Rows": { "Row": [
            section("Income", "Income", vec![data("Services", ["1500.00", "1000.00", "50.00"])], ["1500.00", "1000.00", "50.00"]),
            section("COGS", "Cost of Goods Sold", vec![data("Materials", ["405.00", "", ""])], ["405.00", "0.00", ""]),
            total("GrossProfit", "Gross Profit", ["1095.00", "1000.00", "9.50"]),
            section("Expenses", "Expenses", vec![data("Rent", ["400.00", "400.00", "0.00"])], ["400.00", "400.00", "0.00"]),
            total("NetOperatingIncome", "Net Operating Income", ["695.00", "600.00", ""]),
            section("OtherExpenses", "Other Expenses", vec![data("Fine", ["-5.50", "", ""])], ["-5.50", "", ""]),
            total("NetIncome", "Net Income", ["700.50", "600.00", ""]),
        ] },
    })
}

/// What is open by age as `QuickBooks` Online answers it, of a customer with two sites and of another one.
pub(super) fn quickbooks_by_age(report_name: &str) -> Value {
    let cells = |label: Value, values: [&str; 3]| {
        let [current, late, total] = values.map(|value| json!({ "value": value }));
        json!({ "ColData": [label, current, late, total] })
    };
    let row = |label: &str, values| cells(json!({ "value": label, "id": "4" }), values);
    json!({
        "Header": { "ReportName": report_name, "DateMacro": "last calendar year", "StartPeriod": "2026-01-01",
            "EndPeriod": "2026-12-31", "Currency": "USD",
            "Option": [{ "Name": "report_date", "Value": "2026-10-31" }, { "Name": "NoReportData", "Value": "false" }] },
        "Columns": { "Column": [
            { "ColTitle": "", "ColType": "Customer" }, { "ColTitle": "Current", "ColType": "Money" },
            { "ColTitle": "1 - 30", "ColType": "Money" }, { "ColTitle": "Total", "ColType": "Money" },
        ] },
        "Rows": { "Row": [
            { "Header": row("Sites Ltd", ["", "", "0.00"]), "Rows": { "Row": [
                row("North", ["10.00", "", "10.00"]), row("South", ["", "27.50", "27.50"]),
            ] }, "Summary": row("Total Sites Ltd", ["10.00", "27.50", "37.50"]), "type": "Section" },
            row("Jane", ["", "(2.50)", "-2.50"]),
            { "type": "Section", "group": "GrandTotal", "Summary": cells(json!({ "value": "TOTAL" }), ["10.00", "25.00", "35.00"]) },
        ] },
    })
}
