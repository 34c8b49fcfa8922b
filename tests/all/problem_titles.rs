//! Titles of problems are for people, in the language of the request; the rest of a problem is for programs.

use serde_json::{Value, json};
use tests::cast;
use tests::http::{Answer, Call};
use tests::{kit, people, run};

/// The title of a refusal, which says that it is in this language.
#[track_caller]
fn title_in(answer: &Answer, tag: &str, status: u16, slug: &str) -> String {
    let problem = answer.refused(status, slug);
    assert_eq!(answer.header("content-language"), Some(tag), "{}", answer.line);
    cast::text(&problem, "/title")
}

/// The problem of an answer without its title.
fn without_title(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem.as_object_mut().expect("a problem is an object").remove("title");
    problem
}

/// Proves: U19
#[test]
fn a_problem_has_its_title_in_the_language_of_the_request_and_is_else_the_same() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Tilda Title", "Title Ltd").await;
        let reader = cast::member(kit, &owner, "Rita Reader", "read-only", None).await;
        let by_owner = |call: Call<'static>| call.by(&owner.person).within(&owner.here);
        let own = format!("/v1/members/{}", owner.person.user);
        let invite = || kit.api.post("/v1/invitations");
        let guest = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        for (call, status, slug, titles) in [
            (
                by_owner(invite()).raw("application/json", "{"),
                400,
                "malformed-request",
                ["The request cannot be read", "Die Anfrage ist nicht lesbar", "Het verzoek is onleesbaar"],
            ),
            (
                by_owner(kit.api.get("/v1/invoices/NONE")),
                404,
                "not-found",
                ["There is no such thing here", "Das gibt es hier nicht", "Dat bestaat hier niet"],
            ),
            (
                invite().by(&reader.person).within(&reader.here).json(guest),
                403,
                "not-granted",
                [
                    "This is not granted to you here",
                    "Dazu sind Sie hier nicht berechtigt",
                    "Dit is u hier niet toegestaan",
                ],
            ),
            (
                by_owner(kit.api.delete(&own)),
                409,
                "last-owner",
                ["The last owner stays", "Der letzte Inhaber bleibt", "De laatste eigenaar blijft"],
            ),
            (
                kit.api.get("/v1/invoices").by(&owner.person).context_token("a.b.c"),
                401,
                "invalid-context",
                [
                    "The context token is not acceptable",
                    "Das Kontext-Token ist ungültig",
                    "Het contexttoken is ongeldig",
                ],
            ),
            (
                by_owner(invite()).json(json!({ "kind": "member", "colour": "red" })),
                422,
                "invalid-field",
                ["A field is not acceptable", "Ein Feld ist ungültig", "Een veld is ongeldig"],
            ),
        ] {
            let [english, german, dutch] = titles;
            let plain = call.clone().send().await;
            assert_eq!(title_in(&plain, "en", status, slug), english);
            for (languages, tag, title) in [
                ("de-CH, en;q=0.5", "de", german),
                // The weight counts, not the order.
                ("en;q=0.3, nl;q=0.8, de;q=0.5", "nl", dutch),
                ("pt-BR, pt;q=0.9", "en", english),
                ("*;q=;, -", "en", english),
            ] {
                let answer = call.clone().header("accept-language", languages).send().await;
                assert_eq!(title_in(&answer, tag, status, slug), title, "{languages}");
                assert_eq!(without_title(&answer), without_title(&plain), "{languages}");
            }
        }
        // French and Spanish too, and where nobody is signed in.
        for (languages, tag, title) in [
            ("fr", "fr", "Cela n’existe pas ici"),
            ("es-MX", "es", "Eso no existe aquí"),
            ("it", "en", "There is no such thing here"),
        ] {
            let link = kit.api.get("/i/nonsense").header("accept", "application/json");
            for call in [by_owner(kit.api.get("/v1/invoices/NONE")), link] {
                let answer = call.header("accept-language", languages).send().await;
                assert_eq!(title_in(&answer, tag, 404, "not-found"), title);
            }
        }
    });
}

/// A repeated request is answered to who sends it now, whatever language it was first sent in.
///
/// Proves: U19, F1
#[test]
fn a_repeated_request_is_refused_in_its_own_language_and_an_answer_has_none() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Tilda Twice", "Twice Ltd").await;
        let body = |role: &str| json!({ "kind": "member", "email": people::address("Gus Guest"), "role": role });
        let (invited, other) = (body("client"), body("read-only"));
        let invite = |body: &Value, language: &str| {
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).key("twice");
            call.json(body.clone()).header("accept-language", language).send()
        };
        // A refusal is not kept: the same key is free for what is put right.
        let refused = invite(&json!({ "kind": "member" }), "de").await;
        assert_eq!(title_in(&refused, "de", 422, "invalid-field"), "Ein Feld ist ungültig");
        let made = invite(&invited, "de").await;
        let again = invite(&invited, "nl").await;
        assert_eq!((again.ok(201), again.header("idempotency-replayed")), (made.ok(201), Some("true")));
        assert_eq!((made.header("content-language"), again.header("content-language")), (None, None));
        for (language, title) in [
            ("de", "Der Idempotenzschlüssel gehört zu einer anderen Anfrage"),
            ("nl", "De idempotentiesleutel hoort bij een ander verzoek"),
            ("en", "The idempotency key belongs to another request"),
        ] {
            let refused = invite(&other, language).await;
            assert_eq!(title_in(&refused, language, 422, "idempotency-mismatch"), title);
        }
    });
}
