//! The links between firms and companies, seen and ended from either side.

use axum::extract::State;
use domain::{
    CompanyId, Expiry, FirmId, Grants, Lent, Name, Org, Permission, Standing, UtcTime,
    org::Connection,
    team::{self, STOPS_WITH_CONNECTION, STOPS_WITH_NARROWING, Stops, to_give},
};
use edge::{Answer, Body, Edge, InContext, Outcome, PageQuery, Paged, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use store::PageRequest;
use utoipa::ToSchema;

use crate::{
    ended::{Preview, Removal, count_in_force, in_force},
    refusal::{exceeded, refusal},
};

/// The client's side of a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectedCompany {
    id: CompanyId,
    name: Name,
}

/// The accountant's side of a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectedFirm {
    id: FirmId,
    name: Name,
}

/// A firm ↔ company link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionView {
    company: ConnectedCompany,
    firm: ConnectedFirm,
    /// The most the firm may do there.
    permissions: Grants,
    /// What the firm may do on top for a time, each with when it stops.
    #[serde(skip_serializing_if = "Lent::is_empty")]
    lent: Lent,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Connection> for ConnectionView {
    fn from(connection: Connection) -> Self {
        Self {
            company: ConnectedCompany { id: connection.company, name: connection.company_name },
            firm: ConnectedFirm { id: connection.firm, name: connection.firm_name },
            permissions: connection.grants,
            lent: connection.lent,
            since: connection.since,
            expires_at: connection.expires_at,
        }
    }
}

/// A page of connections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connections {
    connections: Vec<ConnectionView>,
    #[serde(flatten)]
    paged: Paged,
}

/// What a side calls its links: a company its firms, a firm its clients.
pub(crate) const fn viewing(side: &Org) -> Permission {
    match side {
        Org::Company(_) => Permission::ConnectionsView,
        Org::Firm(_) => Permission::ClientsView,
    }
}

const fn managing(side: &Org) -> Permission {
    match side {
        Org::Company(_) => Permission::ConnectionsManage,
        Org::Firm(_) => Permission::ClientsManage,
    }
}

/// Lists the active connections: a company's firms by id, a firm's clients by name. Needs
/// `connections.view` in a company, `clients.view` in a firm. Ended ones are left out, so a page
/// may be shorter than `limit` and have a `next_cursor`.
#[utoipa::path(get, path = "/v1/connections", tag = "team", params(PageQuery),
    responses((status = 200, body = Connections)))]
pub(crate) async fn list_connections(
    State(edge): State<Edge>,
    caller: InContext,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let authority = caller.needs(viewing(&caller.context.seat().org()));
    let page = edge.store.page(&authority, caller.now(), |tenant| tenant.connections(), &query.request()?).await?;
    let (connections, paged) = in_force(page, caller.now());
    Answer::ok(&Connections { connections, paged })
}

/// What is to change about a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionChange {
    /// The most the firm may do; as before when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the connection ends by itself, at most 366 days ahead; `null` for never. As before when
    /// not said.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Expiry,
}

/// A connection as it is now, and what stopped working with the change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedConnection {
    connection: ConnectionView,
    /// What the firm could do and no longer can.
    withdrawn: Grants,
    /// What stops working, from the next request on.
    #[schema(value_type = Vec<Stops>)]
    stops: &'static [Stops],
}

/// Sets the most that a firm may do in the company, and until when, for everyone of the firm from
/// their next request on. Needs `connections.manage`, and everything that the firm gains, for as long
/// as it will hold it. What was lent to the firm goes with the permissions it came on top of.
#[utoipa::path(patch, path = "/v1/connections/{org}", tag = "team", params(("org" = String, Path)),
    request_body = ConnectionChange, responses((status = 200, body = ChangedConnection)))]
pub(crate) async fn change_connection(
    State(edge): State<Edge>,
    caller: InContext,
    Path(org): Path<String>,
    body: Body<ConnectionChange>,
) -> Outcome {
    caller.company(Permission::ConnectionsManage)?;
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let access = caller.context.access(Permission::ConnectionsManage);
    let connection = edge
        .store
        .load(&access.clone().into(), caller.now(), None, |tenant| tenant.connection(&other))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let ConnectionChange { permissions, expires_at } = body.value;
    let (changed, fact) =
        team::change_connection(&connection, permissions, expires_at, caller.now()).map_err(refusal)?;

    let (before, after) = (Standing::from(&connection), Standing::from(&changed));
    let withdrawn = before.grants_at(caller.now()).beyond(&after.grants_at(caller.now()));
    let mut change = edge.store.change(&to_give(access, &before, &after).into(), caller.stamp());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
    change.record(fact);
    change.commit().await.map_err(|error| exceeded(error, Permission::ConnectionsManage))?;
    let stops = if withdrawn.is_empty() { &[] } else { STOPS_WITH_NARROWING };
    Answer::ok(&ChangedConnection { connection: changed.into(), withdrawn, stops })
}

/// Says what would stop working with the connection to the other side, for whoever is about to end
/// it. Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(get, path = "/v1/connections/{org}/removal", tag = "team", params(("org" = String, Path)),
    responses((status = 200, body = Preview<ConnectionView>)))]
pub(crate) async fn preview_end(State(edge): State<Edge>, caller: InContext, Path(org): Path<String>) -> Outcome {
    let side = caller.context.seat().org();
    let authority = caller.needs(managing(&side));
    let other: Result<Org, _> = org.parse();
    let found = edge
        .store
        .beside(&authority, caller.now(), async |queries| {
            let tenant = queries.tenant();
            let listing = other.as_ref().ok().and_then(|other| tenant.assigned_through(other));
            let (Ok(other), Some(listing)) = (&other, listing) else { return Ok(None) };
            let largest = PageRequest::largest();
            let (connection, assigned) =
                tokio::try_join!(queries.get(|tenant| tenant.connection(other)), queries.page(|_| listing, &largest),)?;
            Ok(connection.flatten().zip(Some(assigned)))
        })
        .await?;
    let (connection, assigned) = found.ok_or_else(Problem::not_found)?;
    team::end_connection(&connection, &side, caller.now()).map_err(refusal)?;
    let assignments = Some(count_in_force(&assigned, caller.now()));
    Answer::ok(&Preview { would_remove: ConnectionView::from(connection), stops: STOPS_WITH_CONNECTION, assignments })
}

/// Ends the connection with the other side, named by its id, and says what stops working with it.
/// Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(delete, path = "/v1/connections/{org}", tag = "team", params(("org" = String, Path)),
    responses((status = 200, body = Removal<ConnectionView>)))]
pub(crate) async fn end_connection(State(edge): State<Edge>, caller: InContext, Path(org): Path<String>) -> Outcome {
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let side = caller.context.seat().org();
    let authority = caller.needs(managing(&side));
    let connection = edge
        .store
        .load(&authority, caller.now(), None, |tenant| tenant.connection(&other))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let (ended, fact) = team::end_connection(&connection, &side, caller.now()).map_err(refusal)?;

    let mut change = edge.store.change(&authority, caller.stamp());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &ended);
    roster::connection_ends(&edge.store, &mut change, &connection).await?;
    change.record(fact);
    change.commit().await?;
    Answer::ok(&Removal { removed: ConnectionView::from(connection), stops: STOPS_WITH_CONNECTION })
}
