//! A company's members, a firm's staff, the connections between the two, and which clients are
//! assigned to which bookkeeper.
//!
//! Places and connections begin with an invitation, in `invite` and `accept`. Here people list, change
//! and end them.

mod assignments;
mod connections;
mod consents;
mod letters;
mod members;
mod refusal;
mod removal;
mod staff;
mod standing;

use api::Api;

api::routes! {
    state: Api;
    members::{list_members, change_member, remove_member, preview_member_removal},
    staff::{list_staff, change_staff, remove_staff, preview_staff_removal},
    connections::{list_connections, change_connection, end_connection, preview_connection_end},
    consents::{list_consents},
    assignments::{list_assignments, put_assignment, remove_assignment, preview_assignment_removal},
}
