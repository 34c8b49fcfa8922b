//! Requests for documents: somebody asks members of a company for a list of papers until a day. Each item of the
//! list is fulfilled by an upload, and accepted or sent back by those who may ask.
//!
//! A request is open until each of its items is accepted, or until it is withdrawn. The clock never closes one.
//! Its [`RequestSchedule`] says what is due next by itself: a reminder, or the next request of a recurrence.

mod event;
#[cfg(test)]
mod examples;
mod following;
mod item;
mod making;
mod recurrence;
mod request;
mod reviewing;
mod schedule;
mod standing;
#[cfg(test)]
mod tests;

pub use event::{DocumentRequestItemPayload, DocumentRequestPayload, DocumentRequestReminded};
#[cfg(test)]
pub(crate) use examples::every_event;
pub use following::{WhyNot, linked_requests};
pub use item::{ItemState, ItemStatus, RequestedItem};
pub use making::{
    ChangeRequestError, DocumentRequestDraft, DocumentRequestError, DocumentRequestUpdate, MAX_ITEMS, MAX_PEOPLE,
    check_size, people_asked, request_documents,
};
pub use recurrence::{Every, Recurrence};
pub use request::{AskedPerson, DocumentRequest, DocumentRequestState};
pub use reviewing::{ItemUploadError, ItemVerdict, ReviewError};
pub use schedule::{RequestSchedule, ScheduledStep};
pub use standing::{Standing, is_shown_to_staff};
