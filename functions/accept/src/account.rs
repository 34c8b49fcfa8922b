//! Makes an account through an invitation's link. The link proves that the address is the person's, so
//! no code has to be mailed.

use api::{
    Answer, ApiError, ApiResult, Body, CallerNetwork, FieldError, Path, Problem, ProblemBody, Public, clock,
    clock::new_uuid, input::MAX_BODY_BYTES,
};
use axum::{
    body::{Body as RawBody, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, CompanyId, Email, FirmId, InvitationId, UserId,
    acceptor::AcceptAs,
    invitation::InvitationKind,
    limit::Limit,
    profile::{Address, make_profile},
};
use html::Page;
use serde::Serialize;
use store::{Authority, ChangeContext, StoreError};
use utoipa::ToSchema;

use crate::{
    App,
    accept::AcceptCommand,
    accept_context::AcceptContext,
    account_form::{CreateAccount, CreateAccountForm, read_form},
    identity_provider::{AccountError, AccountOrigin},
    invitation_link::{Opened, open},
    page::{self, FormValues},
    view::{MadeAccount, OrgView},
};

/// The place or connection that the invitation gave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedInvitation)]
pub(crate) struct AcceptedView {
    id: InvitationId,
    /// `member`, `staff`, `firm` or `client`.
    #[schema(value_type = InvitationKind)]
    kind: &'static str,
    org: OrgView,
    /// The firm that was registered and connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// The company that was registered and connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyId>,
}

/// A new account that has accepted the invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    user: UserId,
    email: Email,
    accepted: AcceptedView,
}

impl From<&MadeAccount> for AccountView {
    fn from(made: &MadeAccount) -> Self {
        let invitation = &made.invitation;
        Self {
            user: made.user.clone(),
            email: invitation.email.clone(),
            accepted: AcceptedView {
                id: invitation.id.clone(),
                kind: invitation.offer.kind().as_str(),
                org: invitation.into(),
                firm: invitation.accepted_firm.clone(),
                company: invitation.accepted_company.clone(),
            },
        }
    }
}

/// Makes an account for the invited address and accepts the invitation with it.
///
/// A firm that is invited, and the company of a client who is invited, are registered in the same step.
/// A form is answered with an HTML page, JSON with JSON. There is no `Idempotency-Key`: the caller is
/// anonymous and the link works once.
#[utoipa::path(post, path = "/i/{token}/account", params(("token" = String, Path)),
    request_body(content(
        (CreateAccount = "application/json"),
        (CreateAccountForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The account is made and the invitation accepted",
            content((AccountView = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "The address has an account, or a firm is invited and none is named",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link can no longer be used",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 422, description = "A field is refused; a form is shown again",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn create_account(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let network = CallerNetwork::of(request.extensions());
    let counted = app.api.count(Limit::AccountsPerSource, &network, caller.now).await;
    let by_form = is_form(request.headers());
    if let Err(stop) = counted {
        return not_counted(stop, by_form);
    }
    if by_form {
        account_by_form(&app, &token, request.into_body(), caller.request_id).await.into_response()
    } else {
        account_by_json(&app, &token, request, caller.request_id).await.into_response()
    }
}

/// Refuses a request that exceeds the limit or could not be counted; a person gets a page.
fn not_counted(stop: ApiError, by_form: bool) -> Response {
    let refusal = stop.into_response();
    if !by_form {
        return refusal;
    }
    let mut page = page::failed(refusal.status()).into_response();
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

/// Why no account was made.
#[derive(Debug)]
enum NotMade {
    /// A firm is invited, and none was named to be registered.
    FirmInvited,
    /// The address has one.
    AccountExists,
    /// The user pool refuses the password; its requirements.
    Password(&'static str),
    /// The registration or the consent does not fit the invitation: the field, and what is wrong.
    Refused(&'static str, String),
    /// Something else.
    Stopped(ApiError),
}

impl From<ApiError> for NotMade {
    fn from(stop: ApiError) -> Self {
        Self::Stopped(stop)
    }
}

impl From<Problem> for NotMade {
    fn from(problem: Problem) -> Self {
        Self::Stopped(problem.into())
    }
}

impl From<AccountError> for NotMade {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Exists => Self::AccountExists,
            AccountError::Password(asked) => Self::Password(asked),
            AccountError::Failed(problem) => problem.into(),
        }
    }
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.into())
    }
}

impl From<NotMade> for ApiError {
    fn from(not_made: NotMade) -> Self {
        match not_made {
            NotMade::FirmInvited => {
                let detail = "a firm is invited: sign in as its admin, or name the firm to register it";
                Problem::conflict(detail, "firm").into()
            }
            NotMade::AccountExists => {
                Problem::conflict("this address has an account: sign in to accept", "account_exists").into()
            }
            NotMade::Password(asked) => Problem::field("password", asked).into(),
            NotMade::Refused(field, detail) => Problem::field(field, detail).into(),
            NotMade::Stopped(stop) => stop,
        }
    }
}

async fn account_by_json(app: &App, token: &str, request: Request, request_id: String) -> ApiResult {
    let account = <Body<CreateAccount>>::from_request(request, &()).await?.value;
    let opened = open(app, token).await?;
    let made = make_account(app, opened, account, request_id).await?;
    Answer::created(&AccountView::from(&made))
}

async fn account_by_form(app: &App, token: &str, body: RawBody, request_id: String) -> Page {
    let opened = match open(app, token).await {
        Ok(opened) => opened,
        Err(closed) => return page::closed(closed, &app.portal_url),
    };
    let Ok(form) = to_bytes(body, MAX_BODY_BYTES).await else {
        return page::failed(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let again = |error: FieldError| {
        page::invitation(&opened, &app.portal_url, page::BELOW_LINK, &FormValues::refused(&form, error))
    };
    let account = match read_form(&form, &opened.invitation.offer) {
        Ok(account) => account,
        Err(error) => return again(error),
    };
    let held = Opened { token: opened.token.clone(), invitation: opened.invitation.clone() };
    match make_account(app, held, account, request_id).await {
        Ok(made) => page::welcome(&made, &app.portal_url),
        Err(NotMade::Password(asked)) => again(FieldError { field: "password".to_owned(), detail: asked.to_owned() }),
        Err(NotMade::Refused(field, detail)) => again(FieldError { field: field.to_owned(), detail }),
        Err(NotMade::FirmInvited) => page::firm_invited(&opened.token, &app.portal_url),
        Err(NotMade::AccountExists) => page::account_exists(&opened.token, &app.portal_url),
        Err(NotMade::Stopped(ApiError::Problem(problem))) => page::failed(problem.status()),
        Err(NotMade::Stopped(ApiError::Replay(_))) => page::failed(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Makes the account, and then, in one change, the profile and what the invitation gives.
///
/// The link proves the mailbox, so it outranks a person who signed up with the address and never confirmed
/// it, and never one who uses an account. A crash before the change leaves an account without a place: the
/// next try through the link says to sign in, and the person accepts then.
async fn make_account(
    app: &App,
    opened: Opened,
    account: CreateAccount,
    request_id: String,
) -> Result<MadeAccount, NotMade> {
    let Opened { token, invitation } = opened;
    let (store, now) = (&app.api.store, clock::now());
    let CreateAccount { name, password, firm, company, consent } = account;
    let choice = AcceptAs { new_firm: firm, new_company: company, consent, ..AcceptAs::default() };
    let acceptor = choice
        .acceptor(&invitation, new_uuid(), now)
        .map_err(|error| NotMade::Refused(error.field().trim_start_matches("new_"), error.to_string()))?
        .ok_or(NotMade::FirmInvited)?;
    if let Some(terms) = invitation.consent_terms() {
        let agreed = terms.agreed_text(choice.consent.as_ref());
        agreed.map_err(|error| NotMade::Refused(error.field(), error.to_string()))?;
    }
    // An invitation that can no longer be accepted leaves no account behind. The change below checks the
    // inviter again.
    let inviter = Authority::Person(invitation.inviter_access());
    store.prove(&inviter, now).await.map_err(|error| match error {
        StoreError::Denied(_) => StoreError::InviterDenied,
        other => other,
    })?;

    let email = invitation.email.clone();
    let account = app.identity_provider.make_or_find(&email, &password).await?;
    // A profile is somebody's, whatever state its account is in: no link takes it over.
    if account.origin != AccountOrigin::New && store.for_user(account.user.clone()).profile().await?.is_some() {
        return Err(NotMade::AccountExists);
    }
    app.identity_provider.hand_over(&account, &password).await?;

    let user = account.user;
    let address = Address { email: Some(email.clone()), verified: true };
    let person =
        make_profile(user.clone(), address, name, (None, invitation.locale.clone()), now).map_err(Problem::internal)?;
    let name = person.name.clone();
    let actor = acceptor.actor(Actor::person(user.clone(), Some(name.clone())));
    let context = AcceptContext {
        store,
        person: &person,
        email: &email,
        acceptor,
        reached_through: None,
        agreement: choice.consent,
        change_context: ChangeContext { at: now, actor, request_id },
    };
    let command = AcceptCommand { context, generation: token.generation(), is_new: true, idempotency: None };
    let accepted = command.run(invitation).await?;
    Ok(MadeAccount { user, name, invitation: accepted.invitation })
}
