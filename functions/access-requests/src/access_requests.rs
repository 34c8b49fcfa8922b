//! Requests for more access: asked, granted for a time, refused, withdrawn.

use api::{
    Answer, Api, ApiResult, Body, InContext, InOrg, PageQuery, Path, Problem, ProblemType, Query, clock,
    paging::page_request,
};
use axum::extract::State;
use domain::{
    AccessRequestId, CompanyId, Grants, NewEvent, Note, Permission, UtcTime,
    access::ends_with_giver,
    access_request::{
        self, AccessRequest, AccessRequestDecisionError, AccessRequestDraft, AccessRequestError, AccessRequestState,
        Decider, TemporaryGrantError,
    },
    permission::{OneOf, may},
};
use serde::Deserialize;
use store::{Authority, Change, Idempotency, LatestAccessRequest, Tally, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    place::PlaceRef,
    view::{AccessRequestPage, AccessRequestResponse},
};

/// A request for more access.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccessRequest {
    permissions: Grants,
    /// 1–8784, counted from the grant on.
    #[schema(minimum = 1, maximum = 8784)]
    for_hours: u32,
    #[serde(default)]
    reason: Option<Note>,
    /// The client, where a bookkeeper asks in the firm's own context.
    #[serde(default)]
    company: Option<CompanyId>,
}

/// Requests access for a time.
///
/// A person has one open request for the same permissions in the same place: asked again, the answer is 409 with that
/// request in `current`. How often a person may ask in a day is limited, and how often a company or firm is asked.
///
/// A member asks in their company, and those with `team.manage` decide. A firm's admin asks in a client's
/// books, and those with `connections.manage` there decide. A bookkeeper asks in the firm and names the
/// client, and those with `staff.manage` decide.
#[utoipa::path(post, path = "/v1/access-requests", request_body = CreateAccessRequest,
    responses((status = 201, body = AccessRequestResponse)))]
pub(crate) async fn ask(State(api): State<Api>, caller: InContext, body: Body<CreateAccessRequest>) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let CreateAccessRequest { permissions, for_hours, reason, company } = body.value;
    let acting_as = caller.context.acting_as().clone();
    let target = access_request::target(&acting_as, company).map_err(not_asked)?;
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let claims = caller.context.claims();
    let place = PlaceRef {
        kind: target.0,
        company: target.1.clone(),
        firm: acting_as.bounded_by().or(acting_as.firm()).cloned(),
        user: claims.sub.clone(),
    };
    let (kind, target_company) = (target.0, target.1.clone());
    let latest = |tenant: &Tenant| tenant.latest_access_request(&claims.sub, (kind, &target_company), &permissions);
    let keys = |tenant: &Tenant| (place.keys(tenant), latest(tenant));
    let (found, asked_before) = api.store.load_once(&authority, now, idempotency.as_ref(), keys).await??;
    let held = place.found(found)?.held(now).map_err(nowhere)?;
    if let Some(before) = &asked_before {
        let request = api.store.load(&authority, now, |tenant| tenant.access_request(&before.request)).await?;
        if let Some(open) = request.filter(|request| request.is_open(now)) {
            return Err(not_twice(open, now).into());
        }
    }

    let command = AccessRequestDraft {
        id: AccessRequestId::from_uuid(clock::new_uuid()),
        acting_as,
        target,
        asked_by: claims.sub.clone(),
        asked_by_name: claims.name.clone(),
        permissions: permissions.clone(),
        reason,
        for_hours,
    };
    let (request, event) = access_request::create(command, &held, now).map_err(not_asked)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.access_request(&request.id), None, &request);
    let pointer = LatestAccessRequest::after(asked_before.as_ref(), request.id.clone());
    change.put(latest, asked_before.map(|before| before.version), &pointer);
    for tally in Tally::of_access_request(&api.allowances, &claims.sub, &request.org, now) {
        change.count(&tally);
    }
    change.record(event);
    Ok(Answer::created(&AccessRequestResponse::at(request, now))?.commit(change, idempotency.as_ref()).await??)
}

/// Which requests to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccessRequestListQuery {
    /// Only those in this state, oldest first; by default all, newest first. A page of `asked` or
    /// `expired` ones may hold fewer than `limit` and still not be the last.
    #[serde(default)]
    status: Option<AccessRequestState>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// A context in which requests are decided; in a company, what is needed depends on who asks.
type DecidingContext = InOrg<OneOf<(may::TeamManage, may::ConnectionsManage)>, may::StaffManage>;

/// Lists the access requests that the caller may decide.
///
/// In a company those of its members and its firms, in a firm those of its bookkeepers. A page may hold
/// fewer than `limit` and still not be the last.
///
/// Needs `team.manage` for members' requests and `connections.manage` for firms' requests in a company,
/// `staff.manage` in a firm.
#[utoipa::path(get, path = "/v1/access-requests", params(AccessRequestListQuery),
    responses((status = 200, body = AccessRequestPage)))]
pub(crate) async fn list_requests(
    State(api): State<Api>,
    caller: DecidingContext,
    Query(query): Query<AccessRequestListQuery>,
) -> ApiResult {
    let request = page_request(query.limit, query.cursor)?;
    let now = caller.now();
    let kept_as = query.status.map(AccessRequestState::kept_as);
    let shown = |request: &AccessRequest| query.status.is_none_or(|state| state == request.state(now));
    let listing = |tenant: &Tenant| tenant.access_requests(kept_as);
    let entered = api
        .store
        .query_unproven(&caller.context.present(), now, async |queries| {
            queries.page_matching(listing, &request, shown).await
        })
        .await?;
    let holds = |permission| entered.holds(&caller.needs(permission));
    let (needs, decided) = access_request::to_manage(caller.context.acting_as(), holds);
    let mut page = entered.prove(&caller.needs(needs))??;
    page.items.retain(|request| decided.contains(&request.kind));
    Answer::ok(&AccessRequestPage::at(page, now))
}

/// Lists the caller's own access requests, newest first.
///
/// A page may hold fewer than `limit` and still not be the last.
#[utoipa::path(get, path = "/v1/access-requests/mine", params(PageQuery),
    responses((status = 200, body = AccessRequestPage)))]
pub(crate) async fn list_own(State(api): State<Api>, caller: InContext, Query(query): Query<PageQuery>) -> ApiResult {
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let own = |request: &AccessRequest| request.asked_by == caller.caller.user;
    let listing = |tenant: &Tenant| tenant.access_requests(None);
    let page = api.store.page_matching(&authority, now, listing, &query.request()?, own).await?;
    Answer::ok(&AccessRequestPage::at(page, now))
}

/// The granted part of an access request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantAccessRequest {
    /// All that was requested by default.
    #[serde(default)]
    permissions: Option<Grants>,
    /// As long as was requested by default; never longer.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 8784)]
    for_hours: Option<u32>,
}

/// Grants an access request, or a part of it, from now on and for a time.
///
/// The permissions come on top of what the place, connection or assignment grants, which stays as it is.
///
/// Needs `team.manage` for a member, `connections.manage` for a firm, and in both cases what is granted,
/// for as long. Needs `staff.manage` for a bookkeeper. A bookkeeper, and a member whom a firm invited, get no more than the
/// firm holds in the company.
#[utoipa::path(post, path = "/v1/access-requests/{id}/grant",
    params(("id" = AccessRequestId, Path)), request_body = GrantAccessRequest, responses((status = 200, body = AccessRequestResponse)))]
pub(crate) async fn grant(
    State(api): State<Api>,
    caller: DecidingContext,
    Path(id): Path<AccessRequestId>,
    body: Body<GrantAccessRequest>,
) -> ApiResult {
    let found = find(&api, &caller, &id, &body).await?;
    let now = caller.now();
    let GrantAccessRequest { permissions, for_hours } = body.value;
    let claims = caller.context.claims();
    let decider = Decider { user: &claims.sub, name: &claims.name };
    let (decided, temporary_grant, event) =
        found.request.grant(decider, permissions, for_hours, now).map_err(not_answered)?;

    let (place, deciding) = (PlaceRef::of(&found.request), caller.context.access(found.needs));
    let granting = Authority::Person(found.request.to_grant(deciding.clone(), &temporary_grant));
    let deciding = Authority::Person(deciding);
    let mut place = place.found(api.store.load(&deciding, now, |tenant| place.keys(tenant)).await?)?;
    if let Some(firm) = place.unread_connection() {
        let connection = api.store.load(&deciding, now, |tenant| tenant.connection(&firm)).await?;
        place = place.bounded_by(connection.flatten());
    }
    ends_with_giver(caller.context.acting_as(), place.bounding_firm()).map_err(Problem::from)?;
    let mut change = api.store.change(&granting, caller.change_context());
    let lent = place.lend(&temporary_grant, now, &mut change).map_err(not_lent)?;
    change.record(lent);
    found.commit(change, &caller, decided, event).await
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefuseAccessRequest {
    #[serde(default)]
    reason: Option<Note>,
}

/// Refuses an access request.
///
/// Needs `team.manage` for a member, `connections.manage` for a firm, `staff.manage` for a bookkeeper.
#[utoipa::path(post, path = "/v1/access-requests/{id}/refuse",
    params(("id" = AccessRequestId, Path)), request_body = RefuseAccessRequest, responses((status = 200, body = AccessRequestResponse)))]
pub(crate) async fn refuse(
    State(api): State<Api>,
    caller: DecidingContext,
    Path(id): Path<AccessRequestId>,
    body: Body<RefuseAccessRequest>,
) -> ApiResult {
    let found = find(&api, &caller, &id, &body).await?;
    let claims = caller.context.claims();
    let decider = Decider { user: &claims.sub, name: &claims.name };
    let (decided, event) = found.request.refuse(decider, body.value.reason, caller.now()).map_err(not_answered)?;
    let change = api.store.change(&caller.needs(found.needs), caller.change_context());
    found.commit(change, &caller, decided, event).await
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawAccessRequest {}

/// Withdraws the caller's own access request.
///
/// For anyone else the request does not exist.
#[utoipa::path(post, path = "/v1/access-requests/{id}/withdraw",
    params(("id" = AccessRequestId, Path)), request_body = WithdrawAccessRequest,
    responses((status = 200, body = AccessRequestResponse)))]
pub(crate) async fn withdraw(
    State(api): State<Api>,
    caller: InContext,
    Path(id): Path<AccessRequestId>,
    body: Body<WithdrawAccessRequest>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let authority = Authority::Person(caller.context.present());
    let request = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.access_request(&id))
        .await??
        .filter(|request| request.asked_by == caller.caller.user)
        .ok_or_else(Problem::not_found)?;
    let (withdrawn, event) = request.withdraw(caller.now()).map_err(not_answered)?;
    let needs = request.kind.needs();
    let change = api.store.change(&authority, caller.change_context());
    DecidableRequest { request, needs, idempotency }.commit(change, &caller, withdrawn, event).await
}

/// A request that the caller may decide.
struct DecidableRequest {
    request: AccessRequest,
    needs: Permission,
    idempotency: Option<Idempotency>,
}

/// Finds a request that the caller may decide. A caller who may decide any kind gets 404 for an unknown request.
async fn find<T>(api: &Api, caller: &InContext, id: &AccessRequestId, body: &Body<T>) -> ApiResult<DecidableRequest> {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let entered = api
        .store
        .load_unproven(&caller.context.present(), caller.now(), idempotency.as_ref(), |tenant| {
            tenant.access_request(id)
        })
        .await?;
    let (looking, _) = access_request::to_manage(caller.context.acting_as(), |held| entered.holds(&caller.needs(held)));
    let needs = entered.peek().as_ref().map_or(looking, |request| request.kind.needs());
    let request = entered.prove(&caller.needs(needs))??.ok_or_else(Problem::not_found)?;
    Ok(DecidableRequest { request, needs, idempotency })
}

impl DecidableRequest {
    async fn commit(
        self,
        mut change: Change<'_>,
        caller: &InContext,
        decided: AccessRequest,
        event: NewEvent,
    ) -> ApiResult {
        change.put(|tenant| tenant.access_request(&decided.id), Some(self.request.version), &decided);
        change.record(event);
        Ok(Answer::ok(&AccessRequestResponse::at(decided, caller.now()))?
            .commit(change, self.idempotency.as_ref())
            .await??)
    }
}

/// Maps a request that cannot be made.
fn not_asked(error: AccessRequestError) -> Problem {
    match error {
        AccessRequestError::NoPermissions | AccessRequestError::NotForCompanies(_) => {
            Problem::field("permissions", error)
        }
        AccessRequestError::Hours => Problem::field("for_hours", error),
        AccessRequestError::HeldAlready => Problem::conflict(error, "granted"),
        AccessRequestError::CompanyMissing
        | AccessRequestError::CompanyUnfit
        | AccessRequestError::AskAtFirm
        | AccessRequestError::NotForContacts => Problem::field("company", error),
    }
}

/// The caller has asked for the same already.
fn not_twice(open: AccessRequest, now: UtcTime) -> Problem {
    Problem::conflict("you have asked for this already, and it is not decided", open.state(now).as_str())
        .current(&AccessRequestResponse::at(open, now))
}

/// As [`not_lent`], for the person who asks: a client that is not their firm's does not exist.
fn nowhere(error: TemporaryGrantError) -> Problem {
    match error {
        TemporaryGrantError::NotActive => Problem::not_found(),
        other @ (TemporaryGrantError::BeyondConnection(_) | TemporaryGrantError::AdminNeedsNone) => not_lent(other),
    }
}

fn not_answered(error: AccessRequestDecisionError) -> Problem {
    match error {
        AccessRequestDecisionError::NotOpen(state) => Problem::conflict(error, state.as_str()),
        AccessRequestDecisionError::NoPermissions | AccessRequestDecisionError::NotAskedFor(_) => {
            Problem::field("permissions", error)
        }
        AccessRequestDecisionError::Hours => Problem::field("for_hours", error),
    }
}

fn not_lent(error: TemporaryGrantError) -> Problem {
    match error {
        TemporaryGrantError::NotActive => Problem::conflict(error, "ended"),
        TemporaryGrantError::BeyondConnection(permission) => {
            Problem::new(ProblemType::ExceedsOwnGrants).about(permission)
        }
        TemporaryGrantError::AdminNeedsNone => Problem::conflict(error, "admin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        let statuses = [
            (not_asked(AccessRequestError::NoPermissions), 422),
            (not_asked(AccessRequestError::NotForCompanies(Permission::StaffView)), 422),
            (not_asked(AccessRequestError::Hours), 422),
            (not_asked(AccessRequestError::HeldAlready), 409),
            (not_asked(AccessRequestError::CompanyMissing), 422),
            (not_asked(AccessRequestError::CompanyUnfit), 422),
            (not_asked(AccessRequestError::AskAtFirm), 422),
            (nowhere(TemporaryGrantError::NotActive), 404),
            (nowhere(TemporaryGrantError::AdminNeedsNone), 409),
            (not_answered(AccessRequestDecisionError::NotOpen(AccessRequestState::Expired)), 409),
            (not_answered(AccessRequestDecisionError::NoPermissions), 422),
            (not_answered(AccessRequestDecisionError::NotAskedFor(Permission::VatView)), 422),
            (not_answered(AccessRequestDecisionError::Hours), 422),
            (not_lent(TemporaryGrantError::NotActive), 409),
            (not_lent(TemporaryGrantError::BeyondConnection(Permission::VatView)), 403),
            (not_lent(TemporaryGrantError::AdminNeedsNone), 409),
        ];
        for (problem, status) in statuses {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
        }
    }
}
