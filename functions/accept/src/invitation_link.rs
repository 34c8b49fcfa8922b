//! Opens a link: whether it is ours, and which invitation it is for.

use api::{ApiError, ApiResult, Problem, ProblemType, clock};
use domain::{
    Email,
    invitation::{Invitation, LinkRefusal},
    language::{Language, Reader},
};
use links::{KmsError, LinkToken};

use crate::{App, refusal::dead};

/// A link that we wrote, and the invitation it was written for. It may no longer open the invitation.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) token: LinkToken,
    pub(crate) invitation: Invitation,
}

impl Opened {
    /// Who reads what it shows: the invited person in the language that the inviter chose, else in their browser's.
    pub(crate) fn reader(&self, browser: &Reader) -> Reader {
        let chosen = self.invitation.locale.as_ref().filter(|locale| Language::of(locale).is_some());
        chosen.map_or_else(|| browser.clone(), |locale| Reader::new(Some(locale), browser.zone().clone()))
    }
}

/// Why a link opens nothing.
#[derive(Debug)]
pub(crate) enum Closed {
    /// It is not ours.
    Forged,
    /// It was ours, once.
    Dead(LinkRefusal),
    /// The table or KMS did not answer.
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

/// The invitation behind a link; `None` when the link is not ours. One strongly consistent read and one
/// `kms:VerifyMac`.
///
/// # Errors
/// [`ApiError`] when the table or KMS does not answer.
pub(crate) async fn behind(app: &App, text: &str) -> ApiResult<Option<Opened>> {
    let Ok(token) = LinkToken::parse(text) else { return Ok(None) };
    let found = app.api.store.invitation_by_link(token.invitation()).await?;
    // An unknown invitation costs the work of a wrong MAC, so the time does not tell which ids there are.
    let email = found.as_ref().map_or_else(nobody, |invitation| Ok(invitation.email.clone()))?;
    let ours = app.signer.verify(&token, &email).await.map_err(unverified)?;
    Ok(found.filter(|_| ours).map(|invitation| Opened { token, invitation }))
}

/// The invitation behind a link that opens it now.
///
/// # Errors
/// [`Closed`].
pub(crate) async fn open(app: &App, text: &str) -> Result<Opened, Closed> {
    let opened = behind(app, text).await.map_err(Closed::Stopped)?.ok_or(Closed::Forged)?;
    opened.invitation.open(opened.token.generation(), clock::now()).map_err(Closed::Dead)?;
    Ok(opened)
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
