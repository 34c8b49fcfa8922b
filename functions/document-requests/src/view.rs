//! Requests for documents as answers show them.

use api::PageInfo;
use domain::{
    CompanyId, DocumentId, DocumentRequestId, FirmId, Name, Note, UserId, UtcTime,
    document_request::{AskedPerson, DocumentRequest, DocumentRequestState, Every, ItemStatus, RequestedItem},
    time::Day,
};
use serde::Serialize;
use store::Page;
use utoipa::ToSchema;

/// A document that is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestedItem)]
pub(crate) struct RequestedItemView {
    /// Its number in the request, from 1: name it with the upload.
    number: u8,
    title: Name,
    status: ItemStatus,
    /// The document that was uploaded last.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentId>,
    /// Why the document was sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
}

impl From<RequestedItem> for RequestedItemView {
    fn from(item: RequestedItem) -> Self {
        Self {
            number: item.number,
            title: item.title,
            status: item.state.status(),
            document: item.state.document().cloned(),
            reason: item.state.reason().cloned(),
        }
    }
}

/// A request for documents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentRequest)]
pub(crate) struct DocumentRequestView {
    id: DocumentRequestId,
    title: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    items: Vec<RequestedItemView>,
    asked_of: Vec<AskedPerson>,
    /// The last day on which the documents are in time, in the company's time zone.
    due_on: Day,
    asked_by: UserId,
    asked_by_name: Name,
    /// The firm for which they ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    asked_at: UtcTime,
    state: DocumentRequestState,
    /// How often the request repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<Every>,
    /// The request of the period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<DocumentRequestId>,
    /// The request of the next period, once it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    followed_by: Option<DocumentRequestId>,
}

impl From<DocumentRequest> for DocumentRequestView {
    fn from(request: DocumentRequest) -> Self {
        Self {
            firm: request.firm().cloned(),
            id: request.id,
            title: request.title,
            note: request.note,
            items: request.items.into_iter().map(Into::into).collect(),
            asked_of: request.asked_of,
            due_on: request.due_on,
            asked_by: request.asked_by,
            asked_by_name: request.asked_by_name,
            asked_at: request.asked_at,
            state: request.state,
            every: request.recurrence.map(|recurrence| recurrence.every),
            follows: request.follows,
            followed_by: request.followed_by,
        }
    }
}

/// One request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentRequestResponse {
    document_request: DocumentRequestView,
}

impl From<DocumentRequest> for DocumentRequestResponse {
    fn from(request: DocumentRequest) -> Self {
        Self { document_request: request.into() }
    }
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentRequestPage {
    document_requests: Vec<DocumentRequestView>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl From<Page<DocumentRequest>> for DocumentRequestPage {
    fn from(page: Page<DocumentRequest>) -> Self {
        let paged = PageInfo::from(&page);
        Self { document_requests: page.items.into_iter().map(Into::into).collect(), paged }
    }
}

/// A request of the firm that waits for documents of a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingDocuments {
    company: CompanyId,
    company_name: Name,
    document_request: DocumentRequestId,
    title: Name,
    /// The last day on which the documents are in time, in the company's time zone.
    due_on: Day,
    /// The documents that are missing: not uploaded, or sent back.
    missing: Vec<RequestedItemView>,
    asked_of: Vec<AskedPerson>,
    asked_by_name: Name,
}

impl MissingDocuments {
    pub(crate) fn of(request: DocumentRequest, company_name: Name) -> Self {
        Self {
            company: request.company,
            company_name,
            document_request: request.id,
            title: request.title,
            due_on: request.due_on,
            missing: request.items.into_iter().filter(|item| item.state.is_missing()).map(Into::into).collect(),
            asked_of: request.asked_of,
            asked_by_name: request.asked_by_name,
        }
    }
}

/// A page of what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingDocumentPage {
    missing: Vec<MissingDocuments>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl From<Page<MissingDocuments>> for MissingDocumentPage {
    fn from(page: Page<MissingDocuments>) -> Self {
        let paged = PageInfo::from(&page);
        Self { missing: page.items, paged }
    }
}
