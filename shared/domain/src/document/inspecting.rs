//! What the inspection and the scan of an uploaded file change.
//!
//! Reports come in any order, late and more than once, and a policy that is used twice makes two objects under one
//! key. The rules below lead to one state, whatever the order:
//!
//! - a refusal and an infection are final, for any object under the key;
//! - a clean verdict replaces one that the scanner could not give, never the other way;
//! - the first inspected and the first clean object are kept, and give way only where that makes the two the same.

use super::{
    checksum::Checksum,
    event::{DocumentFile, DocumentQuarantined, DocumentRefused, QuarantineReason},
    file_type::FileType,
    state::{Document, DocumentState},
    version::{DocumentVersion, Inspection, RefusalReason, Scan, ScanVerdict, VersionNumber},
};
use crate::{
    event::{NewEvent, kinds},
    time::UtcTime,
};

/// An object that arrived under a version's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The version of the object in the bucket.
    pub object_version: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, where the bucket knows it.
    pub sha256: Option<Checksum>,
    /// When it arrived.
    pub at: UtcTime,
}

impl Document {
    /// The document after an object arrived and was inspected, and the events; `None` if nothing changes.
    ///
    /// `inspected` is the type that the object's bytes were found to be of, or why they are refused. Size, SHA-256
    /// and type are compared here with what was declared, in this order, before the inspection's own reason.
    #[must_use]
    pub fn arrived(
        &self,
        version: VersionNumber,
        arrival: Arrival,
        inspected: Result<FileType, RefusalReason>,
        now: UtcTime,
    ) -> Option<(Self, Vec<NewEvent>)> {
        self.report(version, |known| {
            if matches!(known.inspection, Inspection::Refused { .. }) {
                return None;
            }
            Some(match known.check(&arrival, inspected) {
                Err(reason) => (Inspection::Refused { reason, at: now }, known.scan.clone()),
                Ok(()) => {
                    let is_first = known.inspection == Inspection::Awaited;
                    let is_scanned = matches!(&known.scan, Scan::Clean { object_version, .. }
                        if *object_version == arrival.object_version);
                    if !is_first && (!is_scanned || known.state() == DocumentState::Clean) {
                        return None;
                    }
                    (Inspection::Passed { object_version: arrival.object_version, at: arrival.at }, known.scan.clone())
                }
            })
        })
    }

    /// The document after the scanner's verdict on an object, and the events; `None` if nothing changes.
    #[must_use]
    pub fn scanned(
        &self,
        version: VersionNumber,
        object_version: &str,
        verdict: ScanVerdict,
        now: UtcTime,
    ) -> Option<(Self, Vec<NewEvent>)> {
        self.report(version, |known| {
            let object_version = object_version.to_owned();
            let is_inspected = matches!(&known.inspection, Inspection::Passed { object_version: inspected, .. }
                if *inspected == object_version);
            let scan = match (&known.scan, verdict) {
                (Scan::Infected { .. }, _) => return None,
                (_, ScanVerdict::Infected { threat }) => Scan::Infected { object_version, threat, at: now },
                (Scan::Clean { object_version: scanned, .. }, ScanVerdict::Clean)
                    if is_inspected && *scanned != object_version =>
                {
                    Scan::Clean { object_version, at: now }
                }
                (Scan::Clean { .. }, _) => return None,
                (Scan::Awaited | Scan::Unscannable { .. }, ScanVerdict::Clean) => {
                    Scan::Clean { object_version, at: now }
                }
                (Scan::Unscannable { .. }, ScanVerdict::Unscannable { .. }) => return None,
                (Scan::Awaited, ScanVerdict::Unscannable { why }) => Scan::Unscannable { object_version, why, at: now },
            };
            Some((known.inspection.clone(), scan))
        })
    }

    fn report(
        &self,
        number: VersionNumber,
        change: impl FnOnce(&DocumentVersion) -> Option<(Inspection, Scan)>,
    ) -> Option<(Self, Vec<NewEvent>)> {
        let known = self.version_numbered(number)?;
        let (inspection, scan) = change(known)?;
        let reported = DocumentVersion { inspection, scan, ..known.clone() };
        let events = self.report_events(known, &reported);
        Some((self.with_version(reported), events))
    }

    /// The events of what a report changed of a version.
    fn report_events(&self, before: &DocumentVersion, after: &DocumentVersion) -> Vec<NewEvent> {
        let mut events = Vec::new();
        match (&before.inspection, &after.inspection) {
            (Inspection::Awaited, Inspection::Passed { .. }) => {
                events.push(self.event(kinds::DocumentReceived::of(DocumentFile::of(self, after))));
            }
            (Inspection::Awaited | Inspection::Passed { .. }, Inspection::Refused { reason, .. }) => {
                let file = DocumentFile::of(self, after);
                events.push(self.event(kinds::DocumentRefused::of(DocumentRefused { file, reason: *reason })));
            }
            _ => {}
        }
        let reason = match (&after.scan, after.state()) {
            (Scan::Infected { threat, .. }, DocumentState::Infected) => {
                Some(QuarantineReason::Infected { threat: threat.clone() })
            }
            (Scan::Unscannable { why, .. }, DocumentState::Unscannable) => {
                Some(QuarantineReason::Unscannable { why: *why })
            }
            _ => None,
        };
        let file = DocumentFile::of(self, after);
        if before.state() != after.state() {
            match reason {
                Some(reason) => {
                    let quarantined = DocumentQuarantined { file, reason };
                    events.push(self.event(kinds::DocumentQuarantined::of(quarantined)));
                }
                None if after.state() == DocumentState::Clean => {
                    events.push(self.event(kinds::DocumentReleased::of(file)));
                }
                None => {}
            }
        }
        events
    }
}

impl DocumentVersion {
    /// Compares an object with what was declared.
    fn check(&self, arrival: &Arrival, inspected: Result<FileType, RefusalReason>) -> Result<(), RefusalReason> {
        if arrival.size != self.size.bytes() {
            return Err(RefusalReason::Size);
        }
        if arrival.sha256.as_ref().is_some_and(|found| *found != self.sha256) {
            return Err(RefusalReason::Checksum);
        }
        if self.file_type.covers(inspected?) { Ok(()) } else { Err(RefusalReason::TypeMismatch) }
    }
}
