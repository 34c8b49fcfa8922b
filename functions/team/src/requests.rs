//! Requests for more access: asked, granted for a time, refused, withdrawn.

mod view;

use axum::extract::State;
use domain::{
    AccessRequestId, CompanyId, Fact, FirmId, Grants, Lasting, Note, Org, Permission, Standing, UserId, UtcTime,
    lending::{self, AccessRequest, AnswerError, Ask, AskError, Decider, LendError, Loan, RequestKind, RequestState},
    org::{Assignment, Connection, Member, Staff},
};
use edge::{Answer, Body, Edge, InContext, Outcome, PageQuery, Path, Problem, Query, clock, paging::page_request};
use serde::Deserialize;
use store::{Authority, Change, Idempotency, Key, Tenant, Wanted};
use utoipa::{IntoParams, ToSchema};

use crate::refusal::{exceeded, exceeding};
use view::{AccessRequests, OneAccessRequest};

/// What is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccessRequest {
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
#[utoipa::path(post, path = "/v1/access-requests", tag = "team", request_body = NewAccessRequest,
    responses((status = 201, body = OneAccessRequest)))]
pub(crate) async fn ask(State(edge): State<Edge>, caller: InContext, body: Body<NewAccessRequest>) -> Outcome {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let NewAccessRequest { permissions, for_hours, reason, company } = body.value;
    let seat = caller.context.seat().clone();
    let about = lending::about(&seat, company).map_err(not_asked)?;
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let claims = caller.context.claims();
    let spot = Spot { kind: about.0, company: about.1.clone(), firm: seat.firm().cloned(), user: claims.sub.clone() };
    let found = edge.store.load(&authority, now, idempotency.as_ref(), |tenant| spot.keys(tenant)).await?;
    let held = spot.filled(found)?.held(now).map_err(nowhere)?;

    let command = Ask {
        id: AccessRequestId::from_uuid(clock::new_uuid()),
        seat,
        about,
        asked_by: claims.sub.clone(),
        asked_by_name: claims.name.clone(),
        permissions,
        reason,
        for_hours,
    };
    let (request, fact) = lending::ask(command, &held, now).map_err(not_asked)?;

    let mut change = edge.store.change(&authority, caller.stamp());
    change.put(|tenant| tenant.access_request(&request.id), None, &request);
    change.record(fact);
    let answer = Answer::created(&OneAccessRequest::at(request, now))?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}

/// Where what is asked for would be added.
struct Spot {
    kind: RequestKind,
    company: CompanyId,
    firm: Option<FirmId>,
    user: UserId,
}

/// The places that a request may concern: which are there depends on its kind.
type PlaceKeys = (Option<Key<Member>>, Option<Key<Connection>>, Option<Key<Staff>>, Option<Key<Assignment>>);
type FoundPlaces = <PlaceKeys as Wanted>::Found;

impl Spot {
    fn of(request: &AccessRequest) -> Self {
        let AccessRequest { kind, company, firm, asked_by, .. } = request.clone();
        Self { kind, company, firm, user: asked_by }
    }

    /// The other side of the connection, as the tenant that decides sees it.
    fn other_side(&self) -> Option<Org> {
        match self.kind {
            RequestKind::Member => None,
            RequestKind::Connection => self.firm.clone().map(Org::Firm),
            RequestKind::Assignment => Some(Org::Company(self.company.clone())),
        }
    }

    fn keys(&self, tenant: &Tenant) -> PlaceKeys {
        let connection = self.other_side().and_then(|other| tenant.connection(&other));
        match self.kind {
            RequestKind::Member => (Some(tenant.member(&self.user)), None, None, None),
            RequestKind::Connection => (None, connection, None, None),
            RequestKind::Assignment => {
                (None, connection, Some(tenant.staff(&self.user)), tenant.assignment(&self.company, &self.user))
            }
        }
    }

    fn filled(&self, (member, connection, staff, assignment): FoundPlaces) -> Result<Place, Problem> {
        let place = match self.kind {
            RequestKind::Member => member.flatten().map(Place::Member),
            RequestKind::Connection => connection.flatten().map(Place::Connection),
            RequestKind::Assignment => connection
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
    fn held(&self, now: UtcTime) -> Result<Grants, LendError> {
        match self {
            Self::Member(member) => Ok(Standing::from(member).grants_at(now)),
            Self::Connection(connection) => Ok(Standing::from(connection).grants_at(now)),
            Self::Client(client) => {
                let (connection, staff, assignment) = &**client;
                lending::held_in_client(connection, staff, assignment.as_ref(), now)
            }
        }
    }

    /// Adds what is lent, in the same change.
    fn lend(&self, loan: &Loan, now: UtcTime, change: &mut Change<'_>) -> Result<Fact, LendError> {
        match self {
            Self::Member(member) => {
                let (changed, fact) = lending::lend_to_member(member, loan, now)?;
                change.put(|tenant| tenant.member(&member.user), Some(member.version), &changed);
                Ok(fact)
            }
            Self::Connection(connection) => {
                let (changed, fact) = lending::lend_to_connection(connection, loan, now)?;
                let other = Org::Firm(connection.firm.clone());
                change.put_some(|tenant| tenant.connection(&other), Some(connection.version), &changed);
                Ok(fact)
            }
            Self::Client(client) => {
                let (connection, staff, existing) = &**client;
                let (changed, fact) = lending::lend_in_client(connection, staff, existing.as_ref(), loan, now)?;
                let (client, company) = (Org::Company(connection.company.clone()), &connection.company);
                // As for any assignment: neither may end, or change, between the look and the write.
                change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
                change.unchanged(|tenant| tenant.staff(&staff.user), staff.version);
                let expected = existing.as_ref().map(|existing| existing.version);
                change.put_some(|tenant| tenant.assignment(company, &staff.user), expected, &changed);
                Ok(fact)
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
    status: Option<RequestState>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists what was asked for here: in a company by its members and its firms, in a firm by its
/// bookkeepers. Shows what the caller could decide, which needs what deciding needs: in a company
/// `team.manage` for members' requests and `connections.manage` for firms', in a firm `staff.manage`. So
/// a page may hold fewer than `limit` and still not be the last.
#[utoipa::path(get, path = "/v1/access-requests", tag = "team", params(WhichRequests),
    responses((status = 200, body = AccessRequests)))]
pub(crate) async fn list_requests(
    State(edge): State<Edge>,
    caller: InContext,
    Query(which): Query<WhichRequests>,
) -> Outcome {
    let request = page_request(which.limit, which.cursor)?;
    let now = caller.now();
    let kept_as = which.status.map(RequestState::kept_as);
    let shown = |request: &AccessRequest| which.status.is_none_or(|state| state == request.state(now));
    let listing = |tenant: &Tenant| tenant.access_requests(kept_as);
    let entered = edge
        .store
        .enter_beside(&caller.context.present(), now, async |queries| {
            queries.page_matching(listing, &request, shown).await
        })
        .await?;
    let holds = |permission| entered.holds(&caller.needs(permission));
    let (needs, decided) = lending::to_look_after(caller.context.seat(), holds);
    let mut page = entered.prove(&caller.needs(needs))?;
    page.items.retain(|request| decided.contains(&request.kind));
    Answer::ok(&AccessRequests::at(page, now))
}

/// Lists what the caller asked for here, newest first. A page may hold fewer than `limit` and still
/// not be the last.
#[utoipa::path(get, path = "/v1/access-requests/mine", tag = "team", params(PageQuery),
    responses((status = 200, body = AccessRequests)))]
pub(crate) async fn list_own(State(edge): State<Edge>, caller: InContext, Query(query): Query<PageQuery>) -> Outcome {
    let authority = Authority::Person(caller.context.present());
    let now = caller.now();
    let own = |request: &AccessRequest| request.asked_by == caller.caller.user;
    let listing = |tenant: &Tenant| tenant.access_requests(None);
    let page = edge.store.page_matching(&authority, now, listing, &query.request()?, own).await?;
    Answer::ok(&AccessRequests::at(page, now))
}

/// What is given of what was asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
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
    params(("id" = AccessRequestId, Path)), request_body = Grant, responses((status = 200, body = OneAccessRequest)))]
pub(crate) async fn grant(
    State(edge): State<Edge>,
    caller: InContext,
    Path(id): Path<AccessRequestId>,
    body: Body<Grant>,
) -> Outcome {
    let found = find(&edge, &caller, &id, &body).await?;
    let now = caller.now();
    let Grant { permissions, for_hours } = body.value;
    let claims = caller.context.claims();
    let decider = Decider { user: &claims.sub, name: &claims.name };
    let (decided, loan, fact) = found.request.grant(decider, permissions, for_hours, now).map_err(not_answered)?;

    let spot = Spot::of(&found.request);
    let access = caller.context.access(found.needs);
    let authority: Authority = match spot.kind {
        // In the firm nobody holds what a company grants: there the connection is the bound.
        RequestKind::Assignment => access.into(),
        RequestKind::Member | RequestKind::Connection => {
            access.and_all(&loan.grants).lasting(Lasting::Until(loan.until)).into()
        }
    };
    let looking: Authority = caller.context.access(found.needs).into();
    let place = spot.filled(edge.store.load(&looking, now, None, |tenant| spot.keys(tenant)).await?)?;
    let mut change = edge.store.change(&authority, caller.stamp());
    let lent = place.lend(&loan, now, &mut change).map_err(not_lent)?;
    change.record(lent);
    found.commit(change, &caller, decided, fact).await
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    #[serde(default)]
    reason: Option<Note>,
}

/// Refuses a request. Needs what granting so needs, but for what was asked for.
#[utoipa::path(post, path = "/v1/access-requests/{id}/refuse", tag = "team",
    params(("id" = AccessRequestId, Path)), request_body = Refuse, responses((status = 200, body = OneAccessRequest)))]
pub(crate) async fn refuse(
    State(edge): State<Edge>,
    caller: InContext,
    Path(id): Path<AccessRequestId>,
    body: Body<Refuse>,
) -> Outcome {
    let found = find(&edge, &caller, &id, &body).await?;
    let claims = caller.context.claims();
    let decider = Decider { user: &claims.sub, name: &claims.name };
    let (decided, fact) = found.request.refuse(decider, body.value.reason, caller.now()).map_err(not_answered)?;
    let change = edge.store.change(&caller.needs(found.needs), caller.stamp());
    found.commit(change, &caller, decided, fact).await
}

/// Nothing more to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdraw {}

/// Takes a request back, as whoever asked: for anyone else it is not there.
#[utoipa::path(post, path = "/v1/access-requests/{id}/withdraw", tag = "team",
    params(("id" = AccessRequestId, Path)), request_body = Withdraw,
    responses((status = 200, body = OneAccessRequest)))]
pub(crate) async fn withdraw(
    State(edge): State<Edge>,
    caller: InContext,
    Path(id): Path<AccessRequestId>,
    body: Body<Withdraw>,
) -> Outcome {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let authority = Authority::Person(caller.context.present());
    let request = edge
        .store
        .load(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.access_request(&id))
        .await?
        .filter(|request| request.asked_by == caller.caller.user)
        .ok_or_else(Problem::not_found)?;
    let (withdrawn, fact) = request.withdraw(caller.now()).map_err(not_answered)?;
    let needs = request.kind.needs();
    let change = edge.store.change(&authority, caller.stamp());
    Found { request, needs, idempotency }.commit(change, &caller, withdrawn, fact).await
}

/// A request that the caller may decide.
struct Found {
    request: AccessRequest,
    needs: Permission,
    idempotency: Option<Idempotency>,
}

/// Finds a request for whoever may decide it. For one that is not there, the right to decide any kind is
/// enough to be told so.
async fn find<T>(edge: &Edge, caller: &InContext, id: &AccessRequestId, body: &Body<T>) -> Outcome<Found> {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let entered = edge
        .store
        .enter(&caller.context.present(), caller.now(), idempotency.as_ref(), |tenant| tenant.access_request(id))
        .await?;
    let (looking, _) = lending::to_look_after(caller.context.seat(), |held| entered.holds(&caller.needs(held)));
    let needs = entered.look().as_ref().map_or(looking, |request| request.kind.needs());
    let request = entered.prove(&caller.needs(needs))?.ok_or_else(Problem::not_found)?;
    Ok(Found { request, needs, idempotency })
}

impl Found {
    async fn commit(self, mut change: Change<'_>, caller: &InContext, decided: AccessRequest, fact: Fact) -> Outcome {
        change.put(|tenant| tenant.access_request(&decided.id), Some(self.request.version), &decided);
        change.record(fact);
        let answer = Answer::ok(&OneAccessRequest::at(decided, caller.now()))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await.map_err(|error| exceeded(error, self.needs))?;
        Ok(answer)
    }
}

/// What asking in vain is told as.
fn not_asked(error: AskError) -> Problem {
    match error {
        AskError::NoPermissions | AskError::NotForCompanies(_) => Problem::field("permissions", error),
        AskError::Hours => Problem::field("for_hours", error),
        AskError::HeldAlready => Problem::conflict(error, "granted"),
        AskError::CompanyMissing | AskError::CompanyUnfit | AskError::AskAtFirm => Problem::field("company", error),
    }
}

/// As [`not_lent`], for whoever asks: a client that their firm does not have is not there.
fn nowhere(error: LendError) -> Problem {
    match error {
        LendError::NotActive => Problem::not_found(),
        other @ (LendError::BeyondConnection(_) | LendError::AdminNeedsNone) => not_lent(other),
    }
}

fn not_answered(error: AnswerError) -> Problem {
    match error {
        AnswerError::NotOpen(state) => Problem::conflict(error, state.as_str()),
        AnswerError::NoPermissions | AnswerError::NotAskedFor(_) => Problem::field("permissions", error),
        AnswerError::Hours => Problem::field("for_hours", error),
    }
}

fn not_lent(error: LendError) -> Problem {
    match error {
        LendError::NotActive => Problem::conflict(error, "ended"),
        LendError::BeyondConnection(permission) => exceeding(permission),
        LendError::AdminNeedsNone => Problem::conflict(error, "admin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        let statuses = [
            (not_asked(AskError::NoPermissions), 422),
            (not_asked(AskError::NotForCompanies(Permission::StaffView)), 422),
            (not_asked(AskError::Hours), 422),
            (not_asked(AskError::HeldAlready), 409),
            (not_asked(AskError::CompanyMissing), 422),
            (not_asked(AskError::CompanyUnfit), 422),
            (not_asked(AskError::AskAtFirm), 422),
            (nowhere(LendError::NotActive), 404),
            (nowhere(LendError::AdminNeedsNone), 409),
            (not_answered(AnswerError::NotOpen(RequestState::Expired)), 409),
            (not_answered(AnswerError::NoPermissions), 422),
            (not_answered(AnswerError::NotAskedFor(Permission::VatView)), 422),
            (not_answered(AnswerError::Hours), 422),
            (not_lent(LendError::NotActive), 409),
            (not_lent(LendError::BeyondConnection(Permission::VatView)), 403),
            (not_lent(LendError::AdminNeedsNone), 409),
        ];
        for (problem, status) in statuses {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
        }
    }
}
