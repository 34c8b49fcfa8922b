//! The payloads of events about requests for documents. What people wrote stays with the request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{recurrence::Every, request::DocumentRequest};
use crate::{
    id::{DocumentId, DocumentRequestId, UserId},
    time::Day,
};

/// Payload of `document_request.made`, `.changed`, `.overdue`, `.completed` and `.withdrawn`: the request after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRequestPayload {
    /// The last day on which the papers are in time, in the company's time zone.
    pub due_on: Day,
    /// Who is asked.
    pub asked_of: Vec<UserId>,
    /// Those of them whom a change added: they get the letter that the others got. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<UserId>,
    /// How many papers are asked for.
    pub items: u8,
    /// How many of them wait for an upload.
    pub missing: u8,
    /// How often the request repeats; `null` if it does not.
    #[schema(required = true)]
    pub recurrence: Option<Every>,
    /// The request of the period before; `null` if there is none.
    #[schema(required = true)]
    pub follows: Option<DocumentRequestId>,
}

/// Payload of `document_request.fulfilled`, `.accepted` and `.sent_back`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRequestItemPayload {
    /// The number of the item.
    pub item: u8,
    /// The document.
    pub document: DocumentId,
}

/// Payload of `document_request.reminded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRequestReminded {
    /// The last day on which the papers are in time.
    pub due_on: Day,
    /// Whether that day is over.
    pub overdue: bool,
    /// How many papers are missing.
    pub missing: u8,
}

impl From<&DocumentRequest> for DocumentRequestPayload {
    fn from(request: &DocumentRequest) -> Self {
        Self {
            due_on: request.due_on,
            asked_of: request.asked_of.iter().map(|person| person.user.clone()).collect(),
            added: Vec::new(),
            items: count(request.items.len()),
            missing: count(request.missing().count()),
            recurrence: request.recurrence.as_ref().map(|recurrence| recurrence.every),
            follows: request.follows.clone(),
        }
    }
}

/// A number of items: at most 50.
pub(super) fn count(items: usize) -> u8 {
    u8::try_from(items).unwrap_or(u8::MAX)
}
