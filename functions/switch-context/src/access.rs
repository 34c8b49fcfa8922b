//! One question, for modules that the vendor hosts elsewhere: may this person do this, here, now?

use axum::extract::State;
use domain::Permission;
use edge::{Answer, Edge, InContext, Outcome, Path, Problem, Stop};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// Yes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Allowed {
    permission: Permission,
    /// Always true: no is `403 not-granted`.
    allowed: bool,
    /// The seat it is granted to.
    via: &'static str,
}

/// Says whether a permission is granted here and now, whatever the token says. `403 not-granted`
/// with the permission when it is not.
#[utoipa::path(get, path = "/v1/access/{permission}", tag = "switch-context",
    params(("permission" = Permission, Path)), responses((status = 200, body = Allowed)))]
pub(crate) async fn check_access(
    State(edge): State<Edge>,
    caller: InContext,
    Path(permission): Path<Permission>,
) -> Outcome {
    let proof = edge.store.prove(&caller.needs(permission), caller.now()).await;
    proof.map_err(|error| match error {
        // Of an access that has ended, too, the asker learns which permission it lacks.
        StoreError::Denied(_) => Problem::not_granted(permission).into(),
        error => Stop::from(error),
    })?;
    Answer::ok(&Allowed { permission, allowed: true, via: caller.context.seat().via() })
}
