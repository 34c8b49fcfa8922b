//! The caller's profile.

use api::{Answer, ApiResult, Body, Caller, Problem};
use axum::extract::State;
use domain::{
    Email, Locale, Name, Patch, UserId, UtcTime,
    org::User,
    profile::{Address, ProfileError, change_profile, follow_address, make_profile},
    suppression::SuppressedLetters,
    time::Zone,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A person's profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: UserId,
    /// The last address that the identity provider had verified at a sign-in. Letters go there.
    email: Email,
    name: Name,
    time_zone: Zone,
    /// The language of letters and pages. Absent where none was chosen: they are in English then.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Locale>,
    created_at: UtcTime,
    /// The letters that are not sent to this address. `DELETE /v1/me/suppressions` lifts it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<SuppressedLetters>,
}

/// The caller's profile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileResponse {
    user: UserView,
}

impl ProfileResponse {
    /// The profile, with what keeps letters from its address: one read.
    async fn of(user: User, app: &App, now: UtcTime) -> ApiResult<Self> {
        let suppressions = app.api.store.suppressions(&[&user.email]).await?;
        let suppressed = suppressions.first().map(|found| found.at(now)).unwrap_or_default();
        let User { id, email, name, time_zone, language, created_at, version: _ } = user;
        Ok(Self { user: UserView { id, email, name, time_zone, language, created_at, suppressed } })
    }

    /// As [`ProfileResponse::of`], while the profile is written.
    async fn written(user: User, app: &App, expected: Option<u64>, now: UtcTime) -> ApiResult<Self> {
        let own = app.api.store.for_user(user.id.clone());
        let (written, response) = tokio::join!(own.put_profile(expected, &user), Self::of(user.clone(), app, now));
        written?;
        response
    }
}

/// A new profile. The address comes from the identity provider, so it is not a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateProfile {
    /// The name that others see.
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    /// Time zone for times in emails. Default: UTC.
    #[serde(default)]
    time_zone: Option<Zone>,
    /// The language of letters: English, German, French, Dutch or Spanish, with a region whose numbers and dates are
    /// wanted. Of another language, letters are in English. Default: none.
    #[serde(default)]
    language: Option<Locale>,
}

/// Creates the caller's profile at the first sign-in, and takes over a changed address at a later one.
///
/// Send it after every sign-in. The address is the one that the identity provider has verified at that moment; name,
/// time zone and language of a profile that exists stay. A repeated request changes nothing, so it needs no
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/me", request_body = CreateProfile,
    responses((status = 201, body = ProfileResponse), (status = 200, body = ProfileResponse, description = "It was there already")))]
pub(crate) async fn make_me(State(app): State<App>, caller: Caller, body: Body<CreateProfile>) -> ApiResult {
    let own = app.api.store.for_user(caller.user.clone());
    let (found, address) = tokio::join!(own.profile(), app.addresses.address(caller.access_token()));
    let (found, address) = (found?, address?);
    if let Some(user) = found {
        let user = follow(&app, &caller, user, address).await?;
        return Answer::ok(&ProfileResponse::of(user, &app, caller.now).await?);
    }
    let CreateProfile { name, time_zone, language } = body.value;
    let user = make_profile(caller.user.clone(), address, name, (time_zone, language), caller.now).map_err(refusal)?;
    match ProfileResponse::written(user, &app, None, caller.now).await {
        Ok(response) => Answer::created(&response),
        // A concurrent request of the same person may have created the profile.
        Err(error) => match own.profile().await? {
            Some(user) => Answer::ok(&ProfileResponse::of(user, &app, caller.now).await?),
            None => Err(error),
        },
    }
}

/// Takes over the address that the identity provider has now.
async fn follow(app: &App, caller: &Caller, user: User, address: Address) -> ApiResult<User> {
    let Some(moved) = follow_address(&user, address) else { return Ok(user) };
    // The copies first: where it ends in between, the next request begins anew.
    let change_context = caller.change_context(Some(moved.name.clone()));
    app.api.store.address_follows(&moved.id, &moved.email, &change_context).await?;
    app.api.store.for_user(caller.user.clone()).put_profile(Some(user.version), &moved).await?;
    Ok(moved)
}

pub(crate) fn refusal(error: ProfileError) -> Problem {
    Problem::conflict(error, error.as_str())
}

/// Shows the caller's profile.
#[utoipa::path(get, path = "/v1/me", responses((status = 200, body = ProfileResponse)))]
pub(crate) async fn get_me(State(app): State<App>, caller: Caller) -> ApiResult {
    let user = app.api.store.for_user(caller.user.clone()).profile().await?.ok_or_else(Problem::not_found)?;
    Answer::ok(&ProfileResponse::of(user, &app, caller.now).await?)
}

/// The fields to change; a field that is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProfile {
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    name: Option<Name>,
    #[serde(default)]
    time_zone: Option<Zone>,
    /// The language of letters; `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<Locale>)]
    language: Patch<Locale>,
}

/// Changes the caller's profile.
///
/// A field that is left out, or an empty body, changes nothing.
#[utoipa::path(patch, path = "/v1/me", request_body = UpdateProfile,
    responses((status = 200, body = ProfileResponse)))]
pub(crate) async fn change_me(State(app): State<App>, caller: Caller, body: Body<UpdateProfile>) -> ApiResult {
    let own = app.api.store.for_user(caller.user.clone());
    let user = own.profile().await?.ok_or_else(Problem::not_found)?;
    let changed = change_profile(&user, body.value.name, body.value.time_zone, body.value.language);
    Answer::ok(&ProfileResponse::written(changed, &app, Some(user.version), caller.now).await?)
}
