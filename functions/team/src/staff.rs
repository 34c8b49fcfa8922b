//! A firm's staff.

use api::{Answer, Api, ApiResult, Body, InFirm, PageInfo, PageQuery, Path, Problem, ProblemType, Query};
use axum::extract::State;
use domain::{
    Email, ExpiryUpdate, GrantState, Grants, Name, Permission, StaffRole, UserId, UtcTime,
    org::Staff,
    permission::may,
    team::{self, RemovalGround, STAFF_REMOVAL_EFFECTS, to_give},
};
use serde::{Deserialize, Serialize};
use store::{Authority, PageRequest, StoreError};
use utoipa::ToSchema;

use crate::{
    ended::{Removal, RemovalPreview, count_in_force, in_force},
    refusal::{refusal, uncommitted},
};

/// Someone on the firm's staff.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Staff)]
pub(crate) struct StaffView {
    user: UserId,
    name: Name,
    email: Email,
    role: StaffRole,
    /// In the firm's own context.
    permissions: Grants,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Staff> for StaffView {
    fn from(staff: Staff) -> Self {
        Self {
            user: staff.user,
            name: staff.name,
            email: staff.email,
            role: staff.role,
            permissions: staff.grants,
            since: staff.since,
            expires_at: staff.expires_at,
        }
    }
}

/// One of the staff.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffResponse {
    staff: StaffView,
}

/// A page of the staff.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffPage {
    staff: Vec<StaffView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the firm's staff. Needs `staff.view`. Past staff are left out, so a page may be shorter
/// than `limit` and have a `next_cursor`.
#[utoipa::path(get, path = "/v1/staff", tag = "team", params(PageQuery), responses((status = 200, body = StaffPage)))]
pub(crate) async fn list_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    caller.context.firm(Permission::StaffView)?;
    let authority = caller.needs(Permission::StaffView);
    let page = api.store.page(&authority, caller.now(), |tenant| tenant.all_staff(), &query.request()?).await?;
    let (staff, paged) = in_force(page, caller.now());
    Answer::ok(&StaffPage { staff, paged })
}

/// What is to change about someone on the staff.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateStaff {
    /// As before when not said.
    #[serde(default)]
    role: Option<StaffRole>,
    /// When the place ends by itself, at most 366 days ahead; `null` for never. As before when not
    /// said. An admin's never ends.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: ExpiryUpdate,
}

/// Gives someone on the staff another role or another end. Needs `staff.manage`, and everything that
/// they hold now and will hold then. The last admin stays.
#[utoipa::path(patch, path = "/v1/staff/{user}", tag = "team", params(("user" = UserId, Path)),
    request_body = UpdateStaff, responses((status = 200, body = StaffResponse)))]
pub(crate) async fn change_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
    body: Body<UpdateStaff>,
) -> ApiResult {
    caller.context.firm(Permission::StaffManage)?;
    let access = caller.context.access(Permission::StaffManage);
    let (firm, staff) = api
        .store
        .load(&access.clone().into(), caller.now(), None, |tenant| (tenant.firm(), tenant.staff(&user)))
        .await?;
    let (firm, staff) = firm.zip(staff).ok_or_else(Problem::not_found)?;

    let UpdateStaff { role, expires_at } = body.value;
    let (changed, admins, event) =
        team::change_staff(&firm, &staff, role, expires_at, caller.now()).map_err(refusal)?;

    let holding = access.and_all(&staff.grants).and_all(&changed.grants);
    let authority = Authority::Person(to_give(holding, &GrantState::from(&staff), &GrantState::from(&changed)));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.staff(&user), Some(staff.version), &changed);
    change.count_admins(admins);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, Permission::StaffManage, ProblemType::LastAdmin))?;
    Answer::ok(&StaffResponse { staff: changed.into() })
}

/// Says what would stop working with someone's place on the staff, for whoever is about to end it.
/// Needs `staff.manage`, and for one's own nothing. Refused as ending it would be.
#[utoipa::path(get, path = "/v1/staff/{user}/removal", tag = "team", params(("user" = UserId, Path)),
    responses((status = 200, body = RemovalPreview<StaffView>)))]
pub(crate) async fn preview_removal(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    caller.context.firm(Permission::StaffManage)?;
    let present = caller.context.present();
    let authority = Authority::Person(RemovalGround::of_staff(&present, &user).needs(present));
    let (found, assigned) = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
            let listing = queries.tenant().assignments_of(&user).ok_or(StoreError::NotFound)?;
            let largest = PageRequest::largest();
            tokio::try_join!(
                queries.get(|tenant| (tenant.firm(), tenant.staff(&user))),
                queries.page(|_| listing, &largest),
            )
        })
        .await?;
    let (firm, staff) = found.0.zip(found.1).ok_or_else(Problem::not_found)?;
    team::remove_staff(&firm, &staff, caller.now()).map_err(refusal)?;
    let assignments = Some(count_in_force(&assigned, caller.now()));
    Answer::ok(&RemovalPreview { would_remove: StaffView::from(staff), stops: STAFF_REMOVAL_EFFECTS, assignments })
}

/// Ends someone's place on the staff and says what stops working with it. Needs `staff.manage`,
/// and everything that they hold; whoever leaves needs nothing. The last admin stays.
#[utoipa::path(delete, path = "/v1/staff/{user}", tag = "team", params(("user" = UserId, Path)),
    responses((status = 200, body = Removal<StaffView>)))]
pub(crate) async fn remove_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    caller.context.firm(Permission::StaffManage)?;
    let present = caller.context.present();
    let ending = RemovalGround::of_staff(&present, &user);
    let looking = Authority::Person(ending.needs(present.clone()));
    let (firm, staff) =
        api.store.load(&looking, caller.now(), None, |tenant| (tenant.firm(), tenant.staff(&user))).await?;
    let (firm, staff) = firm.zip(staff).ok_or_else(Problem::not_found)?;

    let (ended, admins, event) = team::remove_staff(&firm, &staff, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(ending.taking(present, &staff.grants));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.staff(&user), Some(staff.version), &ended);
    change.count_admins(admins);
    change.record(event);
    change.commit().await.map_err(|error| uncommitted(error, Permission::StaffManage, ProblemType::LastAdmin))?;
    Answer::ok(&Removal { removed: StaffView::from(staff), stops: STAFF_REMOVAL_EFFECTS })
}
