//! What one of a firm's staff may do in a client, for lists across clients.

use super::assignments::stands;
use crate::{
    access::GrantState,
    org::{Assignment, Connection, Staff},
    permission::Grants,
    role::StaffRole,
    time::UtcTime,
};

/// The relationships of one of a firm's staff to one client, as they were read.
#[derive(Debug, Clone, Copy)]
pub struct ClientSeat<'a> {
    /// The person's place in the firm.
    pub staff: &'a Staff,
    /// The firm's connection to the client.
    pub connection: &'a Connection,
    /// The assignment of the client to the person, if there is one. Admins need none.
    pub assignment: Option<&'a Assignment>,
}

impl ClientSeat<'_> {
    /// What the person may do in the client at `now`: an admin what the connection grants, a bookkeeper of that what their
    /// assignment grants too. `None` if they may not enter it.
    #[must_use]
    pub fn grants_at(&self, now: UtcTime) -> Option<Grants> {
        let Self { staff, connection, assignment } = *self;
        let granted = GrantState::from(connection);
        if staff.firm != connection.firm || !granted.holds_at(now) || !GrantState::from(staff).holds_at(now) {
            return None;
        }
        let granted = granted.grants_at(now);
        match staff.role {
            StaffRole::Admin => Some(granted),
            StaffRole::Bookkeeper => {
                let assignment = assignment.filter(|assignment| stands(assignment, connection, staff, now))?;
                Some(granted.intersection(&GrantState::from(assignment).grants_at(now)))
            }
        }
    }
}
