//! Lists archives of documents and shows one.

use api::{Answer, ApiResult, InCompany, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{DocumentExportId, permission::may};
use serde::Serialize;
use store::Tenant;
use utoipa::ToSchema;

use crate::{
    App,
    view::{DocumentExportResponse, DocumentExportView},
};

/// A page of archives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentExportPage {
    document_exports: Vec<DocumentExportView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the archives of the company's documents, the newest first.
///
/// An archive is listed for a month after it was deleted.
///
/// Needs `documents.view`.
#[utoipa::path(get, path = "/v1/document-exports", params(PageQuery),
    responses((status = 200, body = DocumentExportPage)))]
pub(crate) async fn list_document_exports(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page = app.api.store.page(&caller.authority(), caller.now(), Tenant::document_exports, &request).await?;
    let paged = PageInfo::from(&page);
    let document_exports = page.items.into_iter().map(DocumentExportView::from).collect();
    Answer::ok(&DocumentExportPage { document_exports, paged })
}

/// Shows an archive of documents and its progress.
///
/// Needs `documents.view`.
#[utoipa::path(get, path = "/v1/document-exports/{id}", params(("id" = DocumentExportId, Path)),
    responses((status = 200, body = DocumentExportResponse)))]
pub(crate) async fn get_document_export(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentExportId>,
) -> ApiResult {
    let key = |tenant: &Tenant| tenant.document_export(&id);
    let found = app.api.store.load(&caller.authority(), caller.now(), key).await?;
    Answer::ok(&DocumentExportResponse::from(found.ok_or_else(Problem::not_found)?))
}
