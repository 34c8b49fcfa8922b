//! "Bad input, seen to be refused with a clear problem and no trace left": each line of the issue.
//!
//! Where a line is about one route only, its test lives with the route and is named here.
//!
//! | line | test |
//! | --- | --- |
//! | expired, used, revoked, forged invitation token | `accept::accept_refuses_*`, `invitations::a_revoked_invitation_is_gone` |
//! | another email's account | `accept::accept_refuses_another_emails_account` |
//! | an id of another tenant | `tenants` |
//! | an idempotency key with another body | `idempotency` |
//! | a webhook with a bad signature | `payments::a_webhook_with_a_bad_signature_is_refused_and_settles_nothing` |
//! | ID token, foreign context token | `tokens` |

use serde_json::{Value, json};
use tests::cast::{self, Owner};
use tests::http::Answer;
use tests::{Kit, kit, people, run};

use crate::support::refused_input;

/// Sends one bad request in a company of its own and asserts that the company did not change.
async fn without_a_trace(kit: &Kit, owner: &Owner, path: &str, bodies: Vec<(Value, &str)>) {
    let before = kit.table.trace(&owner.company.id).await;
    for (body, field) in bodies {
        let shown = body.to_string();
        let answer = kit.api.post(path).by(&owner.person).within(&owner.here).json(body).send().await;
        assert!(matches!(answer.status, 400 | 422), "{shown}: {} {}", answer.status, answer.text());
        refused_input(&answer, field);
    }
    assert!(kit.table.trace(&owner.company.id).await == before, "{path}: a refused request left a trace");
}

async fn post(kit: &Kit, owner: &Owner, path: &str, media: &str, body: impl Into<Vec<u8>>) -> Answer {
    kit.api.post(path).by(&owner.person).within(&owner.here).raw(media, body).send().await
}

/// Proves: B1
#[test]
fn malformed_json_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        for body in
            ["{", "", "nonsense", "[]", "null", "{\"kind\":\"member\",}", "{\"kind\":\"member\"} {}", "\u{feff}{}"]
        {
            let answer = post(kit, &owner, "/v1/invitations", "application/json", body).await;
            assert!(matches!(answer.status, 400 | 422), "{body}: {} {}", answer.status, answer.text());
            assert!(
                matches!(answer.slug().as_deref(), Some("malformed-request" | "invalid-field")),
                "{body}: {}",
                answer.text()
            );
        }
        let answer = post(kit, &owner, "/v1/invitations", "application/json", vec![0x7b, 0xff, 0xfe, 0x7d]).await;
        answer.refused(400, "malformed-request");
        assert!(kit.table.trace(&owner.company.id).await == before);
    });
}

/// Proves: B1
#[test]
fn json_that_says_a_thing_twice_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let body = format!(
            "{{\"kind\":\"member\",\"email\":\"{}\",\"role\":\"client\",\"role\":\"owner\"}}",
            people::address("Gus Guest")
        );
        let answer = post(kit, &owner, "/v1/invitations", "application/json", body).await;
        assert!(matches!(answer.status, 400 | 422), "{}: {}", answer.status, answer.text());
        // In rows too: nobody is invited as what the inviter did not mean.
        let rows = format!(
            "{{\"invitations\":[{{\"kind\":\"member\",\"email\":\"{}\",\"role\":\"client\",\"role\":\"owner\"}}]}}",
            people::address("Gus Guest")
        );
        let answer = post(kit, &owner, "/v1/invitations/bulk", "application/json", rows).await;
        refused_input(&answer, "invitations[0].role");
    });
}

#[test]
fn another_media_type_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        for media in
            ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            let answer = post(kit, &owner, "/v1/invitations", media, "{}").await;
            answer.refused(415, "unsupported-media-type");
        }
    });
}

/// Proves: 3, B2
#[test]
fn unknown_fields_bad_addresses_roles_and_texts_are_refused_by_name() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let good = || json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let with = |field: &str, value: Value| {
            let mut body = good();
            body[field] = value;
            body
        };
        let mut bodies = vec![
            (with("status", json!("accepted")), "status"),
            (with("invited_by", json!("someone")), "invited_by"),
            (with("company", json!("co_00000000000070008000000000000000")), "company"),
            (with("kind", json!("friend")), "kind"),
            (with("role", json!("emperor")), "role"),
            (with("role", json!("Owner")), "role"),
            (with("role", json!(7)), "role"),
            (with("permissions", json!("all")), "permissions"),
            (with("message", json!("x".repeat(20_000))), "message"),
            (with("name", json!("x".repeat(2_000))), "name"),
            (with("name", json!("line\nbreak")), "name"),
            (with("locale", json!("klingon-and-more")), "locale"),
            (with("expires_in_days", json!(0)), "expires_in_days"),
            (with("expires_in_days", json!(31)), "expires_in_days"),
            (with("expires_in_days", json!(1.5)), "expires_in_days"),
            (json!({ "kind": "member", "role": "client" }), "email"),
        ];
        for email in [
            "nobody",
            "@example.com",
            "a@",
            "a b@example.com",
            "a@b@example.com",
            "a@example.com\r\nBcc: b@example.com",
            "<a@example.com>",
            "a@example..com",
            "",
            " ",
        ] {
            bodies.push((with("email", json!(email)), "email"));
        }
        bodies.push((with("email", json!(format!("{}@example.com", "x".repeat(400)))), "email"));
        without_a_trace(kit, &owner, "/v1/invitations", bodies).await;
    });
}

/// Proves: B2
#[test]
fn an_unknown_permission_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "custom", "permissions": ["bank.rob"] });
        let answer = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).send().await;
        assert!(matches!(answer.status, 400 | 422) && answer.text().contains("permissions"), "{}", answer.text());
        assert!(kit.table.trace(&owner.company.id).await == before);
    });
}

/// Proves: 20, B8
#[test]
fn an_oversized_body_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        let body =
            json!({ "kind": "member", "email": "a@example.com", "role": "client", "message": "x".repeat(1_000_000) });
        let answer = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).send().await;
        answer.refused(413, "too-large");
        assert!(kit.table.trace(&owner.company.id).await == before);
    });
}

/// Proves: 20
#[test]
fn a_deep_body_is_refused_before_it_hurts() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let body = format!("{{\"kind\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
        let answer = post(kit, &owner, "/v1/invitations", "application/json", body).await;
        assert!(matches!(answer.status, 400 | 422), "{}: {}", answer.status, answer.text());
    });
}

/// Proves: 20
#[test]
fn an_idempotency_key_has_its_limits() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        for key in ["x".repeat(65), "has space".to_owned()] {
            let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).key(&key).json(body);
            let answer = call.send().await;
            answer.refused_field(422, "invalid-field", "Idempotency-Key");
        }
    });
}

#[test]
fn a_path_that_is_no_id_is_not_found() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for path in [
            "/v1/payments/nonsense",
            "/v1/payments/py_1",
            "/v1/payments/PY_00000000000070008000000000000000",
            "/v1/approvals/has%20space",
            "/v1/invoices/%00",
        ] {
            let answer = kit.api.get(path).by(&world.owner.person).within(&world.owner.here).send().await;
            answer.refused(404, "not-found");
        }
        let answer = kit.api.post("/v1/contexts/co_%23").by(&world.owner.person).json(json!({})).send().await;
        answer.refused(404, "not-found");
    });
}

#[test]
fn a_method_that_does_not_exist_is_not_found() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let answer = kit.api.delete("/v1/audit").by(&world.owner.person).within(&world.owner.here).send().await;
        assert_eq!(answer.status, 404, "the gateway knows no such route: {}", answer.text());
        let answer = kit.api.get("/v1/nothing").by(&world.owner.person).send().await;
        assert_eq!(answer.status, 404);
    });
}

/// Proves: 20
#[test]
fn problems_tell_nothing_of_the_inside() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Bruno Bad", "Bad Ltd").await;
        let mut seen = String::new();
        for body in ["{", "{\"kind\":7}", "{\"kind\":\"member\",\"email\":\"x\",\"role\":\"y\"}"] {
            seen.push_str(&post(kit, &owner, "/v1/invitations", "application/json", body).await.text());
        }
        for inside in
            ["serde", "DynamoDB", "dynamodb", ".rs", "panicked", "expected struct", "arn:", "COMPANY#", "enum "]
        {
            assert!(!seen.contains(inside), "a problem says `{inside}`: {seen}");
        }
    });
}
