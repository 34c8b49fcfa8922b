//! Looks up the signup source that a newcomer presents: a registration link's token or a signup code, and
//! its firm.

use api::{ApiResult, Problem, clock};
use domain::{
    Org,
    org::Firm,
    signup_source::{Closed, CodeDigest, CodeText, SignupSource},
};
use links::RegistrationToken;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use signup_codes::unanswered;
use store::Authority;
use utoipa::ToSchema;

use crate::{App, gone};

/// The signup source that a newcomer presents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRegistration {
    /// The last part of a registration link.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) token: Option<SecretString>,
    /// A signup code, as it is typed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) code: Option<SecretString>,
}

/// The verified key to look a signup source up by.
#[derive(Debug, Clone)]
pub(crate) enum LookUp {
    Link(RegistrationToken),
    Code(CodeDigest),
}

/// A signup source that exists; it may be closed.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) signup_source: SignupSource,
    /// The firm that [`SignupSource::referrer`] names.
    pub(crate) firm: Option<Firm>,
}

/// The problem for every code that cannot be redeemed, whatever the reason.
fn no_code() -> Problem {
    Problem::field("code", "is not a code that can be redeemed")
}

impl LookUp {
    /// The problem for a closed signup source: a link's states why it is closed, a code's does not.
    pub(crate) fn closed(&self, closed: Closed) -> Problem {
        match self {
            Self::Link(_) => gone(closed),
            Self::Code(_) => no_code(),
        }
    }

    /// The problem for a signup source that does not exist.
    pub(crate) fn missing(&self) -> Problem {
        match self {
            Self::Link(_) => Problem::not_found(),
            Self::Code(_) => no_code(),
        }
    }
}

impl App {
    /// Verifies that we issued the presented token or code. One call of KMS.
    ///
    /// # Errors
    /// `404 not-found` for a forged token; `422 invalid-field` for malformed codes, and unless
    /// exactly one of the two is given.
    pub(crate) async fn look_up(&self, shown: &PreviewRegistration) -> ApiResult<LookUp> {
        match (&shown.token, &shown.code) {
            (Some(token), None) => self.ours(token.expose_secret()).await?.ok_or_else(|| Problem::not_found().into()),
            (None, Some(code)) => {
                let code: CodeText = code.expose_secret().parse().map_err(|_| no_code())?;
                Ok(LookUp::Code(self.signer.digest(&code).await.map_err(unanswered)?))
            }
            (None, None) => Err(Problem::field("token", "is required, or a code").into()),
            (Some(_), Some(_)) => Err(Problem::field("code", "cannot be given together with a token").into()),
        }
    }

    /// A token that we issued; `None` for any other text.
    pub(crate) async fn ours(&self, token: &str) -> ApiResult<Option<LookUp>> {
        let Ok(token) = RegistrationToken::parse(token) else { return Ok(None) };
        let ours = self.signer.verify(&token).await.map_err(unanswered)?;
        Ok(ours.then_some(LookUp::Link(token)))
    }

    /// The signup source; `None` if it does not exist. One strongly consistent read.
    pub(crate) async fn signup_source(&self, look_up: &LookUp) -> ApiResult<Option<SignupSource>> {
        let store = &self.api.store;
        Ok(match look_up {
            LookUp::Link(token) => {
                let link = store.registration_link_by_token(token.link()).await?;
                link.map(|link| SignupSource::Link(link, token.generation()))
            }
            LookUp::Code(digest) => store.signup_code_by_digest(digest).await?.map(SignupSource::Code),
        })
    }

    /// The signup source and its firm. Two strongly consistent reads, the second only where
    /// there is a firm.
    ///
    /// # Errors
    /// As [`LookUp::missing`].
    pub(crate) async fn find(&self, look_up: &LookUp) -> ApiResult<Found> {
        let signup_source = self.signup_source(look_up).await?.ok_or_else(|| look_up.missing())?;
        self.behind(signup_source).await
    }

    /// Adds the firm of a signup source. One strongly consistent read where there is a firm.
    ///
    /// # Errors
    /// [`api::ApiError`] when the table does not answer.
    pub(crate) async fn behind(&self, signup_source: SignupSource) -> ApiResult<Found> {
        let firm = match signup_source.referrer() {
            None => None,
            Some(firm) => {
                let authority = Authority::System(Org::Firm(firm.clone()));
                self.api.store.load(&authority, clock::now(), |tenant| tenant.firm()).await?
            }
        };
        Ok(Found { signup_source, firm })
    }
}
