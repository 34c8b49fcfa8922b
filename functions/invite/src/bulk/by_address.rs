//! Sends many invitations to addresses, from JSON or a CSV file.

use std::collections::HashSet;

use api::{
    Answer, Api, ApiError, ApiResult, BulkBody, CallerNetwork, Column, FieldError, InContext, Problem,
    bulk::{Cells, Row},
    clock,
};
use axum::extract::State;
use domain::{
    Email, GrantState, Grants, InvitationId, Name, Org, UtcTime,
    client::{ClientEntry, NotInvited},
    id::ClientId,
    invitation::{
        AlreadyThere, Invitation, Invite, Offer, PriorInvitation, RowRefusal, check_row, invite, is_another_client,
        offer, to_learn_of_none, to_send_all,
    },
    org::Connection,
};
use serde::Deserialize;
use store::{Attempt, Authority, Key, PageRequest, StoreError, Tenant, retry_on_conflict};
use utoipa::ToSchema;

use super::{BulkInvitationResponse, BulkInvitationRow, RowSender};
use crate::{
    App, InvitingContext,
    client_entry::{self, CandidateKeys, Candidates},
    refusal::{no_invitation, no_offer},
    sending::{Counting, CreateInvitation, Newest, Sender, SentInvitation},
};

/// How many pages of a hundred of the tenant's own people are read for addresses that have a place
/// already. Beyond that, acceptance refuses.
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
        // Read only to be refused: if it were ignored, a replacement would be sent as a plain invitation.
        Column::text("replaces", &[]),
    ];
}

/// Invitations to send, at most 500.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateInvitations {
    /// Each is judged by itself: a refused one does not affect the others.
    #[allow(dead_code, reason = "the rows are read one by one; this is their shape in the API's document")]
    #[schema(min_items = 1, max_items = 500)]
    invitations: Vec<CreateInvitation>,
}

/// Sends up to 500 invitations, from JSON or from a CSV file as a spreadsheet writes it.
///
/// A row has the fields of a single invitation except `replaces`: a row that replaces a firm is invalid.
/// A CSV file has the same fields as columns, `permissions` separated by spaces. Its first line is a header
/// when it names a known column; without one the columns are `kind`, `email`, `name`, `role`,
/// `permissions`, `message`, `locale`, `expires_in_days`. Encodings, separators and doubtful rows are as for the import of
/// clients.
///
/// A row is already there when its address has an open invitation of the same kind from here, or a place,
/// or when the last invitation of that kind started a connection that is active. Rows for clients at one
/// address with different names are different companies of one owner. Rows are independent of each other: send a request
/// that broke off again to complete it; nothing is sent twice.
///
/// Needs what each invitation needs by itself, for every kind that is named.
#[utoipa::path(post, path = "/v1/invitations/bulk",
    request_body(content(
        (CreateInvitations = "application/json"),
        (String = "text/csv"),
        (String = "application/csv"),
        (String = "application/vnd.ms-excel")
    )),
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
    let needs: Grants = offered.iter().map(|row| row.offer.needs()).collect();
    let authority = authority_of(&caller, &needs, &[]);
    let loading = api.store.load_once(&authority, now, idempotency.as_ref(), Sender::keys);
    // An invitation gives for good, so the inviter cannot offer a temporary permission.
    let holding = api.store.own_grants(&context.claims().sub, context.acting_as(), now);
    let (sender, held) = tokio::join!(loading, holding);
    let (sender, held) = (Sender::of(sender??)?, held?);

    let people = people(api, &authority, now, &offered).await?;
    let mut to_send = Vec::new();
    for row in offered {
        match check_row(&row.offer, context.acting_as(), &held, people.contains(&row.wanted.email)) {
            Ok(()) => to_send.push(row),
            Err(refusal @ RowRefusal::BeyondOwn(_)) => {
                let field = if row.wanted.permissions.is_some() { "permissions" } else { "role" };
                let error = FieldError { field: field.to_owned(), detail: refusal.to_string() };
                answered.push(BulkInvitationRow::invalid(row.number, error));
            }
            Err(refusal @ RowRefusal::OutlastsFirm(_)) => {
                let error = FieldError { field: "kind".to_owned(), detail: refusal.to_string() };
                answered.push(BulkInvitationRow::invalid(row.number, error));
            }
            Err(refusal @ RowRefusal::HasPlace) => {
                answered.push(BulkInvitationRow::there(row.number, &refusal.to_string()));
            }
        }
    }

    let sending = AddressSender { app: &app, caller: &caller, network: &network, sender, needs };
    answered.extend(sending.send_all(&to_send).await?);
    answered.sort_by_key(|row| row.row);
    for row in &mut answered {
        row.line = bulk.lines.of(row.row);
    }
    let answer = Answer::ok(&BulkInvitationResponse::of(answered, bulk.ignored_columns))?;
    if idempotency.is_none() {
        return Ok(answer);
    }
    let change = api.store.change(&authority, caller.change_context());
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// A row that could be read and makes an offer.
struct OfferedRow {
    number: usize,
    offer: Offer,
    wanted: CreateInvitation,
    expires_in_days: u8,
}

fn offer_of(
    number: usize,
    wanted: CreateInvitation,
    caller: &InContext,
    expiry_days: u8,
) -> Result<OfferedRow, FieldError> {
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
    let offered = OfferedRow { number, offer, wanted, expires_in_days };
    // Tried here, so that an invalid row is refused before any is sent.
    let id = InvitationId::from_uuid(clock::new_uuid());
    let claims = caller.context.claims();
    match invite(offered.command(id, claims.org_name.clone(), caller), caller.now()) {
        Ok(_) => Ok(offered),
        Err(error) => Err(field(no_invitation(error, needs), "kind")),
    }
}

impl OfferedRow {
    fn is_at_the_address_of(&self, other: &Self) -> bool {
        self.offer.kind() == other.offer.kind() && self.wanted.email == other.wanted.email
    }

    fn is_for_another_client_than(&self, other: &Self) -> bool {
        is_another_client(&self.offer, self.wanted.name.as_ref(), other.wanted.name.as_ref())
    }

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
            held_since: caller.context.since(),
        }
    }
}

/// The addresses of the people who have a place here; none are read unless a row offers a place.
async fn people(api: &Api, authority: &Authority, now: UtcTime, offered: &[OfferedRow]) -> ApiResult<HashSet<Email>> {
    let mut found = HashSet::new();
    if !offered.iter().any(|row| row.offer.is_for_own_people()) {
        return Ok(found);
    }
    let mut request = PageRequest::largest();
    for _ in 0..MAX_PAGES_OF_PEOPLE {
        let next = match authority.org() {
            Org::Company(_) => {
                let page = api.store.page(authority, now, |tenant| tenant.members(), &request).await?;
                // A member whom a firm invited may be invited to become the company's own.
                let own = page.items.into_iter().filter(|member| member.inviting_firm.is_none());
                let here = own.filter(|member| GrantState::from(member).holds_at(now));
                found.extend(here.map(|member| member.email));
                page.next
            }
            Org::Firm(_) => {
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

/// Sends rows that name an address.
struct AddressSender<'a> {
    app: &'a App,
    caller: &'a InContext,
    network: &'a CallerNetwork,
    sender: Sender,
    /// The permissions to send the kinds of all rows.
    needs: Grants,
}

impl RowSender for AddressSender<'_> {
    type Row = OfferedRow;

    fn number(row: &OfferedRow) -> usize {
        row.number
    }

    async fn send(&self, rows: &[OfferedRow]) -> ApiResult<Vec<BulkInvitationRow>> {
        retry_on_conflict(|| self.invite(rows)).await
    }
}

/// The keys of what some rows may each have.
type KeysOfRows<T> = Vec<Option<Key<T>>>;

/// The data in the table about a row's address.
struct RowFacts {
    /// The version of the pointer to the newest invitation of this kind.
    pointer: Option<u64>,
    /// The newest invitation, and the connection that it started.
    prior: PriorInvitation,
    /// The entry of the client list that goes with the address and the name, or why its client is not invited.
    entry: Result<Option<ClientEntry>, NotInvited>,
    /// The open invitation that a new one supersedes.
    superseded: Option<Invitation>,
}

/// The authority to send the kinds of `needs`, and these offers.
fn authority_of(caller: &InContext, needs: &Grants, offers: &[OfferedRow]) -> Authority {
    let context = &caller.context;
    let otherwise = to_learn_of_none(context.acting_as(), |_| false);
    let offers = offers.iter().map(|row| &row.offer);
    Authority::Person(to_send_all(context.present(), needs, offers, otherwise))
}

impl AddressSender<'_> {
    /// Sends those of some rows that are not there already, in one change.
    async fn invite(&self, rows: &[OfferedRow]) -> Result<Vec<BulkInvitationRow>, Attempt<ApiError>> {
        let (api, now) = (&self.app.api, self.caller.now());
        let authority = authority_of(self.caller, &self.needs, rows);
        let found = self.read_facts(&authority, rows).await?;

        let mut change = api.store.change(&authority, self.caller.change_context());
        let mut sent: Vec<(&OfferedRow, InvitationId)> = Vec::new();
        let mut taken: HashSet<ClientId> = HashSet::new();
        let mut answered = Vec::with_capacity(rows.len());
        for (row, found) in rows.iter().zip(found) {
            let at_address = || sent.iter().filter(|(other, _)| other.is_at_the_address_of(row));
            let repeated = at_address().find(|(other, _)| !other.is_for_another_client_than(row));
            let prior = found.prior.already_there(now);
            let before = match &prior {
                Some(AlreadyThere::Open(id)) => Some(id),
                Some(AlreadyThere::Connected) | None => None,
            };
            let listed = match &found.entry {
                Err(NotInvited::Open(id)) => Some(id),
                Err(NotInvited::Connected | NotInvited::NoEmail | NotInvited::Undeliverable) | Ok(_) => None,
            };
            if let Some(open) = before.or(listed).or(repeated.map(|(_, id)| id)) {
                answered.push(BulkInvitationRow::open(row.number, open.clone()));
                continue;
            }
            if prior.is_some() || found.entry.is_err() {
                let detail = "this address belongs to a company or firm that is connected already";
                answered.push(BulkInvitationRow::there(row.number, detail));
                continue;
            }
            let is_shared = at_address().next().is_some();
            let entry = found.entry.unwrap_or_default().map(|entry| {
                // Not even the client of that name, where another row has taken it.
                let name = row.wanted.name.as_ref().filter(|_| !taken.contains(entry.id()));
                if is_shared { entry.beside_another(name, client_entry::new_id()) } else { entry }
            });
            taken.extend(entry.as_ref().map(|entry| entry.id().clone()));
            let id = InvitationId::from_uuid(clock::new_uuid());
            let mut command = row.command(id, self.sender.name.clone(), self.caller);
            if let Some(entry) = &entry {
                command.offer = command.offer.to_client(entry.id());
            }
            let (invitation, event) =
                invite(command, now).map_err(|error| ApiError::from(no_invitation(error, row.offer.needs())))?;
            let new = SentInvitation {
                invitation: &invitation,
                event,
                newest: Newest::Expected(found.pointer),
                entry: entry.as_ref(),
                superseded: found.superseded.as_ref().filter(|_| matches!(entry, Some(ClientEntry::Known(_)))),
            };
            new.send(&mut change, Counting { api, network: self.network, record: self.sender.record, now });
            sent.push((row, invitation.id.clone()));
            answered.push(BulkInvitationRow::created(row.number, invitation.id));
        }
        if !sent.is_empty() {
            change.commit().await?;
        }
        Ok(answered)
    }

    /// Reads the facts of each row's address: one read beside one `Query` for each client's address; a
    /// second where an invitation was sent before or an entry may go with an address; a third where that
    /// invitation was accepted, and a fourth where an open one is superseded.
    async fn read_facts(&self, authority: &Authority, rows: &[OfferedRow]) -> Result<Vec<RowFacts>, StoreError> {
        let (api, now) = (&self.app.api, self.caller.now());
        let addresses: Vec<Option<&Email>> =
            rows.iter().map(|row| client_entry::by_address(&row.offer, &row.wanted.email)).collect();
        let keys = |tenant: &Tenant| {
            let latest = |row: &OfferedRow| tenant.latest_invitation(row.offer.kind().as_str(), &row.wanted.email);
            let holder = |address: &Option<&Email>| client_entry::holder(tenant, *address);
            let named = |(row, address): (&OfferedRow, &Option<&Email>)| {
                client_entry::named(tenant, *address, row.wanted.name.as_ref())
            };
            (
                rows.iter().map(latest).collect::<Vec<_>>(),
                addresses.iter().map(holder).collect::<Vec<_>>(),
                rows.iter().zip(&addresses).map(named).collect::<Vec<_>>(),
            )
        };
        let ((latest, holders, named), others) = api
            .store
            .load_and_query(authority, now, keys, async |queries| {
                client_entry::others_of_each(&queries, &addresses).await
            })
            .await?;
        let known = others.into_iter().zip(holders).zip(named);
        let candidates: Vec<Candidates> = known
            .map(|((others, holder), named)| others.held_by(holder.flatten()).with_named(named.flatten()))
            .collect();
        let of_those = |tenant: &Tenant| -> (KeysOfRows<Invitation>, Vec<CandidateKeys>) {
            (
                latest.iter().map(|latest| latest.as_ref().map(|l| tenant.invitation(&l.invitation))).collect(),
                candidates.iter().map(|candidates| candidates.keys(tenant)).collect(),
            )
        };
        let is_any = latest.iter().any(Option::is_some) || candidates.iter().any(Candidates::is_any);
        let (sent, found) = if is_any {
            api.store.load(authority, now, of_those).await?
        } else {
            (latest.iter().map(|_| None).collect(), latest.iter().map(|_| (None, Vec::new())).collect())
        };

        let to_entries = addresses.into_iter().zip(candidates).zip(found);
        let entries = to_entries.zip(rows).map(|(((address, candidates), found), row)| match address {
            Some(_) => candidates.entry_named(found, row.wanted.name.as_ref(), now),
            None => Ok(None),
        });
        let sent = sent.into_iter().map(Option::flatten).zip(rows);
        let sent =
            sent.map(|(sent, row)| PriorInvitation::of(sent, &row.offer, &row.wanted.email, row.wanted.name.as_ref()));
        let mut found: Vec<RowFacts> = (latest.into_iter().zip(sent).zip(entries))
            .map(|((pointer, prior), entry)| {
                let pointer = pointer.map(|pointer| pointer.version);
                RowFacts { pointer, prior, entry, superseded: None }
            })
            .collect();
        self.follow_up(authority, &mut found).await?;
        Ok(found)
    }

    /// Reads what only the invitations and entries that were found lead to.
    async fn follow_up(&self, authority: &Authority, found: &mut [RowFacts]) -> Result<(), StoreError> {
        let (api, now) = (&self.app.api, self.caller.now());
        let sides: Vec<Option<Org>> = found.iter().map(|row| row.prior.invitation()?.connected()).collect();
        if sides.iter().any(Option::is_some) {
            let keys = |tenant: &Tenant| -> KeysOfRows<Connection> {
                sides.iter().map(|side| side.as_ref().and_then(|side| tenant.connection(side))).collect()
            };
            let connections = api.store.load(authority, now, keys).await?;
            for (row, connection) in found.iter_mut().zip(connections) {
                row.prior.connection = connection.flatten();
            }
        }
        let superseded: Vec<Option<InvitationId>> =
            found.iter().map(|row| row.entry.as_ref().ok()?.as_ref()?.gives_way(now).cloned()).collect();
        let superseded = client_entry::superseded(api, authority, now, &superseded).await?;
        for (row, superseded) in found.iter_mut().zip(superseded) {
            row.superseded = superseded;
        }
        Ok(())
    }
}
