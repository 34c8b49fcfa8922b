//! The roles and what they stand for. The same for everyone, so nothing is read.

use domain::preset::{Module, Preset, modules, presets};
use edge::{Answer, Caller, Outcome};
use serde::Serialize;
use utoipa::ToSchema;

/// The roles, and everything that can be granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Roles {
    /// Each role with the permissions it stands for.
    roles: Vec<Preset>,
    /// Each module with its actions.
    modules: Vec<Module>,
}

/// The one answer; also the example in the OpenAPI document.
#[must_use]
pub fn roles() -> Roles {
    Roles { roles: presets(), modules: modules() }
}

/// Lists the roles with the permissions they stand for, and every permission by module and action.
///
/// A role is a name for permissions at the time it is given. Whoever gives it may list permissions
/// instead of the preset, more or fewer, as far as they hold them themselves.
#[utoipa::path(get, path = "/v1/roles", tag = "switch-context", responses((status = 200, body = Roles)))]
pub(crate) async fn list_roles(_: Caller) -> Outcome {
    Answer::ok(&roles())
}
