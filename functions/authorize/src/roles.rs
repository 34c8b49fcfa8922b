//! The roles and their permissions. The same for everyone, but for the language of the words, so nothing is read.

use api::{Answer, ApiResult, Caller, RequestReader};
use domain::{
    language::Reader,
    preset::{PermissionModule, RolePreset, modules, presets},
};
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

/// The answer in the reader's language; also the example in the OpenAPI document.
#[must_use]
pub fn roles(reader: &Reader) -> RoleCatalog {
    RoleCatalog { roles: presets(reader), modules: modules(reader) }
}

/// Lists the roles with the permissions they stand for, and every permission by module and action.
///
/// A role stands for its permissions at the time it is granted. A person who grants access may list other
/// permissions instead of the role's, as far as they hold these permissions themselves. `in_words` is in the language that
/// `Accept-Language` prefers among English, German, French, Dutch and Spanish.
#[utoipa::path(get, path = "/v1/roles", responses((status = 200, body = RoleCatalog)))]
pub(crate) async fn list_roles(_: Caller, RequestReader(reader): RequestReader) -> ApiResult {
    Answer::ok(&roles(&reader))
}
