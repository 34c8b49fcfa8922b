//! Previews and completes a registration through a link or with a code.

use api::{
    Answer, ApiError, ApiResult, Body, Caller, CallerNetwork, CompanyView, Problem, RequestReader, clock::new_uuid,
};
use axum::extract::State;
use client_list::ListEntry;
use domain::{
    CompanyId, FirmId, Grants, Name, Org, UtcTime,
    consent::{Agreement, ConsentText},
    language::Reader,
    org::{Company, Firm, User},
    registration::{self, RegisterError, Registered, consent_text},
    signup_source::{BillingOwner, SignupSource},
    team::NewCompany,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::{Attempt, ChangeContext, Idempotency, Tally, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    signup_sources::{Found, LookUp, PreviewRegistration},
};

/// The firm that a newcomer would be connected to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationFirm {
    id: FirmId,
    name: Name,
}

impl From<&Firm> for RegistrationFirm {
    fn from(firm: &Firm) -> Self {
        Self { id: firm.id.clone(), name: firm.name.clone() }
    }
}

/// The result that a registration would have.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationPreview {
    /// The firm that would be connected; absent for a code of the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<RegistrationFirm>,
    /// The permissions that the firm would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Grants>,
    billing_owner: BillingOwner,
    /// The text to agree to, in the language that `Accept-Language` prefers: show it, and send its version and digest with
    /// the registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl RegistrationPreview {
    pub(crate) fn of(reader: &Reader, found: &Found) -> Self {
        let Found { signup_source, firm } = found;
        let terms = signup_source.connects().map(|(_, terms)| terms);
        Self {
            firm: firm.as_ref().filter(|_| terms.is_some()).map(Into::into),
            permissions: terms.map(|terms| terms.grants.clone()),
            billing_owner: terms.map_or(BillingOwner::Company, |terms| terms.payer),
            consent: consent_text(reader, signup_source, firm.as_ref()),
            expires_at: signup_source.limits().expires_at,
        }
    }
}

/// Previews a registration through a registration link or with a signup code.
///
/// It changes nothing.
#[utoipa::path(post, path = "/v1/registrations/preview", request_body = PreviewRegistration,
    responses((status = 200, body = RegistrationPreview)))]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    RequestReader(reader): RequestReader,
    body: Body<PreviewRegistration>,
) -> ApiResult {
    let look_up = app.look_up(&body.value).await?;
    let found = app.find(&look_up).await?;
    found.signup_source.open(caller.now).map_err(|closed| look_up.closed(closed))?;
    Answer::ok(&RegistrationPreview::of(&reader, &found))
}

/// A registration through a link or with a code: exactly one of `token` and `code`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRegistration {
    /// The last part of a registration link.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
    /// A signup code, as it is typed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Option<SecretString>,
    company: NewCompany,
    /// The agreed text; required if a firm would be connected.
    #[serde(default)]
    consent: Option<Agreement>,
}

/// The firm that was connected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationConnection {
    firm: RegistrationFirm,
    /// The permissions of the connection.
    permissions: Grants,
    since: UtcTime,
}

/// The result of a registration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Registration)]
pub(crate) struct RegistrationView {
    company: CompanyView,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<RegistrationConnection>,
    /// The firm that the signup is attributed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    referred_by: Option<FirmId>,
    billing_owner: BillingOwner,
}

impl From<&Registered> for RegistrationView {
    fn from(made: &Registered) -> Self {
        let connection = made.connection.as_ref().map(|(connection, _)| RegistrationConnection {
            firm: RegistrationFirm { id: connection.firm.clone(), name: connection.firm_name.clone() },
            permissions: connection.grants.clone(),
            since: connection.since,
        });
        Self {
            company: (&made.company).into(),
            connection,
            referred_by: made.referral.as_ref().map(|referral| referral.firm.clone()),
            billing_owner: if made.billing.is_some() { BillingOwner::Firm } else { BillingOwner::Company },
        }
    }
}

/// Registers a company through a registration link or with a signup code.
///
/// The caller becomes the company's owner. If the link or code belongs to a firm, the firm is connected at
/// once, on the consent given in this request.
#[utoipa::path(post, path = "/v1/registrations", request_body = CreateRegistration,
    responses((status = 201, body = RegistrationView)))]
pub(crate) async fn register(
    State(app): State<App>,
    caller: Caller,
    network: CallerNetwork,
    body: Body<CreateRegistration>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let CreateRegistration { token, code, company, consent } = body.value;
    let own = app.api.store.for_user(caller.user.clone());
    let shown = PreviewRegistration { token, code };
    let look_up = app.look_up(&shown).await?;
    let (signup_source, profile) =
        tokio::join!(app.signup_source(&look_up), own.profile_once(idempotency.as_ref(), caller.now));
    // A repeated request is answered here, even if the link or code has been closed since.
    let person = profile??;
    let signup_source = signup_source?.ok_or_else(|| look_up.missing())?;
    let found = app.behind(signup_source).await?;
    let person = person.ok_or_else(Problem::no_profile)?;
    let company = company.company(CompanyId::from_uuid(new_uuid()), caller.now);
    let change_context = caller.change_context(Some(person.name.clone()));
    let through = found.signup_source.through();
    let tallies = Tally::of_signup(&app.api.allowances, &through, &network.0, caller.now);
    let newcomer = Newcomer { app: &app, look_up, person, company, consent, tallies, change_context, idempotency };
    // Many may register through one link at once: each is counted, and none exceeds the limit.
    let mut known = Some(found);
    retry_on_conflict(|| newcomer.decide_and_commit(known.take())).await
}

/// The person who registers.
struct Newcomer<'a> {
    app: &'a App,
    look_up: LookUp,
    person: User,
    company: Company,
    consent: Option<Agreement>,
    tallies: [Tally; 2],
    change_context: ChangeContext,
    idempotency: Option<Idempotency>,
}

impl Newcomer<'_> {
    async fn decide_and_commit(&self, known: Option<Found>) -> Result<Answer, Attempt<ApiError>> {
        let Found { signup_source, firm } = match known {
            Some(found) => found,
            None => self.app.find(&self.look_up).await?,
        };
        let made = registration::register(
            &signup_source,
            firm.as_ref(),
            self.company.clone(),
            &self.person,
            self.consent.as_ref(),
            self.change_context.at,
        )
        .map_err(|error| self.refusal(error))?;

        let mut change =
            self.app.api.store.registration(Org::Company(made.company.id.clone()), self.change_context.clone());
        change.put(|tenant| tenant.company(), None, &made.company);
        change.put(|tenant| tenant.member(&made.owner.user), None, &made.owner);
        match (&signup_source, &made.signup_source, &self.look_up) {
            (SignupSource::Link(before, _), SignupSource::Link(used, _), _) => {
                change.put(|tenant| tenant.registration_link(&used.id), Some(before.version), used);
            }
            (SignupSource::Code(before), SignupSource::Code(used), LookUp::Code(digest)) => {
                change.put(|tenant| tenant.signup_code(digest), Some(before.version), used);
            }
            _ => return Err(Problem::internal("a way in of another kind").into()),
        }
        if let Some((connection, consent)) = &made.connection {
            let firm = Org::Firm(connection.firm.clone());
            change.put_some(|tenant| tenant.connection(&firm), None, connection);
            change.put(|tenant| tenant.consent(consent), None, consent);
            // A company that is registered now is on no client list.
            client_list::connection_starts(&mut change, connection, ListEntry::default());
        }
        if let Some(referral) = &made.referral {
            let firm = Org::Firm(referral.firm.clone());
            change.put_some(|tenant| tenant.referral(&firm), None, referral);
        }
        if let Some((offer, billing)) = &made.billing {
            let firm = Org::Firm(offer.firm.clone());
            change.put_some(|tenant| tenant.billing_offer(&firm), None, offer);
            change.put(|tenant| tenant.billing(), None, billing);
        }
        for tally in &self.tallies {
            change.count(tally);
        }
        for event in made.events.clone() {
            change.record(event);
        }
        Ok(Answer::created(&RegistrationView::from(&made))?.commit(change, self.idempotency.as_ref()).await??)
    }

    fn refusal(&self, error: RegisterError) -> Problem {
        match error {
            RegisterError::Closed(closed) => self.look_up.closed(closed),
            RegisterError::Consent(error) => Problem::field(error.field(), error),
            RegisterError::NoFirm => self.look_up.missing(),
            RegisterError::Inconsistent(_) => Problem::internal(error),
        }
    }
}
