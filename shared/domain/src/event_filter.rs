//! Filters of the audit log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{Event, EventType, kinds},
    id::{CompanyId, FirmId, UserId},
    time::UtcTime,
};

/// The most types that one question may name.
const MAX_TYPES: usize = 20;

/// One or several event types, written with commas between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct EventTypes(Vec<EventType>);

/// Text that does not list event types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventTypesError {
    /// One of the texts is not an event type.
    #[error("`{0}` is not a known event type")]
    Unknown(String),
    /// No type, or too many.
    #[error("must name 1 to {MAX_TYPES} event types, with commas between them")]
    Count,
}

impl EventTypes {
    fn contains(&self, kind: EventType) -> bool {
        self.0.contains(&kind)
    }
}

impl TryFrom<String> for EventTypes {
    type Error = EventTypesError;

    fn try_from(text: String) -> Result<Self, EventTypesError> {
        let types = text
            .split(',')
            .map(|part| {
                let known = EventType::ALL.iter().find(|kind| kind.as_str() == part).copied();
                // The error quotes the text; its beginning is enough.
                known.ok_or_else(|| EventTypesError::Unknown(part.chars().take(40).collect()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if types.len() > MAX_TYPES { Err(EventTypesError::Count) } else { Ok(Self(types)) }
    }
}

impl From<EventTypes> for String {
    fn from(types: EventTypes) -> Self {
        types.0.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// A filter: it keeps the events that meet all of its conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventFilter {
    /// Of one of these types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<EventTypes>,
    /// Done by this user, machine client or schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// About this person as a member, on a firm's staff, or as the bookkeeper to whom a client is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<UserId>,
    /// Done on behalf of this firm, or about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// In this company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// At this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcTime>,
    /// Before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcTime>,
}

impl EventFilter {
    /// Whether the filter keeps an event.
    #[must_use]
    pub fn keeps(&self, event: &Event) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(event.kind))
            && self.actor.as_ref().is_none_or(|actor| did(event, actor))
            && self.member.as_ref().is_none_or(|member| is_about_person(event, member))
            && self.firm.as_ref().is_none_or(|firm| is_about_firm(event, firm))
            && self.company.as_ref().is_none_or(|company| event.org.company() == Some(company))
            && self.from.is_none_or(|from| from <= event.at)
            && self.to.is_none_or(|to| event.at < to)
    }

    /// Whether `from` is not after `to`.
    #[must_use]
    pub fn is_forward(&self) -> bool {
        !matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }
}

fn did(event: &Event, actor: &UserId) -> bool {
    event.actor.machine.as_deref() == Some(actor.as_str()) || event.actor.user.as_ref() == Some(actor)
}

fn is_about_person(event: &Event, person: &UserId) -> bool {
    match event.kind {
        // The person who registers a company or firm gets the first place in it.
        EventType::CompanyRegistered => {
            event.read::<kinds::CompanyRegistered>().is_ok_and(|registered| registered.owner == *person)
        }
        EventType::FirmRegistered => {
            event.read::<kinds::FirmRegistered>().is_ok_and(|registered| registered.admin == *person)
        }
        _ => {
            ["member", "staff", "assignment"].contains(&event.subject.kind.as_str())
                && event.subject.id == person.as_str()
        }
    }
}

fn is_about_firm(event: &Event, firm: &FirmId) -> bool {
    // By convention a payload's field `firm` is the firm that the event concerns; a test holds every payload
    // to it. The field is read from the data as it stands, so that an event of another version is found too.
    let named = event.data.get("firm").and_then(serde_json::Value::as_str);
    event.actor.firm.as_ref() == Some(firm)
        || event.org.firm() == Some(firm)
        || (event.subject.kind == "connection" && event.subject.id == firm.as_str())
        || named == Some(firm.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Actor, EventId, Org,
        event::Subject,
        samples::{at, company, firm, user},
    };

    fn event(kind: EventType, subject: (&str, &str), actor: Actor, data: serde_json::Value) -> Event {
        Event {
            id: EventId::from_uuid(Uuid::from_u128(1)),
            kind,
            version: 1,
            at: at(100),
            org: Org::Company(company(1)),
            subject: Subject { kind: subject.0.to_owned(), id: subject.1.to_owned() },
            actor,
            data,
            request_id: "r".to_owned(),
        }
    }

    #[test]
    fn a_filter_keeps_what_it_asks_for() {
        let person = || Actor::person(user("ana"), None);
        let comment = event(EventType::CommentAdded, ("invoice", "INV-1"), person(), json!({}));
        let machine = event(EventType::InvoiceRecorded, ("invoice", "INV-1"), Actor::machine("ledger"), json!({}));
        let change = event(EventType::MemberChanged, ("member", "ben"), person(), json!({}));
        let owned_by_ana = json!({"name": "Loja", "currency": "EUR", "owner": "ana", "grants": []});
        let registered = event(EventType::CompanyRegistered, ("company", company(1).as_str()), person(), owned_by_ana);
        let connected =
            event(EventType::ConnectionStarted, ("connection", firm(7).as_str()), person(), json!({"firm": firm(7)}));
        let by_firm =
            event(EventType::CommentAdded, ("invoice", "INV-1"), Actor { firm: Some(firm(7)), ..person() }, json!({}));
        let all = [&comment, &machine, &change, &registered, &connected, &by_firm];
        let kept = |filter: EventFilter| -> Vec<usize> {
            all.iter().enumerate().filter(|(_, event)| filter.keeps(event)).map(|(n, _)| n).collect()
        };
        let types = |text: &str| Some(EventTypes::try_from(text.to_owned()).unwrap());
        assert_eq!(kept(EventFilter::default()), [0, 1, 2, 3, 4, 5]);
        assert_eq!(kept(EventFilter { types: types("comment.added"), ..EventFilter::default() }), [0, 5]);
        assert_eq!(
            kept(EventFilter { types: types("member.changed,invoice.recorded"), ..EventFilter::default() }),
            [1, 2]
        );
        assert_eq!(kept(EventFilter { actor: Some(user("ana")), ..EventFilter::default() }), [0, 2, 3, 4, 5]);
        assert_eq!(kept(EventFilter { actor: Some(user("ledger")), ..EventFilter::default() }), [1]);
        assert_eq!(kept(EventFilter { member: Some(user("ben")), ..EventFilter::default() }), [2]);
        assert_eq!(kept(EventFilter { member: Some(user("ana")), ..EventFilter::default() }), [3]);
        assert_eq!(kept(EventFilter { firm: Some(firm(7)), ..EventFilter::default() }), [4, 5]);
        assert_eq!(kept(EventFilter { company: Some(company(2)), ..EventFilter::default() }), [0_usize; 0]);
        assert_eq!(kept(EventFilter { from: Some(at(101)), ..EventFilter::default() }), [0_usize; 0]);
        assert_eq!(kept(EventFilter { to: Some(at(100)), ..EventFilter::default() }), [0_usize; 0]);
        assert_eq!(
            kept(EventFilter { from: Some(at(100)), to: Some(at(101)), ..EventFilter::default() }),
            [0, 1, 2, 3, 4, 5]
        );
        let both = EventFilter { actor: Some(user("ana")), types: types("comment.added"), ..EventFilter::default() };
        assert_eq!(kept(both), [0, 5]);
    }

    #[test]
    fn types_are_listed_with_commas_and_an_unknown_one_is_named() {
        let read = |text: &str| EventTypes::try_from(text.to_owned());
        assert_eq!(String::from(read("member.added,member.removed").unwrap()), "member.added,member.removed");
        for (text, unknown) in [("made.up", "made.up"), ("", ""), ("member.added,", ""), ("member.added, x", " x")] {
            assert_eq!(read(text), Err(EventTypesError::Unknown(unknown.to_owned())));
        }
        assert_eq!(read(&vec!["member.added"; 21].join(",")), Err(EventTypesError::Count));
    }

    #[test]
    fn times_the_wrong_way_round_make_no_sense() {
        assert!(!EventFilter { from: Some(at(2)), to: Some(at(1)), ..EventFilter::default() }.is_forward());
        assert!(EventFilter { from: Some(at(1)), to: Some(at(1)), ..EventFilter::default() }.is_forward());
    }
}
