//! `/v1/access-requests`: asked, granted for a time or refused, withdrawn.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::http::Answer;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, run, story};

use crate::support::types;

const PAST: &str = "2026-01-01T00:00:00.000Z";

async fn ask(kit: &Kit, by: &Person, here: &Context, body: Value) -> String {
    let answer = kit.api.post("/v1/access-requests").by(by).within(here).json(body).ok(201).await;
    text(&answer, "/access_request/id")
}

fn answer<'k>(
    kit: &'k Kit,
    id: &str,
    verb: &str,
    by: &Person,
    here: &Context,
    body: Value,
) -> impl Future<Output = Answer> + use<'k> {
    let path = format!("/v1/access-requests/{id}/{verb}");
    let call = kit.api.post(&path).by(by).within(here).json(body);
    async move { call.send().await }
}

async fn look(kit: &Kit, path: &str, by: &Person, here: &Context) -> u16 {
    kit.api.get(path).by(by).within(here).send().await.status
}

async fn pair(kit: &Kit, permissions: &[&str]) -> (Owner, FirmAdmin) {
    let (owner, admin) =
        tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"),);
    cast::connect(kit, &owner, &admin, Some(permissions)).await;
    (owner, admin)
}

/// Proves: 4
#[test]
fn a_member_asks_is_granted_for_a_time_and_keeps_what_they_had_when_it_is_over() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "custom", Some(&["dashboard.view"])).await;
        let (person, here) = (&member.person, &member.here);
        let wanted =
            json!({ "permissions": ["invoices.view", "payments.pay"], "for_hours": 24, "reason": "holiday cover" });
        let id = ask(kit, person, here, wanted).await;
        assert_eq!(look(kit, "/v1/invoices", person, here).await, 403, "asking gives nothing");
        let waiting = kit.api.get("/v1/access-requests?status=asked").by(&owner.person).within(&owner.here);
        let waiting = waiting.ok(200).await;
        let waiting = &list(&waiting, "access_requests")[0];
        assert_eq!(
            (text(waiting, "/asked_by"), text(waiting, "/reason")),
            (person.user.clone(), "holiday cover".into())
        );
        assert_eq!(waiting["for_hours"], 24);

        let body = json!({ "permissions": ["invoices.view"], "for_hours": 2 });
        let granted = answer(kit, &id, "grant", &owner.person, &owner.here, body).await.ok(200);
        assert_eq!(text(&granted, "/access_request/status"), "granted");
        assert_eq!(granted.pointer("/access_request/granted"), Some(&json!(["invoices.view"])));
        assert_eq!(text(&granted, "/access_request/decided_by"), owner.person.user);
        let until = text(&granted, "/access_request/granted_until");
        // The very token that was refused before is let in: what it says is not what counts.
        assert_eq!(look(kit, "/v1/invoices", person, here).await, 200);
        let entered = cast::enter(kit, person, &owner.company.id).await;
        assert_eq!(entered.permissions, ["dashboard.view", "invoices.view"]);
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        let shown = list(&members, "members").iter().find(|m| m["user"] == json!(person.user)).expect("a member");
        assert_eq!(
            (&shown["permissions"], &shown["lent"]),
            (&json!(["dashboard.view"]), &json!({ "invoices.view": until }))
        );

        let lent = AttributeValue::M([("invoices.view".to_owned(), AttributeValue::S(PAST.to_owned()))].into());
        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("MEMBER#{}", person.user));
        kit.table.set(&pk, &sk, "lent", lent).await;
        assert_eq!(look(kit, "/v1/invoices", person, here).await, 403);
        assert_eq!(look(kit, "/v1/dashboard", person, here).await, 200, "what the place grants is as it was");
        let entered = cast::enter(kit, person, &owner.company.id).await;
        assert_eq!(entered.permissions, ["dashboard.view"]);

        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        for kind in ["access.requested", "access.granted", "member.changed"] {
            assert!(types(&trail).contains(&kind), "no {kind}");
        }
        assert!(!Value::Array(trail).to_string().contains("holiday cover"), "a person's words are in an event");
    });
}

/// Proves: 4
#[test]
fn what_is_lent_counts_inside_a_write_and_stops_counting_there() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "custom", Some(&["approvals.view"])).await;
        let set = |threshold: u32| {
            let body = json!({ "enabled": true, "threshold_minor": threshold, "currency": "EUR" });
            kit.api.put("/v1/approval-policy").by(&member.person).within(&member.here).json(body).send_owned()
        };
        assert_eq!(set(1).await.status, 403);
        let wanted = json!({ "permissions": ["approvals.manage"], "for_hours": 1 });
        let id = ask(kit, &member.person, &member.here, wanted).await;
        answer(kit, &id, "grant", &owner.person, &owner.here, json!({})).await.ok(200);
        set(2).await.ok(200);
        let lent = AttributeValue::M([("approvals.manage".to_owned(), AttributeValue::S(PAST.to_owned()))].into());
        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("MEMBER#{}", member.person.user));
        kit.table.set(&pk, &sk, "lent", lent).await;
        set(3).await.refused(403, "not-granted");
    });
}

/// Proves: 5
#[test]
fn a_decider_gives_only_what_they_hold_and_no_more_than_was_asked_for() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (manager, member, stranger) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::owner(kit, "Sven Stranger", "Strangers Ltd"),
        );
        let wanted = json!({ "permissions": ["billing.manage", "vat.view"], "for_hours": 5 });
        let id = ask(kit, &member.person, &member.here, wanted).await;
        let grant = |by: &Person, here: &Context, body: Value| answer(kit, &id, "grant", by, here, body);
        let beyond = grant(&manager.person, &manager.here, json!({})).await.refused(403, "exceeds-own-grants");
        assert_eq!(text(&beyond, "/permission"), "billing.manage");
        for (body, field) in [
            (json!({ "permissions": ["vat.manage"] }), "permissions"),
            (json!({ "permissions": [] }), "permissions"),
            (json!({ "for_hours": 6 }), "for_hours"),
            (json!({ "for_hours": 0 }), "for_hours"),
        ] {
            grant(&owner.person, &owner.here, body).await.refused_field(422, "invalid-field", field);
        }
        grant(&member.person, &member.here, json!({})).await.refused(403, "not-granted");
        grant(&stranger.person, &stranger.here, json!({})).await.refused(404, "not-found");
        grant(&manager.person, &manager.here, json!({ "permissions": ["vat.view"] })).await.ok(200);
        let again = grant(&owner.person, &owner.here, json!({})).await.refused(409, "conflict");
        assert_eq!(text(&again, "/state"), "granted");
        let granted = story::events_of_type(kit, &owner.company.id, "access.granted").await;
        assert_eq!(granted, 1);
    });
}

#[test]
fn a_request_is_refused_withdrawn_or_left_to_expire_and_gives_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (member, other) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::member(kit, &owner, "Olli Other", "client", None),
        );
        let wanted = || json!({ "permissions": ["vat.view"], "for_hours": 5 });
        let (person, here) = (&member.person, &member.here);
        let owners = (&owner.person, &owner.here);
        let refused = ask(kit, person, here, wanted()).await;
        let body = json!({ "reason": "not this month" });
        let told = answer(kit, &refused, "refuse", owners.0, owners.1, body).await.ok(200);
        assert_eq!(text(&told, "/access_request/refusal"), "not this month");
        let withdrawn = ask(kit, person, here, wanted()).await;
        let by_another = answer(kit, &withdrawn, "withdraw", &other.person, &other.here, json!({})).await;
        by_another.refused(404, "not-found");
        answer(kit, &withdrawn, "withdraw", person, here, json!({})).await.ok(200);
        let expired = ask(kit, person, here, wanted()).await;
        let past = AttributeValue::S(PAST.to_owned());
        let pk = format!("COMPANY#{}", owner.company.id);
        kit.table.set(&pk, &format!("ACCESS#{expired}"), "open_until", past).await;
        for (id, state) in [(&refused, "refused"), (&withdrawn, "withdrawn"), (&expired, "expired")] {
            for verb in ["grant", "refuse"] {
                let told = answer(kit, id, verb, owners.0, owners.1, json!({})).await.refused(409, "conflict");
                assert_eq!(text(&told, "/state"), state);
            }
        }
        let own = kit.api.get("/v1/access-requests/mine").by(person).within(here).ok(200).await;
        let states: Vec<String> = list(&own, "access_requests").iter().map(|r| text(r, "/status")).collect();
        assert_eq!(states, ["expired", "withdrawn", "refused"]);
        let none = kit.api.get("/v1/access-requests/mine").by(&other.person).within(&other.here).ok(200).await;
        assert!(list(&none, "access_requests").is_empty(), "{none}");
        kit.api.get("/v1/access-requests").by(person).within(here).refused(403, "not-granted").await;
        let entered = cast::enter(kit, person, &owner.company.id).await;
        assert!(!entered.permissions.contains(&"vat.view".to_owned()));
    });
}

/// A removed member who is invited again gets nothing from what they asked for before.
/// Proves: 4
#[test]
fn a_request_from_an_earlier_stay_is_not_granted() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let id = ask(kit, &member.person, &member.here, json!({ "permissions": ["vat.view"], "for_hours": 5 })).await;
        let path = format!("/v1/members/{}", member.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let body = json!({ "kind": "member", "email": member.person.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &member.person, &invited.token, None).await;
        let refused = answer(kit, &id, "grant", &owner.person, &owner.here, json!({})).await.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "ended", "{refused}");
        let entered = cast::enter(kit, &member.person, &owner.company.id).await;
        assert!(!entered.permissions.contains(&"vat.view".to_owned()));
    });
}

#[test]
fn a_firm_asks_the_company_for_more_than_its_connection_grants() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, &["dashboard.view"]).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let wanted = json!({ "permissions": ["estimates.view"], "for_hours": 48 });
        let id = ask(kit, &admin.person, &inside, wanted).await;
        let own = answer(kit, &id, "grant", &admin.person, &inside, json!({})).await;
        own.refused(403, "not-granted");
        answer(kit, &id, "grant", &owner.person, &owner.here, json!({})).await.ok(200);
        assert_eq!(look(kit, "/v1/estimates", &admin.person, &inside).await, 200);
        let shown = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&shown, "connections")[0]["permissions"], json!(["dashboard.view"]), "{shown}");
        let seen = kit.api.get("/v1/audit?of=clients").by(&admin.person).within(&admin.here).ok(200).await;
        for kind in ["access.requested", "access.granted", "connection.changed"] {
            assert!(seen.to_string().contains(kind), "the firm does not see {kind}");
        }
        // Setting the connection's permissions removes its temporary grants.
        let path = format!("/v1/connections/{}", admin.firm.id);
        let body = json!({ "permissions": ["dashboard.view"] });
        let set = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        assert_eq!(set["withdrawn"], json!(["estimates.view"]));
        assert_eq!(look(kit, "/v1/estimates", &admin.person, &inside).await, 403);
    });
}

/// Proves: M2
#[test]
fn each_kind_is_shown_to_its_deciders() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, &["dashboard.view"]).await;
        let (team, links, member) = tokio::join!(
            cast::member(kit, &owner, "Tea Team", "custom", Some(&["team.manage", "vat.view"])),
            cast::member(kit, &owner, "Lino Links", "custom", Some(&["connections.manage", "vat.view"])),
            cast::member(kit, &owner, "Mara Member", "client", None),
        );
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let wanted = || json!({ "permissions": ["vat.view"], "for_hours": 2 });
        let members = ask(kit, &member.person, &member.here, wanted()).await;
        let firms = ask(kit, &admin.person, &inside, wanted()).await;
        for query in ["", "?status=asked"] {
            let shown = async |by: &Person, here: &Context| -> Vec<String> {
                let path = format!("/v1/access-requests{query}");
                let page = kit.api.get(&path).by(by).within(here).ok(200).await;
                let mut ids: Vec<_> = list(&page, "access_requests").iter().map(|r| text(r, "/id")).collect();
                ids.sort();
                ids
            };
            let both = [members.clone(), firms.clone()];
            assert_eq!(shown(&owner.person, &owner.here).await, both);
            assert_eq!(shown(&team.person, &team.here).await, both[..1]);
            assert_eq!(shown(&links.person, &links.here).await, both[1..]);
        }
        for (by, here) in [(&member.person, &member.here), (&admin.person, &inside)] {
            let refused = kit.api.get("/v1/access-requests").by(by).within(here).refused(403, "not-granted").await;
            assert_eq!(text(&refused, "/permission"), "team.manage");
        }
        // A listed request can be decided, another cannot, and an unknown one is 404 for both.
        let refused = answer(kit, &firms, "grant", &team.person, &team.here, json!({})).await;
        assert_eq!(text(&refused.refused(403, "not-granted"), "/permission"), "connections.manage");
        let refused = answer(kit, &members, "grant", &links.person, &links.here, json!({})).await;
        assert_eq!(text(&refused.refused(403, "not-granted"), "/permission"), "team.manage");
        for (by, here) in [(&team.person, &team.here), (&links.person, &links.here)] {
            let nothing = answer(kit, "ar_00000000000070008000000000000000", "grant", by, here, json!({})).await;
            nothing.refused(404, "not-found");
        }
        answer(kit, &firms, "grant", &links.person, &links.here, json!({})).await.ok(200);
        answer(kit, &members, "grant", &team.person, &team.here, json!({})).await.ok(200);
    });
}

#[test]
fn a_bookkeeper_asks_the_firm_for_a_client() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, &["dashboard.view", "invoices.view"]).await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper").await;
        let at_firm = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        let company = owner.company.id.as_str();
        let enter = format!("/v1/contexts/{company}");
        let wanted = |permissions: &[&str]| json!({ "permissions": permissions, "for_hours": 8, "company": company });
        let id = ask(kit, &bookkeeper, &at_firm, wanted(&["dashboard.view", "payroll.view"])).await;
        kit.api.post(&enter).by(&bookkeeper).json(json!({})).refused(404, "not-found").await;
        let grant = |body: Value| answer(kit, &id, "grant", &admin.person, &admin.here, body);
        let beyond = grant(json!({})).await.refused(403, "exceeds-own-grants");
        assert_eq!(text(&beyond, "/permission"), "payroll.view");
        grant(json!({ "permissions": ["dashboard.view"] })).await.ok(200);
        let inside = cast::enter(kit, &bookkeeper, company).await;
        assert_eq!(inside.permissions, ["dashboard.view"]);
        let assigned = kit.api.get(&format!("/v1/assignments?user={}", bookkeeper.user));
        let assigned = assigned.by(&admin.person).within(&admin.here).ok(200).await;
        assert!(list(&assigned, "assignments")[0]["expires_at"].is_string(), "{assigned}");

        // An assignment without an end stays when a temporary grant on top of it ends.
        cast::assign(kit, &admin, company, &bookkeeper.user, Some(&["dashboard.view"])).await;
        let id = ask(kit, &bookkeeper, &at_firm, wanted(&["invoices.view"])).await;
        answer(kit, &id, "grant", &admin.person, &admin.here, json!({})).await.ok(200);
        assert_eq!(look(kit, "/v1/invoices", &bookkeeper, &inside).await, 200);
        let lent = AttributeValue::M([("invoices.view".to_owned(), AttributeValue::S(PAST.to_owned()))].into());
        let sk = format!("ASSIGNED#{}#{}", admin.firm.id, bookkeeper.user);
        kit.table.set(&format!("COMPANY#{company}"), &sk, "lent", lent).await;
        assert_eq!(look(kit, "/v1/invoices", &bookkeeper, &inside).await, 403);
        assert_eq!(look(kit, "/v1/dashboard", &bookkeeper, &inside).await, 200);
        // The client sees who may enter its books.
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(types(&trail).contains(&"assignment.changed"));
    });
}

#[test]
fn asking_for_nothing_new_or_in_the_wrong_place_is_refused() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, &["dashboard.view"]).await;
        let (bookkeeper, elsewhere) = tokio::join!(
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
            cast::owner(kit, "Olga Other", "Others Ltd"),
        );
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let (inside, at_firm) = tokio::join!(
            cast::enter(kit, &bookkeeper, &owner.company.id),
            cast::enter(kit, &bookkeeper, &admin.firm.id),
        );
        let asked = |by: &Person, here: &Context, body: Value| {
            kit.api.post("/v1/access-requests").by(by).within(here).json(body).send_owned()
        };
        let wanted = |permission: &str, hours: i64| json!({ "permissions": [permission], "for_hours": hours });
        let held = asked(&owner.person, &owner.here, wanted("vat.view", 1)).await.refused(409, "conflict");
        assert_eq!(text(&held, "/state"), "granted");
        for (hours, field) in [(0, "for_hours"), (8785, "for_hours"), (-1, "for_hours")] {
            let answer = asked(&owner.person, &owner.here, wanted("vat.view", hours)).await;
            answer.refused_field(422, "invalid-field", field);
        }
        let alien = asked(&owner.person, &owner.here, wanted("staff.manage", 1)).await;
        alien.refused_field(422, "invalid-field", "permissions");
        asked(&bookkeeper, &inside, wanted("vat.view", 1)).await.refused_field(422, "invalid-field", "company");
        asked(&bookkeeper, &at_firm, wanted("vat.view", 1)).await.refused_field(422, "invalid-field", "company");
        let client = |company: &str| json!({ "permissions": ["vat.view"], "for_hours": 1, "company": company });
        let other = asked(&bookkeeper, &at_firm, client(&elsewhere.company.id)).await;
        other.refused(404, "not-found");
        let admins = asked(&admin.person, &admin.here, client(&owner.company.id)).await.refused(409, "conflict");
        assert_eq!(text(&admins, "/state"), "admin");
        let named = asked(&owner.person, &owner.here, client(&owner.company.id)).await;
        named.refused_field(422, "invalid-field", "company");
    });
}

#[test]
fn asking_twice_with_one_key_is_asking_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let key = tests::people::unique();
        let body = json!({ "permissions": ["vat.view"], "for_hours": 5 });
        let ask = || {
            let call = kit.api.post("/v1/access-requests").by(&member.person).within(&member.here);
            call.key(&key).json(body.clone()).send_owned()
        };
        let (first, second) = (ask().await.ok(201), ask().await.ok(201));
        assert_eq!(first, second);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "access.requested").await, 1);
    });
}

/// How many letters somebody got that are as wanted.
async fn letters(kit: &Kit, to: &Person, wanted: impl Fn(&Message) -> bool) -> usize {
    kit.mailbox.inbox(&to.email).await.iter().filter(|mail| wanted(mail)).count()
}

/// Proves: M2
#[test]
fn deciders_get_a_letter_about_the_request_and_the_asker_one_about_the_decision() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (manager, member, other) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        let wanted =
            |reason: &str| json!({ "permissions": ["vat.view", "payments.view"], "for_hours": 48, "reason": reason });
        let (person, here) = (&member.person, &member.here);
        let id = ask(kit, person, here, wanted("Holiday cover\nBcc: all@example.com")).await;
        let asks = |mail: &Message| mail.subject == "Mara Member asks for access to Owners Ltd";
        let (told, _) = tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "request for access", asks),
            kit.mailbox.wait_for(&manager.person.email, "request for access", asks),
        );
        for said in ["VAT returns: see", "Payments: see", "2 days", "> Holiday cover\n> Bcc: all@"] {
            assert!(told.text.contains(said), "{said} is not in {told}");
        }
        let page = format!("/companies/{}/access-requests/{id}", owner.company.id);
        assert!(told.link("/access-requests/").ends_with(&page), "{told}");

        let body = json!({ "permissions": ["vat.view"], "for_hours": 2 });
        answer(kit, &id, "grant", &owner.person, &owner.here, body).await.ok(200);
        let granted = |mail: &Message| mail.subject == "Access to Owners Ltd granted";
        let told = kit.mailbox.wait_for(&person.email, "grant", granted).await;
        for said in ["Otto Owner granted you", "VAT returns: see", "UTC", "Not granted:", "Payments: see"] {
            assert!(told.text.contains(said), "{said} is not in {told}");
        }

        let id = ask(kit, person, here, wanted("Once more")).await;
        let again = |mail: &Message| mail.text.contains("Once more");
        kit.mailbox.wait_for(&manager.person.email, "second request", again).await;
        answer(kit, &id, "refuse", &manager.person, &manager.here, json!({ "reason": "Not this month" })).await.ok(200);
        let refused = |mail: &Message| mail.subject == "Access to Owners Ltd refused";
        let told = kit.mailbox.wait_for(&person.email, "refusal", refused).await;
        assert!(told.text.contains("Adam Admin refused") && told.text.contains("> Not this month"), "{told}");
        // Each gets one letter, and nobody else does.
        let any = |mail: &Message| asks(mail) || granted(mail) || refused(mail);
        assert_eq!((letters(kit, person, granted).await, letters(kit, person, refused).await), (1, 1));
        assert_eq!(letters(kit, person, asks).await, 0, "the asker got a letter to decide");
        assert_eq!(letters(kit, &owner.person, any).await, 2, "two requests, no decision");
        assert_eq!(letters(kit, &other.person, any).await, 0, "a person who may not decide got a letter");
    });
}

/// Proves: M2
#[test]
fn a_firms_request_reaches_the_company_and_a_bookkeepers_the_firm() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, &["dashboard.view", "invoices.view"]).await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper").await;
        let (inside, at_firm) = tokio::join!(
            cast::enter(kit, &admin.person, &owner.company.id),
            cast::enter(kit, &bookkeeper, &admin.firm.id),
        );
        let wanted = json!({ "permissions": ["estimates.view"], "for_hours": 1 });
        let firms = ask(kit, &admin.person, &inside, wanted).await;
        let wanted = json!({ "permissions": ["invoices.view"], "for_hours": 24, "company": owner.company.id });
        let bookkeepers = ask(kit, &bookkeeper, &at_firm, wanted).await;
        let about = |id: &str| {
            let id = id.to_owned();
            move |mail: &Message| mail.text.contains(&id)
        };
        let (to_owner, to_admin) = tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "the firm's request", about(&firms)),
            kit.mailbox.wait_for(&admin.person.email, "the bookkeeper's request", about(&bookkeepers)),
        );
        assert!(to_owner.text.contains("everyone at Adas Firm") && to_owner.text.contains("1 hour:"), "{to_owner}");
        assert!(to_admin.text.contains("the books of Owners Ltd") && to_admin.text.contains("1 day:"), "{to_admin}");
        let page = format!("/firms/{}/access-requests/{bookkeepers}", admin.firm.id);
        assert!(to_admin.link("/access-requests/").ends_with(&page), "{to_admin}");

        answer(kit, &firms, "grant", &owner.person, &owner.here, json!({})).await.ok(200);
        answer(kit, &bookkeepers, "refuse", &admin.person, &admin.here, json!({})).await.ok(200);
        let (to_admin, to_bookkeeper) = tokio::join!(
            kit.mailbox.wait_for(&admin.person.email, "the grant", about(&firms)),
            kit.mailbox.wait_for(&bookkeeper.email, "the refusal", about(&bookkeepers)),
        );
        assert!(to_admin.text.contains("Otto Owner granted Adas Firm more access"), "{to_admin}");
        assert!(to_bookkeeper.text.contains("Ada Admin refused"), "{to_bookkeeper}");
        assert_eq!(
            letters(kit, &owner.person, about(&bookkeepers)).await,
            0,
            "the client was asked for its firm's staff"
        );
    });
}
