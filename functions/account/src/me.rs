//! The caller's profile.

use api::{Answer, ApiResult, Body, Caller, Problem};
use axum::extract::State;
use domain::{
    Email, Name, UserId, UtcTime,
    org::User,
    profile::{ProfileError, change_profile, make_profile},
    time::Zone,
};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use crate::App;

/// A person's profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: UserId,
    /// Verified by the identity provider when the profile was made.
    email: Email,
    name: Name,
    time_zone: Zone,
    created_at: UtcTime,
}

/// The caller's profile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileResponse {
    user: UserView,
}

impl From<User> for ProfileResponse {
    fn from(user: User) -> Self {
        let User { id, email, name, time_zone, created_at, version: _ } = user;
        Self { user: UserView { id, email, name, time_zone, created_at } }
    }
}

/// A new profile. The address comes from the identity provider, so it is not a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateProfile {
    /// The name that others see.
    name: Name,
    /// Time zone for times in emails. Default: UTC.
    #[serde(default)]
    time_zone: Option<Zone>,
}

/// Creates the caller's profile at the first sign-in.
///
/// If the caller has a profile, it is returned unchanged, so a repeated request needs no `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/me", request_body = CreateProfile,
    responses((status = 201, body = ProfileResponse), (status = 200, body = ProfileResponse, description = "It was there already")))]
pub(crate) async fn make_me(State(app): State<App>, caller: Caller, body: Body<CreateProfile>) -> ApiResult {
    let own = app.api.store.for_user(caller.user.clone());
    if let Some(user) = own.profile().await? {
        return Answer::ok(&ProfileResponse::from(user));
    }
    let address = app.addresses.address(caller.access_token()).await?;
    let CreateProfile { name, time_zone } = body.value;
    let user = make_profile(caller.user.clone(), address, name, time_zone, caller.now).map_err(refusal)?;
    match own.put_profile(None, &user).await {
        // A concurrent request of the same person created the profile.
        Err(StoreError::Conflict) => {
            Answer::ok(&ProfileResponse::from(own.profile().await?.ok_or(StoreError::Conflict)?))
        }
        made => {
            made?;
            Answer::created(&ProfileResponse::from(user))
        }
    }
}

fn refusal(error: ProfileError) -> Problem {
    Problem::conflict(error, error.as_str())
}

/// Shows the caller's profile.
#[utoipa::path(get, path = "/v1/me", responses((status = 200, body = ProfileResponse)))]
pub(crate) async fn get_me(State(app): State<App>, caller: Caller) -> ApiResult {
    let user = app.api.store.for_user(caller.user).profile().await?.ok_or_else(Problem::not_found)?;
    Answer::ok(&ProfileResponse::from(user))
}

/// The fields to change; a field that is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProfile {
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
    time_zone: Option<Zone>,
}

/// Changes the caller's profile.
///
/// A field that is left out, or an empty body, changes nothing.
#[utoipa::path(patch, path = "/v1/me", request_body = UpdateProfile,
    responses((status = 200, body = ProfileResponse)))]
pub(crate) async fn change_me(State(app): State<App>, caller: Caller, body: Body<UpdateProfile>) -> ApiResult {
    let own = app.api.store.for_user(caller.user);
    let user = own.profile().await?.ok_or_else(Problem::not_found)?;
    let changed = change_profile(&user, body.value.name, body.value.time_zone);
    own.put_profile(Some(user.version), &changed).await?;
    Answer::ok(&ProfileResponse::from(changed))
}
