//! Reading the trail, newest first.

use ::trail::MAX_RECORDING_S;
use axum::extract::State;
use domain::{
    CompanyId, Event, FirmId, Org, Permission, UserId, UtcTime,
    export::Part,
    seal::Digest,
    trail::{EventTypes, Filter},
};
use edge::{Answer, Edge, InContext, Outcome, Paged, Problem, Query, paging::page_request};
use serde::{Deserialize, Serialize};
use store::{Listing, Tenant};
use utoipa::{IntoParams, ToSchema};

/// A page of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    events: Vec<Event>,
    #[serde(flatten)]
    paged: Paged,
}

/// A stretch of a trail: which part of it, and what is looked for there.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) of: Option<Part>,
    pub(crate) filter: Filter,
}

impl Stretch {
    /// The list to read.
    pub(crate) fn listing(&self, tenant: &Tenant) -> Listing<Event> {
        tenant.trail(self.of, &self.filter, MAX_RECORDING_S).narrowed_to(self.mark())
    }

    /// What a cursor is bound to: one filter's cursor opens no other's page.
    fn mark(&self) -> String {
        let text = serde_json::to_string(&self.filter).unwrap_or_default();
        Digest::of(text.as_bytes()).to_string().chars().take(16).collect()
    }

    /// Refuses what makes no sense in the tenant asked.
    pub(crate) fn check(&self, org: &Org) -> Result<(), Problem> {
        if self.of.is_some() && org.company().is_some() {
            return Err(Problem::field("of", "a company's trail has no parts"));
        }
        if self.filter.company.is_some() && self.of != Some(Part::Clients) {
            return Err(Problem::field("company", "is for the clients' part of a firm's trail, of=clients"));
        }
        if self.filter.is_forward() { Ok(()) } else { Err(Problem::field("to", "must not be before `from`")) }
    }
}

/// Which events to show.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// Only events of these types: one, or several with commas between them.
    #[serde(default, rename = "type")]
    #[param(value_type = Option<String>)]
    types: Option<EventTypes>,
    /// Only what this user, machine client or schedule did.
    #[serde(default)]
    actor: Option<UserId>,
    /// Only what is about this person's place: as a member, on a firm's staff, or as the bookkeeper to
    /// whom a client is assigned.
    #[serde(default)]
    member: Option<UserId>,
    /// Only what was done on behalf of this firm, or is about it.
    #[serde(default)]
    firm: Option<FirmId>,
    /// Only what happened at this client. For `of=clients`.
    #[serde(default)]
    company: Option<CompanyId>,
    /// Only events at this time or later.
    #[serde(default)]
    from: Option<UtcTime>,
    /// Only events before this time.
    #[serde(default)]
    to: Option<UtcTime>,
    /// Which part of a firm's trail: `firm` when not said. A company's trail has no parts.
    #[serde(default)]
    #[param(inline)]
    of: Option<Part>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists what happened in the company or firm, newest first. Needs `audit.view`.
///
/// What a filter asks for is looked for in a bounded stretch of the trail, so a page may hold fewer
/// events than its limit, or none, and still have a `next_cursor`: only a page without one is the last.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(Question), responses((status = 200, body = Events)))]
pub(crate) async fn list_events(
    State(edge): State<Edge>,
    caller: InContext,
    Query(question): Query<Question>,
) -> Outcome {
    let authority = caller.needs(Permission::AuditView);
    let Question { types, actor, member, firm, company, from, to, of, limit, cursor } = question;
    let stretch = Stretch { of, filter: Filter { types, actor, member, firm, company, from, to } };
    stretch.check(&authority.org())?;
    let request = page_request(limit, cursor)?;
    let page = edge
        .store
        .page_matching(
            &authority,
            caller.now(),
            |tenant| stretch.listing(tenant),
            &request,
            |event| stretch.filter.keeps(event),
        )
        .await?;
    let paged = Paged::from(&page);
    Answer::ok(&Events { events: page.items, paged })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at(unix_s: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(unix_s)
    }

    fn company() -> Org {
        Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)))
    }

    fn firm() -> Org {
        Org::Firm(FirmId::from_uuid(Uuid::from_u128(2)))
    }

    fn ask(of: Option<Part>, filter: serde_json::Value) -> Stretch {
        Stretch { of, filter: serde_json::from_value(filter).unwrap() }
    }

    #[test]
    fn a_question_that_makes_no_sense_is_refused() {
        let client = json!({"company": company().as_str()});
        assert!(ask(None, json!({"from": at(2), "to": at(1)})).check(&company()).is_err());
        assert!(ask(None, json!({"from": at(1), "to": at(1)})).check(&company()).is_ok());
        assert!(ask(Some(Part::Clients), json!({})).check(&company()).is_err());
        assert!(ask(Some(Part::Clients), json!({})).check(&firm()).is_ok());
        assert!(ask(Some(Part::Clients), client.clone()).check(&firm()).is_ok());
        assert!(ask(None, client.clone()).check(&firm()).is_err());
        assert!(ask(None, client).check(&company()).is_err());
    }

    #[test]
    fn every_filter_has_a_mark_of_its_own() {
        let marks = [json!({}), json!({"actor": "a"}), json!({"member": "a"}), json!({"types": "member.added"})]
            .map(|filter| ask(None, filter).mark());
        let distinct: std::collections::BTreeSet<&String> = marks.iter().collect();
        assert_eq!(distinct.len(), marks.len());
    }
}
