//! The links between firms and companies, seen and ended from either side.

use axum::extract::State;
use domain::{
    CompanyId, FirmId, Grants, Name, Org, Permission, UtcTime,
    org::Connection,
    team::{self, STOPS_WITH_CONNECTION},
};
use edge::{Answer, Edge, InContext, Outcome, PageQuery, Paged, Path, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    ended::{Removal, in_force},
    refusal::refusal,
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
const fn viewing(side: &Org) -> Permission {
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

    let (ended, fact) = team::end_connection(&connection, &side).map_err(refusal)?;

    let mut change = edge.store.change(&authority, caller.stamp());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &ended);
    roster::connection_ends(&edge.store, &mut change, &connection).await?;
    change.record(fact);
    change.commit().await?;
    Answer::ok(&Removal { removed: ConnectionView::from(connection), stops: STOPS_WITH_CONNECTION })
}
