//! Lists of requests: of a company, of the person who is asked, and of a firm across its clients.

use api::{Answer, Api, ApiResult, InCompany, InFirm, PageQuery, Query, paging::page_request};
use axum::extract::State;
use domain::{
    document_request::{DocumentRequest, DocumentRequestState, is_shown_to_staff},
    permission::may,
    team::ClientSeat,
};
use serde::Deserialize;
use store::Tenant;
use utoipa::IntoParams;

use crate::view::{DocumentRequestPage, MissingDocumentPage, MissingDocuments};

/// Which requests to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentRequestListQuery {
    /// Only requests in this state, by their due day. Default: all, newest first.
    #[serde(default)]
    state: Option<DocumentRequestState>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's requests for documents.
///
/// Needs `documents.request`.
#[utoipa::path(get, path = "/v1/document-requests", params(DocumentRequestListQuery),
    responses((status = 200, body = DocumentRequestPage)))]
pub(crate) async fn list_document_requests(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsRequest>,
    Query(query): Query<DocumentRequestListQuery>,
) -> ApiResult {
    let request = page_request(query.limit, query.cursor)?;
    let listing = |tenant: &Tenant| tenant.document_requests(query.state);
    let page = api.store.page(&caller.authority(), caller.now(), listing, &request).await?;
    Answer::ok(&DocumentRequestPage::from(page))
}

/// Lists the open requests in which the caller is asked, by their due day.
///
/// A page may hold fewer than `limit` and still not be the last.
///
/// Needs `documents.upload`.
#[utoipa::path(get, path = "/v1/document-requests/mine", params(PageQuery),
    responses((status = 200, body = DocumentRequestPage)))]
pub(crate) async fn list_own_document_requests(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsUpload>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let own = |request: &DocumentRequest| request.asks(&caller.caller.user);
    let listing = |tenant: &Tenant| tenant.document_requests(Some(DocumentRequestState::Open));
    let page = api.store.page_matching(&caller.authority(), caller.now(), listing, &query.request()?, own).await?;
    Answer::ok(&DocumentRequestPage::from(page))
}

/// Lists the requests of the firm that wait for documents, across its clients.
///
/// By their due day.
///
/// A bookkeeper sees the clients that are assigned to them. A client is shown while its connection, and a
/// bookkeeper's assignment, grants `documents.request`. A page may hold fewer than `limit` and still not be the last.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/document-requests/missing", params(PageQuery),
    responses((status = 200, body = MissingDocumentPage)))]
pub(crate) async fn list_missing_documents(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (request, now) = (query.request()?, caller.now());
    let user = &caller.caller.user;
    let page = api
        .store
        .query_authorized(&caller.authority(), now, async |queries| {
            let shown = |request: DocumentRequest, seat: &ClientSeat<'_>| {
                is_shown_to_staff(&request, seat, now)
                    .then(|| MissingDocuments::of(request, seat.connection.company_name.clone()))
            };
            queries.page_of_clients(Tenant::missing_documents, &request, user, |request| &request.company, shown).await
        })
        .await?;
    Answer::ok(&MissingDocumentPage::from(page))
}
