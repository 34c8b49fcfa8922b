//! Opens a link, and changes what is mailed to its person.

use api::{ApiError, Problem, ProblemType};
use domain::{
    language::Reader,
    notification::{NotificationSettings, Subscription},
};
use links::{KmsError, MailPreferencesToken};
use store::{Attempt, StoreError, UserStore, retry_on_conflict};

use crate::App;

/// Why a link opens nothing.
#[derive(Debug)]
pub(crate) enum Closed {
    /// It is not ours, or its person has no profile.
    Unknown,
    /// The table or KMS did not answer, or the request is refused.
    Stopped(ApiError),
}

impl From<StoreError> for Closed {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.into())
    }
}

impl From<Problem> for Closed {
    fn from(problem: Problem) -> Self {
        Self::Stopped(problem.into())
    }
}

/// A link that we signed.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    app: &'a App,
    token: MailPreferencesToken,
}

/// What a link shows: what its person chose, and of what the letter was.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) subscription: Subscription,
    /// How its person is written to.
    pub(crate) reader: Reader,
    pub(crate) own: NotificationSettings,
    /// The version that is stored, if any is.
    expected: Option<u64>,
}

impl<'a> Link<'a> {
    /// The link behind a token: one `kms:VerifyMac`, and nothing is read of the table.
    ///
    /// # Errors
    /// [`Closed`].
    pub(crate) async fn verify(app: &'a App, text: &str) -> Result<Self, Closed> {
        let token = MailPreferencesToken::parse(text).map_err(|_| Closed::Unknown)?;
        match app.signer.verify(&token).await {
            Ok(true) => Ok(Self { app, token }),
            Ok(false) => Err(Closed::Unknown),
            Err(error @ KmsError::Unavailable { .. }) => {
                tracing::warn!(%error, "a link could not be verified");
                Err(Problem::new(ProblemType::Unavailable).into())
            }
            Err(error @ KmsError::Misconfigured { .. }) => Err(Problem::internal(error).into()),
        }
    }

    /// What a click on it stops.
    pub(crate) const fn subscription(&self) -> Subscription {
        self.token.subscription()
    }

    /// What it shows now: one strongly consistent read.
    ///
    /// # Errors
    /// [`Closed`]; a person whose profile is gone has no link any more.
    pub(crate) async fn read(&self) -> Result<Shown, Closed> {
        let (user, own) = self.of_person().profile_and_notification_settings().await?;
        let user = user.ok_or(Closed::Unknown)?;
        let reader = Reader::new(user.language.as_ref(), user.time_zone);
        let expected = own.as_ref().map(|own| own.version);
        Ok(Shown { subscription: self.subscription(), reader, own: own.unwrap_or_default(), expected })
    }

    /// Changes what is mailed to its person, and shows the result. `decide` returns nothing where nothing changes; then
    /// nothing is written.
    ///
    /// # Errors
    /// [`Closed`], that of `decide` included.
    pub(crate) async fn change(
        &self,
        decide: impl Fn(&NotificationSettings) -> Result<Option<NotificationSettings>, Problem>,
    ) -> Result<Shown, Closed> {
        retry_on_conflict(async || {
            let mut shown = self.read().await.map_err(Attempt::Final)?;
            let decided = decide(&shown.own).map_err(|problem| Attempt::Final(problem.into()))?;
            if let Some(changed) = decided {
                self.of_person().put_notification_settings(shown.expected, &changed).await?;
                shown.own = changed;
            }
            Ok::<_, Attempt<Closed>>(shown)
        })
        .await
    }

    fn of_person(&self) -> UserStore<'_> {
        self.app.api.store.for_user(self.token.user().clone())
    }
}
