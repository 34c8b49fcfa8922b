//! What is owed by age: aged receivables and aged payables.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::machine::Ledger;
use tests::{kit, run};

use super::figure;

/// What customers owe by age, as the ledger pushes it.
fn aged_receivables() -> Value {
    let column = |key: &str| json!({ "key": key, "title": key, "kind": "actual", "at": "2026-10-31" });
    let row = |label: &str, kind: &str, values: Value| json!({ "label": label, "kind": kind, "values_minor": values });
    let mut overdue = row("Overdue", "total", json!([null, null, -250]));
    overdue["role"] = json!("total_overdue");
    let mut total = row("Total", "total", json!([1_000, -250, 750]));
    total["role"] = json!("total_outstanding");
    json!({ "version": 1, "report": {
        "kind": "aged_receivables", "title": "Offene Posten", "currency": "EUR",
        "columns": [column("current"), column("1-30"), column("total")],
        "rows": [
            row("Papelaria Azul", "line", json!([1_000, null, 1_000])), row("Sites Ltd", "line", json!([null, -250, -250])),
            overdue, total,
        ],
    } })
}

/// What is owed to one supplier as Xero's Reports API answers it.
fn xero_payables() -> Value {
    let row = |kind: &str, values: [&str; 8]| {
        let cells: Vec<Value> = values.iter().map(|value| json!({ "Value": value })).collect();
        json!({ "RowType": kind, "Cells": cells })
    };
    json!({ "Reports": [{
        "ReportID": "AgedPayablesByContact", "ReportName": "Aged Payables By Contact", "ReportType": "AgedPayablesByContact",
        "ReportTitles": ["Invoices", "Xero", "To 31 October 2026", "Showing payments to 31 October 2026"],
        "Rows": [
            row("Header", ["Date", "Reference", "Due Date", "", "Total", "Paid", "Credited", "Due"]),
            { "RowType": "Section", "Rows": [
                row("Row", ["2026-10-01T00:00:00", "B-1", "2026-10-15T00:00:00", "", "53.90", "50.00", "0.00", "3.90"]),
                row("SummaryRow", ["Total", "", "", "", "53.90", "50.00", "0.00", "3.90"]),
            ] },
        ],
    }] })
}

/// Proves: R1, R3, R8
#[test]
fn what_is_owed_by_age_is_pushed_and_read_with_its_totals() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let pushed = ledger.put(kit, company, "reports", "AR-10", aged_receivables()).await.ok(201);
        assert_eq!(list(&pushed["report"], "warnings").len(), 0, "{pushed}");
        let read = ledger.read(kit, company, "reports", "AR-10").await.ok(200);
        assert_eq!(read["rows"], aged_receivables()["report"]["rows"], "labels and numbers as they were sent");
        assert_eq!(
            (figure(&read["report"], "total_outstanding"), figure(&read["report"], "total_overdue")),
            (750, -250)
        );

        let body = json!({ "version": 1, "format": "xero", "currency": "EUR", "provider_report": xero_payables() });
        let pushed = ledger.put(kit, company, "reports", "AP-10", body).await.ok(201);
        assert_eq!(
            (&pushed["report"]["kind"], figure(&pushed["report"], "total_outstanding")),
            (&json!("aged_payables"), 390)
        );
        for (kind, reference) in [("aged_receivables", "AR-10"), ("aged_payables", "AP-10")] {
            let path = format!("/v1/reports?kind={kind}");
            let listed = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            let found: Vec<String> =
                list(&listed, "reports").iter().map(|report| text(report, "/report/reference")).collect();
            assert_eq!(found, [reference], "{listed}");
        }
    });
}
