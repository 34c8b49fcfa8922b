use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    Actor, InvitationId, Permission,
    event::{EventData, Subject, kinds},
    membership::{ConnectionOrigin, ConnectionStarted, MemberAdded, StaffAdded},
    samples::{at, company, firm, user},
    team::{
        AssignmentChanged, AssignmentRemoved, CompanyRegistered, ConnectionChanged, ConnectionEnded, ConnectionState,
        FirmRegistered, MemberChanged, MemberRemoved, MemberState, StaffChanged, StaffRemoved, StaffState,
    },
};

fn invitation() -> InvitationId {
    InvitationId::from_uuid(Uuid::from_u128(77))
}

fn grants<const N: usize>(permissions: [Permission; N]) -> Grants {
    permissions.into_iter().collect()
}

fn company_registered(owner: &str, grants: Grants) -> EventData {
    let (name, currency) = ("Loja".parse().unwrap(), "EUR".parse().unwrap());
    let (through, through_id) = (None, None);
    kinds::CompanyRegistered::of(CompanyRegistered { name, currency, owner: user(owner), grants, through, through_id })
}

fn firm_registered(admin: &str) -> EventData {
    kinds::FirmRegistered::of(FirmRegistered { name: "Contas".parse().unwrap(), admin: user(admin) })
}

fn member_added(role: MemberRole, grants: Grants) -> EventData {
    kinds::MemberAdded::of(MemberAdded { role, grants, invitation: invitation(), inviting_firm: None })
}

fn member_changed(grants: Grants, lent: TemporaryGrants, expires_at: Option<UtcTime>) -> EventData {
    let after = MemberState { role: MemberRole::Custom, grants, lent, expires_at };
    kinds::MemberChanged::of(MemberChanged { before: after.clone(), after })
}

fn member_removed() -> EventData {
    kinds::MemberRemoved::of(MemberRemoved { role: MemberRole::Custom })
}

fn staff_added(role: StaffRole) -> EventData {
    kinds::StaffAdded::of(StaffAdded { role, invitation: invitation() })
}

fn staff_changed(role: StaffRole) -> EventData {
    let after = StaffState { role, expires_at: None };
    kinds::StaffChanged::of(StaffChanged { before: after.clone(), after })
}

fn staff_removed() -> EventData {
    kinds::StaffRemoved::of(StaffRemoved { role: StaffRole::Bookkeeper })
}

fn connection_started(firm: FirmId, grants: Grants) -> EventData {
    let origin = ConnectionOrigin::Invitation { invitation: invitation(), replaces: None };
    let (firm_name, company_name) = ("Contas".parse().unwrap(), "Loja".parse().unwrap());
    kinds::ConnectionStarted::of(ConnectionStarted { firm, firm_name, company_name, grants, consent: None, origin })
}

fn connection_changed(firm: FirmId, grants: Grants, lent: TemporaryGrants, expires_at: Option<UtcTime>) -> EventData {
    let after = ConnectionState { grants, lent, expires_at };
    let firm_name = "Contas".parse().unwrap();
    kinds::ConnectionChanged::of(ConnectionChanged { firm, firm_name, before: after.clone(), after })
}

fn connection_ended(firm: FirmId) -> EventData {
    let (firm_name, ended_by) = ("Contas".parse().unwrap(), Org::Firm(firm.clone()));
    kinds::ConnectionEnded::of(ConnectionEnded { firm, firm_name, ended_by })
}

fn assigned(firm: FirmId, after: Grants) -> EventData {
    let (company, before, lent, expires_at) = (company(1), None, TemporaryGrants::default(), None);
    kinds::AssignmentChanged::of(AssignmentChanged { company, firm, before, after, lent, expires_at })
}

fn unassigned(firm: FirmId) -> EventData {
    kinds::AssignmentRemoved::of(AssignmentRemoved { company: company(1), firm })
}

/// Events with ids in the order they are added.
#[derive(Default)]
struct Script(Vec<Event>);

impl Script {
    fn add(&mut self, unix_s: i64, org: Org, subject: &str, payload: &EventData) {
        self.add_raw(unix_s, payload.kind(), org, subject, payload.data().clone());
    }

    fn add_raw(&mut self, unix_s: i64, kind: EventType, org: Org, subject: &str, data: Value) {
        self.0.push(Event {
            id: EventId::from_uuid(Uuid::from_u128(self.0.len() as u128 + 1)),
            kind,
            version: kind.version(),
            at: at(unix_s),
            org,
            subject: Subject { kind: kind.subject().to_owned(), id: subject.to_owned() },
            actor: Actor::person(user("someone"), None),
            data,
            request_id: String::new(),
        });
    }

    fn company(&mut self, unix_s: i64, subject: &str, payload: EventData) {
        self.add(unix_s, Org::Company(company(1)), subject, &payload);
    }

    fn firm(&mut self, unix_s: i64, subject: &str, payload: EventData) {
        self.add(unix_s, Org::Firm(firm(1)), subject, &payload);
    }

    fn who(&self, unix_s: i64) -> Vec<(String, &'static str, Vec<&'static str>)> {
        AccessHistory::at(&self.0, at(unix_s))
            .of_company(&company(1))
            .into_iter()
            .map(|r| (r.user.to_string(), r.via, r.permissions.iter().map(Permission::as_str).collect()))
            .collect()
    }
}

fn story() -> Script {
    let mut s = Script::default();
    use Permission::{AuditView, BankView, InvoicesView, TeamView};
    s.company(10, "co", company_registered("olga", grants([TeamView])));
    s.firm(20, "fm", firm_registered("ada"));
    s.firm(25, "ben", staff_added(StaffRole::Bookkeeper));
    s.company(30, firm(1).as_str(), connection_started(firm(1), grants([InvoicesView, AuditView])));
    s.company(40, "ben", assigned(firm(1), grants([InvoicesView])));
    s.company(50, "mia", member_added(MemberRole::Client, grants([BankView])));
    s.company(60, "mia", member_changed(grants([BankView, TeamView]), TemporaryGrants::default(), Some(at(70))));
    s.firm(80, "ben", staff_removed());
    s.company(90, firm(1).as_str(), connection_ended(firm(1)));
    s
}

/// Proves: N1
#[test]
fn contacts_are_told_with_what_the_settings_and_their_seat_gave_while_the_customer_was_dealt_with() {
    use crate::customer::{ContactAccessEnded, ContactAccessStarted, PortalSettingsChanged};
    use Permission::{InvoicesView, PaymentsPay};
    let (customer, customer_name): (Reference, Name) = ("CUS-1".parse().unwrap(), "Hotel Mar".parse().unwrap());
    let changed = |status| kinds::CustomerChanged::of(CustomerChanged { changed: vec![], status });
    let mut s = story();
    let started = ContactAccessStarted {
        customer: customer.clone(),
        customer_name: customer_name.clone(),
        user: user("clara"),
        grants: grants([InvoicesView, PaymentsPay]),
        invitation: invitation(),
    };
    s.company(100, "ct", kinds::ContactAccessStarted::of(started));
    let fewer = PortalSettingsChanged { changed: vec![], rights_before: vec![], rights: vec![] };
    s.company(110, "co", kinds::PortalSettingsChanged::of(fewer));
    s.company(120, "CUS-1", changed(CustomerStatus::Archived));
    s.company(130, "CUS-1", changed(CustomerStatus::Active));
    let ended = ContactAccessEnded { customer: customer.clone(), customer_name, user: user("clara") };
    s.company(140, "ct", kinds::ContactAccessEnded::of(ended));
    let told = |at| s.who(at).into_iter().find(|(_, via, _)| *via == "contact").map(|(who, _, may)| (who, may));
    let clara = |may: &[&'static str]| Some(("clara".to_owned(), may.to_vec()));
    assert_eq!(told(99), None);
    assert_eq!(told(100), clara(&["invoices.view", "payments.pay"]));
    assert_eq!(told(110), clara(&["invoices.view"]));
    assert_eq!((told(120), told(130), told(140)), (None, clara(&["invoices.view"]), None));
    let paths = AccessHistory::at(&s.0, at(105)).of_user(&user("clara"));
    let [path] = &paths[..] else { panic!("{paths:?}") };
    assert_eq!((path.customer.as_ref(), &path.company, path.role.as_str()), (Some(&customer), &company(1), "contact"));
    assert_eq!((path.since, path.rests_on.len()), (at(100), 1));
}

#[test]
fn a_scripted_history_is_told_as_it_was_at_every_instant() {
    let script = story();
    let entry = |who: &str, via, grants: &[&'static str]| (who.to_owned(), via, grants.to_vec());
    let olga = || entry("olga", "member", &["team.view"]);
    let ada = || entry("ada", "firm_admin", &["invoices.view", "audit.view"]);
    let ben = || entry("ben", "bookkeeper", &["invoices.view"]);
    assert_eq!(script.who(9), []);
    assert_eq!(script.who(10), [olga()]);
    assert_eq!(script.who(29), [olga()]);
    assert_eq!(script.who(30), [olga(), ada()]);
    assert_eq!(script.who(40), [olga(), ada(), ben()]);
    assert_eq!(script.who(50), [entry("mia", "member", &["bank.view"]), olga(), ada(), ben()]);
    let wider = || entry("mia", "member", &["bank.view", "team.view"]);
    assert_eq!(script.who(69), [wider(), olga(), ada(), ben()]);
    assert_eq!(script.who(70), [olga(), ada(), ben()], "a temporary grant stops at its instant");
    assert_eq!(script.who(80), [olga(), ada()]);
    assert_eq!(script.who(90), [olga()]);
}

#[test]
fn what_is_lent_counts_until_its_instant_and_no_longer() {
    let mut script = story();
    let lent: TemporaryGrants = [(Permission::BankView, at(95))].into_iter().collect();
    script.company(91, firm(1).as_str(), connection_started(firm(1), grants([Permission::TeamView])));
    let wider = connection_changed(firm(1), grants([Permission::InvoicesView]), lent.clone(), Some(at(99)));
    script.company(92, firm(1).as_str(), wider);
    let ada = |second| script.who(second).into_iter().find(|(who, _, _)| who == "ada").map(|(_, _, held)| held);
    assert_eq!(ada(91), Some(vec!["team.view"]));
    assert_eq!(ada(94), Some(vec!["bank.view", "invoices.view"]));
    assert_eq!(ada(95), Some(vec!["invoices.view"]));
    assert_eq!(ada(99), None);
    script.company(93, "mia", member_changed(grants([Permission::TeamView]), lent, None));
    let mia = |second| script.who(second).into_iter().find(|(who, _, _)| who == "mia").map(|(_, _, held)| held);
    assert_eq!(mia(93), Some(vec!["bank.view", "team.view"]));
    assert_eq!(mia(95), Some(vec!["team.view"]));
}

#[test]
fn the_order_in_which_events_are_read_does_not_matter() {
    let script = story();
    let mut shuffled: Vec<Event> = script.0.iter().rev().cloned().collect();
    shuffled.extend(script.0.iter().cloned());
    for second in [5, 35, 45, 55, 75, 85, 95] {
        let told = AccessHistory::at(&script.0, at(second));
        assert_eq!(AccessHistory::at(&shuffled, at(second)), told);
    }
}

#[test]
fn a_report_names_the_relationships_it_rests_on() {
    let script = story();
    let history = AccessHistory::at(&script.0, at(45));
    let [bens] = &history.of_user(&user("ben"))[..] else { panic!("one way") };
    assert_eq!((bens.via, bens.role.as_str()), ("bookkeeper", "bookkeeper"));
    assert_eq!((bens.firm.clone(), bens.firm_name.as_ref().map(Name::as_str)), (Some(firm(1)), Some("Contas")));
    assert_eq!(bens.company_name.as_ref().map(Name::as_str), Some("Loja"));
    assert_eq!(bens.since, at(40));
    let by: Vec<&EventId> = [3, 2, 4].iter().map(|n| &script.0[*n].id).collect();
    assert_eq!(bens.rests_on.iter().collect::<Vec<_>>(), by);
}

#[test]
fn an_event_that_cannot_be_read_grants_nothing() {
    let mut script = Script::default();
    let mut raw = |unix_s, kind, subject: &str, data| {
        script.add_raw(unix_s, kind, Org::Company(company(1)), subject, data);
    };
    let (added, changed) = (EventType::MemberAdded, EventType::MemberChanged);
    let as_role = |role: &str| json!({"role": role, "grants": ["bank.view"], "invitation": invitation()});
    raw(1, added, "mia", as_role("emperor"));
    raw(2, added, "no user!", as_role("client"));
    raw(3, changed, "nia", json!({"after": {"role": "owner"}}));
    let partly_known = json!({"role": "custom", "grants": ["made.up", "bank.view"], "invitation": invitation()});
    raw(4, added, "ola", partly_known);
    raw(5, added, "pia", json!({"role": "custom", "grants": ["bank.view"]}));
    script.0.last_mut().unwrap().version = 2;
    assert_eq!(script.who(9), [("ola".to_owned(), "member", vec!["bank.view"])]);
}

#[test]
fn an_assignment_survives_neither_its_firms_leave_nor_a_new_connection_by_itself() {
    let mut script = story();
    script.company(100, "ben", unassigned(firm(1)));
    script.company(100, firm(1).as_str(), connection_started(firm(1), grants([Permission::BankView])));
    script.firm(110, "ben", staff_added(StaffRole::Bookkeeper));
    let who: Vec<String> = script.who(110).into_iter().map(|(who, _, _)| who).collect();
    assert_eq!(who, ["olga", "ada"]);
}

/// Proves: 25, S2
#[test]
fn whom_a_firm_invited_reaches_the_company_while_the_firm_does_and_not_by_a_later_connection() {
    let mut script = story();
    let added = MemberAdded {
        role: MemberRole::Custom,
        grants: grants([Permission::InvoicesView, Permission::PayrollView]),
        invitation: invitation(),
        inviting_firm: Some(firm(1)),
    };
    script.company(55, "pat", kinds::MemberAdded::of(added));
    script.company(100, firm(1).as_str(), connection_started(firm(1), grants([Permission::InvoicesView])));
    script.0.sort_by_key(|event| event.at);
    for (n, event) in script.0.iter_mut().enumerate() {
        event.id = EventId::from_uuid(Uuid::from_u128(n as u128 + 1));
    }
    let pat = |second| script.who(second).into_iter().find(|(who, _, _)| who == "pat");
    assert_eq!(pat(55), Some(("pat".to_owned(), "member", vec!["invoices.view"])));
    assert_eq!((pat(90), pat(100)), (None, None));
}

/// What may happen, for the model below: people 0–3, firms 0–1, one company.
#[derive(Debug, Clone)]
enum Act {
    Join { who: usize, grants: u8 },
    Change { who: usize, grants: u8, for_s: Option<u8> },
    Leave { who: usize },
    Hire { firm: usize, who: usize, admin: bool },
    Promote { firm: usize, who: usize, admin: bool },
    Fire { firm: usize, who: usize },
    Connect { firm: usize, grants: u8 },
    Disconnect { firm: usize },
    Assign { firm: usize, who: usize, grants: u8 },
    Unassign { firm: usize, who: usize },
}

fn acts() -> impl Strategy<Value = Act> {
    let (who, firm, grants) = (|| 0_usize..4, || 0_usize..2, || 1_u8..8);
    prop_oneof![
        (who(), grants()).prop_map(|(who, grants)| Act::Join { who, grants }),
        (who(), grants(), prop::option::of(1_u8..40)).prop_map(|(who, grants, for_s)| Act::Change {
            who,
            grants,
            for_s
        }),
        who().prop_map(|who| Act::Leave { who }),
        (firm(), who(), any::<bool>()).prop_map(|(firm, who, admin)| Act::Hire { firm, who, admin }),
        (firm(), who(), any::<bool>()).prop_map(|(firm, who, admin)| Act::Promote { firm, who, admin }),
        (firm(), who()).prop_map(|(firm, who)| Act::Fire { firm, who }),
        (firm(), grants()).prop_map(|(firm, grants)| Act::Connect { firm, grants }),
        firm().prop_map(|firm| Act::Disconnect { firm }),
        (firm(), who(), grants()).prop_map(|(firm, who, grants)| Act::Assign { firm, who, grants }),
        (firm(), who()).prop_map(|(firm, who)| Act::Unassign { firm, who }),
    ]
}

const THREE: [Permission; 3] = [Permission::BankView, Permission::InvoicesView, Permission::TeamView];

fn listed(bits: u8) -> Grants {
    THREE.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, p)| p).collect()
}

/// The simple model: plain arrays, changed in place, read as the access rules are written in prose.
#[derive(Debug, Clone, Default)]
struct Model {
    members: [Option<(u8, Option<i64>)>; 4],
    staff: [[Option<bool>; 4]; 2],
    connections: [Option<u8>; 2],
    assigned: [[Option<u8>; 4]; 2],
}

impl Model {
    fn reach(&self, now: i64) -> Vec<(usize, &'static str, Option<usize>, u8)> {
        let mut found = Vec::new();
        for who in 0..4 {
            if let Some((grants, until)) = self.members[who]
                && until.is_none_or(|until| now < until)
            {
                found.push((who, "member", None, grants));
            }
            for firm in 0..2 {
                let (Some(most), Some(admin)) = (self.connections[firm], self.staff[firm][who]) else { continue };
                if admin {
                    found.push((who, "firm_admin", Some(firm), most));
                }
                if let Some(narrowed) = self.assigned[firm][who] {
                    found.push((who, "bookkeeper", Some(firm), most & narrowed));
                }
            }
        }
        found.sort_unstable();
        found
    }
}

fn role(admin: bool) -> StaffRole {
    if admin { StaffRole::Admin } else { StaffRole::Bookkeeper }
}

fn person(n: usize) -> String {
    format!("user-{n}")
}

proptest! {
    #[test]
    fn any_history_is_told_as_the_simple_model_lived_it(acts in prop::collection::vec(acts(), 0..60), ask in 0_i64..70) {
        let mut script = Script::default();
        let mut model = Model::default();
        let mut then = model.clone();
        for (second, act) in acts.iter().enumerate() {
            let now = second as i64;
            let firms = |n: usize| firm(n as u128 + 1);
            let staffed = |n: usize| Org::Firm(firms(n));
            match act.clone() {
                Act::Join { who, grants } => {
                    model.members[who] = Some((grants, None));
                    script.company(now, &person(who), member_added(MemberRole::Custom, listed(grants)));
                }
                Act::Change { who, grants, for_s } => {
                    let Some(held) = &mut model.members[who] else { continue };
                    let until = for_s.map(|for_s| now + i64::from(for_s));
                    *held = (grants, until);
                    script.company(now, &person(who), member_changed(listed(grants), TemporaryGrants::default(), until.map(at)));
                }
                Act::Leave { who } => {
                    model.members[who] = None;
                    script.company(now, &person(who), member_removed());
                }
                Act::Hire { firm, who, admin } => {
                    model.staff[firm][who] = Some(admin);
                    // An assignment of an earlier stay does not count in this one.
                    model.assigned[firm][who] = None;
                    script.add(now, staffed(firm), &person(who), &staff_added(role(admin)));
                }
                Act::Promote { firm, who, admin } => {
                    let Some(held) = &mut model.staff[firm][who] else { continue };
                    *held = admin;
                    script.add(now, staffed(firm), &person(who), &staff_changed(role(admin)));
                }
                Act::Fire { firm, who } => {
                    model.staff[firm][who] = None;
                    script.add(now, staffed(firm), &person(who), &staff_removed());
                }
                Act::Connect { firm, grants } => {
                    model.connections[firm] = Some(grants);
                    model.assigned[firm] = [None; 4];
                    script.company(now, firms(firm).as_str(), connection_started(firms(firm), listed(grants)));
                }
                Act::Disconnect { firm } => {
                    model.connections[firm] = None;
                    script.company(now, firms(firm).as_str(), connection_ended(firms(firm)));
                }
                Act::Assign { firm, who, grants } => {
                    model.assigned[firm][who] = Some(grants);
                    script.company(now, &person(who), assigned(firms(firm), listed(grants)));
                }
                Act::Unassign { firm, who } => {
                    model.assigned[firm][who] = None;
                    script.company(now, &person(who), unassigned(firms(firm)));
                }
            }
            if now <= ask {
                then = model.clone();
            }
        }
        let history = AccessHistory::at(&script.0, at(ask));
        let told = |reach: AccessPath| {
            let who: usize = reach.user.as_str().trim_start_matches("user-").parse().unwrap();
            let firm = reach.firm.map(|id| (0..2).find(|n| firm(*n as u128 + 1) == id).unwrap());
            let grants = THREE.iter().enumerate().filter(|(_, p)| reach.permissions.contains(**p));
            (who, reach.via, firm, grants.map(|(n, _)| 1 << n).sum::<u8>())
        };
        let mut found: Vec<_> = history.of_company(&company(1)).into_iter().map(told).collect();
        found.sort_unstable();
        prop_assert_eq!(&found, &then.reach(ask));
        let mut by_person: Vec<_> =
            (0..4).flat_map(|who| history.of_user(&user(&person(who)))).map(told).collect();
        by_person.sort_unstable();
        prop_assert_eq!(by_person, found);
    }
}
