//! Keeps the items of document requests in step with the documents that are linked to them: the call adds what
//! follows for the requests to the change of a document, so that both commit or neither does.
//!
//! Whatever changes a document's state or links calls this crate. [`domain::document_request`] decides what follows.

use domain::{
    UtcTime,
    document::Document,
    document_request::{DocumentRequest, linked_requests},
};
use store::{Authority, Change, Store, StoreError};

/// Adds to a change of a document what follows for the requests that it is, or was, linked to. `before` is the
/// document as it was read; `None` for a new one.
///
/// One read where the document is linked to requests, and none otherwise.
///
/// # Errors
/// [`StoreError`]. The change fails as [`StoreError::Conflict`] where a request changes in between.
pub async fn follow(
    store: &Store,
    authority: &Authority,
    now: UtcTime,
    before: Option<&Document>,
    after: &Document,
    change: &mut Change<'_>,
) -> Result<(), StoreError> {
    let linked = linked_requests(before, after);
    if linked.is_empty() {
        return Ok(());
    }
    let requests: Vec<Option<DocumentRequest>> = store
        .load(authority, now, |tenant| linked.iter().map(|id| tenant.document_request(id)).collect::<Vec<_>>())
        .await?;
    for request in requests.into_iter().flatten() {
        if let Some((followed, events)) = request.follow(before, after) {
            change.put(|tenant| tenant.document_request(&request.id), Some(request.version), &followed);
            for event in events {
                change.record(event);
            }
        }
    }
    Ok(())
}
