//! Reports, for tests and for the examples of events.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    access::ActingAs,
    event::NewEvent,
    id::PublicationId,
    samples::{at, company, firm, user},
};

/// A profit and loss of October beside September, October of last year and the budget.
pub(crate) fn october() -> ReportContent {
    let month = |key: &str, kind: &str, from: &str, to: &str| json!({ "key": key, "title": key, "kind": kind, "from": from, "to": to });
    let line = |label: &str, values: [Option<i64>; 4]| json!({ "label": label, "kind": "line", "account": label, "values_minor": values });
    serde_json::from_value(json!({
        "kind": "profit_and_loss", "title": "Demonstração de resultados", "basis": "accrual", "currency": "EUR",
        "columns": [
            month("oct", "actual", "2026-10-01", "2026-10-31"),
            month("sep", "comparison", "2026-09-01", "2026-09-30"),
            month("last", "comparison", "2025-10-01", "2025-10-31"),
            month("plan", "budget", "2026-10-01", "2026-10-31"),
        ],
        "rows": [
            { "label": "Rendimentos", "kind": "section", "role": "income", "rows": [
                line("Vendas", [Some(125_000), Some(100_000), Some(90_000), None]),
                line("Serviços", [Some(25_000), None, Some(10_000), None]),
                { "label": "Total", "kind": "subtotal", "values_minor": [150_000, 100_000, 100_000, 140_000] },
            ] },
            { "label": "Gastos", "kind": "section", "role": "operating_expenses", "rows": [
                line("Renda", [Some(40_000), Some(40_000), Some(35_000), Some(40_000)]),
                { "label": "Total", "kind": "subtotal", "values_minor": [40_000, 40_000, 35_000, 40_000] },
            ] },
            { "label": "Resultado", "kind": "total", "role": "net_profit", "values_minor": [110_000, 60_000, 65_000, 100_000] },
        ],
    }))
    .unwrap()
}

pub(crate) fn sent(version: u64, content: ReportContent) -> ReportSent {
    let parts = u8::try_from(split_parts(&content, at(1_000)).unwrap().len()).unwrap();
    ReportSent { version: version.try_into().unwrap(), content, parts, at: at(1_000) }
}

/// The report `PL-10` after a push.
pub(crate) fn pushed(known: Option<Report>, version: u64, content: ReportContent) -> Report {
    match record(&company(1), &"PL-10".parse().unwrap(), known, sent(version, content)).unwrap() {
        ReportRecording::Recorded(report, ..) | ReportRecording::Unchanged(report) => *report,
    }
}

pub(crate) fn publication_id(n: u128) -> PublicationId {
    PublicationId::from_uuid(Uuid::from_u128(n))
}

/// A draft of publication `n` of October with one report.
pub(crate) fn draft(n: u128, report: &Report, version: u64) -> PublicationDraft {
    PublicationDraft {
        id: publication_id(n),
        company: company(1),
        month: "2026-10".parse().unwrap(),
        reports: vec![ChosenReport {
            reference: report.reference.clone(),
            version: version.try_into().unwrap(),
            stored: Some(report.clone()),
        }],
        figures: None,
        comment: Some("A good month.".parse().unwrap()),
        corrects: None,
        by: user("ada"),
        by_name: "Ada Lovelace".parse().unwrap(),
        acting_as: ActingAs::FirmAdmin { firm: firm(2), company: company(1) },
        at: at(2_000),
    }
}

/// One event of each type.
pub(crate) fn events() -> Vec<NewEvent> {
    let recorded = record(&company(1), &"PL-10".parse().unwrap(), None, sent(7, october())).unwrap();
    let ReportRecording::Recorded(report, _, event) = recorded else { panic!("it is new") };
    let published = publish(draft(3, &report, 7), None, None).unwrap();
    vec![event, published.event]
}
