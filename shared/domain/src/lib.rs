//! The rules of accountant–client collaboration, and nothing else.
//!
//! A decision is a pure function from state and command to a new state and a [`event::Fact`], or
//! a typed refusal. This crate must never know HTTP, AWS, a clock or a source of randomness: the
//! time, ids and the acting person are passed in. The entity structs here are also the bodies of
//! the table's items; `store` adds the keys.

pub mod access;
pub mod access_history;
pub mod approval;
pub mod authorization;
pub mod bank;
pub mod billing;
pub mod client;
pub mod comment;
pub mod consent;
pub mod context;
pub mod delivery;
pub mod entering;
pub mod entrance;
pub mod estimate;
pub mod event;
pub mod export;
pub mod id;
pub mod invitation;
pub mod invoice;
pub mod joining;
pub mod lending;
pub mod lent;
pub mod limit;
pub mod locale;
pub mod money;
pub mod org;
pub mod payment;
pub mod permission;
pub mod preset;
pub mod profile;
pub mod referral;
pub mod registration;
pub mod role;
#[cfg(test)]
mod samples;
pub mod seal;
pub mod side;
pub mod switcher;
pub mod team;
pub mod text;
pub mod time;
pub mod trail;

pub use access::{Access, Denied, Requirement, Seat, Standing};
pub use event::{Actor, Event, EventType, Fact};
pub use id::{
    AccessRequestId, AssignmentKey, ClientId, CompanyId, ConnectionKey, EventId, ExportId, FirmId, InvitationId, Org,
    PaymentId, RegistrationLinkId, SessionId, SignupCodeId, UserId,
};
pub use lent::{Expiry, Lasting, Lent};
pub use locale::Locale;
pub use money::{Currency, Money};
pub use permission::{Grants, Permission};
pub use role::{MemberRole, StaffRole};
pub use text::{Email, Name, Note, Reference};
pub use time::UtcTime;
