//! Every access pattern, driven through its function, and what it really asks of the table.
//!
//! One story on a table of its own, from the first profile to the last removal. Each line is one
//! pattern; what it asked for, in how many round trips and for how many units, becomes
//! `shared/store/ACCESS_PATTERNS.md`, which this test holds to be true. A route without a line fails
//! [`every_route_has_an_access_pattern`].

mod bank_statements;
mod book;
mod contact_seats;
mod customer_portal;
mod customers;
mod document_exports;
mod document_links;
mod document_requests;
mod documents;
mod notifications;
mod overview;
mod registration;
mod reports;
mod sales;
mod uploads;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::cast::{self, Context, text};
use tests::machine::{self, Ledger, Module};
use tests::people::{self, PASSWORD, Person};
use tests::runtime_api::HttpEvent;
use tests::stack::Stack;
use tests::table::Item;
use tests::{checkout, kit, run};

use self::book::Kind::{Background, Because, Mutation, Read};
use self::book::{Book, render, signed};
use crate::faults::rig::{batch, by, by_ledger, message, signed_in, stream};
use crate::routes::routes;

const PAGE: &str = "shared/store/ACCESS_PATTERNS.md";
const REFERENCE: &str = "REF-1";
const WITHDRAWN: &str = "REF-2";
/// A document that a person writes.
const WRITTEN: &str = "REF-9";

/// Proves: 14, M9, DB3
#[test]
fn the_access_patterns_are_what_the_page_says() {
    let rows = run(async {
        let kit = kit();
        let mut book = Book::open(kit).await;
        Tale::begin(&mut book).await.tell(&mut book).await;
        book.close().await
    });
    let page = render(&rows);
    let path = Stack::repository().join(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }

    let faults: Vec<String> = rows
        .iter()
        .flat_map(|row| row.faults().into_iter().map(|fault| format!("{} ({}): {fault}", row.name, row.function)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let lines = |page: &str| page.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (now, then) = (lines(&page), lines(&written));
    let changed: Vec<String> = then
        .difference(&now)
        .map(|line| format!("- {line}"))
        .chain(now.difference(&then).map(|line| format!("+ {line}")))
        .collect();
    assert!(page == written, "{PAGE} says otherwise; UPDATE_GOLDEN=1 writes it anew:\n{}", changed.join("\n"));
}

/// Proves: M9
#[test]
fn every_route_has_an_access_pattern() {
    let page = std::fs::read_to_string(Stack::repository().join(PAGE)).expect("the page is checked in");
    let mut function = "";
    let mut described = BTreeSet::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            function = name;
        }
        let route = line.split(" | ").nth(1).unwrap_or_default();
        if let Some((method, path)) = route.trim_matches('`').split_once(" /") {
            let path = path.split('?').next().unwrap_or_default();
            described.insert(format!("{function} {method} /{path}"));
        }
    }
    let routes: BTreeSet<String> =
        routes().iter().map(|route| format!("{} {} {}", route.function, route.method, route.path)).collect();
    assert_eq!(described, routes);
}

/// The people of the tale, and where they stand.
struct Tale {
    owner: Person,
    admin: Person,
    guest: Person,
    /// Somebody who works for neither.
    visitor: Person,
    ledger: Ledger,
    module: Module,
    next_key: u32,
}

impl Tale {
    /// Accounts at the identity provider, and the one function that must run before the others.
    async fn begin(book: &mut Book<'_>) -> Self {
        let kit = book.kit;
        let person = async |name: &str| {
            // Every address has the same length, so that every item has.
            let email = format!("{}.{}@example.com", &name[..4].to_lowercase(), uuid::Uuid::new_v4().simple());
            people::sign_up_at_the_identity_provider(kit, name, &email).await
        };
        let (owner, admin) = tokio::join!(person("Olga Owner"), person("Adam Admin"));
        let (guest, visitor) = tokio::join!(person("Gwen Guest"), person("Vera Visit"));
        let (ledger, module) = tokio::join!(Ledger::sign_in(kit), Module::sign_in(kit));
        for (person, name) in [(&owner, "owner"), (&admin, "admin"), (&guest, "guest"), (&visitor, "visitor")] {
            book.call(&person.user, name);
            book.call(&person.email, "email");
        }
        book.call(REFERENCE, "reference");
        book.call(WITHDRAWN, "reference");
        book.call(WRITTEN, "reference");
        book.call(machine::CUSTOMER, "customer");
        book.call("Pattern Client", "name");
        book.call("Pattern Row", "name");
        book.start("the keys that verify contexts, published once for each key", "switch-context", Background).await;
        book.start("the keys that verify contexts, published before", "switch-context", Background).await;
        book.start("the keys that verify contexts, read at every function's start", "approve", Read).await;
        Self { owner, admin, guest, visitor, ledger, module, next_key: 0 }
    }

    /// A request with an idempotency key of its own.
    fn once(&mut self, event: HttpEvent) -> HttpEvent {
        self.next_key += 1;
        event.header("idempotency-key", &format!("key-{:03}", self.next_key))
    }

    async fn tell(mut self, book: &mut Book<'_>) {
        let places = self.register(book).await;
        let bookkeeper = self.invite_and_accept(book, &places).await;
        let inside = self.switch(book, &places, &bookkeeper).await;
        self.look_at_the_team(book, &places, &bookkeeper).await;
        self.ask_for_access(book, &places, &bookkeeper).await;
        self.client_list(book, &places).await;
        self.document_requests(book, &places).await;
        self.sign_off(book, &places).await;
        self.overview(book, &places).await;
        self.customers(book, &places).await;
        self.contact_seats(book, &places).await;
        self.invoices_and_estimates(book, &places).await;
        self.document_links(book, &places).await;
        self.invoice_reminders(book, &places).await;
        self.balances(book, &places).await;
        self.reports(book, &places).await;
        self.documents(book, &places).await;
        self.payments(book, &places).await;
        self.notifications(book, &places).await;
        self.customer_portal(book, &places).await;
        self.uploads(book, &places).await;
        self.document_exports(book, &places).await;
        self.bank_statements(book, &places).await;
        let newcomer = self.registrations(book, &places).await;
        self.referrals(book, &places, &newcomer).await;
        self.audit(book, &places).await;
        self.leave(book, &places, &bookkeeper, &inside).await;
        self.overview_without_client(book, &places).await;
        self.answer_what_waits(book, &places).await;
        self.sweep(book, &places).await;
    }

    /// Profiles, a company, a firm, and the first steps into them.
    async fn register(&mut self, book: &mut Book<'_>) -> Places {
        let (owner, admin, guest) = (self.owner.clone(), self.admin.clone(), self.guest.clone());
        let profile = |person: &Person| signed(HttpEvent::post("/v1/me").json(&json!({ "name": person.name })), person);
        book.ask("make one's profile", Mutation, profile(&owner)).await;
        book.prepare(profile(&admin)).await;
        book.prepare(profile(&guest)).await;
        book.prepare(profile(&self.visitor)).await;
        let get = signed(HttpEvent::get("/v1/me"), &owner);
        book.ask("one's profile", PROFILE, get).await;
        let change = HttpEvent::new("PATCH", "/v1/me").json(&json!({ "time_zone": "Europe/Lisbon" }));
        let change = signed(change, &owner);
        book.ask("change one's profile", Mutation, change).await;
        let lift = signed(HttpEvent::new("DELETE", "/v1/me/suppressions"), &owner);
        book.ask("have letters sent again", Mutation, lift).await;

        let body = json!({ "name": "Pattern Ltd", "currency": "EUR", "time_zone": "Europe/Lisbon" });
        let new = self.once(signed(HttpEvent::post("/v1/companies").json(&body), &owner));
        let answer = book.ask("register a company", Mutation, new).await;
        let company = text(&answer, "/company/id");
        let new = self.once(signed(HttpEvent::post("/v1/firms").json(&json!({ "name": "Pattern Firm" })), &admin));
        let answer = book.ask("register a firm", Mutation, new).await;
        let firm = text(&answer, "/firm/id");

        let enter = enter(&owner, &company);
        let at_company = book.ask("enter a company as its member", Mutation, enter).await;
        let enter = self::enter(&admin, &firm);
        let at_firm = book.ask("enter a firm", Mutation, enter).await;
        Places { company, firm, owner_here: cast::context(&at_company), admin_here: cast::context(&at_firm) }
    }

    /// Every kind of invitation, from asking to answering.
    async fn invite_and_accept(&mut self, book: &mut Book<'_>, places: &Places) -> Person {
        let (owner, admin, guest) = (self.owner.clone(), self.admin.clone(), self.guest.clone());
        let invite = |person: &Person, here: &Context, body: Value| {
            by(HttpEvent::post("/v1/invitations").json(&body), person, here)
        };

        let body = json!({ "kind": "firm", "email": admin.email });
        let event = self.once(invite(&owner, &places.owner_here, body));
        book.ask("invite a firm", Mutation, event).await;
        let created = letter_of(&book.events());
        book.invoke("the letter of an invitation", "notify", "`invitation.created`", Background, &created).await;
        let token = token(book, &admin.email).await;
        let open = HttpEvent::get(&format!("/i/{token}"));
        book.ask("the invitation behind a link", Read, open).await;
        let draw = HttpEvent::get(&format!("/i/{token}/qr.png"));
        book.ask("an invitation's QR code", Read, draw).await;
        let body = json!({ "token": token, "firm": places.firm });
        let accept = self.once(signed(HttpEvent::post("/v1/invitations/accept").json(&body), &admin));
        book.ask("accept for a firm", ACCEPT, accept).await;
        let again = signed(HttpEvent::post("/v1/invitations/accept").json(&body), &admin);
        book.ask("accept what one has accepted", Read, again).await;

        let email = format!("bookkeeper.{}@example.com", uuid::Uuid::new_v4().simple());
        book.call(&email, "email");
        let body = json!({ "kind": "staff", "email": email, "role": "bookkeeper" });
        let event = self.once(invite(&admin, &places.admin_here, body));
        book.ask("invite staff", Mutation, event).await;
        let created = letter_of(&book.events());
        book.prepare_by("notify", &created).await;
        let path = format!("/i/{}/account", self::token(book, &email).await);
        let account = HttpEvent::post(&path).json(&json!({ "name": "Bert Books", "password": PASSWORD }));
        book.ask("accept by making an account", ACCOUNT, account).await;
        let bookkeeper = people::sign_in(book.kit, "Bert Books", &email, PASSWORD).await;
        book.call(&bookkeeper.user, "bookkeeper");

        let body = json!({ "kind": "member", "email": guest.email, "role": "admin" });
        let event = self.once(invite(&owner, &places.owner_here, body));
        book.ask("invite a member", Mutation, event).await;
        let created = letter_of(&book.events());
        book.prepare_by("notify", &created).await;
        let body = json!({ "token": self::token(book, &guest.email).await });
        let accept = self.once(signed(HttpEvent::post("/v1/invitations/accept").json(&body), &guest));
        book.ask("accept as a member", ACCEPT, accept).await;

        let seen = book.kit.mailbox.inbox(&guest.email).await.len();
        let body = json!({ "kind": "staff", "email": guest.email, "role": "bookkeeper" });
        let event = self.once(invite(&admin, &places.admin_here, body));
        book.prepare(event).await;
        let created = letter_of(&book.events());
        book.prepare_by("notify", &created).await;
        let mails = book.kit.mailbox.inbox(&guest.email).await;
        let token = cast::token_in(&mails[seen].link("/i/"));
        let reject = HttpEvent::post("/v1/invitations/reject").json(&json!({ "token": token }));
        let reject = self.once(signed(reject, &guest));
        book.ask("decline an invitation", Mutation, reject).await;

        let email = format!("nobody.{}@example.com", uuid::Uuid::new_v4().simple());
        book.call(&email, "email");
        let body = json!({ "kind": "member", "email": email, "role": "client" });
        let event = self.once(invite(&owner, &places.owner_here, body));
        let answer = book.prepare(event).await;
        let created = letter_of(&book.events());
        let id = text(&answer, "/invitation/id");
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let list = here(HttpEvent::get("/v1/invitations"));
        book.ask("invitations of a company or firm", INVITATIONS, list).await;
        let list = here(HttpEvent::get("/v1/invitations").query("status", "pending"));
        book.ask("invitations in one state", INVITATIONS, list).await;
        self.letters(book, &created, (&places.company, &id), &email).await;
        let email = format!("somebody.{}@example.com", uuid::Uuid::new_v4().simple());
        book.call(&email, "email");
        let resend = HttpEvent::post(&format!("/v1/invitations/{id}/resend")).json(&json!({ "email": email }));
        let resend = self.once(here(resend));
        book.ask("send an invitation again", RESEND, resend).await;
        let revoke = self.once(here(HttpEvent::post(&format!("/v1/invitations/{id}/revoke")).json(&json!({}))));
        book.ask("revoke an invitation", Mutation, revoke).await;
        bookkeeper
    }

    /// What becomes of an invitation's letter, from the reminder to the bounce.
    async fn letters(&mut self, book: &mut Book<'_>, created: &Value, (company, id): (&str, &str), email: &str) {
        book.prepare_by("notify", created).await;
        let schedule = json!({ "schedule": "reminders", "before_hours": 96 });
        let name = "invitations about to expire, one of them";
        let key = format!("INVITATION#{id}");
        book.age(&key, "INVITATION", "created_at").await;
        for (sk, attribute) in [("INVITATION", "expires_at"), ("DELIVERY", "expires_at"), ("DELIVERY", "gsi2sk")] {
            let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
            let soon = aws_sdk_dynamodb::types::AttributeValue::S(format!("{soon:.3}"));
            book.table.set(&key, sk, attribute, soon).await;
        }
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let reminded = letter_of(&book.events());
        book.invoke("invitations about to expire, none", "notify", "its schedule", Background, &schedule).await;
        book.invoke("the reminder of an invitation", "notify", "`invitation.reminded`", Background, &reminded).await;
        let by = "SES's reports";
        let event = text(&serde_json::from_str(&text(&reminded, "/Records/0/body")).expect("JSON"), "/detail/id");
        let record =
            book.table.mail(company, &event, &format!("{id}_1")).await.expect("the reminder is in the mail log");
        for (name, kind) in [("a letter delivered", "delivery"), ("a letter bounced", "bounce")] {
            let report = tests::feedback::about_mail(crate::delivery::report(kind, id, 1, email), &record);
            book.invoke(name, "feedback", by, Background, &batch(&[("m-1", report.to_string())])).await;
        }
        let again = tests::feedback::about_mail(crate::delivery::report("bounce", id, 1, email), &record);
        let again = batch(&[("m-1", again.to_string())]);
        book.invoke("the same bounce again", "feedback", by, Background, &again).await;
    }

    /// Every way into a company, once the bookkeeper has it assigned.
    async fn switch(&mut self, book: &mut Book<'_>, places: &Places, bookkeeper: &Person) -> Context {
        let (owner, admin) = (self.owner.clone(), self.admin.clone());
        let Places { company, firm, owner_here, admin_here } = places;
        let path = format!("/v1/assignments/{company}/{}", bookkeeper.user);
        let assign = by(HttpEvent::put(&path).json(&json!({})), &admin, admin_here);
        book.ask("assign a client to a bookkeeper", Mutation, assign).await;

        for (name, person, kind) in [
            ("contexts of a company's member", &owner, CONTEXTS),
            ("contexts of a firm's admin", &admin, CONTEXTS_OF_ADMIN),
            ("contexts of a bookkeeper", bookkeeper, CONTEXTS),
        ] {
            let list = signed(HttpEvent::get("/v1/contexts"), person);
            book.ask(name, kind, list).await;
        }
        let list = signed(HttpEvent::get("/v1/contexts").query("kind", "client").query("q", "patt"), &admin);
        book.ask("contexts by the beginning of a name", CONTEXTS_OF_ADMIN, list).await;
        let list = signed(HttpEvent::get("/v1/roles"), &owner);
        book.ask("the roles", Read, list).await;
        let enter = self::enter(&admin, company);
        book.ask("enter a client as the firm's admin", ENTER, enter).await;
        let enter = self::enter(bookkeeper, company);
        let inside = book.ask("enter a client as a bookkeeper", ENTER, enter).await;
        let inside = cast::context(&inside);
        let path = format!("/v1/contexts/{company}");
        let through = signed(HttpEvent::post(&path).json(&json!({ "firm": firm })), bookkeeper);
        book.ask("enter a client through a named firm", Mutation, through).await;

        let here = |event: HttpEvent| by(event, bookkeeper, &inside);
        let refresh = here(HttpEvent::post("/v1/contexts/refresh").json(&json!({})));
        book.ask("stay in a context", Read, refresh).await;
        let check = here(HttpEvent::get("/v1/access/dashboard.view"));
        book.ask("check an access", Read, check).await;
        let ask = |body: Value| {
            let module = signed_in(HttpEvent::post("/v1/authorize").json(&body), &self.module.access_token);
            module.scopes(&["countersign/authorize"])
        };
        let of_context = ask(json!({ "token": inside.token, "permissions": ["dashboard.view", "vat.view"] }));
        book.ask("what a context's holder may do", Read, of_context).await;
        let token = &owner.access_token;
        let of_person = ask(json!({ "token": token, "org": company, "permissions": ["vat.view"] }));
        book.ask("what a person may do in their company", Read, of_person).await;
        let keys = HttpEvent::get("/.well-known/jwks.json");
        book.ask("the keys that verify contexts", Read, keys).await;
        let leave = self.once(by(HttpEvent::post("/v1/contexts/leave").json(&json!({})), &owner, owner_here));
        book.ask("leave a context", Mutation, leave).await;
        inside
    }

    /// Who works where, seen from both sides, and changed.
    async fn look_at_the_team(&mut self, book: &mut Book<'_>, places: &Places, bookkeeper: &Person) {
        let (owner, admin, guest) = (self.owner.clone(), self.admin.clone(), self.guest.clone());
        let company = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let patch = |path: &str, body: Value| HttpEvent::new("PATCH", path).json(&body);

        let list = company(HttpEvent::get("/v1/members"));
        book.ask("members of a company", PEOPLE, list).await;
        let body = json!({ "name": "Pattern Ltd", "time_zone": "Europe/Madrid" });
        book.ask("change a company's details", RENAME, company(patch("/v1/company", body))).await;
        book.ask("change a firm's details", Mutation, firm(patch("/v1/firm", json!({ "email": null })))).await;
        let change = company(patch(&format!("/v1/members/{}", guest.user), json!({ "role": "read-only" })));
        book.ask("change a member", Mutation, change).await;
        let list = company(HttpEvent::get("/v1/connections"));
        book.ask("a company's firms", FIRMS, list).await;
        let list = firm(HttpEvent::get("/v1/connections"));
        book.ask("a firm's clients by name", Read, list).await;
        let list = firm(HttpEvent::get("/v1/staff"));
        book.ask("staff of a firm", PEOPLE, list).await;
        let list = firm(HttpEvent::get("/v1/assignments").query("user", &bookkeeper.user));
        book.ask("assignments of a bookkeeper", STANDING, list).await;
        let list = firm(HttpEvent::get("/v1/assignments").query("company", &places.company));
        book.ask("assignments of a client", STANDING, list).await;
        let list = company(HttpEvent::get("/v1/assignments").query("company", &places.company));
        book.ask("a company's assignments, of every firm", STANDING, list).await;
        let path = format!("/v1/staff/{}", bookkeeper.user);
        let change = firm(patch(&path, json!({ "role": "admin" })));
        book.ask("change staff", Mutation, change).await;
        let back = firm(patch(&path, json!({ "role": "bookkeeper" })));
        book.prepare(back).await;
        let connection = format!("/v1/connections/{}", places.firm);
        let change = company(patch(&connection, json!({ "expires_at": null })));
        book.ask("change what a firm may do", Mutation, change).await;
        for (name, kind, look) in [
            ("what ends with a member", Read, company(HttpEvent::get(&format!("/v1/members/{}/removal", guest.user)))),
            (
                "what ends with one of the staff",
                STANDING,
                firm(HttpEvent::get(&format!("/v1/staff/{}/removal", bookkeeper.user))),
            ),
            ("what ends with a connection", STANDING, company(HttpEvent::get(&format!("{connection}/removal")))),
            ("what a company agreed to for a firm", Read, company(HttpEvent::get(&format!("{connection}/consents")))),
            (
                "what ends with an assignment",
                Read,
                firm(HttpEvent::get(&format!("/v1/assignments/{}/{}/removal", places.company, bookkeeper.user))),
            ),
        ] {
            book.ask(name, kind, look).await;
        }
    }

    /// Access for a time, asked for and answered.
    async fn ask_for_access(&mut self, book: &mut Book<'_>, places: &Places, bookkeeper: &Person) {
        let (owner, admin, guest) = (self.owner.clone(), self.admin.clone(), self.guest.clone());
        let here = cast::context(&book.prepare(self::enter(&guest, &places.company)).await);
        let at_firm = cast::context(&book.prepare(self::enter(bookkeeper, &places.firm)).await);
        let asked = |answer: &Value| text(answer, "/access_request/id");
        let mut ids = Vec::new();
        for permission in ["invoices.edit", "payroll.view", "vat.manage"] {
            let wanted = json!({ "permissions": [permission], "for_hours": 8 });
            let ask = self.once(by(HttpEvent::post("/v1/access-requests").json(&wanted), &guest, &here));
            ids.push(asked(&match ids.len() {
                0 => book.ask("ask for access as a member", Mutation, ask).await,
                _ => book.prepare(ask).await,
            }));
            if ids.len() == 1 {
                let requested = letter_of(&book.events());
                let name = "letters about a member's request for access";
                book.invoke(name, "notify", "`access.requested`", Background, &requested).await;
            }
        }
        let path = format!("/v1/assignments/{}/{}", places.company, bookkeeper.user);
        let less = HttpEvent::put(&path).json(&json!({ "permissions": ["dashboard.view"] }));
        book.prepare(by(less, &admin, &places.admin_here)).await;
        let wanted = json!({ "permissions": ["payroll.view"], "for_hours": 8, "company": places.company });
        let ask = self.once(by(HttpEvent::post("/v1/access-requests").json(&wanted), bookkeeper, &at_firm));
        let client = asked(&book.ask("ask for access to a client", Mutation, ask).await);
        let requested = letter_of(&book.events());
        let name = "letters about a bookkeeper's request for access";
        book.invoke(name, "notify", "`access.requested`", Background, &requested).await;

        let list = by(HttpEvent::get("/v1/access-requests"), &owner, &places.owner_here);
        book.ask("requests for access", Read, list).await;
        let list = by(HttpEvent::get("/v1/access-requests").query("status", "asked"), &owner, &places.owner_here);
        book.ask("requests for access in one state", Read, list).await;
        let list = by(HttpEvent::get("/v1/access-requests/mine"), &guest, &here);
        book.ask("one's own requests for access", Read, list).await;

        let post = |id: &str, verb: &str| HttpEvent::post(&format!("/v1/access-requests/{id}/{verb}")).json(&json!({}));
        let grant = self.once(by(post(&ids[0], "grant"), &owner, &places.owner_here));
        book.ask("grant a member's request", GRANT, grant).await;
        let grant = self.once(by(post(&client, "grant"), &admin, &places.admin_here));
        book.ask("grant a bookkeeper's request", GRANT, grant).await;
        let refuse = self.once(by(post(&ids[1], "refuse"), &owner, &places.owner_here));
        book.ask("refuse a request for access", Mutation, refuse).await;
        let refused = letter_of(&book.events());
        book.invoke("the letter about its refusal", "notify", "`access.refused`", Background, &refused).await;
        let withdraw = self.once(by(post(&ids[2], "withdraw"), &guest, &here));
        book.ask("withdraw a request for access", Mutation, withdraw).await;
    }

    /// A payment that needs a sign-off, from the policy to the last letter.
    async fn sign_off(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let policy = json!({ "enabled": true, "threshold_minor": 1, "currency": "EUR" });
        let put = here(HttpEvent::put("/v1/approval-policy").json(&policy));
        book.ask("set the approval policy", Mutation, put).await;
        let get = here(HttpEvent::get("/v1/approval-policy"));
        book.ask("the approval policy", Read, get).await;

        let path = places.ledger_path("transactions", REFERENCE);
        let body = machine::transaction(5_000, Some(&self.guest.user));
        let put = by_ledger(HttpEvent::put(&path).json(&body), &ledger);
        book.ask("record a transaction", Mutation, put.clone()).await;
        let requested = letter_of(&book.events());
        book.ask("record a transaction again", Read, put).await;
        let get = by_ledger(HttpEvent::get(&path), &ledger);
        book.ask("a transaction's approval", Read, get).await;
        book.invoke("letters about a waiting approval", "notify", "`approval.requested`", Background, &requested).await;
        book.invoke("the same event again", "notify", "`approval.requested`, redelivered", Background, &requested)
            .await;

        let list = here(HttpEvent::get("/v1/approvals"));
        book.ask("approvals by reference", Read, list).await;
        let list = here(HttpEvent::get("/v1/approvals").query("status", "pending"));
        book.ask("approvals in one state", Read, list).await;
        let get = here(HttpEvent::get(&format!("/v1/approvals/{REFERENCE}")));
        book.ask("an approval", Read, get).await;
        let path = format!("/v1/approvals/{REFERENCE}/decision");
        let decide = self.once(here(HttpEvent::post(&path).json(&json!({ "decision": "approved" }))));
        book.ask("decide an approval", Mutation, decide.clone()).await;
        let (decided, brought) = (letter_of(&book.events()), stream(&book.images()));
        book.ask("the same decision again, under its key", Read, decide).await;
        book.invoke("the letter about a decision", "notify", "`approval.decided`", Background, &decided).await;
        book.invoke("an event on its way to the bus", "relay", "the table's stream", Background, &brought).await;

        let path = places.ledger_path("transactions", WITHDRAWN);
        book.prepare(by_ledger(HttpEvent::put(&path).json(&machine::transaction(5_000, None)), &ledger)).await;
        let withdraw = HttpEvent::post(&format!("{path}/withdraw")).json(&json!({}));
        book.ask("withdraw a transaction", Mutation, by_ledger(withdraw, &ledger)).await;
    }

    /// A firm's client list, and invitations by the row.
    async fn client_list(&mut self, book: &mut Book<'_>, places: &Places) {
        let admin = self.admin.clone();
        let here = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let address = |book: &mut Book<'_>| {
            let email = format!("client.{}@example.com", uuid::Uuid::new_v4().simple());
            book.call(&email, "email");
            email
        };
        let email = address(book);
        let body = json!({ "name": "Pattern Client", "email": email, "language": "pt" });
        let new = self.once(here(HttpEvent::post("/v1/clients").json(&body)));
        let answer = book.ask("add a client", Mutation, new).await;
        let id = text(&answer, "/client/id");
        let rows = json!({ "clients": [{ "name": "Pattern Row", "email": address(book) }] });
        let import = here(HttpEvent::post("/v1/clients/import").json(&rows));
        let answer = book.ask("add clients by the row, one of them", ROWS, import).await;
        let other = text(&answer, "/rows/0/client");
        let get = here(HttpEvent::get(&format!("/v1/clients/{id}")));
        book.ask("a client", Read, get).await;
        let list = |name: &str, value: &str| here(HttpEvent::get("/v1/clients").query(name, value));
        book.ask("clients by name", Read, here(HttpEvent::get("/v1/clients"))).await;
        let tab = list("status", "inactive");
        book.ask("clients in one tab", Read, tab).await;
        let found = list("q", "pattern");
        book.ask("clients whose name begins so", Read, found).await;
        let newest = list("sort", "-added");
        book.ask("clients, the newest first", Read, newest).await;
        let change = HttpEvent::new("PATCH", &format!("/v1/clients/{other}")).json(&json!({ "email": address(book) }));
        book.ask("change a client's address", Mutation, here(change)).await;
        let body = json!({ "clients": [id] });
        let invite = here(HttpEvent::post("/v1/clients/invitations").json(&body));
        book.ask("invite clients from the list, one of them", ROWS, invite).await;
        let rows = json!({ "invitations": [{ "kind": "staff", "email": address(book), "role": "bookkeeper" }] });
        let invite = here(HttpEvent::post("/v1/invitations/bulk").json(&rows));
        book.ask("invite by the row, one of them", ROWS_FOR_PEOPLE, invite).await;
        let remove = here(HttpEvent::delete(&format!("/v1/clients/{other}")));
        book.ask("take a client off the list", Mutation, remove).await;
    }

    /// Balances, and the look for those below their threshold.
    async fn balances(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let told = |event: HttpEvent| by_ledger(event, &ledger);
        let path = places.ledger_path("bank-accounts", REFERENCE);
        // Balances lie by month, and this page names the months.
        let put = |minor, at: &str| {
            let mut balance = machine::bank_account(minor);
            balance["as_of"] = json!(at);
            told(HttpEvent::put(&path).json(&balance))
        };
        book.ask("record a bank account", Mutation, put(90_000, "2026-01-13T12:00:00Z")).await;
        let get = told(HttpEvent::get(&path));
        book.ask("a bank account, for the ledger", Read, get).await;
        let threshold = json!({ "threshold_minor": 50_000 });
        let set = here(HttpEvent::put(&format!("/v1/bank-accounts/{REFERENCE}/threshold")).json(&threshold));
        book.ask("set a threshold", Mutation, set).await;
        let own = format!("/v1/bank-accounts/{REFERENCE}/own-thresholds");
        let thresholds = json!({ "thresholds": [{ "threshold_minor": 1 }] });
        book.ask("set thresholds of one's own", Mutation, here(HttpEvent::put(&own).json(&thresholds))).await;
        book.ask("thresholds of one's own", Read, here(HttpEvent::get(&own))).await;
        book.ask("record a balance below it", Mutation, put(40_000, "2026-01-13T13:00:00Z")).await;
        let list = here(HttpEvent::get("/v1/bank-accounts"));
        book.ask("bank accounts of a company", Read, list).await;
        let get = here(HttpEvent::get(&format!("/v1/bank-accounts/{REFERENCE}")));
        book.ask("a bank account", Read, get).await;
        let look = here(HttpEvent::get("/v1/dashboard"));
        book.ask("the dashboard", Read, look).await;

        let schedule = json!({ "schedule": "thresholds" });
        let name = "balances below their threshold, one crossing";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let below = letter_of(&book.events());
        let name = "balances below their threshold, none left";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        book.invoke("letters about a balance", "notify", "`balance.below_threshold`", Background, &below).await;
    }

    /// A payment that the webhook settles, one that is given up, and one that the schedule settles.
    async fn payments(&mut self, book: &mut Book<'_>, places: &Places) {
        let owner = self.owner.clone();
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let pay = json!({ "invoice": REFERENCE, "amount_minor": 10_000, "currency": "EUR" });
        let start = self.once(here(HttpEvent::post("/v1/payments").json(&pay)));
        let answer = book.ask("start a payment", PAY, start).await;
        let id = text(&answer, "/payment/id");
        let get = here(HttpEvent::get(&format!("/v1/payments/{id}")));
        book.ask("a payment", Read, get).await;
        book.ask("payments of a company", Read, here(HttpEvent::get("/v1/payments"))).await;
        let list = here(HttpEvent::get("/v1/payments").query("invoice", REFERENCE));
        book.ask("payments of an invoice", Read, list).await;
        let secret = text(&answer, "/provider/client_secret");
        let intent = checkout::pay_by_card(book.kit, &secret).await;
        let event = json!({
            "id": "evt_00000000000000000000000001", "object": "event", "type": "payment_intent.succeeded",
            "livemode": false, "created": jiff::Timestamp::now().as_second(), "api_version": "2025-09-30.clover",
            "data": { "object": intent }, "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
        });
        let bytes = event.to_string().into_bytes();
        let signature = checkout::signature(&book.kit.stack.webhook_secret, jiff::Timestamp::now().as_second(), &bytes);
        let webhook = HttpEvent::post("/v1/webhooks/stripe")
            .header("stripe-signature", &signature)
            .body("application/json; charset=utf-8", bytes);
        book.ask("settle a payment", ACCOUNT_OF, webhook.clone()).await;
        let succeeded = letter_of(&book.events());
        book.ask("the same webhook again", Read, webhook).await;
        book.invoke("letters about a payment", "notify", "`payment.succeeded`", Background, &succeeded).await;

        let start = self.once(here(HttpEvent::post("/v1/payments").json(&pay)));
        let answer = book.prepare(start).await;
        let cancel = HttpEvent::post(&format!("/v1/payments/{}/cancel", text(&answer, "/payment/id"))).json(&json!({}));
        let cancel = self.once(here(cancel));
        book.ask("give up a payment", CANCEL, cancel).await;

        let start = self.once(here(HttpEvent::post("/v1/payments").json(&pay)));
        let answer = book.prepare(start).await;
        checkout::pay_by_card(book.kit, &text(&answer, "/provider/client_secret")).await;
        let sk = format!("PAYMENT#{}", text(&answer, "/payment/id"));
        book.age(&format!("COMPANY#{}", places.company), &sk, "started_at").await;
        let name = "payments whose outcome is not known, one of them";
        book.invoke(name, "reconcile", "its schedule", Background, &json!({ "schedule": "payments" })).await;
    }

    /// The audit log, whole and in parts.
    async fn audit(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, admin) = (self.owner.clone(), self.admin.clone());
        let company = |event: HttpEvent| by(event, &owner, &places.owner_here).query("limit", "5");
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here).query("limit", "5");
        let list = company(HttpEvent::get("/v1/audit"));
        book.ask("events of a company", Read, list).await;
        let list = firm(HttpEvent::get("/v1/audit"));
        book.ask("events of a firm", Read, list).await;
        let list = firm(HttpEvent::get("/v1/audit").query("of", "clients"));
        book.ask("events at a firm's clients", Read, list).await;
        let list = company(HttpEvent::get("/v1/audit").query("from", "2026-01-01T00:00:00Z"));
        book.ask("events since a time", Read, list).await;
        let list = company(HttpEvent::get("/v1/audit").query("firm", &places.firm));
        book.ask("events of a company that a firm has to do with", FILTERED, list).await;

        // Reports and files take no limit.
        let company = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let export = company(HttpEvent::get("/v1/audit/export").query("format", "csv"));
        let export = export.query("type", "company.registered");
        book.ask("a short export", EXPORT, export).await;
        let ask = company(HttpEvent::post("/v1/audit/exports").json(&json!({ "format": "csv" })));
        let ask = self.once(ask);
        let asked = book.ask("ask for a file", Mutation, ask).await;
        let requested = batch(&[("m-1", message(&book.events()[0]))]);
        book.invoke("write a file", "export", "`export.requested`", Background, &requested).await;
        let look = company(HttpEvent::get(&format!("/v1/audit/exports/{}", text(&asked, "/export/id"))));
        book.ask("how far a file is", Read, look).await;
        let report = company(HttpEvent::get("/v1/access-report"));
        book.ask("who could reach a company", REPORT, report).await;
        let report = firm(HttpEvent::get("/v1/access-report").query("user", &admin.user));
        book.ask("which clients somebody could reach", OF_FIRM, report).await;
        self.seal(book, places).await;
        let verify = company(HttpEvent::get("/v1/audit/verify"));
        book.ask("an audit log against its seals", VERIFY, verify).await;
    }

    /// The chain of a company's audit log, from its first event on.
    async fn seal(&mut self, book: &mut Book<'_>, places: &Places) {
        let of = json!({ "kind": "company", "id": places.company });
        let event = json!({ "id": "ev_00000000000070008000000000000000", "type": "comment.added", "org": of });
        let noted = batch(&[("m-1", message(&event))]);
        book.invoke("a tenant that has something to seal", "seal", "any event", Background, &noted).await;
        let schedule = json!({ "schedule": "sealing", "settled_after_s": 0 });
        book.invoke("events to seal, of one tenant", "seal", "its schedule", Background, &schedule).await;
        book.invoke("events to seal, none", "seal", "its schedule", Background, &schedule).await;
    }

    /// Everything that ends a right.
    async fn leave(&mut self, book: &mut Book<'_>, places: &Places, bookkeeper: &Person, inside: &Context) {
        let (owner, admin, guest) = (self.owner.clone(), self.admin.clone(), self.guest.clone());
        let company = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        // One more read from the seat with the most to prove, while it is still held.
        let look = by(HttpEvent::get("/v1/dashboard"), bookkeeper, inside);
        book.ask("the dashboard, for a bookkeeper", UNREAD, look).await;

        let path = format!("/v1/assignments/{}/{}", places.company, bookkeeper.user);
        let end = company(HttpEvent::delete(&path).query("firm", &places.firm));
        book.ask("end a bookkeeper's assignment, as the client", Mutation, end).await;
        book.prepare(firm(HttpEvent::put(&path).json(&json!({})))).await;
        let unassign = firm(HttpEvent::delete(&path));
        book.ask("take a client from a bookkeeper", Mutation, unassign).await;
        let remove = company(HttpEvent::delete(&format!("/v1/members/{}", guest.user)));
        book.ask("remove a member", Mutation, remove).await;
        let removed = letter_of(&book.events());
        book.invoke("the letter to who was removed", "notify", "`member.removed`", Background, &removed).await;
        let remove = firm(HttpEvent::delete(&format!("/v1/staff/{}", bookkeeper.user)));
        book.ask("remove staff", Mutation, remove).await;
        let end = company(HttpEvent::delete(&format!("/v1/connections/{}", places.firm)));
        book.ask("end a connection", DISCONNECT, end).await;
    }

    /// What waits without a link: a firm's invitation that is declined, a client's that is accepted.
    async fn answer_what_waits(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, admin) = (self.owner.clone(), self.admin.clone());
        let invite = |body: Value| HttpEvent::post("/v1/invitations").json(&body);
        let body = json!({ "kind": "firm", "email": admin.email });
        let event = self.once(by(invite(body), &owner, &places.owner_here));
        let id = text(&book.prepare(event).await, "/invitation/id");
        let list = signed(HttpEvent::get("/v1/me/invitations"), &admin);
        book.ask("what waits for one", WAITING, list).await;
        let reject = HttpEvent::post(&format!("/v1/me/invitations/{id}/reject")).json(&json!({}));
        let reject = self.once(signed(reject, &admin));
        book.ask("decline what waits", Mutation, reject).await;

        let body = json!({ "kind": "client", "email": owner.email });
        let event = self.once(by(invite(body), &admin, &places.admin_here));
        let answer = book.ask("ask a client for a connection", Mutation, event).await;
        let id = text(&answer, "/invitation/id");
        let waiting = book.prepare(signed(HttpEvent::get("/v1/me/invitations"), &owner)).await;
        let consent = &waiting["invitations"][0]["consent"];
        let body = json!({
            "new_company": { "name": "Pattern Shop", "currency": "EUR" },
            "consent": { "version": consent["version"], "digest": consent["digest"] },
        });
        let accept = HttpEvent::post(&format!("/v1/me/invitations/{id}/accept")).json(&body);
        let accept = self.once(signed(accept, &owner));
        book.ask("let a firm into a new company", ACCEPT, accept).await;
    }

    /// The look for events that never left.
    async fn sweep(&self, book: &mut Book<'_>, places: &Places) {
        let mut entries = Vec::new();
        for shard in 0..4 {
            entries.extend(book.table.partition(&format!("OUTBOX#{shard}")).await);
        }
        // The stream was not there to take them off. One is kept, which was lost long ago.
        let ours = |entry: &Item| entry["org"].as_m().is_ok_and(|org| org["id"].as_s() == Ok(&places.company));
        let kept = entries.iter().position(ours).expect("events were recorded");
        let kept = entries.swap_remove(kept);
        for entry in &entries {
            let delete = book.table.client.delete_item().table_name(&book.table.name);
            let delete = delete.key("pk", entry["pk"].clone()).key("sk", entry["sk"].clone());
            delete.send().await.expect("the table answers");
        }
        let key = |name: &str| tests::table::text(&kept, name).unwrap_or_default().to_owned();
        book.age(&key("pk"), &key("sk"), "at").await;
        let schedule = json!({ "schedule": "sweep" });
        book.invoke("overdue events, one of them", "relay", "its schedule", Background, &schedule).await;
        book.invoke("overdue events, none", "relay", "its schedule", Background, &schedule).await;
    }
}

const ENTER: book::Kind =
    Because(3, "through which firms somebody may enter is only known once their places were read");
const CONTEXTS: book::Kind =
    Because(2, "which places there may be is known to an index, and which of them hold only to the table");
const CONTEXTS_OF_ADMIN: book::Kind = Because(
    3,
    "whose clients to list is only known once the person's places were read, and which of them hold only to the table",
);
const ACCEPT: book::Kind = Because(3, "which place an invitation gives is only known once it was read");
const STANDING: book::Kind = Because(2, "under which stays an assignment was made is only known once it was read");
const GRANT: book::Kind = Because(3, "what a request would widen is only known once it was read");
const INVITATIONS: book::Kind = Because(2, "what became of the letters is only known once the page was read");
const PROFILE: book::Kind = Because(2, "which letters an address does not get is only known once the address was read");
const UNREAD: book::Kind = Because(2, "which documents have unread comments is only known once these were read");
const PEOPLE: book::Kind = Because(2, "whom letters do not reach is only known once their addresses were read");
const FIRMS: book::Kind = Because(2, "what a firm is called now is the firm's own item, known once the page was read");
const RENAME: book::Kind = Because(3, "the copies of a name are looked through once the company has it");
const RESEND: book::Kind =
    Because(3, "whether the person at the address joined in the meantime is looked up once the address is known");
const WAITING: book::Kind =
    Because(3, "which addresses to look at is only known once the firms that one administers are");
const DISCONNECT: book::Kind =
    Because(4, "which entry of the firm's client list a company is connected as is a link that is read first");
const ROWS: book::Kind = Because(3, "each part of the rows is read and written by itself, after the caller was let in");
const ROWS_FOR_PEOPLE: book::Kind =
    Because(4, "each part of the rows is read and written by itself, after it was seen who has a place here already");
const ACCOUNT: book::Kind = Because(
    5,
    "it is counted before anything is looked up; an account is made only for an invitation that holds, and whose \
     place to look for is known only after",
);
const CANCEL: book::Kind =
    Because(3, "the provider is asked in between, and its answer is settled against what the table holds then");
const FILTERED: book::Kind =
    Because(3, "a filter reads larger pages, until the page is full or the searched part ends");
const EXPORT: book::Kind = Because(2, "a file of a part of the log reads the log page by page");
const REPORT: book::Kind =
    Because(2, "which firms' staff to read is only known once the company's own events were read");
const OF_FIRM: book::Kind = Because(2, "what happened at clients is a list of its own");
const VERIFY: book::Kind =
    Because(5, "the events of a seal are read once the seal says which, a part at a time; then what lies behind");
const ACCOUNT_OF: book::Kind = Because(3, "which customer's account changes is only known once the document was read");
const PAY: book::Kind = Because(3, "the provider's intent is put on record once the provider has made it");

/// Where the tale takes place.
struct Places {
    company: String,
    firm: String,
    owner_here: Context,
    admin_here: Context,
}

impl Places {
    fn ledger_path(&self, kind: &str, reference: &str) -> String {
        format!("/v1/ledger/companies/{}/{kind}/{reference}", self.company)
    }
}

fn enter(person: &Person, org: &str) -> HttpEvent {
    signed(HttpEvent::post(&format!("/v1/contexts/{org}")).json(&json!({})), person)
}

/// The queue's batch about one event: of those recorded together, the last one that has a letter.
fn letter_of(events: &[Value]) -> Value {
    let told = [
        "invitation.created",
        "invitation.reminded",
        "approval.requested",
        "approval.decided",
        "payment.succeeded",
        "balance.below_threshold",
        "forecast.below_threshold",
        "member.removed",
        "access.requested",
        "access.refused",
        "accounts.published",
        "vat_return.filed",
        "invoice.reminded",
        "document_link.made",
        "document_request.made",
        "document_request.reminded",
        "document_request.sent_back",
        "referral.registered",
    ];
    let event = events
        .iter()
        .find(|event| told.contains(&event["type"].as_str().unwrap_or_default()))
        .unwrap_or_else(|| panic!("none of these makes a letter: {events:?}"));
    batch(&[("m-1", message(event))])
}

/// The secret in the newest invitation to an address.
async fn token(book: &Book<'_>, email: &str) -> String {
    let mails = book.kit.mailbox.inbox(email).await;
    let mail = mails.iter().rev().find(|mail| mail.text.contains("/i/"));
    cast::token_in(&mail.unwrap_or_else(|| panic!("no invitation reached {email}")).link("/i/"))
}
