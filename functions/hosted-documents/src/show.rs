//! Shows the document behind a link, and notes that its holder saw it.

use api::{Answer, ApiError, Path, ProblemBody, Public, RequestReader};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    UtcTime,
    sales::{DocumentView, see, viewed_event},
};
use hosted_links::{Closed, Opened};
use html::Visitor;
use store::StoreError;

use crate::{
    App, page,
    shown::{Shown, TRIES, open},
    view::HostedDocument,
};

/// Shows the document behind a hosted link.
///
/// The answer is a page that names the document and asks its reader to open it or, where `Accept` names
/// `application/json` and not `text/html`, the document as JSON for a portal's own page. The page is in the contact's
/// language or their customer's, else in the one that `Accept-Language` prefers. It changes nothing.
#[utoipa::path(get, path = "/h/{token}", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The document",
            content((String = "text/html"), (HostedDocument = "application/json"))),
        (status = 404, description = "No such link",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
        (status = 410, description = "The link opens nothing any more",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
    ))]
pub(crate) async fn get_hosted_document(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    match (open(&app, &token, caller.now).await, visitor) {
        (Ok(shown), Visitor::Person) => {
            let (reader, token) = (shown.opened.reader(&browser), shown.opened.ours.token.reveal());
            page::cover(&reader, &token, &HostedDocument::of(&shown, caller.now)).into_response()
        }
        (Ok(shown), Visitor::Program) => Answer::ok(&HostedDocument::of(&shown, caller.now)).into_response(),
        (Err(closed), Visitor::Person) => page::closed(&browser, &token, closed).into_response(),
        (Err(closed), Visitor::Program) => ApiError::from(closed).into_response(),
    }
}

/// Notes that the holder of a hosted link sees the document, and shows it.
///
/// A portal's own page sends it once the document is on the screen; the page behind the link sends it when its reader
/// opens the document.
#[utoipa::path(post, path = "/h/{token}/viewed", params(("token" = String, Path)),
    responses(
        (status = 200, description = "The document that is seen",
            content((HostedDocument = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn view_hosted_document(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    let seen = saw(&app, &token, &caller).await;
    match (seen, visitor) {
        (Ok(shown), Visitor::Person) => {
            let reader = shown.opened.reader(&browser);
            page::document(&reader, &HostedDocument::of(&shown, caller.now), None).into_response()
        }
        (Ok(shown), Visitor::Program) => Answer::ok(&HostedDocument::of(&shown, caller.now)).into_response(),
        (Err(closed), Visitor::Person) => page::closed_below(&browser, closed).into_response(),
        (Err(closed), Visitor::Program) => ApiError::from(closed).into_response(),
    }
}

/// Notes the look and answers with what was seen: exactly the revision that is noted.
async fn saw(app: &App, token: &str, caller: &Public) -> Result<Shown, Closed> {
    let mut tries = 1;
    loop {
        let shown = open(app, token, caller.now).await?;
        match note(app, &shown.opened, caller.now, caller.request_id.clone()).await {
            Ok(()) => return Ok(shown),
            Err(StoreError::Conflict) if tries < TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn note(app: &App, opened: &Opened, now: UtcTime, request_id: String) -> Result<(), StoreError> {
    let (link, document) = (&opened.ours.link, &opened.document);
    let authority = opened.ours.authority();
    // An id of ours is always a reference.
    let Some(viewer) = link.viewer() else { return Ok(()) };
    let revision = document.revision();
    let known = app
        .api
        .store
        .load(&authority, now, |tenant| tenant.view_of(link.topic, &link.document, revision, &viewer))
        .await?;
    let expected = known.as_ref().map(|view: &DocumentView| view.version);
    let new = DocumentView {
        company: link.company.clone(),
        topic: link.topic,
        document: link.document.clone(),
        revision,
        viewer,
        viewer_name: link.contact_name.clone(),
        first_at: now,
        last_at: now,
        count: 1,
        version: 1,
    };
    let seen = see(known, document.viewed(), new);
    let mut change = app.api.store.change(&authority, opened.ours.change_context(now, request_id));
    opened.require(&mut change);
    change.put(|tenant| tenant.document_view(&seen.view), expected, &seen.view);
    if expected.is_none() {
        change.record(viewed_event(&seen.view, &link.customer));
    }
    match seen.first_of_revision {
        Some(viewed) => document.put_seen(&mut change, viewed),
        None => document.unchanged(&mut change),
    }
    change.commit().await
}
