//! Registering companies and firms. Whoever registers one is its first owner or admin.

use axum::extract::State;
use domain::{
    CompanyId, Currency, FirmId, Name, Org, UtcTime,
    org::{Company, Firm, User},
    team,
    time::Zone,
};
use edge::{Answer, Body, Caller, Outcome, Problem, clock::new_uuid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanyView {
    id: CompanyId,
    name: Name,
    currency: Currency,
    time_zone: Zone,
    created_at: UtcTime,
}

/// The registered company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneCompany {
    company: CompanyView,
}

impl From<Company> for OneCompany {
    fn from(company: Company) -> Self {
        let Company { id, name, currency, time_zone, owner_count: _, created_at } = company;
        Self { company: CompanyView { id, name, currency, time_zone, created_at } }
    }
}

/// A new company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCompany {
    name: Name,
    /// What its books are kept in.
    currency: Currency,
    /// For due times; UTC when not said.
    #[serde(default)]
    time_zone: Option<Zone>,
}

/// Registers a company and makes the caller its owner.
#[utoipa::path(post, path = "/v1/companies", tag = "account", request_body = NewCompany,
    responses((status = 201, body = OneCompany)))]
pub(crate) async fn register_company(State(app): State<App>, caller: Caller, body: Body<NewCompany>) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let own = app.edge.store.own(caller.user.clone());
    let (user, ()) = own.profile_and(idempotency.as_ref(), caller.now, ()).await?;
    let User { id: user, name, email, .. } = user.ok_or_else(no_profile)?;

    let stamp = caller.stamp(Some(name.clone()));
    let NewCompany { name: company_name, currency, time_zone } = body.value;
    let company = Company {
        id: CompanyId::from_uuid(new_uuid()),
        name: company_name,
        currency,
        time_zone: time_zone.unwrap_or_else(Zone::utc),
        owner_count: 0,
        created_at: caller.now,
    };
    let (company, owner, fact) = team::register_company(company, (user, name, email));

    let mut change = app.edge.store.registration(Org::Company(company.id.clone()), stamp);
    change.put(|tenant| tenant.company(), None, &company);
    change.put(|tenant| tenant.member(&owner.user), None, &owner);
    change.record(fact);
    let answer = Answer::created(&OneCompany::from(company))?;
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

/// A new firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFirm {
    name: Name,
}

/// Registers a firm and makes the caller its admin.
#[utoipa::path(post, path = "/v1/firms", tag = "account", request_body = NewFirm,
    responses((status = 201, body = OneFirm)))]
pub(crate) async fn register_firm(State(app): State<App>, caller: Caller, body: Body<NewFirm>) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let own = app.edge.store.own(caller.user.clone());
    let (user, ()) = own.profile_and(idempotency.as_ref(), caller.now, ()).await?;
    let User { id: user, name, email, .. } = user.ok_or_else(no_profile)?;

    let stamp = caller.stamp(Some(name.clone()));
    let firm = Firm {
        id: FirmId::from_uuid(new_uuid()),
        name: body.value.name,
        email: Some(email.clone()),
        admin_count: 0,
        created_at: caller.now,
    };
    let (firm, admin, fact) = team::register_firm(firm, (user, name, email));

    let mut change = app.edge.store.registration(Org::Firm(firm.id.clone()), stamp);
    change.put(|tenant| tenant.firm(), None, &firm);
    change.put(|tenant| tenant.staff(&admin.user), None, &admin);
    change.record(fact);
    let answer = Answer::created(&OneFirm::from(firm))?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}

fn no_profile() -> Problem {
    Problem::conflict("make your profile first: POST /v1/me", "no_profile")
}
