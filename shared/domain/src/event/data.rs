//! The data of an event: its payload as JSON, and why that cannot be read.

use serde_json::Value;

use super::types::EventType;

/// A payload as the event's `data`, with the event type that it belongs to. Only [`super::kinds`] make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventData {
    kind: EventType,
    data: Value,
}

impl EventData {
    /// The data of a new event. Its payload is of this type.
    pub(super) const fn new(kind: EventType, data: Value) -> Self {
        Self { kind, data }
    }

    /// The event type.
    #[must_use]
    pub const fn kind(&self) -> EventType {
        self.kind
    }

    /// The payload: a JSON object.
    #[must_use]
    pub const fn data(&self) -> &Value {
        &self.data
    }

    /// The payload, in a test.
    #[cfg(test)]
    pub(crate) fn read<K: super::EventKind>(&self) -> K::Payload {
        assert_eq!(self.kind, K::TYPE);
        K::read(K::TYPE.version(), &self.data).unwrap()
    }

    /// The payload by value.
    #[must_use]
    pub fn into_data(self) -> Value {
        self.data
    }
}

/// Why the data of an event cannot be read as its type's payload. It quotes nothing of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The data has another version than this code reads.
    #[error("version {version} of {kind} cannot be read")]
    Version {
        /// The event type.
        kind: EventType,
        /// The version of the data.
        version: u16,
    },
    /// The data lacks a field, or a field has another form.
    #[error("the data of {0} is not as declared")]
    Malformed(EventType),
}
