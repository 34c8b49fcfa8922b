//! Who may do what, after any history of the people's making: random sequences of invitations, answers, changes of
//! role and grant, removals, reconnections and assignments, played on the deployed stack and on a model of a few
//! maps. After every step both must agree on whether it was allowed, on what the person who took it may do, and on
//! what tokens from earlier steps are still good for.
//!
//! The model is written from the specification; nothing of it comes from the product's code. A failing
//! sequence is shrunk and printed. `COUNTERSIGN_MODEL_SEED` tries other sequences than the usual.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::cast::{self, Context, Organisation, text};
use tests::http::Call;
use tests::people::{self, Person};
use tests::{Kit, aws, deployed, kit, run};

use crate::matrix::preset;

const COMPANIES: usize = 2;
const FIRMS: usize = 2;
const PEOPLE: usize = 5;
/// Sequences are tried side by side, each thread its own.
const THREADS: u8 = 3;
const SEQUENCES_EACH: u32 = 2;
const STEPS: usize = 20;
/// How many steps of a sequence must have changed something, on average: else it tries nothing.
const CHANGES_EACH: usize = 9;
/// How many earlier tokens are tried after each step.
const OLD_TOKENS: usize = 3;

type Grants = BTreeSet<&'static str>;

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seat {
    /// In a company, as its member.
    Member { company: usize },
    /// In a company, for a firm.
    For { company: usize, firm: usize },
    /// In a firm's own affairs.
    Staff { firm: usize },
}

/// Who takes a step: the person who registered the company or firm, or anyone.
#[derive(Debug, Clone, Copy)]
enum Who {
    Founder,
    Person(usize),
}

/// One step. Those about an invitation name it by its place among the open ones.
#[derive(Debug, Clone)]
enum Step {
    InviteMember { company: usize, by: Who, to: usize, role: &'static str },
    InviteFirm { company: usize, by: Who, to: usize, grants: usize },
    InviteStaff { firm: usize, by: Who, to: usize, role: &'static str },
    Accept { nth: usize, firm: usize, stranger: Option<usize> },
    Reject { nth: usize },
    Revoke { nth: usize, by: Who },
    ChangeRole { company: usize, by: Who, of: usize, role: &'static str },
    ChangeGrants { company: usize, by: Who, of: usize, grants: usize },
    RemoveMember { company: usize, by: Who, of: usize },
    ChangeStaff { firm: usize, by: Who, of: usize, role: &'static str },
    RemoveStaff { firm: usize, by: Who, of: usize },
    ChangeConnection { company: usize, by: Who, firm: usize, grants: usize },
    Disconnect { company: usize, firm: usize, by: Who, from_the_firm: bool },
    Assign { firm: usize, company: usize, by: Who, to: usize, grants: usize },
    Unassign { firm: usize, company: usize, by: Who, from: usize, from_the_firm: bool },
}

/// Sets of permissions that steps choose from.
fn grants(n: usize) -> Grants {
    match n {
        0 => ["dashboard.view", "invoices.view"].into(),
        1 => ["dashboard.view", "team.view", "team.manage"].into(),
        2 => ["dashboard.view", "invoices.view", "connections.view", "connections.manage"].into(),
        3 => preset("accountant"),
        // With these a firm invites members.
        _ => preset("client").into_iter().chain(["team.view", "team.manage"]).collect(),
    }
}

const GRANT_SETS: usize = 5;

fn at_firm(role: &str) -> Grants {
    preset(if role == "admin" { "staff admin" } else { "staff bookkeeper" })
}

fn step() -> impl Strategy<Value = Step> {
    let (company, firm, person) = (0..COMPANIES, 0..FIRMS, 0..PEOPLE);
    let who = prop_oneof![2 => Just(Who::Founder), 1 => person.clone().prop_map(Who::Person)];
    let role = prop::sample::select(vec!["owner", "admin", "accountant", "client", "read-only"]);
    let staff_role = prop::sample::select(vec!["admin", "bookkeeper"]);
    let set = 0..GRANT_SETS;
    let nth = 0_usize..8;
    let in_company = (company.clone(), who.clone(), person.clone());
    let in_firm = (firm.clone(), who.clone(), person.clone());
    let client = (firm.clone(), company.clone(), who.clone(), person.clone());
    let stranger = prop::option::weighted(0.1, person);
    prop_oneof![
        3 => (in_company.clone(), role.clone())
            .prop_map(|((company, by, to), role)| Step::InviteMember { company, by, to, role }),
        3 => (in_company.clone(), set.clone())
            .prop_map(|((company, by, to), grants)| Step::InviteFirm { company, by, to, grants }),
        2 => (in_firm.clone(), staff_role.clone())
            .prop_map(|((firm, by, to), role)| Step::InviteStaff { firm, by, to, role }),
        8 => (nth.clone(), firm.clone(), stranger)
            .prop_map(|(nth, firm, stranger)| Step::Accept { nth, firm, stranger }),
        1 => nth.clone().prop_map(|nth| Step::Reject { nth }),
        1 => (nth, who.clone()).prop_map(|(nth, by)| Step::Revoke { nth, by }),
        2 => (in_company.clone(), role).prop_map(|((company, by, of), role)| Step::ChangeRole { company, by, of, role }),
        1 => (in_company.clone(), set.clone())
            .prop_map(|((company, by, of), grants)| Step::ChangeGrants { company, by, of, grants }),
        2 => in_company.prop_map(|(company, by, of)| Step::RemoveMember { company, by, of }),
        2 => (in_firm.clone(), staff_role).prop_map(|((firm, by, of), role)| Step::ChangeStaff { firm, by, of, role }),
        1 => in_firm.prop_map(|(firm, by, of)| Step::RemoveStaff { firm, by, of }),
        2 => (company.clone(), who.clone(), firm.clone(), set.clone())
            .prop_map(|(company, by, firm, grants)| Step::ChangeConnection { company, by, firm, grants }),
        1 => (company, firm, who, any::<bool>())
            .prop_map(|(company, firm, by, from_the_firm)| Step::Disconnect { company, firm, by, from_the_firm }),
        3 => (client.clone(), set)
            .prop_map(|((firm, company, by, to), grants)| Step::Assign { firm, company, by, to, grants }),
        2 => (client, any::<bool>()).prop_map(|((firm, company, by, from), from_the_firm)| {
            Step::Unassign { firm, company, by, from, from_the_firm }
        }),
    ]
}

/// What every sequence begins with, so that there is something to change: a connection, a bookkeeper,
/// an assignment.
fn opening() -> Vec<Step> {
    let by = Who::Founder;
    let accept = || Step::Accept { nth: 0, firm: 0, stranger: None };
    vec![
        Step::InviteFirm { company: 0, by, to: FOUNDERS_OF_FIRMS[0], grants: 3 },
        accept(),
        Step::InviteStaff { firm: 0, by, to: 4, role: "bookkeeper" },
        accept(),
        Step::Assign { firm: 0, company: 0, by, to: 4, grants: 0 },
    ]
}

const FOUNDERS_OF_COMPANIES: [usize; COMPANIES] = [0, 1];
const FOUNDERS_OF_FIRMS: [usize; FIRMS] = [2, 3];

/// What an open invitation offers.
#[derive(Debug, Clone)]
enum Offer {
    Member { company: usize, role: &'static str },
    Firm { company: usize, grants: Grants },
    Staff { firm: usize, role: &'static str },
}

impl Offer {
    fn needs(&self) -> &'static str {
        match self {
            Self::Member { .. } => "team.manage",
            Self::Firm { .. } => "connections.manage",
            Self::Staff { .. } => "staff.manage",
        }
    }

    fn grants(&self) -> Grants {
        match self {
            Self::Member { role, .. } => preset(role),
            Self::Firm { grants, .. } => grants.clone(),
            Self::Staff { role, .. } => at_firm(role),
        }
    }
}

#[derive(Debug, Clone)]
struct Invitation {
    id: String,
    offer: Offer,
    to: usize,
    inviter: (usize, Seat),
    /// When the inviter's stay in that seat began, and whether they were there as a firm's admin.
    since: usize,
    as_admin: bool,
    /// The firm that bounds the inviter, and so whom they invite.
    firm: Option<usize>,
    /// How many places had ended when it was made.
    made: usize,
}

/// A member's place.
#[derive(Debug, Clone)]
struct Member {
    role: &'static str,
    grants: Grants,
    /// The firm that invited them.
    firm: Option<usize>,
    /// When they came.
    begun: usize,
}

/// A place that somebody may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Member { company: usize, person: usize },
    Staff { firm: usize, person: usize },
    Connection { company: usize, firm: usize },
}

/// Everything there is to know.
#[derive(Debug, Default)]
struct Model {
    members: BTreeMap<(usize, usize), Member>,
    /// Each with when it began, and so below.
    staff: BTreeMap<(usize, usize), (&'static str, usize)>,
    connections: BTreeMap<(usize, usize), (Grants, usize)>,
    assignments: BTreeMap<(usize, usize, usize), (Grants, usize)>,
    invitations: Vec<Invitation>,
    /// Counts beginnings.
    clock: usize,
    /// Places that ended, in the order in which they did.
    ended: Vec<Place>,
}

impl Model {
    fn begun() -> Self {
        let mut model = Self::default();
        for (company, person) in FOUNDERS_OF_COMPANIES.into_iter().enumerate() {
            let owner = Member { role: "owner", grants: preset("owner"), firm: None, begun: 0 };
            model.members.insert((company, person), owner);
        }
        for (firm, person) in FOUNDERS_OF_FIRMS.into_iter().enumerate() {
            model.staff.insert((firm, person), ("admin", 0));
        }
        model
    }

    fn now(&mut self) -> usize {
        self.clock += 1;
        self.clock
    }

    /// What someone may do from a seat, and when their stay in it began; `None` when it is not theirs.
    fn stay(&self, person: usize, seat: Seat) -> Option<(Grants, usize)> {
        match seat {
            Seat::Member { company } => {
                let member = self.members.get(&(company, person))?;
                let Some(firm) = member.firm else { return Some((member.grants.clone(), member.begun)) };
                // Whom a firm invited is there while its connection is, and with no more.
                let (most, connected) = self.connections.get(&(company, firm))?;
                let grants = member.grants.intersection(most).copied().collect();
                (member.begun >= *connected).then_some((grants, member.begun))
            }
            Seat::Staff { firm } => self.staff.get(&(firm, person)).map(|(role, begun)| (at_firm(role), *begun)),
            Seat::For { company, firm } => self.stay_for(person, (company, firm), self.is_admin(person, seat)),
        }
    }

    /// Whether someone would act from a seat as the admin of a firm.
    fn is_admin(&self, person: usize, seat: Seat) -> bool {
        matches!(seat, Seat::For { firm, .. } if self.staff.get(&(firm, person)).is_some_and(|(role, _)| *role == "admin"))
    }

    /// As [`Model::stay`], for a firm, as its admin or as a bookkeeper.
    fn stay_for(&self, person: usize, (company, firm): (usize, usize), as_admin: bool) -> Option<(Grants, usize)> {
        let (most, connected) = self.connections.get(&(company, firm))?;
        let (role, hired) = self.staff.get(&(firm, person))?;
        let both = *connected.max(hired);
        if as_admin {
            return (*role == "admin").then(|| (most.clone(), both));
        }
        // An assignment from an earlier stay grants nothing.
        let (assigned, begun) = self.assignments.get(&(firm, company, person))?;
        (*begun >= both).then(|| (assigned.intersection(most).copied().collect(), *begun))
    }

    /// As [`Model::stay`], for someone who came into the seat as a firm's admin, or not.
    fn stay_as(&self, person: usize, seat: Seat, as_admin: bool) -> Option<(Grants, usize)> {
        match seat {
            Seat::For { company, firm } => self.stay_for(person, (company, firm), as_admin),
            Seat::Member { .. } | Seat::Staff { .. } => self.stay(person, seat),
        }
    }

    /// What someone may do from a seat; `None` when it is not theirs.
    fn may(&self, person: usize, seat: Seat) -> Option<Grants> {
        self.stay(person, seat).map(|(grants, _)| grants)
    }

    /// The firm that bounds what is done from a seat.
    fn bounded_by(&self, person: usize, seat: Seat) -> Option<usize> {
        match seat {
            Seat::Member { company } => self.members.get(&(company, person))?.firm,
            Seat::For { firm, .. } => Some(firm),
            Seat::Staff { .. } => None,
        }
    }

    /// Whether something that is given from a seat would outlast it, where the receiver is bounded by another firm or by
    /// none.
    fn outlasts(&self, (person, seat): (usize, Seat), bounded_by: Option<usize>) -> bool {
        self.bounded_by(person, seat).is_some_and(|firm| bounded_by != Some(firm))
    }

    /// From where someone acts in a company: as themselves, else for the first firm that lets them.
    fn seat_in(&self, company: usize, person: usize) -> Option<Seat> {
        let own = Seat::Member { company };
        let for_firms = (0..FIRMS).map(|firm| Seat::For { company, firm });
        std::iter::once(own).chain(for_firms).find(|seat| self.may(person, *seat).is_some())
    }

    fn owners(&self, company: usize) -> usize {
        self.members.iter().filter(|((of, _), member)| *of == company && member.role == "owner").count()
    }

    fn admins(&self, firm: usize) -> usize {
        self.staff.iter().filter(|((of, _), (role, _))| *of == firm && *role == "admin").count()
    }

    /// Whether a member may be given these, or nothing at all, in the stead of what they have.
    fn replaceable(&self, company: usize, of: usize, by: &Grants, role: Option<(&str, &Grants)>) -> bool {
        let Some(Member { role: was, grants: held, firm, .. }) = self.members.get(&(company, of)) else { return false };
        let last = *was == "owner" && self.owners(company) == 1 && role.is_none_or(|(role, _)| role != "owner");
        // No owner is there only while a firm is, and who is not there is changed by nobody.
        let unfit = role.is_some_and(|(role, _)| role == "owner" && firm.is_some())
            || role.is_some() && self.may(of, Seat::Member { company }).is_none();
        !last && !unfit && held.is_subset(by) && role.is_none_or(|(_, grants)| grants.is_subset(by))
    }

    /// The same for staff.
    fn replaceable_staff(&self, firm: usize, of: usize, by: &Grants, role: Option<&str>) -> bool {
        let Some((was, _)) = self.staff.get(&(firm, of)) else { return false };
        let last = *was == "admin" && self.admins(firm) == 1 && role != Some("admin");
        !last && at_firm(was).is_subset(by) && role.is_none_or(|role| at_firm(role).is_subset(by))
    }

    /// Takes an offer; answers whether it was to be had.
    fn take(&mut self, invitation: &Invitation, by: usize, firm: usize) -> bool {
        let free = match &invitation.offer {
            // The company's own invitation makes a member whom a firm invited the company's own.
            Offer::Member { company, .. } => {
                let becomes_own = invitation.firm.is_none();
                self.may(by, Seat::Member { company: *company }).is_none()
                    || becomes_own && self.bounded_by(by, Seat::Member { company: *company }).is_some()
            }
            Offer::Staff { firm, .. } => !self.staff.contains_key(&(*firm, by)),
            Offer::Firm { company, .. } => {
                let administers = self.staff.get(&(firm, by)).is_some_and(|(role, _)| *role == "admin");
                administers && !self.connections.contains_key(&(*company, firm))
            }
        };
        let place = match invitation.offer {
            Offer::Member { company, .. } => Place::Member { company, person: by },
            Offer::Staff { firm, .. } => Place::Staff { firm, person: by },
            Offer::Firm { company, .. } => Place::Connection { company, firm },
        };
        // Nobody who was removed comes back by an older invitation.
        let ended_since = self.ended.iter().skip(invitation.made).any(|ended| *ended == place);
        let has_place =
            matches!(place, Place::Member { company, person } if self.members.contains_key(&(company, person)));
        let ended_since = ended_since && !has_place;
        if by != invitation.to || !free || ended_since {
            return false;
        }
        let (inviter, seat) = invitation.inviter;
        let of_this_stay = |(grants, since): (Grants, usize)| (since <= invitation.since).then_some(grants);
        let held = self.stay_as(inviter, seat, invitation.as_admin).and_then(of_this_stay).unwrap_or_default();
        if !held.contains(invitation.offer.needs()) || !invitation.offer.grants().is_subset(&held) {
            return false;
        }
        let begun = self.now();
        match &invitation.offer {
            Offer::Member { company, role } => {
                let member = Member { role, grants: preset(role), firm: invitation.firm, begun };
                self.members.insert((*company, by), member);
            }
            Offer::Staff { firm, role } => drop(self.staff.insert((*firm, by), (*role, begun))),
            Offer::Firm { company, grants } => drop(self.connections.insert((*company, firm), (grants.clone(), begun))),
        }
        true
    }
}

/// The people, who are the same in every sequence.
async fn signed_up(kit: &Kit) -> Vec<Person> {
    let (a, b, c, d, e) = tokio::join!(
        people::sign_up(kit, "Mona Model"),
        people::sign_up(kit, "Moritz Model"),
        people::sign_up(kit, "Mila Model"),
        people::sign_up(kit, "Max Model"),
        people::sign_up(kit, "Mats Model"),
    );
    let people = vec![a, b, c, d, e];
    for person in &people {
        may_be_invited_often(kit, &person.email).await;
    }
    people
}

/// A mailbox may be sent some ten invitations a day. These people's counters begin far below zero,
/// today's and tomorrow's.
async fn may_be_invited_often(kit: &Kit, email: &str) {
    const DAY_S: i64 = 86_400;
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(email));
    let today_s = jiff::Timestamp::now().as_second().div_euclid(DAY_S) * DAY_S;
    for window_s in [today_s, today_s + DAY_S] {
        let pk = format!("LIMIT#invitations_per_recipient#{}#{window_s}", &digest[..22]);
        kit.table.put(&pk, "LIMIT", "times", AttributeValue::N("-1000000".to_owned())).await;
    }
}

/// One sequence on the stack and on the model.
struct Play<'a> {
    kit: &'static Kit,
    people: &'a [Person],
    link_key: &'a str,
    companies: Vec<Organisation>,
    firms: Vec<Organisation>,
    model: Model,
    /// Tokens from earlier steps, each with when the stay began that it is for, and whether it is a firm's admin's.
    tokens: Vec<(usize, Seat, Context, (usize, bool))>,
    turn: usize,
}

/// How many steps were allowed, in all sequences.
static CHANGES: AtomicUsize = AtomicUsize::new(0);

/// What was not as the model says.
type Difference = String;

impl<'a> Play<'a> {
    async fn begin(kit: &'static Kit, people: &'a [Person], link_key: &'a str) -> Self {
        let mut companies = Vec::new();
        for person in FOUNDERS_OF_COMPANIES {
            companies.push(cast::register_company(kit, &people[person], "Model Ltd").await);
        }
        let mut firms = Vec::new();
        for person in FOUNDERS_OF_FIRMS {
            firms.push(cast::register_firm(kit, &people[person], "Model Firm").await);
        }
        Self { kit, people, link_key, companies, firms, model: Model::begun(), tokens: Vec::new(), turn: 0 }
    }

    /// Steps into a seat and compares what may be done there; `None` when it is not theirs.
    async fn enter(&mut self, person: usize, seat: Seat) -> Result<Option<(Context, Grants)>, Difference> {
        let (org, body) = match seat {
            Seat::Member { company } => (&self.companies[company].id, json!({})),
            Seat::For { company, firm } => (&self.companies[company].id, json!({ "firm": self.firms[firm].id })),
            Seat::Staff { firm } => (&self.firms[firm].id, json!({})),
        };
        let stay = self.model.stay(person, seat);
        let (may, since) = stay.map_or((None, 0), |(may, since)| (Some(may), since));
        // Without a place of their own they would be let in for a firm.
        if may.is_none() && matches!(seat, Seat::Member { company } if self.model.seat_in(company, person).is_some()) {
            return Ok(None);
        }
        let answer = self.kit.api.post(&format!("/v1/contexts/{org}")).by(&self.people[person]).json(body).send().await;
        let said = format!("{person} into {seat:?}: {} {}", answer.status, answer.text());
        match (may, answer.status) {
            (None, 404) => Ok(None),
            (Some(may), 200 | 201) => {
                let here = cast::context(&answer.json());
                let held: BTreeSet<&str> = here.permissions.iter().map(String::as_str).collect();
                if held != may {
                    return Err(format!("{said}, the model says {may:?}"));
                }
                self.tokens.push((person, seat, here.clone(), (since, self.model.is_admin(person, seat))));
                Ok(Some((here, may)))
            }
            (may, _) => Err(format!("{said}, the model says {may:?}")),
        }
    }

    fn who(&self, by: Who, org: Result<usize, usize>) -> usize {
        match (by, org) {
            (Who::Person(person), _) => person,
            (Who::Founder, Ok(company)) => FOUNDERS_OF_COMPANIES[company],
            (Who::Founder, Err(firm)) => FOUNDERS_OF_FIRMS[firm],
        }
    }

    async fn in_company(&mut self, by: Who, company: usize) -> Result<Option<Acting>, Difference> {
        let person = self.who(by, Ok(company));
        let seat = self.model.seat_in(company, person).unwrap_or(Seat::Member { company });
        let entered = self.enter(person, seat).await?;
        Ok(entered.map(|(here, may)| Acting { person, seat, here, may }))
    }

    async fn in_firm(&mut self, by: Who, firm: usize) -> Result<Option<Acting>, Difference> {
        let (person, seat) = (self.who(by, Err(firm)), Seat::Staff { firm });
        let entered = self.enter(person, seat).await?;
        Ok(entered.map(|(here, may)| Acting { person, seat, here, may }))
    }

    /// Sends a step and compares whether it was allowed.
    async fn send(&self, call: Call<'_>, allowed: bool) -> Result<Value, Difference> {
        let answer = call.send().await;
        CHANGES.fetch_add(usize::from(allowed), Ordering::Relaxed);
        let agreed = if allowed { answer.status < 300 } else { (400..500).contains(&answer.status) };
        if agreed {
            Ok(answer.json())
        } else {
            Err(format!("{}: {} {}, the model allows it: {allowed}", answer.line, answer.status, answer.text()))
        }
    }

    fn call<'c>(&'c self, call: Call<'c>, acting: &Acting) -> Call<'c> {
        call.by(&self.people[acting.person]).within(&acting.here)
    }

    async fn invite(&mut self, acting: Acting, offer: Offer, to: usize) -> Result<(), Difference> {
        let email = &self.people[to].email;
        let body = match &offer {
            Offer::Member { role, .. } => json!({ "kind": "member", "email": email, "role": role }),
            Offer::Firm { grants, .. } => json!({ "kind": "firm", "email": email, "permissions": grants }),
            Offer::Staff { role, .. } => json!({ "kind": "staff", "email": email, "role": role }),
        };
        let firm = self.model.bounded_by(acting.person, acting.seat);
        let owner_by_firm = matches!(offer, Offer::Member { role: "owner", .. }) && firm.is_some();
        let held = acting.may.contains(offer.needs()) && offer.grants().is_subset(&acting.may);
        // The connection of a firm that another firm invited would outlast the other's.
        let firm_by_firm = matches!(offer, Offer::Firm { .. }) && firm.is_some();
        let allowed = held && !owner_by_firm && !firm_by_firm;
        let answer = self.send(self.call(self.kit.api.post("/v1/invitations"), &acting).json(body), allowed).await?;
        if allowed {
            let id = text(&answer, "/invitation/id");
            let (inviter, made) = ((acting.person, acting.seat), self.model.ended.len());
            let since = self.model.stay(acting.person, acting.seat).map_or(0, |(_, since)| since);
            let as_admin = self.model.is_admin(acting.person, acting.seat);
            self.model.invitations.push(Invitation { id, offer, to, inviter, since, as_admin, firm, made });
        }
        Ok(())
    }

    /// The secret in the link, made as the mail step makes it: no mail has to arrive.
    async fn link(&self, invitation: &Invitation) -> String {
        let email = self.people[invitation.to].email.as_str();
        let mut message = Vec::new();
        for part in ["countersign/invitation/1", &invitation.id, "1", email] {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        let body =
            json!({ "KeyId": self.link_key, "MacAlgorithm": "HMAC_SHA_256", "Message": STANDARD.encode(message) });
        let made = aws::call(&self.kit.stack, &self.kit.http, "kms", "TrentService.GenerateMac", &body).await;
        let mac = text(&made.expect("KMS makes a MAC"), "/Mac");
        let mac = URL_SAFE_NO_PAD.encode(STANDARD.decode(mac).expect("a MAC is base64"));
        format!("{}.1.{mac}", invitation.id)
    }

    fn open(&self, nth: usize) -> Option<usize> {
        let open = self.model.invitations.len();
        (open > 0).then(|| nth % open)
    }

    async fn accept(&mut self, nth: usize, firm: usize, stranger: Option<usize>) -> Result<(), Difference> {
        let Some(at) = self.open(nth) else { return Ok(()) };
        let invitation = self.model.invitations[at].clone();
        let by = stranger.unwrap_or(invitation.to);
        let mut body = json!({ "token": self.link(&invitation).await });
        if matches!(invitation.offer, Offer::Firm { .. }) {
            body["firm"] = json!(self.firms[firm].id);
        }
        let taken = self.model.take(&invitation, by, firm);
        let call = self.kit.api.post("/v1/invitations/accept").by(&self.people[by]).json(body);
        self.send(call, taken).await?;
        if taken {
            self.model.invitations.remove(at);
        }
        Ok(())
    }

    async fn change_member(
        &mut self,
        acting: Acting,
        (company, of): (usize, usize),
        (role, grants): (&'static str, Grants),
        body: Value,
    ) -> Result<(), Difference> {
        let outlasts = self.model.members.get(&(company, of)).is_some_and(|before| {
            let gains = !grants.is_subset(&before.grants) || role == "owner" && before.role != "owner";
            gains && self.model.outlasts((acting.person, acting.seat), before.firm)
        });
        let allowed = acting.may.contains("team.manage")
            && !outlasts
            && self.model.replaceable(company, of, &acting.may, Some((role, &grants)));
        let path = format!("/v1/members/{}", self.people[of].user);
        self.send(self.call(self.kit.api.patch(&path), &acting).json(body), allowed).await?;
        if allowed {
            let member = self.model.members.get_mut(&(company, of)).expect("it was replaceable");
            (member.role, member.grants) = (role, grants);
        }
        Ok(())
    }

    async fn take(&mut self, step: Step) -> Result<(), Difference> {
        match step {
            Step::InviteMember { company, by, to, role } => match self.in_company(by, company).await? {
                Some(acting) => self.invite(acting, Offer::Member { company, role }, to).await,
                None => Ok(()),
            },
            Step::InviteFirm { company, by, to, grants } => match self.in_company(by, company).await? {
                Some(acting) => self.invite(acting, Offer::Firm { company, grants: self::grants(grants) }, to).await,
                None => Ok(()),
            },
            Step::InviteStaff { firm, by, to, role } => match self.in_firm(by, firm).await? {
                Some(acting) => self.invite(acting, Offer::Staff { firm, role }, to).await,
                None => Ok(()),
            },
            Step::Accept { nth, firm, stranger } => self.accept(nth, firm, stranger).await,
            Step::Reject { nth } => {
                let Some(at) = self.open(nth) else { return Ok(()) };
                let invitation = self.model.invitations.remove(at);
                let body = json!({ "token": self.link(&invitation).await });
                let call = self.kit.api.post("/v1/invitations/reject").by(&self.people[invitation.to]).json(body);
                self.send(call, true).await.map(drop)
            }
            Step::Revoke { nth, by } => self.revoke(nth, by).await,
            Step::ChangeRole { company, by, of, role } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                self.change_member(acting, (company, of), (role, preset(role)), json!({ "role": role })).await
            }
            Step::ChangeGrants { company, by, of, grants } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let grants = self::grants(grants);
                let body = json!({ "permissions": grants });
                self.change_member(acting, (company, of), ("custom", grants), body).await
            }
            Step::RemoveMember { company, by, of } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let leaves = acting.person == of && acting.seat == Seat::Member { company };
                // A member leaves with whatever they hold.
                let by = match self.model.members.get(&(company, of)) {
                    Some(own) if leaves => own.grants.clone(),
                    Some(_) | None => acting.may.clone(),
                };
                let allowed =
                    (leaves || acting.may.contains("team.manage")) && self.model.replaceable(company, of, &by, None);
                let path = format!("/v1/members/{}", self.people[of].user);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.members.remove(&(company, of));
                    self.model.ended.push(Place::Member { company, person: of });
                }
                Ok(())
            }
            Step::ChangeStaff { firm, by, of, role } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let allowed = acting.may.contains("staff.manage")
                    && self.model.replaceable_staff(firm, of, &acting.may, Some(role));
                let path = format!("/v1/staff/{}", self.people[of].user);
                let call = self.call(self.kit.api.patch(&path), &acting).json(json!({ "role": role }));
                self.send(call, allowed).await?;
                if allowed {
                    self.model.staff.get_mut(&(firm, of)).expect("it was replaceable").0 = role;
                }
                Ok(())
            }
            Step::RemoveStaff { firm, by, of } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let allowed = (acting.person == of || acting.may.contains("staff.manage"))
                    && self.model.replaceable_staff(firm, of, &acting.may, None);
                let path = format!("/v1/staff/{}", self.people[of].user);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.staff.remove(&(firm, of));
                    self.model.ended.push(Place::Staff { firm, person: of });
                }
                Ok(())
            }
            Step::ChangeConnection { company, by, firm, grants } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let grants = self::grants(grants);
                let allowed = acting.may.contains("connections.manage")
                    && self.model.connections.get(&(company, firm)).is_some_and(|(most, _)| {
                        let mut gained = grants.difference(most);
                        let outlasts = self.model.outlasts((acting.person, acting.seat), Some(firm));
                        gained.all(|gained| acting.may.contains(gained) && !outlasts)
                    });
                let path = format!("/v1/connections/{}", self.firms[firm].id);
                let call = self.call(self.kit.api.patch(&path), &acting).json(json!({ "permissions": grants }));
                self.send(call, allowed).await?;
                if allowed {
                    self.model.connections.get_mut(&(company, firm)).expect("it is there").0 = grants;
                }
                Ok(())
            }
            Step::Disconnect { company, firm, by, from_the_firm } => {
                let (acting, needs, other) = if from_the_firm {
                    (self.in_firm(by, firm).await?, "clients.manage", self.companies[company].id.clone())
                } else {
                    (self.in_company(by, company).await?, "connections.manage", self.firms[firm].id.clone())
                };
                let Some(acting) = acting else { return Ok(()) };
                let allowed = acting.may.contains(needs) && self.model.connections.contains_key(&(company, firm));
                let path = format!("/v1/connections/{other}");
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.connections.remove(&(company, firm));
                    self.model.ended.push(Place::Connection { company, firm });
                }
                Ok(())
            }
            Step::Assign { firm, company, by, to, grants } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let grants = self::grants(grants);
                let allowed = acting.may.contains("staff.manage")
                    && self.model.staff.get(&(firm, to)).is_some_and(|(role, _)| *role == "bookkeeper")
                    && self.model.connections.get(&(company, firm)).is_some_and(|(most, _)| grants.is_subset(most));
                let path = format!("/v1/assignments/{}/{}", self.companies[company].id, self.people[to].user);
                let call = self.call(self.kit.api.put(&path), &acting).json(json!({ "permissions": grants }));
                self.send(call, allowed).await?;
                if allowed {
                    // A change of one that counts leaves it in its stay.
                    let stay = self.model.stay(to, Seat::For { company, firm });
                    let begun = stay.map_or_else(|| self.model.now(), |(_, since)| since);
                    self.model.assignments.insert((firm, company, to), (grants, begun));
                }
                Ok(())
            }
            Step::Unassign { firm, company, by, from, from_the_firm } => {
                let acting =
                    if from_the_firm { self.in_firm(by, firm).await? } else { self.in_company(by, company).await? };
                let Some(acting) = acting else { return Ok(()) };
                let may = match from_the_firm {
                    true => acting.person == from || acting.may.contains("staff.manage"),
                    false => acting.may.contains("connections.manage"),
                };
                let allowed = may && self.model.assignments.contains_key(&(firm, company, from));
                let of = format!("{}/{}", self.companies[company].id, self.people[from].user);
                let path = format!("/v1/assignments/{of}?firm={}", self.firms[firm].id);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.assignments.remove(&(firm, company, from));
                }
                Ok(())
            }
        }
    }

    async fn revoke(&mut self, nth: usize, by: Who) -> Result<(), Difference> {
        let Some(at) = self.open(nth) else { return Ok(()) };
        let invitation = self.model.invitations[at].clone();
        let acting = match invitation.offer {
            Offer::Member { company, .. } | Offer::Firm { company, .. } => self.in_company(by, company).await?,
            Offer::Staff { firm, .. } => self.in_firm(by, firm).await?,
        };
        let Some(acting) = acting else { return Ok(()) };
        let allowed = acting.may.contains(invitation.offer.needs());
        let path = format!("/v1/invitations/{}/revoke", invitation.id);
        self.send(self.call(self.kit.api.post(&path), &acting).json(json!({})), allowed).await?;
        if allowed {
            self.model.invitations.remove(at);
        }
        Ok(())
    }

    /// Tries tokens from earlier steps: they are good for what their holders may do now, in the same stay.
    async fn old_tokens(&mut self) -> Result<(), Difference> {
        for _ in 0..OLD_TOKENS.min(self.tokens.len()) {
            self.turn += 1;
            let (person, seat, here, (since, as_admin)) = &self.tokens[(self.turn * 7) % self.tokens.len()];
            // Where anyone goes, and what each of them asks of those who go there.
            let (path, needs) = match (seat, self.turn % 5) {
                (Seat::Staff { .. }, n) if n % 2 == 0 => ("/v1/staff", "staff.view"),
                (Seat::Staff { .. }, _) => ("/v1/connections", "clients.view"),
                (_, 0) => ("/v1/invoices", "invoices.view"),
                (_, 1) => ("/v1/dashboard", "dashboard.view"),
                (_, 2) => ("/v1/members", "team.view"),
                (_, 3) => ("/v1/approvals", "approvals.view"),
                (_, _) => ("/v1/access/payroll.manage", "payroll.manage"),
            };
            let stay = self.model.stay_as(*person, *seat, *as_admin);
            let may = stay.is_some_and(|(may, began)| began <= *since && may.contains(needs));
            let answer = self.kit.api.get(path).by(&self.people[*person]).within(here).send().await;
            if answer.status != if may { 200 } else { 403 } {
                let said = format!("{}: {} {}", answer.line, answer.status, answer.text());
                return Err(format!("an earlier token of {person} in {seat:?}: {said}, the model allows it: {may}"));
            }
        }
        Ok(())
    }

    /// Everyone, everywhere.
    async fn everyone(&mut self) -> Result<(), Difference> {
        for person in 0..PEOPLE {
            for firm in 0..FIRMS {
                self.enter(person, Seat::Staff { firm }).await?;
            }
            for company in 0..COMPANIES {
                self.enter(person, Seat::Member { company }).await?;
                for firm in 0..FIRMS {
                    self.enter(person, Seat::For { company, firm }).await?;
                }
            }
        }
        Ok(())
    }

    async fn play(&mut self, steps: &[Step]) -> Result<(), Difference> {
        for (n, step) in opening().into_iter().chain(steps.iter().cloned()).enumerate() {
            let said = format!("step {n}, {step:?}");
            self.take(step).await.map_err(|difference| format!("{said}: {difference}"))?;
            self.old_tokens().await.map_err(|difference| format!("after {said}: {difference}"))?;
        }
        self.everyone().await.map_err(|difference| format!("in the end: {difference}"))
    }
}

/// Someone about to take a step.
struct Acting {
    person: usize,
    seat: Seat,
    here: Context,
    may: Grants,
}

/// Proves: 4
#[test]
fn whatever_people_do_to_each_others_access_the_stack_and_a_simple_model_agree() {
    let seed = std::env::var("COUNTERSIGN_MODEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(21_u64);
    let kit = kit();
    let (people, link_key) = run(async {
        let (people, environment) =
            tokio::join!(signed_up(kit), deployed::environment(&kit.stack, &kit.http, "accept"));
        (people, environment.get("LINK_KEY_ID").cloned().expect("links are made with a key"))
    });
    let sequences = |thread: u8| {
        let mut bytes = [thread; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let config =
            Config { cases: SEQUENCES_EACH, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        runner.run(&prop::collection::vec(step(), STEPS), |steps| {
            let played = run(async { Play::begin(kit, &people, &link_key).await.play(&steps).await });
            played.map_err(TestCaseError::fail)
        })
    };
    let failures: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || sequences(thread))).collect();
        let finished = running.into_iter().map(|thread| thread.join().expect("no sequence panics"));
        finished.filter_map(|result| result.err().map(|error| error.to_string())).collect()
    });
    assert!(failures.is_empty(), "with COUNTERSIGN_MODEL_SEED={seed}:\n{}", failures.join("\n"));
    let (changes, sequences) = (CHANGES.load(Ordering::Relaxed), usize::from(THREADS) * SEQUENCES_EACH as usize);
    assert!(changes >= CHANGES_EACH * sequences, "{sequences} sequences changed only {changes} things");
}
