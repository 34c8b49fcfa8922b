//! Whether a request still has somebody behind it, and which of a firm's requests its staff see.
//!
//! A request stays when the people who made it lose their access. But nothing is sent or made any more in the
//! name of a firm whose connection ended, nor does a connection that is made again bring it back.

use super::request::DocumentRequest;
use crate::{
    access::{ActingAs, GrantState},
    org::{Assignment, Connection, Member, Staff},
    permission::Permission,
    role::StaffRole,
    team::{bounded, stands},
    time::UtcTime,
};

/// The relationships that a request was made under, as they are now.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The connection of the firm that asks, or that invited the member who asks.
    pub connection: Option<Connection>,
    /// The place of the member who asks.
    pub member: Option<Member>,
}

impl Standing {
    /// Whether reminders may be sent: in the company's own name always, in a firm's while the connection under
    /// which it asked is there and lets it ask.
    #[must_use]
    pub fn may_remind(&self, request: &DocumentRequest, now: UtcTime) -> bool {
        request.acting_as.bounded_by().is_none() || self.connection_lets_ask(request, now)
    }

    /// Whether the next request of a recurrence may be made: for a firm as for reminders, for a member while they
    /// may ask.
    #[must_use]
    pub fn may_repeat(&self, request: &DocumentRequest, now: UtcTime) -> bool {
        match request.acting_as {
            ActingAs::FirmAdmin { .. } | ActingAs::Bookkeeper { .. } => self.connection_lets_ask(request, now),
            ActingAs::Member { .. } | ActingAs::BoundedMember { .. } => self.member_may_ask(request, now),
            ActingAs::Staff { .. } | ActingAs::Contact { .. } => false,
        }
    }

    fn connection_lets_ask(&self, request: &DocumentRequest, now: UtcTime) -> bool {
        self.connection.as_ref().is_some_and(|connection| {
            request.acting_as.bounded_by() == Some(&connection.firm) && lets_ask(connection.into(), request, now)
        })
    }

    fn member_may_ask(&self, request: &DocumentRequest, now: UtcTime) -> bool {
        let connections: Vec<Connection> = self.connection.iter().cloned().collect();
        self.member.clone().is_some_and(|member| {
            let same = member.inviting_firm.as_ref() == request.acting_as.bounded_by();
            same && lets_ask((&bounded(member, &connections, now)).into(), request, now)
        })
    }
}

fn lets_ask(relationship: GrantState, request: &DocumentRequest, now: UtcTime) -> bool {
    relationship.holds_at(now)
        && relationship.since <= request.asked_at
        && relationship.grants_at(now).contains(Permission::DocumentsRequest)
}

/// Whether a firm's list of what is missing shows a request of the firm to one of its staff: to admins while the
/// connection lets the firm ask, to bookkeepers if the client is assigned to them and the assignment does too.
#[must_use]
pub fn is_shown_to_staff(
    request: &DocumentRequest,
    connection: Option<&Connection>,
    staff: &Staff,
    assignment: Option<&Assignment>,
    now: UtcTime,
) -> bool {
    let Some(connection) = connection else { return false };
    let is_of_firm = request.firm() == Some(&staff.firm) && connection.firm == staff.firm;
    let of_company = connection.company == request.company;
    let assigned = || {
        assignment.is_some_and(|assignment| {
            let may_ask = GrantState::from(assignment).grants_at(now).contains(Permission::DocumentsRequest);
            may_ask && stands(assignment, connection, staff, now)
        })
    };
    is_of_firm
        && of_company
        && GrantState::from(staff).holds_at(now)
        && lets_ask(connection.into(), request, now)
        && (staff.role == StaffRole::Admin || assigned())
}
