//! Lists, changes and ends connections between firms and companies, from either side.

use api::{Answer, Api, ApiResult, Body, InCompany, InOrg, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    CompanyId, FirmId, GrantState, Grants, Name, Org, Patch, TemporaryGrants, UtcTime,
    org::{Connection, Member, Status},
    permission::may,
    team::{self, CONNECTION_REMOVAL_EFFECTS, RemovalEffect, effects_of_change, to_change_connection},
};
use serde::{Deserialize, Serialize};
use store::{PageRequest, Queries, StoreError};
use utoipa::ToSchema;

use crate::{
    refusal::refusal,
    removal::{BoundedMember, Removal, RemovalPreview, count_in_force, in_force},
    standing::standing,
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

/// A connection between a firm and a company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionView {
    company: ConnectedCompany,
    firm: ConnectedFirm,
    /// The most the firm may do there.
    permissions: Grants,
    /// Temporary permissions on top of those, each with the time at which it ends.
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

/// Lists the active connections: a company's firms by id, a firm's clients by name.
///
/// Ended ones are left out, so a page may be shorter than `limit` and have a `next_cursor`.
///
/// Needs `connections.view` in a company, `clients.view` in a firm.
#[utoipa::path(get, path = "/v1/connections", params(PageQuery),
    responses((status = 200, body = ConnectionPage)))]
pub(crate) async fn list_connections(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsView, may::ClientsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.connections(), &query.request()?).await?;
    let (mut connections, paged) = in_force::<_, ConnectionView>(page, caller.now());
    if caller.org.company().is_some() {
        let firms: Vec<&FirmId> = connections.iter().map(|connection| &connection.firm.id).collect();
        let names = api.store.firm_names(&firms).await?;
        for (connection, name) in connections.iter_mut().zip(names) {
            connection.firm.name = name.unwrap_or_else(|| connection.firm.name.clone());
        }
    }
    Answer::ok(&ConnectionPage { connections, paged })
}

/// A change to a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateConnection {
    /// The most the firm may do; unchanged by default.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the connection ends by itself, at most 366 days ahead; `null` for never. Unchanged by default.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Patch<UtcTime>,
}

/// The changed connection, and what stopped working with the change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdateConnectionResponse {
    connection: ConnectionView,
    /// The permissions that the firm lost.
    withdrawn: Grants,
    /// What stops working, from the next request on.
    #[schema(value_type = Vec<RemovalEffect>)]
    stops: &'static [RemovalEffect],
}

/// Sets the most that a firm may do in the company, and until when.
///
/// It applies to all the firm's staff from their next request on. A change of permissions ends the
/// temporary permissions that came on top of them. For a firm, no other firm gains anything.
///
/// Needs `connections.manage`, and everything that the firm gains, for as long as it will hold it.
#[utoipa::path(patch, path = "/v1/connections/{org}", params(("org" = String, Path)),
    request_body = UpdateConnection, responses((status = 200, body = UpdateConnectionResponse)))]
pub(crate) async fn change_connection(
    State(api): State<Api>,
    caller: InCompany<may::ConnectionsManage>,
    Path(org): Path<String>,
    body: Body<UpdateConnection>,
) -> ApiResult {
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let access = caller.access();
    let connection = api
        .store
        .load(&access.clone().into(), caller.now(), |tenant| tenant.connection(&other))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let UpdateConnection { permissions, expires_at } = body.value;
    let (changed, event) =
        team::change_connection(&connection, permissions, expires_at, caller.now()).map_err(refusal)?;

    let withdrawn = team::withdrawn(&connection, &changed, caller.now());
    let giving = to_change_connection(access, &connection, &changed).map_err(Problem::from)?;
    let mut change = api.store.change(&giving.into(), caller.change_context());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
    change.record(event);
    change.commit().await?;
    let stops = effects_of_change(&withdrawn);
    Answer::ok(&UpdateConnectionResponse { connection: changed.into(), withdrawn, stops })
}

/// Previews what stops working when the connection ends.
///
/// Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(get, path = "/v1/connections/{org}/removal", params(("org" = String, Path)),
    responses((status = 200, body = RemovalPreview<ConnectionView>)))]
pub(crate) async fn preview_connection_end(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::ClientsManage>,
    Path(org): Path<String>,
) -> ApiResult {
    let authority = caller.authority();
    let other: Result<Org, _> = org.parse();
    let found = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
            let tenant = queries.tenant();
            let listing = other.as_ref().ok().and_then(|other| tenant.assigned_through(other));
            let (Ok(other), Some(listing)) = (&other, listing) else { return Ok(None) };
            let largest = PageRequest::largest();
            let assigned = async { standing(&queries, queries.page(|_| listing, &largest).await?, caller.now()).await };
            let (connection, assigned, invited) = tokio::try_join!(
                queries.get(|tenant| tenant.connection(other)),
                assigned,
                invited_members(&queries, &caller.org, other),
            )?;
            Ok(connection.flatten().map(|connection| (connection, assigned, invited)))
        })
        .await?;
    let (connection, assigned, invited) = found.ok_or_else(Problem::not_found)?;
    team::end_connection(&connection, &caller.org, caller.now()).map_err(refusal)?;
    let assignments = Some(count_in_force(&assigned, caller.now()));
    let bounded = resting_on(&connection, invited, caller.now());
    Answer::ok(&RemovalPreview {
        would_remove: ConnectionView::from(connection),
        stops: CONNECTION_REMOVAL_EFFECTS,
        assignments,
        members: Some(bounded.iter().map(BoundedMember::from).collect()),
    })
}

/// The members whom the firm of a connection invited: at most a hundred.
async fn invited_members(queries: &Queries<'_>, here: &Org, other: &Org) -> Result<Vec<Member>, StoreError> {
    let Some(listing) = queries.tenant().members_through(other) else { return Ok(Vec::new()) };
    let firm = here.firm().or_else(|| other.firm());
    let invited = |member: &Member| member.status == Status::Active && member.inviting_firm.as_ref() == firm;
    Ok(queries.page_matching(|_| listing, &PageRequest::largest(), invited).await?.items)
}

/// Those of them who are members now, by this connection.
fn resting_on(connection: &Connection, invited: Vec<Member>, now: UtcTime) -> Vec<Member> {
    let connections = std::slice::from_ref(connection);
    let members = invited.into_iter().map(|member| team::bounded(member, connections, now));
    members.filter(|member| GrantState::from(member).holds_at(now)).collect()
}

/// Ends the connection with the other side, named by its id, and returns what stops working.
///
/// Needs `connections.manage` in a company, `clients.manage` in a firm.
#[utoipa::path(delete, path = "/v1/connections/{org}", params(("org" = String, Path)),
    responses((status = 200, body = Removal<ConnectionView>)))]
pub(crate) async fn end_connection(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::ClientsManage>,
    Path(org): Path<String>,
) -> ApiResult {
    let other: Org = org.parse().map_err(|_| Problem::not_found())?;
    let authority = caller.authority();
    let (connection, invited) = api
        .store
        .load_and_query(
            &authority,
            caller.now(),
            |tenant| tenant.connection(&other),
            async |queries| invited_members(&queries, &caller.org, &other).await,
        )
        .await?;
    let connection = connection.flatten().ok_or_else(Problem::not_found)?;

    let (ended, event) = team::end_connection(&connection, &caller.org, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &ended);
    client_list::connection_ends(&api.store, &mut change, &connection).await?;
    change.record(event);
    change.commit().await?;
    let members = Some(resting_on(&connection, invited, caller.now()).len());
    let removed = ConnectionView::from(connection);
    Answer::ok(&Removal { removed, stops: CONNECTION_REMOVAL_EFFECTS, members })
}
