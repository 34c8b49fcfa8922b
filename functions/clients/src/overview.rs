//! What waits across a firm's clients.

use api::{Answer, Api, ApiResult, InFirm, PageInfo, PageQuery, Query};
use axum::extract::State;
use domain::{
    CompanyId, Name,
    backlog::{Backlog, SeenBacklog},
    permission::may,
    team::ClientSeat,
};
use serde::Serialize;
use store::{Page, Tenant};
use utoipa::ToSchema;

/// What waits in a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientOverview {
    company: CompanyId,
    company_name: Name,
    #[serde(flatten)]
    seen: SeenBacklog,
}

/// A page of clients and what waits in them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientOverviewPage {
    clients: Vec<ClientOverview>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl From<Page<ClientOverview>> for ClientOverviewPage {
    fn from(page: Page<ClientOverview>) -> Self {
        let paged = PageInfo::from(&page);
        Self { clients: page.items, paged }
    }
}

/// Lists what waits in the firm's connected clients, the most urgent first.
///
/// The client in which something has waited the longest comes first, by all that its connection grants the firm. A client in
/// which nothing waits comes last. What changed a moment ago may be missing.
///
/// A bookkeeper sees the clients that are assigned to them. Each part is shown with its own permission in the client alone. A
/// page may hold fewer than `limit` and still not be the last.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/clients/overview", params(PageQuery),
    responses((status = 200, body = ClientOverviewPage)))]
pub(crate) async fn list_client_overview(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (request, now) = (query.request()?, caller.now());
    let user = &caller.caller.user;
    let page = api
        .store
        .query_authorized(&caller.authority(), now, async |queries| {
            let shown = |backlog: Backlog, seat: &ClientSeat<'_>| {
                let seen = backlog.seen_with(&seat.grants_at(now)?, now);
                Some(ClientOverview {
                    company: backlog.company,
                    company_name: seat.connection.company_name.clone(),
                    seen,
                })
            };
            queries.page_of_clients(Tenant::backlogs, &request, user, |backlog| &backlog.company, shown).await
        })
        .await?;
    Answer::ok(&ClientOverviewPage::from(page))
}
