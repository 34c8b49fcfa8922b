//! Requests for access: a person asks for permissions that they lack, for a time. Somebody who may give
//! these permissions grants or refuses the request.
//!
//! What is granted is a temporary grant. It adds to what a membership, a connection or an assignment
//! grants, and ends at its own time. It never changes that grant. A bookkeeper without an assignment gets
//! one that ends.

mod event;
mod granting;
mod kind;
mod request;

pub use event::AccessRequestPayload;
pub use granting::{
    TemporaryGrant, TemporaryGrantError, grant_in_client, grant_to_connection, grant_to_member, held_as_member,
    held_in_client,
};
pub use kind::AccessRequestKind;
pub use request::{
    AccessRequest, AccessRequestDecisionError, AccessRequestDraft, AccessRequestError, AccessRequestState,
    AccessRequestStatus, Decider, MAX_HOURS, OPEN_DAYS, create, target, to_manage,
};
