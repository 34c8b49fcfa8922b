//! Stops the mail that a letter belongs to, and starts it again.

use api::{Path, ProblemBody, Public, RequestReader};
use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use html::Visitor;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    App, form,
    link::{Closed, Link, Shown},
    page::{self, At},
};

/// What mail programs send (RFC 8058).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneClick {
    /// That the person asked for it.
    #[serde(rename = "List-Unsubscribe")]
    #[expect(dead_code, reason = "it has one value, and a form without it is refused")]
    list_unsubscribe: ListUnsubscribe,
}

/// The one value.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) enum ListUnsubscribe {
    /// The person asked for it.
    #[serde(rename = "One-Click")]
    #[schema(rename = "One-Click")]
    OneClick,
}

/// Stops the mail that a letter belongs to, with one click.
///
/// A mail program sends it without cookies, as RFC 8058 says. It counts for the person of the link everywhere, before what
/// companies and the person set for single types; the notifications stay in the inbox. Once more changes nothing.
#[utoipa::path(post, path = "/u/{token}", params(("token" = String, Path)),
    request_body(content((OneClick = "application/x-www-form-urlencoded"), (OneClick = "multipart/form-data"))),
    responses(
        (status = 200, description = "It is stopped", content((String = "text/html"))),
        (status = 400, description = "The body is no form; a page, or a problem where `Accept` names `application/json`",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 404, description = "No such link", content((String = "text/html"))),
        (status = 422, description = "A field is refused; a page, or a problem where `Accept` names `application/json`",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn stop_mail(
    State(app): State<App>,
    _caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(reader): RequestReader,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let result = stopped(&app, &token, &headers, body).await;
    page::answer((visitor, &reader), result, |shown| page::clicked(shown, At::Link(&token)))
}

async fn stopped(app: &App, token: &str, headers: &HeaderMap, body: Body) -> Result<Shown, Closed> {
    // What is no link gets one answer, whatever the body.
    let link = Link::verify(app, token).await?;
    let _: OneClick = form::read(headers, body).await?;
    link.change(|own| Ok(own.stop(link.subscription()))).await
}

/// Mails again what the link stopped.
///
/// What is mailed then comes at once, except what the person switched off in single companies and firms. Where it is not
/// stopped, nothing changes.
#[utoipa::path(post, path = "/u/{token}/resumption", params(("token" = String, Path)),
    responses(
        (status = 200, description = "It is mailed again", content((String = "text/html"))),
        (status = 404, description = "No such link", content((String = "text/html"))),
    ))]
pub(crate) async fn resume_mail(
    State(app): State<App>,
    _caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(reader): RequestReader,
) -> Response {
    let result = resumed(&app, &token).await;
    page::answer((visitor, &reader), result, |shown| page::clicked(shown, At::Below(&token)))
}

async fn resumed(app: &App, token: &str) -> Result<Shown, Closed> {
    let link = Link::verify(app, token).await?;
    link.change(|own| Ok(own.resume(link.subscription()))).await
}
