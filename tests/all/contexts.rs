//! `/v1/contexts`, `/.well-known/jwks.json`.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::http::Api;
use tests::machine::Ledger;
use tests::people::{self, Person};
use tests::runtime_api::HttpEvent;
use tests::{kit, run};

use crate::faults::rig::{Rig, signed_in};
use crate::support::{types, with};
use crate::tokens::{thumbprint, verify};

#[test]
fn contexts_list_what_is_open_and_as_what() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let answer = kit.api.get("/v1/contexts").by(&world.bookkeeper).ok(200).await;
        let contexts = list(&answer, "contexts");
        let company = with(contexts, "id", &world.owner.company.id);
        let firm = with(contexts, "id", &world.admin.firm.id);
        assert_eq!((company.len(), firm.len(), contexts.len()), (1, 1, 2), "{answer}");
        assert_eq!(text(company[0], "/kind"), "company");
        assert_eq!(text(company[0], "/via"), "bookkeeper");
        assert_eq!(text(company[0], "/name"), world.owner.company.name);
        assert_eq!(text(firm[0], "/kind"), "firm");
        assert_eq!(text(firm[0], "/role"), "bookkeeper");
    });
}

#[test]
fn a_firm_admin_reaches_every_connected_company_without_an_assignment() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let answer = kit.api.get("/v1/contexts").by(&world.admin.person).ok(200).await;
        assert_eq!(with(list(&answer, "contexts"), "id", &world.owner.company.id).len(), 1, "{answer}");
        assert_eq!(world.admin_inside.via, "firm_admin");
    });
}

/// Proves: S7
#[test]
fn the_context_token_can_be_verified_offline_with_the_published_keys() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let keys = kit.api.get("/.well-known/jwks.json").send().await;
        // The distribution in front keeps them, so that nobody can use up what everybody needs.
        assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
        let keys = keys.ok(200);
        let key = &list(&keys, "keys")[0];
        assert_eq!((text(key, "/kty"), text(key, "/crv")), ("EC".to_owned(), "P-256".to_owned()));
        assert!(key.get("d").is_none(), "the private half is published");

        let here =
            cast::enter_with(kit, &world.bookkeeper, &world.owner.company.id, json!({ "reason": "VAT return" })).await;
        verify(&here.token, key);
        let header = people::header(&here.token);
        assert_eq!(text(&header, "/alg"), "ES256");
        assert_eq!(text(&header, "/typ"), "countersign-context+jwt");
        assert_eq!(text(&header, "/kid"), thumbprint(key));

        let claims = people::claims(&here.token);
        assert_eq!(text(&claims, "/sub"), world.bookkeeper.user);
        assert_eq!(text(&claims, "/org"), world.owner.company.id);
        assert_eq!(text(&claims, "/org_name"), world.owner.company.name);
        assert_eq!(text(&claims, "/via"), "bookkeeper");
        assert_eq!(text(&claims, "/firm"), world.admin.firm.id);
        assert_eq!(text(&claims, "/act/sub"), world.admin.firm.id);
        assert_eq!(text(&claims, "/reason"), "VAT return");
        assert_eq!(text(&claims, "/sid"), here.session);
        assert!(here.session.starts_with("ctx_"));
        let second = |name: &str| claims.get(name).and_then(Value::as_i64).expect("a time");
        assert!(second("exp") - second("iat") <= 600, "a context token lives ten minutes at most: {claims}");
        let mut permissions = here.permissions.clone();
        permissions.sort();
        let mut assigned = cast::ASSIGNED.map(str::to_owned).to_vec();
        assigned.sort();
        assert_eq!(permissions, assigned);
    });
}

/// Proves: 10
#[test]
fn a_member_acts_for_nobody_else() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let claims = people::claims(&world.owner.here.token);
        assert_eq!(text(&claims, "/via"), "member");
        assert!(
            claims.get("act").is_none_or(Value::is_null) && claims.get("firm").is_none_or(Value::is_null),
            "{claims}"
        );
    });
}

#[test]
fn a_place_one_does_not_belong_to_looks_like_one_that_does_not_exist() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let stranger = people::sign_up(kit, "Sven Stranger").await;
        let enter = |org: String| {
            let call = kit.api.post(&format!("/v1/contexts/{org}")).by(&stranger).json(json!({}));
            async move { call.send().await }
        };
        let missing = enter("co_00000000000070008000000000000000".to_owned()).await;
        missing.refused(404, "not-found");
        for org in [&world.owner.company.id, &world.admin.firm.id] {
            let answer = enter(org.clone()).await;
            answer.refused(404, "not-found");
            assert_eq!(answer.bytes, missing.bytes, "{org} can be told apart");
        }
    });
}

#[test]
fn a_bookkeeper_without_an_assignment_stays_outside() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let idle = cast::staff(kit, &world.admin, "Ida Idle", "bookkeeper").await;
        let path = format!("/v1/contexts/{}", world.owner.company.id);
        kit.api.post(&path).by(&idle).json(json!({})).refused(404, "not-found").await;
        let answer = kit.api.get("/v1/contexts").by(&idle).ok(200).await;
        assert!(with(list(&answer, "contexts"), "id", &world.owner.company.id).is_empty(), "{answer}");
    });
}

/// Proves: 4
#[test]
fn an_invited_person_is_not_yet_inside() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let person = people::sign_up(kit, "Ivo Invited").await;
        let body = json!({ "kind": "member", "email": person.email, "role": "admin" });
        kit.api.post("/v1/invitations").by(&world.owner.person).within(&world.owner.here).json(body).ok(201).await;
        let path = format!("/v1/contexts/{}", world.owner.company.id);
        kit.api.post(&path).by(&person).json(json!({})).refused(404, "not-found").await;
    });
}

#[test]
fn refreshing_a_context_keeps_its_session() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let before = cast::enter(kit, &world.owner.person, &world.owner.company.id).await;
        let answer = kit.api.post("/v1/contexts/refresh").by(&world.owner.person).within(&before).send().await;
        let after = cast::context(&answer.ok(200));
        assert_eq!((after.session.as_str(), after.org.as_str()), (before.session.as_str(), before.org.as_str()));
        kit.api.get("/v1/dashboard").by(&world.owner.person).within(&after).ok(200).await;
    });
}

/// Proves: 10
#[test]
fn entering_and_leaving_are_recorded_with_session_and_reason() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Lea Leaver", "Leavers Ltd").await;
        let here = cast::enter_with(kit, &owner.person, &owner.company.id, json!({ "reason": "A look around" })).await;
        let left = kit.api.post("/v1/contexts/leave").by(&owner.person).within(&here).send().await;
        assert_eq!(left.status, 204, "{}", left.text());
        let again = cast::enter(kit, &owner.person, &owner.company.id).await;
        let trail = tests::story::audit_trail(kit, &owner.person, &again).await;
        let of_session: Vec<Value> = trail
            .iter()
            .filter(|event| event.pointer("/actor/session") == Some(&json!(here.session)))
            .cloned()
            .collect();
        assert_eq!(types(&of_session), ["context.left", "context.entered"], "newest first");
        assert_eq!(text(&of_session[1], "/actor/reason"), "A look around");
    });
}

#[test]
fn a_reason_has_its_limits() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let path = format!("/v1/contexts/{}", world.owner.company.id);
        for (body, field) in [
            (json!({ "reason": "x".repeat(5000) }), "reason"),
            (json!({ "role": "owner" }), "role"),
            (json!({ "permissions": ["billing.manage"] }), "permissions"),
        ] {
            let answer = kit.api.post(&path).by(&world.owner.person).json(body).send().await;
            crate::support::refused_input(&answer, field);
        }
    });
}

#[test]
fn a_person_with_two_seats_in_a_context_chooses_one() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        cast::connect(kit, &owner, &admin, Some(&["dashboard.view"])).await;
        let body = json!({ "kind": "member", "email": admin.person.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &admin.person, &invited.token, None).await;

        let as_member = cast::enter(kit, &admin.person, &owner.company.id).await;
        assert_eq!(as_member.via, "member");
        let body = json!({ "firm": admin.firm.id });
        let for_the_firm = cast::enter_with(kit, &admin.person, &owner.company.id, body).await;
        assert_eq!(
            (for_the_firm.via.as_str(), for_the_firm.permissions.as_slice()),
            ("firm_admin", &["dashboard.view".to_owned()][..])
        );
        let world = cast::world(kit).await;
        let path = format!("/v1/contexts/{}", owner.company.id);
        let body = json!({ "firm": world.admin.firm.id });
        kit.api.post(&path).by(&admin.person).json(body).refused(404, "not-found").await;
    });
}

/// Every page of the switcher, one after the other, each of at most `limit` entries.
async fn pages(api: &Api, person: &Person, query: &str, limit: usize) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = api.get(&format!("/v1/contexts?limit={limit}{query}{cursor}")).by(person).ok(200).await;
        let page = list(&answer, "contexts").clone();
        assert!(page.len() <= limit, "{answer}");
        pages.push(page);
        match answer.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
        assert!(pages.len() < 50, "the pages never end");
    }
}

fn names(places: &[Value]) -> Vec<String> {
    places.iter().map(|place| text(place, "/name")).collect()
}

/// An admin of a firm with three clients, who owns two companies and works for a second firm as a
/// bookkeeper with one client.
async fn busy(kit: &tests::Kit) -> Person {
    let (admin, other) =
        tokio::join!(cast::firm_admin(kit, "Ada Admin", "Adas Firm"), cast::firm_admin(kit, "Bea Boss", "Beas Firm"),);
    for name in ["Aster Garden", "Zinnia Garden"] {
        cast::register_company(kit, &admin.person, name).await;
    }
    for name in ["Lily & Sons", "lilac #1", "Mint Ltd"] {
        let client = cast::owner(kit, "Olga Owner", name).await;
        cast::connect(kit, &client, &admin, None).await;
    }
    let assigned = cast::owner(kit, "Ole Owner", "Lime Trees").await;
    cast::connect(kit, &assigned, &other, None).await;
    let body = json!({ "kind": "staff", "email": admin.person.email, "role": "bookkeeper" });
    let invited = cast::invite(kit, &other.person, &other.here, body).await;
    cast::accept(kit, &admin.person, &invited.token, None).await;
    cast::assign(kit, &other, &assigned.company.id, &admin.person.user, None).await;
    admin.person
}

#[test]
fn the_switcher_pages_through_companies_firms_and_clients_and_misses_nobody() {
    run(async {
        let kit = kit();
        let person = busy(kit).await;
        let whole = pages(&kit.api, &person, "", 100).await.concat();
        let own = ["Aster Garden", "Zinnia Garden", "Adas Firm", "Beas Firm"];
        let clients = ["lilac #1", "Lily & Sons", "Lime Trees", "Mint Ltd"];
        assert_eq!(names(&whole), own.into_iter().chain(clients).collect::<Vec<_>>());
        let via = |name: &str| with(&whole, "name", name).first().map(|place| text(place, "/via"));
        assert_eq!(via("Lime Trees").as_deref(), Some("bookkeeper"));
        assert_eq!(via("Mint Ltd").as_deref(), Some("firm_admin"));
        for limit in 1..=5 {
            let paged = pages(&kit.api, &person, "", limit).await.concat();
            let mut one: Vec<String> = names(&paged);
            let mut all: Vec<String> = names(&whole);
            one.sort();
            all.sort();
            assert_eq!(one, all, "in pages of {limit}");
        }
    });
}

#[test]
fn the_switcher_reaches_the_clients_of_an_admins_sixth_firm() {
    run(async {
        let kit = kit();
        let mut admin = cast::firm_admin(kit, "Ada Admin", "Firm 1").await;
        for n in 2..=6 {
            admin.firm = cast::register_firm(kit, &admin.person, &format!("Firm {n}")).await;
        }
        admin.here = cast::enter(kit, &admin.person, &admin.firm.id).await;
        for name in ["Client A", "Client B"] {
            let owner = cast::owner(kit, "Olga Owner", name).await;
            cast::connect(kit, &owner, &admin, None).await;
        }
        for limit in [1, 3, 100] {
            let places = pages(&kit.api, &admin.person, "", limit).await.concat();
            let mut found = names(&places);
            found.sort();
            let expected = ["Client A", "Client B", "Firm 1", "Firm 2", "Firm 3", "Firm 4", "Firm 5", "Firm 6"];
            assert_eq!(found, expected, "in pages of {limit}");
        }
    });
}

#[test]
fn the_switcher_finds_by_the_beginning_of_a_name_and_by_kind() {
    run(async {
        let kit = kit();
        let person = busy(kit).await;
        let found = async |query: &str| {
            let mut found = names(&pages(&kit.api, &person, query, 2).await.concat());
            found.sort();
            found
        };
        assert_eq!(found("&q=li").await, ["Lily & Sons", "Lime Trees", "lilac #1"]);
        assert_eq!(found("&q=LIL").await, ["Lily & Sons", "lilac #1"]);
        assert_eq!(found("&q=lilac%20%231").await, ["lilac #1"]);
        assert_eq!(found("&q=garden").await, Vec::<String>::new(), "it is not how the names begin");
        assert_eq!(found("&kind=company").await, ["Aster Garden", "Zinnia Garden"]);
        assert_eq!(found("&kind=firm").await, ["Adas Firm", "Beas Firm"]);
        assert_eq!(found("&kind=client&q=m").await, ["Mint Ltd"]);
        assert_eq!(found("&kind=company&q=z").await, ["Zinnia Garden"]);
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("kind=planet", "kind"),
            ("cursor=nonsense", "cursor"),
            ("who=me", "who"),
            (&format!("q={}", "x".repeat(121)), "q"),
        ] {
            let answer = kit.api.get(&format!("/v1/contexts?{query}")).by(&person).send().await;
            crate::support::refused_input(&answer, field);
        }
        // A cursor opens only the list of the person who got it.
        let first = kit.api.get("/v1/contexts?kind=client&limit=2").by(&person).ok(200).await;
        let cursor = text(&first, "/next_cursor");
        let stranger = people::sign_up(kit, "Sven Stranger").await;
        let answer = kit.api.get(&format!("/v1/contexts?cursor={cursor}")).by(&stranger).send().await;
        answer.refused_field(422, "invalid-field", "cursor");
    });
}

#[test]
fn the_switcher_tells_what_waits_for_the_person_and_where_they_were_last() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let (accountant, ledger) =
            tokio::join!(cast::member(kit, &owner, "Anna Accountant", "accountant", None), Ledger::sign_in(kit),);
        let company = owner.company.id.as_str();
        for (reference, prepared_by) in [("A-1", None), ("A-2", None), ("A-3", Some(owner.person.user.as_str()))] {
            ledger.transaction(kit, company, reference, 5_000, prepared_by).await;
        }
        let entry = async |person: &Person| {
            let answer = kit.api.get("/v1/contexts").by(person).ok(200).await;
            with(list(&answer, "contexts"), "id", company)[0].clone()
        };
        let before = entry(&owner.person).await;
        assert_eq!(before.get("pending_approvals"), Some(&json!(2)), "not what they prepared themselves");
        let of_accountant = entry(&accountant.person).await;
        assert_eq!(of_accountant.get("pending_approvals"), None, "no approval waits for a person who may not decide");
        let decide = kit.api.post("/v1/approvals/A-1/decision").by(&owner.person).within(&owner.here);
        decide.json(json!({ "decision": "rejected" })).ok(200).await;
        assert_eq!(entry(&owner.person).await.get("pending_approvals"), Some(&json!(1)));

        let visited = |entry: &Value| -> jiff::Timestamp { text(entry, "/last_visited").parse().expect("a time") };
        cast::enter(kit, &owner.person, company).await;
        assert!(visited(&entry(&owner.person).await) > visited(&before), "entering again is the last visit");

        let other = cast::register_company(kit, &owner.person, "Unvisited Ltd").await;
        let answer = kit.api.get("/v1/contexts?q=unvis").by(&owner.person).ok(200).await;
        assert_eq!(text(&answer, "/contexts/0/id"), other.id);
        assert!(answer.pointer("/contexts/0/last_visited").is_none(), "{answer}");
    });
}

/// Proves: 9
#[test]
fn the_switcher_shows_no_client_of_a_firm_that_let_one_go() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let second = cast::staff(kit, &admin, "Alba Admin", "admin").await;
        let sees = async |person: &Person| {
            let answer = kit.api.get("/v1/contexts?kind=client").by(person).ok(200).await;
            list(&answer, "contexts").len()
        };
        assert_eq!((sees(&admin.person).await, sees(&second).await), (1, 1));
        let path = format!("/v1/staff/{}", second.user);
        let removed = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        assert!(matches!(removed.status, 200 | 204), "{}", removed.text());
        assert_eq!(sees(&second).await, 0);
        let path = format!("/v1/connections/{}", admin.firm.id);
        let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
        assert_eq!(sees(&admin.person).await, 0);
    });
}

#[test]
fn the_vendor_may_make_a_reason_mandatory() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let company = world.owner.company.id.as_str();
        let enter = |person: &Person, body: Value| {
            signed_in(HttpEvent::post(&format!("/v1/contexts/{company}")).json(&body), &person.access_token)
        };
        let reason = || json!({ "reason": "VAT return" });
        for (rule, of_owner, of_bookkeeper) in [("never", 200, 200), ("firms", 200, 422), ("always", 422, 422)] {
            let rig = Rig::of(kit, "switch-context").await.with("REASON_REQUIRED", rule);
            let function = rig.start().await;
            for (person, status) in [(&world.owner.person, of_owner), (&world.bookkeeper, of_bookkeeper)] {
                let answer = function.request(&enter(person, json!({}))).await.expect("an answer");
                assert_eq!(answer.status, status, "{rule}: {}", answer.text());
                if status == 422 {
                    assert_eq!(text(&answer.json(), "/errors/0/field"), "reason");
                }
                let answer = function.request(&enter(person, reason())).await.expect("an answer");
                assert_eq!(answer.status, 200, "{rule}: {}", answer.text());
            }
            // A person without a seat there does not learn that a reason is needed.
            let stranger = people::sign_up(kit, "Sven Stranger").await;
            let answer = function.request(&enter(&stranger, json!({}))).await.expect("an answer");
            assert_eq!(answer.status, 404, "{rule}: {}", answer.text());
        }
        assert!(Rig::of(kit, "switch-context").await.try_start("REASON_REQUIRED", "sometimes").await.is_err());
    });
}

/// Proves: 10
#[test]
fn two_tabs_in_two_companies_never_mix() {
    run(async {
        let kit = kit();
        let (admin, one, two) = tokio::join!(
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            cast::owner(kit, "Olga Owner", "First Ltd"),
            cast::owner(kit, "Ole Owner", "Second Ltd"),
        );
        let ledger = Ledger::sign_in(kit).await;
        for (owner, reference) in [(&one, "ONE-1"), (&two, "TWO-1")] {
            cast::connect(kit, owner, &admin, None).await;
            ledger.invoice(kit, &owner.company.id, reference, 50_000).await;
        }
        let (first, second) = tokio::join!(
            cast::enter(kit, &admin.person, &one.company.id),
            cast::enter(kit, &admin.person, &two.company.id),
        );
        assert_ne!(first.session, second.session);
        // Each tab sees its own company, whatever the other one did last, and by no request the other's.
        for _ in 0..2 {
            for (here, own, other) in [(&first, "ONE-1", "TWO-1"), (&second, "TWO-1", "ONE-1")] {
                let get = |path: String| kit.api.get(&path).by(&admin.person).within(here).send_owned();
                get(format!("/v1/invoices/{own}")).await.ok(200);
                get(format!("/v1/invoices/{other}")).await.refused(404, "not-found");
                let listed = get("/v1/invoices".to_owned()).await.ok(200);
                assert_eq!(list(&listed, "invoices").len(), 1, "{listed}");
                let words = json!({ "text": format!("Seen in {own}") });
                let comment = kit.api.post(&format!("/v1/invoices/{own}/comments")).by(&admin.person).within(here);
                comment.json(words.clone()).ok(201).await;
                let comment = kit.api.post(&format!("/v1/invoices/{other}/comments")).by(&admin.person).within(here);
                comment.json(words).refused(404, "not-found").await;
            }
        }
        // Leaving one leaves the other as it is.
        let left = kit.api.post("/v1/contexts/leave").by(&admin.person).within(&first).send().await;
        assert_eq!(left.status, 204, "{}", left.text());
        kit.api.get("/v1/invoices").by(&admin.person).within(&second).ok(200).await;
        // What was done in each is recorded there, under that tab's session and no other.
        for (owner, here, other) in [(&one, &first, &second), (&two, &second, &first)] {
            let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
            let of = |session: &str| {
                let by_session = |event: &&Value| event.pointer("/actor/session") == Some(&json!(session));
                trail.iter().filter(by_session).count()
            };
            assert!(of(&here.session) >= 3, "{trail:?}");
            assert_eq!(of(&other.session), 0, "{trail:?}");
        }
    });
}
