//! The payloads of events: expands the table in [`types`](super::types) with the payload types that its rows name.
//! This file is above the modules that record events, so none of them may use it; they make data with [`kinds`] and
//! read it with [`Event::read`].

use serde::Serialize;
use serde_json::Value;

use super::{
    Event,
    kind::{EventKind, EventType, PayloadError, kinds},
    types::event_types,
};

/// A payload as an [`EventWithLetter`], if the row has a letter.
macro_rules! with_letter {
    ($variant:ident($payload:ident)) => {{
        let _ = $payload;
        None
    }};
    ($variant:ident($payload:ident), $recipients:literal) => {
        Some(EventWithLetter::$variant($payload))
    };
}

macro_rules! payloads {
    ($(
        $variant:ident($module:ident::$payload:ident): $text:literal version $version:literal,
        $scope:ident, $subject:literal, $sentence:literal $(, letter to $recipients:literal)?;
    )*) => {
        $(impl EventKind for kinds::$variant {
            const TYPE: EventType = EventType::$variant;
            type Payload = crate::$module::$payload;
        })*

        #[cfg(test)]
        impl EventType {
            pub(super) fn payload_schema(self, named: &mut super::catalogue::Named) -> Value {
                match self { $(Self::$variant => super::catalogue::schema_of::<crate::$module::$payload>(named),)* }
            }
        }

        /// The payload of an event, by its type. It serializes as the event's `data`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum EventPayload {
            $(#[doc = $sentence] $variant(crate::$module::$payload),)*
        }

        impl EventPayload {
            /// The event type.
            #[must_use]
            pub const fn kind(&self) -> EventType {
                match self { $(Self::$variant(_) => EventType::$variant,)* }
            }

            /// Reads the data of an event.
            ///
            /// # Errors
            /// [`PayloadError`] for data of another version or form.
            pub fn read(kind: EventType, version: u16, data: &Value) -> Result<Self, PayloadError> {
                match kind { $(EventType::$variant => kinds::$variant::read(version, data).map(Self::$variant),)* }
            }

            /// The payload of an event with a letter; `None` if the type has none.
            #[must_use]
            pub fn with_letter(self) -> Option<EventWithLetter> {
                match self { $(Self::$variant(payload) => with_letter!($variant(payload) $(, $recipients)?),)* }
            }
        }

        /// The payload of an event with a letter. Its variants are the rows with `letter to`, so a match over it
        /// lacks an arm as soon as a row gets a letter.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum EventWithLetter {
            $($(#[doc = concat!("To ", $recipients, ".")] $variant(crate::$module::$payload),)?)*
        }
    };
}

event_types!(payloads);

impl Event {
    /// The data as the type's payload.
    ///
    /// # Errors
    /// [`PayloadError`] for data of another version or form. The event itself remains good to show.
    pub fn payload(&self) -> Result<EventPayload, PayloadError> {
        EventPayload::read(self.kind, self.version, &self.data)
    }
}

impl EventWithLetter {
    /// The payload of an event whose type has a letter. The payload of any other event is not read.
    ///
    /// # Errors
    /// [`PayloadError`] when a letter is due and the payload cannot be read.
    pub fn of(event: &Event) -> Result<Option<Self>, PayloadError> {
        if event.kind.letter_recipients().is_none() {
            return Ok(None);
        }
        Ok(event.payload()?.with_letter())
    }
}
