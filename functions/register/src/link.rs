//! A firm's registration links: creates, lists, shows, draws and revokes them.

use api::{Answer, ApiError, ApiResult, Body, InFirm, PageInfo, PageQuery, Path, Problem, Query, clock::new_uuid};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    FirmId, RegistrationLinkId,
    permission::may,
    signup_source::{RegistrationLink, SignupSourceRef},
};
use qr::QrError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signup_codes::{RevokeSignupSource, unanswered};
use store::{Attempt, Replay, retry_on_conflict};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App, gone,
    terms::{CreateSignupSource, RegisteredCompany, RegistrationLinkView, creator},
};

/// The default side of a QR code, in pixels.
const DEFAULT_SIZE_PX: u16 = 512;

/// One registration link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationLinkResponse {
    registration_link: RegistrationLinkView,
}

/// One registration link, with the link to share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreateRegistrationLinkResponse {
    #[schema(value_type = RegistrationLinkView)]
    registration_link: Value,
    /// The link to share.
    url: String,
}

/// Creates a registration link.
///
/// A company that registers through the link is connected to the firm.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/registration-links", request_body = CreateSignupSource,
    responses((status = 201, body = CreateRegistrationLinkResponse)))]
pub(crate) async fn make_link(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    body: Body<CreateSignupSource>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (label, terms, limits) = body.value.parse(caller.now())?;
    let id = RegistrationLinkId::from_uuid(new_uuid());
    let (link, event) = RegistrationLink::make(id, &firm, label, terms, limits, creator(&caller), caller.now());

    let mut change = app.api.store.change(&caller.authority(), caller.change_context());
    change.put(|tenant| tenant.registration_link(&link.id), None, &link);
    change.record(event);
    // The answer is stored without the link; a replay derives the link again.
    let kept =
        Answer::created(&RegistrationLinkResponse { registration_link: RegistrationLinkView::at(link, caller.now()) })?;
    match kept.commit(change, idempotency.as_ref()).await? {
        Ok(kept) => app.with_url(&kept).await,
        Err(Replay::Answered(first)) => Ok(app.with_url(&first.into()).await?.replayed()),
        Err(reused @ Replay::KeyReused) => Err(reused.into()),
    }
}

impl App {
    /// Adds the link, which is never stored, to the stored answer.
    async fn with_url(&self, kept: &Answer) -> ApiResult {
        let mut kept: Value = serde_json::from_str(&kept.body()).map_err(Problem::internal)?;
        let registration_link = kept.get_mut("registration_link").map(Value::take).unwrap_or_default();
        let id = registration_link.get("id").and_then(Value::as_str).unwrap_or_default();
        let id: RegistrationLinkId = id.parse().map_err(Problem::internal)?;
        // The link is new, so it has the first generation.
        let url = self.signer.sign(&id, 1).await.map_err(unanswered)?.url(&self.public_url);
        Answer::created(&CreateRegistrationLinkResponse { registration_link, url })
    }
}

/// A page of registration links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationLinkPage {
    registration_links: Vec<RegistrationLinkView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the firm's registration links, newest first.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/registration-links", params(PageQuery),
    responses((status = 200, body = RegistrationLinkPage)))]
pub(crate) async fn list_links(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page =
        app.api.store.page(&caller.authority(), caller.now(), |tenant| tenant.registration_links(), &request).await?;
    let paged = PageInfo::from(&page);
    let shown = |link| RegistrationLinkView::at(link, caller.now());
    Answer::ok(&RegistrationLinkPage { registration_links: page.items.into_iter().map(shown).collect(), paged })
}

/// A registration link, the URL to share, and the companies that registered through it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationLinkDetails {
    registration_link: RegistrationLinkView,
    /// The link to share.
    url: String,
    /// The companies that registered through it, newest first.
    registrations: Vec<RegisteredCompany>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Shows a registration link and the companies that registered through it.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/registration-links/{id}",
    params(("id" = RegistrationLinkId, Path), PageQuery), responses((status = 200, body = RegistrationLinkDetails)))]
pub(crate) async fn get_link(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<RegistrationLinkId>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let request = query.request()?;
    let through = SignupSourceRef::RegistrationLink(id.clone());
    let authority = caller.authority();
    let reading = app.api.store.query_authorized(&authority, caller.now(), async |queries| {
        tokio::try_join!(
            queries.get(|tenant| tenant.registration_link(&id)),
            queries.page(|tenant| tenant.referrals_through(&through), &request),
        )
    });
    let (link, page) = reading.await?;
    let link = of_firm(link, &firm)?;
    let url = app.signer.sign(&link.id, link.generation).await.map_err(unanswered)?.url(&app.public_url);
    let paged = PageInfo::from(&page);
    let registrations = app.api.store.with_present_names(page.items).await?;
    Answer::ok(&RegistrationLinkDetails {
        registration_link: RegistrationLinkView::at(link, caller.now()),
        url,
        registrations: registrations.into_iter().map(Into::into).collect(),
        paged,
    })
}

/// Treats another firm's link as not found.
fn of_firm(link: Option<RegistrationLink>, firm: &FirmId) -> Result<RegistrationLink, Problem> {
    link.filter(|link| link.firm == *firm).ok_or_else(Problem::not_found)
}

/// Revokes a registration link.
///
/// Nobody can register through it any more. Companies that did stay connected.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/registration-links/{id}/revoke",
    params(("id" = RegistrationLinkId, Path)), request_body = RevokeSignupSource,
    responses((status = 200, body = RegistrationLinkResponse)))]
pub(crate) async fn revoke_link(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<RegistrationLinkId>,
    body: Body<RevokeSignupSource>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let store = &app.api.store;
    // Concurrent registrations change the count; the caller need not handle that conflict.
    retry_on_conflict(|| async {
        let link = store
            .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.registration_link(&id))
            .await
            .map_err(Attempt::<ApiError>::from)??;
        let link = of_firm(link, &firm)?;
        let (revoked, event) =
            link.revoke(caller.now()).map_err(|closed| Problem::conflict(closed, closed.0.as_str()))?;
        let mut change = store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.registration_link(&id), Some(link.version), &revoked);
        change.record(event);
        let registration_link = RegistrationLinkView::at(revoked, caller.now());
        Ok(Answer::ok(&RegistrationLinkResponse { registration_link })?.commit(change, idempotency.as_ref()).await??)
    })
    .await
}

/// The image format of a QR code.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Picture {
    /// To print at any size.
    #[default]
    Svg,
    /// For programs that do not show SVG.
    Png,
}

/// Options of the QR code.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedPicture {
    /// Default: SVG.
    #[serde(default)]
    #[param(inline)]
    format: Picture,
    /// The side in pixels, 160–2048. Default: 512.
    #[serde(default)]
    #[param(minimum = 160, maximum = 2048)]
    size_px: Option<u16>,
}

/// Draws a registration link as a QR code.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/registration-links/{id}/qr",
    params(("id" = RegistrationLinkId, Path), WantedPicture), responses(
        (status = 200, description = "The picture", content((String = "image/svg+xml"), (Vec<u8> = "image/png"))),
        (status = 410, description = "The link opens nothing any more"),
    ))]
pub(crate) async fn link_qr(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<RegistrationLinkId>,
    Query(wanted): Query<WantedPicture>,
) -> ApiResult<Response> {
    let firm = caller.firm.clone();
    let link = app.api.store.load(&caller.authority(), caller.now(), |tenant| tenant.registration_link(&id)).await?;
    let link = of_firm(link, &firm)?;
    link.limits.open(caller.now()).map_err(gone)?;
    let url = app.signer.sign(&link.id, link.generation).await.map_err(unanswered)?.url(&app.public_url);
    let size_px = wanted.size_px.unwrap_or(DEFAULT_SIZE_PX);
    let (media, bytes) = match wanted.format {
        Picture::Svg => ("image/svg+xml", qr::svg(&url, size_px).map_err(no_picture)?.into_bytes()),
        Picture::Png => ("image/png", qr::png(&url, size_px).map_err(no_picture)?),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

fn no_picture(error: QrError) -> Problem {
    match error {
        QrError::Size | QrError::TooLong => Problem::field("size_px", error),
        QrError::Unwritten => Problem::internal(error),
    }
}
