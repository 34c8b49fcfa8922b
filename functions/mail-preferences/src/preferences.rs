//! Shows what is mailed to the person of a link, and sets it.

use api::{Path, Problem, ProblemBody, Public, RequestReader};
use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use html::Visitor;

use crate::{
    App,
    choices::SetMailPreferences,
    form,
    link::{Closed, Link, Shown},
    page::{self, At},
};

/// Shows what is mailed to the person of a link.
///
/// The page has a button that stops the mail that the letter belongs to, and a form for all of it. It names no person,
/// company or firm, and looking at it changes nothing.
#[utoipa::path(get, path = "/u/{token}", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The page", content((String = "text/html"))),
        (status = 404, description = "No such link", content((String = "text/html"))),
    ))]
pub(crate) async fn get_mail_preferences(
    State(app): State<App>,
    _caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(reader): RequestReader,
) -> Response {
    let result = opened(&app, &token).await;
    page::answer((visitor, &reader), result, |shown| page::opened(shown, At::Link(&token)))
}

async fn opened(app: &App, token: &str) -> Result<Shown, Closed> {
    Link::verify(app, token).await?.read().await
}

/// Sets what is mailed to the person of a link.
///
/// A category that is chosen otherwise than before then counts in every company and firm: what the person chose for single
/// types there is taken back. What is required cannot be chosen.
#[utoipa::path(post, path = "/u/{token}/choices", params(("token" = String, Path)),
    request_body(content((SetMailPreferences = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The page with the choices", content((String = "text/html"))),
        (status = 400, description = "The body is no form; a page, or a problem where `Accept` names `application/json`",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 404, description = "No such link", content((String = "text/html"))),
        (status = 422, description = "A field is refused; a page, or a problem where `Accept` names `application/json`",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn set_mail_preferences(
    State(app): State<App>,
    _caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(reader): RequestReader,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let result = set(&app, &token, &headers, body).await;
    page::answer((visitor, &reader), result, |shown| page::saved(shown, At::Below(&token)))
}

async fn set(app: &App, token: &str, headers: &HeaderMap, body: Body) -> Result<Shown, Closed> {
    let link = Link::verify(app, token).await?;
    let form: SetMailPreferences = form::read(headers, body).await?;
    let choices = form.choices();
    // Every category of the form can be chosen, and stands there once.
    link.change(|own| own.choose_everywhere(&choices, form.digests_stopped()).map_err(|it| Problem::internal(it.error)))
        .await
}
