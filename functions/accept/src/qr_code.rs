//! The invitation's link as a QR code, for the letter to show: a mail program loads it from here,
//! since it shows neither SVG nor pictures of a message that SES composes.

use api::{ApiError, ApiResult, Path, Problem, Public};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{App, invitation_link::open};

/// The side of the picture, in pixels: sharp at 200 points on a dense screen.
const SIZE_PX: u16 = 400;

/// Shows an invitation's link as a QR code.
///
/// Loading it changes nothing, and it is always the same picture: a distribution may keep it for a while.
#[utoipa::path(get, path = "/i/{token}/qr.png", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The link as a QR code", body = Vec<u8>, content_type = "image/png"),
        (status = 404, description = "No such link"),
        (status = 410, description = "The link opens nothing any more"),
    ))]
pub(crate) async fn get_invitation_qr_code(
    State(app): State<App>,
    _: Public,
    Path(token): Path<String>,
) -> ApiResult<Response> {
    let opened = open(&app, &token).await.map_err(ApiError::from)?;
    let picture = qr::png(&opened.token.url(&app.public_url), SIZE_PX).map_err(Problem::internal)?;
    let mut response = picture.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}
