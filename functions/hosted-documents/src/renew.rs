//! Sends a new link to the address of one that has expired, and to no other.

use api::{Answer, ApiError, Path, ProblemBody, Public, RequestReader};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{language::Reader, sales::LinkError};
use hosted_links::{Closed, Opened};
use html::Visitor;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, page};

/// A new link is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedHostedLink {
    /// Always true: the new link goes to the address of the old one.
    sent: bool,
}

/// Asks for a new link in place of an expired one.
///
/// The new link goes to the address of the old one by letter, and to no other. The answer does not name the address. A
/// link that is open is not renewed, nor one that was withdrawn.
#[utoipa::path(post, path = "/h/{token}/renewal", params(("token" = String, Path)),
    responses(
        (status = 202, description = "A new link is on its way",
            content((RenewedHostedLink = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "The link is open",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link was withdrawn, or a newer one was sent",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn renew_hosted_link(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    match (renew(&app, &token, &caller, &browser).await, visitor) {
        (Ok(reader), Visitor::Person) => page::renewed(&reader).into_response(),
        (Ok(_), Visitor::Program) => Answer::accepted(&RenewedHostedLink { sent: true }).into_response(),
        (Err(closed), Visitor::Person) => page::closed_below(&browser, closed).into_response(),
        (Err(closed), Visitor::Program) => ApiError::from(closed).into_response(),
    }
}

/// Sends a new link, and says who reads the answer.
async fn renew(app: &App, token: &str, caller: &Public, browser: &Reader) -> Result<Reader, Closed> {
    let ours = app.links.ours(token, caller.now).await?;
    let zone = ours.company.time_zone.clone();
    match ours.link.open(ours.token.generation(), &zone, caller.now) {
        Err(LinkError::Expired) => {}
        Ok(()) => return Err(Closed::Dead(LinkError::StillOpen)),
        Err(error) => return Err(Closed::Dead(error)),
    }
    let opened: Opened = app.links.document(ours, caller.now).await?;
    let link = &opened.ours.link;
    let generation = opened.ours.token.generation();
    let (renewed, event) =
        link.renew(generation, opened.document.last_day(), &zone, caller.now).map_err(Closed::Dead)?;
    let change_context = opened.ours.change_context(caller.now, caller.request_id.clone());
    let mut change = app.api.store.change(&opened.ours.authority(), change_context);
    opened.require_bounds(&mut change);
    change.put(|tenant| tenant.document_link(&link.id), Some(link.version), &renewed);
    change.record(event);
    change.commit().await?;
    Ok(opened.reader(browser))
}
