//! Access ends with the next request of every function (PROOF 9), whatever tokens still say.
//!
//! `matrix::only_an_active_relationship_grants_anything` tries every route; here is what happens to
//! access that is taken and given again, and to what was under way.

use std::collections::BTreeSet;

use serde_json::json;
use tests::cast;
use tests::people;
use tests::{kit, run};

use crate::matrix::{Here, Row, rows};

/// A function that asks for no permission in a context is tried by `a_removed_person_can_neither_enter_nor_refresh`.
/// Proves: 9
#[test]
fn every_context_function_is_tried_after_a_removal() {
    let functions = |rows: &mut dyn Iterator<Item = &'static Row>| -> BTreeSet<&str> {
        rows.map(|row| row.route.function).collect()
    };
    // What contacts reach is tried in `matrix::contacts`, with or without a permission.
    let here = |row: &&Row| row.here != Here::Customer;
    let in_context = functions(&mut rows().iter().filter(here));
    let is_tried = |row: &&Row| row.needs_permission() || row.route.operation == "refresh_context";
    let tried = functions(&mut rows().iter().filter(is_tried));
    let untried: Vec<_> = in_context.difference(&tried).collect();
    assert!(untried.is_empty(), "no row shows that access through these ends: {untried:?}");
    // A page that nobody can read names no function at all.
    assert!(in_context.len() >= 8, "{in_context:?}");
}

/// Proves: 9
#[test]
fn a_removed_member_who_is_invited_again_starts_anew() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "admin", None).await;
        let path = format!("/v1/members/{}", member.person.user);
        let gone = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(gone.status < 300, "{}", gone.text());
        kit.api.get("/v1/members").by(&member.person).within(&member.here).refused(403, "not-granted").await;

        // The last mail may be the one about the removal, which comes when it comes.
        let seen = kit.mailbox.inbox(&member.person.email).await.into_iter().rfind(|mail| mail.text.contains("/i/"));
        let body = json!({ "kind": "member", "email": member.person.email, "role": "client" });
        kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).ok(201).await;
        let mail = cast::invitation_mail(kit, &member.person.email, seen.as_ref()).await;
        cast::accept(kit, &member.person, &cast::token_in(&mail.link("/i/")), None).await;
        let here = cast::enter(kit, &member.person, &owner.company.id).await;
        kit.api.get("/v1/invoices").by(&member.person).within(&here).ok(200).await;
        // Neither the new token nor the old one, which says admin, gives back what was taken.
        for token in [&here, &member.here] {
            kit.api.get("/v1/members").by(&member.person).within(token).refused(403, "not-granted").await;
        }
    });
}

/// Proves: 9
#[test]
fn a_removed_person_can_neither_enter_nor_refresh() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "admin", None).await;
        let path = format!("/v1/members/{}", member.person.user);
        let gone = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(gone.status < 300, "{}", gone.text());
        let enter = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&enter).by(&member.person).json(json!({})).refused(404, "not-found").await;
        let refresh = kit.api.post("/v1/contexts/refresh").by(&member.person).within(&member.here).send().await;
        refresh.refused(403, "not-granted");
        let listed = kit.api.get("/v1/contexts").by(&member.person).ok(200).await;
        assert!(!listed.to_string().contains(&owner.company.id), "{listed}");
    });
}

#[test]
fn an_invitation_that_was_under_way_does_not_outlive_the_connection_it_needs() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let everything = ["dashboard.view", "team.view", "team.manage"];
        cast::connect(kit, &owner, &admin, Some(&everything)).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body =
            json!({ "kind": "member", "email": guest.email, "role": "custom", "permissions": ["dashboard.view"] });
        let invited = cast::invite(kit, &admin.person, &inside, body).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(ended.status < 300, "{}", ended.text());
        let answer =
            kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token })).send().await;
        answer.refused(410, "gone");
        let enter = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&enter).by(&guest).json(json!({})).refused(404, "not-found").await;
    });
}
