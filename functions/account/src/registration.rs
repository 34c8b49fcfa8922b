//! Registering companies and firms. The caller becomes the first owner or admin.

use api::{Answer, ApiResult, Body, Caller, CallerNetwork, CompanyView, Problem, clock::new_uuid};
use axum::extract::State;
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    limit::Limit,
    org::{Firm, User},
    team::{self, NewCompany, NewFirm},
};
use serde::Serialize;
use store::Idempotency;
use utoipa::ToSchema;

use crate::{App, me::refusal};

impl App {
    /// Loads the caller's profile for a registration. A repeated request is answered here.
    ///
    /// # Errors
    /// `409 conflict` before they have a profile.
    async fn person(&self, caller: &Caller, idempotency: Option<&Idempotency>) -> ApiResult<User> {
        let own = self.api.store.for_user(caller.user.clone());
        let user = own.profile_once(idempotency, caller.now).await??;
        Ok(user.ok_or_else(Problem::no_profile)?)
    }
}

/// The registered company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanyResponse {
    company: CompanyView,
}

/// Registers a company and makes the caller its owner.
#[utoipa::path(post, path = "/v1/companies", request_body = NewCompany,
    responses((status = 201, body = CompanyResponse)))]
pub(crate) async fn register_company(
    State(app): State<App>,
    caller: Caller,
    network: CallerNetwork,
    body: Body<NewCompany>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let User { id: user, name, email, .. } = app.person(&caller, idempotency.as_ref()).await?;

    let change_context = caller.change_context(Some(name.clone()));
    let company = body.value.company(CompanyId::from_uuid(new_uuid()), caller.now);
    let (company, owner, event) = team::register_company(company, (user, name, email), None);

    let mut change = app.api.store.registration(Org::Company(company.id.clone()), change_context);
    change.put(|tenant| tenant.company(), None, &company);
    change.put(|tenant| tenant.member(&owner.user), None, &owner);
    change.count(&app.api.tally(Limit::RegistrationsPerSource, &network, caller.now));
    change.record(event);
    Ok(Answer::created(&CompanyResponse { company: (&company).into() })?.commit(change, idempotency.as_ref()).await??)
}

/// A firm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Firm)]
pub(crate) struct FirmView {
    id: FirmId,
    name: Name,
    created_at: UtcTime,
}

/// The registered firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirmResponse {
    firm: FirmView,
}

impl From<Firm> for FirmResponse {
    fn from(firm: Firm) -> Self {
        let Firm { id, name, email: _, admin_count: _, created_at } = firm;
        Self { firm: FirmView { id, name, created_at } }
    }
}

/// Registers a firm and makes the caller its admin.
///
/// The firm's main address is the caller's address, as the identity provider verified it.
#[utoipa::path(post, path = "/v1/firms", request_body = NewFirm,
    responses((status = 201, body = FirmResponse)))]
pub(crate) async fn register_firm(
    State(app): State<App>,
    caller: Caller,
    network: CallerNetwork,
    body: Body<NewFirm>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let (person, address) =
        tokio::join!(app.person(&caller, idempotency.as_ref()), app.identity.address(caller.access_token()));
    let User { id: user, name, .. } = person?;
    // Invitations to the firm's main address are its admins' to answer, so it must be theirs now: the
    // profile's may be somebody else's by now.
    let email = address?.verified().map_err(refusal)?;

    let change_context = caller.change_context(Some(name.clone()));
    let firm = body.value.firm(FirmId::from_uuid(new_uuid()), email.clone(), caller.now);
    let (firm, admin, event) = team::register_firm(firm, (user, name, email));

    let mut change = app.api.store.registration(Org::Firm(firm.id.clone()), change_context);
    change.put(|tenant| tenant.firm(), None, &firm);
    change.put(|tenant| tenant.staff(&admin.user), None, &admin);
    change.count(&app.api.tally(Limit::RegistrationsPerSource, &network, caller.now));
    change.record(event);
    Ok(Answer::created(&FirmResponse::from(firm))?.commit(change, idempotency.as_ref()).await??)
}
