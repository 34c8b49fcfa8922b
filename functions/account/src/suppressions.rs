//! Lifts what keeps letters from an address: by the person whose verified address it is, or by the vendor.

use api::{Answer, ApiResult, Body, Caller, Machine, scope};
use axum::extract::State;
use domain::text::{self, Email};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, me::refusal};

/// Letters are sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiftSuppressionsResponse {
    lifted: bool,
}

/// Lifts what keeps letters from the caller's address.
///
/// The address is the one that the identity provider has verified right now. A later bounce or complaint counts
/// anew. A repeated request changes nothing.
#[utoipa::path(delete, path = "/v1/me/suppressions", responses((status = 200, body = LiftSuppressionsResponse)))]
pub(crate) async fn lift_my_suppressions(State(app): State<App>, caller: Caller) -> ApiResult {
    let address = app.addresses.address(caller.access_token()).await?.verified().map_err(refusal)?;
    app.api.store.lift_suppressions(&address, caller.now).await?;
    Answer::ok(&LiftSuppressionsResponse { lifted: true })
}

/// An address to which letters are to be sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiftSuppressions {
    #[serde(deserialize_with = "text::deliverable_email")]
    email: Email,
}

/// Lifts what keeps letters from an address, for support that knows that it works again.
///
/// A later bounce or complaint counts anew. A repeated request changes nothing.
#[utoipa::path(post, path = "/v1/vendor/suppressions/lift", request_body = LiftSuppressions,
    responses((status = 200, body = LiftSuppressionsResponse)))]
pub(crate) async fn lift_suppressions(
    State(app): State<App>,
    vendor: Machine<scope::Referrals>,
    body: Body<LiftSuppressions>,
) -> ApiResult {
    app.api.store.lift_suppressions(&body.value.email, vendor.now).await?;
    Answer::ok(&LiftSuppressionsResponse { lifted: true })
}
