//! A request for documents, and its state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{item::RequestedItem, recurrence::Recurrence};
use crate::{
    access::ActingAs,
    event::{EventData, NewEvent},
    id::{CompanyId, DocumentRequestId, FirmId, Org, UserId},
    text::{Name, Note},
    time::{Day, UtcTime},
};

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentRequestState {
    /// Something is missing, or not reviewed yet.
    Open,
    /// Each item is accepted.
    Complete,
    /// Taken back by those who may ask.
    Withdrawn,
}

impl DocumentRequestState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A person who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskedPerson {
    /// The person.
    pub user: UserId,
    /// Their name when they were asked.
    pub name: Name,
}

/// A request for documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequest {
    /// Its id.
    pub id: DocumentRequestId,
    /// The company whose papers they are.
    pub company: CompanyId,
    /// What it is about, in one line.
    pub title: Name,
    /// What else the person who asks wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The papers, numbered from 1 in this order.
    pub items: Vec<RequestedItem>,
    /// Who is asked.
    pub asked_of: Vec<AskedPerson>,
    /// The last day on which the papers are in time, in the company's time zone.
    pub due_on: Day,
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// The seat from which they ask.
    pub acting_as: ActingAs,
    /// When it was made.
    pub asked_at: UtcTime,
    /// Its state.
    pub state: DocumentRequestState,
    /// How it repeats; `None` if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// The request of the period before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<DocumentRequestId>,
    /// The request of the next period, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed_by: Option<DocumentRequestId>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl DocumentRequest {
    /// The firm for which it was asked: the request is on this firm's list of what is missing.
    #[must_use]
    pub const fn firm(&self) -> Option<&FirmId> {
        self.acting_as.firm()
    }

    /// The items that wait for an upload.
    pub fn missing(&self) -> impl Iterator<Item = &RequestedItem> {
        self.items.iter().filter(|item| item.state.is_missing())
    }

    /// Whether it is open and waits for an upload.
    #[must_use]
    pub fn is_missing_something(&self) -> bool {
        self.state == DocumentRequestState::Open && self.missing().next().is_some()
    }

    /// Whether this person is asked.
    #[must_use]
    pub fn asks(&self, user: &UserId) -> bool {
        self.asked_of.iter().any(|person| person.user == *user)
    }

    /// The item with this number.
    #[must_use]
    pub fn item(&self, number: u8) -> Option<&RequestedItem> {
        self.items.iter().find(|item| item.number == number)
    }

    pub(super) fn next_version(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    pub(super) fn event(&self, data: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), data)
    }

    /// An event that a person made happen, which their firm sees too.
    pub(super) fn event_by(&self, actor: &ActingAs, data: EventData) -> NewEvent {
        let event = self.event(data);
        match actor.firm() {
            Some(firm) => event.seen_by(firm),
            None => event,
        }
    }
}
