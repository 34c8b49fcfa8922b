//! What it costs to take a report of 2,000 rows and 24 columns: parsed, checked, cut into parts and recorded with its digest,
//! figures and warnings. CPU beside the aim.
//!
//! `cargo run --release -p domain --example report_cost`. It reads `/proc`, so it needs Linux; it ends with 1 where the aim is
//! missed.
#![allow(clippy::print_stdout, reason = "a command speaks to its terminal")]

use std::process::ExitCode;

use domain::{
    CompanyId, Reference, UtcTime,
    report::{MAX_COLUMNS, MAX_ROWS, ReportContent, ReportRecording, ReportSent, record, split_parts},
};
use serde_json::{Value, json};

const ROUNDS: u64 = 50;
const MOST_CPU_US: u64 = 20_000;
/// Rows of a section, its total among them.
const SECTION: usize = 20;

/// Sections of lines with their totals, which add up.
fn report() -> Value {
    let column = |n: usize| json!({ "key": format!("c{n}"), "title": format!("Month {n}"), "kind": "actual", "at": format!("2026-10-{:02}", n + 1) });
    let section = |nth: usize| {
        let lines = 0..SECTION - 2;
        let value = |line: usize, column: usize| (nth * 10_000 + line * 100 + column) as i64;
        let mut rows: Vec<Value> = lines
            .clone()
            .map(|line| {
                let values: Vec<i64> = (0..MAX_COLUMNS).map(|column| value(line, column)).collect();
                json!({ "label": format!("Account {nth}/{line}"), "kind": "line", "account": format!("{nth:03}{line:02}"), "values_minor": values })
            })
            .collect();
        let totals: Vec<i64> =
            (0..MAX_COLUMNS).map(|column| lines.clone().map(|line| value(line, column)).sum()).collect();
        rows.push(json!({ "label": "Total", "kind": "subtotal", "values_minor": totals }));
        json!({ "label": format!("Section {nth}"), "kind": "section", "rows": rows })
    };
    json!({
        "kind": "balance_sheet", "title": "Balance sheet", "currency": "EUR",
        "columns": (0..MAX_COLUMNS).map(column).collect::<Vec<_>>(),
        "rows": (0..MAX_ROWS / SECTION).map(section).collect::<Vec<_>>(),
    })
}

/// All that is done with a report between its bytes and the table.
fn take(json: &[u8], company: &CompanyId, reference: &Reference) -> Result<usize, String> {
    let content: ReportContent = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    content.check().map_err(|error| error.to_string())?;
    let parts = split_parts(&content, UtcTime::EPOCH).ok_or("too much text")?;
    let count = u8::try_from(parts.len()).map_err(|error| error.to_string())?;
    let version = 1.try_into().map_err(|_| "no version")?;
    let sent = ReportSent { version, content, parts: count, at: UtcTime::EPOCH };
    match record(company, reference, None, sent).map_err(|error| error.to_string())? {
        ReportRecording::Recorded(report, ..) if report.newest.warnings.is_empty() => Ok(report.newest.row_count),
        other => Err(format!("{other:?}")),
    }
}

/// The time that this process was on a processor, in microseconds.
fn cpu_us() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(stat.split(' ').next()?.parse::<u64>().ok()? / 1_000)
}

fn main() -> ExitCode {
    let json = report().to_string().into_bytes();
    let (Ok(company), Ok(reference)) = ("co_00000000000000000000000000000001".parse(), "BS-10".parse()) else {
        return ExitCode::from(2);
    };
    let before = cpu_us();
    for _ in 0..ROUNDS {
        let taken = take(&json, &company, &reference);
        if taken != Ok(MAX_ROWS) {
            println!("the report was not taken: {taken:?}");
            return ExitCode::from(2);
        }
    }
    let (Some(before), Some(after)) = (before, cpu_us()) else {
        println!("/proc cannot be read");
        return ExitCode::from(2);
    };
    let cpu = after.saturating_sub(before) / ROUNDS;
    println!("a report of {MAX_ROWS} rows and {MAX_COLUMNS} columns, {} bytes", json.len());
    println!("CPU     {:>4}.{} ms of {}", cpu / 1_000, cpu % 1_000 / 100, MOST_CPU_US / 1_000);
    if cpu <= MOST_CPU_US { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
