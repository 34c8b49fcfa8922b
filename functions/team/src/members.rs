//! A company's members.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, ProblemType, Query};
use axum::extract::State;
use domain::{
    Email, ExpiryUpdate, GrantState, Grants, MemberRole, Name, Permission, TemporaryGrants, UserId, UtcTime,
    org::Member,
    permission::may,
    team::{self, MEMBER_REMOVAL_EFFECTS, RemovalGround, to_give},
};
use serde::{Deserialize, Serialize};
use store::Authority;
use utoipa::ToSchema;

use crate::{
    ended::{Removal, RemovalPreview, in_force},
    refusal::{refusal, uncommitted},
};

/// A member of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    user: UserId,
    name: Name,
    email: Email,
    role: MemberRole,
    permissions: Grants,
    /// What they may do on top for a time, each with when it stops.
    #[serde(skip_serializing_if = "TemporaryGrants::is_empty")]
    lent: TemporaryGrants,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            user: member.user,
            name: member.name,
            email: member.email,
            role: member.role,
            permissions: member.grants,
            lent: member.lent,
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

/// Lists the company's members. Needs `team.view`. Past members are left out, so a page may be
/// shorter than `limit` and have a `next_cursor`.
#[utoipa::path(get, path = "/v1/members", tag = "team", params(PageQuery), responses((status = 200, body = MemberPage)))]
pub(crate) async fn list_members(
    State(api): State<Api>,
    caller: InCompany<may::TeamView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    caller.company(Permission::TeamView)?;
    let authority = caller.needs(Permission::TeamView);
    let page = api.store.page(&authority, caller.now(), |tenant| tenant.members(), &query.request()?).await?;
    let (members, paged) = in_force(page, caller.now());
    Answer::ok(&MemberPage { members, paged })
}

/// What is to change about a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateMember {
    /// `custom` when only permissions are given.
    #[serde(default)]
    role: Option<MemberRole>,
    /// The role's preset when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the place ends by itself, at most 366 days ahead; `null` for never. As before when not
    /// said. An owner's never ends.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: ExpiryUpdate,
}

/// Gives a member another role, other permissions or another end. Needs `team.manage`, and everything
/// that the member holds now and will hold then; what they gain, for as long as they will hold it. What
/// was lent to them goes with the permissions it came on top of. The last owner stays.
#[utoipa::path(patch, path = "/v1/members/{user}", tag = "team", params(("user" = UserId, Path)),
    request_body = UpdateMember, responses((status = 200, body = MemberResponse)))]
pub(crate) async fn change_member(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
    body: Body<UpdateMember>,
) -> ApiResult {
    caller.company(Permission::TeamManage)?;
    let access = caller.context.access(Permission::TeamManage);
    let (company, member) = api
        .store
        .load(&access.clone().into(), caller.now(), None, |tenant| (tenant.company(), tenant.member(&user)))
        .await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;

    let UpdateMember { role, permissions, expires_at } = body.value;
    let (changed, owners, event) =
        team::change_member(&company, &member, role, permissions, expires_at, caller.now()).map_err(refusal)?;

    let holding = access.and_all(&member.grants).and_all(&changed.grants);
    let authority = Authority::Person(to_give(holding, &GrantState::from(&member), &GrantState::from(&changed)));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.member(&user), Some(member.version), &changed);
    change.count_owners(owners);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, Permission::TeamManage, ProblemType::LastOwner))?;
    Answer::ok(&MemberResponse { member: changed.into() })
}

/// Says what would stop working with a member's place, for whoever is about to end it. Needs
/// `team.manage`, and for a member's own nothing. Refused as ending it would be.
#[utoipa::path(get, path = "/v1/members/{user}/removal", tag = "team", params(("user" = UserId, Path)),
    responses((status = 200, body = RemovalPreview<MemberView>)))]
pub(crate) async fn preview_removal(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    caller.company(Permission::TeamManage)?;
    let present = caller.context.present();
    let authority = Authority::Person(RemovalGround::of_member(&present, &user).needs(present));
    let (company, member) =
        api.store.load(&authority, caller.now(), None, |tenant| (tenant.company(), tenant.member(&user))).await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;
    team::remove_member(&company, &member, caller.now()).map_err(refusal)?;
    Answer::ok(&RemovalPreview {
        would_remove: MemberView::from(member),
        stops: MEMBER_REMOVAL_EFFECTS,
        assignments: None,
    })
}

/// Ends a member's place and says what stops working with it. Needs `team.manage`, and everything
/// that the member holds; a member who leaves needs nothing. The last owner stays.
#[utoipa::path(delete, path = "/v1/members/{user}", tag = "team", params(("user" = UserId, Path)),
    responses((status = 200, body = Removal<MemberView>)))]
pub(crate) async fn remove_member(
    State(api): State<Api>,
    caller: InCompany<may::TeamManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    caller.company(Permission::TeamManage)?;
    let present = caller.context.present();
    let ending = RemovalGround::of_member(&present, &user);
    let looking = Authority::Person(ending.needs(present.clone()));
    let (company, member) =
        api.store.load(&looking, caller.now(), None, |tenant| (tenant.company(), tenant.member(&user))).await?;
    let (company, member) = company.zip(member).ok_or_else(Problem::not_found)?;

    let (ended, owners, event) = team::remove_member(&company, &member, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(ending.taking(present, &member.grants));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.member(&user), Some(member.version), &ended);
    change.count_owners(owners);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, Permission::TeamManage, ProblemType::LastOwner))?;
    Answer::ok(&Removal { removed: MemberView::from(member), stops: MEMBER_REMOVAL_EFFECTS })
}
