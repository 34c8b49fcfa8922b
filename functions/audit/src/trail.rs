//! Reading the trail, newest first.

use axum::extract::State;
use domain::{Event, EventType, Org, Permission, UserId, UtcTime};
use edge::{Answer, Edge, InContext, Outcome, Paged, Problem, Query, paging::page_request};
use serde::{Deserialize, Serialize};
use store::{Listing, Tenant};
use utoipa::{IntoParams, ToSchema};

/// The longest that recording an event may come after its time: no function runs for longer. In
/// seconds.
const MAX_RECORDING_S: i64 = 60;

/// A page of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    events: Vec<Event>,
    #[serde(flatten)]
    paged: Paged,
}

/// One of the two parts of a firm's trail.
///
/// They are two lists, not one: the firm's own is read consistently, the other from an index that
/// may lag by moments, and merged they would show a gap where the index is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// What happened in the firm's own affairs.
    #[default]
    Firm,
    /// What happened in its clients' companies on its side.
    Clients,
}

/// Which events to show.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// Only events of this type.
    #[serde(default, rename = "type")]
    kind: Option<EventType>,
    /// Only what this user, machine client or schedule did.
    #[serde(default)]
    actor: Option<UserId>,
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

impl Question {
    /// Whether an event is among those asked for.
    fn keeps(&self, event: &Event) -> bool {
        let did = |actor: &UserId| {
            let machine = event.actor.machine.as_deref() == Some(actor.as_str());
            machine || event.actor.user.as_ref() == Some(actor)
        };
        self.kind.is_none_or(|kind| event.kind == kind)
            && self.actor.as_ref().is_none_or(did)
            && self.from.is_none_or(|from| from <= event.at)
            && self.to.is_none_or(|to| event.at < to)
    }

    /// The list to read: the tenant's trail, near the times asked for. Ids are drawn when an event
    /// is recorded, shortly after its time, so the range reaches a little further than `to`.
    fn listing(&self, tenant: &Tenant) -> Listing<Event> {
        let trail = match self.of.unwrap_or_default() {
            Part::Firm => tenant.events(),
            Part::Clients => tenant.events_at_clients(),
        };
        trail.recorded(self.from, self.to.map(|to| to.plus_s(MAX_RECORDING_S)))
    }

    /// Refuses what makes no sense in the tenant asked.
    fn check(&self, org: &Org) -> Result<(), Problem> {
        if self.of.is_some() && org.company().is_some() {
            return Err(Problem::field("of", "a company's trail has no parts"));
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => Err(Problem::field("to", "must not be before `from`")),
            _ => Ok(()),
        }
    }
}

/// Lists what happened in the company or firm, newest first. Needs `audit.view`.
///
/// `type` and `actor` are looked for in a bounded stretch of the trail, so a page may hold fewer
/// events than its limit, or none, and still have a `next_cursor`.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(Question), responses((status = 200, body = Events)))]
pub(crate) async fn list_events(
    State(edge): State<Edge>,
    caller: InContext,
    Query(question): Query<Question>,
) -> Outcome {
    let authority = caller.needs(Permission::AuditView);
    question.check(&authority.org())?;
    let request = page_request(question.limit, question.cursor.clone())?;
    let page = edge
        .store
        .page_matching(
            &authority,
            caller.now(),
            |tenant| question.listing(tenant),
            &request,
            |event| question.keeps(event),
        )
        .await?;
    let paged = Paged::from(&page);
    Answer::ok(&Events { events: page.items, paged })
}

#[cfg(test)]
mod tests {
    use domain::{Actor, CompanyId, EventId, FirmId, event::Subject};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at(unix_s: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(unix_s)
    }

    fn event(actor: Actor) -> Event {
        Event {
            id: EventId::from_uuid(Uuid::from_u128(1)),
            kind: EventType::CommentAdded,
            at: at(100),
            org: company(),
            subject: Subject { kind: "invoice".to_owned(), id: "INV-1".to_owned() },
            actor,
            data: json!({}),
            request_id: "r".to_owned(),
        }
    }

    fn company() -> Org {
        Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)))
    }

    fn firm() -> Org {
        Org::Firm(FirmId::from_uuid(Uuid::from_u128(2)))
    }

    fn ask(question: serde_json::Value) -> Question {
        serde_json::from_value(question).unwrap()
    }

    #[test]
    fn a_question_keeps_what_it_asks_for() {
        let person = event(Actor::person("u-1".parse().unwrap(), None));
        let machine = event(Actor::machine("ledger-client"));
        for (question, keeps_person, keeps_machine) in [
            (json!({}), true, true),
            (json!({"type": "comment.added"}), true, true),
            (json!({"type": "member.removed"}), false, false),
            (json!({"actor": "u-1"}), true, false),
            (json!({"actor": "ledger-client"}), false, true),
            (json!({"actor": "u-1", "type": "member.removed"}), false, false),
            (json!({"from": at(100)}), true, true),
            (json!({"from": at(101)}), false, false),
            (json!({"to": at(101)}), true, true),
            (json!({"to": at(100)}), false, false),
        ] {
            let asked = ask(question.clone());
            assert_eq!((asked.keeps(&person), asked.keeps(&machine)), (keeps_person, keeps_machine), "{question}");
        }
    }

    #[test]
    fn a_question_that_makes_no_sense_is_refused() {
        assert!(ask(json!({"from": at(2), "to": at(1)})).check(&company()).is_err());
        assert!(ask(json!({"from": at(1), "to": at(1)})).check(&company()).is_ok());
        assert!(ask(json!({"of": "clients"})).check(&company()).is_err());
        assert!(ask(json!({"of": "clients"})).check(&firm()).is_ok());
    }
}
