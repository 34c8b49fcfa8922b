//! Contacts of customers: they are let in one by one, see one customer of one company, and are out with the next request.

use serde_json::{Value, json};
use tests::cast::{self, Contact, Owner, list, text};
use tests::machine::{self, Ledger, Module};
use tests::people::{self, PASSWORD, Person};
use tests::{Kit, kit, run};

use crate::support::{at_once, refused_input, with};

const HOME: &str = "/v1/customer-portal";

/// A company with two customers.
async fn seller(kit: &Kit, company: &str) -> Owner {
    let owner = cast::owner(kit, "Olga Owner", company).await;
    cast::customer(kit, &owner, "CUS-1", "Hotel Mar").await;
    cast::customer(kit, &owner, "CUS-2", "Casa Norte").await;
    owner
}

async fn home(kit: &Kit, contact: &Contact) -> Value {
    kit.api.get(HOME).by(&contact.person).within(&contact.here).ok(200).await
}

async fn is_out(kit: &Kit, contact: &Contact) {
    kit.api.get(HOME).by(&contact.person).within(&contact.here).refused(403, "not-granted").await;
}

async fn switch_off(kit: &Kit, owner: &Owner, contact: &Contact) {
    let path = cast::portal_access(&contact.customer, &contact.id);
    let answer = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn portal_state(kit: &Kit, owner: &Owner, customer: &str, contact: &str) -> String {
    let path = format!("/v1/customers/{customer}/contacts/{contact}");
    let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
    text(&answer, "/contact/portal/state")
}

/// The company's newest events.
async fn events(kit: &Kit, owner: &Owner) -> Vec<Value> {
    let answer = kit.api.get("/v1/audit?limit=100").by(&owner.person).within(&owner.here).ok(200).await;
    list(&answer, "events").clone()
}

/// Adds a contact at somebody's address and lets them in as far as the letter.
async fn invited(kit: &Kit, owner: &Owner, person: &Person, body: Value) -> (String, cast::Invited) {
    let id = cast::add_contact(kit, owner, "CUS-1", &person.name, &person.email).await;
    let by = (&owner.person, &owner.here);
    let invited = cast::let_in(kit, by, ("CUS-1", &id), &person.email, body).await;
    (id, invited)
}

async fn enter_is_refused(kit: &Kit, person: &Person, company: &str, customer: &str) {
    let path = format!("/v1/contexts/{company}/customers/{customer}");
    kit.api.post(&path).by(person).json(json!({})).refused(404, "not-found").await;
}

/// Proves: N2, N3
#[test]
fn a_contact_accepts_by_the_link_and_finds_the_portal_in_the_switcher() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Selling Ltd").await;
        let person = people::sign_up(kit, "Clara Contact").await;
        let (id, invited) = invited(kit, &owner, &person, json!({ "message": "Welcome" })).await;
        for said in ["Selling Ltd", "Hotel Mar", "Invoices: see", "Welcome"] {
            assert!(invited.mail.text.contains(said), "{said}: {}", invited.mail);
        }
        let path = format!("/i/{}", invited.token);
        let shown = kit.api.get(&path).header("accept", "application/json").ok(200).await;
        assert_eq!(text(&shown, "/kind"), "contact");
        assert_eq!(
            (text(&shown, "/org/name"), text(&shown, "/contact/customer_name")),
            ("Selling Ltd".into(), "Hotel Mar".into())
        );
        assert!(list(&shown, "permissions").contains(&json!("payments.pay")), "{shown}");
        assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "invited");

        cast::accept(kit, &person, &invited.token, None).await;
        assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "active");
        let here = cast::enter_portal(kit, &person, &owner.company.id, "CUS-1").await;
        assert_eq!(here.via, "contact");
        let home = home(kit, &cast::contact_at("CUS-1", &id, &person, here)).await;
        assert_eq!(text(&home, "/company/name"), "Selling Ltd");
        assert_eq!(
            (text(&home, "/customer/reference"), text(&home, "/customer/name")),
            ("CUS-1".into(), "Hotel Mar".into())
        );
        let listed = kit.api.get("/v1/contexts?kind=customer").by(&person).ok(200).await;
        let places = list(&listed, "contexts");
        assert_eq!(places.len(), 1, "{listed}");
        assert_eq!(
            (text(&places[0], "/via"), text(&places[0], "/customer/name")),
            ("contact".into(), "Hotel Mar".into())
        );
        // What they do is recorded under their seat.
        let entered = events(kit, &owner).await;
        let entered = with(&entered, "type", "context.entered");
        let as_contact = |event: &&&Value| event.pointer("/actor/via") == Some(&json!("contact"));
        let entered = entered.iter().find(as_contact).expect("entering is recorded");
        assert_eq!(text(entered, "/actor/customer"), "CUS-1");
    });
}

/// Proves: N2
#[test]
fn a_contact_without_an_account_makes_it_with_the_link() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Linking Ltd").await;
        let email = people::address("Nina New");
        let id = cast::add_contact(kit, &owner, "CUS-1", "Nina New", &email).await;
        let by = (&owner.person, &owner.here);
        let invited = cast::let_in(kit, by, ("CUS-1", &id), &email, json!({})).await;
        let page = kit.api.get(&format!("/i/{}", invited.token)).header("accept", "text/html").send().await;
        assert!(page.text().contains("Hotel Mar") && page.text().contains("Linking Ltd"), "{}", page.text());
        let account = json!({ "name": "Nina New", "password": PASSWORD });
        let made = kit.api.post(&format!("/i/{}/account", invited.token)).json(account).ok(201).await;
        assert_eq!(text(&made, "/accepted/kind"), "contact");
        let nina = people::sign_in(kit, "Nina New", &email, PASSWORD).await;
        let here = cast::enter_portal(kit, &nina, &owner.company.id, "CUS-1").await;
        home(kit, &cast::contact_at("CUS-1", &id, &nina, here)).await;
    });
}

/// Proves: N2
#[test]
fn only_the_contacts_own_address_accepts_and_only_while_the_invitation_is_theirs() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Addressed Ltd").await;
        let (person, other) = tokio::join!(people::sign_up(kit, "Clara Contact"), people::sign_up(kit, "Otto Other"));
        let (id, invitation) = invited(kit, &owner, &person, json!({})).await;
        let accept = |by: &Person, token: &str| {
            kit.api.post("/v1/invitations/accept").by(by).json(json!({ "token": token })).send_owned()
        };
        accept(&other, &invitation.token).await.refused(403, "wrong-recipient");
        let again = kit.api.post(&cast::portal_access("CUS-1", &id)).by(&owner.person).within(&owner.here);
        again.json(json!({})).refused(409, "conflict").await;
        let resend = format!("/v1/invitations/{}/resend", invitation.id);
        let resend = |body: Value| kit.api.post(&resend).by(&owner.person).within(&owner.here).json(body);
        refused_input(&resend(json!({ "email": other.email })).send().await, "email");
        resend(json!({})).ok(200).await;
        let newer = cast::invitation_mail(kit, &person.email, Some(&invitation.mail)).await;
        accept(&person, &invitation.token).await.refused(410, "gone");

        // Switched off before it was accepted: the newer link is dead too, and they can be let in again.
        let off = kit.api.delete(&cast::portal_access("CUS-1", &id)).by(&owner.person).within(&owner.here).send().await;
        assert_eq!(off.status, 204, "{}", off.text());
        assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "removed");
        accept(&person, &cast::token_in(&newer.link("/i/"))).await.refused(410, "gone");
        enter_is_refused(kit, &person, &owner.company.id, "CUS-1").await;
        let by = (&owner.person, &owner.here);
        let third = cast::let_in(kit, by, ("CUS-1", &id), &person.email, json!({})).await;
        let declined = json!({ "token": third.token });
        kit.api.post("/v1/invitations/reject").by(&person).json(declined).ok(200).await;
        assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "none");
        let fourth = cast::let_in(kit, by, ("CUS-1", &id), &person.email, json!({})).await;
        let revoke = format!("/v1/invitations/{}/revoke", fourth.id);
        kit.api.post(&revoke).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "none");
        let off = kit.api.delete(&cast::portal_access("CUS-1", &id)).by(&owner.person).within(&owner.here);
        off.refused(404, "not-found").await;
    });
}

/// Proves: 9, N1
#[test]
fn access_that_is_switched_off_ends_with_the_next_request_and_comes_back_as_another_stay() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Revoking Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Clara Contact").await;
        home(kit, &contact).await;
        switch_off(kit, &owner, &contact).await;
        is_out(kit, &contact).await;
        let refresh = kit.api.post("/v1/contexts/refresh").by(&contact.person).within(&contact.here);
        refresh.json(json!({})).refused(403, "not-granted").await;
        enter_is_refused(kit, &contact.person, &owner.company.id, "CUS-1").await;
        let listed = kit.api.get("/v1/contexts").by(&contact.person).ok(200).await;
        assert!(list(&listed, "contexts").is_empty(), "{listed}");

        let by = (&owner.person, &owner.here);
        let again = cast::let_in(kit, by, ("CUS-1", &contact.id), &contact.person.email, json!({})).await;
        cast::accept(kit, &contact.person, &again.token, None).await;
        is_out(kit, &contact).await;
        let here = cast::enter_portal(kit, &contact.person, &owner.company.id, "CUS-1").await;
        home(kit, &cast::contact_at("CUS-1", &contact.id, &contact.person, here)).await;
    });
}

/// Proves: 9, N1
#[test]
fn an_archived_customers_contacts_are_out_while_it_is_archived() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Archiving Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Clara Contact").await;
        let person = people::sign_up(kit, "Ida Invited").await;
        let (_, waiting) = invited(kit, &owner, &person, json!({})).await;
        let status = |status: &str| {
            let body = json!({ "status": status });
            kit.api.patch("/v1/customers/CUS-1").by(&owner.person).within(&owner.here).json(body)
        };
        status("archived").ok(200).await;
        is_out(kit, &contact).await;
        let accept = kit.api.post("/v1/invitations/accept").by(&person).json(json!({ "token": waiting.token }));
        accept.refused(410, "gone").await;
        let id = cast::add_contact(kit, &owner, "CUS-2", "Other Person", &people::address("Other Person")).await;
        let path = cast::portal_access("CUS-2", &id);
        let archive = json!({ "status": "archived" });
        kit.api.patch("/v1/customers/CUS-2").by(&owner.person).within(&owner.here).json(archive).ok(200).await;
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).refused(409, "conflict").await;
        status("active").ok(200).await;
        home(kit, &contact).await;
        cast::accept(kit, &person, &waiting.token, None).await;
    });
}

/// Proves: 9, N1
#[test]
fn a_right_that_the_settings_take_back_is_gone_from_every_contact() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Settling Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Clara Contact").await;
        let may = |home: &Value| list(home, "permissions").contains(&json!("payments.pay"));
        assert!(may(&home(kit, &contact).await));
        let settings = |rights: Value| {
            let body = json!({ "rights": rights, "banner": "Closed in August" });
            kit.api.put("/v1/customer-portal-settings").by(&owner.person).within(&owner.here).json(body)
        };
        settings(json!(["comment"])).ok(200).await;
        let now = home(kit, &contact).await;
        assert!(!may(&now), "{now}");
        assert_eq!(text(&now, "/company/banner"), "Closed in August");
        // Nobody is given what the settings do not give.
        let id = cast::add_contact(kit, &owner, "CUS-1", "Paula Payer", &people::address("Paula Payer")).await;
        let give = kit.api.post(&cast::portal_access("CUS-1", &id)).by(&owner.person).within(&owner.here);
        refused_input(&give.json(json!({ "permissions": ["payments.pay"] })).send().await, "permissions");
        settings(json!(["comment", "pay"])).ok(200).await;
        assert!(may(&home(kit, &contact).await), "what everyone gets comes back for everyone");
        let person = people::sign_up(kit, "Nora Narrow").await;
        let body = json!({ "permissions": ["invoices.view", "estimates.view"] });
        let narrow = home(kit, &cast::contact_with(kit, &owner, "CUS-1", &person, body).await).await;
        assert_eq!(narrow["permissions"], json!(["invoices.view", "estimates.view"]));
    });
}

/// A contact who keeps the books only, or only orders, would otherwise have no first page; or be told there what they
/// may not see.
/// Proves: N1, CP4
#[test]
fn the_home_of_a_narrowed_contact_shows_what_they_may_see_and_nothing_else() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(seller(kit, "Narrow Ltd"), Ledger::sign_in(kit));
        for (kind, reference, body) in [
            ("invoices", "INV-1", machine::invoice("INV-1", 4_200)),
            ("estimates", "EST-1", machine::estimate("EST-1", 9_900)),
        ] {
            let pushed = ledger.put(kit, &owner.company.id, kind, reference, body).await;
            assert!((200..300).contains(&pushed.status), "{}", pushed.text());
            let path = format!("/v1/{kind}/{reference}/comments");
            let body = json!({ "text": "Have you seen it?", "visibility": "customer" });
            kit.api.post(&path).by(&owner.person).within(&owner.here).json(body).ok(201).await;
        }
        let narrowed = async |name: &str, may: &[&str]| {
            let person = people::sign_up(kit, name).await;
            cast::contact_with(kit, &owner, "CUS-1", &person, json!({ "permissions": may })).await
        };
        let books = home(kit, &narrowed("Bea Books", &["invoices.view"]).await).await;
        assert_eq!(books["owed"][0]["outstanding_minor"], 4_200, "{books}");
        assert_eq!((books.get("open_estimates"), &books["comments"]["unread_count"]), (None, &json!(1)), "{books}");
        let orders = home(kit, &narrowed("Olaf Orders", &["estimates.view"]).await).await;
        assert_eq!(orders["open_estimates"]["items"][0]["total_minor"], 9_900, "{orders}");
        assert_eq!((orders.get("owed"), &orders["comments"]["unread_count"]), (None, &json!(1)), "{orders}");
        let neither = narrowed("Nils Neither", &["statements.view"]).await;
        is_out(kit, &neither).await;
    });
}

/// Other customers of the same company are other tenants.
/// Proves: 2, N1, N3
#[test]
fn one_login_is_a_contact_of_several_customers_and_of_no_other() {
    run(async {
        let kit = kit();
        let (owner, other) = tokio::join!(seller(kit, "First Ltd"), seller(kit, "Second Ltd"));
        let person = cast::owner(kit, "Clara Contact", "Own Ltd").await.person;
        let firm = cast::register_firm(kit, &person, "Own Firm").await;
        let first = cast::contact_as(kit, &owner, "CUS-1", &person).await;
        let second = cast::contact_as(kit, &owner, "CUS-2", &person).await;
        let elsewhere = cast::contact_as(kit, &other, "CUS-1", &person).await;
        for (contact, company, customer) in
            [(&first, "First Ltd", "CUS-1"), (&second, "First Ltd", "CUS-2"), (&elsewhere, "Second Ltd", "CUS-1")]
        {
            let home = home(kit, contact).await;
            let seen = (text(&home, "/company/name"), text(&home, "/customer/reference"));
            assert_eq!(seen, (company.to_owned(), customer.to_owned()));
        }
        // A firm of theirs keeps the books of neither company.
        cast::enter(kit, &person, &firm.id).await;
        let listed = kit.api.get("/v1/contexts?limit=3").by(&person).ok(200).await;
        let cursor = text(&listed, "/next_cursor");
        let rest = kit.api.get(&format!("/v1/contexts?limit=3&cursor={cursor}")).by(&person).ok(200).await;
        let places: Vec<&Value> = list(&listed, "contexts").iter().chain(list(&rest, "contexts")).collect();
        let vias: Vec<String> = places.iter().map(|place| text(place, "/via")).collect();
        assert_eq!(vias, ["member", "staff", "contact", "contact", "contact"], "{places:?}");

        // Access to one customer is none to the other, and a person without any learns nothing.
        switch_off(kit, &owner, &second).await;
        is_out(kit, &second).await;
        home(kit, &first).await;
        let stranger = cast::contact(kit, &owner, "CUS-2", "Sven Second").await;
        enter_is_refused(kit, &stranger.person, &owner.company.id, "CUS-1").await;
        enter_is_refused(kit, &stranger.person, &owner.company.id, "NEVER-1").await;
        enter_is_refused(kit, &stranger.person, &other.company.id, "CUS-2").await;
        enter_is_refused(kit, &owner.person, &owner.company.id, "CUS-1").await;
        kit.api
            .post(&format!("/v1/contexts/{}", owner.company.id))
            .by(&stranger.person)
            .json(json!({}))
            .refused(404, "not-found")
            .await;
        kit.api.get(HOME).by(&stranger.person).within(&first.here).refused(401, "invalid-context").await;
        let company = cast::enter(kit, &owner.person, &owner.company.id).await;
        kit.api.get(HOME).by(&owner.person).within(&company).refused(403, "not-granted").await;
    });
}

/// Proves: 7, N1
#[test]
fn modules_take_no_contact_for_one_of_the_companys_people() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Modular Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Clara Contact").await;
        let module = Module::sign_in(kit).await;
        let body = json!({ "token": contact.here.token, "permissions": ["invoices.view"] });
        refused_input(&kit.api.post("/v1/authorize").by(&module).json(body).send().await, "token");
        // Nor with the person's own access token, which stands for their place among the company's people.
        let body = json!({
            "token": contact.person.access_token, "org": owner.company.id, "permissions": ["invoices.view"]
        });
        let answer = kit.api.post("/v1/authorize").by(&module).json(body).ok(200).await;
        assert_eq!(answer["allowed"], json!(false), "{answer}");
    });
}

/// Proves: 13, N2
#[test]
fn whoever_is_switched_off_while_they_accept_stays_outside() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Racing Ltd").await;
        let person = people::sign_up(kit, "Rosa Racer").await;
        for round in 0..3 {
            let email = &person.email;
            let id = match round {
                0 => cast::add_contact(kit, &owner, "CUS-1", "Rosa Racer", email).await,
                _ => {
                    let answer = kit.api.get("/v1/customers/CUS-1/contacts").by(&owner.person).within(&owner.here);
                    text(&answer.ok(200).await, "/contacts/0/id")
                }
            };
            let by = (&owner.person, &owner.here);
            let invited = cast::let_in(kit, by, ("CUS-1", &id), email, json!({})).await;
            let mut requests: Vec<_> = (0..8)
                .map(|_| {
                    let body = json!({ "token": invited.token });
                    kit.api.post("/v1/invitations/accept").by(&person).json(body).send_owned()
                })
                .collect();
            let off = cast::portal_access("CUS-1", &id);
            requests.insert(4, kit.api.delete(&off).by(&owner.person).within(&owner.here).send_owned());
            let answers = at_once(requests).await;
            let off = answers.iter().find(|answer| answer.line.starts_with("DELETE")).expect("it was sent");
            assert_eq!(off.status, 204, "{}", off.text());
            enter_is_refused(kit, &person, &owner.company.id, "CUS-1").await;
            assert_eq!(portal_state(kit, &owner, "CUS-1", &id).await, "removed");
        }
    });
}

/// What a contact may do comes from the company, so it outlasts the firm for which somebody let them in; an invitation
/// that waits does not, since the person who sent it may no longer send one.
/// Proves: N2
#[test]
fn contacts_whom_a_firm_let_in_stay_when_it_is_disconnected() {
    run(async {
        let kit = kit();
        let (owner, firm) = tokio::join!(seller(kit, "Served Ltd"), cast::firm_admin(kit, "Ada Admin", "Serving Firm"));
        cast::connect(kit, &owner, &firm, Some(&["customers.view", "customers.manage"])).await;
        let inside = cast::enter(kit, &firm.person, &owner.company.id).await;
        let (first, late) = tokio::join!(people::sign_up(kit, "Fia First"), people::sign_up(kit, "Leo Late"));
        let first_id = cast::add_contact(kit, &owner, "CUS-1", "Fia First", &first.email).await;
        let late_id = cast::add_contact(kit, &owner, "CUS-1", "Leo Late", &late.email).await;
        let by = (&firm.person, &inside);
        let accepted = cast::let_in(kit, by, ("CUS-1", &first_id), &first.email, json!({})).await;
        let waiting = cast::let_in(kit, by, ("CUS-1", &late_id), &late.email, json!({})).await;
        cast::accept(kit, &first, &accepted.token, None).await;
        let here = cast::enter_portal(kit, &first, &owner.company.id, "CUS-1").await;
        let gone = kit.api.delete(&format!("/v1/connections/{}", firm.firm.id)).by(&owner.person).within(&owner.here);
        let gone = gone.send().await;
        assert!(gone.status < 300, "{}", gone.text());
        home(kit, &cast::contact_at("CUS-1", &first_id, &first, here)).await;
        let accept = kit.api.post("/v1/invitations/accept").by(&late).json(json!({ "token": waiting.token }));
        accept.refused(410, "gone").await;
    });
}

/// Proves: 9, N1
#[test]
fn a_contact_leaves_by_themselves_and_the_record_names_them() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Leaving Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Lea Leaving").await;
        let left = kit.api.delete("/v1/customer-portal/access").by(&contact.person).within(&contact.here).send().await;
        assert_eq!(left.status, 204, "{}", left.text());
        is_out(kit, &contact).await;
        assert_eq!(portal_state(kit, &owner, "CUS-1", &contact.id).await, "removed");
        let events = events(kit, &owner).await;
        let ended = with(&events, "type", "contact_access.ended");
        let [ended] = ended[..] else { panic!("{events:?}") };
        assert_eq!((text(ended, "/actor/via"), text(ended, "/actor/customer")), ("contact".into(), "CUS-1".into()));
        assert_eq!(text(ended, "/actor/user"), contact.person.user);
        assert_eq!((text(ended, "/subject/id"), text(ended, "/data/user")), (contact.id, contact.person.user));
    });
}

/// Proves: N2
#[test]
fn contacts_are_invited_from_their_customer_alone() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "Doors Ltd").await;
        let body = json!({ "kind": "contact", "email": people::address("Some Body") });
        let sent = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).send().await;
        refused_input(&sent, "kind");
        let person = people::sign_up(kit, "Clara Contact").await;
        let (id, invitation) = invited(kit, &owner, &person, json!({})).await;
        let listed = kit.api.get("/v1/invitations?kind=contact").by(&owner.person).within(&owner.here).ok(200).await;
        let [listed] = &list(&listed, "invitations")[..] else { panic!("{listed}") };
        assert_eq!((text(listed, "/id"), text(listed, "/contact/contact")), (invitation.id, id));
        let reader = cast::member(kit, &owner, "Rita Reader", "read-only", None).await;
        let path = cast::portal_access("CUS-1", &text(listed, "/contact/contact"));
        for method in ["post", "delete"] {
            let call = if method == "post" { kit.api.post(&path).json(json!({})) } else { kit.api.delete(&path) };
            call.by(&reader.person).within(&reader.here).refused(403, "not-granted").await;
        }
    });
}

/// A bookkeeper would otherwise accept, as its customer, the estimate that they wrote.
/// Proves: N5
#[test]
fn nobody_who_works_for_the_company_is_let_in_or_sent_a_link() {
    run(async {
        let kit = kit();
        let owner = seller(kit, "One Side Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let mut estimate = machine::estimate("EST-1", 4_200);
        estimate["customer"] = json!("CUS-1");
        let pushed = ledger.put(kit, &owner.company.id, "estimates", "EST-1", estimate).await;
        assert!((200..300).contains(&pushed.status), "{}", pushed.text());
        let admin = cast::firm_admin(kit, "Ada Admin", "Side Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        let staff = cast::staff(kit, &admin, "Bert Books", "bookkeeper").await;
        let member = cast::member(kit, &owner, "Mara Member", "read-only", None).await;
        for person in [&owner.person, &admin.person, &staff, &member.person] {
            let id = cast::add_contact(kit, &owner, "CUS-1", &person.name, &person.email).await;
            let give = kit.api.post(&cast::portal_access("CUS-1", &id)).by(&owner.person).within(&owner.here);
            give.json(json!({})).send().await.refused_field(422, "invalid-field", "contact");
            let body = json!({ "kind": "estimate", "document": "EST-1", "contact": id });
            let link = kit.api.post("/v1/document-links").by(&owner.person).within(&owner.here).json(body);
            link.send().await.refused_field(422, "invalid-field", "contact");
        }

        // Who begins to work for the company before they accept, whatever was looked up when they were invited.
        let late = people::sign_up(kit, "Lena Late").await;
        let (_, waiting) = invited(kit, &owner, &late, json!({})).await;
        let body = json!({ "kind": "member", "email": late.email, "role": "read-only" });
        let joining = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &late, &joining.token, None).await;
        let body = json!({ "token": waiting.token });
        let refused = kit.api.post("/v1/invitations/accept").by(&late).json(body).refused(409, "conflict").await;
        assert_eq!(text(&refused, "/state"), "works_here", "{refused}");
        enter_is_refused(kit, &late, &owner.company.id, "CUS-1").await;
    });
}
