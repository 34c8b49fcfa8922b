//! Who could reach a company at some instant, told from the events alone.
//!
//! Events are folded, in the order of their ids, into what each relationship said at the instant; the
//! reading of that state is the one of every request ([`crate::access::effective_grants`]). An event
//! that does not read as it should grants nothing: a report must not claim what it cannot show.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    access::{ActingAs, GrantState, effective_grants},
    event::Event,
    id::{CompanyId, EventId, FirmId, Org, UserId},
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
    text::Name,
    time::UtcTime,
};

/// The types of the events that make or unmake access. All others are nothing to this report.
pub const EVENT_TYPES: [&str; 13] = [
    "company.registered",
    "firm.registered",
    "member.added",
    "member.changed",
    "member.removed",
    "staff.added",
    "staff.changed",
    "staff.removed",
    "connection.started",
    "connection.changed",
    "connection.ended",
    "assignment.changed",
    "assignment.removed",
];

/// What an event says that a relationship became.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Terms {
    grants: Grants,
    /// Permissions on top, each until an instant.
    lent: BTreeMap<Permission, UtcTime>,
    admin: bool,
    expires_at: Option<UtcTime>,
}

impl Terms {
    fn grant_state(&self, active: bool, at: UtcTime) -> GrantState {
        let lent = self.lent.iter().filter(|(_, until)| at < **until).map(|(permission, _)| *permission);
        let grants = self.grants.iter().chain(lent).collect();
        GrantState {
            active,
            grants,
            lent: crate::TemporaryGrants::default(),
            admin: self.admin,
            expires_at: self.expires_at,
        }
    }
}

/// One relationship at the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    terms: Terms,
    active: bool,
    role: Option<String>,
    since: UtcTime,
    /// The event that made it what it is.
    by: EventId,
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
    /// Its name, where an event says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<Name>,
    /// Through what: `member`, `firm_admin` or `bookkeeper`.
    pub via: &'static str,
    /// The role there: a member's, or the one on the firm's staff.
    pub role: String,
    /// Through which firm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The firm's name, where an event says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm_name: Option<Name>,
    /// What they could do: what every relationship that it rests on granted.
    pub permissions: Grants,
    /// Since when all that it rests on was there.
    pub since: UtcTime,
    /// When the first of them was to run out by itself.
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
    people: BTreeMap<UserId, Name>,
    names: BTreeMap<Org, Name>,
}

fn field<T: serde::de::DeserializeOwned>(value: &Value, name: &str) -> Option<T> {
    serde_json::from_value(value.get(name)?.clone()).ok()
}

/// Permissions as an event lists them. One that is no longer known grants nothing today; that it
/// once did is not for this code to say.
fn grants(value: &Value) -> Option<Grants> {
    let listed = value.as_array()?;
    Some(listed.iter().filter_map(|text| text.as_str()?.parse().ok()).collect())
}

/// What is said of a relationship, in what it became (`after`) or beside that.
fn said<'d>(data: &'d Value, name: &str) -> Option<&'d Value> {
    data.get("after").and_then(|after| after.get(name)).or_else(|| data.get(name))
}

/// What a relationship became, by an event about it: what the event does not speak of stays as it was,
/// and what it says `null` of is not there any more.
fn terms(data: &Value, before: &Terms) -> Terms {
    let listed = data.get("after").and_then(grants).or_else(|| said(data, "grants").and_then(grants));
    let lent = said(data, "lent").map(|lent| serde_json::from_value(lent.clone()).unwrap_or_default());
    Terms {
        grants: listed.unwrap_or_else(|| before.grants.clone()),
        lent: lent.unwrap_or_else(|| before.lent.clone()),
        admin: before.admin,
        expires_at: match said(data, "expires_at") {
            None => before.expires_at,
            Some(said) => serde_json::from_value(said.clone()).ok(),
        },
    }
}

impl AccessHistory {
    /// How things stood at an instant, by the events decided by then.
    ///
    /// The order of the events does not matter; each may come twice. All events of [`EVENT_TYPES`] of
    /// the companies and firms that are asked about must be among them.
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
            people: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for event in in_order {
            history.learn_names(event);
            // What cannot be read leaves everything as it was.
            let _: Option<()> = history.apply(event);
        }
        history
    }

    /// The firms that were ever connected to a company by then.
    #[must_use]
    pub fn firms_of(&self, company: &CompanyId) -> Vec<FirmId> {
        self.connections.keys().filter(|(of, _)| of == company).map(|(_, firm)| firm.clone()).collect()
    }

    fn learn_names(&mut self, event: &Event) {
        if let (Some(user), Some(name)) = (&event.actor.user, &event.actor.name) {
            self.people.insert(user.clone(), name.clone());
        }
        let registered = event.kind.as_str().ends_with(".registered");
        let own = if registered { field(&event.data, "name") } else { field(&event.data, "company_name") };
        if let Some(name) = own {
            self.names.insert(event.org.clone(), name);
        }
        if let (Some(firm), Some(name)) = (field(&event.data, "firm"), field(&event.data, "firm_name")) {
            self.names.insert(Org::Firm(firm), name);
        }
    }

    fn apply(&mut self, event: &Event) -> Option<()> {
        let Event { data, subject, org, .. } = event;
        let new = Terms::default();
        let held = |terms: Terms, role: Option<&str>, before: Option<&Held>| Held {
            terms,
            active: true,
            role: role.map(str::to_owned),
            since: before.filter(|before| before.active).map_or(event.at, |before| before.since),
            by: event.id.clone(),
        };
        match (event.kind.as_str(), org) {
            ("company.registered", Org::Company(company)) => {
                let owner: UserId = field(data, "owner")?;
                let role = MemberRole::Owner;
                let grants = data.get("grants").and_then(grants).unwrap_or_else(|| role.preset());
                let terms = Terms { grants, ..new };
                self.members.insert((company.clone(), owner), held(terms, Some(role.as_str()), None));
            }
            ("member.added", Org::Company(company)) => {
                let role: MemberRole = field(data, "role")?;
                let key = (company.clone(), subject.id.parse().ok()?);
                self.members.insert(key, held(terms(data, &new), Some(role.as_str()), None));
            }
            ("member.changed", Org::Company(company)) => {
                let key = (company.clone(), subject.id.parse().ok()?);
                let before = self.members.get(&key)?;
                let role: Option<MemberRole> = data.get("after").and_then(|after| field(after, "role"));
                let role = role.map(MemberRole::as_str).or(before.role.as_deref());
                let changed = held(terms(data, &before.terms), role, Some(before));
                self.members.insert(key, changed);
            }
            ("member.removed", Org::Company(company)) => {
                self.members.remove(&(company.clone(), subject.id.parse().ok()?));
            }
            ("firm.registered", Org::Firm(firm)) => {
                let admin: UserId = field(data, "admin")?;
                let terms = Terms { admin: true, ..new };
                self.staff.insert((firm.clone(), admin), held(terms, Some(StaffRole::Admin.as_str()), None));
            }
            ("staff.added", Org::Firm(firm)) => {
                let role: StaffRole = field(data, "role")?;
                let key = (firm.clone(), subject.id.parse().ok()?);
                let terms = Terms { admin: role == StaffRole::Admin, ..terms(data, &new) };
                self.staff.insert(key, held(terms, Some(role.as_str()), None));
            }
            ("staff.changed", Org::Firm(firm)) => {
                let key = (firm.clone(), subject.id.parse().ok()?);
                let role: StaffRole = field(data.get("after")?, "role")?;
                let before = self.staff.get(&key)?;
                let terms = Terms { admin: role == StaffRole::Admin, ..terms(data, &before.terms) };
                let changed = held(terms, Some(role.as_str()), Some(before));
                self.staff.insert(key, changed);
            }
            ("staff.removed", Org::Firm(firm)) => {
                self.staff.remove(&(firm.clone(), subject.id.parse().ok()?));
            }
            ("connection.started", Org::Company(company)) => {
                let key = (company.clone(), subject.id.parse().ok()?);
                self.connections.insert(key, held(terms(data, &new), None, None));
            }
            ("connection.changed", Org::Company(company)) => {
                let key = (company.clone(), subject.id.parse().ok()?);
                let before = self.connections.get(&key)?;
                let changed = Held { active: before.active, ..held(terms(data, &before.terms), None, Some(before)) };
                self.connections.insert(key, changed);
            }
            ("connection.ended", Org::Company(company)) => {
                let key = (company.clone(), subject.id.parse().ok()?);
                // It stays as the record that there was one: its firm's staff may have to be asked for.
                self.connections.get_mut(&key)?.active = false;
            }
            ("assignment.changed", Org::Company(company)) => {
                let firm = field(data, "firm").or_else(|| event.actor.firm.clone())?;
                let key = (company.clone(), firm, subject.id.parse().ok()?);
                let before = self.assignments.get(&key);
                let changed = held(terms(data, before.map_or(&new, |before| &before.terms)), None, before);
                self.assignments.insert(key, changed);
            }
            ("assignment.removed", Org::Company(company)) => {
                let firm = field(data, "firm").or_else(|| event.actor.firm.clone())?;
                self.assignments.remove(&(company.clone(), firm, subject.id.parse().ok()?));
            }
            _ => {}
        }
        Some(())
    }

    /// Who could reach a company, and through what: members first, then each firm's people.
    #[must_use]
    pub fn of_company(&self, company: &CompanyId) -> Vec<AccessPath> {
        let mut reached: Vec<AccessPath> = Vec::new();
        for (in_company, user) in self.members.keys().filter(|(of, _)| of == company) {
            reached.extend(self.reach(user, ActingAs::Member { company: in_company.clone() }));
        }
        for (_, firm) in self.connections.keys().filter(|(of, _)| of == company) {
            for (_, user) in self.staff.keys().filter(|(of, _)| of == firm) {
                reached.extend(self.through(user, firm, company));
            }
        }
        reached
    }

    /// What a person could reach, and through what, of the companies that the events are about.
    #[must_use]
    pub fn of_user(&self, user: &UserId) -> Vec<AccessPath> {
        let mut reached: Vec<AccessPath> = Vec::new();
        for (company, _) in self.members.keys().filter(|(_, who)| who == user) {
            reached.extend(self.reach(user, ActingAs::Member { company: company.clone() }));
        }
        for (company, firm) in self.connections.keys() {
            reached.extend(self.through(user, firm, company));
        }
        reached
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
        let held: Vec<&Held> = match &acting_as {
            ActingAs::Member { company } => vec![self.members.get(&(company.clone(), user.clone()))?],
            ActingAs::FirmAdmin { firm, company } => vec![
                self.connections.get(&(company.clone(), firm.clone()))?,
                self.staff.get(&(firm.clone(), user.clone()))?,
            ],
            ActingAs::Bookkeeper { firm, company } => vec![
                self.connections.get(&(company.clone(), firm.clone()))?,
                self.staff.get(&(firm.clone(), user.clone()))?,
                self.assignments.get(&(company.clone(), firm.clone(), user.clone()))?,
            ],
            ActingAs::Staff { .. } => return None,
        };
        let grant_states: Vec<Option<GrantState>> =
            held.iter().map(|held| Some(held.terms.grant_state(held.active, self.at))).collect();
        let permissions = effective_grants(user, &acting_as, &grant_states, self.at).ok()?;
        let company = acting_as.company()?.clone();
        let firm = acting_as.firm().cloned();
        Some(AccessPath {
            user: user.clone(),
            name: self.people.get(user).cloned(),
            company_name: self.names.get(&Org::Company(company.clone())).cloned(),
            company,
            via: acting_as.via(),
            role: held.iter().find_map(|held| held.role.clone()).unwrap_or_default(),
            firm_name: firm.as_ref().and_then(|firm| self.names.get(&Org::Firm(firm.clone())).cloned()),
            firm,
            permissions,
            since: held.iter().map(|held| held.since).max().unwrap_or(self.at),
            expires_at: held.iter().filter_map(|held| held.terms.expires_at).min(),
            rests_on: held.iter().map(|held| held.by.clone()).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
