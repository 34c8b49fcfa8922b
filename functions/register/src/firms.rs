//! Registers a firm. The caller becomes its first admin.

use api::{Answer, ApiResult, Body, Caller, CallerNetwork, Problem, clock::new_uuid};
use axum::extract::State;
use domain::{
    FirmId, Name, Org, UtcTime,
    limit::Limit,
    org::{Firm, User},
    team::{self, NewFirm},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

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
        let Firm { id, name, created_at, .. } = firm;
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
        tokio::join!(app.registrant(&caller, idempotency.as_ref()), app.addresses.address(caller.access_token()));
    let User { id: user, name, .. } = person?;
    // Invitations to the firm's main address are its admins' to answer, so it must be theirs now: the
    // profile's may be somebody else's by now.
    let email = address?.verified().map_err(|error| Problem::conflict(error, error.as_str()))?;

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
