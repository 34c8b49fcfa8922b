//! `/v1/contexts`, `/v1/access/{permission}`, `/.well-known/jwks.json`.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::people;
use tests::{kit, run};

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

#[test]
fn the_context_token_can_be_verified_offline_with_the_published_keys() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let keys = kit.api.get("/.well-known/jwks.json").send().await;
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
fn access_answers_for_one_permission_and_why() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let ask = |permission: &str| {
            kit.api
                .get(&format!("/v1/access/{permission}"))
                .by(&world.bookkeeper)
                .within(&world.bookkeeper_inside)
                .send_owned()
        };
        let yes = ask("bank.view").await.ok(200);
        assert_eq!(yes.get("allowed"), Some(&json!(true)));
        assert_eq!(text(&yes, "/via"), "bookkeeper");
        for refused in ["bank.manage", "payroll.view", "team.manage", "billing.view", "approvals.decide"] {
            let problem = ask(refused).await.refused(403, "not-granted");
            assert_eq!(text(&problem, "/permission"), refused);
        }
        let unknown = ask("bank.rob").await;
        unknown.refused(404, "not-found");
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
fn whoever_may_enter_in_two_ways_chooses() {
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
