//! Requests for access: asked for by whoever lacks it, for a time, and granted or refused by whoever
//! may give it.
//!
//! What is granted is lent: it comes on top of what a place, a connection or an assignment grants,
//! and stops at its instant. It neither widens that grant for ever nor shortens it. A bookkeeper
//! without an assignment gets one that ends.

mod event;
mod granting;
mod request;

pub use event::AccessRequestPayload;
pub use granting::{
    TemporaryGrant, TemporaryGrantError, grant_in_client, grant_to_connection, grant_to_member, held_in_client,
};
pub use request::{
    AccessRequest, AccessRequestDecisionError, AccessRequestDraft, AccessRequestError, AccessRequestKind,
    AccessRequestState, AccessRequestStatus, Decider, MAX_HOURS, OPEN_DAYS, create, target, to_manage,
};
