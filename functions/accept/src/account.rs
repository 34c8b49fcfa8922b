//! Making an account through an invitation's link: the link shows that the address is the
//! person's, so no code has to be mailed.

use api::{
    Answer, ApiError, ApiResult, Body, CallerNetwork, FieldError, Path, Problem, Public, clock, input::MAX_BODY_BYTES,
};
use axum::{
    body::{Body as RawBody, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, CompanyId, Currency, Email, FirmId, InvitationId, Name, UserId,
    acceptor::{NewCompany, NewFirm},
    consent::Agreement,
    invitation::{InvitationKind, Offer},
    limit::Limit,
    profile::{Address, make_profile},
    time::Zone,
};
use html::Page;
use serde::{Deserialize, Serialize};
use store::{Authority, ChangeContext, StoreError};
use utoipa::ToSchema;

use crate::{
    App,
    identity::AccountError,
    link::Opened,
    page::{self, Entered},
    party::new_party,
    password::{MAX_CHARS, MIN_CHARS, Password},
    taking::{OrgView, Taking},
};

/// An account for the address that was invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccount {
    /// How the person wants to be called.
    name: Name,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Password,
    /// Where a firm is invited: the firm, registered with the account.
    #[serde(default)]
    firm: Option<NewFirm>,
    /// Where a client is asked: the company, registered with the account.
    #[serde(default)]
    company: Option<NewCompany>,
    /// Where a client is asked: the consent text that they were shown and agree to.
    #[serde(default)]
    consent: Option<Agreement>,
}

/// What the account's first invitation gave.
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

impl From<&Made> for AccountView {
    fn from(made: &Made) -> Self {
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

/// Makes an account for the invited address and accepts the invitation with it; an invited firm, and
/// the company of a client who is asked, are registered in the same step. A form is answered
/// with a page, JSON with JSON. There is no idempotency key: there is no caller yet whose it could
/// be, and the second of two equal requests finds the link used.
#[utoipa::path(post, path = "/i/{token}/account", tag = "accept", params(("token" = String, Path)),
    request_body(content(
        (CreateAccount = "application/json"),
        (CreateAccountForm = "application/x-www-form-urlencoded"),
    )),
    responses((status = 201, body = AccountView)))]
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
        app.account_by_form(&token, request.into_body(), caller.request_id).await.into_response()
    } else {
        app.account_by_json(&token, request, caller.request_id).await.into_response()
    }
}

/// Refuses what was done too often, or could not be counted; a person gets a page.
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
    /// A firm is invited, and none was named to be registered.
    FirmInvited,
    /// The address has one.
    AccountExists,
    /// The user pool refuses the password; what it asks for.
    Password(&'static str),
    /// What is registered, or agreed to, does not fit the invitation: the field, and what is wrong.
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

impl App {
    async fn account_by_json(&self, token: &str, request: Request, request_id: String) -> ApiResult {
        let account: CreateAccount = Body::from_request(request, &()).await?.value;
        let opened = self.open(token).await?;
        let made = self.make_account(opened, account, request_id).await?;
        Answer::created(&AccountView::from(&made))
    }

    async fn account_by_form(&self, token: &str, body: RawBody, request_id: String) -> Page {
        let opened = match self.open(token).await {
            Ok(opened) => opened,
            Err(closed) => return page::closed(closed, &self.portal_url),
        };
        let Ok(form) = to_bytes(body, MAX_BODY_BYTES).await else {
            return page::failed(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let again = |error: FieldError| {
            page::invitation(&opened, &self.portal_url, page::BELOW_LINK, &Entered::refused(&form, error))
        };
        let account = match read_form(&form, &opened.invitation.offer) {
            Ok(account) => account,
            Err(error) => return again(error),
        };
        let held = Opened { token: opened.token.clone(), invitation: opened.invitation.clone() };
        match self.make_account(held, account, request_id).await {
            Ok(made) => page::welcome(&made, &self.portal_url),
            Err(NotMade::Password(asked)) => {
                again(FieldError { field: "password".to_owned(), detail: asked.to_owned() })
            }
            Err(NotMade::Refused(field, detail)) => again(FieldError { field: field.to_owned(), detail }),
            Err(NotMade::FirmInvited) => page::firm_invited(&opened.token, &self.portal_url),
            Err(NotMade::AccountExists) => page::account_exists(&opened.token, &self.portal_url),
            Err(NotMade::Stopped(ApiError::Problem(problem))) => page::failed(problem.status()),
            Err(NotMade::Stopped(ApiError::Replay(_))) => page::failed(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Makes the account, and then, in one change, the profile and what the invitation gives.
    ///
    /// Killed in between, it leaves an account without a place: whoever comes back through the link
    /// is told to sign in, and accepts then.
    async fn make_account(&self, opened: Opened, account: CreateAccount, request_id: String) -> Result<Made, NotMade> {
        let Opened { token, invitation } = opened;
        let (store, now) = (&self.api.store, clock::now());
        let CreateAccount { name, password, firm, company, consent } = account;
        let party = new_party(&invitation, firm, company, consent.is_some(), now)
            .map_err(|error| NotMade::Refused(error.field().trim_start_matches("new_"), error.to_string()))?
            .ok_or(NotMade::FirmInvited)?;
        if let Some(text) = invitation.consent_text() {
            text.check(consent.as_ref()).map_err(|error| NotMade::Refused(error.field(), error.to_string()))?;
        }
        // No account is left behind by an invitation that cannot be taken any more. The change
        // below checks the same again.
        let inviter = Authority::Person(invitation.inviter_access());
        store.prove(&inviter, now).await.map_err(|error| match error {
            StoreError::Denied(_) => StoreError::InviterDenied,
            other => other,
        })?;

        let email = invitation.email.clone();
        let user = self.identity.create(&email, &password).await.map_err(|error| match error {
            AccountError::Exists => NotMade::AccountExists,
            AccountError::Password(asked) => NotMade::Password(asked),
            AccountError::Failed(problem) => problem.into(),
        })?;

        let existing = store.for_user(user.clone()).profile().await?;
        let is_new = existing.is_none();
        let address = Address { email: Some(email.clone()), verified: true };
        let person = match existing {
            Some(person) => person,
            None => make_profile(user.clone(), address, name, None, now).map_err(Problem::internal)?,
        };
        let name = person.name.clone();
        let actor = Actor::person(user.clone(), Some(name.clone()));
        let change_context = party.change_context(ChangeContext { at: now, actor, request_id });
        let taking = Taking {
            store,
            generation: token.generation(),
            person: &person,
            is_new,
            email: &email,
            party,
            consent,
            change_context,
            idempotency: None,
        };
        let taken = taking.take(invitation).await?;
        Ok(Made { user, name, invitation: taken.invitation })
    }
}

/// The same, as the page's form sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccountForm {
    /// How the person wants to be called.
    name: Name,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Password,
    /// Where a firm is invited: its name.
    #[serde(default)]
    firm_name: Option<Name>,
    /// Where a client is asked: the company's name.
    #[serde(default)]
    company_name: Option<Name>,
    /// What the company's books are kept in.
    #[serde(default)]
    currency: Option<Currency>,
    /// For the company's due times; UTC when not said.
    #[serde(default)]
    time_zone: Option<Zone>,
    /// `agreed`, where a client is asked.
    #[serde(default)]
    consent: Option<ConsentCheckbox>,
    /// The version of the consent text on the page.
    #[serde(default)]
    consent_version: Option<String>,
    /// The digest of the consent text on the page.
    #[serde(default)]
    consent_digest: Option<String>,
}

/// A ticked box.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConsentCheckbox {
    /// It is ticked.
    Agreed,
}

impl CreateAccountForm {
    fn account(self, offer: &Offer) -> Result<CreateAccount, FieldError> {
        let required = |field: &str, detail: &str| FieldError { field: field.to_owned(), detail: detail.to_owned() };
        let asked = matches!(offer, Offer::Client { .. });
        let company = match (self.company_name, self.currency) {
            (Some(name), Some(currency)) => Some(NewCompany { name, currency, time_zone: self.time_zone }),
            (None, _) if asked => return Err(required("company_name", "is required")),
            (Some(_), None) => return Err(required("currency", "is required")),
            (None, _) => None,
        };
        let consent = match (self.consent, self.consent_version, self.consent_digest) {
            (Some(ConsentCheckbox::Agreed), Some(version), Some(digest)) => Some(Agreement { version, digest }),
            _ if asked => return Err(required("consent", "must be given: read the text and tick the box")),
            _ => None,
        };
        let firm = self.firm_name.map(|name| NewFirm { name });
        Ok(CreateAccount { name: self.name, password: self.password, firm, company, consent })
    }
}

/// Reads the form, naming the field that is wrong.
fn read_form(form: &[u8], offer: &Offer) -> Result<CreateAccount, FieldError> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    let form: CreateAccountForm = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (field, detail) = (error.path().to_string(), error.inner().to_string());
        match field.as_str() {
            "name" | "password" | "firm_name" | "company_name" | "currency" | "time_zone" => {
                FieldError { field, detail }
            }
            // Left out, sent twice, or of another form: nothing that the page's own form sends.
            _ => FieldError { field: String::new(), detail: "fill in every field".to_owned() },
        }
    })?;
    form.account(offer)
}

const _: () = assert!(MIN_CHARS == 12 && MAX_CHARS == 256, "the schema of NewAccount says so too");

#[cfg(test)]
mod tests {
    use domain::{MemberRole, StaffRole};

    use super::*;

    #[test]
    fn a_form_is_read_or_its_wrong_field_named() {
        let staff =
            Offer::Staff { firm: "fm_00000000000000000000000000000002".parse().unwrap(), role: StaffRole::Admin };
        let read_form = |form: &[u8]| read_form(form, &staff);
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
    fn a_clients_form_needs_a_company_and_a_ticked_box() {
        let grants = MemberRole::Accountant.preset();
        let asked =
            Offer::Client { firm: "fm_00000000000000000000000000000002".parse().unwrap(), grants, client: None };
        let whole = "name=Nia&password=Correct-Horse-7-Battery&company_name=Loja&currency=EUR&time_zone=Europe%2FLisbon\
                     &consent=agreed&consent_version=1&consent_digest=ab";
        let account = read_form(whole.as_bytes(), &asked).unwrap();
        assert_eq!(String::from(account.company.unwrap().time_zone.unwrap()), "Europe/Lisbon");
        assert_eq!(account.consent.unwrap().digest, "ab");
        for (without, field) in [
            ("&company_name=Loja", "company_name"),
            ("&currency=EUR", "currency"),
            ("&consent=agreed", "consent"),
            ("&consent_digest=ab", "consent"),
        ] {
            let form = whole.replace(without, "");
            assert_eq!(read_form(form.as_bytes(), &asked).unwrap_err().field, field, "{form}");
        }
        for (wrong, field) in [("currency=EUR", "currency"), ("time_zone=Europe%2FLisbon", "time_zone")] {
            let form = whole.replace(wrong, &format!("{field}=nonsense"));
            assert_eq!(read_form(form.as_bytes(), &asked).unwrap_err().field, field, "{form}");
        }
    }
}
