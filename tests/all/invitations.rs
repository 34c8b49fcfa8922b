//! `/v1/invitations`: sending, listing, sending again, revoking, and what the mail looks like.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::people;
use tests::{kit, run};

use crate::support::{types, with};

#[test]
fn an_invitation_goes_out_from_the_vendors_address_with_one_link() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Inga Inviter", "Inviting Ltd").await;
        let email = people::address("Gus Guest");
        let body = json!({ "kind": "member", "email": email, "role": "client", "message": "Welcome aboard" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        assert!(invited.id.starts_with("in"), "{}", invited.id);
        assert!(invited.mail.from.contains(kit.stack.sender.rsplit('<').next().unwrap().trim_end_matches('>')));
        assert!(invited.mail.subject.contains("Inviting Ltd") || invited.mail.text.contains("Inviting Ltd"));
        assert!(invited.mail.text.contains("Welcome aboard"), "{}", invited.mail);
        assert!(invited.mail.html.contains(&invited.link), "both parts carry the same link");
    });
}

/// Proves: 11
#[test]
fn the_links_secret_is_long_and_stored_nowhere() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Sina Secret", "Secrets Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        assert!(invited.token.len() >= 43, "256 bits are 43 characters of base64url: {}", invited.token.len());
        let mut items = kit.table.partition(&format!("INVITATION#{}", invited.id)).await;
        assert!(!items.is_empty(), "nothing was stored, or elsewhere");
        items.extend(kit.table.trace(&owner.company.id).await.into_values());
        let secret = invited.token.rsplit('.').next().unwrap();
        for item in items {
            let shown = format!("{item:?}");
            assert!(!shown.contains(&invited.token) && !shown.contains(secret), "the secret is in {shown}");
        }
    });
}

/// Proves: 14
#[test]
fn known_and_unknown_addresses_are_answered_alike() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Nora Neutral", "Neutral Ltd").await;
        let known = people::sign_up(kit, "Kim Known").await;
        let mut shapes = Vec::new();
        for email in [known.email.clone(), people::address("Una Known")] {
            let body = json!({ "kind": "member", "email": email, "role": "client" });
            let answer = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).ok(201).await;
            shapes.push(shape(&answer));
        }
        assert_eq!(shapes[0], shapes[1], "the answer tells who has an account");
    });
}

/// A JSON document with its values forgotten.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), shape(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

#[test]
fn inviting_needs_the_permission_that_fits_the_kind() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let role = |name: &str| world.members.iter().find(|(role, _)| *role == name).map(|(_, member)| member).unwrap();
        for (role_name, kind, permission) in [
            ("client", "member", "team.manage"),
            ("read-only", "member", "team.manage"),
            ("custom", "firm", "connections.manage"),
            ("accountant", "firm", "connections.manage"),
        ] {
            let member = role(role_name);
            let mut body = json!({ "kind": kind, "email": people::address("Gus Guest") });
            if kind == "member" {
                body["role"] = json!("client");
            }
            let call = kit.api.post("/v1/invitations").by(&member.person).within(&member.here).json(body);
            let problem = call.refused(403, "not-granted").await;
            assert_eq!(text(&problem, "/permission"), permission, "{role_name} inviting a {kind}");
        }
        let body = json!({ "kind": "staff", "email": people::address("Gus Guest"), "role": "bookkeeper" });
        let call = kit.api.post("/v1/invitations").by(&world.bookkeeper).within(&world.bookkeeper_at_firm).json(body);
        let problem = call.refused(403, "not-granted").await;
        assert_eq!(text(&problem, "/permission"), "staff.manage");
    });
}

/// Proves: 5, B3
#[test]
fn nobody_grants_more_than_they_hold() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (_, admin) = world.members.iter().find(|(role, _)| *role == "admin").unwrap();
        for body in [
            json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "owner" }),
            json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "custom", "permissions": ["billing.manage"] }),
            json!({ "kind": "firm", "email": people::address("Gus Guest"), "permissions": ["invoices.view", "billing.manage"] }),
        ] {
            let call = kit.api.post("/v1/invitations").by(&admin.person).within(&admin.here).json(body);
            call.refused(403, "exceeds-own-grants").await;
        }
    });
}

#[test]
fn an_invitation_of_the_wrong_kind_for_the_place_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let staff = json!({ "kind": "staff", "email": people::address("Gus Guest"), "role": "bookkeeper" });
        let call = kit.api.post("/v1/invitations").by(&world.owner.person).within(&world.owner.here).json(staff);
        assert_eq!(text(&call.refused(403, "not-granted").await, "/permission"), "staff.manage");
        let member = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let call = kit.api.post("/v1/invitations").by(&world.admin.person).within(&world.admin.here).json(member);
        assert_eq!(text(&call.refused(403, "not-granted").await, "/permission"), "team.manage");
    });
}

/// Proves: 13
#[test]
fn sending_again_kills_the_old_link_at_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Resi Resender", "Resending Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let first = cast::invite(kit, &owner.person, &owner.here, body).await;
        let path = format!("/v1/invitations/{}/resend", first.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        let accept = |token: &str| kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": token }));
        accept(&first.token).refused(410, "gone").await;
        let mail = cast::invitation_mail(kit, &guest.email, Some(&first.mail)).await;
        let token = cast::token_in(&mail.link("/i/"));
        assert_ne!(token, first.token);
        accept(&token).ok(200).await;
    });
}

#[test]
fn sending_again_to_a_corrected_address_goes_there_and_counts_for_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Theo Typo", "Typos Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": people::address("Gsu Geust"), "role": "client" });
        let first = cast::invite(kit, &owner.person, &owner.here, body).await;
        let path = format!("/v1/invitations/{}/resend", first.id);
        let call = kit.api.post(&path).by(&owner.person).within(&owner.here);
        call.json(json!({ "email": guest.email })).ok(200).await;
        let mail = cast::invitation_mail(kit, &guest.email, None).await;
        cast::accept(kit, &guest, &cast::token_in(&mail.link("/i/")), None).await;
    });
}

/// Proves: 13, B5
#[test]
fn a_revoked_invitation_is_gone() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Rita Revoker", "Revoking Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        let body = json!({ "token": invited.token });
        kit.api.post("/v1/invitations/accept").by(&guest).json(body).refused(410, "gone").await;
        let listed = kit.api.get("/v1/invitations?status=revoked").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(with(list(&listed, "invitations"), "id", &invited.id).len(), 1, "{listed}");
        let pending = kit.api.get("/v1/invitations?status=pending").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(with(list(&pending, "invitations"), "id", &invited.id).is_empty(), "{pending}");
        let again = kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).send().await;
        assert_eq!(text(&again.refused(409, "conflict"), "/state"), "revoked");
    });
}

#[test]
fn invitations_are_listed_in_pages() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Paula Pager", "Pages Ltd").await;
        let mut sent = Vec::new();
        for _ in 0..3 {
            let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
            sent.push(text(&call.ok(201).await, "/invitation/id"));
        }
        let mut seen = Vec::new();
        let mut path = "/v1/invitations?limit=2".to_owned();
        for _ in 0..3 {
            let page = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            let ids: Vec<String> = list(&page, "invitations").iter().map(|one| text(one, "/id")).collect();
            assert!(ids.len() <= 2, "a page is longer than its limit: {page}");
            seen.extend(ids);
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => path = format!("/v1/invitations?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        seen.sort();
        sent.sort();
        assert_eq!(seen, sent);
    });
}

/// Proves: 18
#[test]
fn markup_and_line_breaks_in_names_and_messages_are_inert_in_the_mail() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Hugo <b>Hacker</b>", "Evil <script>alert(1)</script> & Co").await;
        let body = json!({
            "kind": "member", "email": people::address("Gus Guest"), "role": "client",
            "message": "Hello <img src=x onerror=alert(1)> \u{2028} click http://evil.example/i/steal",
        });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let html = &invited.mail.html;
        for raw in ["<script>alert", "<img src=x", "<b>Hacker"] {
            assert!(!html.contains(raw), "{raw} is markup in the mail");
        }
        assert!(!invited.mail.subject.contains(['\r', '\n']), "{:?}", invited.mail.subject);
    });
}

/// Proves: 18
#[test]
fn line_breaks_cannot_enter_a_name_that_becomes_a_subject() {
    run(async {
        let kit = kit();
        let person = people::sign_up(kit, "Hilda Header").await;
        let body = json!({ "name": "Fine Ltd\r\nBcc: all@example.com", "currency": "EUR" });
        let answer = kit.api.post("/v1/companies").by(&person).json(body).send().await;
        crate::support::refused_input(&answer, "name");
    });
}

#[test]
fn sending_and_revoking_leave_one_event_each() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Evi Events", "Events Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
        let id = text(&call.ok(201).await, "/invitation/id");
        for action in ["resend", "revoke"] {
            let path = format!("/v1/invitations/{id}/{action}");
            kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        }
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let of_invitation: Vec<Value> =
            trail.into_iter().filter(|event| event.pointer("/subject/id") == Some(&json!(id))).collect();
        assert_eq!(types(&of_invitation), ["invitation.revoked", "invitation.resent", "invitation.created"]);
    });
}

#[test]
fn an_answer_to_the_mail_goes_to_the_inviter() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Rosa Reply", "Replies Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        assert_eq!(invited.mail.reply_to, [owner.person.email]);
    });
}

#[test]
fn an_invitation_lasts_as_long_as_was_said() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Dora Days", "Days Ltd").await;
        for (said, days) in [(None, 7), (Some(1), 1), (Some(30), 30)] {
            let mut body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
            if let Some(said) = said {
                body["expires_in_days"] = json!(said);
            }
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
            let answer = call.ok(201).await;
            let at = |name: &str| -> jiff::Timestamp { text(&answer, &format!("/invitation/{name}")).parse().unwrap() };
            assert_eq!(at("expires_at").as_second() - at("created_at").as_second(), days * 86_400, "{answer}");
        }
    });
}

/// Proves: 20
#[test]
fn a_cursor_opens_only_the_list_that_gave_it() {
    run(async {
        let kit = kit();
        let (owner, other) = tokio::join!(
            cast::owner(kit, "Cora Cursor", "Cursors Ltd"),
            cast::owner(kit, "Dora Cursor", "Other Cursors Ltd"),
        );
        for _ in 0..3 {
            let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
            kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).ok(201).await;
        }
        let page = kit.api.get("/v1/invitations?limit=1").by(&owner.person).within(&owner.here).ok(200).await;
        let cursor = text(&page, "/next_cursor");
        let altered: String = cursor.chars().rev().collect();
        for path in [
            format!("/v1/audit?limit=1&cursor={cursor}"),
            format!("/v1/members?cursor={cursor}"),
            format!("/v1/invitations?status=revoked&cursor={cursor}"),
            format!("/v1/invitations?cursor={altered}"),
        ] {
            let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).send().await;
            crate::support::refused_input(&answer, "cursor");
        }
        let path = format!("/v1/invitations?limit=1&cursor={cursor}");
        let answer = kit.api.get(&path).by(&other.person).within(&other.here).send().await;
        crate::support::refused_input(&answer, "cursor");
    });
}
