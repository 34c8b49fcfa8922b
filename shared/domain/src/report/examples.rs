//! Reports, for tests and for the examples of events.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    access::{AccessRequirement, ActingAs},
    event::NewEvent,
    id::PublicationId,
    permission::Permission,
    samples::{at, company, firm, user},
    threshold::ThresholdRule,
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

/// A forecast whose closing cash is `lowest` on the last day of the year, and higher before.
pub(crate) fn forecast(currency: &str, lowest: i64) -> ReportContent {
    let month = |key: &str, from: &str, to: &str| json!({ "key": key, "title": key, "kind": "forecast", "from": from, "to": to });
    serde_json::from_value(json!({
        "kind": "cashflow_forecast", "title": "Liquidität", "currency": currency,
        "columns": [month("nov", "2026-11-01", "2026-11-30"), month("dec", "2026-12-01", "2026-12-31")],
        "rows": [{ "label": "Kasse", "kind": "total", "role": "cash_closing", "values_minor": [lowest + 1, lowest] }],
    }))
    .unwrap()
}

/// Publication `n`, of one report: `FC-1`.
pub(crate) fn publication_of(n: u128, month: &str, content: &ReportContent) -> Publication {
    let reference = "FC-1".parse().unwrap();
    let recorded = record(&company(1), &reference, None, sent(1, content.clone())).unwrap();
    let ReportRecording::Recorded(report, ..) = recorded else { panic!("it is new") };
    let draft = PublicationDraft { month: month.parse().unwrap(), ..draft(n, &report, 1) };
    publish(draft, None, None).unwrap().publication
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
    [vec![event, published.event], crossings()].concat()
}

/// Of thresholds of a forecast: set, crossed, and recovered.
fn crossings() -> Vec<NewEvent> {
    let first = CashflowForecast::after(None, &publication_of(4, "2026-09", &forecast("EUR", 5_000_000))).unwrap();
    let access = AccessRequirement::new(user("mia"), ActingAs::member(company(1), None), Permission::ReportsView);
    let usual = ThresholdRule::at(1_000_000.try_into().unwrap());
    let rule = ThresholdRule { tells_recovery: true, ..usual };
    let (watched, set) = first.set_own_thresholds(&access, &[rule]).unwrap();
    let after = |known, n, month, lowest| {
        CashflowForecast::after(Some(known), &publication_of(n, month, &forecast("EUR", lowest))).unwrap()
    };
    let (fell, below) = after(watched, 5, "2026-10", -250_000).tell(at(3_000)).unwrap();
    let (_, recovered) = after(fell, 6, "2026-11", 1_200_000).tell(at(3_000)).unwrap();
    [vec![set], below, recovered].concat()
}
