//! Numbers that alarms watch: what no count of failed invocations shows.
//!
//! A metric is a log line in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>):
//! CloudWatch takes the number out of the log, so a function needs no right and makes no call. Each metric has an alarm in
//! the template; a test compares the two. A line holds numbers and the stage, never an id or what people wrote: what
//! it is about is in the log line beside it.

use std::io::{self, Write as _};

use domain::UtcTime;
use serde_json::json;

/// The namespace of every metric.
pub const NAMESPACE: &str = "Countersign";
/// The one dimension: the stage, which is the name of a deployment.
pub const DIMENSION: &str = "Stage";

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Audit chains behind which nothing is sealed, since their end is forged.
    ChainForged,
    /// Companies and firms whose events a run could not seal.
    SealingFailed,
    /// Events or seals that were changed or removed in the table.
    EventRewritten,
    /// Payments of which the provider says something else than our record: money may be taken and not booked.
    PaymentDisagreement,
    /// Payments that a run could not check at the provider or in the table. The next run tries again, so only what fails
    /// run after run needs a person.
    PaymentCheckFailed,
    /// Uploaded files that the malware scanner could not scan.
    ScanFailed,
    /// Files of clean documents that an archive was to have and that the bucket did not give out.
    ArchiveFileUnreadable,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 7] = [
        Self::ChainForged,
        Self::SealingFailed,
        Self::EventRewritten,
        Self::PaymentDisagreement,
        Self::PaymentCheckFailed,
        Self::ScanFailed,
        Self::ArchiveFileUnreadable,
    ];

    /// Its name in CloudWatch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChainForged => "ChainForged",
            Self::SealingFailed => "SealingFailed",
            Self::EventRewritten => "EventRewritten",
            Self::PaymentDisagreement => "PaymentDisagreement",
            Self::PaymentCheckFailed => "PaymentCheckFailed",
            Self::ScanFailed => "ScanFailed",
            Self::ArchiveFileUnreadable => "ArchiveFileUnreadable",
        }
    }
}

/// Counts something that was seen at a time, in the stage that the variable `STAGE` names. Nothing for 0.
pub fn count(metric: Metric, count: usize, at: UtcTime) {
    if count == 0 {
        return;
    }
    let stage = std::env::var("STAGE").unwrap_or_default();
    // One write: lines of concurrent tasks do not mix.
    let written = io::stdout().lock().write_all((line(metric, count, at, &stage) + "\n").as_bytes());
    if let Err(error) = written {
        tracing::error!(metric = metric.name(), count, %error, "a metric could not be written");
    }
}

/// The line of one metric, without its end.
fn line(metric: Metric, count: usize, at: UtcTime, stage: &str) -> String {
    let declared = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{ "Name": metric.name(), "Unit": "Count" }],
    });
    json!({
        "_aws": { "Timestamp": at.unix_ms(), "CloudWatchMetrics": [declared] },
        DIMENSION: stage,
        metric.name(): count,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Proves: S11
    #[test]
    fn a_line_is_what_cloudwatch_takes_a_metric_from() {
        for metric in Metric::ALL {
            let line = line(metric, 3, UtcTime::from_unix_ms(1_795_264_000_123), "prod");
            assert!(!line.contains('\n'), "one log event holds one metric: {line}");
            let read: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read["_aws"]["Timestamp"], json!(1_795_264_000_123_i64));
            let declared = &read["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(declared["Namespace"], json!("Countersign"));
            // What is declared must be there under the same name, at the root.
            let (dimension, name) = (&declared["Dimensions"][0][0], &declared["Metrics"][0]["Name"]);
            assert_eq!(read[dimension.as_str().unwrap()], json!("prod"));
            assert_eq!(read[name.as_str().unwrap()], json!(3));
            assert_eq!(name.as_str(), Some(metric.name()));
        }
    }
}
