//! Publications, as callers see them.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    FirmId, Name, Note, PublicationId, UserId, UtcTime,
    permission::may,
    report::{Month, Publication, PublishedFigure, PublishedReport, ReportChange},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A publication of a month's accounts. It never changes, but that another one corrects it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Publication)]
pub(crate) struct PublicationView {
    id: PublicationId,
    month: Month,
    /// The reports at their versions: `GET /v1/reports/{reference}?version=` shows each in full.
    reports: Vec<PublishedReport>,
    /// The figures that matter, at most three.
    figures: Vec<PublishedFigure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<Note>,
    /// The publication that it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<PublicationId>,
    /// What it changed in the one that it corrects.
    changes: Vec<ReportChange>,
    /// The publication that corrects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_by: Option<PublicationId>,
    published_by: UserId,
    published_by_name: Name,
    /// The seat from which it was published.
    via: &'static str,
    /// The firm for which it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    published_at: UtcTime,
}

/// One publication.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicationResponse {
    publication: PublicationView,
}

/// A page of publications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicationPage {
    publications: Vec<PublicationView>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl From<Publication> for PublicationView {
    fn from(publication: Publication) -> Self {
        Self {
            id: publication.id,
            month: publication.month,
            reports: publication.reports,
            figures: publication.figures,
            comment: publication.comment,
            corrects: publication.corrects,
            changes: publication.changes,
            corrected_by: publication.corrected_by,
            published_by: publication.published_by,
            published_by_name: publication.published_by_name,
            via: publication.acting_as.via(),
            firm: publication.acting_as.firm().cloned(),
            published_at: publication.published_at,
        }
    }
}

impl From<Publication> for PublicationResponse {
    fn from(publication: Publication) -> Self {
        Self { publication: publication.into() }
    }
}

/// Lists the publications of monthly accounts, the newest first.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/publications", params(PageQuery), responses((status = 200, body = PublicationPage)))]
pub(crate) async fn list_publications(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (authority, request) = (caller.authority(), query.request()?);
    let page = api.store.page(&authority, caller.now(), |tenant| tenant.publications(), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&PublicationPage { publications: page.items.into_iter().map(Into::into).collect(), paged })
}

/// Shows a publication.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/publications/{publication}", params(("publication" = PublicationId, Path)),
    responses((status = 200, body = PublicationResponse)))]
pub(crate) async fn get_publication(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Path(id): Path<PublicationId>,
) -> ApiResult {
    let authority = caller.authority();
    let found = api.store.load(&authority, caller.now(), |tenant| tenant.publication(&id)).await?;
    Answer::ok(&PublicationResponse::from(found.ok_or_else(Problem::not_found)?))
}
