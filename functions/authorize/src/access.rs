//! Checks one permission of a person in their own context, now.

use api::{Answer, Api, ApiError, ApiResult, InContext, Path, Problem};
use axum::extract::State;
use domain::Permission;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// Yes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessCheckResponse {
    permission: Permission,
    /// Always true: a missing permission is `403 not-granted`.
    allowed: bool,
    /// The seat it is granted to.
    via: &'static str,
}

/// Checks whether the caller has a permission in this context now.
///
/// The answer is computed from the current relationships, not from the context token. `403 not-granted`
/// names the permission when the caller does not have it.
#[utoipa::path(get, path = "/v1/access/{permission}",
    params(("permission" = Permission, Path)), responses((status = 200, body = AccessCheckResponse)))]
pub(crate) async fn check_access(
    State(api): State<Api>,
    caller: InContext,
    Path(permission): Path<Permission>,
) -> ApiResult {
    let proof = api.store.prove(&caller.needs(permission), caller.now()).await;
    proof.map_err(|error| match error {
        // The problem names the missing permission even if the whole access has ended.
        StoreError::Denied(_) => Problem::not_granted(permission).into(),
        error => ApiError::from(error),
    })?;
    Answer::ok(&AccessCheckResponse { permission, allowed: true, via: caller.context.acting_as().via() })
}
