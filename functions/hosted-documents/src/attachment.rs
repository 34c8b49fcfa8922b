//! The files that are attached to a document.

use domain::{
    DocumentId, UtcTime,
    document::{Document, DocumentVersion, FileName, FileSize, FileType},
};
use hosted_links::{Closed, Opened};
use serde::Serialize;
use store::Tenant;
use utoipa::ToSchema;

use crate::App;

/// A file that is attached to the document and can be downloaded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HostedAttachment {
    /// Names it in the path of its download.
    pub(crate) document: DocumentId,
    pub(crate) name: FileName,
    pub(crate) file_type: FileType,
    pub(crate) size_bytes: FileSize,
}

impl HostedAttachment {
    fn of(document: &Document, version: &DocumentVersion) -> Self {
        Self {
            document: document.id.clone(),
            name: document.name_of(version),
            file_type: version.file_type,
            size_bytes: version.size,
        }
    }
}

/// The attachments of a document that can be downloaded, with their names. These are known once the document was read;
/// most documents have none.
///
/// # Errors
/// [`Closed::Stopped`].
pub(crate) async fn attachments(app: &App, opened: &Opened, now: UtcTime) -> Result<Vec<HostedAttachment>, Closed> {
    let attached = &opened.document.content().attachments;
    if attached.is_empty() {
        return Ok(Vec::new());
    }
    let keys = |tenant: &Tenant| attached.iter().map(|one| tenant.document(&one.document)).collect::<Vec<_>>();
    let found: Vec<Option<Document>> = app.api.store.load(&opened.ours.authority(), now, keys).await?;
    let named = attached.iter().zip(&found).filter_map(|(one, document)| {
        let document = document.as_ref()?;
        let number = one.version_of(document)?.number;
        let (version, _) = document.to_download(Some(number))?;
        Some(HostedAttachment::of(document, version))
    });
    Ok(named.collect())
}
