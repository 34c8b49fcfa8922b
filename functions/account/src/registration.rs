//! Registering companies and firms. Whoever registers one is its first owner or admin.

use axum::extract::State;
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    limit::Limit,
    org::{Firm, User},
    side::{NewCompany, NewFirm},
    team,
};
use edge::{Answer, Body, Caller, CallerNetwork, CompanyView, Outcome, Problem, clock::new_uuid};
use serde::Serialize;
use store::Idempotency;
use utoipa::ToSchema;

use crate::{App, me::refusal};

impl App {
    /// Who registers something. A request that was answered before ends here.
    ///
    /// # Errors
    /// `409 conflict` before they have a profile.
    async fn person(&self, caller: &Caller, idempotency: Option<&Idempotency>) -> Outcome<User> {
        let own = self.edge.store.own(caller.user.clone());
        let (user, ()) = own.profile_and(idempotency, caller.now, ()).await?;
        Ok(user.ok_or_else(Problem::no_profile)?)
    }
}

/// The registered company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneCompany {
    company: CompanyView,
}

/// Registers a company and makes the caller its owner.
#[utoipa::path(post, path = "/v1/companies", tag = "account", request_body = NewCompany,
    responses((status = 201, body = OneCompany)))]
pub(crate) async fn register_company(
    State(app): State<App>,
    caller: Caller,
    network: CallerNetwork,
    body: Body<NewCompany>,
) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let User { id: user, name, email, .. } = app.person(&caller, idempotency.as_ref()).await?;

    let stamp = caller.stamp(Some(name.clone()));
    let company = body.value.company(CompanyId::from_uuid(new_uuid()), caller.now);
    let (company, owner, fact) = team::register_company(company, (user, name, email));

    let mut change = app.edge.store.registration(Org::Company(company.id.clone()), stamp);
    change.put(|tenant| tenant.company(), None, &company);
    change.put(|tenant| tenant.member(&owner.user), None, &owner);
    change.count(&app.edge.tally(Limit::RegistrationsPerSource, &network, caller.now));
    change.record(fact);
    let answer = Answer::created(&OneCompany { company: (&company).into() })?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}

/// A firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirmView {
    id: FirmId,
    name: Name,
    created_at: UtcTime,
}

/// The registered firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneFirm {
    firm: FirmView,
}

impl From<Firm> for OneFirm {
    fn from(firm: Firm) -> Self {
        let Firm { id, name, email: _, admin_count: _, created_at } = firm;
        Self { firm: FirmView { id, name, created_at } }
    }
}

/// Registers a firm and makes the caller its admin. Its main address is theirs, as the identity provider
/// has verified it.
#[utoipa::path(post, path = "/v1/firms", tag = "account", request_body = NewFirm,
    responses((status = 201, body = OneFirm)))]
pub(crate) async fn register_firm(
    State(app): State<App>,
    caller: Caller,
    network: CallerNetwork,
    body: Body<NewFirm>,
) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let (person, address) =
        tokio::join!(app.person(&caller, idempotency.as_ref()), app.identity.address(caller.access_token()));
    let User { id: user, name, .. } = person?;
    // Invitations to the firm's main address are its admins' to answer, so it must be theirs now: the
    // profile's may be somebody else's by now.
    let email = address?.verified().map_err(refusal)?;

    let stamp = caller.stamp(Some(name.clone()));
    let firm = body.value.firm(FirmId::from_uuid(new_uuid()), email.clone(), caller.now);
    let (firm, admin, fact) = team::register_firm(firm, (user, name, email));

    let mut change = app.edge.store.registration(Org::Firm(firm.id.clone()), stamp);
    change.put(|tenant| tenant.firm(), None, &firm);
    change.put(|tenant| tenant.staff(&admin.user), None, &admin);
    change.count(&app.edge.tally(Limit::RegistrationsPerSource, &network, caller.now));
    change.record(fact);
    let answer = Answer::created(&OneFirm::from(firm))?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}
