//! The rules of accountant–client collaboration, and nothing else.
//!
//! A decision is a pure function from state and command to a new state and a [`event::NewEvent`], or
//! a typed refusal. This crate must never know HTTP, AWS, a clock or a source of randomness: the
//! time, ids and the acting person are passed in. The entity structs here are also the bodies of
//! the table's items; `store` adds the keys.

pub mod acceptor;
pub mod access;
pub mod access_history;
pub mod access_request;
pub mod approval;
pub mod authorization;
pub mod backlog;
pub mod bank;
pub mod billing;
pub mod client;
pub mod color;
pub mod comment;
pub mod consent;
pub mod content_digest;
pub mod context;
pub mod context_list;
pub mod context_reason;
pub mod country;
pub mod credit_note;
pub mod customer;
pub mod delivery;
pub mod document;
pub mod document_export;
pub mod document_request;
pub mod estimate;
pub mod event;
pub mod event_filter;
pub mod export;
pub mod id;
pub mod invitation;
pub mod invitation_record;
pub mod invoice;
pub mod language;
pub mod ledger_fact;
pub mod ledger_report;
pub mod limit;
pub mod locale;
pub mod mail_log;
pub mod membership;
pub mod money;
pub mod notification;
pub mod org;
pub mod org_details;
pub mod patch;
pub mod payment;
pub mod permission;
pub mod preset;
pub mod profile;
pub mod receivables;
pub mod referral;
pub mod registration;
pub mod report;
pub mod role;
pub mod sales;
#[cfg(test)]
mod samples;
pub mod seal;
pub mod signup_source;
pub mod suppression;
pub mod team;
pub mod temporary_grants;
pub mod text;
pub mod threshold;
pub mod time;

pub use access::{AccessRequirement, ActingAs, Denied, GrantState, RelationRequirement};
pub use country::Country;
pub use event::{Actor, Event, EventType, EventWithLetter, NewEvent, kinds};
pub use id::{
    AccessRequestId, AssignmentKey, ClientId, CompanyId, ConnectionKey, ContactId, DocumentExportId, DocumentId,
    DocumentLinkId, DocumentRequestId, EventId, ExportId, FirmId, InvitationId, Org, PaymentId, PublicationId,
    RegistrationLinkId, SessionId, SignupCodeId, UserId,
};
pub use locale::Locale;
pub use money::{Currency, Money};
pub use patch::Patch;
pub use permission::{Grants, Permission};
pub use role::{MemberRole, StaffRole};
pub use temporary_grants::{TemporaryGrants, Validity};
pub use text::{Email, Name, Note, Reference};
pub use time::UtcTime;
