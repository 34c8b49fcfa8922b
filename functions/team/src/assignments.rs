//! Which connected companies a firm's bookkeepers may enter: the firm assigns them, and either side ends
//! an assignment.

use api::{
    Answer, Api, ApiResult, Body, InContext, InFirm, InOrg, PageInfo, Path, Problem, Query, paging::page_request,
};
use axum::extract::State;
use domain::{
    CompanyId, FirmId, Grants, Name, Org, Patch, TemporaryGrants, UserId, UtcTime,
    org::Assignment,
    permission::may,
    team::{
        self, ASSIGNMENT_REMOVAL_EFFECTS, AssignmentList, RemovalGround, connection_of_assignment, to_see_assignments,
    },
};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, StoreError, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    refusal::{out_of_scope, refusal},
    removal::{Removal, RemovalPreview, in_force},
    standing::standing,
};

/// The company that is assigned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignedCompany {
    id: CompanyId,
    name: Name,
}

/// A company assigned to a bookkeeper.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct AssignmentView {
    company: AssignedCompany,
    /// The firm that the bookkeeper works for.
    firm: FirmId,
    user: UserId,
    /// The bookkeeper's name when the company was assigned to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// What the bookkeeper may do there, as far as the connection grants it too.
    permissions: Grants,
    /// Temporary permissions on top of those, each with the time at which it ends.
    #[serde(skip_serializing_if = "TemporaryGrants::is_empty")]
    lent: TemporaryGrants,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Assignment> for AssignmentView {
    fn from(assignment: Assignment) -> Self {
        Self {
            company: AssignedCompany { id: assignment.company, name: assignment.company_name },
            firm: assignment.firm,
            user: assignment.user,
            name: assignment.user_name,
            permissions: assignment.grants,
            lent: assignment.lent,
            since: assignment.since,
            expires_at: assignment.expires_at,
        }
    }
}

/// One assignment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentResponse {
    assignment: AssignmentView,
}

/// A page of assignments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentPage {
    assignments: Vec<AssignmentView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Which assignments to list: a bookkeeper's or a company's; in a company its own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssignmentListQuery {
    /// Those of this bookkeeper.
    #[serde(default)]
    user: Option<UserId>,
    /// Those of this company.
    #[serde(default)]
    company: Option<CompanyId>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// The list in the tenant where the caller acts; `None` where there is none: another company's, or a
/// person's anywhere but in a firm.
fn listing(list: &AssignmentList, here: &Tenant) -> Option<Listing<Assignment>> {
    match list {
        AssignmentList::OfUser(user) => here.assignments_of(user),
        AssignmentList::InCompany(company) => here.assignments_in(company),
    }
}

/// Lists the assignments of a bookkeeper or of a company.
///
/// In a firm give exactly one of `user` and `company`. In a company `company` must be this one, and the list shows
/// every firm's. An assignment is in force only while the connection and the place on the firm's staff under which
/// it was made last. Others are left out, so a page may be shorter than `limit` and have a `next_cursor`.
///
/// Needs `staff.view` in a firm, and for one's own nothing; `connections.view` in a company.
#[utoipa::path(get, path = "/v1/assignments", params(AssignmentListQuery),
    responses((status = 200, body = AssignmentPage)))]
pub(crate) async fn list_assignments(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsView, may::StaffView>,
    Query(query): Query<AssignmentListQuery>,
) -> ApiResult {
    let request = page_request(query.limit, query.cursor)?;
    let list = AssignmentList::of(&caller.org, query.user, query.company).map_err(out_of_scope)?;
    let authority = Authority::Person(to_see_assignments(caller.context.present(), list.user()));
    let page = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
            let listing = listing(&list, queries.tenant()).ok_or(StoreError::NotFound)?;
            standing(&queries, queries.page(|_| listing, &request).await?, caller.now()).await
        })
        .await?;
    let (assignments, paged) = in_force(page, caller.now());
    Answer::ok(&AssignmentPage { assignments, paged })
}

/// What an assignment grants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutAssignment {
    /// All that the connection grants by default.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the assignment ends by itself, at most 366 days ahead; never by default.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Patch<UtcTime>,
}

/// Assigns a connected company to a bookkeeper, or changes the assignment.
///
/// An assignment grants no more than the connection.
///
/// Needs `staff.manage`.
#[utoipa::path(put, path = "/v1/assignments/{company}/{user}",
    params(("company" = CompanyId, Path), ("user" = UserId, Path)), request_body = PutAssignment,
    responses((status = 200, body = AssignmentResponse)))]
pub(crate) async fn put_assignment(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    body: Body<PutAssignment>,
) -> ApiResult {
    let authority = caller.authority();
    let client = Org::Company(company.clone());
    let (connection, staff, existing) = api
        .store
        .load(&authority, caller.now(), |tenant| {
            (tenant.connection(&client), tenant.staff(&user), tenant.assignment(&company, &user))
        })
        .await?;
    let (connection, staff) = connection.flatten().zip(staff).ok_or_else(Problem::not_found)?;
    let existing = existing.flatten();

    let PutAssignment { permissions, expires_at } = body.value;
    let (assignment, event) =
        team::assign(&connection, &staff, existing.as_ref(), permissions, expires_at, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    // The assignment depends on both: neither may end, or change, between the read and the write.
    change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
    change.unchanged(|tenant| tenant.staff(&user), staff.version);
    change.put_some(
        |tenant| tenant.assignment(&company, &user),
        existing.map(|existing| existing.version),
        &assignment,
    );
    change.record(event);
    change.commit().await?;
    Answer::ok(&AssignmentResponse { assignment: assignment.into() })
}

/// The firm of an assignment's bookkeeper.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssignmentFirm {
    /// The firm that the bookkeeper works for. Required in a company, which may have several; in a firm
    /// it is this one.
    #[serde(default)]
    firm: Option<FirmId>,
}

/// Finds an assignment that the authority may end.
async fn find(
    api: &Api,
    authority: &Authority,
    caller: &InContext,
    other: Option<&Org>,
    user: &UserId,
) -> ApiResult<Assignment> {
    let found = api
        .store
        .load(authority, caller.now(), |tenant| other.and_then(|other| tenant.assignment_through(other, user)))
        .await?;
    Ok(found.flatten().ok_or_else(Problem::not_found)?)
}

/// Previews what stops working when an assignment ends.
///
/// Needs `staff.manage` in the firm, and for the bookkeeper's own nothing; `connections.manage` in the
/// company.
#[utoipa::path(get, path = "/v1/assignments/{company}/{user}/removal",
    params(("company" = CompanyId, Path), ("user" = UserId, Path), AssignmentFirm),
    responses((status = 200, body = RemovalPreview<AssignmentView>)))]
pub(crate) async fn preview_assignment_removal(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    Query(AssignmentFirm { firm }): Query<AssignmentFirm>,
) -> ApiResult {
    let present = caller.context.present();
    let other = connection_of_assignment(&present.org(), company, firm).map_err(out_of_scope)?;
    let authority = Authority::Person(RemovalGround::of_assignment(&present, &user).needs(present));
    let assignment = find(&api, &authority, &caller, other.as_ref(), &user).await?;
    team::unassign(&assignment).map_err(refusal)?;
    let would_remove = AssignmentView::from(assignment);
    Answer::ok(&RemovalPreview { would_remove, stops: ASSIGNMENT_REMOVAL_EFFECTS, assignments: None, members: None })
}

/// Ends an assignment, from either side, and returns what stops working.
///
/// In the company, `company` must be this one, and `firm` must name the bookkeeper's firm, since several
/// may have assigned the same person.
///
/// Needs `staff.manage` in the firm, and for the bookkeeper's own nothing; `connections.manage` in the
/// company.
#[utoipa::path(delete, path = "/v1/assignments/{company}/{user}",
    params(("company" = CompanyId, Path), ("user" = UserId, Path), AssignmentFirm),
    responses((status = 200, body = Removal<AssignmentView>)))]
pub(crate) async fn remove_assignment(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    Query(AssignmentFirm { firm }): Query<AssignmentFirm>,
) -> ApiResult {
    let present = caller.context.present();
    let other = connection_of_assignment(&present.org(), company, firm).map_err(out_of_scope)?;
    let authority = Authority::Person(RemovalGround::of_assignment(&present, &user).needs(present));
    let assignment = find(&api, &authority, &caller, other.as_ref(), &user).await?;

    let (ended, event) = team::unassign(&assignment).map_err(refusal)?;

    let key = |tenant: &Tenant| other.as_ref().and_then(|other| tenant.assignment_through(other, &user));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put_some(key, Some(assignment.version), &ended);
    change.record(event);
    change.commit().await?;
    Answer::ok(&Removal::of(AssignmentView::from(assignment), ASSIGNMENT_REMOVAL_EFFECTS))
}
