//! The switcher: where one could act.
//!
//! A list to choose from, made from indexes that may lag by moments. It decides nothing: entering
//! asks the table.

use axum::extract::State;
use domain::{
    FirmId, Name, Org, UserId, UtcTime,
    context::{Place, firms_as_admin, own_places, places_as_admin, places_as_bookkeeper},
};
use edge::{Answer, Caller, Edge, Outcome, Problem, Query};
use serde::{Deserialize, Serialize};
use store::{PageRequest, Store};
use tokio::task::JoinSet;
use utoipa::ToSchema;

/// A company or firm that one could enter.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    #[serde(flatten)]
    org: Org,
    name: Name,
    /// The role there.
    role: &'static str,
    /// The seat: `member`, `firm_admin`, `bookkeeper` or `staff`.
    via: &'static str,
    /// The firm one would act for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        let Place { seat, role, name } = place;
        Self { org: seat.org(), name, role, via: seat.via(), firm: seat.firm().cloned() }
    }
}

/// Where one could act, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contexts {
    contexts: Vec<PlaceView>,
}

/// No parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Lists where one could act: up to 100 own companies, 100 firms, 100 assigned companies, and 100
/// clients of each firm one is an admin of.
#[utoipa::path(get, path = "/v1/contexts", tag = "switch-context", responses((status = 200, body = Contexts)))]
pub(crate) async fn list_contexts(State(edge): State<Edge>, caller: Caller, Query(_): Query<Nothing>) -> Outcome {
    let (own, request) = (edge.store.own(caller.user.clone()), PageRequest::largest());
    let (members, staff, assigned) =
        tokio::try_join!(own.memberships(&request), own.places_on_staff(&request), own.assignments(&request))?;

    let mut places = own_places(&members.items, &staff.items, caller.now);
    let firms: Vec<FirmId> = firms_as_admin(&staff.items, caller.now).cloned().collect();
    let assigned = places_as_bookkeeper(&staff.items, &assigned.items, caller.now);
    let (clients, assigned) = tokio::try_join!(
        clients_of(&edge.store, &caller.user, firms, caller.now),
        that_hold(&edge.store, &caller.user, assigned, caller.now),
    )?;
    places.extend(clients);
    places.extend(assigned);
    Answer::ok(&Contexts { contexts: by_name(places) })
}

/// The clients of firms that one is an admin of: one `Query` each, all at once.
async fn clients_of(store: &Store, user: &UserId, firms: Vec<FirmId>, now: UtcTime) -> Outcome<Vec<Place>> {
    let mut queries = JoinSet::new();
    for firm in firms {
        let (store, user) = (store.clone(), user.clone());
        queries.spawn(async move { store.own(user).clients_of(&firm, &PageRequest::largest()).await });
    }
    let mut places = Vec::new();
    while let Some(page) = queries.join_next().await {
        places.extend(places_as_admin(&page.map_err(Problem::internal)??.items, now));
    }
    Ok(places)
}

/// Those of the assigned companies that the firm's link still opens. An assignment outlives the
/// link, so without asking, a client that has left would be shown to its bookkeeper for ever.
async fn that_hold(store: &Store, user: &UserId, places: Vec<Place>, now: UtcTime) -> Outcome<Vec<Place>> {
    let seats: Vec<_> = places.iter().map(|place| place.seat.clone()).collect();
    let grants = store.grants_by_seat(user, &seats, now).await?;
    Ok(places.into_iter().zip(grants).filter(|(_, grants)| grants.is_ok()).map(|(place, _)| place).collect())
}

/// In the order of their names, each seat once.
fn by_name(places: Vec<Place>) -> Vec<PlaceView> {
    let mut views: Vec<PlaceView> = places.into_iter().map(Into::into).collect();
    views.sort_by_cached_key(|view| (view.name.as_str().to_lowercase(), view.org.clone(), view.via, view.firm.clone()));
    views.dedup_by(|one, other| (&one.org, one.via, &one.firm) == (&other.org, other.via, &other.firm));
    views
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, access::Seat};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn place(name: &str, seat: Seat) -> Place {
        Place { seat, role: "admin", name: name.parse().unwrap() }
    }

    #[test]
    fn a_company_that_is_open_in_two_ways_is_shown_twice_and_each_way_once() {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        let member = || place("zebra", Seat::Member { company: company.clone() });
        let for_firm = || place("zebra", Seat::FirmAdmin { firm: firm.clone(), company: company.clone() });
        let own = || place("Apple", Seat::Staff { firm: firm.clone() });
        let shown = by_name(vec![member(), for_firm(), own(), member(), for_firm()]);
        let ways: Vec<_> = shown.iter().map(|view| (view.name.as_str(), view.via)).collect();
        assert_eq!(ways, [("Apple", "staff"), ("zebra", "firm_admin"), ("zebra", "member")]);
    }

    #[test]
    fn a_place_says_what_it_is_and_for_whom_one_would_act() {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        let view = |seat| serde_json::to_value(PlaceView::from(place("Loja", seat))).unwrap();
        let own = view(Seat::Member { company: company.clone() });
        assert_eq!(own, json!({"kind": "company", "id": company, "name": "Loja", "role": "admin", "via": "member"}));
        assert_eq!(view(Seat::FirmAdmin { firm: firm.clone(), company })["firm"], json!(firm));
    }
}
