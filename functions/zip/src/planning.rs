//! Finds the documents of an archive.

use domain::{
    DocumentId,
    document::{Document, ListedDocument},
    document_export::{ArchivePlan, ArchivePlanning, ArchiveScope, DocumentExport},
};
use store::{Authority, PageRequest, Store, StoreError, Tenant};

/// How many documents are read at a time: as many as one call to the table takes.
const AT_ONCE: usize = 100;

/// Plans the archive of an export: a selection in its order, a period with the oldest document first. `None` if it
/// would be too large.
pub(crate) async fn plan(
    store: &Store,
    authority: &Authority,
    export: &DocumentExport,
) -> Result<Option<ArchivePlan>, StoreError> {
    let ids = match export.scope {
        ArchiveScope::Selection { .. } => export.selection.clone(),
        ArchiveScope::Period { .. } => in_period(store, authority, &export.scope).await?,
    };
    // One more than there may be is enough to know.
    if ids.len() > ArchivePlan::MAX_DOCUMENTS {
        return Ok(None);
    }
    let mut planning = ArchivePlanning::default();
    for ids in ids.chunks(AT_ONCE) {
        let keys = |tenant: &Tenant| ids.iter().map(|id| tenant.document(id)).collect::<Vec<_>>();
        let found: Vec<Option<Document>> = store.load(authority, api::clock::now(), keys).await?;
        for document in found.iter().flatten() {
            planning.add(document);
        }
    }
    Ok(planning.finish().ok())
}

/// The documents of a period, the oldest first; one page more than an archive takes at most.
async fn in_period(store: &Store, authority: &Authority, scope: &ArchiveScope) -> Result<Vec<DocumentId>, StoreError> {
    let ArchiveScope::Period { from, before, kind } = *scope else { return Ok(Vec::new()) };
    let mut ids = Vec::new();
    let mut request = PageRequest::largest();
    loop {
        let page = store
            .page_matching(
                authority,
                api::clock::now(),
                |tenant| tenant.documents().declared(Some(from), Some(before)).oldest_first(),
                &request,
                |listed: &ListedDocument| kind.is_none_or(|kind| listed.kind == kind),
            )
            .await?;
        ids.extend(page.items.into_iter().map(|listed| listed.id));
        let Some(next) = page.next.filter(|_| ids.len() <= ArchivePlan::MAX_DOCUMENTS) else { return Ok(ids) };
        request = PageRequest::new(Some(100), Some(next)).map_err(|error| StoreError::Unexpected(error.to_string()))?;
    }
}
