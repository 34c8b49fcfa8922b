//! Opening a link: whether it is ours, which invitation it is for, and the page it shows.

use axum::extract::State;
use domain::{
    Email,
    invitation::{Invitation, LinkRefusal},
};
use edge::{Outcome, Path, Problem, Slug, Stop, clock};
use links::{KmsError, LinkToken};
use pages::Page;

use crate::{App, page};

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
    Stopped(Stop),
}

impl From<Closed> for Stop {
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
    Problem::new(Slug::Gone).detail(refusal).state(refusal.as_str())
}

impl App {
    /// The invitation behind a link; `None` when the link is not ours. One strongly consistent read
    /// and one `kms:VerifyMac`.
    ///
    /// # Errors
    /// [`Stop`] when the table or KMS does not answer.
    pub(crate) async fn behind(&self, text: &str) -> Outcome<Option<Opened>> {
        let Ok(token) = LinkToken::parse(text) else { return Ok(None) };
        let found = self.edge.store.invitation_by_link(token.invitation()).await?;
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
fn nobody() -> Outcome<Email> {
    Ok("nobody@example.invalid".parse().map_err(Problem::internal)?)
}

fn unverified(error: KmsError) -> Problem {
    match error {
        KmsError::Unavailable { .. } => {
            tracing::warn!(%error, "a link could not be verified");
            Problem::new(Slug::Unavailable)
        }
        KmsError::Misconfigured { .. } => Problem::internal(error),
    }
}

/// Shows an invitation to whoever holds its link. Changes nothing, however often it is opened.
#[utoipa::path(get, path = "/i/{token}", tag = "accept", params(("token" = String, Path)),
    responses(
        (status = 200, description = "Who invites whom to what", body = String, content_type = "text/html"),
        (status = 404, description = "No such link", body = String, content_type = "text/html"),
        (status = 410, description = "The link opens nothing any more", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn show_invitation(State(app): State<App>, Path(token): Path<String>) -> Page {
    match app.open(&token).await {
        Ok(opened) => page::invitation(&opened, &app.portal_url, page::BESIDE_LINK, &page::Entered::of(&opened)),
        Err(closed) => page::closed(closed, &app.portal_url),
    }
}
