//! Who could reach a company at some instant, computed from the events alone.
//!
//! Events are folded, in the order of their ids, into what each relationship said at the instant; that state is
//! judged as every request judges it ([`crate::access::effective_grants`]). An unreadable event grants nothing: a
//! report must not claim what it cannot prove.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{ActingAs, GrantState, effective_grants},
    context::seat_at_customer,
    customer::{
        CustomerChanged, CustomerRecorded, CustomerStatus, admission::all_of_contacts, seat, settings::PortalRight,
    },
    event::{Event, EventPayload, EventType},
    id::{CompanyId, EventId, FirmId, Org, UserId},
    permission::Grants,
    role::{MemberRole, StaffRole},
    temporary_grants::TemporaryGrants,
    text::{Name, Reference},
    time::UtcTime,
};

/// The types of the events that make or unmake access. This report ignores all others.
pub const EVENT_TYPES: [EventType; 18] = [
    EventType::CompanyRegistered,
    EventType::FirmRegistered,
    EventType::MemberAdded,
    EventType::MemberChanged,
    EventType::MemberRemoved,
    EventType::StaffAdded,
    EventType::StaffChanged,
    EventType::StaffRemoved,
    EventType::ConnectionStarted,
    EventType::ConnectionChanged,
    EventType::ConnectionEnded,
    EventType::AssignmentChanged,
    EventType::AssignmentRemoved,
    EventType::CustomerRecorded,
    EventType::CustomerChanged,
    EventType::PortalSettingsChanged,
    EventType::ContactAccessStarted,
    EventType::ContactAccessEnded,
];

/// The state of a relationship after an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Terms {
    grants: Grants,
    /// Permissions on top, each until an instant.
    lent: TemporaryGrants,
    admin: bool,
    /// The firm that invited the member.
    inviting_firm: Option<FirmId>,
    expires_at: Option<UtcTime>,
}

/// One relationship at the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    terms: Terms,
    active: bool,
    role: Option<String>,
    since: UtcTime,
    /// The last event about it.
    by: EventId,
}

impl Held {
    fn grant_state(&self, at: UtcTime) -> GrantState {
        let Terms { grants, lent, admin, inviting_firm, expires_at } = self.terms.clone();
        let (grants, lent) = (grants.union(&lent.at(at)), TemporaryGrants::default());
        GrantState { active: self.active, grants, lent, admin, inviting_firm, since: self.since, expires_at }
    }
}

/// One way in which a person could reach a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccessPath {
    /// Who.
    pub user: UserId,
    /// Their name, as they last acted under it; absent where they never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Which company.
    pub company: CompanyId,
    /// Its name, if an event has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<Name>,
    /// Through what: `member`, `firm_admin`, `bookkeeper` or `contact`.
    pub via: &'static str,
    /// The role there: a member's, or the one on the firm's staff.
    pub role: String,
    /// Through which firm: the one they work for, or for a member the one that invited them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The firm's name, if an event has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm_name: Option<Name>,
    /// Of which customer, for a contact. They reached that customer's portal and nothing else of the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// The permissions that all of these relationships granted.
    pub permissions: Grants,
    /// Since when all of these relationships were active.
    pub since: UtcTime,
    /// When the first of these relationships expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// The events that it rests on: the last one about each relationship.
    pub rests_on: Vec<EventId>,
}

/// Every relationship as it stood at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessHistory {
    at: UtcTime,
    members: BTreeMap<(CompanyId, UserId), Held>,
    connections: BTreeMap<(CompanyId, FirmId), Held>,
    staff: BTreeMap<(FirmId, UserId), Held>,
    assignments: BTreeMap<(CompanyId, FirmId, UserId), Held>,
    settings: BTreeMap<CompanyId, Held>,
    customers: BTreeMap<(CompanyId, Reference), Held>,
    contacts: BTreeMap<(CompanyId, Reference, UserId), Held>,
    people: BTreeMap<UserId, Name>,
    names: BTreeMap<Org, Name>,
}

impl AccessHistory {
    /// The relationships at an instant, by the events recorded by then.
    ///
    /// The events may be in any order and repeated. They must include all events of [`EVENT_TYPES`] of the
    /// companies and firms in question.
    #[must_use]
    pub fn at<'e>(events: impl IntoIterator<Item = &'e Event>, at: UtcTime) -> Self {
        let mut in_order: Vec<&Event> = events.into_iter().filter(|event| event.at <= at).collect();
        in_order.sort_by(|one, other| one.id.cmp(&other.id));
        in_order.dedup_by(|one, other| one.id == other.id);
        let mut history = Self {
            at,
            members: BTreeMap::new(),
            connections: BTreeMap::new(),
            staff: BTreeMap::new(),
            assignments: BTreeMap::new(),
            settings: BTreeMap::new(),
            customers: BTreeMap::new(),
            contacts: BTreeMap::new(),
            people: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for event in in_order {
            if let (Some(user), Some(name)) = (&event.actor.user, &event.actor.name) {
                history.people.insert(user.clone(), name.clone());
            }
            // An unreadable event changes nothing.
            let _: Option<()> = history.apply(event);
        }
        history
    }

    /// The firms that were ever connected to a company by then.
    #[must_use]
    pub fn firms_of(&self, company: &CompanyId) -> Vec<FirmId> {
        self.connections.keys().filter(|(of, _)| of == company).map(|(_, firm)| firm.clone()).collect()
    }

    fn apply(&mut self, event: &Event) -> Option<()> {
        let held = |terms: Terms, role: Option<&str>, before: Option<&Held>| Held {
            terms,
            active: true,
            role: role.map(str::to_owned),
            since: before.filter(|before| before.active).map_or(event.at, |before| before.since),
            by: event.id.clone(),
        };
        let new = Terms::default();
        let id = &event.subject.id;
        match (event.payload().ok()?, &event.org) {
            (EventPayload::CompanyRegistered(registered), Org::Company(company)) => {
                self.names.insert(event.org.clone(), registered.name);
                let terms = Terms { grants: registered.grants, ..new };
                let owner = held(terms, Some(MemberRole::Owner.as_str()), None);
                self.members.insert((company.clone(), registered.owner), owner);
            }
            (EventPayload::MemberAdded(added), Org::Company(company)) => {
                let connection =
                    added.inviting_firm.clone().and_then(|firm| self.connections.get(&(company.clone(), firm)));
                let connected = connection.map_or(event.at, |connection| connection.since);
                let terms = Terms { grants: added.grants, inviting_firm: added.inviting_firm, ..new };
                let member = held(terms, Some(added.role.as_str()), None);
                // A grant never begins before the stay under which it was given, even if clocks differ.
                let member = Held { since: member.since.max(connected), ..member };
                self.members.insert((company.clone(), id.parse().ok()?), member);
            }
            (EventPayload::MemberChanged(change), Org::Company(company)) => {
                let key = (company.clone(), id.parse().ok()?);
                let before = self.members.get(&key)?;
                let (after, inviting_firm) = (change.after, before.terms.inviting_firm.clone());
                let (grants, lent, expires_at) = (after.grants, after.lent, after.expires_at);
                let terms = Terms { grants, lent, expires_at, inviting_firm, ..new };
                let changed = held(terms, Some(after.role.as_str()), Some(before));
                self.members.insert(key, changed);
            }
            (EventPayload::MemberRemoved(_), Org::Company(company)) => {
                self.members.remove(&(company.clone(), id.parse().ok()?));
            }
            (EventPayload::FirmRegistered(registered), Org::Firm(firm)) => {
                self.names.insert(event.org.clone(), registered.name);
                let terms = Terms { admin: true, ..new };
                let admin = held(terms, Some(StaffRole::Admin.as_str()), None);
                self.staff.insert((firm.clone(), registered.admin), admin);
            }
            (EventPayload::StaffAdded(added), Org::Firm(firm)) => {
                let key = (firm.clone(), id.parse().ok()?);
                let terms = Terms { admin: added.role == StaffRole::Admin, ..new };
                self.staff.insert(key, held(terms, Some(added.role.as_str()), None));
            }
            (EventPayload::StaffChanged(change), Org::Firm(firm)) => {
                let key = (firm.clone(), id.parse().ok()?);
                let (role, expires_at) = (change.after.role, change.after.expires_at);
                let terms = Terms { admin: role == StaffRole::Admin, expires_at, ..new };
                let changed = held(terms, Some(role.as_str()), Some(self.staff.get(&key)?));
                self.staff.insert(key, changed);
            }
            (EventPayload::StaffRemoved(_), Org::Firm(firm)) => {
                self.staff.remove(&(firm.clone(), id.parse().ok()?));
            }
            (EventPayload::ConnectionStarted(started), Org::Company(company)) => {
                self.names.insert(event.org.clone(), started.company_name);
                self.names.insert(Org::Firm(started.firm), started.firm_name);
                let terms = Terms { grants: started.grants, ..new };
                self.connections.insert((company.clone(), id.parse().ok()?), held(terms, None, None));
            }
            (EventPayload::ConnectionChanged(change), Org::Company(company)) => {
                self.names.insert(Org::Firm(change.firm), change.firm_name);
                let key = (company.clone(), id.parse().ok()?);
                let before = self.connections.get(&key)?;
                let after = change.after;
                let terms = Terms { grants: after.grants, lent: after.lent, expires_at: after.expires_at, ..new };
                let changed = Held { active: before.active, ..held(terms, None, Some(before)) };
                self.connections.insert(key, changed);
            }
            (EventPayload::ConnectionEnded(ended), Org::Company(company)) => {
                self.names.insert(Org::Firm(ended.firm), ended.firm_name);
                let key = (company.clone(), id.parse().ok()?);
                // The ended connection stays as a record: the firm's staff may have to be looked up.
                self.connections.get_mut(&key)?.active = false;
            }
            (EventPayload::AssignmentChanged(change), Org::Company(company)) => {
                let (firm, user): (FirmId, UserId) = (change.firm, id.parse().ok()?);
                let terms = Terms { grants: change.after, lent: change.lent, expires_at: change.expires_at, ..new };
                let key = (company.clone(), firm.clone(), user.clone());
                // An assignment from an earlier stay is not the `before`: the assignment begins anew.
                let before = change.before.and_then(|_| self.assignments.get(&key));
                let changed = held(terms, None, before);
                let connection = self.connections.get(&(company.clone(), firm.clone())).map(|held| held.since);
                let place = self.staff.get(&(firm, user)).map(|held| held.since);
                let since = [connection, place].into_iter().flatten().fold(changed.since, UtcTime::max);
                self.assignments.insert(key, Held { since, ..changed });
            }
            (EventPayload::AssignmentRemoved(removed), Org::Company(company)) => {
                self.assignments.remove(&(company.clone(), removed.firm, id.parse().ok()?));
            }
            (
                EventPayload::CustomerRecorded(CustomerRecorded { status, .. })
                | EventPayload::CustomerChanged(CustomerChanged { status, .. }),
                Org::Company(company),
            ) => {
                let active = status == CustomerStatus::Active;
                let customer = Held { active, since: UtcTime::EPOCH, ..held(new, None, None) };
                self.customers.insert((company.clone(), id.parse().ok()?), customer);
            }
            (EventPayload::PortalSettingsChanged(change), Org::Company(company)) => {
                let grants = PortalRight::grants(&change.rights.into_iter().collect());
                let settings = held(Terms { grants, ..new }, None, None);
                self.settings.insert(company.clone(), Held { since: UtcTime::EPOCH, ..settings });
            }
            (EventPayload::ContactAccessStarted(started), Org::Company(company)) => {
                let terms = Terms { grants: started.grants, ..new };
                let key = (company.clone(), started.customer, started.user);
                self.contacts.insert(key, held(terms, Some(seat::ROLE), None));
            }
            (EventPayload::ContactAccessEnded(ended), Org::Company(company)) => {
                self.contacts.remove(&(company.clone(), ended.customer, ended.user));
            }
            _ => {}
        }
        Some(())
    }

    /// The settings and the customer that a contact's seat rests on. Until an event says otherwise, contacts may do
    /// everything that they can, and the customer is dealt with.
    fn beside(&self, seat: &Held, company: &CompanyId, customer: &Reference) -> [Held; 2] {
        let assumed = |grants: Grants| Held {
            terms: Terms { grants, ..Terms::default() },
            active: true,
            role: None,
            since: UtcTime::EPOCH,
            by: seat.by.clone(),
        };
        let settings = self.settings.get(company).cloned();
        let customer = self.customers.get(&(company.clone(), customer.clone())).cloned();
        [settings.unwrap_or_else(|| assumed(all_of_contacts())), customer.unwrap_or_else(|| assumed(Grants::default()))]
    }

    /// Who could reach a company, and through what: members first, then each firm's people, then the contacts of its
    /// customers.
    #[must_use]
    pub fn of_company(&self, company: &CompanyId) -> Vec<AccessPath> {
        let mut reached: Vec<AccessPath> = Vec::new();
        for (in_company, user) in self.members.keys().filter(|(of, _)| of == company) {
            reached.extend(self.reach_as_member(user, in_company));
        }
        for (_, firm) in self.connections.keys().filter(|(of, _)| of == company) {
            for (_, user) in self.staff.keys().filter(|(of, _)| of == firm) {
                reached.extend(self.through(user, firm, company));
            }
        }
        for (company, customer, user) in self.contacts.keys().filter(|(of, ..)| of == company) {
            reached.extend(self.reach(user, seat_at_customer(company.clone(), customer.clone())));
        }
        reached
    }

    /// What a person could reach, and through what, of the companies that the events are about.
    #[must_use]
    pub fn of_user(&self, user: &UserId) -> Vec<AccessPath> {
        let mut reached: Vec<AccessPath> = Vec::new();
        for (company, _) in self.members.keys().filter(|(_, who)| who == user) {
            reached.extend(self.reach_as_member(user, company));
        }
        for (company, firm) in self.connections.keys() {
            reached.extend(self.through(user, firm, company));
        }
        for (company, customer, _) in self.contacts.keys().filter(|(.., who)| who == user) {
            reached.extend(self.reach(user, seat_at_customer(company.clone(), customer.clone())));
        }
        reached
    }

    fn reach_as_member(&self, user: &UserId, company: &CompanyId) -> Option<AccessPath> {
        let company = company.clone();
        let inviting_firm = self.members.get(&(company.clone(), user.clone()))?.terms.inviting_firm.clone();
        self.reach(user, ActingAs::member(company, inviting_firm))
    }

    fn through(&self, user: &UserId, firm: &FirmId, company: &CompanyId) -> impl Iterator<Item = AccessPath> {
        let (firm, company) = (firm.clone(), company.clone());
        let candidates = [
            ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() },
            ActingAs::Bookkeeper { firm, company },
        ];
        candidates.into_iter().filter_map(|acting_as| self.reach(user, acting_as))
    }

    fn reach(&self, user: &UserId, acting_as: ActingAs) -> Option<AccessPath> {
        let beside;
        let held: Vec<&Held> = match &acting_as {
            ActingAs::Member { company } => vec![self.members.get(&(company.clone(), user.clone()))?],
            ActingAs::BoundedMember { firm, company } => vec![
                self.connections.get(&(company.clone(), firm.clone()))?,
                self.members.get(&(company.clone(), user.clone()))?,
            ],
            ActingAs::FirmAdmin { firm, company } => vec![
                self.connections.get(&(company.clone(), firm.clone()))?,
                self.staff.get(&(firm.clone(), user.clone()))?,
            ],
            ActingAs::Bookkeeper { firm, company } => vec![
                self.connections.get(&(company.clone(), firm.clone()))?,
                self.staff.get(&(firm.clone(), user.clone()))?,
                self.assignments.get(&(company.clone(), firm.clone(), user.clone()))?,
            ],
            ActingAs::Contact { company, customer } => {
                let seat = self.contacts.get(&(company.clone(), customer.clone(), user.clone()))?;
                beside = self.beside(seat, company, customer);
                let [settings, customer] = &beside;
                vec![settings, customer, seat]
            }
            ActingAs::Staff { .. } => return None,
        };
        let grant_states: Vec<Option<GrantState>> = held.iter().map(|held| Some(held.grant_state(self.at))).collect();
        let permissions = effective_grants(user, &acting_as, &grant_states, self.at).ok()?;
        let company = acting_as.org().company()?.clone();
        let firm = acting_as.bounded_by().cloned();
        Some(AccessPath {
            user: user.clone(),
            name: self.people.get(user).cloned(),
            company_name: self.names.get(&Org::Company(company.clone())).cloned(),
            company,
            via: acting_as.via(),
            role: held.iter().find_map(|held| held.role.clone()).unwrap_or_default(),
            firm_name: firm.as_ref().and_then(|firm| self.names.get(&Org::Firm(firm.clone())).cloned()),
            firm,
            customer: acting_as.customer().map(|(_, customer)| customer.clone()),
            permissions,
            since: held.iter().map(|held| held.since).max().unwrap_or(self.at),
            expires_at: held.iter().filter_map(|held| held.terms.expires_at).min(),
            rests_on: rests_on(&held),
        })
    }
}

/// The events behind some relationships, each once.
fn rests_on(held: &[&Held]) -> Vec<EventId> {
    let mut events: Vec<EventId> = Vec::with_capacity(held.len());
    for held in held {
        if !events.contains(&held.by) {
            events.push(held.by.clone());
        }
    }
    events
}

#[cfg(test)]
mod tests;
