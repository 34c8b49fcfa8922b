//! The payloads of events about documents. None has a file's bytes, a link to them, or the reason of a hold.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    checksum::Checksum,
    file_name::FileName,
    file_type::FileType,
    link::DocumentLink,
    state::{Document, DocumentKind},
    version::{DocumentVersion, FileSize, RefusalReason, UnscannableReason, VersionNumber},
};
use crate::{
    id::{FirmId, UserId},
    text::Name,
    time::UtcTime,
};

/// A version of a document. Payload of `document.declared`, `document.received` and `document.released`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentFile {
    /// The number of the version.
    pub number: VersionNumber,
    /// The document's name.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// The declared type.
    pub file_type: FileType,
    /// The declared size in bytes.
    pub size_bytes: FileSize,
    /// The declared SHA-256.
    pub sha256: Checksum,
    /// What the document belongs to.
    pub links: Vec<DocumentLink>,
    /// The person who uploads it; absent for a machine client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_by: Option<UserId>,
    /// The firm that they acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_for: Option<FirmId>,
}

impl DocumentFile {
    pub(super) fn of(document: &Document, version: &DocumentVersion) -> Self {
        Self {
            number: version.number,
            name: document.name.clone(),
            kind: document.kind,
            file_type: version.file_type,
            size_bytes: version.size,
            sha256: version.sha256.clone(),
            links: document.links.clone(),
            uploaded_by: version.uploaded_by.user.clone(),
            uploaded_for: version.uploaded_by.firm.clone(),
        }
    }
}

/// Payload of `document.refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRefused {
    /// The version.
    pub file: DocumentFile,
    /// Why.
    pub reason: RefusalReason,
}

/// Why a version stays in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The scan found a threat.
    Infected {
        /// Its name, in the scanner's words.
        threat: Name,
    },
    /// The scanner could not look into the file.
    Unscannable {
        /// Why.
        why: UnscannableReason,
    },
}

/// Payload of `document.quarantined`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentQuarantined {
    /// The version.
    pub file: DocumentFile,
    /// Why.
    pub reason: QuarantineReason,
}

/// Payload of `document.downloaded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentDownloaded {
    /// The number of the version.
    pub number: VersionNumber,
    /// The document's name.
    pub name: FileName,
}

/// A document's name, its kind and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentDetails {
    /// The name.
    pub name: FileName,
    /// The kind.
    pub kind: DocumentKind,
    /// What it belongs to.
    pub links: Vec<DocumentLink>,
}

impl DocumentDetails {
    pub(super) fn of(document: &Document) -> Self {
        Self { name: document.name.clone(), kind: document.kind, links: document.links.clone() }
    }
}

/// Payload of `document.updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentUpdated {
    /// Before the change.
    pub before: DocumentDetails,
    /// After it.
    pub after: DocumentDetails,
}

/// Payload of `document.deleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentDeleted {
    /// The document's name.
    pub name: FileName,
    /// Until when it can be restored.
    pub restorable_until: UtcTime,
}

/// Payload of `document.restored`, `document.purged`, `document.held` and `document.hold_lifted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentName {
    /// The document's name.
    pub name: FileName,
}
