//! One version of a document: what was declared, what the inspection and the scan reported, and the state that
//! follows from both.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{checksum::Checksum, file_name::FileName, file_type::FileType};
use crate::{
    id::{FirmId, UserId},
    text::Name,
    time::UtcTime,
};

/// The number of a version, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schema(value_type = u16, minimum = 1)]
pub struct VersionNumber(u16);

/// A number that no version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to 65535")]
pub struct VersionNumberError;

impl VersionNumber {
    /// The first.
    pub const FIRST: Self = Self(1);

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The number after it; the last has none.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

impl TryFrom<u16> for VersionNumber {
    type Error = VersionNumberError;

    fn try_from(number: u16) -> Result<Self, VersionNumberError> {
        if number == 0 { Err(VersionNumberError) } else { Ok(Self(number)) }
    }
}

impl From<VersionNumber> for u16 {
    fn from(number: VersionNumber) -> Self {
        number.0
    }
}

impl FromStr for VersionNumber {
    type Err = VersionNumberError;

    fn from_str(text: &str) -> Result<Self, VersionNumberError> {
        let number: u16 = text.parse().map_err(|_| VersionNumberError)?;
        // One spelling only: it stands in keys.
        if number.to_string() == text { Self::try_from(number) } else { Err(VersionNumberError) }
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The size of a file in bytes: 1 to 26,214,400 (25 MiB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u64", into = "u64")]
#[schema(value_type = u64, minimum = 1, maximum = 26_214_400)]
pub struct FileSize(u64);

/// A size that no document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileSizeError {
    /// No bytes.
    #[error("must not be 0: the file is empty")]
    Empty,
    /// Too many bytes.
    #[error("must be at most 26214400 bytes (25 MiB)")]
    TooLarge,
}

impl FileSize {
    /// The largest file, in bytes.
    pub const MAX_BYTES: u64 = 25 * 1024 * 1024;

    /// The size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for FileSize {
    type Error = FileSizeError;

    fn try_from(bytes: u64) -> Result<Self, FileSizeError> {
        match bytes {
            0 => Err(FileSizeError::Empty),
            1..=Self::MAX_BYTES => Ok(Self(bytes)),
            _ => Err(FileSizeError::TooLarge),
        }
    }
}

impl From<FileSize> for u64 {
    fn from(size: FileSize) -> Self {
        size.0
    }
}

impl fmt::Display for FileSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Who uploads a version: a person, perhaps for a firm, or a machine client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uploader {
    /// The person; absent for a machine client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Their name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The firm that they acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The OAuth client id of a machine client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
}

impl Uploader {
    /// A person, perhaps for a firm.
    #[must_use]
    pub const fn person(user: UserId, name: Name, firm: Option<FirmId>) -> Self {
        Self { user: Some(user), name: Some(name), firm, machine: None }
    }

    /// A machine client.
    #[must_use]
    pub fn machine(client: &str) -> Self {
        Self { user: None, name: None, firm: None, machine: Some(client.to_owned()) }
    }
}

/// Why a file was refused after it had arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// It has another size than was declared.
    Size,
    /// It has another SHA-256 than was declared.
    Checksum,
    /// Its bytes are of another type than was declared.
    TypeMismatch,
    /// Its bytes are of no type that is taken.
    TypeNotTaken,
    /// It has macros.
    Macro,
    /// It is encrypted, so that no scan can look into it.
    Encrypted,
    /// It is active content: HTML, SVG, a script or an executable.
    ActiveContent,
    /// It would unpack to far more than its own size.
    ArchiveRatio,
    /// Its bytes are of two types at once.
    TwoTypes,
}

/// What the inspection of the objects that arrived reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Inspection {
    /// Nothing arrived yet, or it was not inspected yet.
    #[default]
    Awaited,
    /// The file is what was declared.
    Passed {
        /// The version of the object in the bucket.
        object_version: String,
        /// When it arrived.
        at: UtcTime,
    },
    /// The file was refused.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// When.
        at: UtcTime,
    },
}

/// Why the scanner could not look into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnscannableReason {
    /// The scanner does not support it; a file with a password, for instance.
    Unsupported,
    /// The scanner may not read it.
    AccessDenied,
    /// The scan failed.
    Failed,
}

/// The verdict of a scan of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScanVerdict {
    /// No threat was found.
    Clean,
    /// A threat was found.
    Infected {
        /// Its name, in the scanner's words.
        threat: Name,
    },
    /// The scanner could not look into it.
    Unscannable {
        /// Why.
        why: UnscannableReason,
    },
}

/// What the scans of the objects that arrived reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Scan {
    /// No verdict yet.
    #[default]
    Awaited,
    /// No threat was found.
    Clean {
        /// The version of the object in the bucket.
        object_version: String,
        /// When.
        at: UtcTime,
    },
    /// A threat was found.
    Infected {
        /// The version of the object in the bucket.
        object_version: String,
        /// The threat's name, in the scanner's words.
        threat: Name,
        /// When.
        at: UtcTime,
    },
    /// The scanner could not look into it.
    Unscannable {
        /// The version of the object in the bucket.
        object_version: String,
        /// Why.
        why: UnscannableReason,
        /// When.
        at: UtcTime,
    },
}

/// The state of a version, and of a document: that of its newest version, or `deleted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Declared; the file has not arrived, or was not inspected yet.
    Declared,
    /// The file is what was declared and is being scanned.
    Received,
    /// The scan found no threat. Only a clean version can be downloaded.
    Clean,
    /// The file was refused: it is not what was declared, or not what is taken.
    Refused,
    /// The scan found a threat.
    Infected,
    /// The scanner could not look into the file.
    Unscannable,
    /// The document was deleted and can be restored for a time.
    Deleted,
}

impl DocumentState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Received => "received",
            Self::Clean => "clean",
            Self::Refused => "refused",
            Self::Infected => "infected",
            Self::Unscannable => "unscannable",
            Self::Deleted => "deleted",
        }
    }
}

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentVersion {
    /// Its number, from 1.
    pub number: VersionNumber,
    /// The document's name at the time.
    pub name: FileName,
    /// The declared size in bytes.
    pub size: FileSize,
    /// The declared type.
    pub file_type: FileType,
    /// The declared SHA-256.
    pub sha256: Checksum,
    /// Who uploads it.
    pub uploaded_by: Uploader,
    /// When it was declared.
    pub declared_at: UtcTime,
    /// When the newest permission to upload it ends.
    pub expires_at: UtcTime,
    /// What the inspection reported.
    #[serde(default)]
    pub inspection: Inspection,
    /// What the scan reported.
    #[serde(default)]
    pub scan: Scan,
    /// Objects that passed the inspection besides the one in `inspection`, while none is known to be clean too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_passed_objects: Vec<String>,
    /// Objects that are clean besides the one in `scan`, while none is known to have passed the inspection too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_clean_objects: Vec<String>,
}

impl DocumentVersion {
    /// How many other objects of each sort are kept. More appear only if one permission is used more than nine times
    /// in its five minutes; those beyond are ignored.
    pub const MAX_OTHER_OBJECTS: usize = 8;

    /// Its state, which follows from the inspection and the scan alone.
    ///
    /// S3 checks the SHA-256 of each upload, so all objects under one key hold the same bytes, and a threat in one of
    /// them is a threat in each. What is clean is so for one object: the one that was inspected.
    #[must_use]
    pub fn state(&self) -> DocumentState {
        match (&self.inspection, &self.scan) {
            (_, Scan::Infected { .. }) => DocumentState::Infected,
            (Inspection::Refused { .. }, _) => DocumentState::Refused,
            (Inspection::Awaited, _) => DocumentState::Declared,
            (Inspection::Passed { object_version: inspected, .. }, Scan::Clean { object_version: scanned, .. }) => {
                if inspected == scanned {
                    DocumentState::Clean
                } else {
                    DocumentState::Received
                }
            }
            (Inspection::Passed { .. }, Scan::Unscannable { .. }) => DocumentState::Unscannable,
            (Inspection::Passed { .. }, Scan::Awaited) => DocumentState::Received,
        }
    }

    /// The object in the bucket that may be downloaded: of a clean version, the one that was inspected and scanned.
    #[must_use]
    pub fn downloadable_object(&self) -> Option<&str> {
        match (&self.inspection, self.state()) {
            (Inspection::Passed { object_version, .. }, DocumentState::Clean) => Some(object_version),
            _ => None,
        }
    }

    /// Every object in the bucket that a report named.
    #[must_use]
    pub fn objects(&self) -> BTreeSet<&str> {
        let inspected = match &self.inspection {
            Inspection::Passed { object_version, .. } => Some(object_version),
            Inspection::Awaited | Inspection::Refused { .. } => None,
        };
        let scanned = match &self.scan {
            Scan::Clean { object_version, .. }
            | Scan::Infected { object_version, .. }
            | Scan::Unscannable { object_version, .. } => Some(object_version),
            Scan::Awaited => None,
        };
        let others = self.other_passed_objects.iter().chain(&self.other_clean_objects);
        inspected.into_iter().chain(scanned).chain(others).map(String::as_str).collect()
    }

    /// Why it was refused, if it was.
    #[must_use]
    pub const fn refusal(&self) -> Option<RefusalReason> {
        match &self.inspection {
            Inspection::Refused { reason, .. } => Some(*reason),
            Inspection::Awaited | Inspection::Passed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_and_one_byte_too_many_are_refused() {
        assert_eq!(FileSize::try_from(0), Err(FileSizeError::Empty));
        assert_eq!(FileSize::try_from(26_214_401), Err(FileSizeError::TooLarge));
        assert_eq!(FileSize::try_from(26_214_400).map(FileSize::bytes), Ok(26_214_400));
    }

    #[test]
    fn versions_are_counted_from_one_and_have_one_spelling() {
        assert!(VersionNumber::try_from(0).is_err());
        assert_eq!("1".parse(), Ok(VersionNumber::FIRST));
        for text in ["0", "01", "+1", "65536", ""] {
            assert_eq!(text.parse::<VersionNumber>(), Err(VersionNumberError), "{text}");
        }
        assert_eq!(VersionNumber(u16::MAX).next(), None);
    }
}
