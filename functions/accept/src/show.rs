//! Shows the invitation behind a link, as a page or as JSON.

use api::{Answer, ApiError, Path, ProblemBody, Public, RequestReader, clock};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Email, Locale, Name, language::Reader};
use html::Visitor;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    invitation_link::{Opened, open},
    page,
    view::OfferedView,
};

/// An open invitation as its link shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationPreview {
    #[serde(flatten)]
    offered: OfferedView,
    /// The address that it was sent to. Only its owner can accept.
    email: Email,
    /// The inviter's name for the invited person or firm.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// The language that the inviter chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

impl InvitationPreview {
    fn of(reader: &Reader, opened: &Opened) -> Self {
        let invitation = &opened.invitation;
        Self {
            offered: OfferedView::at(invitation, reader, clock::now()),
            email: invitation.email.clone(),
            name: invitation.name.clone(),
            locale: invitation.locale.clone(),
        }
    }
}

/// Shows the invitation behind a link.
///
/// The answer is a page or, where `Accept` names `application/json` and not `text/html`, JSON for a
/// portal's own page. Opening the link changes nothing.
#[utoipa::path(get, path = "/i/{token}", params(("token" = String, Path)),
    responses(
        (status = 200, description = "Who invites whom to what",
            content((String = "text/html"), (InvitationPreview = "application/json"))),
        (status = 404, description = "No such link",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
        (status = 410, description = "The link opens nothing any more",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
    ))]
pub(crate) async fn get_invitation_by_link(
    State(app): State<App>,
    _: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    match (open(&app, &token).await, visitor) {
        (Ok(opened), Visitor::Person) => {
            let form = page::FormValues::of(&opened);
            page::invitation(&opened, &app.portal_url, page::BESIDE_LINK, &form).into_response()
        }
        (Err(closed), Visitor::Person) => page::closed(closed, &app.portal_url).into_response(),
        (Ok(opened), Visitor::Program) => {
            Answer::ok(&InvitationPreview::of(&opened.reader(&browser), &opened)).into_response()
        }
        (Err(closed), Visitor::Program) => ApiError::from(closed).into_response(),
    }
}
