//! What events say, as the types that the modules declare: the table of [`types`](super::types) with its
//! payload types. This file stands above the modules that record events, so none of them may use it; they
//! make data with [`kinds`] and read it with [`Event::read`].

use serde::Serialize;
use serde_json::Value;

use super::{
    Event,
    types::{EventKind, EventType, PayloadError, event_types, kinds},
};
use crate::{
    access_request::AccessRequestPayload,
    approval::{ApprovalPayload, ApprovalPolicyChanged},
    bank::{BalanceBelowThreshold, BankAccountRecorded, ThresholdSet},
    billing::{BillingChanged, BillingOfferPayload},
    client::{ClientAdded, ClientChanged, ClientRemoved},
    comment::CommentAdded,
    context::{ContextEntered, ContextLeft},
    delivery::{InvitationDeliveryPayload, InvitationReminded},
    estimate::EstimatePayload,
    export::ExportRequested,
    invitation::InvitationPayload,
    invoice::InvoiceRecorded,
    membership::{ConnectionStarted, MemberAdded, StaffAdded},
    payment::PaymentPayload,
    referral::{BonusPayload, ReferralAgreementSet, ReferralChanged, ReferralRegistered},
    signup_source::SignupSourcePayload,
    team::{
        AssignmentChanged, AssignmentRemoved, CompanyRegistered, ConnectionChanged, ConnectionEnded, FirmRegistered,
        MemberChanged, MemberRemoved, StaffChanged, StaffRemoved,
    },
};

/// A payload as one with a letter, where the row says that there is one.
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
        $variant:ident($payload:ty): $text:literal version $version:literal,
        $scope:ident, $subject:literal, $sentence:literal $(, letter to $recipients:literal)?;
    )*) => {
        $(impl EventKind for kinds::$variant {
            const TYPE: EventType = EventType::$variant;
            type Payload = $payload;
        })*

        #[cfg(test)]
        impl EventType {
            pub(super) fn payload_schema(self, named: &mut super::catalogue::Named) -> Value {
                match self { $(Self::$variant => super::catalogue::schema_of::<$payload>(named),)* }
            }
        }

        /// What an event says: its type and the payload of that type. It serializes as the event's `data`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum EventPayload {
            $(#[doc = $sentence] $variant($payload),)*
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

            /// The payload as one that people are told of by letter; `None` where no letter is written.
            #[must_use]
            pub fn with_letter(self) -> Option<EventWithLetter> {
                match self { $(Self::$variant(payload) => with_letter!($variant(payload) $(, $recipients)?),)* }
            }
        }

        /// What an event says that a letter is written about. The rows with `letter to` make it, so a match
        /// over it lacks an arm as soon as a row gets one.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum EventWithLetter {
            $($(#[doc = concat!("To ", $recipients, ".")] $variant($payload),)?)*
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
    /// What an event says, if a letter is written about events of its type. The payload of any other event is
    /// not looked at.
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
