//! What a person chooses for themselves.

use api::{Answer, Api, ApiResult, Body, Caller, Path, Problem, RequestReader};
use axum::extract::State;
use domain::{
    AccessRequirement, Grants, MemberRole, Org, Patch, Permission, UserId,
    access::ActingAs,
    context::HeldContext,
    language::Reader,
    notification::{
        CategoryChange, ClientNotificationSettings, DecidedBy, DigestTime, MailChoice, MailDecision,
        NotificationCategory, NotificationSettings, NotificationType, QuietHours, TypeChange, decide_mail,
    },
    org::Member,
};
use serde::{Deserialize, Serialize};
use store::Authority;
use utoipa::ToSchema;

use super::refusal::refusal;

/// A type of notification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationTypeInWords)]
pub(crate) struct TypeView {
    #[serde(rename = "type")]
    kind: NotificationType,
    /// What it says, in the language that `Accept-Language` prefers.
    in_words: &'static str,
    /// The permissions of which its reader holds one; none where a place in the company or firm is enough.
    needs: &'static [Permission],
}

impl TypeView {
    fn of(kind: NotificationType, reader: &Reader) -> Self {
        Self { kind, in_words: kind.in_words(reader), needs: kind.needs() }
    }
}

/// A category of notifications, and the caller's choice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationCategorySettings)]
pub(crate) struct CategoryView {
    category: NotificationCategory,
    /// What it is about, in the language that `Accept-Language` prefers.
    in_words: &'static str,
    /// Whether it is always mailed; nobody chooses then.
    required: bool,
    /// The caller's choice; absent while they have not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<MailChoice>,
    types: Vec<TypeView>,
}

/// The caller's choices everywhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationSettings)]
pub(crate) struct SettingsView {
    categories: Vec<CategoryView>,
    /// When nothing is mailed that can wait, by the clock of the caller's profile; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_hours: Option<QuietHours>,
    /// When digests come, by the clock of the caller's profile.
    digest: DigestTime,
}

/// The caller's choices everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationSettingsResponse {
    notification_settings: SettingsView,
}

impl NotificationSettingsResponse {
    fn of(own: &NotificationSettings, reader: &Reader) -> Self {
        let categories = NotificationCategory::ALL.iter().map(|category| CategoryView {
            category: *category,
            in_words: category.in_words(reader),
            required: category.is_required(),
            mail: own.of_category(*category),
            types: category.types().map(|kind| TypeView::of(kind, reader)).collect(),
        });
        let categories = categories.collect();
        let (quiet_hours, digest) = (own.quiet_hours, own.digest_time());
        Self { notification_settings: SettingsView { categories, quiet_hours, digest } }
    }
}

/// Shows what the caller chose for each category of notifications.
///
/// Every type of notification is listed with its category. Each of them is in the inbox; a choice says whether it is
/// mailed too.
#[utoipa::path(get, path = "/v1/notification-settings",
    responses((status = 200, body = NotificationSettingsResponse)))]
pub(crate) async fn get_notification_settings(
    State(api): State<Api>,
    caller: Caller,
    RequestReader(reader): RequestReader,
) -> ApiResult {
    let own = api.store.for_user(caller.user).notification_settings().await?;
    Answer::ok(&NotificationSettingsResponse::of(&own.unwrap_or_default(), &reader))
}

/// The choices to make or take back; those that are left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateNotificationSettings {
    #[serde(default)]
    categories: Vec<CategoryChange>,
    /// When nothing is mailed that can wait; `null` for never. What is required comes in quiet hours too.
    #[serde(default)]
    #[schema(value_type = Option<QuietHours>)]
    quiet_hours: Patch<QuietHours>,
    /// When digests come; `null` for every day at eight. It counts from the next notification on.
    #[serde(default)]
    #[schema(value_type = Option<DigestTime>)]
    digest: Patch<DigestTime>,
}

/// Chooses which categories of notifications are mailed to the caller, and when.
///
/// A choice counts in every company and firm, before what a company's settings say. Hours are by the clock of the
/// caller's profile.
#[utoipa::path(patch, path = "/v1/notification-settings", request_body = UpdateNotificationSettings,
    responses((status = 200, body = NotificationSettingsResponse)))]
pub(crate) async fn change_notification_settings(
    State(api): State<Api>,
    caller: Caller,
    RequestReader(reader): RequestReader,
    body: Body<UpdateNotificationSettings>,
) -> ApiResult {
    let of_user = api.store.for_user(caller.user);
    let (own, expected) = known(of_user.notification_settings().await?);
    let UpdateNotificationSettings { categories, quiet_hours, digest } = body.value;
    let changed = own.change_categories(&categories).map_err(refusal("categories", "category"))?;
    let changed = changed.at_times(quiet_hours, digest);
    of_user.put_notification_settings(expected, &changed).await?;
    Answer::ok(&NotificationSettingsResponse::of(&changed, &reader))
}

/// The settings with their version, or none yet.
fn known(found: Option<NotificationSettings>) -> (NotificationSettings, Option<u64>) {
    let version = found.as_ref().map(|own| own.version);
    (found.unwrap_or_default(), version)
}

/// Whether a type is mailed to the caller in one company or firm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationTypeSettings)]
pub(crate) struct TypeHereView {
    #[serde(flatten)]
    kind: TypeView,
    category: NotificationCategory,
    /// Whether it is mailed.
    mail: MailChoice,
    /// Whose choice that is. Nobody changes what is `required`.
    decided_by: DecidedBy,
}

/// What applies to the caller in one company or firm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationSettingsOfOrganization)]
pub(crate) struct SettingsHereView {
    #[serde(flatten)]
    org: Org,
    /// The types that the caller's permissions there let them read.
    types: Vec<TypeHereView>,
}

/// What applies to the caller in one company or firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationNotificationSettingsResponse {
    notification_settings: SettingsHereView,
}

/// What decides in one company or firm, beside the person's own choices.
struct Here {
    org: Org,
    grants: Grants,
    client: Option<ClientNotificationSettings>,
    role: Option<MemberRole>,
}

impl Here {
    /// Where the person has a place of their own, or one for a firm.
    async fn find(api: &Api, caller: &Caller, org: &str) -> ApiResult<Self> {
        let org: Org = org.parse().map_err(|_| Problem::not_found())?;
        let (_, held) = api.store.for_user(caller.user.clone()).seat_into(&org, None, caller.now).await?;
        // No place there and no such company or firm get the same answer.
        let HeldContext { place, grants, since, .. } = held.ok_or_else(Problem::not_found)?;
        let access = AccessRequirement::to_enter(caller.user.clone(), place.acting_as.clone()).held_since(since);
        let is_company = org.company().is_some();
        let (client, member): (_, Option<Option<Member>>) = api
            .store
            .load(&Authority::Person(access), caller.now, |tenant| {
                let settings = is_company.then(|| tenant.client_notification_settings());
                (settings, member_key(&place.acting_as, &caller.user).map(|user| tenant.member(user)))
            })
            .await?;
        Ok(Self { org, grants, client: client.flatten(), role: member.flatten().map(|member| member.role) })
    }

    fn answer(self, own: &NotificationSettings, reader: &Reader) -> ApiResult {
        let Self { org, grants, client, role } = self;
        let is_read = |kind: &NotificationType| {
            let needs = kind.needs();
            kind.happens_in(&org) && (needs.is_empty() || needs.iter().any(|needed| grants.contains(*needed)))
        };
        let types = NotificationType::ALL.iter().copied().filter(is_read).map(|kind| {
            let MailDecision { mail, by } = decide_mail(kind, &org, Some(own), client.as_ref(), role);
            TypeHereView { kind: TypeView::of(kind, reader), category: kind.category(), mail, decided_by: by }
        });
        let types = types.collect();
        Answer::ok(&OrganizationNotificationSettingsResponse { notification_settings: SettingsHereView { org, types } })
    }
}

/// The person, where they act as a member: their role is the member's.
const fn member_key<'u>(acting_as: &ActingAs, user: &'u UserId) -> Option<&'u UserId> {
    match acting_as {
        ActingAs::Member { .. } | ActingAs::BoundedMember { .. } => Some(user),
        ActingAs::FirmAdmin { .. }
        | ActingAs::Bookkeeper { .. }
        | ActingAs::Staff { .. }
        | ActingAs::Contact { .. } => None,
    }
}

/// Shows which notifications of a company or firm are mailed to the caller, and whose choice that is.
#[utoipa::path(get, path = "/v1/notification-settings/{org}",
    params(("org" = String, Path, description = "A company's or firm's id")),
    responses((status = 200, body = OrganizationNotificationSettingsResponse)))]
pub(crate) async fn get_notification_settings_of(
    State(api): State<Api>,
    caller: Caller,
    Path(org): Path<String>,
    RequestReader(reader): RequestReader,
) -> ApiResult {
    let of_user = api.store.for_user(caller.user.clone());
    let (here, own) = tokio::join!(Here::find(&api, &caller, &org), of_user.notification_settings());
    here?.answer(&own?.unwrap_or_default(), &reader)
}

/// The choices to make or take back; those that are left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateOrganizationNotificationSettings {
    types: Vec<TypeChange>,
}

/// Chooses which notifications of a company or firm are mailed to the caller.
///
/// A choice for a type there counts before the one for its category.
#[utoipa::path(patch, path = "/v1/notification-settings/{org}",
    params(("org" = String, Path, description = "A company's or firm's id")),
    request_body = UpdateOrganizationNotificationSettings,
    responses((status = 200, body = OrganizationNotificationSettingsResponse)))]
pub(crate) async fn change_notification_settings_of(
    State(api): State<Api>,
    caller: Caller,
    Path(org): Path<String>,
    RequestReader(reader): RequestReader,
    body: Body<UpdateOrganizationNotificationSettings>,
) -> ApiResult {
    let of_user = api.store.for_user(caller.user.clone());
    let (here, found) = tokio::join!(Here::find(&api, &caller, &org), of_user.notification_settings());
    let (here, (own, expected)) = (here?, known(found?));
    let changed = own.change_types(&here.org, &body.value.types).map_err(refusal("types", "type"))?;
    of_user.put_notification_settings(expected, &changed).await?;
    here.answer(&changed, &reader)
}
