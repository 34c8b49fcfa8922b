//! Whether a request still has somebody behind it, and which of a firm's requests its staff see.
//!
//! A request stays when the people who made it lose their access. But nothing is sent or made any more in the
//! name of a firm whose connection ended, nor does a connection that is made again bring it back.

use super::request::DocumentRequest;
use crate::{
    access::{ActingAs, GrantState},
    org::{Connection, Member},
    permission::Permission,
    team::{ClientSeat, bounded},
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

/// Whether a firm's list of what is missing shows a request of the firm to one of its staff: while they may ask in the client,
/// under the connection under which it was made.
#[must_use]
pub fn is_shown_to_staff(request: &DocumentRequest, seat: &ClientSeat<'_>, now: UtcTime) -> bool {
    let connection = seat.connection;
    request.firm() == Some(&connection.firm)
        && connection.company == request.company
        && connection.since <= request.asked_at
        && seat.grants_at(now).is_some_and(|grants| grants.contains(Permission::DocumentsRequest))
}
