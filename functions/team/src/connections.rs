//! The links between firms and companies, seen and ended from either side.

use api::{Answer, Api, ApiResult, Body, InCompany, InOrg, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    CompanyId, ExpiryUpdate, FirmId, GrantState, Grants, Name, Org, Permission, TemporaryGrants, UtcTime,
    org::Connection,
    permission::may,
    team::{self, CONNECTION_REMOVAL_EFFECTS, NARROWING_EFFECTS, RemovalEffect, to_give},
};
use serde::{Deserialize, Serialize};
use store::PageRequest;
use utoipa::ToSchema;

use crate::{
    ended::{Removal, RemovalPreview, count_in_force, in_force},
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
#[schema(as = Connection)]
pub(crate) struct ConnectionView {
    company: ConnectedCompany,
    firm: ConnectedFirm,
    /// The most the firm may do there.
    permissions: Grants,
    /// What the firm may do on top for a time, each with when it stops.
    #[serde(skip_serializing_if = "TemporaryGrants::is_empty")]
    lent: TemporaryGrants,
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
pub(crate) struct ConnectionPage {
    connections: Vec<ConnectionView>,
    #[serde(flatten)]
    paged: PageInfo,
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
    responses((status = 200, body = ConnectionPage)))]
pub(crate) async fn list_connections(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsView, may::ClientsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let authority = caller.needs(viewing(&caller.context.acting_as().org()));
    let page = api.store.page(&authority, caller.now(), |tenant| tenant.connections(), &query.request()?).await?;
    let (connections, paged) = in_force(page, caller.now());
    Answer::ok(&ConnectionPage { connections, paged })
}

/// What is to change about a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateConnection {
    /// The most the firm may do; as before when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the connection ends by itself, at most 366 days ahead; `null` for never. As before when
    /// not said.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: ExpiryUpdate,
}

/// A connection as it is now, and what stopped working with the change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdateConnectionResponse {
    connection: ConnectionView,
    /// What the firm could do and no longer can.
    withdrawn: Grants,
    /// What stops working, from the next request on.
    #[schema(value_type = Vec<RemovalEffect>)]
    stops: &'static [RemovalEffect],
}

/// Sets the most that a firm may do in the company, and until when, for everyone of the firm from
/// their next request on. Needs `connections.manage`, and everything that the firm gains, for as long
/// as it will hold it. What was lent to the firm goes with the permissions it came on top of.
#[utoipa::path(patch, path = "/v1/connections/{org}", tag = "team", params(("org" = String, Path)),
    request_body = UpdateConnection, responses((status = 200, body = UpdateConnectionResponse)))]
pub(crate) async fn change_connection(
    State(api): State<Api>,
    caller: InCompany<may::ConnectionsManage>,
    Path(org): Path<String>,
    body: Body<UpdateConnection>,
) -> ApiResult {
    caller.company(Permission::ConnectionsManage)?;
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let access = caller.context.access(Permission::ConnectionsManage);
    let connection = api
        .store
        .load(&access.clone().into(), caller.now(), None, |tenant| tenant.connection(&other))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let UpdateConnection { permissions, expires_at } = body.value;
    let (changed, event) =
        team::change_connection(&connection, permissions, expires_at, caller.now()).map_err(refusal)?;

    let (before, after) = (GrantState::from(&connection), GrantState::from(&changed));
    let withdrawn = before.grants_at(caller.now()).beyond(&after.grants_at(caller.now()));
    let mut change = api.store.change(&to_give(access, &before, &after).into(), caller.change_context());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
    change.record(event);
    change.commit().await.map_err(|error| exceeded(error, Permission::ConnectionsManage))?;
    let stops = if withdrawn.is_empty() { &[] } else { NARROWING_EFFECTS };
    Answer::ok(&UpdateConnectionResponse { connection: changed.into(), withdrawn, stops })
}

/// Says what would stop working with the connection to the other side, for whoever is about to end
/// it. Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(get, path = "/v1/connections/{org}/removal", tag = "team", params(("org" = String, Path)),
    responses((status = 200, body = RemovalPreview<ConnectionView>)))]
pub(crate) async fn preview_end(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::ClientsManage>,
    Path(org): Path<String>,
) -> ApiResult {
    let side = caller.context.acting_as().org();
    let authority = caller.needs(managing(&side));
    let other: Result<Org, _> = org.parse();
    let found = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
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
    Answer::ok(&RemovalPreview {
        would_remove: ConnectionView::from(connection),
        stops: CONNECTION_REMOVAL_EFFECTS,
        assignments,
    })
}

/// Ends the connection with the other side, named by its id, and says what stops working with it.
/// Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(delete, path = "/v1/connections/{org}", tag = "team", params(("org" = String, Path)),
    responses((status = 200, body = Removal<ConnectionView>)))]
pub(crate) async fn end_connection(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::ClientsManage>,
    Path(org): Path<String>,
) -> ApiResult {
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let side = caller.context.acting_as().org();
    let authority = caller.needs(managing(&side));
    let connection = api
        .store
        .load(&authority, caller.now(), None, |tenant| tenant.connection(&other))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let (ended, event) = team::end_connection(&connection, &side, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &ended);
    client_list::connection_ends(&api.store, &mut change, &connection).await?;
    change.record(event);
    change.commit().await?;
    Answer::ok(&Removal { removed: ConnectionView::from(connection), stops: CONNECTION_REMOVAL_EFFECTS })
}
