//! Limits by organisation, recipient and source (PROOF 15), and that no answer tells who is known
//! (PROOF 14).
//!
//! The local stack allows much from one network, since every test comes from the same one. So the
//! functions run here under limits of their own; the one limit that is left as it is deployed is
//! tried through the API.

use serde_json::{Value, json};
use tests::cast::{self, Owner, text};
use tests::runtime_api::{HttpAnswer, HttpEvent};
use tests::{Kit, kit, people, run};

use crate::delivery::{hear, report};
use crate::faults::rig::{Rig, by, eventually, refused, signed_in};

const LIMITS: &str = "LIMITS";

fn invitation(email: &str) -> Value {
    json!({ "kind": "member", "email": email, "role": "client" })
}

fn invite(owner: &Owner, email: &str) -> HttpEvent {
    by(HttpEvent::post("/v1/invitations").json(&invitation(email)), &owner.person, &owner.here)
}

/// Refused for now: 429 with a time to come back within this many seconds, and nothing more.
#[track_caller]
fn too_many(answer: &HttpAnswer, within_s: u32) {
    let problem = refused(answer, 429, "too-many-requests");
    let members: Vec<&String> = problem.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["status", "title", "type"], "it tells which limit it was: {problem}");
    let after = answer.headers.get("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(after.is_some_and(|seconds| (1..=within_s).contains(&seconds)), "{:?}", answer.headers);
}

/// A network that no other test, process or earlier run comes from: the first half of an IPv6 address.
fn network() -> String {
    let drawn = uuid::Uuid::new_v4().simple().to_string();
    format!("2001:db8:{}:{}", &drawn[..4], &drawn[4..8])
}

async fn count(kit: &Kit, owner: &Owner) -> usize {
    let list = kit.api.get("/v1/invitations").by(&owner.person).within(&owner.here).send().await.ok(200);
    cast::list(&list, "invitations").len()
}

/// Proves: 15
#[test]
fn an_organisation_sends_so_many_invitations_a_day_and_resends_count() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Olga Other", "Others Ltd"),);
        let rig = Rig::of(kit, "invite").await.with(LIMITS, "invitations_per_organisation=3/day");
        let function = rig.start().await;
        let send = async |event: &HttpEvent| function.request(event).await.expect("an answer");
        let keyed = invite(&owner, &people::address("Gus Guest")).header("idempotency-key", "once");
        let first = send(&keyed).await;
        assert_eq!(first.status, 201, "{}", first.text());
        // A replay is no second invitation, and a refused one is none at all.
        for _ in 0..3 {
            assert_eq!(send(&keyed).await.text(), first.text());
        }
        let bad = by(HttpEvent::post("/v1/invitations").json(&invitation("nobody")), &owner.person, &owner.here);
        assert!(send(&bad).await.status >= 400);
        let id = text(&first.json(), "/invitation/id");
        let resend = HttpEvent::post(&format!("/v1/invitations/{id}/resend")).json(&json!({}));
        let resend = by(resend, &owner.person, &owner.here);
        assert_eq!(send(&resend).await.status, 200);
        assert_eq!(send(&invite(&owner, &people::address("Gus Guest"))).await.status, 201);

        let before = kit.table.trace(&owner.company.id).await;
        too_many(&send(&invite(&owner, &people::address("Gus Guest"))).await, 86_400);
        too_many(&send(&resend).await, 86_400);
        assert_eq!(send(&keyed).await.status, 201, "what was answered before is answered again");
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused invitation left a trace");
        assert_eq!(count(kit, &owner).await, 2);
        assert_eq!(send(&invite(&other, &people::address("Gus Guest"))).await.status, 201);
    });
}

/// Proves: 14, 15
#[test]
fn a_mailbox_gets_so_many_invitations_a_day_from_everybody_together() {
    run(async {
        let kit = kit();
        let (owner, other, known) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::owner(kit, "Olga Other", "Others Ltd"),
            people::sign_up(kit, "Kim Known"),
        );
        let rig = Rig::of(kit, "invite").await.with(LIMITS, "invitations_per_recipient=2/day");
        let function = rig.start().await;
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        let mut refusals = Vec::new();
        for address in [known.email.clone(), people::address("Una Known")] {
            let (local, domain) = address.split_once('@').expect("an address");
            assert_eq!(send(invite(&owner, &address)).await.status, 201);
            assert_eq!(send(invite(&other, &format!("{local}+again@{domain}"))).await.status, 201);
            let refusal = send(invite(&other, &address)).await;
            too_many(&refusal, 86_400);
            refusals.push(refusal.text());
        }
        assert_eq!(refusals[0], refusals[1], "the refusal tells who has an account");
        for (address, _) in kit.table.trace(&owner.company.id).await {
            assert!(!address.starts_with("LIMIT#"), "{address}");
        }
        assert_eq!(send(invite(&owner, &people::address("Gus Guest"))).await.status, 201);
    });
}

/// A new organisation writes to strangers from the vendor's domain: at first to few.
/// Proves: S8
#[test]
fn a_new_organisation_sends_few_invitations_more_as_they_are_accepted_and_fewer_after_a_complaint() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let limits = "invitations_per_organisation=100/day invitations_at_first=2 invitations_per_acceptance=2";
        let rig = Rig::of(kit, "invite").await.with(LIMITS, limits);
        let function = rig.start().await;
        let send = async |event: &HttpEvent| function.request(event).await.expect("an answer");
        let one = || invite(&owner, &people::address("Gus Guest"));
        let growing = async |allowed: u32| {
            let answer = send(&one()).await;
            let problem = refused(&answer, 429, "too-many-requests");
            assert!(text(&problem, "/detail").contains(&format!("{allowed}/day")), "{problem}");
            assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
        };
        let first = send(&one()).await;
        assert_eq!(first.status, 201, "{}", first.text());
        assert_eq!(send(&one()).await.status, 201);
        growing(2).await;
        // Sending again is counted too, and so is each row of a bulk invitation.
        let id = text(&first.json(), "/invitation/id");
        let resend = HttpEvent::post(&format!("/v1/invitations/{id}/resend")).json(&json!({}));
        refused(&send(&by(resend, &owner.person, &owner.here)).await, 429, "too-many-requests");

        // The deployed function, which allows more, sends a third; it is accepted.
        cast::member(kit, &owner, "Mara Member", "client", None).await;
        let rows: Vec<Value> = (0..2).map(|_| invitation(&people::address("Gus Guest"))).collect();
        let bulk = HttpEvent::post("/v1/invitations/bulk").json(&json!({ "invitations": rows }));
        let sent = send(&by(bulk, &owner.person, &owner.here)).await.json();
        assert_eq!((&sent["created"], &sent["limited"]), (&json!(1), &json!(1)), "{sent}");
        assert!(text(&sent, "/rows/1/detail").contains("4/day"), "{sent}");
        growing(4).await;

        let list = kit.api.get("/v1/invitations").by(&owner.person).within(&owner.here).ok(200).await;
        let found = cast::list(&list, "invitations").iter().find(|invitation| text(invitation, "/id") == id);
        let email = text(found.expect("it is listed"), "/email");
        for _ in 0..2 {
            hear(kit, &report("complaint", &id, 1, &email)).await;
        }
        growing(1).await;
        let record = kit.table.item(&format!("COMPANY#{}", owner.company.id), "INVITATION-RECORD").await;
        let record = record.expect("it is kept");
        let counted = |name: &str| record.get(name).and_then(|value| value.as_n().ok()).map(String::as_str);
        assert_eq!((counted("accepted"), counted("complained")), (Some("1"), Some("1")), "{record:?}");
    });
}

/// Proves: 15
#[test]
fn a_network_sends_so_many_invitations_an_hour_from_all_its_people_together() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Olga Other", "Others Ltd"),);
        let rig = Rig::of(kit, "invite").await.with(LIMITS, "invitations_per_source=1/hour");
        let function = rig.start().await;
        let (network, another) = (network(), network());
        let from = |owner: &Owner, host: &str| {
            let event = invite(owner, &people::address("Gus Guest")).source_ip(&format!("{network}::{host}"));
            event.header("x-forwarded-for", &people::unique())
        };
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        assert_eq!(send(from(&owner, "1")).await.status, 201);
        too_many(&send(from(&other, "2")).await, 3_600);
        let elsewhere = invite(&other, &people::address("Gus Guest")).source_ip(&format!("{another}::1"));
        assert_eq!(send(elsewhere).await.status, 201);
    });
}

/// Proves: 15
#[test]
fn a_refused_inviter_uses_up_nobodys_limit() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let reader = cast::member(kit, &owner, "Rosa Reader", "read-only", None).await;
        let limits = "invitations_per_organisation=1/day invitations_per_recipient=1/day";
        let rig = Rig::of(kit, "invite").await.with(LIMITS, limits);
        let function = rig.start().await;
        let company = cast::register_company(kit, &owner.person, "Second Ltd").await;
        let here = cast::enter(kit, &owner.person, &company.id).await;
        let mut owner = owner;
        owner.here = here;
        let email = people::address("Gus Guest");
        for _ in 0..2 {
            let event = by(HttpEvent::post("/v1/invitations").json(&invitation(&email)), &reader.person, &reader.here);
            refused(&function.request(&event).await.expect("an answer"), 403, "not-granted");
        }
        assert_eq!(function.request(&invite(&owner, &email)).await.expect("an answer").status, 201);
    });
}

/// As deployed: ten a day.
/// Proves: 15
#[test]
fn the_deployed_limit_on_a_recipient_is_ten_a_day() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let email = people::address("Gus Guest");
        let invite =
            || kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(invitation(&email)).send();
        for _ in 0..10 {
            invite().await.ok(201);
        }
        let refusal = invite().await;
        refusal.refused(429, "too-many-requests");
        let after: u32 = refusal.header("retry-after").expect("a time to come back").parse().expect("seconds");
        assert!((1..=86_400).contains(&after), "{after}");
        assert_eq!(count(kit, &owner).await, 10);
    });
}

/// Proves: 15
#[test]
fn a_network_asks_for_so_many_accounts_an_hour_by_links_good_and_bad() {
    run(async {
        let kit = kit();
        let rig = Rig::of(kit, "accept").await.with(LIMITS, "accounts_per_source=1/hour");
        let function = rig.start().await;
        let from = format!("{}::1", network());
        let path = format!("/i/in_{:032}.1.{}/account", 7, "A".repeat(43));
        let account = json!({ "name": "Gus Guest", "password": people::PASSWORD });
        let by_json = HttpEvent::post(&path).json(&account).source_ip(&from);
        assert_eq!(function.request(&by_json).await.expect("an answer").status, 404);
        too_many(&function.request(&by_json).await.expect("an answer"), 3_600);
        let form = HttpEvent::post(&path).form(&[("name", "Gus"), ("password", people::PASSWORD)]).source_ip(&from);
        let page = function.request(&form).await.expect("an answer");
        assert_eq!(page.status, 429, "{}", page.text());
        assert!(page.text().contains("Too many tries"), "{}", page.text());
        assert!(page.headers.contains_key("retry-after"), "{:?}", page.headers);
        // Opening a link changes nothing, so it is not counted either.
        let open = HttpEvent::get(path.trim_end_matches("/account")).source_ip(&from);
        assert_eq!(function.request(&open).await.expect("an answer").status, 404);
    });
}

/// Proves: 15
#[test]
fn a_network_registers_so_many_organisations_an_hour() {
    run(async {
        let kit = kit();
        let rig = Rig::of(kit, "register").await.with(LIMITS, "registrations_per_source=2/hour");
        let function = rig.start().await;
        let person = people::sign_up(kit, "Rita Register").await;
        let (from, elsewhere) = (format!("{}::1", network()), format!("{}::1", network()));
        let company = json!({ "name": "Register Ltd", "currency": "EUR" });
        let firm = json!({ "name": "Register Accounting" });
        let register = |path: &str, body: &Value, from: &str| {
            signed_in(HttpEvent::post(path).json(body), &person.access_token).source_ip(from)
        };
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        assert_eq!(send(register("/v1/companies", &company, &from)).await.status, 201);
        assert_eq!(send(register("/v1/firms", &firm, &from)).await.status, 201);
        too_many(&send(register("/v1/companies", &company, &from)).await, 3_600);
        too_many(&send(register("/v1/firms", &firm, &from)).await, 3_600);
        assert_eq!(send(register("/v1/companies", &company, &elsewhere)).await.status, 201);
    });
}

/// A fair: everybody comes from one network, with one link.
/// Proves: 15, U23
#[test]
fn a_link_has_an_allowance_of_its_own_besides_a_higher_one_of_the_network() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Ada Admin", "Adas Firm"), people::sign_up(kit, "Rita Register"));
        let mut tokens = Vec::new();
        for label in ["Fair", "Office"] {
            let body = json!({ "label": label });
            let call = kit.api.post("/v1/registration-links").by(&admin.person).within(&admin.here).json(body);
            tokens.push(cast::token_in(&text(&call.ok(201).await, "/url")));
        }
        let preview = kit.api.post("/v1/registrations/preview").by(&person).json(json!({ "token": tokens[0] }));
        let consent = preview.ok(200).await["consent"].clone();
        let register = |token: &str, from: &str| {
            let body = json!({
                "token": token,
                "company": { "name": "Fair Ltd", "currency": "EUR" },
                "consent": { "version": consent["version"], "digest": consent["digest"] },
            });
            signed_in(HttpEvent::post("/v1/registrations").json(&body), &person.access_token).source_ip(from)
        };
        // The limit of one network on registrations without a link does not count here.
        let limits = "registrations_per_source=0/hour registrations_per_signup_source=3/hour signups_per_source=4/hour";
        let rig = Rig::of(kit, "register").await.with(LIMITS, limits);
        let function = rig.start().await;
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        let (from, elsewhere) = (format!("{}::1", network()), format!("{}::1", network()));
        for _ in 0..3 {
            let answer = send(register(&tokens[0], &from)).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        too_many(&send(register(&tokens[0], &from)).await, 3_600);
        too_many(&send(register(&tokens[0], &elsewhere)).await, 3_600);
        assert_eq!(send(register(&tokens[1], &from)).await.status, 201, "another link has its own allowance");
        too_many(&send(register(&tokens[1], &from)).await, 3_600);
        assert_eq!(
            send(register(&tokens[1], &elsewhere)).await.status,
            201,
            "the network's is used up, not the link's"
        );
    });
}

/// What one person does, or all people of an organisation together, mails others or keeps the workers busy.
/// Proves: 15, S9
#[test]
fn requests_for_access_exports_and_changes_that_write_letters_are_counted_by_person_and_by_organisation() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (one, two) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::member(kit, &owner, "Olli Other", "client", None),
        );
        let limits = "access_requests_per_person=1/day access_requests_per_organisation=2/day";
        let rig = Rig::of(kit, "access-requests").await.with(LIMITS, limits);
        let function = rig.start().await;
        let ask = |permission: &str, by_whom: &cast::Member| {
            let body = json!({ "permissions": [permission], "for_hours": 1 });
            by(HttpEvent::post("/v1/access-requests").json(&body), &by_whom.person, &by_whom.here)
        };
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        assert_eq!(send(ask("vat.view", &one)).await.status, 201);
        too_many(&send(ask("payroll.view", &one)).await, 86_400);
        assert_eq!(send(ask("vat.view", &two)).await.status, 201, "another person is counted apart");
        let third = cast::member(kit, &owner, "Theo Third", "client", None).await;
        too_many(&send(ask("vat.view", &third)).await, 86_400);

        let limits = "exports_per_person=9/day exports_per_organisation=1/day";
        let rig = Rig::of(kit, "audit").await.with(LIMITS, limits);
        let function = rig.start().await;
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        let export =
            || by(HttpEvent::post("/v1/audit/exports").json(&json!({ "format": "csv" })), &owner.person, &owner.here);
        let asked = send(export()).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        let (pk, sk) =
            (format!("COMPANY#{}", owner.company.id), format!("EXPORT#{}", text(&asked.json(), "/export/id")));
        eventually("the file is written", async || {
            let item = kit.table.item(&pk, &sk).await.expect("the export is there");
            item.get("status").and_then(|status| status.as_s().ok()).filter(|status| *status == "done").cloned()
        })
        .await;
        too_many(&send(export()).await, 86_400);

        let rig = Rig::of(kit, "approve").await.with(LIMITS, "letters_per_person=1/day");
        let function = rig.start().await;
        let set = |threshold: u32| {
            let body = json!({ "enabled": true, "threshold_minor": threshold, "currency": "EUR" });
            by(HttpEvent::put("/v1/approval-policy").json(&body), &owner.person, &owner.here)
        };
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        assert_eq!(send(set(2)).await.status, 200);
        too_many(&send(set(1)).await, 86_400);
    });
}

/// A counter never lets through more than its limit, however many ask at once.
/// Proves: 15
#[test]
fn twenty_at_once_get_no_more_than_is_allowed() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let rig = Rig::of(kit, "invite").await.with(LIMITS, "invitations_per_organisation=5/day");
        let crowd = rig.crowd(4).await;
        let mut running = tokio::task::JoinSet::new();
        for nth in 0..20_usize {
            let (function, event) = (crowd[nth % crowd.len()].clone(), invite(&owner, &people::address("Gus Guest")));
            running.spawn(async move { function.request(&event).await.expect("an answer").status });
        }
        let statuses = running.join_all().await;
        let with = |status: u16| statuses.iter().filter(|each| **each == status).count();
        assert_eq!((with(201), with(429)), (5, 15), "{statuses:?}");
        assert_eq!(count(kit, &owner).await, 5);
    });
}

/// PROOF 14: sending again, and being refused to, say the same of an address with an account and of
/// one without.
/// Proves: 14
#[test]
fn resending_to_known_and_unknown_addresses_is_answered_alike() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Nora Neutral", "Neutral Ltd").await;
        let known = people::sign_up(kit, "Kim Known").await;
        let mut shapes = Vec::new();
        for email in [known.email.clone(), people::address("Una Known")] {
            let body = invitation(&people::address("Gsu Geust"));
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
            let id = text(&call.ok(201).await, "/invitation/id");
            let path = format!("/v1/invitations/{id}/resend");
            let resend = |body: Value| kit.api.post(&path).by(&owner.person).within(&owner.here).json(body);
            let resent = resend(json!({ "email": email })).ok(200).await;
            let members: Vec<String> =
                resent["invitation"].as_object().expect("an invitation").keys().cloned().collect();
            shapes.push((members, text(&resent, "/invitation/delivery/state")));
        }
        assert_eq!(shapes[0], shapes[1], "the answer tells who has an account");
    });
}
