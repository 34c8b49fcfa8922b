//! Opening a link: whether it is ours, which invitation it is for, and the page it shows.

use api::{Answer, ApiError, ApiResult, Path, Problem, ProblemBody, ProblemType, Public, clock};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    Email, Locale, Name,
    invitation::{Invitation, LinkRefusal},
};
use html::Reader;
use links::{KmsError, LinkToken};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, page, taking::OfferedView};

/// A link that we wrote, and the invitation it was written for. Whether it still opens anything
/// is another question.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) token: LinkToken,
    pub(crate) invitation: Invitation,
}

/// Why there is nothing to show behind a link.
#[derive(Debug)]
pub(crate) enum Closed {
    /// It is not ours.
    Forged,
    /// It was ours, once.
    Dead(LinkRefusal),
    /// It could not be found out.
    Stopped(ApiError),
}

impl From<Closed> for ApiError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Forged => Problem::not_found().into(),
            Closed::Dead(refusal) => dead(refusal).into(),
            Closed::Stopped(stop) => stop,
        }
    }
}

/// How a dead link is told.
pub(crate) fn dead(refusal: LinkRefusal) -> Problem {
    Problem::new(ProblemType::Gone).detail(refusal).state(refusal.as_str())
}

impl App {
    /// The invitation behind a link; `None` when the link is not ours. One strongly consistent read
    /// and one `kms:VerifyMac`.
    ///
    /// # Errors
    /// [`ApiError`] when the table or KMS does not answer.
    pub(crate) async fn behind(&self, text: &str) -> ApiResult<Option<Opened>> {
        let Ok(token) = LinkToken::parse(text) else { return Ok(None) };
        let found = self.api.store.invitation_by_link(token.invitation()).await?;
        // An unknown invitation costs the work of a wrong MAC, so the time does not tell which ids
        // there are.
        let email = found.as_ref().map_or_else(nobody, |invitation| Ok(invitation.email.clone()))?;
        let ours = self.signer.verify(&token, &email).await.map_err(unverified)?;
        Ok(found.filter(|_| ours).map(|invitation| Opened { token, invitation }))
    }

    /// The invitation behind a link that opens it now.
    pub(crate) async fn open(&self, text: &str) -> Result<Opened, Closed> {
        let opened = self.behind(text).await.map_err(Closed::Stopped)?.ok_or(Closed::Forged)?;
        opened.invitation.open(opened.token.generation(), clock::now()).map_err(Closed::Dead)?;
        Ok(opened)
    }
}

/// An address that no invitation is sent to (RFC 2606).
fn nobody() -> ApiResult<Email> {
    Ok("nobody@example.invalid".parse().map_err(Problem::internal)?)
}

fn unverified(error: KmsError) -> Problem {
    match error {
        KmsError::Unavailable { .. } => {
            tracing::warn!(%error, "a link could not be verified");
            Problem::new(ProblemType::Unavailable)
        }
        KmsError::Misconfigured { .. } => Problem::internal(error),
    }
}

/// An open invitation as its link shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationPreview {
    #[serde(flatten)]
    offered: OfferedView,
    /// The address that it was sent to, which whoever accepts must have.
    email: Email,
    /// What the inviter calls the person, or the firm that is invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// The language that the inviter chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

impl From<&Opened> for InvitationPreview {
    fn from(opened: &Opened) -> Self {
        let invitation = &opened.invitation;
        Self {
            offered: OfferedView::at(invitation, clock::now()),
            email: invitation.email.clone(),
            name: invitation.name.clone(),
            locale: invitation.locale.clone(),
        }
    }
}

/// Shows an invitation to whoever holds its link: as a page or, where `Accept` names
/// `application/json` and not `text/html`, as JSON for a portal's own page. Changes nothing, however
/// often it is opened.
#[utoipa::path(get, path = "/i/{token}", tag = "accept", params(("token" = String, Path)),
    responses(
        (status = 200, description = "Who invites whom to what",
            content((String = "text/html"), (InvitationPreview = "application/json"))),
        (status = 404, description = "No such link",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
        (status = 410, description = "The link opens nothing any more",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
    ))]
pub(crate) async fn show_invitation(
    State(app): State<App>,
    _: Public,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    match (app.open(&token).await, reader) {
        (Ok(opened), Reader::Person) => {
            page::invitation(&opened, &app.portal_url, page::BESIDE_LINK, &page::Entered::of(&opened)).into_response()
        }
        (Err(closed), Reader::Person) => page::closed(closed, &app.portal_url).into_response(),
        (Ok(opened), Reader::Program) => Answer::ok(&InvitationPreview::from(&opened)).into_response(),
        (Err(closed), Reader::Program) => ApiError::from(closed).into_response(),
    }
}
