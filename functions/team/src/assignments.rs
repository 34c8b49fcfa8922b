//! Which connected companies a firm's bookkeepers may enter: given by the firm, ended from either side.

use api::{
    Answer, Api, ApiResult, Body, InContext, InFirm, InOrg, PageInfo, Path, Problem, Query, paging::page_request,
};
use axum::extract::State;
use domain::{
    CompanyId, ExpiryUpdate, FirmId, Grants, Name, Org, Permission, TemporaryGrants, UserId, UtcTime,
    org::Assignment,
    permission::may,
    team::{self, ASSIGNMENT_REMOVAL_EFFECTS, RemovalGround, to_see_assignments},
};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, StoreError, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    ended::{Removal, RemovalPreview, in_force},
    refusal::refusal,
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
    /// What they may do on top for a time, each with when it stops.
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

/// Which assignments to list: either a bookkeeper's or a company's; in a company its own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichAssignments {
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

/// Whose assignments.
#[derive(Debug)]
enum Whose {
    User(UserId),
    Company(CompanyId),
}

impl Whose {
    fn of(here: &Org, user: Option<UserId>, company: Option<CompanyId>) -> Result<Self, Problem> {
        match (here, user, company) {
            (Org::Firm(_), Some(user), None) => Ok(Self::User(user)),
            (Org::Firm(_) | Org::Company(_), None, Some(company)) => Ok(Self::Company(company)),
            (Org::Firm(_), None, None) => Err(Problem::field("user", "name a user or a company")),
            (Org::Firm(_), Some(_), Some(_)) => Err(Problem::field("company", "name a user or a company, not both")),
            (Org::Company(_), Some(_), _) => Err(Problem::field("user", "in a company, name the company alone")),
            (Org::Company(_), None, None) => Err(Problem::field("company", "name the company")),
        }
    }

    const fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Company(_) => None,
        }
    }

    /// `None` where there is no such list here: another company's, or a person's anywhere but in a firm.
    fn listing(&self, here: &Tenant) -> Option<Listing<Assignment>> {
        match self {
            Self::User(user) => here.assignments_of(user),
            Self::Company(company) => here.assignments_in(company),
        }
    }
}

/// Lists what is assigned to a bookkeeper, or to whom a company is assigned. In a firm exactly one of
/// `user` and `company` must be given; it needs `staff.view`, and for one's own nothing. In a company
/// `company` must be this one; it needs `connections.view` and shows every firm's. An assignment lets
/// in only while the firm's connection and the bookkeeper's place at the firm hold too. Past
/// assignments are left out, so a page may be shorter than `limit` and have a `next_cursor`.
#[utoipa::path(get, path = "/v1/assignments", tag = "team", params(WhichAssignments),
    responses((status = 200, body = AssignmentPage)))]
pub(crate) async fn list_assignments(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsView, may::StaffView>,
    Query(which): Query<WhichAssignments>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let whose = Whose::of(&caller.context.acting_as().org(), which.user, which.company)?;
    let authority = Authority::Person(to_see_assignments(caller.context.present(), whose.user()));
    let page = api
        .store
        .query_authorized(&authority, caller.now(), async |queries| {
            let listing = whose.listing(queries.tenant()).ok_or(StoreError::NotFound)?;
            queries.page(|_| listing, &request).await
        })
        .await?;
    let (assignments, paged) = in_force(page, caller.now());
    Answer::ok(&AssignmentPage { assignments, paged })
}

/// What an assignment is to grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutAssignment {
    /// All that the connection grants when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the assignment ends by itself, at most 366 days ahead; never when not said.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: ExpiryUpdate,
}

/// Assigns a connected company to a bookkeeper, or changes what the assignment grants and until when;
/// never more than the connection. Needs `staff.manage`.
#[utoipa::path(put, path = "/v1/assignments/{company}/{user}", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path)), request_body = PutAssignment,
    responses((status = 200, body = AssignmentResponse)))]
pub(crate) async fn assign(
    State(api): State<Api>,
    caller: InFirm<may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    body: Body<PutAssignment>,
) -> ApiResult {
    caller.context.firm(Permission::StaffManage)?;
    let authority = caller.needs(Permission::StaffManage);
    let client = Org::Company(company.clone());
    let (connection, staff, existing) = api
        .store
        .load(&authority, caller.now(), None, |tenant| {
            (tenant.connection(&client), tenant.staff(&user), tenant.assignment(&company, &user))
        })
        .await?;
    let (connection, staff) = connection.flatten().zip(staff).ok_or_else(Problem::not_found)?;
    let existing = existing.flatten();

    let PutAssignment { permissions, expires_at } = body.value;
    let (assignment, event) =
        team::assign(&connection, &staff, existing.as_ref(), permissions, expires_at, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    // The assignment rests on both: neither may end, or change, between the look and the write.
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

/// Whose bookkeeper an assignment is of, where the context does not say.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhoseBookkeeper {
    /// The firm that the bookkeeper works for. To be given in a company, which may have several; in a
    /// firm it is this one.
    #[serde(default)]
    firm: Option<FirmId>,
}

/// The other side of the connection that an assignment goes through, seen from `here`; `None` where
/// what is named is not of here.
fn other_side(here: &Org, company: CompanyId, firm: Option<FirmId>) -> Result<Option<Org>, Problem> {
    match (here, firm) {
        (Org::Firm(_), None) => Ok(Some(Org::Company(company))),
        (Org::Firm(own), Some(firm)) => Ok((*own == firm).then_some(Org::Company(company))),
        (Org::Company(own), Some(firm)) => Ok((*own == company).then_some(Org::Firm(firm))),
        (Org::Company(_), None) => Err(Problem::field("firm", "in a company, name the bookkeeper's firm")),
    }
}

/// Finds an assignment for whoever may end it.
async fn find(
    api: &Api,
    authority: &Authority,
    caller: &InContext,
    other: Option<&Org>,
    user: &UserId,
) -> ApiResult<Assignment> {
    let found = api
        .store
        .load(authority, caller.now(), None, |tenant| other.and_then(|other| tenant.assignment_through(other, user)))
        .await?;
    Ok(found.flatten().ok_or_else(Problem::not_found)?)
}

/// Says what would stop working with an assignment, for whoever is about to end it. Needs what ending
/// it needs.
#[utoipa::path(get, path = "/v1/assignments/{company}/{user}/removal", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path), WhoseBookkeeper),
    responses((status = 200, body = RemovalPreview<AssignmentView>)))]
pub(crate) async fn preview_unassign(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    Query(whose): Query<WhoseBookkeeper>,
) -> ApiResult {
    let present = caller.context.present();
    let other = other_side(&present.org(), company, whose.firm)?;
    let authority = Authority::Person(RemovalGround::of_assignment(&present, &user).needs(present));
    let assignment = find(&api, &authority, &caller, other.as_ref(), &user).await?;
    team::unassign(&assignment).map_err(refusal)?;
    let would_remove = AssignmentView::from(assignment);
    Answer::ok(&RemovalPreview { would_remove, stops: ASSIGNMENT_REMOVAL_EFFECTS, assignments: None })
}

/// Ends an assignment, from either side, and says what stops working with it. In the firm it needs
/// `staff.manage`, and of the bookkeeper whose own it is nothing. In the company it needs
/// `connections.manage`: `company` must be this one, and `firm` must name the bookkeeper's firm, since
/// one person may be assigned by several.
#[utoipa::path(delete, path = "/v1/assignments/{company}/{user}", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path), WhoseBookkeeper),
    responses((status = 200, body = Removal<AssignmentView>)))]
pub(crate) async fn unassign(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsManage, may::StaffManage>,
    Path((company, user)): Path<(CompanyId, UserId)>,
    Query(whose): Query<WhoseBookkeeper>,
) -> ApiResult {
    let present = caller.context.present();
    let other = other_side(&present.org(), company, whose.firm)?;
    let authority = Authority::Person(RemovalGround::of_assignment(&present, &user).needs(present));
    let assignment = find(&api, &authority, &caller, other.as_ref(), &user).await?;

    let (ended, event) = team::unassign(&assignment).map_err(refusal)?;

    let key = |tenant: &Tenant| other.as_ref().and_then(|other| tenant.assignment_through(other, &user));
    let mut change = api.store.change(&authority, caller.change_context());
    change.put_some(key, Some(assignment.version), &ended);
    change.record(event);
    change.commit().await?;
    Answer::ok(&Removal { removed: AssignmentView::from(assignment), stops: ASSIGNMENT_REMOVAL_EFFECTS })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(problem).unwrap()["errors"][0]["field"].clone()
    }

    fn company(n: u8) -> CompanyId {
        format!("co_{n:032x}").parse().unwrap()
    }

    fn firm(n: u8) -> FirmId {
        format!("fm_{n:032x}").parse().unwrap()
    }

    #[test]
    fn a_firm_lists_a_users_or_a_companys_assignments_and_a_company_its_own() {
        let user = || Some("b".parse::<UserId>().unwrap());
        let company = || Some(company(1));
        let at_firm = |user, company| Whose::of(&Org::Firm(firm(2)), user, company);
        assert!(matches!(at_firm(user(), None), Ok(Whose::User(_))));
        assert!(matches!(at_firm(None, company()), Ok(Whose::Company(_))));
        assert_eq!(field(&at_firm(None, None).unwrap_err()), "user");
        assert_eq!(field(&at_firm(user(), company()).unwrap_err()), "company");
        let inside = |user, company| Whose::of(&Org::Company(self::company(1)), user, company);
        assert!(matches!(inside(None, company()), Ok(Whose::Company(_))));
        assert_eq!(field(&inside(None, None).unwrap_err()), "company");
        assert_eq!(field(&inside(user(), None).unwrap_err()), "user");
        assert_eq!(field(&inside(user(), company()).unwrap_err()), "user");
    }

    #[test]
    fn the_context_is_one_side_of_an_assignment_and_what_is_named_the_other() {
        let at_firm = |named| other_side(&Org::Firm(firm(2)), company(1), named).unwrap();
        assert_eq!(at_firm(None), Some(Org::Company(company(1))));
        assert_eq!(at_firm(Some(firm(2))), Some(Org::Company(company(1))));
        assert_eq!(at_firm(Some(firm(3))), None, "another firm's");
        let inside = |named| other_side(&Org::Company(company(1)), named, Some(firm(2))).unwrap();
        assert_eq!(inside(company(1)), Some(Org::Firm(firm(2))));
        assert_eq!(inside(company(4)), None, "another company's");
        assert_eq!(field(&other_side(&Org::Company(company(1)), company(1), None).unwrap_err()), "firm");
    }
}
