//! The roles and their permissions. The same for everyone, so nothing is read.

use api::{Answer, ApiResult, Caller};
use domain::preset::{PermissionModule, RolePreset, modules, presets};
use serde::Serialize;
use utoipa::ToSchema;

/// The roles, and everything that can be granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleCatalog {
    /// Each role with its permissions.
    roles: Vec<RolePreset>,
    /// Each module with its actions.
    modules: Vec<PermissionModule>,
}

/// The one answer; also the example in the OpenAPI document.
#[must_use]
pub fn roles() -> RoleCatalog {
    RoleCatalog { roles: presets(), modules: modules() }
}

/// Lists the roles with the permissions they stand for, and every permission by module and action.
///
/// A role stands for its permissions at the time it is granted. A person who grants access may list other
/// permissions instead of the role's, as far as they hold these permissions themselves.
#[utoipa::path(get, path = "/v1/roles", responses((status = 200, body = RoleCatalog)))]
pub(crate) async fn list_roles(_: Caller) -> ApiResult {
    Answer::ok(&roles())
}
