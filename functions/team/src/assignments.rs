//! Which connected companies a firm's bookkeepers may enter.

use axum::extract::State;
use domain::{
    CompanyId, Expiry, Grants, Lent, Name, Org, Permission, UserId, UtcTime,
    org::Assignment,
    team::{self, STOPS_WITH_ASSIGNMENT},
};
use edge::{Answer, Body, Edge, InContext, Outcome, Paged, Path, Problem, Query, paging::page_request};
use serde::{Deserialize, Serialize};
use store::{Listing, StoreError, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    ended::{Preview, Removal, in_force},
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
pub(crate) struct AssignmentView {
    company: AssignedCompany,
    user: UserId,
    /// What the bookkeeper may do there, as far as the connection grants it too.
    permissions: Grants,
    /// What they may do on top for a time, each with when it stops.
    #[serde(skip_serializing_if = "Lent::is_empty")]
    lent: Lent,
    since: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
}

impl From<Assignment> for AssignmentView {
    fn from(assignment: Assignment) -> Self {
        Self {
            company: AssignedCompany { id: assignment.company, name: assignment.company_name },
            user: assignment.user,
            permissions: assignment.grants,
            lent: assignment.lent,
            since: assignment.since,
            expires_at: assignment.expires_at,
        }
    }
}

/// One assignment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneAssignment {
    assignment: AssignmentView,
}

/// A page of assignments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Assignments {
    assignments: Vec<AssignmentView>,
    #[serde(flatten)]
    paged: Paged,
}

/// Which assignments to list: either a bookkeeper's or a company's.
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
    fn of(user: Option<UserId>, company: Option<CompanyId>) -> Result<Self, Problem> {
        match (user, company) {
            (Some(user), None) => Ok(Self::User(user)),
            (None, Some(company)) => Ok(Self::Company(company)),
            (None, None) => Err(Problem::field("user", "name a user or a company")),
            (Some(_), Some(_)) => Err(Problem::field("company", "name a user or a company, not both")),
        }
    }

    /// `None` where the tenant is no firm, which assigns nothing.
    fn listing(&self, firm: &Tenant) -> Option<Listing<Assignment>> {
        match self {
            Self::User(user) => firm.assignments_of(user),
            Self::Company(company) => firm.assignments_in(company),
        }
    }
}

/// Lists what is assigned to a bookkeeper, or to whom a company is assigned. Needs `staff.view`.
/// Exactly one of `user` and `company` must be given. Past assignments are left out, so a page may
/// be shorter than `limit` and have a `next_cursor`.
#[utoipa::path(get, path = "/v1/assignments", tag = "team", params(WhichAssignments),
    responses((status = 200, body = Assignments)))]
pub(crate) async fn list_assignments(
    State(edge): State<Edge>,
    caller: InContext,
    Query(which): Query<WhichAssignments>,
) -> Outcome {
    caller.context.firm(Permission::StaffView)?;
    let request = page_request(which.limit, which.cursor)?;
    let whose = Whose::of(which.user, which.company)?;
    let authority = caller.needs(Permission::StaffView);
    let page = edge
        .store
        .beside(&authority, caller.now(), async |queries| {
            let listing = whose.listing(queries.tenant()).ok_or(StoreError::NotFound)?;
            queries.page(|_| listing, &request).await
        })
        .await?;
    let (assignments, paged) = in_force(page, caller.now());
    Answer::ok(&Assignments { assignments, paged })
}

/// What an assignment is to grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assign {
    /// All that the connection grants when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// When the assignment ends by itself, at most 366 days ahead; never when not said.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    expires_at: Expiry,
}

/// Assigns a connected company to a bookkeeper, or changes what the assignment grants and until when;
/// never more than the connection. Needs `staff.manage`.
#[utoipa::path(put, path = "/v1/assignments/{company}/{user}", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path)), request_body = Assign,
    responses((status = 200, body = OneAssignment)))]
pub(crate) async fn assign(
    State(edge): State<Edge>,
    caller: InContext,
    Path((company, user)): Path<(CompanyId, UserId)>,
    body: Body<Assign>,
) -> Outcome {
    caller.context.firm(Permission::StaffManage)?;
    let authority = caller.needs(Permission::StaffManage);
    let client = Org::Company(company.clone());
    let (connection, staff, existing) = edge
        .store
        .load(&authority, caller.now(), None, |tenant| {
            (tenant.connection(&client), tenant.staff(&user), tenant.assignment(&company, &user))
        })
        .await?;
    let (connection, staff) = connection.flatten().zip(staff).ok_or_else(Problem::not_found)?;
    let existing = existing.flatten();

    let Assign { permissions, expires_at } = body.value;
    let (assignment, fact) =
        team::assign(&connection, &staff, existing.as_ref(), permissions, expires_at, caller.now()).map_err(refusal)?;

    let mut change = edge.store.change(&authority, caller.stamp());
    // The assignment rests on both: neither may end, or change, between the look and the write.
    change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
    change.unchanged(|tenant| tenant.staff(&user), staff.version);
    change.put_some(
        |tenant| tenant.assignment(&company, &user),
        existing.map(|existing| existing.version),
        &assignment,
    );
    change.record(fact);
    change.commit().await?;
    Answer::ok(&OneAssignment { assignment: assignment.into() })
}

/// Says what would stop working with an assignment, for whoever is about to take it back. Needs
/// `staff.manage`.
#[utoipa::path(get, path = "/v1/assignments/{company}/{user}/removal", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path)),
    responses((status = 200, body = Preview<AssignmentView>)))]
pub(crate) async fn preview_unassign(
    State(edge): State<Edge>,
    caller: InContext,
    Path((company, user)): Path<(CompanyId, UserId)>,
) -> Outcome {
    caller.context.firm(Permission::StaffManage)?;
    let authority = caller.needs(Permission::StaffManage);
    let assignment = edge
        .store
        .load(&authority, caller.now(), None, |tenant| tenant.assignment(&company, &user))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;
    team::unassign(&assignment).map_err(refusal)?;
    let would_remove = AssignmentView::from(assignment);
    Answer::ok(&Preview { would_remove, stops: STOPS_WITH_ASSIGNMENT, assignments: None })
}

/// Takes an assignment back and says what stops working with it. Needs `staff.manage`.
#[utoipa::path(delete, path = "/v1/assignments/{company}/{user}", tag = "team",
    params(("company" = CompanyId, Path), ("user" = UserId, Path)),
    responses((status = 200, body = Removal<AssignmentView>)))]
pub(crate) async fn unassign(
    State(edge): State<Edge>,
    caller: InContext,
    Path((company, user)): Path<(CompanyId, UserId)>,
) -> Outcome {
    caller.context.firm(Permission::StaffManage)?;
    let authority = caller.needs(Permission::StaffManage);
    let assignment = edge
        .store
        .load(&authority, caller.now(), None, |tenant| tenant.assignment(&company, &user))
        .await?
        .flatten()
        .ok_or_else(Problem::not_found)?;

    let (ended, fact) = team::unassign(&assignment).map_err(refusal)?;

    let mut change = edge.store.change(&authority, caller.stamp());
    change.put_some(|tenant| tenant.assignment(&company, &user), Some(assignment.version), &ended);
    change.record(fact);
    change.commit().await?;
    Answer::ok(&Removal { removed: AssignmentView::from(assignment), stops: STOPS_WITH_ASSIGNMENT })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(problem).unwrap()["errors"][0]["field"].clone()
    }

    #[test]
    fn assignments_are_listed_for_a_user_or_a_company_never_both_or_neither() {
        let user = || Some("b".parse::<UserId>().unwrap());
        let company = || Some("co_00000000000000000000000000000001".parse::<CompanyId>().unwrap());
        assert!(matches!(Whose::of(user(), None), Ok(Whose::User(_))));
        assert!(matches!(Whose::of(None, company()), Ok(Whose::Company(_))));
        assert_eq!(field(&Whose::of(None, None).unwrap_err()), "user");
        assert_eq!(field(&Whose::of(user(), company()).unwrap_err()), "company");
    }
}
