//! Shows a request, and accepts or sends back the documents of its items.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    DocumentId, DocumentRequestId, Note, Permission,
    document::{Document, DocumentState},
    document_request::{DocumentRequest, ItemVerdict, ReviewError},
    permission::{OneOf, may},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::DocumentRequestResponse;

/// Shows a request for documents.
///
/// Needs `documents.request`, or for a person who is asked `documents.upload`. For anyone else with
/// `documents.upload` the request does not exist.
#[utoipa::path(get, path = "/v1/document-requests/{request}", params(("request" = DocumentRequestId, Path)),
    responses((status = 200, body = DocumentRequestResponse)))]
pub(crate) async fn get_document_request(
    State(api): State<Api>,
    caller: InCompany<OneOf<(may::DocumentsRequest, may::DocumentsUpload)>>,
    Path(id): Path<DocumentRequestId>,
) -> ApiResult {
    let present = caller.context.present();
    let entered = api.store.load_unproven(&present, caller.now(), None, |tenant| tenant.document_request(&id)).await?;
    let asks = entered.holds(&caller.needs(Permission::DocumentsRequest));
    let uploads = entered.holds(&caller.needs(Permission::DocumentsUpload));
    let needs = if uploads && !asks { Permission::DocumentsUpload } else { Permission::DocumentsRequest };
    let request = entered
        .prove(&caller.needs(needs))??
        .filter(|request| asks || request.asks(&caller.caller.user))
        .ok_or_else(Problem::not_found)?;
    Answer::ok(&DocumentRequestResponse::from(request))
}

/// The decision on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemDecision {
    /// It is what was asked for.
    Accept,
    /// Another one is needed.
    SendBack,
}

/// A decision on the document of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideRequestedItem {
    decision: ItemDecision,
    /// The document that was looked at. With another one than the item has by now, the decision is refused.
    document: DocumentId,
    /// Why it is sent back: required then, and for nothing else.
    #[serde(default)]
    reason: Option<Note>,
}

impl DecideRequestedItem {
    fn verdict(&self) -> Result<ItemVerdict, Problem> {
        match (self.decision, &self.reason) {
            (ItemDecision::Accept, None) => Ok(ItemVerdict::Accept),
            (ItemDecision::SendBack, Some(reason)) => Ok(ItemVerdict::SendBack { reason: reason.clone() }),
            (ItemDecision::Accept, Some(_)) => Err(Problem::field("reason", "is for sending back")),
            (ItemDecision::SendBack, None) => Err(Problem::field("reason", "is required for sending back")),
        }
    }
}

/// Accepts the document of an item, or sends it back with a reason.
///
/// Sending back opens the item again, and the people who are asked get a letter. The last acceptance completes the
/// request.
///
/// Needs `documents.request`.
#[utoipa::path(post, path = "/v1/document-requests/{request}/items/{item}/decision",
    params(("request" = DocumentRequestId, Path), ("item" = u8, Path)), request_body = DecideRequestedItem,
    responses((status = 200, body = DocumentRequestResponse)))]
pub(crate) async fn review_requested_item(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsRequest>,
    Path((id, item)): Path<(DocumentRequestId, u8)>,
    body: Body<DecideRequestedItem>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let decision = body.value;
    let (request, document) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.document_request(&id), tenant.document(&decision.document))
        })
        .await??;
    let request = request.ok_or_else(Problem::not_found)?;
    let verdict = decision.verdict()?;
    let seat = caller.context.acting_as();
    let state = document.as_ref().map_or(DocumentState::Deleted, Document::state);
    let (reviewed, events) = request
        .review(seat, item, (&decision.document, state), verdict)
        .map_err(|error| not_decided(error, &request))?;

    let mut change = api.store.change(&authority, caller.change_context());
    if let Some(document) = document {
        // What is accepted was clean and there, to the very moment.
        change.unchanged(|tenant| tenant.document(&document.id), document.version);
    }
    change.put(|tenant| tenant.document_request(&id), Some(request.version), &reviewed);
    for event in events {
        change.record(event);
    }
    let answer = Answer::ok(&DocumentRequestResponse::from(reviewed))?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

fn not_decided(error: ReviewError, request: &DocumentRequest) -> Problem {
    match error {
        ReviewError::NoSuchItem => Problem::not_found(),
        ReviewError::NotOpen(state) => Problem::conflict(error, state.as_str()),
        ReviewError::NotFulfilled(status) => Problem::conflict(error, status.as_str()),
        ReviewError::NotClean(state) => Problem::conflict(error, state.as_str()),
        ReviewError::OtherDocument => {
            Problem::conflict(error, "changed").current(&DocumentRequestResponse::from(request.clone()))
        }
    }
}
