//! Events: the immutable record of one change. The audit log, notifications and the vendor's own rules read the
//! same event.
//!
//! [`types`] declares every event type: its name, its version, where it happens and the type of its
//! payload; [`kind`] makes types of it. A payload type stands in the module that records the event. [`payload`] stands above these
//! modules and reads every event.

#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod examples;
mod kind;
mod payload;
mod types;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use kind::{EventData, EventKind, EventScope, EventType, PayloadError, kinds};
pub use payload::{EventPayload, EventWithLetter};

use crate::{
    access::ActingAs,
    id::{EventId, FirmId, Org, SessionId, UserId},
    text::{Name, Note, Reference},
    time::UtcTime,
};

/// What an event is about: a kind of thing and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The kind of thing, in the singular: `invitation`, `member`, `approval` …
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Who did it, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The person; absent when a machine or a schedule acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The person's name when they acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff`, `contact`; `self` for a person outside any seat; `link` for a contact with a hosted link; `machine` and
    /// `schedule` for machines and schedules.
    pub via: String,
    /// The firm acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The customer whose contact acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// The context session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The reason given when the context was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// The OAuth client id of a machine, or the name of a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
}

impl Actor {
    /// A person acting for themselves, outside any context: registering, accepting, declining.
    #[must_use]
    pub fn person(user: UserId, name: Option<Name>) -> Self {
        Self { user: Some(user), name, via: "self".to_owned(), ..Self::nobody() }
    }

    /// A person in a context.
    #[must_use]
    pub fn in_context(
        user: &UserId,
        name: &Name,
        acting_as: &ActingAs,
        session: &SessionId,
        reason: Option<&Note>,
    ) -> Self {
        Self {
            user: Some(user.clone()),
            name: Some(name.clone()),
            via: acting_as.via().to_owned(),
            firm: acting_as.firm().cloned(),
            customer: acting_as.customer().map(|(_, customer)| customer.clone()),
            session: Some(session.clone()),
            reason: reason.cloned(),
            machine: None,
        }
    }

    /// A contact who came through a hosted link, without signing in.
    #[must_use]
    pub fn through_link(name: Name, customer: Reference) -> Self {
        Self { name: Some(name), via: "link".to_owned(), customer: Some(customer), ..Self::nobody() }
    }

    /// The vendor's ledger or another machine client.
    #[must_use]
    pub fn machine(client: &str) -> Self {
        Self { via: "machine".to_owned(), machine: Some(client.to_owned()), ..Self::nobody() }
    }

    /// A schedule of the stack's own.
    #[must_use]
    pub fn schedule(name: &str) -> Self {
        Self { via: "schedule".to_owned(), machine: Some(name.to_owned()), ..Self::nobody() }
    }

    fn nobody() -> Self {
        Self {
            user: None,
            name: None,
            via: String::new(),
            firm: None,
            customer: None,
            session: None,
            reason: None,
            machine: None,
        }
    }
}

/// An event as a decision makes it, before the actor and the time are added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// In which tenant.
    pub org: Org,
    /// A firm that sees the event too, although it happened in a company.
    pub firm: Option<FirmId>,
    /// Its subject.
    pub subject: Subject,
    /// What happened, and what changed. Never a secret; never an email address or a message.
    pub payload: EventData,
}

impl NewEvent {
    /// An event about the subject with this id. The event type names the kind of subject.
    #[must_use]
    pub fn new(org: Org, subject_id: &str, payload: EventData) -> Self {
        let subject = Subject { kind: payload.kind().subject().to_owned(), id: subject_id.to_owned() };
        Self { org, firm: None, subject, payload }
    }

    /// The same event, shown to this firm too.
    #[must_use]
    pub fn seen_by(mut self, firm: &FirmId) -> Self {
        self.firm = Some(firm.clone());
        self
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> EventType {
        self.payload.kind()
    }

    /// The event that records it.
    #[must_use]
    pub fn recorded(self, id: EventId, at: UtcTime, actor: Actor, request_id: String) -> Event {
        Event {
            id,
            kind: self.payload.kind(),
            version: self.payload.kind().version(),
            at,
            org: self.org,
            subject: self.subject,
            actor,
            data: self.payload.into_data(),
            request_id,
        }
    }
}

/// An event type with its examples: made by the decision that records it, and written beside that. They stand in the
/// schemas that integrators read, and tests read them back.
#[cfg(test)]
pub(crate) trait Example: EventKind {
    /// One or more events of this type.
    fn examples() -> Vec<NewEvent>;
}

const fn first_version() -> u16 {
    1
}

/// The record of one change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Sorts by time.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The version of the type's data. It rises when a field of the data is removed or changes its meaning.
    #[serde(default = "first_version")]
    pub version: u16,
    /// When it was decided, UTC.
    pub at: UtcTime,
    /// In which tenant.
    pub org: Org,
    /// Its subject.
    pub subject: Subject,
    /// Who did it.
    pub actor: Actor,
    /// What changed: a JSON object, its fields fixed per type and version. It is kept as it was written, so
    /// that an event can be shown whether or not its payload can be read.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The request that did it, as the gateway or the runtime names it.
    pub request_id: String,
}

impl Event {
    /// The data as the payload of this event type.
    ///
    /// # Errors
    /// [`PayloadError`] for an event of another type, and for data of another version or form.
    pub fn read<K: EventKind>(&self) -> Result<K::Payload, PayloadError> {
        if self.kind == K::TYPE { K::read(self.version, &self.data) } else { Err(PayloadError::Malformed(K::TYPE)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_types_as_they_are_written() {
        let schema = serde_json::to_value(<EventType as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::to_value(EventType::ALL).unwrap());
    }
}
