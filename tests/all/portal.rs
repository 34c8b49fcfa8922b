//! A vendor's own portal in place of our pages: behind a link it reads as JSON what a person reads.

use serde_json::{Value, json};
use tests::cast::{self, text};
use tests::http::Answer;
use tests::people::{self, PASSWORD};
use tests::{Kit, kit, run};

async fn read(kit: &Kit, link: &str) -> Answer {
    kit.api.get(link).header("accept", "application/json").send().await
}

/// Proves: 12
#[test]
fn a_portal_reads_an_invitation_and_makes_the_account_with_nothing_from_the_page() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers <i>& Co</i>").await;
        let email = people::address("Cleo Client");
        let body = json!({
            "kind": "client", "email": email, "name": "Cleo", "locale": "pt-BR", "message": "Welcome\n<b>aboard</b>",
            "permissions": ["invoices.view", "vat.manage"],
        });
        let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
        let before = kit.table.item(&format!("INVITATION#{}", invited.id), "INVITATION").await;
        for _ in 0..2 {
            let answer = read(kit, &invited.link).await;
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let shown = answer.ok(200);
            let said: Vec<_> = ["id", "kind", "status", "email", "name", "locale", "message", "invited_by_name"]
                .iter()
                .map(|field| shown[*field].as_str().unwrap_or_default())
                .collect();
            let expected =
                [&invited.id, "client", "pending", &email, "Cleo", "pt-BR", "Welcome\n<b>aboard</b>", "Ada Asker"];
            assert_eq!(said, expected, "{shown}");
            assert_eq!(shown["org"], json!({ "kind": "firm", "id": admin.firm.id, "name": "Askers <i>& Co</i>" }));
            assert_eq!(shown["permissions"], json!(["invoices.view", "vat.manage"]));
        }
        let after = kit.table.item(&format!("INVITATION#{}", invited.id), "INVITATION").await;
        assert!(before.is_some() && before == after, "reading changed something");

        let consent = read(kit, &invited.link).await.ok(200)["consent"].clone();
        assert!(text(&consent, "/text").contains("- File VAT returns."), "{consent}");
        let body = json!({
            "name": "Cleo Client", "password": PASSWORD,
            "company": { "name": "Cleos Shop", "currency": "EUR", "time_zone": "America/Sao_Paulo" },
            "consent": { "version": consent["version"], "digest": consent["digest"] },
        });
        kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;

        // Names and offers are for those who can still accept.
        let closed = read(kit, &invited.link).await.refused(410, "gone");
        assert_eq!(text(&closed, "/state"), "accepted");
        assert!(!closed.to_string().contains("Askers") && !closed.to_string().contains(&email), "{closed}");
    });
}

#[test]
fn what_is_no_link_of_ours_is_told_alike_as_json() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let (start, last) = invited.link.split_at(invited.link.len() - 1);
        let forged = format!("{start}{}", if last == "A" { "B" } else { "A" });
        let base = invited.link.trim_end_matches(invited.token.as_str());
        let mut told: Vec<Value> = Vec::new();
        for link in [forged, format!("{base}nonsense")] {
            told.push(read(kit, &link).await.refused(404, "not-found"));
        }
        assert_eq!(told[0], told[1]);
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        assert_eq!(text(&read(kit, &invited.link).await.refused(410, "gone"), "/state"), "revoked");
    });
}

#[test]
fn a_reader_that_does_not_accept_json_gets_the_page() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        for accepted in ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "application/json, text/html", ""] {
            let page = kit.api.get(&invited.link).header("accept", accepted).send().await;
            page.ok_page();
        }
    });
}

#[test]
fn a_portal_reads_what_a_registration_link_asks_for_before_anybody_signs_in() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Lena Link", "Link Accounting").await;
        let asked = json!({ "label": "Spring fair", "permissions": ["invoices.view"], "max_uses": 1 });
        let call = kit.api.post("/v1/registration-links").by(&admin.person).within(&admin.here).json(asked);
        let made = call.ok(201).await;
        let link = text(&made, "/url");
        let token = link.rsplit('/').next().unwrap_or_default().to_owned();

        let shown = read(kit, &link).await.ok(200);
        assert_eq!(text(&shown, "/firm/name"), "Link Accounting");
        assert!(!shown.to_string().contains("Spring fair"), "the label is the firm's own: {shown}");
        // The same as a signed-in person gets, and enough to register with.
        let person = people::sign_up(kit, "Nora New").await;
        let preview =
            kit.api.post("/v1/registrations/preview").by(&person).json(json!({ "token": token })).ok(200).await;
        assert_eq!(shown, preview);
        let body = json!({
            "token": token, "company": { "name": "Newcomers Ltd", "currency": "EUR" },
            "consent": { "version": shown["consent"]["version"], "digest": shown["consent"]["digest"] },
        });
        kit.api.post("/v1/registrations").by(&person).json(body).ok(201).await;

        let closed = read(kit, &link).await.refused(410, "gone");
        assert_eq!(text(&closed, "/state"), "used_up");
        let base = link.trim_end_matches(token.as_str());
        read(kit, &format!("{base}nonsense")).await.refused(404, "not-found");
    });
}
