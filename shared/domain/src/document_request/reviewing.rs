//! Uploads for the items of a request, and their review.

use super::{
    event::DocumentRequestItemPayload,
    item::{ItemState, ItemStatus, RequestedItem},
    request::{DocumentRequest, DocumentRequestState},
};
use crate::{
    access::ActingAs,
    document::DocumentState,
    event::{EventData, NewEvent, kinds},
    id::DocumentId,
    text::Note,
};

/// Why an item takes no upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemUploadError {
    /// The request has no item with this number.
    #[error("the request has no such item")]
    NoSuchItem,
    /// The request is complete or withdrawn.
    #[error("the request is no longer open")]
    NotOpen(DocumentRequestState),
    /// The item is accepted.
    #[error("the item is accepted already")]
    Accepted,
}

/// The result of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemVerdict {
    /// It is what was asked for.
    Accept,
    /// It is not: another one is needed.
    SendBack {
        /// Why.
        reason: Note,
    },
}

/// Why a review is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The request is complete or withdrawn.
    #[error("the request is no longer open")]
    NotOpen(DocumentRequestState),
    /// The request has no item with this number.
    #[error("the request has no such item")]
    NoSuchItem,
    /// Nothing waits for a review: nothing was uploaded, or it was decided already.
    #[error("nothing waits for a decision")]
    NotFulfilled(ItemStatus),
    /// Another document was uploaded since.
    #[error("another document was uploaded since: look at that one")]
    OtherDocument,
    /// The document cannot be downloaded, so nobody has seen it.
    #[error("only a document that was scanned and found clean can be accepted")]
    NotClean(DocumentState),
}

impl DocumentRequest {
    /// Whether a document can be uploaded for an item: also in place of one that nobody reviewed yet.
    ///
    /// # Errors
    /// [`ItemUploadError`].
    pub fn takes(&self, item: u8) -> Result<&RequestedItem, ItemUploadError> {
        let found = self.item(item).ok_or(ItemUploadError::NoSuchItem)?;
        if self.state != DocumentRequestState::Open {
            return Err(ItemUploadError::NotOpen(self.state));
        }
        match found.state {
            ItemState::Accepted { .. } => Err(ItemUploadError::Accepted),
            ItemState::Open | ItemState::Fulfilled { .. } | ItemState::SentBack { .. } => Ok(found),
        }
    }

    /// Records that a document for an item was received, or a new version of one that was sent back. `None` where that
    /// changes nothing: the item waits for the review of this document, takes none, or the request is closed. The
    /// document keeps its link in any case.
    ///
    /// Call it once for each version that is received: in the change that records it.
    #[must_use]
    pub fn fulfilled(&self, item: u8, document: &DocumentId) -> Option<(Self, NewEvent)> {
        let found = self.takes(item).ok()?;
        if found.state == (ItemState::Fulfilled { document: document.clone() }) {
            return None;
        }
        let changed = self.with(item, ItemState::Fulfilled { document: document.clone() });
        let event = changed.item_event(None, item, document, kinds::DocumentRequestFulfilled::of);
        Some((changed, event))
    }

    /// Sends an item back because its document is refused: its file is not what was declared, or the scan found
    /// something. `None` where the item waits for the review of another document, or of none.
    #[must_use]
    pub fn document_refused(&self, item: u8, document: &DocumentId, reason: Note) -> Option<(Self, NewEvent)> {
        let found = self.takes(item).ok()?;
        if found.state != (ItemState::Fulfilled { document: document.clone() }) {
            return None;
        }
        let changed = self.with(item, ItemState::SentBack { document: document.clone(), reason });
        let event = changed.item_event(None, item, document, kinds::DocumentRequestSentBack::of);
        Some((changed, event))
    }

    /// Accepts the document of an item or sends it back. `seen` is the document that the reviewer looked at, and its
    /// state now: only a clean one is accepted. The last acceptance completes the request.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub fn review(
        &self,
        actor: &ActingAs,
        item: u8,
        seen: (&DocumentId, DocumentState),
        verdict: ItemVerdict,
    ) -> Result<(Self, Vec<NewEvent>), ReviewError> {
        let found = self.item(item).ok_or(ReviewError::NoSuchItem)?;
        if self.state != DocumentRequestState::Open {
            return Err(ReviewError::NotOpen(self.state));
        }
        let ItemState::Fulfilled { document } = &found.state else {
            return Err(ReviewError::NotFulfilled(found.state.status()));
        };
        let (seen, seen_state) = seen;
        if document != seen {
            return Err(ReviewError::OtherDocument);
        }
        if verdict == ItemVerdict::Accept && seen_state != DocumentState::Clean {
            return Err(ReviewError::NotClean(seen_state));
        }
        let document = document.clone();
        let (state, kind): (_, fn(DocumentRequestItemPayload) -> EventData) = match verdict {
            ItemVerdict::Accept => {
                (ItemState::Accepted { document: document.clone() }, kinds::DocumentRequestAccepted::of)
            }
            ItemVerdict::SendBack { reason } => {
                (ItemState::SentBack { document: document.clone(), reason }, kinds::DocumentRequestSentBack::of)
            }
        };
        let mut reviewed = self.with(item, state);
        let mut events = vec![reviewed.item_event(Some(actor), item, &document, kind)];
        if reviewed.items.iter().all(|item| item.state.status() == ItemStatus::Accepted) {
            reviewed.state = DocumentRequestState::Complete;
            events.push(reviewed.event_by(actor, kinds::DocumentRequestCompleted::of((&reviewed).into())));
        }
        Ok((reviewed, events))
    }

    fn with(&self, item: u8, state: ItemState) -> Self {
        let mut changed = self.next_version();
        if let Some(found) = changed.items.iter_mut().find(|found| found.number == item) {
            found.state = state;
        }
        changed
    }

    fn item_event(
        &self,
        actor: Option<&ActingAs>,
        item: u8,
        document: &DocumentId,
        kind: fn(DocumentRequestItemPayload) -> EventData,
    ) -> NewEvent {
        let data = kind(DocumentRequestItemPayload { item, document: document.clone() });
        match actor {
            Some(actor) => self.event_by(actor, data),
            None => self.event(data),
        }
    }
}
