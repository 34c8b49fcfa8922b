//! Deletes and restores documents, and puts them under a legal hold and lifts it.

use api::{Answer, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    DocumentId, NewEvent, Note,
    document::{Deletion, Document, Hold, HoldError, RestoreError},
    permission::{NeedsAll, may},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{App, view::DocumentResponse};

/// A day, in seconds.
const DAY_S: i64 = 86_400;

/// Why a document is put under a legal hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldDocument {
    reason: Note,
}

/// Deletes a document.
///
/// It can be restored for a time, usually 30 days.
///
/// Needs `documents.manage`.
#[utoipa::path(delete, path = "/v1/documents/{document}", params(("document" = DocumentId, Path)),
    responses((status = 200, body = DocumentResponse)))]
pub(crate) async fn delete_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsManage>,
    Path(id): Path<DocumentId>,
) -> ApiResult {
    let restorable_s = i64::from(app.settings.restorable_days) * DAY_S;
    let deletion = Deletion {
        by: caller.caller.user.clone(),
        by_name: caller.context.claims().name.clone(),
        at: caller.now(),
        restorable_until: caller.now().plus_s(restorable_s),
        purged_at: None,
    };
    decide(&app, &caller, &id, |document| document.delete(deletion.clone()).map_err(hold_refusal)).await
}

/// Restores a deleted document.
///
/// Needs `documents.manage`.
#[utoipa::path(post, path = "/v1/documents/{document}/restore", params(("document" = DocumentId, Path)),
    responses((status = 200, body = DocumentResponse)))]
pub(crate) async fn restore_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsManage>,
    Path(id): Path<DocumentId>,
) -> ApiResult {
    decide(&app, &caller, &id, |document| {
        document.restore(caller.now()).map_err(|error| match error {
            RestoreError::TooLate => Problem::conflict(error, "deleted"),
        })
    })
    .await
}

/// Puts a document under a legal hold, which stops its deletion.
///
/// A hold that is there stays as it is.
///
/// Needs `documents.manage`.
#[utoipa::path(put, path = "/v1/documents/{document}/hold", params(("document" = DocumentId, Path)),
    request_body = HoldDocument, responses((status = 200, body = DocumentResponse)))]
pub(crate) async fn hold_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsManage>,
    Path(id): Path<DocumentId>,
    body: Body<HoldDocument>,
) -> ApiResult {
    let hold = Hold {
        by: caller.caller.user.clone(),
        by_name: caller.context.claims().name.clone(),
        at: caller.now(),
        reason: body.value.reason,
    };
    decide(&app, &caller, &id, |document| document.hold(hold.clone()).map_err(hold_refusal)).await
}

/// Lifts the legal hold of a document.
///
/// Needs `documents.hold`, which only owners hold by their role.
#[utoipa::path(delete, path = "/v1/documents/{document}/hold", params(("document" = DocumentId, Path)),
    responses((status = 200, body = DocumentResponse)))]
pub(crate) async fn lift_document_hold(
    State(app): State<App>,
    caller: InCompany<may::DocumentsHold>,
    Path(id): Path<DocumentId>,
) -> ApiResult {
    decide(&app, &caller, &id, |document| Ok(document.lift_hold())).await
}

fn hold_refusal(error: HoldError) -> Problem {
    match error {
        HoldError::Held => Problem::conflict(error, "held"),
        HoldError::Deleted => Problem::conflict(error, "deleted"),
    }
}

/// Reads a document, decides about it and writes it. A decision that changes nothing answers the document as it is.
async fn decide<N: NeedsAll>(
    app: &App,
    caller: &InCompany<N>,
    id: &DocumentId,
    decision: impl FnOnce(&Document) -> Result<Option<(Document, NewEvent)>, Problem>,
) -> ApiResult {
    let authority = caller.authority();
    let found: Option<Document> = app.api.store.load(&authority, caller.now(), |tenant| tenant.document(id)).await?;
    let document = found.ok_or_else(Problem::not_found)?;
    let Some((changed, event)) = decision(&document)? else {
        return Answer::ok(&DocumentResponse::from(&document));
    };
    let mut change = app.api.store.change(&authority, caller.change_context());
    // A restored document counts towards the quotas again.
    change.put_document_within(Some(&document), &changed, &app.settings.quotas);
    change.record(event);
    request_items::follow(&app.api.store, &authority, caller.now(), Some(&document), &changed, &mut change).await?;
    change.commit().await?;
    Answer::ok(&DocumentResponse::from(&changed))
}
