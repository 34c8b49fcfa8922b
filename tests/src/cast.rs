//! The people and organisations that tests act with, each made over the public API.
//!
//! Every function here makes something new, with addresses and names of its own, so that tests can run
//! side by side and again. What many tests only look at is made once, in [`world`].

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::Kit;
pub use crate::context::Context;
use crate::machine::Ledger;
use crate::mailbox::Message;
use crate::people::{self, Person};

/// A company or firm.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The owner of a company, standing in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Owner {
    /// The person.
    pub person: Person,
    /// Their company.
    pub company: Organisation,
    /// Their context there.
    pub here: Context,
}

/// The admin of a firm, standing in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FirmAdmin {
    /// The person.
    pub person: Person,
    /// Their firm.
    pub firm: Organisation,
    /// Their context there.
    pub here: Context,
}

/// Someone who was let into a company.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Member {
    /// The person.
    pub person: Person,
    /// Their context there.
    pub here: Context,
}

/// A contact of a customer who was let into its portal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Contact {
    /// The person.
    pub person: Person,
    /// The customer's reference.
    pub customer: String,
    /// The contact's id.
    pub id: String,
    /// Their context in the portal.
    pub here: Context,
}

/// An invitation that was sent, with the link that its mail carried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invited {
    /// The invitation's id.
    pub id: String,
    /// Whom it is addressed to.
    pub email: String,
    /// The secret in the link.
    pub token: String,
    /// The whole link.
    pub link: String,
    /// The mail.
    pub mail: Message,
}

/// A string at a JSON pointer.
///
/// # Panics
/// When there is none.
#[must_use]
#[track_caller]
pub fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
        .to_owned()
}

/// The array under a key.
///
/// # Panics
/// When there is none.
#[must_use]
#[track_caller]
pub fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value.get(key).and_then(Value::as_array).unwrap_or_else(|| panic!("no list `{key}` in {value}"))
}

/// Registers a company that someone then owns.
pub async fn register_company(kit: &Kit, person: &Person, name: &str) -> Organisation {
    let body = json!({ "name": name, "currency": "EUR", "time_zone": "Europe/Berlin" });
    let answer = kit.api.post("/v1/companies").by(person).json(body).ok(201).await;
    Organisation { id: text(&answer, "/company/id"), name: text(&answer, "/company/name") }
}

/// Registers a firm that someone is then the admin of.
pub async fn register_firm(kit: &Kit, person: &Person, name: &str) -> Organisation {
    let answer = kit.api.post("/v1/firms").by(person).json(json!({ "name": name })).ok(201).await;
    Organisation { id: text(&answer, "/firm/id"), name: text(&answer, "/firm/name") }
}

/// Steps into a company or firm.
pub async fn enter(kit: &Kit, person: &Person, org: &str) -> Context {
    enter_with(kit, person, org, json!({})).await
}

/// Steps into a company or firm with a reason, or through a named firm.
pub async fn enter_with(kit: &Kit, person: &Person, org: &str, body: Value) -> Context {
    let answer = kit.api.post(&format!("/v1/contexts/{org}")).by(person).json(body).send().await;
    assert!(
        matches!(answer.status, 200 | 201),
        "{} by {}: {} {}",
        answer.line,
        person.name,
        answer.status,
        answer.text()
    );
    context(&answer.json())
}

/// The context in the answer to a switch.
#[must_use]
#[track_caller]
pub fn context(answer: &Value) -> Context {
    let permissions = answer.pointer("/context/permissions").and_then(Value::as_array).cloned().unwrap_or_default();
    Context {
        token: text(answer, "/context_token"),
        org: text(answer, "/context/id"),
        name: text(answer, "/context/name"),
        via: text(answer, "/context/via"),
        session: text(answer, "/context/session"),
        permissions: permissions.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// A new person with a new company, standing in it.
pub async fn owner(kit: &Kit, name: &str, company: &str) -> Owner {
    let person = people::sign_up(kit, name).await;
    let company = register_company(kit, &person, company).await;
    owner_of(kit, &person, &company).await
}

/// The owner of a company, standing in it.
pub async fn owner_of(kit: &Kit, person: &Person, company: &Organisation) -> Owner {
    let here = enter(kit, person, &company.id).await;
    Owner { person: person.clone(), company: company.clone(), here }
}

/// A new person with a new firm, standing in it.
pub async fn firm_admin(kit: &Kit, name: &str, firm: &str) -> FirmAdmin {
    let person = people::sign_up(kit, name).await;
    let firm = register_firm(kit, &person, firm).await;
    let here = enter(kit, &person, &firm.id).await;
    FirmAdmin { person, firm, here }
}

/// Sends an invitation and waits for the mail with its link.
pub async fn invite(kit: &Kit, by: &Person, here: &Context, body: Value) -> Invited {
    let seen = match body.get("email").and_then(Value::as_str) {
        Some(email) => kit.mailbox.inbox(email).await,
        None => Vec::new(),
    };
    let answer = kit.api.post("/v1/invitations").by(by).within(here).json(body).ok(201).await;
    let email = text(&answer, "/invitation/email");
    let new = |mail: &Message| mail.text.contains("/i/") && !seen.iter().any(|seen| seen.id == mail.id);
    let mail = kit.mailbox.wait_for(&email, "invitation", new).await;
    let link = mail.link("/i/");
    Invited { id: text(&answer, "/invitation/id"), token: token_in(&link), email, link, mail }
}

/// Waits for the mail with an invitation's link, other than one that was seen before.
pub async fn invitation_mail(kit: &Kit, email: &str, seen: Option<&Message>) -> Message {
    kit.mailbox
        .wait_for(email, "invitation", |mail| mail.text.contains("/i/") && seen.is_none_or(|seen| seen.id != mail.id))
        .await
}

/// The secret at the end of a link.
#[must_use]
pub fn token_in(link: &str) -> String {
    link.rsplit('/').next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Accepts an invitation of a person or, with `firm`, on behalf of a firm.
pub async fn accept(kit: &Kit, by: &Person, token: &str, firm: Option<&str>) -> Value {
    let mut body = json!({ "token": token });
    if let (Some(firm), Some(members)) = (firm, body.as_object_mut()) {
        members.insert("firm".to_owned(), json!(firm));
    }
    kit.api.post("/v1/invitations/accept").by(by).json(body).ok(200).await
}

/// Connects a firm to a company, with the default grant or with these permissions.
pub async fn connect(kit: &Kit, owner: &Owner, admin: &FirmAdmin, permissions: Option<&[&str]>) {
    let mut body = json!({ "kind": "firm", "email": admin.person.email });
    if let (Some(permissions), Some(members)) = (permissions, body.as_object_mut()) {
        members.insert("permissions".to_owned(), json!(permissions));
    }
    let invited = invite(kit, &owner.person, &owner.here, body).await;
    accept(kit, &admin.person, &invited.token, Some(&admin.firm.id)).await;
}

/// Brings a new member into a company: invited, signed up, accepted, standing in it.
pub async fn member(kit: &Kit, owner: &Owner, name: &str, role: &str, permissions: Option<&[&str]>) -> Member {
    let person = people::sign_up(kit, name).await;
    let mut body = json!({ "kind": "member", "email": person.email, "role": role });
    if let (Some(permissions), Some(members)) = (permissions, body.as_object_mut()) {
        members.insert("permissions".to_owned(), json!(permissions));
    }
    let invited = invite(kit, &owner.person, &owner.here, body).await;
    accept(kit, &person, &invited.token, None).await;
    let here = enter(kit, &person, &owner.company.id).await;
    Member { person, here }
}

/// Brings new staff into a firm: invited, signed up, accepted.
pub async fn staff(kit: &Kit, admin: &FirmAdmin, name: &str, role: &str) -> Person {
    let person = people::sign_up(kit, name).await;
    let body = json!({ "kind": "staff", "email": person.email, "role": role });
    let invited = invite(kit, &admin.person, &admin.here, body).await;
    accept(kit, &person, &invited.token, None).await;
    person
}

/// Assigns a connected company to a bookkeeper, with all that the connection grants or with less.
pub async fn assign(kit: &Kit, admin: &FirmAdmin, company: &str, user: &str, permissions: Option<&[&str]>) {
    let body = permissions.map_or_else(|| json!({}), |permissions| json!({ "permissions": permissions }));
    let path = format!("/v1/assignments/{company}/{user}");
    let answer = kit.api.put(&path).by(&admin.person).within(&admin.here).json(body).send().await;
    assert!(matches!(answer.status, 200 | 201), "{}: {} {}", answer.line, answer.status, answer.text());
}

/// Adds a customer to a company.
pub async fn customer(kit: &Kit, owner: &Owner, reference: &str, name: &str) {
    let body = json!({ "reference": reference, "name": name, "currency": "EUR" });
    kit.api.post("/v1/customers").by(&owner.person).within(&owner.here).json(body).ok(201).await;
}

/// Adds a contact to a customer, without access, and answers the contact's id.
pub async fn add_contact(kit: &Kit, owner: &Owner, customer: &str, name: &str, email: &str) -> String {
    let path = format!("/v1/customers/{customer}/contacts");
    let body = json!({ "name": name, "email": email });
    let answer = kit.api.post(&path).by(&owner.person).within(&owner.here).json(body).ok(201).await;
    text(&answer, "/contact/id")
}

/// Where a contact's access is switched on and off.
#[must_use]
pub fn portal_access(customer: &str, contact: &str) -> String {
    format!("/v1/customers/{customer}/contacts/{contact}/portal-access")
}

/// Switches a contact's access on, and waits for the mail with its link.
pub async fn let_in(
    kit: &Kit,
    (by, here): (&Person, &Context),
    (customer, contact): (&str, &str),
    email: &str,
    body: Value,
) -> Invited {
    let seen = kit.mailbox.inbox(email).await;
    let answer = kit.api.post(&portal_access(customer, contact)).by(by).within(here).json(body).ok(201).await;
    let new = |mail: &Message| mail.text.contains("/i/") && !seen.iter().any(|seen| seen.id == mail.id);
    let mail = kit.mailbox.wait_for(email, "invitation", new).await;
    let link = mail.link("/i/");
    Invited { id: text(&answer, "/invitation"), token: token_in(&link), email: email.to_owned(), link, mail }
}

/// Enters the portal of a customer.
pub async fn enter_portal(kit: &Kit, person: &Person, company: &str, customer: &str) -> Context {
    let path = format!("/v1/contexts/{company}/customers/{customer}");
    context(&kit.api.post(&path).by(person).json(json!({})).ok(200).await)
}

/// A contact, where they stand.
#[must_use]
pub fn contact_at(customer: &str, id: &str, person: &Person, here: Context) -> Contact {
    Contact { person: person.clone(), customer: customer.to_owned(), id: id.to_owned(), here }
}

/// Makes somebody a contact of a customer, with access and standing in its portal.
pub async fn contact_as(kit: &Kit, owner: &Owner, customer: &str, person: &Person) -> Contact {
    contact_with(kit, owner, customer, person, json!({})).await
}

/// Makes somebody a contact of a customer, who is let in as the body says.
pub async fn contact_with(kit: &Kit, owner: &Owner, customer: &str, person: &Person, body: Value) -> Contact {
    let id = add_contact(kit, owner, customer, &person.name, &person.email).await;
    admit(kit, owner, (customer, &id), person, body).await
}

/// Lets a contact in who is without access, as far as the portal of their customer.
pub async fn admit(kit: &Kit, owner: &Owner, contact: (&str, &str), person: &Person, body: Value) -> Contact {
    let (customer, id) = contact;
    let invited = let_in(kit, (&owner.person, &owner.here), contact, &person.email, body).await;
    accept(kit, person, &invited.token, None).await;
    let here = enter_portal(kit, person, &owner.company.id, customer).await;
    contact_at(customer, id, person, here)
}

/// A new person as a contact of a customer.
pub async fn contact(kit: &Kit, owner: &Owner, customer: &str, name: &str) -> Contact {
    let person = people::sign_up(kit, name).await;
    contact_as(kit, owner, customer, &person).await
}

/// Asks for approvals above an amount.
pub async fn approval_policy(kit: &Kit, owner: &Owner, threshold_minor: i64) -> Value {
    let body = json!({ "enabled": true, "threshold_minor": threshold_minor, "currency": "EUR" });
    kit.api.put("/v1/approval-policy").by(&owner.person).within(&owner.here).json(body).ok(200).await
}

/// A company with everyone in it and one object of each kind: looked at by many tests, changed by none.
#[derive(Debug)]
#[non_exhaustive]
pub struct World {
    /// The owner of the company.
    pub owner: Owner,
    /// The company's members by role: admin, accountant, client, read-only, custom (`invoices.view` alone).
    pub members: Vec<(&'static str, Member)>,
    /// The admin of the firm that is connected to the company with the accountant preset.
    pub admin: FirmAdmin,
    /// The admin, standing in the company.
    pub admin_inside: Context,
    /// The firm's bookkeeper, whose assignment holds what [`ASSIGNED`] lists.
    pub bookkeeper: Person,
    /// The bookkeeper, standing in the firm.
    pub bookkeeper_at_firm: Context,
    /// The bookkeeper, standing in the company.
    pub bookkeeper_inside: Context,
    /// The ledger's machine client.
    pub ledger: Ledger,
    /// The reference that the company's invoice, estimate, pending transaction and bank account share.
    pub reference: &'static str,
    /// A payment of the company's invoice, begun by its owner.
    pub payment: String,
}

/// What the bookkeeper of [`world`] was assigned: less than the firm holds.
pub const ASSIGNED: [&str; 5] = ["dashboard.view", "invoices.view", "invoices.comment", "approvals.view", "bank.view"];

/// The reference of every object in [`world`], and of nothing in any other company.
pub const REFERENCE: &str = "WORLD-1";

/// How long a world is lent: its contexts last fifteen minutes, and the test that gets it last has the rest of them.
const WORLD_IS_LENT_FOR: Duration = Duration::from_secs(8 * 60);

/// The shared world, made on first use, and anew before its contexts expire.
pub async fn world(kit: &Kit) -> &'static World {
    static WORLD: Mutex<Option<(Instant, &'static World)>> = Mutex::const_new(None);
    let mut lent = WORLD.lock().await;
    if let Some((since, world)) = *lent
        && since.elapsed() < WORLD_IS_LENT_FOR
    {
        return world;
    }
    let since = Instant::now();
    let world: &'static World = Box::leak(Box::new(make_world(kit).await));
    *lent = Some((since, world));
    world
}

async fn make_world(kit: &Kit) -> World {
    let (owner, admin, ledger) = tokio::join!(
        owner(kit, "Wanda World", "World Wares"),
        firm_admin(kit, "Walter Ledgerman", "World Accounting"),
        Ledger::sign_in(kit),
    );
    let custom: &[&str] = &["invoices.view"];
    let ((), one, two, three, four, five, bookkeeper, payment) = tokio::join!(
        connect(kit, &owner, &admin, None),
        member(kit, &owner, "Adam Admin", "admin", None),
        member(kit, &owner, "Anna Accountant", "accountant", None),
        member(kit, &owner, "Clara Client", "client", None),
        member(kit, &owner, "Rosa Reader", "read-only", None),
        member(kit, &owner, "Carl Custom", "custom", Some(custom)),
        staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        fill(kit, &owner, &ledger),
    );
    assign(kit, &admin, &owner.company.id, &bookkeeper.user, Some(&ASSIGNED)).await;
    let (admin_inside, bookkeeper_at_firm, bookkeeper_inside) = tokio::join!(
        enter(kit, &admin.person, &owner.company.id),
        enter(kit, &bookkeeper, &admin.firm.id),
        enter(kit, &bookkeeper, &owner.company.id),
    );
    let members = vec![("admin", one), ("accountant", two), ("client", three), ("read-only", four), ("custom", five)];
    World {
        owner,
        members,
        admin,
        admin_inside,
        bookkeeper,
        bookkeeper_at_firm,
        bookkeeper_inside,
        ledger,
        reference: REFERENCE,
        payment,
    }
}

/// One invoice, estimate, pending transaction, bank account and payment.
async fn fill(kit: &Kit, owner: &Owner, ledger: &Ledger) -> String {
    let company = owner.company.id.as_str();
    approval_policy(kit, owner, 100_000).await;
    let _: (Value, Value, Value, Value) = tokio::join!(
        ledger.invoice(kit, company, REFERENCE, 50_000),
        ledger.estimate(kit, company, REFERENCE, 70_000),
        ledger.transaction(kit, company, REFERENCE, 500_000, None),
        ledger.balance(kit, company, REFERENCE, 900_000),
    );
    let body = json!({ "invoice": REFERENCE, "amount_minor": 100, "currency": "EUR" });
    let answer = kit.api.post("/v1/payments").by(&owner.person).within(&owner.here).json(body).ok(201).await;
    text(&answer, "/payment/id")
}
