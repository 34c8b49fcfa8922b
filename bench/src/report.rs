//! Medians, the tables that are printed, and the aims.
#![allow(
    clippy::float_arithmetic,
    reason = "ratios and units of a report, nothing is decided by them but what is printed"
)]

use std::{fmt::Write, time::Duration};

use serde_json::{Value, json};
use tests::runtime_api::Init;

use crate::{
    measure::Sample,
    package::{Package, uses_only_the_table},
    workload::{Kind, Workload},
};

/// CPU from exec through the first request, against hello, world.
const COLD_CPU_RATIO_MAX: f64 = 2.0;
/// CPU of a warm mutation, against hello, world.
const WARM_MUTATION_RATIO_MAX: f64 = 6.0;
/// Unpacked size of a function that uses only the table, in bytes (4.5 MB).
const TABLE_ONLY_BYTES_MAX: usize = 4_500_000;
/// Unpacked size of any other, in bytes (6.5 MB).
const ANY_BYTES_MAX: usize = 6_500_000;
/// Peak resident memory, in bytes (8 MB).
const RESIDENT_BYTES_MAX: u64 = 8_000_000;
const READ_TRIPS_MAX: usize = 1;
const MUTATION_TRIPS_MAX: usize = 2;
/// An upload is read at both its ends.
const MESSAGE_BUCKET_CALLS_MAX: usize = 2;

/// The middle of several values; nothing for none.
fn median<T: Copy + Ord + Default>(values: impl IntoIterator<Item = T>) -> T {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How a function starts.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) function: String,
    pub(crate) package: Package,
    /// Empty where it was only weighed.
    pub(crate) inits: Vec<Init>,
}

/// A workload, over all rounds.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) workload: &'static Workload,
    pub(crate) samples: Vec<Sample>,
    /// To the table, in one warm invocation.
    pub(crate) round_trips: usize,
}

impl Row {
    fn cold_cpu(&self) -> Duration {
        median(self.samples.iter().map(|sample| sample.cold_cpu))
    }

    fn cold_wall(&self) -> Duration {
        median(self.samples.iter().map(|sample| sample.init.wall.saturating_add(sample.cold_wall)))
    }

    fn warm_cpu(&self) -> Duration {
        median(self.samples.iter().map(|sample| sample.warm_cpu))
    }

    fn warm_wall(&self) -> Duration {
        median(self.samples.iter().flat_map(|sample| sample.warm_wall.iter().copied()))
    }

    fn resident_bytes(&self) -> u64 {
        median(self.samples.iter().map(|sample| sample.resident_peak_bytes))
    }

    fn init_requests(&self) -> usize {
        self.samples.iter().map(|sample| sample.init_requests).max().unwrap_or_default()
    }

    fn requests(&self) -> usize {
        self.samples.iter().map(|sample| sample.requests).max().unwrap_or_default()
    }

    fn bucket_calls(&self) -> usize {
        self.samples.iter().map(|sample| sample.bucket_calls).max().unwrap_or_default()
    }

    /// The read units of a warm invocation, in halves; `None` where they are not known to the last.
    fn read_halves(&self) -> Option<u64> {
        self.samples.last().filter(|sample| !sample.units.is_lower_bound).map(|sample| sample.units.read_halves)
    }

    fn units(&self) -> String {
        self.samples.last().map(|sample| sample.units.to_string()).unwrap_or_default()
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) starts: Vec<Start>,
    /// The first is the yardstick.
    pub(crate) rows: Vec<Row>,
}

/// One aim, and whether it is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aim {
    pub(crate) met: bool,
    /// Whether a miss is an error: of what is counted, and of a limit of its own. What is timed or weighed beside hello, world
    /// is judged by who reads the report.
    pub(crate) is_firm: bool,
    text: String,
}

impl Report {
    fn yardstick(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.workload.kind == Kind::Hello)
    }

    /// Against the yardstick of the same run.
    fn ratio(&self, row: &Row, of: fn(&Row) -> Duration) -> f64 {
        let base = self.yardstick().map(of).unwrap_or_default().as_secs_f64();
        if base > 0.0 { of(row).as_secs_f64() / base } else { f64::NAN }
    }

    /// What is aimed at, judged.
    pub(crate) fn aims(&self) -> Vec<Aim> {
        let mut aims = Vec::new();
        let mut judge = |met, is_firm, text| aims.push(Aim { met, is_firm, text });
        for start in &self.starts {
            let (most, what) = match start.function.as_str() {
                "hello" => continue,
                "audit" => (TABLE_ONLY_BYTES_MAX, "KMS and S3 too and is to be as small all the same"),
                name if uses_only_the_table(name) => (TABLE_ONLY_BYTES_MAX, "only the table"),
                _ => (ANY_BYTES_MAX, "more than the table"),
            };
            let bytes = start.package.unpacked_bytes;
            let text = format!(
                "{}, which uses {what}: {} MB unpacked, aim ≤ {} MB",
                start.function,
                megabytes(bytes as u64),
                megabytes(most as u64)
            );
            judge(bytes <= most, false, text);
        }
        for row in self.rows.iter().filter(|row| row.workload.kind != Kind::Hello) {
            let title = format!("{} {}", row.workload.function(), row.workload.title());
            let cold = self.ratio(row, Row::cold_cpu);
            judge(
                cold <= COLD_CPU_RATIO_MAX,
                false,
                format!("{title}: cold CPU {cold:.2}× hello, world, aim ≤ {COLD_CPU_RATIO_MAX}×"),
            );
            let (warm, own) = (self.ratio(row, Row::warm_cpu), row.workload.aims());
            if let Some(most) = own.warm_cpu {
                let (taken, most_text) = (milliseconds(row.warm_cpu()), milliseconds(most));
                judge(row.warm_cpu() <= most, true, format!("{title}: warm CPU {taken} ms, aim ≤ {most_text} ms"));
            } else if row.workload.kind == Kind::Mutation {
                judge(
                    warm <= WARM_MUTATION_RATIO_MAX,
                    false,
                    format!("{title}: warm CPU {warm:.2}× hello, world, aim ≤ {WARM_MUTATION_RATIO_MAX}×"),
                );
            }
            let most = if row.workload.kind == Kind::Read { READ_TRIPS_MAX } else { MUTATION_TRIPS_MAX };
            judge(row.round_trips <= most, true, format!("{title}: {} round trips, aim ≤ {most}", row.round_trips));
            if let Some(most) = own.read_units {
                let met = row.read_halves().is_some_and(|halves| halves <= most.saturating_mul(2));
                judge(met, true, format!("{title}: {}, aim ≤ {most} RCU", row.units()));
            }
            // Who answers a person calls S3 for nothing.
            let most = if row.workload.kind == Kind::Message { MESSAGE_BUCKET_CALLS_MAX } else { 0 };
            let calls = row.bucket_calls();
            judge(calls <= most, true, format!("{title}: {calls} calls to S3, aim ≤ {most}"));
            let resident = row.resident_bytes();
            judge(
                resident <= RESIDENT_BYTES_MAX,
                false,
                format!("{title}: {} MB resident, aim ≤ {} MB", megabytes(resident), megabytes(RESIDENT_BYTES_MAX)),
            );
        }
        aims
    }

    /// The report as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("\nStart (MB = 1,000,000 bytes; from exec to the first poll)\n");
        text.push_str(&table(
            &["function", "zipped MB", "unpacked MB", "wall ms", "CPU ms", "resident MB"],
            self.starts.iter().map(|start| {
                let over =
                    |of: fn(&Init) -> Duration| shown(&start.inits, |inits| milliseconds(median(inits.iter().map(of))));
                vec![
                    start.function.clone(),
                    megabytes(start.package.zipped_bytes as u64),
                    megabytes(start.package.unpacked_bytes as u64),
                    over(|init| init.wall),
                    over(|init| init.usage.cpu),
                    shown(&start.inits, |inits| megabytes(median(inits.iter().map(|init| init.usage.resident_bytes)))),
                ]
            }),
        ));
        text.push_str("\nCold: from exec through the first request, the TLS handshake with the table in it\n");
        text.push_str(&table(
            &["function", "request", "CPU ms", "× hello", "wall ms", "peak resident MB"],
            self.rows.iter().map(|row| {
                vec![
                    row.workload.function().to_owned(),
                    row.workload.title(),
                    milliseconds(row.cold_cpu()),
                    format!("{:.2}", self.ratio(row, Row::cold_cpu)),
                    milliseconds(row.cold_wall()),
                    megabytes(row.resident_bytes()),
                ]
            }),
        ));
        text.push_str("\nWarm: one invocation (table answers are replayed, so wall is without the table's own time)\n");
        text.push_str(&table(
            &[
                "function",
                "request",
                "CPU µs",
                "× hello",
                "wall µs",
                "round trips",
                "requests",
                "at init",
                "capacity",
                "S3",
            ],
            self.rows.iter().map(|row| {
                vec![
                    row.workload.function().to_owned(),
                    row.workload.title(),
                    row.warm_cpu().as_micros().to_string(),
                    format!("{:.2}", self.ratio(row, Row::warm_cpu)),
                    row.warm_wall().as_micros().to_string(),
                    row.round_trips.to_string(),
                    row.requests().to_string(),
                    row.init_requests().to_string(),
                    row.units(),
                    row.bucket_calls().to_string(),
                ]
            }),
        ));
        let aims = self.aims();
        let missed: Vec<&Aim> = aims.iter().filter(|aim| !aim.met).collect();
        let _ = writeln!(text, "\nAims: {} of {} met", aims.len().saturating_sub(missed.len()), aims.len());
        for aim in missed {
            let _ = writeln!(text, "  MISSED  {}", aim.text);
        }
        text
    }

    /// The report as JSON, for comparing runs.
    pub(crate) fn json(&self) -> Value {
        let us = |duration: Duration| json!(duration.as_micros());
        let starts: Vec<Value> = self
            .starts
            .iter()
            .map(|start| {
                json!({
                    "function": start.function,
                    "zipped_bytes": start.package.zipped_bytes,
                    "unpacked_bytes": start.package.unpacked_bytes,
                    "init_wall_us": us(median(start.inits.iter().map(|init| init.wall))),
                    "init_cpu_us": us(median(start.inits.iter().map(|init| init.usage.cpu))),
                })
            })
            .collect();
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "function": row.workload.function(),
                    "request": row.workload.title(),
                    "cold_cpu_us": us(row.cold_cpu()),
                    "cold_wall_us": us(row.cold_wall()),
                    "warm_cpu_us": us(row.warm_cpu()),
                    "warm_wall_us": us(row.warm_wall()),
                    "resident_peak_bytes": row.resident_bytes(),
                    "round_trips": row.round_trips,
                    "requests": row.requests(),
                    "init_requests": row.init_requests(),
                    "capacity": row.units(),
                    "bucket_calls": row.bucket_calls(),
                })
            })
            .collect();
        let missed: Vec<String> = self.aims().into_iter().filter(|aim| !aim.met).map(|aim| aim.text).collect();
        json!({ "starts": starts, "workloads": rows, "missed": missed })
    }
}

fn shown(inits: &[Init], as_text: impl FnOnce(&[Init]) -> String) -> String {
    if inits.is_empty() { "-".to_owned() } else { as_text(inits) }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

/// Columns as wide as they need to be: the first two to the left, numbers to the right.
fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines: Vec<Vec<String>> = vec![head.iter().map(|&cell| cell.to_owned()).collect()];
    lines.extend(rows);
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        })
        .collect();
    let is_text = |column: usize| head.get(column).is_some_and(|&name| name == "function" || name == "request");
    let mut text = String::new();
    for line in lines {
        text.push(' ');
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            if is_text(column) {
                let _ = write!(text, " {cell:<width$} ");
            } else {
                let _ = write!(text, " {cell:>width$} ");
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests_of_the_report {
    use tests::capacity::Units;

    use super::*;
    use crate::workload::WORKLOADS;

    fn row(title: &str, read_halves: u64, warm_cpu: Duration) -> Report {
        let workload = WORKLOADS.iter().find(|workload| workload.title() == title).unwrap();
        let sample = Sample {
            init: Init::default(),
            cold_cpu: Duration::ZERO,
            cold_wall: Duration::ZERO,
            warm_cpu,
            warm_wall: Vec::new(),
            resident_peak_bytes: 0,
            init_requests: 0,
            requests: 0,
            round_trips: 1,
            units: Units { read_halves, ..Units::default() },
            bucket_calls: 0,
        };
        Report { starts: Vec::new(), rows: vec![Row { workload, samples: vec![sample], round_trips: 1 }] }
    }

    fn missed(report: &Report) -> Vec<String> {
        report.aims().into_iter().filter(|aim| aim.is_firm && !aim.met).map(|aim| aim.text).collect()
    }

    #[test]
    fn a_dashboard_above_its_read_units_and_a_report_above_its_time_are_missed() {
        let dashboard = |halves| missed(&row("GET /v1/dashboard", halves, Duration::ZERO));
        assert_eq!(dashboard(24), Vec::<String>::new());
        assert_eq!(dashboard(25), ["dashboard GET /v1/dashboard: 12.5 RCU, aim ≤ 12 RCU"]);
        let title = "PUT /v1/ledger/companies/{company}/reports/{reference}";
        let report = |ms| missed(&row(title, 0, Duration::from_millis(ms)));
        assert_eq!(report(20), Vec::<String>::new());
        assert!(report(21).iter().any(|text| text.contains("21.00 ms, aim ≤ 20.00 ms")), "{:?}", report(21));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3, 1, 2]), 2);
        assert_eq!(median([5]), 5);
        assert_eq!(median(Vec::<u64>::new()), 0);
    }

    #[test]
    fn megabytes_are_decimal() {
        assert_eq!(megabytes(4_512_345), "4.51");
        assert_eq!(megabytes(7_000_000), "7.00");
    }
}
