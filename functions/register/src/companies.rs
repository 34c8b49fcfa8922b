//! Registers a company without a link or code. The caller becomes its first owner.

use api::{Answer, ApiResult, Body, Caller, CallerNetwork, CompanyView, clock::new_uuid};
use axum::extract::State;
use domain::{
    CompanyId, Org,
    limit::Limit,
    org::User,
    team::{self, NewCompany},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

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
    let User { id: user, name, email, .. } = app.registrant(&caller, idempotency.as_ref()).await?;

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
