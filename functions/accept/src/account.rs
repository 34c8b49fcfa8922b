//! Making an account through an invitation's link: the link shows that the address is the
//! person's, so no code has to be mailed.

use axum::{
    body::{Body as RawBody, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, Email, InvitationId, Name, UserId, invitation::OfferKind, limit::Limit, profile::Address,
    profile::make_profile,
};
use edge::{
    Answer, Body, CallerNetwork, FieldError, Outcome, Path, Problem, Stop, caller::request_id, clock,
    input::MAX_BODY_BYTES,
};
use serde::{Deserialize, Serialize};
use store::{Authority, Stamp, StoreError};
use utoipa::ToSchema;

use crate::{
    App,
    identity::AccountError,
    link::Opened,
    pages::{self, Entered, Page},
    password::{MAX_CHARS, MIN_CHARS, Password},
    taking::{OrgView, Taking},
};

/// An account for the address that was invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// How the person wants to be called.
    name: Name,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Password,
}

/// What the account's first invitation gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedView {
    id: InvitationId,
    /// `member` or `staff`.
    #[schema(value_type = OfferKind)]
    kind: &'static str,
    org: OrgView,
}

/// A new account that has accepted the invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    user: UserId,
    email: Email,
    accepted: AcceptedView,
}

impl From<&Made> for AccountView {
    fn from(made: &Made) -> Self {
        let invitation = &made.invitation;
        Self {
            user: made.user.clone(),
            email: invitation.email.clone(),
            accepted: AcceptedView { id: invitation.id.clone(), kind: invitation.offer.kind(), org: invitation.into() },
        }
    }
}

/// Makes an account for the invited address and accepts the invitation with it. A form is answered
/// with a page, JSON with JSON. There is no idempotency key: there is no caller yet whose it could
/// be, and the second of two equal requests finds the link used.
#[utoipa::path(post, path = "/i/{token}/account", tag = "accept", params(("token" = String, Path)),
    request_body(content(
        (NewAccount = "application/json"),
        (NewAccount = "application/x-www-form-urlencoded"),
    )),
    responses((status = 201, body = AccountView)))]
pub(crate) async fn create_account(State(app): State<App>, Path(token): Path<String>, request: Request) -> Response {
    let request_id = request_id(request.extensions());
    let network = CallerNetwork::of(request.extensions());
    let counted = app.edge.count(Limit::AccountsPerSource, &network, clock::now()).await;
    let by_form = is_form(request.headers());
    if let Err(stop) = counted {
        return not_counted(stop, by_form);
    }
    if by_form {
        app.account_by_form(&token, request.into_body(), request_id).await.into_response()
    } else {
        app.account_by_json(&token, request, request_id).await.into_response()
    }
}

/// Refuses what was done too often, or could not be counted; a person gets a page.
fn not_counted(stop: Stop, by_form: bool) -> Response {
    let refusal = stop.into_response();
    if !by_form {
        return refusal;
    }
    let mut page = pages::failed(refusal.status()).into_response();
    if let Some(after) = refusal.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    page
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// An account that was made, and the invitation that it took.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) user: UserId,
    pub(crate) name: Name,
    pub(crate) invitation: domain::invitation::Invitation,
}

/// Why no account was made.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// A firm's connection is taken by its admin, who has an account.
    FirmInvited,
    /// The address has one.
    AccountExists,
    /// The user pool refuses the password; what it asks for.
    Password(&'static str),
    /// Something else.
    Stopped(Stop),
}

impl From<Stop> for NotMade {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl From<Problem> for NotMade {
    fn from(problem: Problem) -> Self {
        Self::Stopped(problem.into())
    }
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.into())
    }
}

impl From<NotMade> for Stop {
    fn from(not_made: NotMade) -> Self {
        match not_made {
            NotMade::FirmInvited => {
                let detail = "a firm is invited: sign in as its admin, and register it first where that is not done";
                Problem::conflict(detail, "firm").into()
            }
            NotMade::AccountExists => {
                Problem::conflict("this address has an account: sign in to accept", "account_exists").into()
            }
            NotMade::Password(asked) => Problem::field("password", asked).into(),
            NotMade::Stopped(stop) => stop,
        }
    }
}

impl App {
    async fn account_by_json(&self, token: &str, request: Request, request_id: String) -> Outcome {
        let account: NewAccount = Body::from_request(request, &()).await?.value;
        let opened = self.open(token).await?;
        let made = self.make_account(opened, account, request_id).await?;
        Answer::created(&AccountView::from(&made))
    }

    async fn account_by_form(&self, token: &str, body: RawBody, request_id: String) -> Page {
        let opened = match self.open(token).await {
            Ok(opened) => opened,
            Err(closed) => return pages::closed(closed, &self.portal_url),
        };
        let Ok(form) = to_bytes(body, MAX_BODY_BYTES).await else {
            return pages::failed(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let again = |entered: &Entered| pages::invitation(&opened, &self.portal_url, pages::BELOW_LINK, entered);
        let account = match read_form(&form) {
            Ok(account) => account,
            Err(error) => return again(&Entered::refused(name_in(&form), error)),
        };
        let name = account.name.as_str().to_owned();
        let held = Opened { token: opened.token.clone(), invitation: opened.invitation.clone() };
        match self.make_account(held, account, request_id).await {
            Ok(made) => pages::welcome(&made, &self.portal_url),
            Err(NotMade::Password(asked)) => {
                let error = FieldError { field: "password".to_owned(), detail: asked.to_owned() };
                again(&Entered::refused(name, error))
            }
            Err(NotMade::FirmInvited) => pages::firm_invited(&opened.token, &self.portal_url),
            Err(NotMade::AccountExists) => pages::account_exists(&opened.token, &self.portal_url),
            Err(NotMade::Stopped(Stop::Problem(problem))) => pages::failed(problem.status()),
            Err(NotMade::Stopped(Stop::Replay(_))) => pages::failed(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Makes the account, and then, in one change, the profile and what the invitation gives.
    ///
    /// Killed in between, it leaves an account without a place: whoever comes back through the link
    /// is told to sign in, and accepts then.
    async fn make_account(&self, opened: Opened, account: NewAccount, request_id: String) -> Result<Made, NotMade> {
        let Opened { token, invitation } = opened;
        if !invitation.offer.is_for_a_person() {
            return Err(NotMade::FirmInvited);
        }
        let (store, now) = (&self.edge.store, clock::now());
        // No account is left behind by an invitation that cannot be taken any more. The change
        // below checks the same again.
        let inviter = Authority::Person(invitation.inviter_access());
        store.prove(&inviter, now).await.map_err(|error| match error {
            StoreError::Denied(_) => StoreError::InviterDenied,
            other => other,
        })?;

        let email = invitation.email.clone();
        let user = self.identity.create(&email, &account.password).await.map_err(|error| match error {
            AccountError::Exists => NotMade::AccountExists,
            AccountError::Password(asked) => NotMade::Password(asked),
            AccountError::Failed(problem) => problem.into(),
        })?;

        let existing = store.own(user.clone()).profile().await?;
        let is_new = existing.is_none();
        let address = Address { email: Some(email.clone()), verified: true };
        let person = match existing {
            Some(person) => person,
            None => make_profile(user.clone(), address, account.name, None, now).map_err(Problem::internal)?,
        };
        let name = person.name.clone();
        let stamp = Stamp { at: now, actor: Actor::person(user.clone(), Some(name.clone())), request_id };
        let taking = Taking {
            store,
            generation: token.generation(),
            person: &person,
            is_new,
            email: &email,
            firm: None,
            stamp,
            idempotency: None,
        };
        let taken = taking.take(invitation).await?;
        Ok(Made { user, name, invitation: taken.invitation })
    }
}

/// Reads the form, naming the field that is wrong.
fn read_form(form: &[u8]) -> Result<NewAccount, FieldError> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (field, detail) = (error.path().to_string(), error.inner().to_string());
        match field.as_str() {
            "name" | "password" => FieldError { field, detail },
            // Left out, sent twice, or of another form: nothing that the page's own form sends.
            _ => FieldError { field: String::new(), detail: "fill in both fields".to_owned() },
        }
    })
}

/// The name as it was entered, for the form that is shown again.
fn name_in(form: &[u8]) -> String {
    let name = form_urlencoded::parse(form).find(|(field, _)| field == "name");
    name.map(|(_, name)| name.chars().take(Name::MAX_CHARS).collect()).unwrap_or_default()
}

const _: () = assert!(MIN_CHARS == 12 && MAX_CHARS == 256, "the schema of NewAccount says so too");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_or_its_wrong_field_named() {
        let account = read_form(b"name=Nia+New&password=Correct-Horse-7-Battery").unwrap();
        assert_eq!((account.name.as_str(), account.password.reveal()), ("Nia New", "Correct-Horse-7-Battery"));
        for (form, field) in [
            ("name=&password=Correct-Horse-7-Battery", "name"),
            ("name=a%0Db&password=Correct-Horse-7-Battery", "name"),
            ("name=Nia&password=short", "password"),
            ("name=Nia", ""),
            ("name=Nia&name=Eve&password=Correct-Horse-7-Battery", ""),
            ("name=Nia&password=Correct-Horse-7-Battery&role=owner", ""),
            ("", ""),
            ("%FF%00=&&==", ""),
        ] {
            let error = read_form(form.as_bytes()).unwrap_err();
            assert_eq!(error.field, field, "{form}: {}", error.detail);
            assert!(!error.detail.contains("Horse"), "{}", error.detail);
        }
    }

    #[test]
    fn a_name_comes_back_into_the_form_as_it_was_entered() {
        assert_eq!(name_in(b"password=x&name=%3Cb%3ENia"), "<b>Nia");
        assert_eq!(name_in(b""), "");
    }
}
