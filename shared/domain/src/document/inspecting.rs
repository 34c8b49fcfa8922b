//! What the inspection and the scan of an uploaded file change.
//!
//! Reports come in any order, late and more than once, and a policy that is used twice makes two objects under one
//! key. The rules below lead to one state, whatever the order:
//!
//! - a refusal and an infection are final, for any object under the key;
//! - a clean verdict replaces one that the scanner could not give, never the other way;
//! - as soon as one object has passed the inspection and is clean, the version is clean, by that object.

use serde::{Deserialize, Serialize};

use super::{
    checksum::Checksum,
    event::{DocumentFile, DocumentQuarantined, DocumentRefused, QuarantineReason},
    file_type::FileType,
    object_key::object_key,
    state::Document,
    version::{DocumentState, DocumentVersion, Inspection, RefusalReason, Scan, ScanVerdict, VersionNumber},
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
            match known.check(&arrival, inspected) {
                Err(reason) => {
                    Some(DocumentVersion { inspection: Inspection::Refused { reason, at: now }, ..known.clone() })
                }
                Ok(()) => known.passed(arrival, now),
            }
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
            let scan = match (&known.scan, verdict) {
                (Scan::Infected { .. }, _) => return None,
                (_, ScanVerdict::Infected { threat }) => Scan::Infected { object_version, threat, at: now },
                (_, ScanVerdict::Clean) => return known.found_clean(object_version, now),
                (Scan::Awaited, ScanVerdict::Unscannable { why }) => Scan::Unscannable { object_version, why, at: now },
                (Scan::Clean { .. } | Scan::Unscannable { .. }, ScanVerdict::Unscannable { .. }) => return None,
            };
            Some(DocumentVersion { scan, ..known.clone() })
        })
    }

    fn report(
        &self,
        number: VersionNumber,
        change: impl FnOnce(&DocumentVersion) -> Option<DocumentVersion>,
    ) -> Option<(Self, Vec<NewEvent>)> {
        let known = self.version_numbered(number)?;
        let reported = change(known)?;
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

/// A file that was clean and in which a threat was found later: the last one of a company. No two times are alike, since
/// an infection is final. So what was read while it was the last one knows whether another has followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedFile {
    /// The key of its object.
    pub file: String,
}

impl StoppedFile {
    /// The file that is stopped by a change of its document, if one is.
    #[must_use]
    pub fn of(before: &Document, after: &Document) -> Option<Self> {
        let was_clean = |version: &DocumentVersion| {
            let before = before.version_numbered(version.number);
            before.is_some_and(|before| before.state() == DocumentState::Clean)
        };
        let mut infected = after.versions().filter(|version| version.state() == DocumentState::Infected);
        let stopped = infected.find(|version| was_clean(version))?;
        Some(Self { file: object_key(&after.company, &after.id, stopped.number).to_string() })
    }
}

impl DocumentVersion {
    /// The version after an object passed the inspection; `None` if nothing changes.
    fn passed(&self, arrival: Arrival, now: UtcTime) -> Option<Self> {
        let Arrival { object_version, at, .. } = arrival;
        let is_clean = match &self.scan {
            Scan::Clean { object_version: clean, .. } => {
                *clean == object_version || self.other_clean_objects.contains(&object_version)
            }
            Scan::Awaited | Scan::Infected { .. } | Scan::Unscannable { .. } => false,
        };
        match &self.inspection {
            _ if self.state() == DocumentState::Clean => None,
            _ if is_clean => Some(self.released(object_version, at, now)),
            Inspection::Awaited => Some(Self { inspection: Inspection::Passed { object_version, at }, ..self.clone() }),
            Inspection::Passed { object_version: known, .. } if *known == object_version => None,
            Inspection::Passed { .. } => {
                let other_passed_objects = with_object(&self.other_passed_objects, object_version)?;
                Some(Self { other_passed_objects, ..self.clone() })
            }
            Inspection::Refused { .. } => None,
        }
    }

    /// The version after a clean verdict on an object; `None` if nothing changes.
    fn found_clean(&self, object_version: String, now: UtcTime) -> Option<Self> {
        let passed_at = match &self.inspection {
            Inspection::Passed { object_version: passed, at }
                if *passed == object_version || self.other_passed_objects.contains(&object_version) =>
            {
                Some(*at)
            }
            Inspection::Awaited | Inspection::Passed { .. } | Inspection::Refused { .. } => None,
        };
        match (&self.scan, passed_at) {
            _ if self.state() == DocumentState::Clean => None,
            (Scan::Awaited | Scan::Clean { .. } | Scan::Unscannable { .. }, Some(at)) => {
                Some(self.released(object_version, at, now))
            }
            (Scan::Awaited | Scan::Unscannable { .. }, None) => {
                Some(Self { scan: Scan::Clean { object_version, at: now }, ..self.clone() })
            }
            (Scan::Clean { object_version: known, .. }, None) if *known == object_version => None,
            (Scan::Clean { .. }, None) => {
                let other_clean_objects = with_object(&self.other_clean_objects, object_version)?;
                Some(Self { other_clean_objects, ..self.clone() })
            }
            (Scan::Infected { .. }, _) => None,
        }
    }

    /// The version with an object that passed the inspection and is clean. What was known of other objects is of no
    /// use any more.
    fn released(&self, object_version: String, arrived_at: UtcTime, now: UtcTime) -> Self {
        Self {
            inspection: Inspection::Passed { object_version: object_version.clone(), at: arrived_at },
            scan: Scan::Clean { object_version, at: now },
            other_passed_objects: Vec::new(),
            other_clean_objects: Vec::new(),
            ..self.clone()
        }
    }

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

/// The known objects and one more; `None` if it is known, or too many are.
fn with_object(known: &[String], object_version: String) -> Option<Vec<String>> {
    let is_new = !known.contains(&object_version) && known.len() < DocumentVersion::MAX_OTHER_OBJECTS;
    is_new.then(|| known.iter().cloned().chain(std::iter::once(object_version)).collect())
}
