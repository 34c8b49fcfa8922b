//! The place, connection or assignment that an access request would widen.

use api::Problem;
use domain::{
    CompanyId, FirmId, GrantState, Grants, NewEvent, Org, UserId, UtcTime,
    access_request::{self, AccessRequest, AccessRequestKind, TemporaryGrant, TemporaryGrantError},
    org::{Assignment, Connection, Member, Staff},
};
use store::{BatchGet, Change, Key, Tenant};

/// Names the place, connection or assignment.
pub(crate) struct PlaceRef {
    pub(crate) kind: AccessRequestKind,
    pub(crate) company: CompanyId,
    /// The firm acted for, or that invited the member.
    pub(crate) firm: Option<FirmId>,
    pub(crate) user: UserId,
}

/// The items to read: which of them depends on the kind.
type PlaceKeys = (Option<Key<Member>>, Option<Key<Connection>>, Option<Key<Staff>>, Option<Key<Assignment>>);
type PlaceItems = <PlaceKeys as BatchGet>::Found;

impl PlaceRef {
    pub(crate) fn of(request: &AccessRequest) -> Self {
        let AccessRequest { kind, company, firm, asked_by, .. } = request.clone();
        Self { kind, company, firm, user: asked_by }
    }

    /// The other side of the connection, seen from the tenant that decides.
    fn other_side(&self) -> Option<Org> {
        match self.kind {
            AccessRequestKind::Member | AccessRequestKind::Connection => self.firm.clone().map(Org::Firm),
            AccessRequestKind::Assignment => Some(Org::Company(self.company.clone())),
        }
    }

    pub(crate) fn keys(&self, tenant: &Tenant) -> PlaceKeys {
        let connection = self.other_side().and_then(|other| tenant.connection(&other));
        match self.kind {
            AccessRequestKind::Member => (Some(tenant.member(&self.user)), connection, None, None),
            AccessRequestKind::Connection => (None, connection, None, None),
            AccessRequestKind::Assignment => {
                (None, connection, Some(tenant.staff(&self.user)), tenant.assignment(&self.company, &self.user))
            }
        }
    }

    pub(crate) fn found(&self, (member, connection, staff, assignment): PlaceItems) -> Result<Place, Problem> {
        let place = match self.kind {
            AccessRequestKind::Member => {
                member.flatten().map(|member| Place::Member(Box::new((member, connection.flatten()))))
            }
            AccessRequestKind::Connection => connection.flatten().map(Place::Connection),
            AccessRequestKind::Assignment => connection
                .flatten()
                .zip(staff.flatten())
                .map(|(connection, staff)| Place::Client(Box::new((connection, staff, assignment.flatten())))),
        };
        place.ok_or_else(Problem::not_found)
    }
}

/// The place, connection or assignment as it is.
pub(crate) enum Place {
    /// A member, and the connection of the firm that invited them, where one did and it was read.
    Member(Box<(Member, Option<Connection>)>),
    Connection(Connection),
    /// A client of the firm, and the bookkeeper, who may have no assignment yet.
    Client(Box<(Connection, Staff, Option<Assignment>)>),
}

impl Place {
    /// The connection that bounds the member, where it was not read with them: a request does not name it.
    pub(crate) fn unread_connection(&self) -> Option<Org> {
        match self {
            Self::Member(place) if place.1.is_none() => place.0.inviting_firm.clone().map(Org::Firm),
            Self::Member(_) | Self::Connection(_) | Self::Client(_) => None,
        }
    }

    /// The place with that connection.
    pub(crate) fn bounded_by(self, connection: Option<Connection>) -> Self {
        match self {
            Self::Member(place) => Self::Member(Box::new((place.0, connection))),
            other @ (Self::Connection(_) | Self::Client(_)) => other,
        }
    }

    /// The firm whose connection bounds what is granted here.
    pub(crate) fn bounding_firm(&self) -> Option<&FirmId> {
        match self {
            Self::Member(place) => place.0.inviting_firm.as_ref(),
            Self::Connection(connection) => Some(&connection.firm),
            Self::Client(client) => Some(&client.0.firm),
        }
    }

    /// What it grants now.
    pub(crate) fn held(&self, now: UtcTime) -> Result<Grants, TemporaryGrantError> {
        match self {
            Self::Member(place) => {
                let (member, connection) = &**place;
                access_request::held_as_member(member, connection.as_ref(), now)
            }
            Self::Connection(connection) => Ok(GrantState::from(connection).grants_at(now)),
            Self::Client(client) => {
                let (connection, staff, assignment) = &**client;
                access_request::held_in_client(connection, staff, assignment.as_ref(), now)
            }
        }
    }

    /// Adds to a change that it grants more for a time.
    pub(crate) fn lend(
        &self,
        temporary_grant: &TemporaryGrant,
        now: UtcTime,
        change: &mut Change<'_>,
    ) -> Result<NewEvent, TemporaryGrantError> {
        match self {
            Self::Member(place) => {
                let (member, connection) = &**place;
                let (changed, event) =
                    access_request::grant_to_member(member, connection.as_ref(), temporary_grant, now)?;
                if let (Some(connection), Some(firm)) = (connection, &member.inviting_firm) {
                    let firm = Org::Firm(firm.clone());
                    change.unchanged_some(|tenant| tenant.connection(&firm), connection.version);
                }
                change.put(|tenant| tenant.member(&member.user), Some(member.version), &changed);
                Ok(event)
            }
            Self::Connection(connection) => {
                let (changed, event) = access_request::grant_to_connection(connection, temporary_grant, now)?;
                let other = Org::Firm(connection.firm.clone());
                change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
                Ok(event)
            }
            Self::Client(client) => {
                let (connection, staff, existing) = &**client;
                let (changed, event) =
                    access_request::grant_in_client(connection, staff, existing.as_ref(), temporary_grant, now)?;
                let (client, company) = (Org::Company(connection.company.clone()), &connection.company);
                // As for any assignment: neither may end, or change, between the read and the write.
                change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
                change.unchanged(|tenant| tenant.staff(&staff.user), staff.version);
                let expected = existing.as_ref().map(|existing| existing.version);
                change.put_some(|tenant| tenant.assignment(company, &staff.user), expected, &changed);
                Ok(event)
            }
        }
    }
}
