//! Keys of archives of documents, and of the newest of a company.

use domain::{DocumentExportId, Org, document::StoppedFile, document_export::DocumentExport};
use serde::{Deserialize, Serialize};

use super::{key::Key, parts::key_parts, template::Item, tenant::Tenant};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(DocumentExportId);

/// How much longer an export is kept than its archive, in seconds: a late caller learns that the archive is gone.
const KEPT_AFTER_ARCHIVE_S: i64 = 30 * 24 * 3600;

const EXPORT: Item<DocumentExport, Org, DocumentExportId> = Item::new("DOCUMENTEXPORT");
const LATEST: Item<LatestDocumentExport, Org, ()> = Item::new("LATEST-DOCUMENT-EXPORT");
const STOPPED: Item<StoppedFile, Org, ()> = Item::new("STOPPED-FILE");

/// The newest archive of a company. It may be complete by now: ask the export itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestDocumentExport {
    /// The export.
    pub export: DocumentExportId,
    /// Counts the exports, for optimistic locking: of two at the same time, one is requested.
    pub version: u64,
}

impl LatestDocumentExport {
    /// Points to an export, in place of the one before.
    #[must_use]
    pub fn after(before: Option<&Self>, export: DocumentExportId) -> Self {
        Self { export, version: before.map_or(1, |before| before.version.saturating_add(1)) }
    }
}

impl Tenant {
    /// An archive of the company's documents.
    #[must_use]
    pub fn document_export(&self, id: &DocumentExportId) -> Key<DocumentExport> {
        EXPORT.key(self.pk(), id)
    }

    /// The archives of the company's documents, the newest first.
    #[must_use]
    pub fn document_exports(&self) -> Listing<DocumentExport> {
        EXPORT.list(self.pk(), ()).newest_first()
    }

    /// The newest archive of the company's documents.
    #[must_use]
    pub fn latest_document_export(&self) -> Key<LatestDocumentExport> {
        LATEST.key(self.pk(), ())
    }

    /// The last clean file of the company in which a threat was found.
    #[must_use]
    pub fn stopped_file(&self) -> Key<StoppedFile> {
        STOPPED.key(self.pk(), ())
    }
}

impl Entity for StoppedFile {
    const ENTITY: &'static str = "stopped_file";
}

impl Entity for DocumentExport {
    const ENTITY: &'static str = "document_export";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.gone_at.plus_s(KEPT_AFTER_ARCHIVE_S).unix_s())
    }
}

impl Entity for LatestDocumentExport {
    const ENTITY: &'static str = "latest_document_export";
}
