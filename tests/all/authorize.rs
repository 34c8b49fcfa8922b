//! `/v1/authorize`, `/v1/access/{permission}`, and the offline check beside them: what `docs/authorize.md` promises to modules
//! that the vendor's own product hosts.

mod offline;

use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::http::Answer;
use tests::machine::{Ledger, Module};
use tests::runtime_api::HttpEvent;
use tests::stack::Stack;
use tests::{Kit, kit, people, run};

use crate::faults::rig::{Rig, refused, signed_in, unavailable};
use crate::support::refused_input;
use crate::tokens::signed;

async fn ask(kit: &Kit, module: &Module, body: Value) -> Answer {
    kit.api.post("/v1/authorize").by(module).json(body).send().await
}

/// The answers as `permission yes` or `permission why-not`.
fn answers(answer: &Value) -> Vec<String> {
    let one = |each: &Value| {
        let allowed = each.get("allowed") == Some(&json!(true));
        let said = each.get("reason").and_then(Value::as_str);
        assert_eq!(allowed, said.is_none(), "{each}");
        format!("{} {}", text(each, "/permission"), said.unwrap_or("yes"))
    };
    list(answer, "permissions").iter().map(one).collect()
}

async fn published(kit: &Kit) -> JwkSet {
    let keys = kit.api.get("/.well-known/jwks.json").send().await.ok(200);
    serde_json::from_value(keys).expect("a JWK set")
}

#[test]
fn a_module_asks_about_many_permissions_of_a_context_at_once() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        let here = &world.bookkeeper_inside;
        let wanted = json!(["vat.view", "bank.view", "payroll.view", "dashboard.view"]);
        let answer = ask(kit, &module, json!({ "token": here.token, "permissions": wanted })).await.ok(200);
        let expected = ["vat.view not_granted", "bank.view yes", "payroll.view not_granted", "dashboard.view yes"]
            .map(str::to_owned);
        assert_eq!(answers(&answer), expected);
        assert_eq!(answer.get("allowed"), Some(&json!(false)), "one of them is refused");
        assert_eq!(text(&answer, "/subject"), world.bookkeeper.user);
        assert_eq!((text(&answer, "/org/kind"), text(&answer, "/org/id")), ("company".to_owned(), here.org.clone()));
        assert_eq!(
            (text(&answer, "/via"), text(&answer, "/firm")),
            ("bookkeeper".to_owned(), world.admin.firm.id.clone())
        );
        let expires: jiff::Timestamp = text(&answer, "/expires_at").parse().expect("a time");
        assert_eq!(json!(expires.as_second()), people::claims(&here.token)["exp"]);

        let one = ask(kit, &module, json!({ "token": here.token, "permissions": ["bank.view"] })).await.ok(200);
        assert_eq!(one.get("allowed"), Some(&json!(true)));
        let at_firm = json!({ "token": world.admin.here.token, "permissions": ["clients.view", "vat.view"] });
        let at_firm = ask(kit, &module, at_firm).await.ok(200);
        assert_eq!(answers(&at_firm), ["clients.view yes", "vat.view not_granted"]);
    });
}

#[test]
fn an_access_token_counts_for_ones_own_place_or_for_the_firm_that_is_named() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        let company = world.owner.company.id.as_str();
        let of = |token: &str, org: &str, firm: Option<&str>| {
            let mut body = json!({ "token": token, "org": org, "permissions": ["vat.manage", "bank.view"] });
            if let Some(firm) = firm {
                body["firm"] = json!(firm);
            }
            let module = &module;
            async move { ask(kit, module, body).await.ok(200) }
        };
        let owner = of(&world.owner.person.access_token, company, None).await;
        assert_eq!(answers(&owner), ["vat.manage yes", "bank.view yes"]);
        assert_eq!(
            (text(&owner, "/via"), text(&owner, "/subject")),
            ("member".to_owned(), world.owner.person.user.clone())
        );
        let firm = Some(world.admin.firm.id.as_str());
        let admin = of(&world.admin.person.access_token, company, firm).await;
        assert_eq!(answers(&admin), ["vat.manage yes", "bank.view yes"]);
        assert_eq!(text(&admin, "/via"), "firm_admin");
        let bookkeeper = of(&world.bookkeeper.access_token, company, firm).await;
        assert_eq!(answers(&bookkeeper), ["vat.manage not_granted", "bank.view yes"]);
        assert_eq!(text(&bookkeeper, "/via"), "bookkeeper");
        // Neither has a place of their own there.
        for token in [&world.admin.person.access_token, &world.bookkeeper.access_token] {
            let answer = of(token, company, None).await;
            assert_eq!(answers(&answer), ["vat.manage no_access", "bank.view no_access"]);
            assert!(answer.get("via").is_none(), "{answer}");
        }
        // And nobody acts for a firm that they are not with.
        let answer = of(&world.owner.person.access_token, company, firm).await;
        assert_eq!(answer.get("allowed"), Some(&json!(false)));
    });
}

/// Proves: 9
#[test]
fn an_access_that_has_ended_is_an_answer_and_not_an_error() {
    run(async {
        let kit = kit();
        let module = Module::sign_in(kit).await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mira Member", "admin", None).await;
        let question = json!({ "token": member.here.token, "permissions": ["vat.manage"] });
        let before = ask(kit, &module, question.clone()).await.ok(200);
        assert_eq!(answers(&before), ["vat.manage yes"]);

        let path = format!("/v1/members/{}", member.person.user);
        let reduced = json!({ "role": "client" });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(reduced).ok(200).await;
        let reduced = ask(kit, &module, question.clone()).await.ok(200);
        assert_eq!(answers(&reduced), ["vat.manage not_granted"], "the token still lists it");

        let removed = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(matches!(removed.status, 200 | 204), "{}", removed.text());
        let after = ask(kit, &module, question).await.ok(200);
        assert_eq!(answers(&after), ["vat.manage no_access"]);
        let by_access =
            json!({ "token": member.person.access_token, "org": owner.company.id, "permissions": ["vat.manage"] });
        assert_eq!(answers(&ask(kit, &module, by_access).await.ok(200)), ["vat.manage no_access"]);

        // Offline, the token goes on saying what was true when it was issued, until it runs out.
        let claims =
            offline::verify(&member.here.token, &published(kit).await, &kit.stack.api_url, &member.person.user);
        assert!(offline::may(&claims.expect("it still verifies"), &owner.company.id, "vat.manage"));
    });
}

/// Proves: 8
#[test]
fn a_token_that_is_not_acceptable_is_named() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        let company = world.owner.company.id.as_str();
        let good = &world.owner.here.token;
        let (header, claims) = (people::header(good), people::claims(good));
        let expired = {
            let mut claims = claims.clone();
            for (name, seconds) in [("iat", -1200), ("nbf", -1200), ("exp", -600)] {
                claims[name] = json!(jiff::Timestamp::now().as_second() + seconds);
            }
            signed(kit, &header, &claims).await
        };
        let elsewhere = {
            let mut claims = claims.clone();
            claims["aud"] = json!("somewhere-else");
            signed(kit, &header, &claims).await
        };
        let altered = |token: &str| {
            let signature = token.rsplit('.').next().expect("a JWT has parts");
            let turned: String = signature.chars().rev().collect();
            token.replace(signature, &turned)
        };
        for (what, token) in [
            ("nothing", String::new()),
            ("nonsense", "nonsense".to_owned()),
            ("too long", "x".repeat(9000)),
            ("an expired context", expired),
            ("a context for another audience", elsewhere),
            ("a context with another signature", altered(good)),
            ("an access token with another signature", altered(&world.owner.person.access_token)),
            ("an ID token", world.owner.person.id_token.clone()),
            ("a machine's token", module.access_token.clone()),
        ] {
            let body = json!({ "token": token, "org": company, "permissions": ["vat.view"] });
            let answer = ask(kit, &module, body).await;
            assert_eq!(answer.status, 422, "{what}: {}", answer.text());
            answer.refused_field(422, "invalid-field", "token");
            assert!(!answer.text().contains(good.as_str()), "a token is not repeated");
        }
    });
}

/// Proves: 8
#[test]
fn only_our_portals_tokens_of_our_own_pool_stand_for_a_person() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        let issuer = text(&people::claims(&world.owner.person.access_token), "/iss");
        let pool = issuer.rsplit('/').next().expect("an issuer ends with its pool");
        let body = json!({
            "token": world.owner.person.access_token, "org": world.owner.company.id, "permissions": ["vat.view"],
        });
        let elsewhere = format!("https://elsewhere.example/{pool}");
        for (variable, value) in [("WEB_CLIENT_ID", "another-client"), ("IDENTITY_ISSUER", elsewhere.as_str())] {
            let rig = Rig::of(kit, "authorize").await.with(variable, value);
            let answer = rig.start().await.request(&question(&module, &body)).await.expect("an answer");
            let problem = refused(&answer, 422, "invalid-field");
            assert_eq!(text(&problem, "/errors/0/field"), "token", "{variable}");
        }
    });
}

#[test]
fn contexts_are_answered_while_the_identity_provider_is_away() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        // Nothing listens on the discard port.
        let away = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:9");
        let rig = Rig::of(kit, "authorize").await.with(away.0, away.1);
        let function = rig.start().await;
        let org = &world.owner.company.id;
        let of_person = json!({ "token": world.owner.person.access_token, "org": org, "permissions": ["vat.view"] });
        let answer = function.request(&question(&module, &of_person)).await.expect("an answer");
        unavailable(&answer);
        let of_context = json!({ "token": world.owner.here.token, "permissions": ["vat.view"] });
        let answer = function.request(&question(&module, &of_context)).await.expect("an answer");
        assert_eq!((answer.status, answer.json().get("allowed")), (200, Some(&json!(true))), "{}", answer.text());
    });
}

/// A module's question, as the gateway hands it over.
fn question(module: &Module, body: &Value) -> HttpEvent {
    let event = signed_in(HttpEvent::post("/v1/authorize").json(body), &module.access_token);
    event.scopes(&["countersign/authorize"])
}

#[test]
fn a_question_is_checked_like_any_input() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let module = Module::sign_in(kit).await;
        let token = &world.bookkeeper_inside.token;
        let access = &world.bookkeeper.access_token;
        let firm = world.admin.firm.id.as_str();
        let other = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        for (body, field) in [
            (json!({ "permissions": ["vat.view"] }), "token"),
            (json!({ "token": 7, "permissions": ["vat.view"] }), "token"),
            (json!({ "token": token }), "permissions"),
            (json!({ "token": token, "permissions": [] }), "permissions"),
            (json!({ "token": token, "permissions": vec!["vat.view"; 51] }), "permissions"),
            (json!({ "token": token, "permissions": ["vat.view", "bank.rob"] }), "permissions[1]"),
            (json!({ "token": token, "permissions": ["vat.view"], "user": "u" }), "user"),
            (json!({ "token": token, "permissions": ["vat.view"], "org": "COMPANY#x" }), "org"),
            (json!({ "token": token, "permissions": ["vat.view"], "org": other.company.id }), "org"),
            (json!({ "token": world.owner.here.token, "permissions": ["vat.view"], "firm": firm }), "firm"),
            (json!({ "token": access, "permissions": ["vat.view"] }), "org"),
            (
                json!({ "token": access, "permissions": ["vat.view"], "org": firm,
                     "firm": "fm_00000000000070008000000000000000" }),
                "firm",
            ),
        ] {
            refused_input(&ask(kit, &module, body).await, field);
        }
        let most = json!({ "token": token, "permissions": vec!["bank.view"; 50] });
        assert_eq!(list(&ask(kit, &module, most).await.ok(200), "permissions").len(), 50);
    });
}

#[test]
fn only_modules_ask_and_modules_only_ask() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (module, ledger) = tokio::join!(Module::sign_in(kit), Ledger::sign_in(kit));
        let question = || json!({ "token": world.owner.here.token, "permissions": ["vat.view"] });
        // The gateway refuses: the scope is missing.
        for answer in [
            kit.api.post("/v1/authorize").by(&world.owner.person).json(question()).send().await,
            kit.api.post("/v1/authorize").by(&ledger).json(question()).send().await,
        ] {
            assert_eq!(answer.status, 403, "{}", answer.text());
        }
        assert_eq!(kit.api.post("/v1/authorize").json(question()).send().await.status, 401);
        let path = format!("/v1/ledger/companies/{}/invoices/{}", world.owner.company.id, world.reference);
        assert_eq!(kit.api.get(&path).by(&module).send().await.status, 403);
        for path in ["/v1/me", "/v1/contexts", "/v1/roles"] {
            kit.api.get(path).by(&module).refused(401, "not-signed-in").await;
        }
    });
}

/// Proves: 8
#[test]
fn a_module_verifies_a_context_offline_as_the_page_says() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let keys = published(kit).await;
        let (issuer, here) = (kit.stack.api_url.as_str(), &world.bookkeeper_inside);
        let verify = |token: &str, identity: &str| offline::verify(token, &keys, issuer, identity);
        let claims = verify(&here.token, &world.bookkeeper.user).expect("it verifies");
        assert_eq!(
            (claims.firm.as_deref(), claims.sid.as_str()),
            (Some(world.admin.firm.id.as_str()), here.session.as_str())
        );
        assert!(offline::may(&claims, &here.org, "bank.view"));
        assert!(!offline::may(&claims, &here.org, "vat.view"), "it is not in the list");
        assert!(
            !offline::may(&claims, "co_00000000000070008000000000000000", "bank.view"),
            "it is for another company"
        );

        assert!(verify(&here.token, &world.owner.person.user).is_err(), "someone else's");
        assert!(verify(&world.bookkeeper.access_token, &world.bookkeeper.user).is_err(), "an access token");
        assert!(offline::verify(&here.token, &keys, "https://elsewhere.example", &world.bookkeeper.user).is_err());
        let (header, claims) = (people::header(&here.token), people::claims(&here.token));
        let with = |name: &str, value: Value| {
            let (header, mut claims) = (header.clone(), claims.clone());
            claims[name] = value;
            async move { signed(kit, &header, &claims).await }
        };
        let now = jiff::Timestamp::now().as_second();
        for (what, token) in [
            ("run out", with("exp", json!(now - 120)).await),
            ("not begun", with("nbf", json!(now + 600)).await),
            ("another audience", with("aud", json!("elsewhere")).await),
        ] {
            assert!(verify(&token, &world.bookkeeper.user).is_err(), "{what}");
        }
    });
}

#[test]
fn the_page_shows_the_code_that_is_tested() {
    let read = |path: &str| std::fs::read_to_string(Stack::repository().join(path)).expect("it is there");
    let code = read("tests/all/authorize/offline.rs");
    let shown = code.split("// [shown]\n").nth(1).expect("the code has marks").replace("pub(crate) ", "");
    let page = read("docs/authorize.md");
    assert!(page.contains(&format!("```rust\n{shown}```")), "docs/authorize.md shows other code:\n{shown}");
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
