//! What the routes of all kinds of documents have in common: reading one with its lines, lists, and who saw one.

use api::{Answer, Api, ApiResult, PageInfo, PageQuery, Problem};
use domain::{
    Name, Reference, UtcTime,
    org::Company,
    sales::{DocumentView, Revision, SalesDocument, Viewer},
    time::{Day, Zone},
};
use serde::Serialize;
use store::{Authority, Entity, Idempotency, Key, Listing, Page, PageRequest, Tenant};
use utoipa::ToSchema;

/// A document with its lines, and today where the company is.
pub(crate) async fn read<T: Entity + SalesDocument>(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    key: fn(&Tenant, &Reference) -> Key<T>,
    reference: &Reference,
) -> ApiResult<(T, Day)> {
    let wanted = api.store.load(authority, now, |tenant| (key(tenant, reference), tenant.company())).await?;
    let (document, company) = wanted;
    let (document, zone) = with_zone(document, company)?;
    let document = api.store.with_lines(authority, now, document).await?;
    Ok((document, now.day_in(&zone)))
}

/// As [`read`], for a request that may carry an idempotency key.
pub(crate) async fn read_once<T: Entity + SalesDocument>(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    idempotency: Option<&Idempotency>,
    key: fn(&Tenant, &Reference) -> Key<T>,
    reference: &Reference,
) -> ApiResult<(T, Day)> {
    let wanted = |tenant: &Tenant| (key(tenant, reference), tenant.company());
    let (document, company) = api.store.load_once(authority, now, idempotency, wanted).await??;
    let (document, zone) = with_zone(document, company)?;
    let document = api.store.with_lines(authority, now, document).await?;
    Ok((document, now.day_in(&zone)))
}

/// A document that is there, and its company's time zone.
pub(crate) fn with_zone<T>(document: Option<T>, company: Option<Company>) -> Result<(T, Zone), Problem> {
    let document = document.ok_or_else(Problem::not_found)?;
    Ok((document, company.ok_or_else(Problem::not_found)?.time_zone))
}

/// Refuses two filters at once: each list has its own order.
pub(crate) fn one_filter(has_state: bool, has_customer: bool) -> Result<(), Problem> {
    if has_state && has_customer { Err(Problem::field("customer", "stands without `state`")) } else { Ok(()) }
}

/// A page of documents, and today where the company is.
pub(crate) async fn page<T: Entity>(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    listing: impl FnOnce(&Tenant) -> Listing<T>,
    request: &PageRequest,
) -> ApiResult<(Page<T>, Day)> {
    let (company, page) = api
        .store
        .load_and_query(authority, now, |tenant| tenant.company(), async |queries| queries.page(listing, request).await)
        .await?;
    let company = company.ok_or_else(Problem::not_found)?;
    Ok((page, now.day_in(&company.time_zone)))
}

/// That a contact, or somebody with a hosted link, saw one revision of a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SalesDocumentView)]
pub(crate) struct DocumentViewView {
    /// Which content was seen.
    revision: Revision,
    viewer: Viewer,
    /// Their name when they first saw it.
    viewer_name: Name,
    first_at: UtcTime,
    last_at: UtcTime,
    /// How often.
    count: u32,
}

impl From<DocumentView> for DocumentViewView {
    fn from(view: DocumentView) -> Self {
        let DocumentView { revision, viewer, viewer_name, first_at, last_at, count, .. } = view;
        Self { revision, viewer, viewer_name, first_at, last_at, count }
    }
}

/// A page of views.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentViewPage {
    views: Vec<DocumentViewView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Who saw a document, the last revision first.
pub(crate) async fn views<T: Entity + SalesDocument>(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    key: fn(&Tenant, &Reference) -> Key<T>,
    reference: &Reference,
    query: &PageQuery,
) -> ApiResult {
    let request = query.request()?;
    let (document, page) = api
        .store
        .load_and_query(
            authority,
            now,
            |tenant| key(tenant, reference),
            async |queries| queries.page(|tenant| tenant.document_views(T::TOPIC, reference), &request).await,
        )
        .await?;
    document.ok_or_else(Problem::not_found)?;
    let paged = PageInfo::from(&page);
    Answer::ok(&DocumentViewPage { views: page.items.into_iter().map(Into::into).collect(), paged })
}
