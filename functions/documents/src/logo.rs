//! A link to download the logo of a company, for its customers' contacts. Of the company's documents it reaches the one that
//! the portal settings name. This route is here since only this function may sign links.

use api::{ApiError, ApiResult, InCustomer, Problem};
use axum::extract::State;
use domain::{customer::PortalSettings, document::Document};
use store::{Attempt, retry_on_conflict};

use crate::{
    App,
    download::{DocumentLinkResponse, Downloader, link, record},
};

/// Makes a link to download the company's logo.
///
/// It is the newest clean version of the document that the company's portal settings name, and the link works for one
/// minute. Each link is recorded with its person. `404 not-found` where the company has no logo, or no longer a clean
/// picture there.
#[utoipa::path(post, path = "/v1/customer-portal/logo/download",
    responses((status = 201, body = DocumentLinkResponse)))]
pub(crate) async fn download_portal_logo(State(app): State<App>, caller: InCustomer<()>) -> ApiResult {
    let logo = retry_on_conflict(|| recorded(&app, &caller)).await?;
    link(&app, &logo, None).await
}

/// The logo, once the link to it is recorded.
async fn recorded(app: &App, caller: &InCustomer<()>) -> Result<Document, Attempt<ApiError>> {
    let (store, authority) = (&app.api.store, caller.authority());
    let settings = store.load(&authority, caller.now(), |tenant| tenant.portal_settings()).await?;
    // The access that was just proven rests on them.
    let settings: PortalSettings = settings.ok_or_else(|| Problem::internal("a contact without portal settings"))?;
    let id = settings.logo.as_ref().ok_or_else(Problem::not_found)?;
    let found = store.load(&authority, caller.now(), |tenant| tenant.document(id)).await?;
    let logo: Document = found.filter(Document::is_picture).ok_or_else(Problem::not_found)?;
    let mut change = store.change(&authority, caller.change_context());
    // It is still the logo when the link is recorded.
    change.unchanged(|tenant| tenant.portal_settings(), settings.version);
    record(change, Downloader::of(caller), &logo, None).await?;
    Ok(logo)
}
