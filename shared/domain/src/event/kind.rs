//! Event types and what each declares: expands the table in [`types`](super::types) without the payload types, which the
//! modules that record events define.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::types::event_types;

/// In which kind of tenant an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventScope {
    /// A company.
    Company,
    /// A firm.
    Firm,
    /// Either.
    CompanyOrFirm,
}

/// The recipients of a row's letter.
macro_rules! recipients {
    () => {
        None
    };
    ($recipients:literal) => {
        Some($recipients)
    };
}

macro_rules! names {
    ($(
        $variant:ident($module:ident::$payload:ident): $text:literal version $version:literal,
        $scope:ident, $subject:literal, $sentence:literal $(, letter to $recipients:literal)?;
    )*) => {
        /// What happened, as `subject.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum EventType {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] #[schema(rename = $text)] $variant,)*
        }

        impl EventType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The type as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The version of the payload that this code writes and reads.
            #[must_use]
            pub const fn version(self) -> u16 {
                match self { $(Self::$variant => $version,)* }
            }

            /// In which kind of tenant it happens.
            #[must_use]
            pub const fn scope(self) -> EventScope {
                match self { $(Self::$variant => EventScope::$scope,)* }
            }

            /// The kind of thing it is about, in the singular.
            #[must_use]
            pub const fn subject(self) -> &'static str {
                match self { $(Self::$variant => $subject,)* }
            }

            /// What happened, in one sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            /// The recipients of its letter; `None` if it has none.
            #[must_use]
            pub const fn letter_recipients(self) -> Option<&'static str> {
                match self { $(Self::$variant => recipients!($($recipients)?),)* }
            }
        }

        /// Each event type as a type of its own. It names its payload ([`EventKind`]), so that a payload of
        /// another type does not compile.
        pub mod kinds {
            use serde_json::json;

            use super::{EventData, EventKind, EventType};

            $(
                #[doc = $sentence]
                #[derive(Debug, Clone, Copy)]
                pub struct $variant;

                impl $variant {
                    /// The data of a new event of this type.
                    #[must_use]
                    pub fn of(payload: <Self as EventKind>::Payload) -> EventData {
                        // Every payload is a struct of named fields, which always has a JSON form; a test has
                        // one of each.
                        EventData { kind: EventType::$variant, data: json!(payload) }
                    }
                }
            )*
        }
    };
}

event_types!(names);

/// An event type that names the type of its payload: one of [`kinds`].
pub trait EventKind {
    /// The event type.
    const TYPE: EventType;
    /// Its payload.
    type Payload: Serialize + DeserializeOwned;

    /// Reads the data of an event of this type.
    ///
    /// # Errors
    /// [`PayloadError`] for data of another version or form.
    fn read(version: u16, data: &Value) -> Result<Self::Payload, PayloadError> {
        if version != Self::TYPE.version() {
            return Err(PayloadError::Version { kind: Self::TYPE, version });
        }
        Self::Payload::deserialize(data).map_err(|_| PayloadError::Malformed(Self::TYPE))
    }
}

/// A payload as the event's `data`, with the event type that it belongs to. Only [`kinds`] make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventData {
    kind: EventType,
    data: Value,
}

impl EventData {
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
    pub(crate) fn read<K: EventKind>(&self) -> K::Payload {
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

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
