//! `/v1/members`, `/v1/staff`, `/v1/connections`, `/v1/assignments`.

use serde_json::json;
use tests::cast::{self, list, text};
use tests::people;
use tests::{kit, run};

use crate::support::{refused_input, with};

#[test]
fn a_members_role_changes_at_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let invoices = || kit.api.get("/v1/invoices").by(&member.person).within(&member.here).send();
        invoices().await.ok(200);
        let path = format!("/v1/members/{}", member.person.user);
        let body = json!({ "role": "custom", "permissions": ["dashboard.view"] });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        // The token still says client: what it says is not what counts.
        let problem = invoices().await.refused(403, "not-granted");
        assert_eq!(text(&problem, "/permission"), "invoices.view");
        kit.api.get("/v1/dashboard").by(&member.person).within(&member.here).ok(200).await;
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(crate::support::types(&trail).contains(&"member.changed"));
    });
}

/// Proves: 5
#[test]
fn the_last_owner_can_neither_go_nor_step_down() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let path = format!("/v1/members/{}", owner.person.user);
        let call = || kit.api.delete(&path).by(&owner.person).within(&owner.here);
        call().refused(409, "last-owner").await;
        let call = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "admin" }));
        call.refused(409, "last-owner").await;
        kit.api.get("/v1/dashboard").by(&owner.person).within(&owner.here).ok(200).await;
    });
}

#[test]
fn one_of_two_owners_may_go() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let second = cast::member(kit, &owner, "Susi Second", "owner", None).await;
        let path = format!("/v1/members/{}", owner.person.user);
        let gone = kit.api.delete(&path).by(&second.person).within(&second.here).send().await;
        assert!(matches!(gone.status, 200 | 204), "{}", gone.text());
        kit.api.get("/v1/dashboard").by(&owner.person).within(&owner.here).refused(403, "not-granted").await;
        let path = format!("/v1/members/{}", second.person.user);
        kit.api.delete(&path).by(&second.person).within(&second.here).refused(409, "last-owner").await;
    });
}

/// Proves: 5
#[test]
fn the_last_admin_of_a_firm_can_neither_go_nor_step_down() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let path = format!("/v1/staff/{}", admin.person.user);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).refused(409, "last-admin").await;
        let call = kit.api.patch(&path).by(&admin.person).within(&admin.here).json(json!({ "role": "bookkeeper" }));
        call.refused(409, "last-admin").await;
    });
}

/// Proves: 5
#[test]
fn a_member_admin_can_neither_make_nor_unmake_an_owner() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        // Two owners, so that it is not the last one who is protected.
        let (admin, client, _) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
            cast::member(kit, &owner, "Susi Second", "owner", None),
        );
        let patch = |user: &str, body| {
            kit.api.patch(&format!("/v1/members/{user}")).by(&admin.person).within(&admin.here).json(body).send_owned()
        };
        patch(&client.person.user, json!({ "role": "owner" })).await.refused(403, "exceeds-own-grants");
        patch(&admin.person.user, json!({ "role": "owner" })).await.refused(403, "exceeds-own-grants");
        let custom = json!({ "role": "custom", "permissions": ["billing.manage"] });
        patch(&client.person.user, custom).await.refused(403, "exceeds-own-grants");
        let down = patch(&owner.person.user, json!({ "role": "client" })).await;
        down.refused(403, "exceeds-own-grants");
        let path = format!("/v1/members/{}", owner.person.user);
        let gone = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        gone.refused(403, "exceeds-own-grants");
    });
}

#[test]
fn a_changed_role_must_be_one_that_exists() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (_, member) = &world.members[2];
        let path = format!("/v1/members/{}", member.person.user);
        for (body, field) in [
            (json!({ "role": "emperor" }), "role"),
            (json!({ "role": "custom", "permissions": ["everything"] }), "permissions"),
            (json!({ "role": "client", "status": "active" }), "status"),
        ] {
            let answer = kit.api.patch(&path).by(&world.owner.person).within(&world.owner.here).json(body).send().await;
            let named = answer.text();
            assert!(matches!(answer.status, 400 | 422) && named.contains(field), "{}: {named}", answer.status);
        }
    });
}

#[test]
fn staff_change_role_and_lose_with_it_what_it_gave() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let second = cast::staff(kit, &admin, "Sepp Second", "admin").await;
        let here = cast::enter(kit, &second, &admin.firm.id).await;
        kit.api.get("/v1/staff").by(&second).within(&here).ok(200).await;
        let path = format!("/v1/staff/{}", second.user);
        let call = kit.api.patch(&path).by(&admin.person).within(&admin.here).json(json!({ "role": "bookkeeper" }));
        call.ok(200).await;
        kit.api.get("/v1/staff").by(&second).within(&here).refused(403, "not-granted").await;
        kit.api.get("/v1/connections").by(&second).within(&here).ok(200).await;
    });
}

#[test]
fn connections_are_seen_from_both_sides() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let company = kit.api.get("/v1/connections").by(&world.owner.person).within(&world.owner.here).ok(200).await;
        let firm = kit.api.get("/v1/connections").by(&world.admin.person).within(&world.admin.here).ok(200).await;
        assert!(company.to_string().contains(&world.admin.firm.id), "{company}");
        assert!(firm.to_string().contains(&world.owner.company.id), "{firm}");
        assert!(firm.to_string().contains(&world.owner.company.name), "{firm}");
    });
}

#[test]
fn a_firm_can_leave_a_company_and_a_company_a_firm() {
    run(async {
        let kit = kit();
        for by_the_firm in [true, false] {
            let (owner, admin) = tokio::join!(
                cast::owner(kit, "Otto Owner", "Owners Ltd"),
                cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            );
            cast::connect(kit, &owner, &admin, None).await;
            let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
            let ended = if by_the_firm {
                kit.api.delete(&format!("/v1/connections/{}", owner.company.id)).by(&admin.person).within(&admin.here)
            } else {
                kit.api.delete(&format!("/v1/connections/{}", admin.firm.id)).by(&owner.person).within(&owner.here)
            };
            let ended = ended.send().await;
            assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
            kit.api.get("/v1/dashboard").by(&admin.person).within(&inside).refused(403, "not-granted").await;
            let path = format!("/v1/contexts/{}", owner.company.id);
            kit.api.post(&path).by(&admin.person).json(json!({})).refused(404, "not-found").await;
        }
    });
}

#[test]
fn a_connection_that_ended_can_begin_anew() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let seen = kit.mailbox.inbox(&admin.person.email).await.pop();
        kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).ok(201).await;
        let mail = cast::invitation_mail(kit, &admin.person.email, seen.as_ref()).await;
        let token = cast::token_in(&mail.link("/i/"));
        cast::accept(kit, &admin.person, &token, Some(&admin.firm.id)).await;
        cast::enter(kit, &admin.person, &owner.company.id).await;
    });
}

/// Proves: 5
#[test]
fn an_assignment_is_never_wider_than_the_connection() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let granted: &[&str] = &["dashboard.view", "invoices.view"];
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &admin, Some(granted)),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let path = format!("/v1/assignments/{}/{}", owner.company.id, bookkeeper.user);
        let body = json!({ "permissions": ["dashboard.view", "payroll.manage"] });
        let call = kit.api.put(&path).by(&admin.person).within(&admin.here).json(body);
        call.refused(403, "exceeds-own-grants").await;
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let here = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        let mut permissions = here.permissions.clone();
        permissions.sort();
        assert_eq!(permissions, granted);
    });
}

#[test]
fn an_assignment_ends_at_once() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &admin, None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let here = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        kit.api.get("/v1/dashboard").by(&bookkeeper).within(&here).ok(200).await;
        let path = format!("/v1/assignments?user={}", bookkeeper.user);
        let listed = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(list(&listed, "assignments").len(), 1, "{listed}");
        let path = format!("/v1/assignments/{}/{}", owner.company.id, bookkeeper.user);
        let ended = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
        kit.api.get("/v1/dashboard").by(&bookkeeper).within(&here).refused(403, "not-granted").await;
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(crate::support::types(&trail).contains(&"assignment.removed"));
    });
}

#[test]
fn only_staff_of_the_firm_and_connected_companies_can_be_assigned() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (other, stranger) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), people::sign_up(kit, "Sven Stranger"));
        for (company, user) in [(&other.company.id, &world.bookkeeper.user), (&world.owner.company.id, &stranger.user)]
        {
            let path = format!("/v1/assignments/{company}/{user}");
            let call = kit.api.put(&path).by(&world.admin.person).within(&world.admin.here).json(json!({}));
            call.refused(404, "not-found").await;
        }
    });
}

#[test]
fn a_query_with_an_unknown_parameter_value_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for (path, field) in [
            ("/v1/invitations?status=sleeping", "status"),
            ("/v1/invitations?limit=0", "limit"),
            ("/v1/invitations?limit=100000", "limit"),
            ("/v1/invitations?cursor=!!", "cursor"),
        ] {
            let answer = kit.api.get(path).by(&world.owner.person).within(&world.owner.here).send().await;
            refused_input(&answer, field);
        }
    });
}

#[test]
fn a_person_may_belong_to_many_places() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let firm = cast::register_firm(kit, &owner.person, "Ottos Firm").await;
        let second = cast::register_company(kit, &owner.person, "Second Ltd").await;
        let answer = kit.api.get("/v1/contexts").by(&owner.person).ok(200).await;
        let contexts = list(&answer, "contexts");
        for id in [&owner.company.id, &firm.id, &second.id] {
            assert_eq!(with(contexts, "id", id).len(), 1, "{answer}");
        }
    });
}

#[test]
fn a_bookkeeper_who_comes_back_starts_without_the_old_assignments() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &admin, None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let before = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        let path = format!("/v1/staff/{}", bookkeeper.user);
        let gone = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        assert!(gone.status < 300, "{}", gone.text());
        let body = json!({ "kind": "staff", "email": bookkeeper.email, "role": "bookkeeper" });
        let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
        cast::accept(kit, &bookkeeper, &invited.token, None).await;

        let path = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&path).by(&bookkeeper).json(json!({})).refused(404, "not-found").await;
        let old = kit.api.get("/v1/dashboard").by(&bookkeeper).within(&before).send().await;
        old.refused(403, "not-granted");
        let path = format!("/v1/assignments?user={}", bookkeeper.user);
        let listed = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert!(list(&listed, "assignments").is_empty(), "{listed}");
    });
}

#[test]
fn a_connection_that_begins_anew_brings_no_old_assignments_back() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &admin, None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let before = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let ended = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(ended.status < 300, "{}", ended.text());
        cast::connect(kit, &owner, &admin, None).await;

        let path = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&path).by(&bookkeeper).json(json!({})).refused(404, "not-found").await;
        let old = kit.api.get("/v1/dashboard").by(&bookkeeper).within(&before).send().await;
        old.refused(403, "not-granted");
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        cast::enter(kit, &bookkeeper, &owner.company.id).await;
    });
}

#[test]
fn an_assignment_given_to_a_bookkeeper_says_nothing_once_they_are_admin_and_back() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let ((), second) = tokio::join!(
            cast::connect(kit, &owner, &admin, None),
            cast::staff(kit, &admin, "Sepp Second", "bookkeeper"),
        );
        let role = |role: &str| {
            let call = kit.api.patch(&format!("/v1/staff/{}", second.user)).by(&admin.person).within(&admin.here);
            call.json(json!({ "role": role })).send_owned()
        };
        role("admin").await.ok(200);
        let as_admin = cast::enter(kit, &second, &owner.company.id).await;
        assert_eq!(as_admin.via, "firm_admin");
        role("bookkeeper").await.ok(200);
        // The token still says firm admin; the place does not.
        kit.api.get("/v1/dashboard").by(&second).within(&as_admin).refused(403, "not-granted").await;
        let path = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&path).by(&second).json(json!({})).refused(404, "not-found").await;
    });
}
