//! Document exports: an archive of a company's documents with an index. A person requests it for a selection or a
//! period, a worker writes it in turns, and it can be downloaded for a few days.
//!
//! INVARIANT: only clean versions of documents that are not deleted go into an archive. The first turn decides which,
//! and keeps the plan; later turns follow it.

mod archive_names;
mod archive_plan;
mod event;
mod scope;
mod state;

pub use archive_names::{ArchiveNames, INDEX_NAME};
pub use archive_plan::{ArchivePlan, ArchivePlanning, ArchivedFile, PlannedContent, PlannedDocument, TooLargeError};
pub use event::{DocumentExportFailed, DocumentExportFinished, DocumentExportRequested, ExportFailure};
pub use scope::{ArchiveScope, MAX_SELECTED, ScopeError, Wanted};
pub use state::{ArchiveUpload, DocumentExport};

#[cfg(test)]
pub(crate) fn every_event() -> Vec<crate::event::NewEvent> {
    state::tests::every_event()
}
