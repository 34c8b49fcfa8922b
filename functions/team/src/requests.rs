//! Requests for more access: asked, granted for a time, refused, withdrawn.

mod view;

use api::{
    Answer, Api, ApiResult, Body, InContext, InOrg, PageQuery, Path, Problem, Query, clock, paging::page_request,
};
use axum::extract::State;
use domain::{
    AccessRequestId, CompanyId, FirmId, GrantState, Grants, NewEvent, Note, Org, Permission, UserId, UtcTime, Validity,
    access_request::{
        self, AccessRequest, AccessRequestDecisionError, AccessRequestDraft, AccessRequestError, AccessRequestKind,
        AccessRequestState, Decider, TemporaryGrant, TemporaryGrantError,
    },
    org::{Assignment, Connection, Member, Staff},
    permission::{OneOf, may},
};
use serde::Deserialize;
use store::{Authority, BatchGet, Change, Idempotency, Key, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::refusal::{exceeded, exceeding};
use view::{AccessRequestPage, AccessRequestResponse};

/// What is asked for.
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

/// Asks for access, for a time. A member asks in their company, whoever manages its members decides;
/// a firm's admin asks in a client's books, whoever manages that company's connections decides; a
/// bookkeeper asks in the firm and names the client, whoever manages the staff decides.
#[utoipa::path(post, path = "/v1/access-requests", tag = "team", request_body = CreateAccessRequest,
    responses((status = 201, body = AccessRequestResponse)))]
pub(crate) async fn ask(State(api): State<Api>, caller: InContext, body: Body<CreateAccessRequest>) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let CreateAccessRequest { permissions, for_hours, reason, company } = body.value;
    let acting_as = caller.context.acting_as().clone();
    let target = access_request::target(&acting_as, company).map_err(not_asked)?;
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let claims = caller.context.claims();
    let spot =
        Spot { kind: target.0, company: target.1.clone(), firm: acting_as.firm().cloned(), user: claims.sub.clone() };
    let found = api.store.load(&authority, now, idempotency.as_ref(), |tenant| spot.keys(tenant)).await?;
    let held = spot.filled(found)?.held(now).map_err(nowhere)?;

    let command = AccessRequestDraft {
        id: AccessRequestId::from_uuid(clock::new_uuid()),
        acting_as,
        target,
        asked_by: claims.sub.clone(),
        asked_by_name: claims.name.clone(),
        permissions,
        reason,
        for_hours,
    };
    let (request, event) = access_request::create(command, &held, now).map_err(not_asked)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.access_request(&request.id), None, &request);
    change.record(event);
    let answer = Answer::created(&AccessRequestResponse::at(request, now))?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}

/// Where what is asked for would be added.
struct Spot {
    kind: AccessRequestKind,
    company: CompanyId,
    firm: Option<FirmId>,
    user: UserId,
}

/// The places that a request may concern: which are there depends on its kind.
type PlaceKeys = (Option<Key<Member>>, Option<Key<Connection>>, Option<Key<Staff>>, Option<Key<Assignment>>);
type FoundPlaces = <PlaceKeys as BatchGet>::Found;

impl Spot {
    fn of(request: &AccessRequest) -> Self {
        let AccessRequest { kind, company, firm, asked_by, .. } = request.clone();
        Self { kind, company, firm, user: asked_by }
    }

    /// The other side of the connection, as the tenant that decides sees it.
    fn other_side(&self) -> Option<Org> {
        match self.kind {
            AccessRequestKind::Member => None,
            AccessRequestKind::Connection => self.firm.clone().map(Org::Firm),
            AccessRequestKind::Assignment => Some(Org::Company(self.company.clone())),
        }
    }

    fn keys(&self, tenant: &Tenant) -> PlaceKeys {
        let connection = self.other_side().and_then(|other| tenant.connection(&other));
        match self.kind {
            AccessRequestKind::Member => (Some(tenant.member(&self.user)), None, None, None),
            AccessRequestKind::Connection => (None, connection, None, None),
            AccessRequestKind::Assignment => {
                (None, connection, Some(tenant.staff(&self.user)), tenant.assignment(&self.company, &self.user))
            }
        }
    }

    fn filled(&self, (member, connection, staff, assignment): FoundPlaces) -> Result<Place, Problem> {
        let place = match self.kind {
            AccessRequestKind::Member => member.flatten().map(Place::Member),
            AccessRequestKind::Connection => connection.flatten().map(Place::Connection),
            AccessRequestKind::Assignment => connection
                .flatten()
                .zip(staff.flatten())
                .map(|(connection, staff)| Place::Client(Box::new((connection, staff, assignment.flatten())))),
        };
        place.ok_or_else(Problem::not_found)
    }
}

/// What was found there.
enum Place {
    Member(Member),
    Connection(Connection),
    Client(Box<(Connection, Staff, Option<Assignment>)>),
}

impl Place {
    fn held(&self, now: UtcTime) -> Result<Grants, TemporaryGrantError> {
        match self {
            Self::Member(member) => Ok(GrantState::from(member).grants_at(now)),
            Self::Connection(connection) => Ok(GrantState::from(connection).grants_at(now)),
            Self::Client(client) => {
                let (connection, staff, assignment) = &**client;
                access_request::held_in_client(connection, staff, assignment.as_ref(), now)
            }
        }
    }

    /// Adds what is lent, in the same change.
    fn lend(
        &self,
        temporary_grant: &TemporaryGrant,
        now: UtcTime,
        change: &mut Change<'_>,
    ) -> Result<NewEvent, TemporaryGrantError> {
        match self {
            Self::Member(member) => {
                let (changed, event) = access_request::grant_to_member(member, temporary_grant, now)?;
                change.put(|tenant| tenant.member(&member.user), Some(member.version), &changed);
                Ok(event)
            }
            Self::Connection(connection) => {
                let (changed, event) = access_request::grant_to_connection(connection, temporary_grant, now)?;
                let other = Org::Firm(connection.firm.clone());
                change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
                Ok(event)
            }
            Self::Client(client) => {
                let (connection, staff, existing) = &**client;
                let (changed, event) =
                    access_request::grant_in_client(connection, staff, existing.as_ref(), temporary_grant, now)?;
                let (client, company) = (Org::Company(connection.company.clone()), &connection.company);
                // As for any assignment: neither may end, or change, between the look and the write.
                change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
                change.unchanged(|tenant| tenant.staff(&staff.user), staff.version);
                let expected = existing.as_ref().map(|existing| existing.version);
                change.put_some(|tenant| tenant.assignment(company, &staff.user), expected, &changed);
                Ok(event)
            }
        }
    }
}

/// Which requests to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichRequests {
    /// Only those in this state, oldest first; all, newest first, when not said. A page of `asked` or
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

/// Lists what was asked for here: in a company by its members and its firms, in a firm by its
/// bookkeepers. Shows what the caller could decide, which needs what deciding needs: in a company
/// `team.manage` for members' requests and `connections.manage` for firms', in a firm `staff.manage`. So
/// a page may hold fewer than `limit` and still not be the last.
#[utoipa::path(get, path = "/v1/access-requests", tag = "team", params(WhichRequests),
    responses((status = 200, body = AccessRequestPage)))]
pub(crate) async fn list_requests(
    State(api): State<Api>,
    caller: DecidingContext,
    Query(which): Query<WhichRequests>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let now = caller.now();
    let kept_as = which.status.map(AccessRequestState::kept_as);
    let shown = |request: &AccessRequest| which.status.is_none_or(|state| state == request.state(now));
    let listing = |tenant: &Tenant| tenant.access_requests(kept_as);
    let entered = api
        .store
        .query_unproven(&caller.context.present(), now, async |queries| {
            queries.page_matching(listing, &request, shown).await
        })
        .await?;
    let holds = |permission| entered.holds(&caller.needs(permission));
    let (needs, decided) = access_request::to_manage(caller.context.acting_as(), holds);
    let mut page = entered.prove(&caller.needs(needs))?;
    page.items.retain(|request| decided.contains(&request.kind));
    Answer::ok(&AccessRequestPage::at(page, now))
}

/// Lists what the caller asked for here, newest first. A page may hold fewer than `limit` and still
/// not be the last.
#[utoipa::path(get, path = "/v1/access-requests/mine", tag = "team", params(PageQuery),
    responses((status = 200, body = AccessRequestPage)))]
pub(crate) async fn list_own(State(api): State<Api>, caller: InContext, Query(query): Query<PageQuery>) -> ApiResult {
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let own = |request: &AccessRequest| request.asked_by == caller.caller.user;
    let listing = |tenant: &Tenant| tenant.access_requests(None);
    let page = api.store.page_matching(&authority, now, listing, &query.request()?, own).await?;
    Answer::ok(&AccessRequestPage::at(page, now))
}

/// What is given of what was asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantAccessRequest {
    /// All of it when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// As long as was asked for when not said; never longer.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 8784)]
    for_hours: Option<u32>,
}

/// Grants a request, or less of it, from now on and for a time: on top of what the place, connection
/// or assignment grants, which stays as it is. Needs `team.manage` for a member, `connections.manage`
/// for a firm, and what is granted, for as long; `staff.manage` for a bookkeeper, who is given no more
/// than the firm holds in the company.
#[utoipa::path(post, path = "/v1/access-requests/{id}/grant", tag = "team",
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

    let spot = Spot::of(&found.request);
    let access = caller.context.access(found.needs);
    let authority: Authority = match spot.kind {
        // In the firm nobody holds what a company grants: there the connection is the bound.
        AccessRequestKind::Assignment => access.into(),
        AccessRequestKind::Member | AccessRequestKind::Connection => {
            access.and_all(&temporary_grant.grants).validity(Validity::Until(temporary_grant.until)).into()
        }
    };
    let looking: Authority = caller.context.access(found.needs).into();
    let place = spot.filled(api.store.load(&looking, now, None, |tenant| spot.keys(tenant)).await?)?;
    let mut change = api.store.change(&authority, caller.change_context());
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

/// Refuses a request. Needs what granting so needs, but for what was asked for.
#[utoipa::path(post, path = "/v1/access-requests/{id}/refuse", tag = "team",
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

/// Nothing more to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawAccessRequest {}

/// Takes a request back, as whoever asked: for anyone else it is not there.
#[utoipa::path(post, path = "/v1/access-requests/{id}/withdraw", tag = "team",
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
        .load(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.access_request(&id))
        .await?
        .filter(|request| request.asked_by == caller.caller.user)
        .ok_or_else(Problem::not_found)?;
    let (withdrawn, event) = request.withdraw(caller.now()).map_err(not_answered)?;
    let needs = request.kind.needs();
    let change = api.store.change(&authority, caller.change_context());
    Found { request, needs, idempotency }.commit(change, &caller, withdrawn, event).await
}

/// A request that the caller may decide.
struct Found {
    request: AccessRequest,
    needs: Permission,
    idempotency: Option<Idempotency>,
}

/// Finds a request for whoever may decide it. For one that is not there, the right to decide any kind is
/// enough to be told so.
async fn find<T>(api: &Api, caller: &InContext, id: &AccessRequestId, body: &Body<T>) -> ApiResult<Found> {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let entered = api
        .store
        .load_unproven(&caller.context.present(), caller.now(), idempotency.as_ref(), |tenant| {
            tenant.access_request(id)
        })
        .await?;
    let (looking, _) = access_request::to_manage(caller.context.acting_as(), |held| entered.holds(&caller.needs(held)));
    let needs = entered.peek().as_ref().map_or(looking, |request| request.kind.needs());
    let request = entered.prove(&caller.needs(needs))?.ok_or_else(Problem::not_found)?;
    Ok(Found { request, needs, idempotency })
}

impl Found {
    async fn commit(
        self,
        mut change: Change<'_>,
        caller: &InContext,
        decided: AccessRequest,
        event: NewEvent,
    ) -> ApiResult {
        change.put(|tenant| tenant.access_request(&decided.id), Some(self.request.version), &decided);
        change.record(event);
        let answer = Answer::ok(&AccessRequestResponse::at(decided, caller.now()))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await.map_err(|error| exceeded(error, self.needs))?;
        Ok(answer)
    }
}

/// What asking in vain is told as.
fn not_asked(error: AccessRequestError) -> Problem {
    match error {
        AccessRequestError::NoPermissions | AccessRequestError::NotForCompanies(_) => {
            Problem::field("permissions", error)
        }
        AccessRequestError::Hours => Problem::field("for_hours", error),
        AccessRequestError::HeldAlready => Problem::conflict(error, "granted"),
        AccessRequestError::CompanyMissing | AccessRequestError::CompanyUnfit | AccessRequestError::AskAtFirm => {
            Problem::field("company", error)
        }
    }
}

/// As [`not_lent`], for whoever asks: a client that their firm does not have is not there.
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
        TemporaryGrantError::BeyondConnection(permission) => exceeding(permission),
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
