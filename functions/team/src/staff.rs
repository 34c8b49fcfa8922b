//! A firm's staff.

use api::{Answer, Api, ApiResult, Body, InFirm, PageInfo, PageQuery, Path, Problem, ProblemType, Query};
use axum::extract::State;
use domain::{
    Email, Grants, Name, Patch, StaffRole, UserId, UtcTime,
    org::{Firm, Staff},
    org_details::release_main_address,
    permission::may,
    suppression::SuppressedLetters,
    team::{self, RemovalGround, STAFF_REMOVAL_EFFECTS, to_change_place},
};
use serde::{Deserialize, Serialize};
use store::{Authority, Change, PageRequest, StoreError};
use utoipa::ToSchema;

use crate::{
    letters::undelivered,
    refusal::{refusal, uncommitted},
    removal::{Removal, RemovalPreview, count_in_force, in_force},
    standing::standing,
};

/// A person on the firm's staff.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Staff)]
pub(crate) struct StaffView {
    user: UserId,
    name: Name,
    /// The last address that the identity provider had verified when they signed in.
    email: Email,
    /// Set in lists: why letters about what happens here do not reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    undelivered: Option<SuppressedLetters>,
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
            undelivered: None,
            role: staff.role,
            permissions: staff.grants,
            since: staff.since,
            expires_at: staff.expires_at,
        }
    }
}

/// A person on the firm's staff.
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

/// Lists the firm's staff.
///
/// Past staff are left out, so a page may be shorter than `limit` and have a `next_cursor`.
///
/// Needs `staff.view`.
#[utoipa::path(get, path = "/v1/staff", params(PageQuery), responses((status = 200, body = StaffPage)))]
pub(crate) async fn list_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.all_staff(), &query.request()?).await?;
    let (mut staff, paged) = in_force::<_, StaffView>(page, caller.now());
    let addresses: Vec<&Email> = staff.iter().map(|person| &person.email).collect();
    let suppressed = undelivered(&api, &addresses, caller.now()).await?;
    for (person, suppressed) in staff.iter_mut().zip(suppressed) {
        person.undelivered = suppressed;
    }
    Answer::ok(&StaffPage { staff, paged })
}

/// A change to a person on the staff.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateStaff {
    /// Unchanged by default.
    #[serde(default)]
    role: Option<StaffRole>,
    /// When the place ends by itself, at most 366 days ahead; `null` for never. Unchanged by default. An
    /// admin's never ends.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Patch<UtcTime>,
}

/// Changes the role or end of a person on the staff.
///
/// The last admin stays admin.
///
/// Needs `staff.manage`, and everything that the person holds before and after.
#[utoipa::path(patch, path = "/v1/staff/{user}", params(("user" = UserId, Path)),
    request_body = UpdateStaff, responses((status = 200, body = StaffResponse)))]
pub(crate) async fn change_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
    body: Body<UpdateStaff>,
) -> ApiResult {
    let access = caller.access();
    let (firm, staff) =
        api.store.load(&access.clone().into(), caller.now(), |tenant| (tenant.firm(), tenant.staff(&user))).await?;
    let (firm, staff) = firm.zip(staff).ok_or_else(Problem::not_found)?;

    let UpdateStaff { role, expires_at } = body.value;
    let (changed, admins, event) =
        team::change_staff(&firm, &staff, role, expires_at, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(to_change_place(access, &(&staff).into(), &(&changed).into()));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.staff(&user), Some(staff.version), &changed);
    change.count_admins(admins);
    change.record(event);
    release(&mut change, &firm, &changed);
    change.commit().await.map_err(|error| uncommitted(error, ProblemType::LastAdmin))?;
    Answer::ok(&StaffResponse { staff: changed.into() })
}

/// Clears the firm's main address with the place of the admin whose address it is.
fn release(change: &mut Change<'_>, firm: &Firm, after: &Staff) {
    if let Some((released, event)) = release_main_address(firm, after, change.at()) {
        change.update_firm(firm, &released);
        change.record(event);
    }
}

/// Previews what stops working when a person is removed from the staff.
///
/// Refused as the removal would be.
///
/// Needs `staff.manage`, and for one's own place nothing.
#[utoipa::path(get, path = "/v1/staff/{user}/removal", params(("user" = UserId, Path)),
    responses((status = 200, body = RemovalPreview<StaffView>)))]
pub(crate) async fn preview_staff_removal(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    let present = caller.context.present();
    let authority = Authority::Person(RemovalGround::of_staff(&present, &user).needs(present));
    let (found, assigned) = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
            let listing = queries.tenant().assignments_of(&user).ok_or(StoreError::NotFound)?;
            let largest = PageRequest::largest();
            let assigned = async { standing(&queries, queries.page(|_| listing, &largest).await?, caller.now()).await };
            tokio::try_join!(queries.get(|tenant| (tenant.firm(), tenant.staff(&user))), assigned)
        })
        .await?;
    let (firm, staff) = found.0.zip(found.1).ok_or_else(Problem::not_found)?;
    team::remove_staff(&firm, &staff, caller.now()).map_err(refusal)?;
    let assignments = Some(count_in_force(&assigned, caller.now()));
    let would_remove = StaffView::from(staff);
    Answer::ok(&RemovalPreview { would_remove, stops: STAFF_REMOVAL_EFFECTS, assignments, members: None })
}

/// Removes a person from the staff and returns what stops working.
///
/// The last admin cannot be removed.
///
/// Needs `staff.manage` and everything that the person holds; a person who leaves needs nothing.
#[utoipa::path(delete, path = "/v1/staff/{user}", params(("user" = UserId, Path)),
    responses((status = 200, body = Removal<StaffView>)))]
pub(crate) async fn remove_staff(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path(user): Path<UserId>,
) -> ApiResult {
    let present = caller.context.present();
    let ending = RemovalGround::of_staff(&present, &user);
    let looking = Authority::Person(ending.needs(present.clone()));
    let (firm, staff) = api.store.load(&looking, caller.now(), |tenant| (tenant.firm(), tenant.staff(&user))).await?;
    let (firm, staff) = firm.zip(staff).ok_or_else(Problem::not_found)?;

    let (ended, admins, event) = team::remove_staff(&firm, &staff, caller.now()).map_err(refusal)?;

    let authority = Authority::Person(ending.taking(present, &staff.grants));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.staff(&user), Some(staff.version), &ended);
    change.count_admins(admins);
    change.record(event);
    release(&mut change, &firm, &ended);
    change.commit().await.map_err(|error| uncommitted(error, ProblemType::LastAdmin))?;
    Answer::ok(&Removal::of(StaffView::from(staff), STAFF_REMOVAL_EFFECTS))
}
