//! Route × role × relationship (PROOF 1): the rows are the routes as the code declares them, the columns the
//! roles with their presets.
//!
//! Each route has a harmless request (`requests.rs`): when it is let through it reads, or it asks for
//! something that does not exist, so that the shared company stays as it is. A route without one fails
//! `every_route_has_a_row`.

mod contacts;
mod requests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use api::{Audience, Route};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Permission;
use domain::permission::Needed;
use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, World};
use tests::http::{Answer, Call};
use tests::people::Person;
use tests::{Kit, kit, people, run};

use self::requests::Harmless;
use crate::routes::{Function, functions, routes};
use crate::support::{all_of, call};

/// Everything that a contact can hold, spelled from the specification, not from the code.
const CONTACT: [&str; 10] = [
    "invoices.view",
    "invoices.comment",
    "estimates.view",
    "estimates.comment",
    "estimates.decide",
    "payments.view",
    "payments.pay",
    "statements.view",
    "sales.forward",
    "details.edit",
];

/// A context's kind: the other side of a firm's connection is a company, and the reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Company,
    Firm,
    /// The portal of one customer of a company.
    Customer,
}

/// One row: a route in one kind of context, what it needs there, and a harmless request.
pub(crate) struct Row {
    pub(crate) route: Route,
    pub(crate) here: Here,
    needs: RowNeeds,
    request: Harmless,
    /// The path with something harmless for each of its parameters.
    path: String,
}

/// What letting a row's request through takes.
enum RowNeeds {
    /// Each of these; the first that is missing is named.
    All(Vec<&'static str>),
    /// Any of these; without any, the first is named.
    Any(Vec<&'static str>),
}

impl Row {
    /// Whether being here is not enough.
    pub(crate) fn needs_permission(&self) -> bool {
        !matches!(&self.needs, RowNeeds::All(permissions) if permissions.is_empty())
    }

    /// The path, with something harmless for each of its parameters.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A harmless body; `Null` for none. Each has addresses of its own.
    pub(crate) fn body(&self) -> Value {
        (self.request.body)()
    }

    /// The permission that somebody who holds these misses, if they do.
    fn missing(&self, held: &BTreeSet<&str>) -> Option<&'static str> {
        match &self.needs {
            RowNeeds::All(permissions) => permissions.iter().find(|permission| !held.contains(**permission)).copied(),
            RowNeeds::Any(permissions) if permissions.iter().any(|permission| held.contains(permission)) => None,
            RowNeeds::Any(permissions) => permissions.first().copied(),
        }
    }
}

const NOBODY: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let requests = requests::all();
    let functions = functions();
    let routes = functions.iter().flat_map(|function| function.routes.iter().map(move |route| (function, route)));
    let mut rows = Vec::new();
    for (function, route) in routes {
        let Audience::Context { company, firm, customer } = route.audience else { continue };
        let listed = requests.iter().filter(|request| request.operation == route.operation);
        let mut own: Vec<Harmless> = listed.cloned().collect();
        if own.is_empty() {
            own.extend(requests::by_default(route));
        }
        for (here, needed) in [(Here::Company, company), (Here::Firm, firm), (Here::Customer, customer)] {
            let Some(needed) = needed else { continue };
            let path = concrete(function, route, here);
            let row = |(needs, request)| Row { route: route.clone(), here, needs, request, path: path.clone() };
            rows.extend(rows_of(needed, &own).into_iter().map(row));
        }
    }
    rows
});

/// The rows of one route in one kind of context.
fn rows_of(needed: Needed, requests: &[Harmless]) -> Vec<(RowNeeds, Harmless)> {
    let texts = |permissions: &[Permission]| permissions.iter().map(|permission| permission.as_str()).collect();
    match needed {
        Needed::All(permissions) => requests
            .iter()
            .map(|request| {
                let needs = request.permission.map_or_else(|| texts(permissions), |permission| vec![permission]);
                (RowNeeds::All(needs), request.clone())
            })
            .collect(),
        Needed::OneOf(permissions) => requests
            .iter()
            .filter_map(|request| match request.permission {
                None => Some((RowNeeds::Any(texts(permissions)), request.clone())),
                Some(one) => permissions
                    .iter()
                    .any(|permission| permission.as_str() == one)
                    .then(|| (RowNeeds::All(vec![one]), request.clone())),
            })
            .collect(),
    }
}

/// Every route that acts in a context, in each kind of context that it knows, with each permission that a
/// request may need there.
pub(crate) fn rows() -> &'static [Row] {
    &ROWS
}

/// The route's path with something that is not there, or harmless, for each parameter.
fn concrete(function: &Function, route: &Route, here: Here) -> String {
    let operation = &function.document["paths"][&route.path][route.method.to_lowercase()];
    let mut path = route.path.clone();
    for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|of| of["in"] == "path") {
        let name = parameter["name"].as_str().expect("a parameter has a name");
        let schema = parameter["schema"]["$ref"].as_str().and_then(|schema| schema.strip_prefix('#'));
        let pattern = schema.and_then(|schema| function.document.pointer(schema)?["pattern"].as_str());
        let id = pattern.and_then(|pattern| pattern.strip_prefix('^')?.strip_suffix("[0-9a-f]{32}$"));
        let value = match (id, name, here) {
            (Some(prefix), _, _) => format!("{prefix}00000000000070008000000000000000"),
            (None, "item", _) => "1".to_owned(),
            // Of a bank's number of an account.
            (None, "id", _) => "0".repeat(64),
            (None, "org", Here::Company | Here::Customer) => "fm_00000000000070008000000000000000".to_owned(),
            (None, "org", Here::Firm) => "co_00000000000070008000000000000000".to_owned(),
            // A machine's routes name the tenant in the path; its id's schema stands in the whole document alone.
            (None, "company", _) => "co_00000000000070008000000000000000".to_owned(),
            (None, "firm", _) => "fm_00000000000070008000000000000000".to_owned(),
            (None, "document", _) => "doc_00000000000070008000000000000000".to_owned(),
            (None, "number", _) => "1".to_owned(),
            (None, "permission", _) => requests::NAMED.to_owned(),
            (None, "reference", _) => "NEVER-1".to_owned(),
            (None, "token", _) => "nonsense".to_owned(),
            (None, "user", _) => NOBODY.to_owned(),
            (None, other, _) => panic!("what is a harmless {other} in {}?", route.path),
        };
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

/// Every company permission, spelled from the specification, not from the code.
const ALL: [&str; 48] = [
    "dashboard.view",
    "reports.view",
    "reports.publish",
    "bank.view",
    "bank.manage",
    "invoices.view",
    "invoices.edit",
    "invoices.comment",
    "invoices.manage",
    "estimates.view",
    "estimates.comment",
    "estimates.manage",
    "statements.view",
    "sales.forward",
    "customers.view",
    "customers.manage",
    "payments.view",
    "payments.pay",
    "payments.manage",
    "documents.view",
    "documents.upload",
    "documents.manage",
    "documents.hold",
    "documents.request",
    "approvals.view",
    "approvals.prepare",
    "approvals.decide",
    "approvals.manage",
    "payroll.view",
    "payroll.manage",
    "vat.view",
    "vat.manage",
    "accounts.view",
    "accounts.manage",
    "journals.view",
    "journals.manage",
    "team.view",
    "team.manage",
    "connections.view",
    "connections.manage",
    "billing.view",
    "billing.manage",
    "audit.view",
    "settings.view",
    "settings.manage",
    "integrations.manage",
    // Held in a firm, listed here so that one list names every permission there is.
    "clients.view",
    "clients.manage",
];

/// What a role holds, by the specification.
pub(crate) fn preset(role: &str) -> BTreeSet<&'static str> {
    let company = || ALL.into_iter().filter(|permission| !permission.starts_with("clients."));
    match role {
        "owner" => company().collect(),
        "admin" => company().filter(|permission| !["billing.manage", "documents.hold"].contains(permission)).collect(),
        "accountant" => company()
            .filter(|permission| {
                !permission.starts_with("billing.")
                    && ![
                        "connections.manage",
                        "team.manage",
                        "approvals.decide",
                        "approvals.manage",
                        "payments.pay",
                        "payments.manage",
                        "documents.hold",
                    ]
                    .contains(permission)
            })
            .collect(),
        "client" => [
            "dashboard.view",
            "reports.view",
            "bank.view",
            "invoices.view",
            "invoices.comment",
            "estimates.view",
            "documents.view",
            "documents.upload",
            "approvals.view",
        ]
        .into(),
        "read-only" => company()
            .filter(|permission| {
                permission.ends_with(".view") && !["payroll.view", "audit.view", "billing.view"].contains(permission)
            })
            .collect(),
        "custom" => ["invoices.view"].into(),
        "firm admin in a company" => preset("accountant"),
        "bookkeeper in a company" => cast::ASSIGNED.into(),
        "contact" => CONTACT.into(),
        "staff admin" => ["clients.view", "clients.manage", "staff.view", "staff.manage", "audit.view"].into(),
        "staff bookkeeper" => ["clients.view"].into(),
        other => panic!("no such role: {other}"),
    }
}

/// Someone, somewhere, as something.
#[derive(Clone)]
struct Actor {
    role: &'static str,
    person: Person,
    here: Context,
}

fn actors(world: &World) -> (Vec<Actor>, Vec<Actor>) {
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    let mut company = vec![actor("owner", &world.owner.person, &world.owner.here)];
    company.extend(world.members.iter().map(|(role, member)| actor(role, &member.person, &member.here)));
    company.push(actor("firm admin in a company", &world.admin.person, &world.admin_inside));
    company.push(actor("bookkeeper in a company", &world.bookkeeper, &world.bookkeeper_inside));
    let firm = vec![
        actor("staff admin", &world.admin.person, &world.admin.here),
        actor("staff bookkeeper", &world.bookkeeper, &world.bookkeeper_at_firm),
    ];
    (company, firm)
}

async fn ask(kit: &Kit, row: &Row, actor: &Actor) -> Answer {
    let query = match row.here {
        Here::Company | Here::Customer => row.request.query_in_company,
        Here::Firm => row.request.query_in_firm,
    };
    let path = format!("{}{}", row.path, query.replace("{here}", &actor.here.org));
    let request = call(&kit.api, row.route.method, &path).by(&actor.person).within(&actor.here);
    with_body(request, row).send().await
}

fn with_body<'a>(request: Call<'a>, row: &Row) -> Call<'a> {
    match row.body() {
        Value::Null => request,
        body => request.json(body),
    }
}

/// Asks for one cell and says what is wrong with the answer.
async fn cell(kit: &'static Kit, row: &'static Row, actor: &Actor) -> Result<(), String> {
    let answer = ask(kit, row, actor).await;
    let Row { route, request, .. } = row;
    let said = format!("{} {} by {}: {} {}", route.method, route.path, actor.role, answer.status, answer.text());
    let Some(missing) = row.missing(&preset(actor.role)) else {
        // Two who set the same policy at the same moment: one of them is asked to look again. And one file of an audit
        // log, or one archive of documents, is written at a time.
        let one_at_a_time = ["/v1/audit/exports", "/v1/document-exports"].contains(&route.path.as_str());
        let raced = answer.status == 409 && (route.method == "PUT" || (one_at_a_time && route.method == "POST"));
        let expected = request.let_through;
        return if raced || answer.status == expected { Ok(()) } else { Err(format!("{said}, expected {expected}")) };
    };
    if (answer.status, answer.slug().as_deref()) != (403, Some("not-granted")) {
        return Err(format!("{said}, expected 403 not-granted"));
    }
    if answer.json().get("permission") != Some(&json!(missing)) {
        return Err(format!("{said}, expected {missing} to be named"));
    }
    Ok(())
}

/// Proves: 1
#[test]
fn every_route_answers_every_role_as_its_permission_says() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (company, firm) = actors(world);
        let mut checks = Vec::new();
        for row in rows() {
            let who = match row.here {
                Here::Company => &company,
                Here::Firm => &firm,
                // Here are contacts alone; see `contacts`.
                Here::Customer => continue,
            };
            for actor in who.clone() {
                checks.push(async move { cell(kit, row, &actor).await });
            }
        }
        assert!(checks.len() > 250, "the matrix has only {} cells", checks.len());
        all_of(checks).await;
    });
}

/// Proves: 5
#[test]
fn roles_hold_exactly_their_presets() {
    run(async {
        let world = cast::world(kit()).await;
        let (company, firm) = actors(world);
        for actor in company.iter().chain(&firm) {
            let held: BTreeSet<&str> = actor.here.permissions.iter().map(String::as_str).collect();
            assert_eq!(held, preset(actor.role), "{}", actor.role);
        }
    });
}

/// Proves: 1
#[test]
fn every_signed_in_route_refuses_the_signed_out() {
    run(async {
        let kit = kit();
        let mut checks = Vec::new();
        for function in functions() {
            for route in function.routes.iter().filter(|route| route.audience != Audience::Public) {
                let (method, path) = (route.method, concrete(&function, route, Here::Company));
                checks.push(async move {
                    let answer = call(&kit.api, method, &path).send().await;
                    if answer.status == 401 {
                        Ok(())
                    } else {
                        Err(format!("{}: {} {}", answer.line, answer.status, answer.text()))
                    }
                });
            }
        }
        all_of(checks).await;
    });
}

/// Proves: 1
#[test]
fn every_context_route_refuses_those_without_a_context() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mut checks = Vec::new();
        for row in rows() {
            checks.push(async move {
                let request = call(&kit.api, row.route.method, &row.path).by(&world.owner.person);
                let answer = with_body(request, row).send().await;
                match (answer.status, answer.slug().as_deref()) {
                    (401, Some("invalid-context")) => Ok(()),
                    _ => Err(format!("{}: {} {}", answer.line, answer.status, answer.text())),
                }
            });
        }
        all_of(checks).await;
    });
}

/// Proves: 1
#[test]
fn company_routes_refuse_a_firms_context_and_the_reverse() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mut checks = Vec::new();
        for row in rows() {
            let Audience::Context { company, firm, .. } = row.route.audience else { continue };
            let (person, here) = match (row.here, company, firm) {
                (Here::Company, _, None) => (&world.admin.person, &world.admin.here),
                (Here::Firm, None, _) => (&world.owner.person, &world.owner.here),
                _ => continue,
            };
            let actor = Actor { role: "elsewhere", person: person.clone(), here: here.clone() };
            checks.push(async move {
                let answer = ask(kit, row, &actor).await;
                if answer.status == 403 {
                    Ok(())
                } else {
                    Err(format!("{}: {} {}", answer.line, answer.status, answer.text()))
                }
            });
        }
        all_of(checks).await;
    });
}

/// The ways in which a relationship can have ended, each with someone whose tokens are still good.
async fn ended(kit: &Kit) -> Vec<Actor> {
    let everything: Vec<&str> = ALL.into_iter().filter(|permission| !permission.starts_with("clients.")).collect();
    let (owner, admin, other) = tokio::join!(
        cast::owner(kit, "Enno Ender", "Enders Ltd"),
        cast::firm_admin(kit, "Edda Ender", "Enders Firm"),
        cast::firm_admin(kit, "Emil Ender", "Other Enders Firm"),
    );
    let ((), (), member, removed_staff, unassigned, removed_admin) = tokio::join!(
        cast::connect(kit, &owner, &admin, Some(&everything)),
        cast::connect(kit, &owner, &other, Some(&everything)),
        cast::member(kit, &owner, "Mira Removed", "owner", None),
        cast::staff(kit, &admin, "Sami Removed", "bookkeeper"),
        cast::staff(kit, &admin, "Uma Unassigned", "bookkeeper"),
        cast::staff(kit, &admin, "Alba Removed", "admin"),
    );
    let company = owner.company.id.as_str();
    tokio::join!(
        cast::assign(kit, &admin, company, &removed_staff.user, None),
        cast::assign(kit, &admin, company, &unassigned.user, None),
    );
    let (staff_inside, unassigned_inside, admin_inside, admin_at_firm, other_inside) = tokio::join!(
        cast::enter(kit, &removed_staff, company),
        cast::enter(kit, &unassigned, company),
        cast::enter(kit, &removed_admin, company),
        cast::enter(kit, &removed_admin, &admin.firm.id),
        cast::enter(kit, &other.person, company),
    );
    let invited = people::sign_up(kit, "Petra Planted").await;
    let body = json!({ "kind": "member", "email": invited.email, "role": "custom", "permissions": everything });
    let letter = cast::invite(kit, &other.person, &other_inside, body).await;
    cast::accept(kit, &invited, &letter.token, None).await;
    let invited_inside = cast::enter(kit, &invited, company).await;
    end_all(kit, &owner, &admin, &other, &member.person, &[&removed_staff, &removed_admin], &unassigned).await;
    let faded = faded(kit, &owner, &everything).await;
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    let mut ended = vec![
        actor("a removed owner", &member.person, &member.here),
        actor("a bookkeeper removed from the firm", &removed_staff, &staff_inside),
        actor("a bookkeeper whose assignment ended", &unassigned, &unassigned_inside),
        actor("a firm admin removed from the firm", &removed_admin, &admin_inside),
        actor("the admin of a firm that was disconnected", &other.person, &other_inside),
        actor("a member whom a firm invited that was disconnected", &invited, &invited_inside),
        actor("a firm admin removed from the firm, at the firm", &removed_admin, &admin_at_firm),
    ];
    ended.extend(faded);
    ended
}

/// What is left to a connection that was narrowed: something that no route asks for.
const LEFT: &str = "integrations.manage";

/// The ways in which access can have faded without being ended: a connection that was narrowed, and
/// places, assignments and connections whose time ran out.
async fn faded(kit: &Kit, owner: &Owner, everything: &[&str]) -> Vec<Actor> {
    let (narrowed, temporary) = tokio::join!(
        cast::firm_admin(kit, "Nadia Narrowed", "Narrowed Firm"),
        cast::firm_admin(kit, "Theo Temporary", "Temporary Firm"),
    );
    let company = owner.company.id.as_str();
    let ((), (), guest, bookkeeper, assigned) = tokio::join!(
        cast::connect(kit, owner, &narrowed, Some(everything)),
        cast::connect(kit, owner, &temporary, Some(everything)),
        cast::member(kit, owner, "Gil Guest", "admin", None),
        cast::staff(kit, &narrowed, "Nils Narrowed", "bookkeeper"),
        cast::staff(kit, &temporary, "Tilo Temporary", "bookkeeper"),
    );
    tokio::join!(
        cast::assign(kit, &narrowed, company, &bookkeeper.user, None),
        cast::assign(kit, &temporary, company, &assigned.user, None),
    );
    let (admin_inside, bookkeeper_inside, temporary_inside, assigned_inside) = tokio::join!(
        cast::enter(kit, &narrowed.person, company),
        cast::enter(kit, &bookkeeper, company),
        cast::enter(kit, &temporary.person, company),
        cast::enter(kit, &assigned, company),
    );
    let path = format!("/v1/connections/{}", narrowed.firm.id);
    let left = json!({ "permissions": [LEFT] });
    kit.api.patch(&path).by(&owner.person).within(&owner.here).json(left).ok(200).await;
    let over = |sk: String| async move {
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&format!("COMPANY#{company}"), &sk, "expires_at", past).await;
    };
    over(format!("MEMBER#{}", guest.person.user)).await;
    over(format!("FIRM#{}", temporary.firm.id)).await;
    over(format!("ASSIGNED#{}#{}", temporary.firm.id, assigned.user)).await;
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    vec![
        actor("a firm admin whose connection was narrowed", &narrowed.person, &admin_inside),
        actor("a bookkeeper whose firm's connection was narrowed", &bookkeeper, &bookkeeper_inside),
        actor("a member whose place ran out", &guest.person, &guest.here),
        actor("a firm admin whose connection ran out", &temporary.person, &temporary_inside),
        actor("a bookkeeper whose assignment ran out", &assigned, &assigned_inside),
    ]
}

async fn end_all(
    kit: &Kit,
    owner: &Owner,
    admin: &FirmAdmin,
    other: &FirmAdmin,
    member: &Person,
    staff: &[&Person],
    unassigned: &Person,
) {
    let delete = |path: String, by: &Person, here: &Context| {
        let call = kit.api.delete(&path).by(by).within(here);
        async move {
            let answer = call.send().await;
            assert!(matches!(answer.status, 200 | 204), "{}: {} {}", answer.line, answer.status, answer.text());
        }
    };
    delete(format!("/v1/members/{}", member.user), &owner.person, &owner.here).await;
    delete(format!("/v1/connections/{}", other.firm.id), &owner.person, &owner.here).await;
    delete(format!("/v1/assignments/{}/{}", owner.company.id, unassigned.user), &admin.person, &admin.here).await;
    for person in staff {
        delete(format!("/v1/staff/{}", person.user), &admin.person, &admin.here).await;
    }
}

/// Proves: 4, 9
#[test]
fn only_an_active_relationship_grants_anything() {
    run(async {
        let kit = kit();
        let ended = ended(kit).await;
        let mut checks = Vec::new();
        for actor in ended {
            let firm = actor.role.ends_with("at the firm");
            let here = if firm { Here::Firm } else { Here::Company };
            for row in rows().iter().filter(|row| row.here == here && row.needs_permission()) {
                let actor = actor.clone();
                checks.push(async move {
                    let answer = ask(kit, row, &actor).await;
                    match (answer.status, answer.slug().as_deref()) {
                        (403, Some("not-granted")) => Ok(()),
                        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
                    }
                });
            }
        }
        all_of(checks).await;
    });
}

/// Those to whom nothing was given yet: someone unknown, and people whose invitations are open.
async fn outside(kit: &Kit, owner: &Owner, admin: &FirmAdmin) -> Vec<(&'static str, Person)> {
    let (stranger, guest, hand, asked) = tokio::join!(
        people::sign_up(kit, "Sven Stranger"),
        people::sign_up(kit, "Ida Invited"),
        people::sign_up(kit, "Hanne Hired"),
        cast::firm_admin(kit, "Arno Asked", "Asked Firm"),
    );
    let member = json!({ "kind": "member", "email": guest.email, "role": "owner" });
    let firm = json!({ "kind": "firm", "email": asked.person.email });
    let staff = json!({ "kind": "staff", "email": hand.email, "role": "admin" });
    tokio::join!(
        cast::invite(kit, &owner.person, &owner.here, member),
        cast::invite(kit, &owner.person, &owner.here, firm),
        cast::invite(kit, &admin.person, &admin.here, staff),
    );
    vec![
        ("a stranger", stranger),
        ("an invited member", guest),
        ("an invited member of staff", hand),
        ("the admin of an invited firm", asked.person),
    ]
}

/// Proves: 4
#[test]
fn unknown_and_only_invited_people_get_nowhere() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Outside", "Outside Ltd"),
            cast::firm_admin(kit, "Olga Outside", "Outside Firm"),
        );
        let mut checks = Vec::new();
        for (role, person) in outside(kit, &owner, &admin).await {
            for org in [&owner.company.id, &admin.firm.id] {
                let enter = kit.api.post(&format!("/v1/contexts/{org}")).by(&person).json(json!({}));
                enter.refused(404, "not-found").await;
            }
            // There is no token of theirs; with somebody else's they are not that somebody.
            for row in rows() {
                let here = match row.here {
                    Here::Company => owner.here.clone(),
                    Here::Firm => admin.here.clone(),
                    Here::Customer => continue,
                };
                let actor = Actor { role, person: person.clone(), here };
                checks.push(async move {
                    let answer = ask(kit, row, &actor).await;
                    match (answer.status, answer.slug().as_deref()) {
                        (401, Some("invalid-context")) => Ok(()),
                        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
                    }
                });
            }
        }
        all_of(checks).await;
    });
}

/// Proves: 1
#[test]
fn every_route_has_a_row() {
    let routes = routes();
    let mut missing = Vec::new();
    for route in &routes {
        let Audience::Context { company, firm, customer } = route.audience else { continue };
        for (here, needed) in [(Here::Company, company), (Here::Firm, firm), (Here::Customer, customer)] {
            let Some(needed) = needed else { continue };
            let own: Vec<&Row> =
                rows().iter().filter(|row| row.route.operation == route.operation && row.here == here).collect();
            // What depends on the request is tried with each permission that a request may need.
            let untried = needed.permissions().iter().filter(|permission| {
                !own.iter().any(|row| match &row.needs {
                    RowNeeds::All(tried) | RowNeeds::Any(tried) => tried.contains(&permission.as_str()),
                })
            });
            missing.extend(untried.map(|permission| format!("{} with {permission}, in a {here:?}", route.operation)));
            if own.is_empty() {
                missing.push(format!("{}, in a {here:?}", route.operation));
            }
        }
    }
    assert!(missing.is_empty(), "routes without a harmless request in matrix/requests.rs: {missing:?}");
    let known: BTreeSet<&str> = routes.iter().map(|route| route.operation.as_str()).collect();
    let unknown: Vec<&str> =
        requests::all().iter().map(|request| request.operation).filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "harmless requests for no route: {unknown:?}");
    let doubled = routes.len() - known.len();
    assert_eq!(doubled, 0, "two handlers have one name");
}
