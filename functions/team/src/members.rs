//! A company's members.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, ProblemType, Query};
use axum::extract::State;
use domain::{
    Email, FirmId, GrantState, Grants, MemberRole, Name, Org, Patch, TemporaryGrants, UserId, UtcTime,
    org::Member,
    permission::may,
    suppression::SuppressedLetters,
    team::{self, MEMBER_REMOVAL_EFFECTS, RemovalGround, bounded, to_change_member},
};
use serde::{Deserialize, Serialize};
use store::Authority;
use utoipa::ToSchema;

use crate::{
    letters::undelivered,
    refusal::{refusal, uncommitted},
    removal::{Removal, RemovalPreview, in_force},
    standing::as_bounded,
};

/// A member of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    user: UserId,
    name: Name,
    /// The last address that the identity provider had verified when they signed in.
    email: Email,
    /// Set in lists: why letters about what happens here do not reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    undelivered: Option<SuppressedLetters>,
    role: MemberRole,
    /// Of a member whom a firm invited, those that the firm's connection grants too.
    permissions: Grants,
    /// Temporary permissions on top of those, each with the time at which it ends.
    #[serde(skip_serializing_if = "TemporaryGrants::is_empty")]
    lent: TemporaryGrants,
    /// The firm that invited them. They are a member while it is connected. Invite them for the company itself to
    /// make them the company's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    inviting_firm: Option<FirmId>,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            permissions: member.held_for_good(),
            user: member.user,
            name: member.name,
            email: member.email,
            undelivered: None,
            role: member.role,
            lent: member.lent,
            inviting_firm: member.inviting_firm,
            since: member.since,
            expires_at: member.expires_at,
        }
    }
}

/// One member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberResponse {
    member: MemberView,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberPage {
    members: Vec<MemberView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the company's members.
///
/// Past members are left out, so a page may be shorter than `limit` and have a `next_cursor`.
///
/// Needs `team.view`.
#[utoipa::path(get, path = "/v1/members", params(PageQuery), responses((status = 200, body = MemberPage)))]
pub(crate) async fn list_members(
    State(api): State<Api>,
    caller: InCompany<may::TeamView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page = api
        .store
        .query_authorized(&caller.authority(), caller.now(), async |queries| {
            as_bounded(&queries, queries.page(|tenant| tenant.members(), &request).await?, caller.now()).await
        })
        .await?;
    let (mut members, paged) = in_force::<_, MemberView>(page, caller.now());
    let addresses: Vec<&Email> = members.iter().map(|member| &member.email).collect();
    let suppressed = undelivered(&api, &addresses, caller.now()).await?;
    for (member, suppressed) in members.iter_mut().zip(suppressed) {
        member.undelivered = suppressed;
    }
    Answer::ok(&MemberPage { members, paged })
}

/// A change to a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateMember {
    /// `custom` when only permissions are given.
    #[serde(default)]
    role: Option<MemberRole>,
    /// The role's preset by default.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the place ends by itself, at most 366 days ahead; `null` for never. Unchanged by default. An
    /// owner's never ends.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Patch<UtcTime>,
}

/// Changes a member's role, permissions or end.
///
/// A change of permissions ends the temporary permissions that came on top of them. The last owner stays
/// owner. A member whom a firm invited holds no more than the firm's connection grants, whatever is given here,
/// and cannot become an owner. For a firm, nobody gains anything but the members whom that firm invited.
///
/// Needs `team.manage`, everything that the member holds before and after, and what they gain for as long
/// as they will hold it.
#[utoipa::path(patch, path = "/v1/members/{user}", params(("user" = UserId, Path)),
    request_body = UpdateMember, responses((status = 200, body = MemberResponse)))]
pub(crate) async fn change_member(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
    body: Body<UpdateMember>,
) -> ApiResult {
    let access = caller.access();
    let (company, member) =
        api.store.load(&access.clone().into(), caller.now(), |tenant| (tenant.company(), tenant.member(&user))).await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;
    if let Some(firm) = member.inviting_firm.clone().map(Org::Firm) {
        let connection =
            api.store.load(&access.clone().into(), caller.now(), |tenant| tenant.connection(&firm)).await?;
        let present = bounded(member.clone(), connection.flatten().as_slice(), caller.now());
        if !GrantState::from(&present).holds_at(caller.now()) {
            return Err(Problem::not_found().into());
        }
    }

    let UpdateMember { role, permissions, expires_at } = body.value;
    let (changed, owners, event) =
        team::change_member(&company, &member, role, permissions, expires_at, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(to_change_member(access, &member, &changed).map_err(Problem::from)?);
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.member(&user), Some(member.version), &changed);
    change.count_owners(owners);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, ProblemType::LastOwner))?;
    Answer::ok(&MemberResponse { member: changed.into() })
}

/// Previews what stops working when a member is removed.
///
/// Refused as the removal would be.
///
/// Needs `team.manage`, and for a member's own place nothing.
#[utoipa::path(get, path = "/v1/members/{user}/removal", params(("user" = UserId, Path)),
    responses((status = 200, body = RemovalPreview<MemberView>)))]
pub(crate) async fn preview_member_removal(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    let present = caller.context.present();
    let authority = Authority::Person(RemovalGround::of_member(&present, &user).needs(present));
    let (company, member) =
        api.store.load(&authority, caller.now(), |tenant| (tenant.company(), tenant.member(&user))).await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;
    team::remove_member(&company, &member, caller.now()).map_err(refusal)?;
    Answer::ok(&RemovalPreview {
        would_remove: MemberView::from(member),
        stops: MEMBER_REMOVAL_EFFECTS,
        assignments: None,
        members: None,
    })
}

/// Removes a member and returns what stops working.
///
/// The last owner cannot be removed.
///
/// Needs `team.manage` and everything that the member holds; a member who leaves needs nothing.
#[utoipa::path(delete, path = "/v1/members/{user}", params(("user" = UserId, Path)),
    responses((status = 200, body = Removal<MemberView>)))]
pub(crate) async fn remove_member(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    let present = caller.context.present();
    let ending = RemovalGround::of_member(&present, &user);
    let looking = Authority::Person(ending.needs(present.clone()));
    let (company, member) =
        api.store.load(&looking, caller.now(), |tenant| (tenant.company(), tenant.member(&user))).await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;

    let (ended, owners, event) = team::remove_member(&company, &member, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(ending.taking(present, &member.held_for_good()));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.member(&user), Some(member.version), &ended);
    change.count_owners(owners);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, ProblemType::LastOwner))?;
    Answer::ok(&Removal::of(MemberView::from(member), MEMBER_REMOVAL_EFFECTS))
}
