//! `/v1/me/invitations`: what waits for someone who is signed in, and answering it without the mail.

use serde_json::{Value, json};
use tests::Kit;
use tests::cast::{self, list, text};
use tests::people::{self, Person};
use tests::{kit, run};

use crate::support::refused_input;

async fn waiting(kit: &Kit, person: &Person) -> Vec<Value> {
    let answer = kit.api.get("/v1/me/invitations").by(person).ok(200).await;
    list(&answer, "invitations").clone()
}

fn answer<'a>(kit: &'a Kit, by: &Person, id: &str, action: &str, body: Value) -> tests::http::Call<'a> {
    kit.api.post(&format!("/v1/me/invitations/{id}/{action}")).by(by).json(body)
}

#[test]
fn an_invitation_waits_at_ones_own_address_and_needs_no_mail() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let other = people::sign_up(kit, "Olaf Other").await;
        assert!(waiting(kit, &guest).await.is_empty());
        let body = json!({ "kind": "member", "email": guest.email, "role": "client", "message": "Welcome" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let seen = waiting(kit, &guest).await;
        assert_eq!((seen.len(), text(&seen[0], "/id")), (1, invited.id.clone()), "{seen:?}");
        assert_eq!(text(&seen[0], "/org/name"), "Owners Ltd");
        assert_eq!(text(&seen[0], "/message"), "Welcome");
        assert!(!seen[0].to_string().contains(invited.token.rsplit('.').next().unwrap()), "the link's secret");
        assert!(waiting(kit, &other).await.is_empty());
        for action in ["accept", "reject"] {
            answer(kit, &other, &invited.id, action, json!({})).refused(404, "not-found").await;
        }
        let taken = answer(kit, &guest, &invited.id, "accept", json!({})).ok(200).await;
        assert_eq!(text(&taken, "/outcome"), "accepted");
        cast::enter(kit, &guest, &owner.company.id).await;
        let again = answer(kit, &guest, &invited.id, "accept", json!({})).ok(200).await;
        assert_eq!(text(&again, "/outcome"), "already_accepted");
        // The link is used up with it.
        let by_link = kit.api.get(&invited.link).send().await;
        assert_eq!(by_link.status, 410, "{}", by_link.text());
    });
}

/// Proves: 13
#[test]
fn a_firms_invitation_waits_for_every_admin_of_the_firm_at_that_address() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ann First", "Firm at Main").await;
        let second = cast::staff(kit, &admin, "Bea Second", "admin").await;
        let bookkeeper = cast::staff(kit, &admin, "Bob Books", "bookkeeper").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        // What is for the first admin alone stays theirs.
        let body = json!({ "kind": "member", "email": admin.person.email, "role": "client" });
        let personal = cast::invite(kit, &owner.person, &owner.here, body).await;

        let seen = waiting(kit, &second).await;
        assert_eq!((seen.len(), text(&seen[0], "/id")), (1, invited.id.clone()), "{seen:?}");
        assert_eq!(text(&seen[0], "/for_firms/0/id"), admin.firm.id);
        assert_eq!(waiting(kit, &admin.person).await.len(), 2);
        assert!(waiting(kit, &bookkeeper).await.is_empty());
        answer(kit, &bookkeeper, &invited.id, "accept", json!({})).refused(404, "not-found").await;
        let named = json!({ "firm": admin.firm.id });
        answer(kit, &bookkeeper, &invited.id, "accept", named).refused(404, "not-found").await;
        answer(kit, &second, &personal.id, "accept", json!({})).refused(404, "not-found").await;

        // An admin answers for the firm whose address it is, and for no other.
        let others = cast::register_firm(kit, &second, "Beas Own").await;
        let other = json!({ "firm": others.id });
        answer(kit, &second, &invited.id, "accept", other).refused(404, "not-found").await;
        let new = json!({ "new_firm": { "name": "Beas Third" } });
        refused_input(&answer(kit, &second, &invited.id, "accept", new).send().await, "new_firm");
        let taken = answer(kit, &second, &invited.id, "accept", json!({})).ok(200).await;
        assert_eq!(text(&taken, "/invitation/firm"), admin.firm.id);
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        assert_eq!(inside.via, "firm_admin");
    });
}

#[test]
fn an_admin_declines_for_the_firm_and_the_reason_is_kept() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ann First", "Firm at Main").await;
        let second = cast::staff(kit, &admin, "Bea Second", "admin").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let told = answer(kit, &second, &invited.id, "reject", json!({ "reason": "No capacity" })).ok(200).await;
        assert_eq!(text(&told, "/outcome"), "rejected");
        answer(kit, &admin.person, &invited.id, "accept", json!({})).refused(410, "gone").await;
        assert!(waiting(kit, &admin.person).await.is_empty());
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let rejected = crate::support::with(&trail, "type", "invitation.rejected");
        assert_eq!(text(rejected[0], "/data/reason"), "No capacity");
        assert_eq!(text(rejected[0], "/actor/firm"), admin.firm.id);
    });
}

#[test]
fn a_client_reads_the_consent_where_it_waits_and_gives_it_there() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "client", "email": owner.person.email, "permissions": ["vat.view"] });
        let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
        let seen = waiting(kit, &owner.person).await;
        assert!(text(&seen[0], "/consent/text").contains("See VAT returns and settings."), "{seen:?}");
        let consent =
            json!({ "version": text(&seen[0], "/consent/version"), "digest": text(&seen[0], "/consent/digest") });
        let send = |body: Value| answer(kit, &owner.person, &invited.id, "accept", body).send_owned();
        refused_input(&send(json!({ "consent": consent })).await, "company");
        refused_input(&send(json!({ "company": owner.company.id })).await, "consent.version");
        send(json!({ "company": owner.company.id, "consent": consent })).await.ok(200);
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        assert_eq!(inside.permissions, ["vat.view"]);
    });
}

#[test]
fn what_waits_at_several_addresses_comes_page_by_page_and_each_once() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ann First", "Firm at Main").await;
        let second = cast::staff(kit, &admin, "Bea Second", "admin").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mut expected = Vec::new();
        for (kind, email) in [
            ("member", &second.email),
            ("firm", &second.email),
            ("firm", &admin.person.email),
            ("firm", &admin.person.email),
        ] {
            let mut body = json!({ "kind": kind, "email": email });
            if kind == "member" {
                body["role"] = json!("client");
            }
            expected.push(cast::invite(kit, &owner.person, &owner.here, body).await.id);
        }
        let mut seen = Vec::new();
        let mut path = "/v1/me/invitations?limit=2".to_owned();
        for _ in 0..10 {
            let page = kit.api.get(&path).by(&second).ok(200).await;
            seen.extend(list(&page, "invitations").iter().map(|one| text(one, "/id")));
            assert!(list(&page, "invitations").len() <= 2);
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => path = format!("/v1/me/invitations?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected);
        let others = kit.api.get(&path).by(&owner.person).send().await;
        refused_input(&others, "cursor");
    });
}

#[test]
fn what_expired_or_was_withdrawn_does_not_wait() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        assert!(waiting(kit, &guest).await.is_empty());
        answer(kit, &guest, &invited.id, "accept", json!({})).refused(410, "gone").await;
    });
}
