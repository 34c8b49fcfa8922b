//! The messages of the queue: events of S3 and GuardDuty as the default bus carries them, and one of ours.
//!
//! Sources: "EventBridge event message structure" in the S3 user guide, "Monitoring S3 object scans with Amazon EventBridge" in
//! the GuardDuty user guide. Only what is used is read; both add fields without notice.

use domain::{
    Event, UtcTime,
    document::{ScanVerdict, UnscannableReason},
};
use serde::Deserialize;

/// One message.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    /// When it happened.
    pub(crate) time: UtcTime,
    #[serde(flatten)]
    pub(crate) report: Report,
}

/// What it reports.
#[derive(Debug, Deserialize)]
#[serde(tag = "detail-type", content = "detail")]
pub(crate) enum Report {
    #[serde(rename = "Object Created")]
    Upload(Upload),
    #[serde(rename = "GuardDuty Malware Protection Object Scan Result")]
    Scan(Scan),
    #[serde(rename = "document.refused")]
    Refusal(Box<Event>),
}

/// An object was put into a bucket.
#[derive(Debug, Deserialize)]
pub(crate) struct Upload {
    pub(crate) bucket: BucketName,
    pub(crate) object: UploadedObject,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BucketName {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct UploadedObject {
    /// As it is, without escapes.
    pub(crate) key: String,
    /// The bucket keeps versions, so it is always there.
    pub(crate) version_id: String,
}

/// The scan of an object is over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scan {
    scan_status: ScanStatus,
    #[serde(rename = "s3ObjectDetails")]
    pub(crate) object: ScannedObject,
    #[serde(rename = "scanResultDetails")]
    result: ScanResult,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScannedObject {
    pub(crate) bucket_name: String,
    pub(crate) object_key: String,
    pub(crate) version_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ScanStatus {
    Completed,
    Skipped,
    Failed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScanResult {
    scan_result_status: ScanResultStatus,
    #[serde(default)]
    threats: Option<Vec<Threat>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScanResultStatus {
    NoThreatsFound,
    ThreatsFound,
    Unsupported,
    AccessDenied,
    Failed,
}

#[derive(Debug, Deserialize)]
struct Threat {
    name: String,
}

impl Scan {
    /// What the scanner says of the object. Only a completed scan without a threat makes it clean.
    pub(crate) fn verdict(&self) -> ScanVerdict {
        let unscannable = |why| ScanVerdict::Unscannable { why };
        match (self.result.scan_result_status, self.scan_status) {
            (ScanResultStatus::ThreatsFound, _) => self.infected(),
            (ScanResultStatus::NoThreatsFound, ScanStatus::Completed) => ScanVerdict::Clean,
            (ScanResultStatus::Unsupported, _) => unscannable(UnscannableReason::Unsupported),
            (ScanResultStatus::AccessDenied, _) => unscannable(UnscannableReason::AccessDenied),
            (ScanResultStatus::NoThreatsFound, ScanStatus::Skipped | ScanStatus::Failed)
            | (ScanResultStatus::Failed, _) => unscannable(UnscannableReason::Failed),
        }
    }

    /// The first threat whose name can be shown.
    fn infected(&self) -> ScanVerdict {
        let threats = self.result.threats.as_deref().unwrap_or_default();
        let named = threats.iter().find_map(|threat| threat.name.parse().ok());
        match named.or_else(|| "unnamed".parse().ok()) {
            Some(threat) => ScanVerdict::Infected { threat },
            None => ScanVerdict::Unscannable { why: UnscannableReason::Failed },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scan(status: &str, result: &str, threats: serde_json::Value) -> ScanVerdict {
        let message = json!({
            "version": "0", "source": "aws.guardduty", "time": "2026-11-21T12:26:41Z",
            "detail-type": "GuardDuty Malware Protection Object Scan Result",
            "detail": {
                "schemaVersion": "1.0", "scanStatus": status, "resourceType": "S3_OBJECT",
                "s3ObjectDetails": { "bucketName": "b", "objectKey": "k", "eTag": "e", "versionId": "v", "s3Throttled": false },
                "scanResultDetails": { "scanResultStatus": result, "threats": threats, "statusReasons": [] },
            },
        });
        let message: Message = serde_json::from_value(message).unwrap();
        let Report::Scan(scan) = message.report else { panic!("another report") };
        scan.verdict()
    }

    /// Proves: 17
    ///
    /// A file that was not scanned to its end is never handed out.
    #[test]
    fn only_a_completed_scan_without_a_threat_is_clean() {
        let unscannable = |why| ScanVerdict::Unscannable { why };
        let infected = |name: &str| ScanVerdict::Infected { threat: name.parse().unwrap() };
        let none = serde_json::Value::Null;
        assert_eq!(scan("COMPLETED", "NO_THREATS_FOUND", none.clone()), ScanVerdict::Clean);
        for (status, result, why) in [
            ("SKIPPED", "NO_THREATS_FOUND", UnscannableReason::Failed),
            ("FAILED", "NO_THREATS_FOUND", UnscannableReason::Failed),
            ("SKIPPED", "UNSUPPORTED", UnscannableReason::Unsupported),
            ("SKIPPED", "ACCESS_DENIED", UnscannableReason::AccessDenied),
            ("FAILED", "FAILED", UnscannableReason::Failed),
        ] {
            assert_eq!(scan(status, result, none.clone()), unscannable(why), "{status} {result}");
        }
        assert_eq!(
            scan("COMPLETED", "THREATS_FOUND", json!([{ "name": "EICAR-Test-File" }])),
            infected("EICAR-Test-File")
        );
        for threats in [none, json!([]), json!([{ "name": "" }, { "name": "\u{202e}" }])] {
            assert_eq!(scan("COMPLETED", "THREATS_FOUND", threats), infected("unnamed"));
        }
    }

    #[test]
    fn an_upload_is_read_as_s3_sends_it() {
        let message = json!({
            "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
            "source": "aws.s3", "account": "123456789012", "time": "2026-11-21T12:26:40Z", "region": "eu-central-1",
            "resources": ["arn:aws:s3:::b"],
            "detail": {
                "version": "0", "bucket": { "name": "b" },
                "object": { "key": "k", "size": 5, "etag": "b1946ac9", "version-id": "v1", "sequencer": "00617F08299329D189" },
                "request-id": "N4N7GDK58NMKJ12R", "requester": "123456789012", "source-ip-address": "1.2.3.4", "reason": "PutObject",
            },
        });
        let message: Message = serde_json::from_value(message).unwrap();
        let Report::Upload(upload) = message.report else { panic!("another report") };
        assert_eq!(
            (upload.bucket.name.as_str(), upload.object.key.as_str(), upload.object.version_id.as_str()),
            ("b", "k", "v1")
        );
    }
}
