//! Archives as callers see them.

use domain::{
    DocumentExportId, Name, UserId, UtcTime,
    document_export::{ArchiveScope, DocumentExport, ExportFailure},
    export::ExportStatus,
};
use serde::Serialize;
use utoipa::ToSchema;

/// An archive of documents and its progress.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentExport)]
pub(crate) struct DocumentExportView {
    id: DocumentExportId,
    scope: ArchiveScope,
    status: ExportStatus,
    /// Why there is no archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<ExportFailure>,
    /// The share of the documents' bytes that is written, in per cent; 100 once the archive is complete.
    percent: u8,
    /// The size of the archive so far, in bytes.
    size_bytes: u64,
    /// The bytes of all files that go in; 0 until the worker has begun.
    files_bytes: u64,
    /// The number of documents in the archive so far.
    documents: usize,
    /// The number of documents that are left out: the index in the archive says why.
    left_out: usize,
    requested_by: UserId,
    requested_by_name: Name,
    requested_at: UtcTime,
    /// When the archive is deleted.
    gone_at: UtcTime,
}

impl From<DocumentExport> for DocumentExportView {
    fn from(export: DocumentExport) -> Self {
        Self {
            percent: export.percent(),
            id: export.id,
            scope: export.scope,
            status: export.status,
            failure: export.failure,
            size_bytes: export.size_bytes,
            files_bytes: export.files_bytes,
            documents: export.documents,
            left_out: export.left_out,
            requested_by: export.requested_by,
            requested_by_name: export.requested_by_name,
            requested_at: export.requested_at,
            gone_at: export.gone_at,
        }
    }
}

/// An archive of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentExportResponse {
    pub(crate) document_export: DocumentExportView,
}

impl From<DocumentExport> for DocumentExportResponse {
    fn from(export: DocumentExport) -> Self {
        Self { document_export: export.into() }
    }
}
