//! Links to download the attachments of a sales document, for the holder of a hosted link to it. The route is here
//! since only this function may sign links.
//!
//! What the page behind the link shows, and how it answers a form, is in `hosted-documents`.

use api::{Answer, ApiError, ApiResult, Path, Problem, ProblemBody, Public};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    DocumentId,
    document::{Document, VersionNumber},
};
use html::{Link, Page, Pages, Visitor};
use store::{Attempt, Tally, retry_on_conflict};

use crate::{
    App,
    download::{DocumentLinkResponse, Downloader, record, sign},
};

/// These pages have no form.
const PAGES: Pages = Pages::WITHOUT_FORMS;

/// Makes a link to download an attachment of the document behind a hosted link.
///
/// It is the version that is attached, and it works for one minute. Each is recorded with the contact whom the hosted
/// link is for, so it counts towards what that contact may write in a day. A page is answered with a page that leads to
/// the file; JSON with JSON.
#[utoipa::path(post, path = "/h/{token}/attachments/{document}/download",
    params(("token" = String, Path), ("document" = DocumentId, Path)),
    responses(
        (status = 201, description = "The link",
            content((DocumentLinkResponse = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link or attachment",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "The file cannot be downloaded now",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The hosted link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 429, description = "So many comments were written or files downloaded today",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn download_hosted_attachment(
    State(app): State<App>,
    caller: Public,
    Path((token, document)): Path<(String, DocumentId)>,
    visitor: Visitor,
) -> Response {
    match (download(&app, &token, &document, &caller).await, visitor) {
        (Ok(link), Visitor::Person) => ready(&link).into_response(),
        (Ok(link), Visitor::Program) => Answer::created(&link).into_response(),
        (Err(error), Visitor::Program) => error.into_response(),
        (Err(ApiError::Problem(problem)), Visitor::Person) => {
            let mut page = refused(problem.status()).into_response();
            if let Some(after) = problem.into_response().headers().get(header::RETRY_AFTER) {
                page.headers_mut().insert(header::RETRY_AFTER, after.clone());
            }
            page
        }
        (Err(ApiError::Replay(_)), Visitor::Person) => refused(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
    }
}

async fn download(app: &App, token: &str, id: &DocumentId, caller: &Public) -> ApiResult<DocumentLinkResponse> {
    let (document, number): (Document, VersionNumber) = retry_on_conflict(async || {
        let opened = app.hosted_links.open(token, caller.now).await.map_err(ApiError::from)?;
        let (ours, link) = (&opened.ours, &opened.ours.link);
        let authority = ours.authority();
        let attachments = &opened.document.content().attachments;
        let attachment = attachments.iter().find(|one| one.document == *id).ok_or_else(Problem::not_found)?;
        let found: Option<Document> = app.api.store.load(&authority, caller.now, |tenant| tenant.document(id)).await?;
        let document = found.ok_or_else(Problem::not_found)?;
        let number = attachment.version_of(&document).ok_or_else(Problem::not_found)?.number;
        let change_context = ours.change_context(caller.now, caller.request_id.clone());
        let mut change = app.api.store.change(&authority, change_context);
        // The link still opens the document, and that still has the file, when this is recorded.
        opened.require(&mut change);
        opened.document.unchanged(&mut change);
        // Anybody who has the link could otherwise fill the company's audit log, and push real downloads out of view.
        for tally in Tally::of_link_holder(&app.api.allowances, &opened.contact, caller.now) {
            change.count(&tally);
        }
        let downloader = Downloader { by: None, contact: Some(link.contact.clone()), name: link.contact_name.clone() };
        record(change, downloader, &document, Some(number)).await?;
        Ok::<_, Attempt<ApiError>>((document, number))
    })
    .await?;
    sign(app, &document, Some(number)).await
}

/// The page that leads to the file.
///
/// A redirect would end at the bucket, and where a form leads is kept to our own origin by the policy of its page:
/// browsers refuse to follow.
fn ready(link: &DocumentLinkResponse) -> Page {
    let to_file = Link { url: &link.download_url, label: "Download the file" };
    let text = "The link below works for one minute. Go back for another one.";
    PAGES.notice(StatusCode::CREATED, "Your file is ready", text, Some(to_file))
}

fn refused(status: StatusCode) -> Page {
    let (title, text) = match status {
        StatusCode::NOT_FOUND => ("There is no such file", "Go back and open the document again."),
        StatusCode::CONFLICT => ("This file cannot be downloaded now", "Please ask the company for it."),
        StatusCode::GONE => {
            ("This link opens nothing any more", "Open the link in your letter again: its page says why.")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too many requests", "Too many files were downloaded or comments sent. Please try again later.")
        }
        other => return PAGES.failed(other),
    };
    PAGES.notice(status, title, text, None)
}
