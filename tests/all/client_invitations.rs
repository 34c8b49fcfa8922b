//! A firm asks a client for a connection: the letter, the consent, and every way to answer.

use serde_json::{Value, json};
use tests::Kit;
use tests::cast::{self, FirmAdmin, Invited, list, text};
use tests::people::{self, PASSWORD, Person};
use tests::{kit, run};

use crate::support::{refused_input, with};

/// Invites an address as a client, with the default permissions or with these.
async fn ask(kit: &Kit, admin: &FirmAdmin, email: &str, permissions: Option<&[&str]>) -> Invited {
    let mut body = json!({ "kind": "client", "email": email });
    if let Some(permissions) = permissions {
        body["permissions"] = json!(permissions);
    }
    cast::invite(kit, &admin.person, &admin.here, body).await
}

/// The consent that the page behind a link asks for, as the page's own form would send it.
async fn consent_on_page(kit: &Kit, invited: &Invited) -> Value {
    let page = kit.api.get(&invited.link).send().await;
    page.ok_page();
    let html = page.text();
    let hidden = |name: &str| {
        let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\"")).expect("the page has the field");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    json!({ "version": hidden("consent_version"), "digest": hidden("consent_digest") })
}

fn accept<'a>(kit: &'a Kit, by: &Person, body: Value) -> tests::http::Call<'a> {
    kit.api.post("/v1/invitations/accept").by(by).json(body)
}

/// The consents that are kept for a company.
async fn consents(kit: &Kit, company: &str) -> Vec<tests::table::Item> {
    let items = kit.table.partition(&format!("COMPANY#{company}")).await;
    let is_consent = |item: &tests::table::Item| tests::table::text(item, "entity") == Some("consent");
    items.into_iter().filter(is_consent).collect()
}

#[test]
fn the_letter_says_who_asks_and_what_the_firm_could_do() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers & Co").await;
        let email = people::address("Cleo Client");
        let invited = ask(kit, &admin, &email, Some(&["invoices.view", "vat.manage"])).await;
        for said in ["Ada Asker", "Askers & Co", "Invoices: see", "VAT returns: file"] {
            assert!(invited.mail.text.contains(said), "{said}: {}", invited.mail);
        }
        assert!(!invited.mail.text.contains("Payments:"), "{}", invited.mail);
    });
}

#[test]
fn a_client_invited_by_address_is_added_to_the_client_list() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Listing Askers").await;
        let (cleo, bulk) = (people::address("Cleo Client"), people::address("Bulk Client"));
        let listed = async |status: &str| {
            let path = format!("/v1/clients?status={status}");
            let page = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
            list(&page, "clients")
                .iter()
                .map(|client| (text(client, "/email"), text(client, "/name")))
                .collect::<Vec<_>>()
        };
        let invited = ask(kit, &admin, &cleo, None).await;
        let rows =
            json!([{ "kind": "client", "email": bulk, "name": "Bulk Ltd" }, { "kind": "client", "email": cleo }]);
        let call = kit.api.post("/v1/invitations/bulk").by(&admin.person).within(&admin.here);
        let answer = call.json(json!({ "invitations": rows })).ok(200).await;
        assert_eq!((&answer["created"], &answer["already_there"]), (&json!(1), &json!(1)), "{answer}");
        let local = cleo.split('@').next().unwrap_or_default().to_owned();
        assert_eq!(listed("invited").await, [(bulk.clone(), "Bulk Ltd".to_owned()), (cleo.clone(), local.clone())]);

        // Asked once more, it is the same entry; withdrawn, it is inactive; asked again, invited again.
        let again = ask(kit, &admin, &cleo, None).await;
        assert_eq!(listed("invited").await.len(), 2);
        for id in [&invited.id, &again.id] {
            let path = format!("/v1/invitations/{id}/revoke");
            kit.api.post(&path).by(&admin.person).within(&admin.here).json(json!({})).ok(200).await;
        }
        assert_eq!(listed("inactive").await, [(cleo.clone(), local.clone())]);
        let invited = ask(kit, &admin, &cleo, None).await;
        assert_eq!(listed("inactive").await, []);

        let consent = consent_on_page(kit, &invited).await;
        let body = json!({
            "name": "Cleo Client", "password": PASSWORD, "consent": consent,
            "company": { "name": "Cleos Shop", "currency": "EUR", "time_zone": "Europe/Lisbon" },
        });
        kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        assert_eq!(listed("active").await, [(cleo, local)]);
    });
}

/// Proves: M5
#[test]
fn an_address_moves_the_only_entry_that_has_it_whatever_its_reference() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Numbering Askers").await;
        let cleo = people::address("Cleo Client");
        let add = async |name: &str, reference: &str, email: &str| {
            let body = json!({ "name": name, "reference": reference, "email": email });
            let call = kit.api.post("/v1/clients").by(&admin.person).within(&admin.here).json(body);
            text(&call.ok(201).await, "/client/id")
        };
        let listed = async || {
            let page = kit.api.get("/v1/clients?sort=added").by(&admin.person).within(&admin.here).ok(200).await;
            let shown = |client: &Value| (text(client, "/name"), text(client, "/status"));
            list(&page, "clients").iter().map(shown).collect::<Vec<_>>()
        };
        let is = |name: &str, status: &str| (name.to_owned(), status.to_owned());
        add("Cleos Shop", "C-1", &cleo).await;
        let invited = ask(kit, &admin, &cleo, None).await;
        assert_eq!(listed().await, [is("Cleos Shop", "invited")]);
        let consent = consent_on_page(kit, &invited).await;
        let body = json!({
            "name": "Cleo Client", "password": PASSWORD, "consent": consent,
            "company": { "name": "Cleos Registered Shop", "currency": "EUR", "time_zone": "Europe/Lisbon" },
        });
        kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        assert_eq!(listed().await, [is("Cleos Shop", "active")]);

        // Another company of the same owner: the one that is not connected is meant.
        let cafe = add("Cleos Cafe", "C-2", &cleo).await;
        ask(kit, &admin, &cleo, None).await;
        assert_eq!(listed().await, [is("Cleos Shop", "active"), is("Cleos Cafe", "invited")]);

        // An entry is found where it is now, by the row, too, and not where it was.
        let (moved, fresh) = (people::address("Moved Cleo"), people::address("Fresh"));
        let body = json!({ "email": moved });
        let path = format!("/v1/clients/{cafe}");
        kit.api.patch(&path).by(&admin.person).within(&admin.here).json(body).ok(200).await;
        add("Late", "C-3", &fresh).await;
        let rows = json!([{ "kind": "client", "email": moved }, { "kind": "client", "email": fresh }]);
        let call = kit.api.post("/v1/invitations/bulk").by(&admin.person).within(&admin.here);
        let answer = call.json(json!({ "invitations": rows })).ok(200).await;
        assert_eq!(answer["created"], json!(2), "{answer}");
        let now = [is("Cleos Shop", "active"), is("Cleos Cafe", "invited"), is("Late", "invited")];
        assert_eq!(listed().await, now);
    });
}

/// Proves: M5
#[test]
fn an_address_that_several_entries_wait_under_gets_one_of_its_own() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Sharing Askers").await;
        let shared = people::address("Cleo Client");
        let rows: Vec<Value> = (1..=2)
            .map(|n| json!({ "name": format!("Shop {n}"), "reference": n.to_string(), "email": shared }))
            .collect();
        let import = kit.api.post("/v1/clients/import").by(&admin.person).within(&admin.here);
        let answer = import.json(json!({ "clients": rows })).ok(200).await;
        assert_eq!(answer["created"], json!(2), "two clients may share an address: {answer}");
        let statuses = async || {
            let page = kit.api.get("/v1/clients?sort=added").by(&admin.person).within(&admin.here).ok(200).await;
            list(&page, "clients").iter().map(|client| text(client, "/status")).collect::<Vec<_>>()
        };
        for _ in 0..2 {
            ask(kit, &admin, &shared, None).await;
            assert_eq!(statuses().await, ["inactive", "inactive", "invited"], "nobody can tell which is meant");
        }
        // With one of the two gone and the third as well, the address is the last one's.
        let page = kit.api.get("/v1/clients?sort=added").by(&admin.person).within(&admin.here).ok(200).await;
        let ids: Vec<String> = list(&page, "clients").iter().map(|client| text(client, "/id")).collect();
        let open = kit.api.get("/v1/invitations?status=pending").by(&admin.person).within(&admin.here).ok(200).await;
        for invitation in list(&open, "invitations") {
            let path = format!("/v1/invitations/{}/revoke", text(invitation, "/id"));
            kit.api.post(&path).by(&admin.person).within(&admin.here).json(json!({})).ok(200).await;
        }
        for id in [&ids[0], &ids[2]] {
            kit.api.delete(&format!("/v1/clients/{id}")).by(&admin.person).within(&admin.here).send().await.ok(200);
        }
        ask(kit, &admin, &shared, None).await;
        assert_eq!(statuses().await, ["invited"]);
    });
}

#[test]
fn a_client_without_an_account_gets_account_company_and_connection_in_one_step() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let email = people::address("Cleo Client");
        let invited = ask(kit, &admin, &email, None).await;
        let consent = consent_on_page(kit, &invited).await;
        let body = json!({
            "name": "Cleo Client", "password": PASSWORD, "consent": consent,
            "company": { "name": "Cleos Shop", "currency": "EUR", "time_zone": "Europe/Lisbon" },
        });
        let answer = kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        let company = text(&answer, "/accepted/company");

        let cleo = people::sign_in(kit, "Cleo Client", &email, PASSWORD).await;
        let here = cast::enter(kit, &cleo, &company).await;
        assert!(here.permissions.contains(&"billing.manage".to_owned()), "they own it: {:?}", here.permissions);
        let connections = kit.api.get("/v1/connections").by(&cleo).within(&here).ok(200).await;
        assert_eq!(text(&list(&connections, "connections")[0], "/firm/id"), admin.firm.id);
        let inside = cast::enter(kit, &admin.person, &company).await;
        assert!(!inside.permissions.contains(&"payments.pay".to_owned()), "no more than was asked for");

        let kept = consents(kit, &company).await;
        assert_eq!(kept.len(), 1);
        let said = tests::table::text(&kept[0], "text").unwrap_or_default();
        assert!(said.starts_with("Askers asks for access") && said.contains("personal data"), "{said}");
        assert_eq!(tests::table::text(&kept[0], "digest"), consent["digest"].as_str());
        assert_eq!(tests::table::text(&kept[0], "by"), Some(cleo.user.as_str()));
        let trail = tests::story::audit_trail(kit, &cleo, &here).await;
        let started = with(&trail, "type", "connection.started");
        assert_eq!(started[0].pointer("/data/consent"), Some(&consent), "{}", started[0]);
    });
}

#[test]
fn the_pages_form_makes_the_company_only_with_the_box_ticked() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let email = people::address("Cleo Client");
        let invited = ask(kit, &admin, &email, None).await;
        let consent = consent_on_page(kit, &invited).await;
        let (version, digest) = (text(&consent, "/version"), text(&consent, "/digest"));
        let whole = [
            ("name", "Cleo Client"),
            ("password", PASSWORD),
            ("company_name", "Cleos <b>Shop"),
            ("currency", "EUR"),
            ("time_zone", "Europe/Lisbon"),
            ("consent_version", version.as_str()),
            ("consent_digest", digest.as_str()),
            ("consent", "agreed"),
        ];
        let path = format!("{}/account", invited.link);
        let unticked = kit.api.post(&path).form(&whole[..7]).send().await;
        assert_eq!(unticked.status, 422, "{}", unticked.text());
        assert!(unticked.text().contains("Your consent must be given"), "{}", unticked.text());
        assert!(unticked.text().contains("Cleos &#60;b&#62;Shop"), "what was entered is lost: {}", unticked.text());
        let mut another = whole;
        another[6] = ("consent_digest", "00");
        let another = kit.api.post(&path).form(&another).send().await;
        assert_eq!(another.status, 422, "{}", another.text());
        assert!(people::try_sign_in(kit, &email, PASSWORD).await.is_err(), "a refused form made an account");

        let welcome = kit.api.post(&path).form(&whole).send().await;
        assert_eq!(welcome.status, 201, "{}", welcome.text());
        people::sign_in(kit, "Cleo Client", &email, PASSWORD).await;
    });
}

#[test]
fn a_client_with_companies_says_which_and_agrees_to_what_they_were_shown() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let invited = ask(kit, &admin, &owner.person.email, None).await;
        let consent = consent_on_page(kit, &invited).await;
        let (token, company) = (&invited.token, &owner.company.id);
        let before = kit.table.trace(company).await;
        let send = |body: Value| accept(kit, &owner.person, body).send_owned();
        refused_input(&send(json!({ "token": token, "consent": consent })).await, "company");
        refused_input(&send(json!({ "token": token, "company": company })).await, "consent.version");
        let old = json!({ "version": "1999-01", "digest": consent["digest"] });
        let answer = send(json!({ "token": token, "company": company, "consent": old })).await;
        refused_input(&answer, "consent.version");
        assert!(answer.text().contains(&text(&consent, "/version")), "the present version is named");
        let other = json!({ "version": consent["version"], "digest": "0".repeat(64) });
        refused_input(&send(json!({ "token": token, "company": company, "consent": other })).await, "consent.digest");
        let both = json!({
            "token": token, "company": company, "consent": consent,
            "new_company": { "name": "Second", "currency": "EUR" },
        });
        refused_input(&send(both).await, "new_company");
        refused_input(&send(json!({ "token": token, "firm": admin.firm.id, "consent": consent })).await, "firm");
        assert!(kit.table.trace(company).await == before, "a refused answer left a trace");

        let answer = send(json!({ "token": token, "company": company, "consent": consent })).await.ok(200);
        assert_eq!(text(&answer, "/invitation/company"), *company);
        cast::enter(kit, &admin.person, company).await;
        let again = send(json!({ "token": token, "company": company, "consent": consent })).await.ok(200);
        assert_eq!(text(&again, "/outcome"), "already_accepted");
        assert_eq!(consents(kit, company).await.len(), 1);
    });
}

/// Proves: 5
#[test]
fn nobody_lets_a_firm_into_a_company_that_is_not_theirs_to_open() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let company = &owner.company.id;
        let reader = cast::member(kit, &owner, "Rita Reader", "accountant", None).await;
        let deputy = cast::member(kit, &owner, "Dora Deputy", "admin", None).await;
        let stranger = people::sign_up(kit, "Sven Stranger").await;
        let refused = async |person: &Person, permissions: Option<&[&str]>, slug: &str| {
            let invited = ask(kit, &admin, &person.email, permissions).await;
            let consent = consent_on_page(kit, &invited).await;
            let body = json!({ "token": invited.token, "company": company, "consent": consent });
            accept(kit, person, body).refused(403, slug).await
        };
        let before = kit.table.trace(company).await;
        refused(&stranger, None, "not-granted").await;
        assert_eq!(text(&refused(&reader.person, None, "not-granted").await, "/permission"), "connections.manage");
        let beyond = refused(&deputy.person, Some(&["billing.manage"]), "exceeds-own-grants").await;
        assert_eq!(text(&beyond, "/permission"), "billing.manage");
        assert!(kit.table.trace(company).await == before, "a refused answer left a trace");
    });
}

#[test]
fn a_signed_in_client_may_open_a_new_company_for_the_firm() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let person = people::sign_up(kit, "Nick New").await;
        let invited = ask(kit, &admin, &person.email, Some(&["dashboard.view"])).await;
        let consent = consent_on_page(kit, &invited).await;
        let body = json!({
            "token": invited.token, "consent": consent, "new_company": { "name": "Nicks", "currency": "EUR" },
        });
        let key = people::unique();
        let first = accept(kit, &person, body.clone()).key(&key).ok(200).await;
        let second = accept(kit, &person, body).key(&key).ok(200).await;
        assert_eq!(first, second, "the same request was answered differently");
        let company = text(&first, "/invitation/company");
        cast::enter(kit, &person, &company).await;
        let inside = cast::enter(kit, &admin.person, &company).await;
        assert_eq!(inside.permissions, ["dashboard.view"]);
        let contexts = kit.api.get("/v1/contexts").by(&person).ok(200).await;
        assert_eq!(contexts.to_string().matches(&company).count(), 1, "{contexts}");
    });
}

#[test]
fn a_firm_that_is_in_already_is_not_let_in_twice_and_a_renewal_keeps_the_first_consent() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let company = &owner.company.id;
        let answer = async |permissions: Option<&[&str]>| {
            let invited = ask(kit, &admin, &owner.person.email, permissions).await;
            let consent = consent_on_page(kit, &invited).await;
            let body = json!({ "token": invited.token, "company": company, "consent": consent });
            accept(kit, &owner.person, body).send().await
        };
        answer(None).await.ok(200);
        let again = answer(Some(&["dashboard.view"])).await.refused(409, "conflict");
        assert_eq!(text(&again, "/state"), "active");
        let path = format!("/v1/connections/{}", admin.firm.id);
        let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(ended.status < 300, "{}", ended.text());
        answer(Some(&["dashboard.view"])).await.ok(200);
        let inside = cast::enter(kit, &admin.person, company).await;
        assert_eq!(inside.permissions, ["dashboard.view"]);
        assert_eq!(consents(kit, company).await.len(), 2, "what was agreed to first is lost");
    });
}

/// Proves: 13
#[test]
fn an_asker_who_may_no_longer_ask_gets_nothing() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let second = cast::staff(kit, &admin, "Sara Second", "admin").await;
        let there = cast::enter(kit, &second, &admin.firm.id).await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "client", "email": owner.person.email });
        let invited = cast::invite(kit, &second, &there, body).await;
        let consent = consent_on_page(kit, &invited).await;
        let path = format!("/v1/staff/{}", second.user);
        let removed = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        assert!(removed.status < 300, "{}", removed.text());
        let body = json!({ "token": invited.token, "company": owner.company.id, "consent": consent });
        accept(kit, &owner.person, body).refused(410, "gone").await;
    });
}

#[test]
fn a_bookkeeper_asks_no_client() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let body = json!({ "kind": "client", "email": people::address("Cleo Client") });
        let call = kit.api.post("/v1/invitations").by(&world.bookkeeper).within(&world.bookkeeper_at_firm).json(body);
        assert_eq!(text(&call.refused(403, "not-granted").await, "/permission"), "clients.manage");
        let body = json!({ "kind": "client", "email": people::address("Cleo Client") });
        let call = kit.api.post("/v1/invitations").by(&world.owner.person).within(&world.owner.here).json(body);
        assert_eq!(text(&call.refused(403, "not-granted").await, "/permission"), "clients.manage");
    });
}

#[test]
fn invitations_are_listed_by_kind_with_the_permission_to_send_it() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let client = ask(kit, &admin, &people::address("Cleo Client"), None).await;
        let body = json!({ "kind": "staff", "email": people::address("Stan Staff"), "role": "bookkeeper" });
        let staff = cast::invite(kit, &admin.person, &admin.here, body).await;
        let ids = async |query: &str| {
            let answer =
                kit.api.get(&format!("/v1/invitations{query}")).by(&admin.person).within(&admin.here).ok(200).await;
            let mut ids: Vec<String> = list(&answer, "invitations").iter().map(|one| text(one, "/id")).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids("?kind=client").await, [client.id.as_str()]);
        assert_eq!(ids("?kind=staff&status=pending").await, [staff.id.as_str()]);
        assert_eq!(ids("").await.len(), 2);
        let path = "/v1/invitations?kind=member";
        kit.api.get(path).by(&admin.person).within(&admin.here).refused(403, "not-granted").await;

        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let role = Some(["connections.manage", "connections.view"].as_slice());
        let keeper = cast::member(kit, &owner, "Kim Keeper", "custom", role).await;
        let by_keeper =
            |query: &str| kit.api.get(&format!("/v1/invitations{query}")).by(&keeper.person).within(&keeper.here);
        by_keeper("?kind=firm").ok(200).await;
        assert_eq!(text(&by_keeper("").refused(403, "not-granted").await, "/permission"), "customers.manage");
        let path = "/v1/invitations/in_00000000000070008000000000000000/revoke";
        kit.api.post(path).by(&keeper.person).within(&keeper.here).json(json!({})).refused(404, "not-found").await;
    });
}

#[test]
fn a_firm_that_is_not_there_yet_is_made_by_accepting() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let person = people::sign_up(kit, "Fred Founder").await;
        let body = json!({ "kind": "firm", "email": person.email, "name": "Founders" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let body = json!({ "token": invited.token, "new_firm": { "name": "Founders" } });
        let answer = accept(kit, &person, body).ok(200).await;
        let firm = text(&answer, "/invitation/firm");
        let here = cast::enter(kit, &person, &firm).await;
        assert!(here.permissions.contains(&"staff.manage".to_owned()));
        cast::enter(kit, &person, &owner.company.id).await;

        let email = people::address("Nina New");
        let body = json!({ "kind": "firm", "email": email, "name": "Nina & Co" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let page = kit.api.get(&invited.link).send().await;
        assert!(page.text().contains("name=\"firm_name\" value=\"Nina &#38; Co\""), "{}", page.text());
        let fields = [("name", "Nina New"), ("password", PASSWORD), ("firm_name", "Nina & Co")];
        let welcome = kit.api.post(&format!("{}/account", invited.link)).form(&fields).send().await;
        assert_eq!(welcome.status, 201, "{}", welcome.text());
        let nina = people::sign_in(kit, "Nina New", &email, PASSWORD).await;
        cast::enter(kit, &nina, &owner.company.id).await;
    });
}

#[test]
fn a_firm_is_not_made_for_an_invitation_that_is_a_persons() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let email = people::address("Pia Person");
        let body = json!({ "kind": "member", "email": email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let body = json!({ "name": "Pia Person", "password": PASSWORD, "firm": { "name": "Pias" } });
        let answer = kit.api.post(&format!("{}/account", invited.link)).json(body).send().await;
        refused_input(&answer, "firm");
        assert!(people::try_sign_in(kit, &email, PASSWORD).await.is_err(), "a refused request made an account");
    });
}

/// Proves: 13
#[test]
fn sending_again_repairs_an_acceptance_that_stopped_half_way() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let email = people::address("Hal Halfway");
        let body = json!({ "kind": "member", "email": email, "role": "client" });
        let first = cast::invite(kit, &owner.person, &owner.here, body).await;
        // What is left when the account was made and the table's change was not.
        let hal = people::sign_up_at_the_identity_provider(kit, "Hal Halfway", &email).await;
        let path = format!("/v1/invitations/{}/resend", first.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        let mail = cast::invitation_mail(kit, &email, Some(&first.mail)).await;
        let link = mail.link("/i/");
        let body = json!({ "name": "Hal Halfway", "password": PASSWORD });
        let told = kit.api.post(&format!("{link}/account")).json(body).send().await.refused(409, "conflict");
        assert_eq!(text(&told, "/state"), "account_exists");
        let body = json!({ "token": cast::token_in(&link) });
        let told = accept(kit, &hal, body.clone()).refused(409, "conflict").await;
        assert_eq!(text(&told, "/state"), "no_profile");
        kit.api.post("/v1/me").by(&hal).json(json!({ "name": "Hal Halfway" })).ok(201).await;
        accept(kit, &hal, body.clone()).ok(200).await;
        assert_eq!(text(&accept(kit, &hal, body).ok(200).await, "/outcome"), "already_accepted");
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(with(list(&members, "members"), "user", &hal.user).len(), 1, "{members}");
    });
}

#[test]
fn what_was_accepted_is_not_sent_again_and_a_second_one_changes_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let person = people::sign_up(kit, "Twyla Twice").await;
        let body = json!({ "kind": "member", "email": person.email, "role": "client" });
        let one = cast::invite(kit, &owner.person, &owner.here, body.clone()).await;
        let two = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &person, &one.token, None).await;
        let resend = |id: &str| {
            let path = format!("/v1/invitations/{id}/resend");
            kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).send_owned()
        };
        assert_eq!(text(&resend(&one.id).await.refused(409, "conflict"), "/state"), "accepted");
        assert_eq!(text(&resend(&two.id).await.refused(409, "conflict"), "/state"), "active");
        let told = accept(kit, &person, json!({ "token": two.token })).refused(409, "conflict").await;
        assert_eq!(text(&told, "/state"), "active");
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(with(list(&members, "members"), "user", &person.user).len(), 1, "{members}");
    });
}
