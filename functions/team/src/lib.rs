//! Who works where: a company's members, a firm's staff, the connections between the two, and
//! which clients are assigned to which bookkeeper.
//!
//! Places and links begin with an invitation, in `invite` and `accept`; here they are seen, changed,
//! widened for a time on request, and ended.

mod assignments;
mod connections;
mod consents;
mod ended;
mod members;
mod refusal;
mod requests;
mod staff;

use api::Api;

api::routes! {
    state: Api;
    members::{list_members, change_member, remove_member, preview_removal},
    staff::{list_staff, change_staff, remove_staff, preview_removal},
    connections::{list_connections, change_connection, end_connection, preview_end},
    consents::{list_consents},
    assignments::{list_assignments, assign, unassign, preview_unassign},
    requests::{ask, list_requests, list_own, grant, refuse, withdraw},
}
