//! Lists the companies and firms that the caller can enter, in pages.
//!
//! Candidates come from indexes that may lag by moments; each listed one was then confirmed in the table.
//! The list grants nothing: entering checks the table again.

use api::{Answer, Api, ApiResult, Caller, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    FirmId, Name, Org, UserId, UtcTime,
    access::ActingAs,
    context_list::{
        ContextEntry, ContextKind, NamePrefix, as_contact, assigned, client, decides, firms_as_admin, own_company,
        own_firm, waiting_for,
    },
    customer::seat::ContactSeat,
    org::{Assignment, Connection, Member, Staff},
};
use serde::{Deserialize, Serialize};
use store::{Listed, PageRequest, Seen, Store};
use tokio::task::JoinSet;
use utoipa::{IntoParams, ToSchema};

use crate::{
    context_session::CustomerView,
    cursor::{Position, not_ours, request},
};

/// The default page size.
const DEFAULT_PAGE: u16 = 25;
/// The most firms whose clients one page queries, in parallel. A page for the admin of more firms may be
/// short and still have a `next_cursor`.
const MAX_FIRMS_A_PAGE: usize = 4;

/// A company or firm that the caller can enter.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AvailableContext)]
pub(crate) struct PlaceView {
    #[serde(flatten)]
    org: Org,
    name: Name,
    /// The role there.
    role: &'static str,
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    via: &'static str,
    /// The firm that the caller would act for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// The customer whose contact the caller is.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerView>,
    /// The number of approvals that wait for the caller's decision; 100 means 100 or more. Only if the caller
    /// may view and decide approvals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_approvals: Option<usize>,
    /// The number of notifications that the caller has not read there; 100 means 100 or more. Absent for contacts, who
    /// have no inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread_notifications: Option<usize>,
    /// When the caller last entered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_visited: Option<UtcTime>,
}

impl PlaceView {
    fn of(user: &UserId, entry: ContextEntry, seen: &Seen) -> Self {
        let ContextEntry { mut place, .. } = entry;
        if let Some(name) = &seen.customer_name {
            place.customer_name = Some(name.clone());
        }
        let decides = place.acting_as.company().is_some() && decides(&seen.grants);
        Self {
            org: place.acting_as.org(),
            customer: CustomerView::of(&place),
            name: place.name,
            role: place.role,
            via: place.acting_as.via(),
            firm: place.acting_as.firm().cloned(),
            pending_approvals: decides.then(|| waiting_for(user, &seen.pending)),
            unread_notifications: place.acting_as.customer().is_none().then_some(seen.unread_notifications),
            last_visited: seen.visited_at,
        }
    }
}

/// A page of the companies and firms that the caller can enter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContextPage {
    contexts: Vec<PlaceView>,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Filters for the list of contexts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those whose name begins with this text, in upper or lower case.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 120)]
    q: Option<NamePrefix>,
    /// Only the caller's own companies, only clients, only firms, or only customers whose contact the caller is.
    #[serde(default)]
    #[param(inline)]
    kind: Option<ContextKind>,
    /// The most entries, 1–100. Default: 25.
    #[serde(default)]
    limit: Option<u16>,
    /// `next_cursor` of the previous page.
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the companies, firms and customers' portals that the caller can act in.
///
/// The caller's own companies come first, then their firms, then the clients that they serve for those
/// firms, then the customers whose contact they are, by the company's name. A page may be short, or empty, and still have a `next_cursor`.
#[utoipa::path(get, path = "/v1/contexts", params(Which),
    responses((status = 200, body = ContextPage)))]
pub(crate) async fn list_contexts(State(api): State<Api>, caller: Caller, Query(which): Query<Which>) -> ApiResult {
    let Which { q, kind, limit, cursor } = which;
    page_request(limit, None)?;
    let from = match cursor {
        Some(cursor) => Position::parse(&cursor, kind)?,
        None => Position::first(kind),
    };
    let page = Gathering {
        store: &api.store,
        user: &caller.user,
        now: caller.now,
        kind,
        beginning: q.unwrap_or_default(),
        limit: usize::from(limit.unwrap_or(DEFAULT_PAGE)),
        entries: Vec::new(),
        next: None,
    };
    let (entries, next) = page.gather(from).await?;

    let candidates: Vec<ActingAs> = entries.iter().map(|entry| entry.place.acting_as.clone()).collect();
    let deciding =
        entries.iter().filter(|entry| entry.may_decide()).filter_map(|entry| entry.place.acting_as.company());
    let mut deciding: Vec<_> = deciding.cloned().collect();
    deciding.sort();
    deciding.dedup();
    let seen = api.store.for_user(caller.user.clone()).seen(&candidates, &deciding, caller.now).await?;
    let shown = entries.into_iter().zip(seen).filter_map(|(entry, seen)| Some((entry, seen?)));
    let contexts = shown.map(|(entry, seen)| PlaceView::of(&caller.user, entry, &seen)).collect();
    let next_cursor = next.map(|next| next.cursor()).transpose()?;
    Answer::ok(&ContextPage { contexts, next_cursor })
}

/// A page under construction from several lists.
struct Gathering<'a> {
    store: &'a Store,
    user: &'a UserId,
    now: UtcTime,
    kind: Option<ContextKind>,
    beginning: NamePrefix,
    limit: usize,
    entries: Vec<ContextEntry>,
    next: Option<Position>,
}

impl Gathering<'_> {
    /// The page from a position on, and where the next one starts.
    ///
    /// Two rounds at most: the person's places, and beside them the clients of the firm that the
    /// page starts in; then the clients of their further firms.
    async fn gather(mut self, from: Position) -> ApiResult<(Vec<ContextEntry>, Option<Position>)> {
        let now = self.now;
        let (staff, companies, assignments, clients, contacts) = tokio::try_join!(
            self.staff(),
            self.companies(&from),
            self.assignments(&from),
            self.clients_from(&from),
            self.contacts(&from)
        )?;
        let admin_of = firms_as_admin(&staff, now);

        if let Some((companies, start)) = companies {
            self.take(companies, start, |from| Position::Own { from }, |member| own_company(member, now));
        }
        self.take_firms(&staff, &from);
        if let Some((assignments, start)) = assignments {
            let entry = |assignment: &_| assigned(assignment, &staff, now);
            self.take(assignments, start, |from| Position::Assigned { from }, entry);
        }
        // Firms in the order of their ids, as the index has them.
        let further: Vec<FirmId> = match &from {
            Position::Clients { firm, .. } => {
                if !admin_of.contains(firm) {
                    return Err(not_ours().into());
                }
                admin_of.iter().filter(|other| *other > firm).cloned().collect()
            }
            Position::Own { .. } | Position::Firms { .. } | Position::Assigned { .. } => admin_of,
            Position::Customers { .. } => Vec::new(),
        };
        if let Some((firm, clients, start)) = clients {
            self.take_clients(&firm, clients, start);
        }
        if self.wants(ContextKind::Client) {
            self.take_clients_of(further).await?;
        }
        if let Some((contacts, start)) = contacts {
            self.take(contacts, start, |from| Position::Customers { from }, |seat| as_contact(seat, now));
        }
        self.entries.sort_by_cached_key(|entry| {
            let section: u8 = match entry.kind() {
                ContextKind::Company => 0,
                ContextKind::Firm => 1,
                ContextKind::Client => 2,
                ContextKind::Customer => 3,
            };
            (section, entry.place.name.as_str().to_lowercase())
        });
        Ok((self.entries, self.next))
    }

    fn wants(&self, kind: ContextKind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    fn named(&self, entry: Option<&ContextEntry>) -> bool {
        entry.is_some_and(|entry| self.beginning.begins(&entry.place.name))
    }

    /// Where the person is on the staff, for their roles whatever is listed: up to 100 firms.
    async fn staff(&self) -> ApiResult<Vec<Staff>> {
        Ok(self.store.for_user(self.user.clone()).places_on_staff(&PageRequest::largest()).await?.items)
    }

    async fn companies(&self, from: &Position) -> ApiResult<Option<(Listed<Member>, Option<String>)>> {
        let Position::Own { from } = from else { return Ok(None) };
        let (own, request) = (self.store.for_user(self.user.clone()), request(self.limit, from.clone())?);
        let keep = |member: &Member| self.named(own_company(member, self.now).as_ref());
        Ok(Some((own.memberships_each(&request, keep).await?, from.clone())))
    }

    async fn assignments(&self, from: &Position) -> ApiResult<Option<(Listed<Assignment>, Option<String>)>> {
        let from = match from {
            Position::Own { .. } | Position::Firms { .. } => None,
            Position::Assigned { from } => from.clone(),
            Position::Clients { .. } | Position::Customers { .. } => return Ok(None),
        };
        if !self.wants(ContextKind::Client) {
            return Ok(None);
        }
        let (own, request) = (self.store.for_user(self.user.clone()), request(self.limit, from.clone())?);
        let keep = |assignment: &Assignment| self.beginning.begins(&assignment.company_name);
        Ok(Some((own.assignments_each(&request, keep).await?, from)))
    }

    async fn contacts(&self, from: &Position) -> ApiResult<Option<(Listed<ContactSeat>, Option<String>)>> {
        if !self.wants(ContextKind::Customer) {
            return Ok(None);
        }
        let from = if let Position::Customers { from } = from { from.clone() } else { None };
        let (own, request) = (self.store.for_user(self.user.clone()), request(self.limit, from.clone())?);
        let keep = |seat: &ContactSeat| self.named(as_contact(seat, self.now).as_ref());
        Ok(Some((own.contact_seats_each(&request, keep).await?, from)))
    }

    async fn clients_from(&self, from: &Position) -> ApiResult<Option<(FirmId, Listed<Connection>, Option<String>)>> {
        let Position::Clients { firm, from } = from else { return Ok(None) };
        let request = request(self.limit, from.clone())?;
        let clients = clients_of(self.store, self.user, self.now, firm, &self.beginning, &request).await?;
        Ok(Some((firm.clone(), clients, from.clone())))
    }

    /// Adds the entries of one list that fit. The next page starts at the first that does not.
    fn take<T>(
        &mut self,
        listed: Listed<T>,
        start: Option<String>,
        at: impl Fn(Option<String>) -> Position,
        entry: impl Fn(&T) -> Option<ContextEntry>,
    ) {
        if self.next.is_some() {
            return;
        }
        let mut here = start;
        for (item, after) in listed.items {
            if let Some(entry) = entry(&item) {
                if self.entries.len() == self.limit {
                    self.next = Some(at(here));
                    return;
                }
                self.entries.push(entry);
            }
            here = after.map(|cursor| cursor.as_str().to_owned());
        }
        self.next = listed.next.map(|cursor| at(Some(cursor.as_str().to_owned())));
    }

    fn take_clients(&mut self, firm: &FirmId, clients: Listed<Connection>, start: Option<String>) {
        let (at, now) = (|from| Position::Clients { firm: firm.clone(), from }, self.now);
        self.take(clients, start, at, |connection| client(connection, now));
    }

    fn take_firms(&mut self, staff: &[Staff], from: &Position) {
        let mut here = match from {
            Position::Own { .. } => None,
            Position::Firms { after } => after.clone(),
            Position::Assigned { .. } | Position::Clients { .. } | Position::Customers { .. } => return,
        };
        if self.next.is_some() || !self.wants(ContextKind::Firm) {
            return;
        }
        let start = here.clone();
        for place in staff.iter().filter(|place| start.as_ref().is_none_or(|start| place.firm > *start)) {
            let entry = own_firm(place, self.now);
            if let (true, Some(entry)) = (self.named(entry.as_ref()), entry) {
                if self.entries.len() == self.limit {
                    self.next = Some(Position::Firms { after: here });
                    return;
                }
                self.entries.push(entry);
            }
            here = Some(place.firm.clone());
        }
    }

    /// The clients of the firms that the caller is an admin of: without a search, one `Query` each, in
    /// parallel.
    async fn take_clients_of(&mut self, firms: Vec<FirmId>) -> ApiResult<()> {
        let room = self.limit.saturating_sub(self.entries.len());
        let (asked, left) = firms.split_at(firms.len().min(if room == 0 { 0 } else { MAX_FIRMS_A_PAGE }));
        if self.next.is_some() {
            return Ok(());
        }
        let mut queries = JoinSet::new();
        for (nth, firm) in asked.iter().cloned().enumerate() {
            let (store, user, now, beginning) =
                (self.store.clone(), self.user.clone(), self.now, self.beginning.clone());
            let request = request(room, None)?;
            queries.spawn(async move { (nth, clients_of(&store, &user, now, &firm, &beginning, &request).await) });
        }
        let mut found = Vec::with_capacity(asked.len());
        while let Some(page) = queries.join_next().await {
            found.push(page.map_err(Problem::internal)?);
        }
        found.sort_by_key(|(nth, _)| *nth);
        for ((_, clients), firm) in found.into_iter().zip(asked) {
            self.take_clients(firm, clients?, None);
        }
        if let (None, Some(firm)) = (&self.next, left.first()) {
            self.next = Some(Position::Clients { firm: firm.clone(), from: None });
        }
        Ok(())
    }
}

/// Candidates among a firm's clients.
async fn clients_of(
    store: &Store,
    user: &UserId,
    now: UtcTime,
    firm: &FirmId,
    beginning: &NamePrefix,
    request: &PageRequest,
) -> ApiResult<Listed<Connection>> {
    let keep =
        |connection: &Connection| client(connection, now).is_some_and(|entry| beginning.begins(&entry.place.name));
    Ok(store.for_user(user.clone()).clients_each(firm, beginning.as_str(), request, keep).await?)
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, Grants, MemberRole, context::Place};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn view(acting_as: ActingAs, grants: Grants) -> serde_json::Value {
        let place = Place { acting_as, role: "admin", name: "Loja".parse().unwrap(), customer_name: None };
        let seen = Seen {
            grants: grants.clone(),
            visited_at: None,
            customer_name: None,
            pending: Vec::new(),
            unread_notifications: 3,
        };
        serde_json::to_value(PlaceView::of(&"u".parse().unwrap(), ContextEntry { place, grants }, &seen)).unwrap()
    }

    #[test]
    fn a_place_says_what_it_is_and_for_whom_one_would_act() {
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        let own = view(ActingAs::Member { company: company() }, MemberRole::Client.preset());
        assert_eq!(
            own,
            json!({"kind": "company", "id": company(), "name": "Loja", "role": "admin", "via": "member", "unread_notifications": 3})
        );
        assert_eq!(
            view(ActingAs::FirmAdmin { firm: firm.clone(), company: company() }, Grants::default())["firm"],
            json!(firm)
        );
    }

    #[test]
    fn what_waits_is_counted_only_where_one_may_decide_it() {
        let acting_as = || ActingAs::Member { company: company() };
        assert_eq!(view(acting_as(), MemberRole::Owner.preset())["pending_approvals"], json!(0));
        assert_eq!(view(acting_as(), MemberRole::Accountant.preset()).get("pending_approvals"), None);
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        assert_eq!(view(ActingAs::Staff { firm }, MemberRole::Owner.preset()).get("pending_approvals"), None);
    }
}
