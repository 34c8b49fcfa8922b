//! The payloads of events about archives. None names a document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::scope::ArchiveScope;

/// Payload of `document_export.requested`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentExportRequested {
    /// Which documents are asked for.
    pub scope: ArchiveScope,
}

/// A complete archive. Payload of `document_export.finished` and `document_export.downloaded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentExportFinished {
    /// Which documents were asked for.
    pub scope: ArchiveScope,
    /// The number of documents in the archive.
    pub documents: usize,
    /// The number of documents that were left out; the index says why.
    pub left_out: usize,
    /// The size of the archive in bytes.
    pub size_bytes: u64,
}

/// Why there is no archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFailure {
    /// The documents are too many or too large for one archive. A shorter period helps.
    TooLarge,
    /// It was interrupted too often.
    Interrupted,
}

/// Payload of `document_export.failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentExportFailed {
    /// Which documents were asked for.
    pub scope: ArchiveScope,
    /// Why there is no archive.
    pub reason: ExportFailure,
}
