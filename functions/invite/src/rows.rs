//! Many invitations at once, answered row by row.
//!
//! Rows are independent of each other: they are written a few at a time, and a request that breaks off
//! leaves what was written so far. Sending it again completes it, since whoever has an open invitation
//! of the same kind, or the place already, or is connected through the last one, is left alone. What a row is
//! told is about this tenant alone: its invitations, its people and its connections, which whoever may
//! invite may see anyway.

mod by_address;
pub(crate) mod from_list;

use std::collections::HashSet;

use api::{
    Answer, Api, ApiError, ApiResult, BulkBody, CallerNetwork, Column, FieldError, InContext, Problem, ProblemType,
    RowOutcome,
    bulk::{Cells, Row},
    clock,
};
use axum::{extract::State, http::StatusCode};
use domain::{
    Email, GrantState, Grants, InvitationId, Name, Permission, UtcTime, Validity,
    id::ClientId,
    invitation::{Invitation, InvitationKind, Invite, Offer, invite, kinds_sent_from, offer},
};
use serde::Serialize;
use store::{Authority, Change, LatestInvitation, PageRequest, StoreError, Tally};
use utoipa::ToSchema;

use crate::{
    App, InvitingContext,
    invitations::{CreateInvitation, name, no_invitation, no_offer, profile},
};

/// How many invitations one transaction writes: up to nine items each (with a new entry of the client list,
/// or an older invitation withdrawn), and the caller's place and two counters beside them, of the hundred
/// that a transaction takes.
const ROWS_PER_CHANGE: usize = 10;
/// How many pages of a hundred of the tenant's own people are looked through for addresses that have a
/// place already. Beyond, acceptance says so.
const MAX_PAGES_OF_PEOPLE: usize = 10;

impl Row for CreateInvitation {
    const LIST: &'static str = "invitations";
    const COLUMNS: &'static [Column] = &[
        Column::text("kind", &[]),
        Column::text("email", &["e_mail", "mail", "email_address", "e_mail_address"]),
        Column::text("name", &[]),
        Column::text("role", &[]),
        Column { field: "permissions", also: &[], cells: Cells::Words },
        Column::text("message", &[]),
        Column::text("locale", &["language", "lang"]),
        Column { field: "expires_in_days", also: &["expires", "days"], cells: Cells::Number },
        // Known in order to be refused: left out, a handover would be sent as a plain invitation.
        Column::text("replaces", &[]),
    ];
}

/// Invitations to be sent, at most 500.
#[derive(Debug, ToSchema)]
pub(crate) struct CreateInvitations {
    /// Each is read by itself: one that is refused does not spoil the others.
    #[allow(dead_code, reason = "the rows are read one by one; this is their shape in the API's document")]
    #[schema(min_items = 1, max_items = 500)]
    invitations: Vec<CreateInvitation>,
}

/// What came of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BulkInvitationRow {
    /// Which one, from 1; a header is not counted.
    row: usize,
    outcome: RowOutcome,
    /// The invitation that is open now, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationId>,
    /// The client, where the row names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong with it, or what is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl BulkInvitationRow {
    fn new(row: usize, outcome: RowOutcome) -> Self {
        Self { row, outcome, invitation: None, client: None, field: None, detail: None }
    }

    fn created(row: usize, invitation: InvitationId) -> Self {
        Self { invitation: Some(invitation), ..Self::new(row, RowOutcome::Created) }
    }

    fn open(row: usize, invitation: InvitationId) -> Self {
        let detail = Some("there is an open invitation".to_owned());
        Self { invitation: Some(invitation), detail, ..Self::new(row, RowOutcome::AlreadyThere) }
    }

    fn there(row: usize, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..Self::new(row, RowOutcome::AlreadyThere) }
    }

    fn limited(row: usize) -> Self {
        let detail = Some("a limit is reached: send it again later".to_owned());
        Self { detail, ..Self::new(row, RowOutcome::Limited) }
    }

    fn invalid(row: usize, error: FieldError) -> Self {
        let FieldError { field, detail } = error;
        Self { field: Some(field), detail: Some(detail), ..Self::new(row, RowOutcome::Invalid) }
    }
}

/// What came of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkInvitationResponse {
    created: usize,
    already_there: usize,
    invalid: usize,
    /// Rows that can be sent again later.
    limited: usize,
    /// Columns of a CSV header that mean nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored_columns: Vec<String>,
    rows: Vec<BulkInvitationRow>,
}

impl BulkInvitationResponse {
    fn of(rows: Vec<BulkInvitationRow>, ignored_columns: Vec<String>) -> Self {
        let count = |outcome: RowOutcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            created: count(RowOutcome::Created),
            already_there: count(RowOutcome::AlreadyThere),
            invalid: count(RowOutcome::Invalid),
            limited: count(RowOutcome::Limited),
            ignored_columns,
            rows,
        }
    }
}

/// A row that could be read and offers what can be offered from here.
struct Offered {
    row: usize,
    offer: Offer,
    wanted: CreateInvitation,
    expires_in_days: u8,
}

/// Invites up to 500 firms, members, staff or clients, from JSON or from a CSV file in UTF-8.
///
/// A row is what a single invitation takes, but for `replaces`: a row that names a firm to take the place
/// of is invalid, since that is done one by one. A CSV file has the same fields as columns, `permissions`
/// separated by spaces. Its first line is a header when it names a known column; without one the columns
/// are `kind`, `email`, `name`, `role`, `permissions`, `message`, `locale`, `expires_in_days`. A row is
/// already there when the address has an open invitation of the same kind from here, or the place, or when
/// the last invitation of that kind made a connection that is active: another company of the same owner is
/// invited by itself, or from the client list. Rows are independent of each other: a request that broke off
/// is completed by sending it again, and sending it again adds nothing. Needs what inviting one by one
/// needs, for every kind that is named.
#[utoipa::path(post, path = "/v1/invitations/bulk", tag = "invite",
    request_body(content((CreateInvitations = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = BulkInvitationResponse)))]
pub(crate) async fn create_invitations(
    State(app): State<App>,
    caller: InvitingContext,
    network: CallerNetwork,
    bulk: BulkBody<CreateInvitation>,
) -> ApiResult {
    let api = &app.api;
    let idempotency = bulk.idempotent.by(&caller.caller.user);
    let (context, now) = (&caller.context, caller.now());
    let mut offered = Vec::new();
    let mut answered = Vec::new();
    for (row, read) in (1..).zip(bulk.rows) {
        match read.and_then(|wanted| offer_of(row, wanted, &caller, app.expiry_days)) {
            Ok(row) => offered.push(row),
            Err(error) => answered.push(BulkInvitationRow::invalid(row, error)),
        }
    }
    let needs = needs_of(&offered, kinds_sent_from(context.acting_as()).map(InvitationKind::needs)[0]);
    let authority = Authority::Person(needs.access(&caller, &Grants::default()));
    let loading = api.store.load(&authority, now, idempotency.as_ref(), profile);
    // An invitation gives for good, so what is lent for a time is not theirs to offer.
    let holding = api.store.own_grants(&context.claims().sub, context.acting_as(), now);
    let (org_name, held) = tokio::join!(loading, holding);
    let org_name = org_name.map_err(|error| needs.refused(error)).and_then(name)?;
    let held = held?;

    let people = people(api, &authority, now, &offered).await?;
    let (offered, others): (Vec<Offered>, Vec<Offered>) = offered.into_iter().partition(|row| {
        let has_place = row.offer.is_for_a_person() && people.contains(&row.wanted.email);
        !has_place && row.offer.given().first_beyond(&held).is_none()
    });
    answered.extend(others.into_iter().map(|row| match row.offer.given().first_beyond(&held) {
        Some(beyond) => {
            let detail = format!("nobody grants more than they hold; you lack {beyond}");
            let field = if row.wanted.permissions.is_some() { "permissions" } else { "role" };
            BulkInvitationRow::invalid(row.row, FieldError { field: field.to_owned(), detail })
        }
        None => BulkInvitationRow::there(row.row, "whoever has this address has a place here"),
    }));

    let sending =
        by_address::Sending { app: &app, caller: &caller, network: &network, org_name: &org_name, needs: &needs };
    answered.extend(sending.send_all(&offered).await?);
    answered.sort_by_key(|row| row.row);
    let answer = Answer::ok(&BulkInvitationResponse::of(answered, bulk.ignored_columns))?;
    if idempotency.is_some() {
        let mut change = api.store.change(&authority, caller.change_context());
        change.answer(idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await.map_err(|error| needs.refused(error))?;
    }
    Ok(answer)
}

fn offer_of(row: usize, wanted: CreateInvitation, caller: &InContext, expiry_days: u8) -> Result<Offered, FieldError> {
    let field = |problem: Problem, otherwise: &str| {
        let unfit =
            || FieldError { field: otherwise.to_owned(), detail: "cannot be offered from this context".to_owned() };
        problem.errors().first().cloned().unwrap_or_else(unfit)
    };
    let needs = wanted.kind.needs();
    if wanted.replaces.is_some() {
        let detail = "is not for many at once: invite that firm by itself".to_owned();
        return Err(FieldError { field: "replaces".to_owned(), detail });
    }
    let offer = offer(wanted.kind, wanted.role, wanted.permissions.clone(), caller.context.acting_as())
        .map_err(|error| field(no_offer(error, needs), "kind"))?;
    let expires_in_days = wanted.expires_in_days.unwrap_or(expiry_days);
    let offered = Offered { row, offer, wanted, expires_in_days };
    // Tried here, so that a row that cannot be is told before any is sent.
    let id = InvitationId::from_uuid(clock::new_uuid());
    let claims = caller.context.claims();
    match invite(offered.command(id, claims.org_name.clone(), caller), caller.now()) {
        Ok(_) => Ok(offered),
        Err(error) => Err(field(no_invitation(error, needs), "kind")),
    }
}

impl Offered {
    fn command(&self, id: InvitationId, org_name: Name, caller: &InContext) -> Invite {
        let (claims, wanted) = (caller.context.claims(), &self.wanted);
        Invite {
            id,
            offer: self.offer.clone(),
            org_name,
            email: wanted.email.clone(),
            name: wanted.name.clone(),
            message: wanted.message.clone(),
            locale: wanted.locale.clone(),
            expires_in_days: self.expires_in_days,
            invited_by: claims.sub.clone(),
            invited_by_name: claims.name.clone(),
            acting_as: caller.context.acting_as().clone(),
        }
    }
}

/// The permissions that inviting as the rows say needs: one for each kind.
struct Needs {
    first: Permission,
    all: Grants,
}

fn needs_of(offered: &[Offered], otherwise: Permission) -> Needs {
    let all: Grants = offered.iter().map(|row| row.offer.needs()).collect();
    let first = all.iter().next().unwrap_or(otherwise);
    Needs { first, all }
}

impl Needs {
    fn access(&self, caller: &InContext, given: &Grants) -> domain::AccessRequirement {
        caller.context.access(self.first).and_all(&self.all).and_all(given).validity(Validity::ForGood)
    }

    /// A missing permission other than these is one of those that would be given.
    fn refused(&self, error: StoreError) -> ApiError {
        match error {
            StoreError::Denied(domain::Denied::Missing(permission))
                if permission != self.first && !self.all.contains(permission) =>
            {
                Problem::new(ProblemType::ExceedsOwnGrants).about(permission).into()
            }
            error => error.into(),
        }
    }
}

/// The addresses of those who have a place here, where anyone is invited to one.
async fn people(api: &Api, authority: &Authority, now: UtcTime, offered: &[Offered]) -> ApiResult<HashSet<Email>> {
    let mut found = HashSet::new();
    if !offered.iter().any(|row| row.offer.is_for_a_person()) {
        return Ok(found);
    }
    let mut request = PageRequest::largest();
    for _ in 0..MAX_PAGES_OF_PEOPLE {
        let next = match authority.org() {
            domain::Org::Company(_) => {
                let page = api.store.page(authority, now, |tenant| tenant.members(), &request).await?;
                let here = page.items.into_iter().filter(|member| GrantState::from(member).holds_at(now));
                found.extend(here.map(|member| member.email));
                page.next
            }
            domain::Org::Firm(_) => {
                let page = api.store.page(authority, now, |tenant| tenant.all_staff(), &request).await?;
                let here = page.items.into_iter().filter(|staff| GrantState::from(staff).holds_at(now));
                found.extend(here.map(|staff| staff.email));
                page.next
            }
        };
        let Some(next) = next else { break };
        request = PageRequest::largest().starting_at(next);
    }
    Ok(found)
}

/// A way to invite whoever some rows name, in one change.
trait Invites: Sync {
    type Row: Sync;

    fn number(row: &Self::Row) -> usize;

    fn send(&self, rows: &[Self::Row]) -> impl Future<Output = ApiResult<Vec<BulkInvitationRow>>> + Send;

    /// Sends rows a few at a time, one change after the other: each carries the caller's place as a
    /// condition, and transactions on the same item at once would only get in each other's way.
    ///
    /// Where a limit refuses a few together, they are tried one by one, so that those there is room
    /// for are not lost with the others; once there is room for none of them, the rest is not tried.
    fn send_all(&self, rows: &[Self::Row]) -> impl Future<Output = ApiResult<Vec<BulkInvitationRow>>> + Send {
        async move {
            let mut answered = Vec::with_capacity(rows.len());
            let mut is_full = false;
            for some in rows.chunks(ROWS_PER_CHANGE) {
                if is_full {
                    answered.extend(some.iter().map(|row| BulkInvitationRow::limited(Self::number(row))));
                    continue;
                }
                match self.send(some).await {
                    Err(stop) if is_limit(&stop) => {}
                    sent => {
                        answered.extend(sent?);
                        continue;
                    }
                }
                is_full = true;
                for row in some {
                    match self.send(std::slice::from_ref(row)).await {
                        Err(stop) if is_limit(&stop) => answered.push(BulkInvitationRow::limited(Self::number(row))),
                        sent => {
                            answered.extend(sent?);
                            is_full = false;
                        }
                    }
                }
            }
            Ok(answered)
        }
    }
}

fn is_limit(stop: &ApiError) -> bool {
    matches!(stop, ApiError::Problem(problem) if problem.status() == StatusCode::TOO_MANY_REQUESTS)
}

/// Remembers that this is the newest invitation of its kind to its address.
pub(crate) fn remember(change: &mut Change<'_>, invitation: &Invitation) {
    let latest = LatestInvitation::new(invitation.id.clone());
    change.put_unconditional(
        |tenant| tenant.latest_invitation(invitation.offer.kind().as_str(), &invitation.email),
        &latest,
    );
}

/// Counts an invitation that is sent, or sent again, towards its limits.
pub(crate) fn count(
    change: &mut Change<'_>,
    api: &Api,
    network: &CallerNetwork,
    invitation: &Invitation,
    now: UtcTime,
) {
    for tally in Tally::of_invitation(&api.allowances, &invitation.offer.org(), &invitation.email, &network.0, now) {
        change.count(&tally);
    }
}
