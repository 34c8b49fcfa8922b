//! Access that ends by itself, and the most that a firm may do: set, seen, enforced from the next
//! request on.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::people::Person;
use tests::{Kit, kit, run, story};

use crate::faults::rig::eventually;
use crate::support::types;

/// The time some seconds from now, as the API writes it.
fn in_seconds(seconds: i64) -> String {
    format!("{:.3}", jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds))
}

const YEAR_S: i64 = 366 * 86_400;

async fn pair(kit: &Kit, permissions: Option<&[&str]>) -> (Owner, FirmAdmin) {
    let (owner, admin) =
        tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"),);
    cast::connect(kit, &owner, &admin, permissions).await;
    (owner, admin)
}

async fn look(kit: &Kit, path: &str, by: &Person, here: &Context) -> u16 {
    kit.api.get(path).by(by).within(here).send().await.status
}

/// Proves: 4
#[test]
fn temporary_access_stops_at_its_instant_with_no_job_running() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (member, bookkeeper, assigned) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
            cast::staff(kit, &admin, "Bruno Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        tokio::join!(
            cast::assign(kit, &admin, company, &bookkeeper.user, None),
            cast::assign(kit, &admin, company, &assigned.user, None),
        );
        let (bookkeeper_inside, assigned_inside, admin_inside) = tokio::join!(
            cast::enter(kit, &bookkeeper, company),
            cast::enter(kit, &assigned, company),
            cast::enter(kit, &admin.person, company),
        );
        let inside = [
            (&member.person, &member.here),
            (&bookkeeper, &bookkeeper_inside),
            (&assigned, &assigned_inside),
            (&admin.person, &admin_inside),
        ];

        let end = in_seconds(8);
        let ends = json!({ "expires_at": end });
        let by_owner = |path: String| kit.api.patch(&path).by(&owner.person).within(&owner.here).json(ends.clone());
        let by_admin = |path: String| kit.api.patch(&path).by(&admin.person).within(&admin.here).json(ends.clone());
        let changed = by_owner(format!("/v1/members/{}", member.person.user)).send().await.ok(200);
        assert_eq!(text(&changed, "/member/expires_at"), end);
        assert_eq!(text(&changed, "/member/role"), "client", "an end alone changes nothing else");
        by_admin(format!("/v1/staff/{}", bookkeeper.user)).ok(200).await;
        let path = format!("/v1/assignments/{company}/{}", assigned.user);
        kit.api.put(&path).by(&admin.person).within(&admin.here).json(ends.clone()).ok(200).await;
        by_owner(format!("/v1/connections/{}", admin.firm.id)).ok(200).await;
        if jiff::Timestamp::now() < end.parse().unwrap() {
            for (person, here) in inside {
                let status = look(kit, "/v1/invoices", person, here).await;
                let over = jiff::Timestamp::now() >= end.parse().unwrap();
                assert!(status == 200 || over, "{} was refused too soon: {status}", person.name);
            }
        }
        for (person, here) in inside {
            eventually("an end that takes effect", async || {
                (look(kit, "/v1/invoices", person, here).await == 403).then_some(())
            })
            .await;
            assert!(jiff::Timestamp::now() >= end.parse().unwrap(), "{} was refused too soon", person.name);
            let path = format!("/v1/contexts/{company}");
            kit.api.post(&path).by(person).json(json!({})).refused(404, "not-found").await;
        }
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&members, "members").len(), 1, "{members}");
        let firms = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&firms, "connections").len(), 0, "{firms}");
    });
}

#[test]
fn an_end_is_set_and_lifted_and_recorded_with_before_and_after() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let path = format!("/v1/members/{}", member.person.user);
        let patch = |body: Value| kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body);
        let end = in_seconds(3600);
        patch(json!({ "expires_at": end })).ok(200).await;
        let promoted = patch(json!({ "role": "accountant" })).ok(200).await;
        assert_eq!(text(&promoted, "/member/expires_at"), end, "another role keeps the end");
        let lifted = patch(json!({ "expires_at": null })).ok(200).await;
        assert_eq!(lifted.pointer("/member/expires_at"), None, "{lifted}");
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        let changes: Vec<&Value> = trail.iter().filter(|event| event["type"] == "member.changed").collect();
        assert_eq!(changes.len(), 3);
        assert_eq!(changes[2]["data"]["before"]["expires_at"], Value::Null);
        assert_eq!(changes[2]["data"]["after"]["expires_at"], json!(end));
        assert_eq!(changes[1]["data"]["before"]["role"], "client");
        assert_eq!(changes[1]["data"]["after"]["role"], "accountant");
        assert_eq!(changes[0]["data"]["after"]["expires_at"], Value::Null);
    });
}

/// Proves: 5
#[test]
fn an_end_must_lie_ahead_within_a_year_and_spare_owners_and_admins() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (second, member, colleague, bookkeeper) = tokio::join!(
            cast::member(kit, &owner, "Susi Second", "owner", None),
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::staff(kit, &admin, "Alba Admin", "admin"),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let soon = in_seconds(3600);
        let patch = |path: &str, body: Value| {
            let (person, here) =
                if path.contains("/staff/") { (&admin.person, &admin.here) } else { (&owner.person, &owner.here) };
            kit.api.patch(path).by(person).within(here).json(body).send_owned()
        };
        let member = format!("/v1/members/{}", member.person.user);
        let firm = format!("/v1/connections/{}", admin.firm.id);
        let staff = format!("/v1/staff/{}", bookkeeper.user);
        for path in [&member, &firm, &staff] {
            for end in [in_seconds(-1), in_seconds(YEAR_S + 60), "soon".to_owned(), "2026-13-01T00:00:00Z".to_owned()] {
                let answer = patch(path, json!({ "expires_at": end })).await;
                answer.refused_field(422, "invalid-field", "expires_at");
            }
            patch(path, json!({})).await.refused(422, "invalid-field");
        }
        let assignment = format!("/v1/assignments/{}/{}", owner.company.id, bookkeeper.user);
        let past = json!({ "expires_at": in_seconds(-1) });
        let answer = kit.api.put(&assignment).by(&admin.person).within(&admin.here).json(past).send().await;
        answer.refused_field(422, "invalid-field", "expires_at");

        // Neither the one who must remain, nor one of two: who remains is counted, not timed.
        for user in [&second.person.user, &owner.person.user] {
            let answer = patch(&format!("/v1/members/{user}"), json!({ "expires_at": soon })).await;
            answer.refused_field(422, "invalid-field", "expires_at");
        }
        let answer = patch(&format!("/v1/staff/{}", colleague.user), json!({ "expires_at": soon })).await;
        answer.refused_field(422, "invalid-field", "expires_at");
        patch(&member, json!({ "expires_at": soon })).await.ok(200);
        let promoted = patch(&member, json!({ "role": "owner" })).await;
        promoted.refused_field(422, "invalid-field", "expires_at");
        patch(&member, json!({ "role": "owner", "expires_at": null })).await.ok(200);
    });
}

/// Proves: 5, 25
#[test]
fn a_temporary_member_grants_nothing_that_lasts_longer() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (manager, client) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        let patch = |user: &str, by: (&Person, &Context), body: Value| {
            kit.api.patch(&format!("/v1/members/{user}")).by(by.0).within(by.1).json(body).send_owned()
        };
        let owners = (&owner.person, &owner.here);
        let managers = (&manager.person, &manager.here);
        let (manager_id, client_id) = (&manager.person.user, &client.person.user);
        patch(manager_id, owners, json!({ "expires_at": in_seconds(3600) })).await.ok(200);
        let wider = |end: Option<String>| json!({ "role": "accountant", "expires_at": end });

        patch(manager_id, managers, json!({ "expires_at": null })).await.refused(403, "exceeds-own-grants");
        let longer = patch(manager_id, managers, json!({ "expires_at": in_seconds(7200) })).await;
        longer.refused(403, "exceeds-own-grants");
        patch(client_id, managers, wider(None)).await.refused(403, "exceeds-own-grants");
        patch(client_id, managers, wider(Some(in_seconds(7200)))).await.refused(403, "exceeds-own-grants");
        let body = json!({ "kind": "member", "email": tests::people::address("Gus Guest"), "role": "client" });
        let invite = kit.api.post("/v1/invitations").by(&manager.person).within(&manager.here).json(body);
        invite.refused(403, "exceeds-own-grants").await;
        // Within their own time they may give, and they may always take away.
        patch(client_id, managers, wider(Some(in_seconds(1800)))).await.ok(200);
        patch(client_id, managers, json!({ "role": "custom", "permissions": ["bank.view"] })).await.ok(200);
    });
}

/// Proves: 9
#[test]
fn a_narrowed_connection_binds_everyone_of_the_firm_at_once() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, Some(&["dashboard.view", "invoices.view", "bank.view"])).await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper").await;
        let company = owner.company.id.as_str();
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        let (inside, bookkeeper_inside) =
            tokio::join!(cast::enter(kit, &admin.person, company), cast::enter(kit, &bookkeeper, company));
        let everyone = [(&admin.person, &inside), (&bookkeeper, &bookkeeper_inside)];
        let path = format!("/v1/connections/{}", admin.firm.id);
        let patch = |body: Value| kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body);

        let narrowed = patch(json!({ "permissions": ["dashboard.view", "estimates.view"] })).ok(200).await;
        assert_eq!(narrowed["withdrawn"], json!(["bank.view", "invoices.view"]));
        assert!(!list(&narrowed, "stops").is_empty(), "{narrowed}");
        for (person, here) in everyone {
            assert_eq!(look(kit, "/v1/invoices", person, here).await, 403, "{}", person.name);
            assert_eq!(look(kit, "/v1/dashboard", person, here).await, 200, "{}", person.name);
        }
        // The admin has what was added at once; the bookkeeper's assignment still limits them.
        assert_eq!(look(kit, "/v1/estimates", &admin.person, &inside).await, 200);
        assert_eq!(look(kit, "/v1/estimates", &bookkeeper, &bookkeeper_inside).await, 403);
        let widened = patch(json!({ "permissions": ["dashboard.view", "invoices.view"] })).ok(200).await;
        assert_eq!(widened["withdrawn"], json!(["estimates.view"]));
        assert_eq!(look(kit, "/v1/invoices", &bookkeeper, &bookkeeper_inside).await, 200);

        // Both sides see what changed, from what to what.
        let events = kit.api.get("/v1/audit?of=clients").by(&admin.person).within(&admin.here);
        let events = events.ok(200).await;
        let seen: Vec<&Value> =
            list(&events, "events").iter().filter(|event| event["type"] == "connection.changed").collect();
        assert_eq!(seen.len(), 2, "{events}");
        assert_eq!(seen[1]["data"]["before"]["grants"], json!(["dashboard.view", "bank.view", "invoices.view"]));
        assert_eq!(seen[1]["data"]["after"]["grants"], json!(["dashboard.view", "estimates.view"]));
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(types(&trail).contains(&"connection.changed"));
    });
}

/// Proves: 5
#[test]
fn nobody_gives_a_firm_more_than_they_hold_and_no_firm_itself_more() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, Some(&["dashboard.view", "connections.manage"])).await;
        let manager = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let patch = |person: &Person, here: &Context, body: Value| {
            kit.api.patch(&path).by(person).within(here).json(body).send_owned()
        };
        let billing = json!({ "permissions": ["dashboard.view", "billing.manage"] });
        patch(&manager.person, &manager.here, billing.clone()).await.refused(403, "exceeds-own-grants");
        let itself = json!({ "permissions": ["dashboard.view", "connections.manage", "bank.view"] });
        patch(&admin.person, &inside, itself).await.refused(403, "exceeds-own-grants");
        patch(&owner.person, &owner.here, json!({ "expires_at": in_seconds(3600) })).await.ok(200);
        patch(&admin.person, &inside, json!({ "expires_at": null })).await.refused(403, "exceeds-own-grants");
        patch(&owner.person, &owner.here, billing).await.ok(200);
        // What the firm holds beyond an admin is theirs to leave, or to take away.
        let less = json!({ "permissions": ["billing.manage"] });
        patch(&manager.person, &manager.here, less).await.ok(200);
        let by_the_firm = kit.api.patch(&format!("/v1/connections/{}", owner.company.id));
        let call = by_the_firm.by(&admin.person).within(&admin.here).json(json!({ "expires_at": null }));
        call.refused(403, "not-granted").await;
        for (body, field) in [
            (json!({ "permissions": [] }), "permissions"),
            (json!({ "permissions": ["staff.view"] }), "permissions"),
            (json!({ "permissions": ["everything"] }), "permissions"),
            (json!({ "role": "owner" }), "role"),
        ] {
            patch(&owner.person, &owner.here, body).await.refused_field(422, "invalid-field", field);
        }
    });
}

#[test]
fn several_firms_hold_what_each_was_granted_and_an_admin_reaches_every_client_without_a_write() {
    run(async {
        let kit = kit();
        let (owner, first) = pair(kit, Some(&["dashboard.view"])).await;
        let (second, other) = tokio::join!(
            cast::firm_admin(kit, "Sepp Second", "Second Firm"),
            cast::owner(kit, "Olga Other", "Others Ltd"),
        );
        cast::connect(kit, &owner, &second, Some(&["invoices.view"])).await;
        let colleague = cast::staff(kit, &first, "Alba Admin", "admin").await;
        for (person, allowed, refused) in [
            (&first.person, "/v1/dashboard", "/v1/invoices"),
            (&second.person, "/v1/invoices", "/v1/dashboard"),
            (&colleague, "/v1/dashboard", "/v1/invoices"),
        ] {
            let inside = cast::enter(kit, person, &owner.company.id).await;
            assert_eq!(look(kit, allowed, person, &inside).await, 200, "{}", person.name);
            assert_eq!(look(kit, refused, person, &inside).await, 403, "{}", person.name);
        }
        // A client that connects later is open to each admin at that time, with no assignment.
        cast::connect(kit, &other, &first, None).await;
        cast::enter(kit, &colleague, &other.company.id).await;
        let items = kit.table.partition(&format!("COMPANY#{}", other.company.id)).await;
        assert!(!format!("{items:?}").contains(&colleague.user), "a client's items name a firm's admin");
    });
}

#[test]
fn a_removal_preview_lists_what_stops_and_changes_nothing() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (member, bookkeeper) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        let before = kit.table.trace(company).await;
        let by_owner = |path: String| kit.api.get(&path).by(&owner.person).within(&owner.here);
        let by_admin = |path: String| kit.api.get(&path).by(&admin.person).within(&admin.here);
        let assigned = format!("/v1/assignments/{company}/{}", bookkeeper.user);
        let cases = [
            (by_owner(format!("/v1/members/{}/removal", member.person.user)), None),
            (by_owner(format!("/v1/connections/{}/removal", admin.firm.id)), Some(1)),
            (by_admin(format!("/v1/connections/{company}/removal")), Some(1)),
            (by_admin(format!("/v1/staff/{}/removal", bookkeeper.user)), Some(1)),
            (by_admin(format!("{assigned}/removal")), None),
        ];
        for (call, assignments) in cases {
            let told = call.ok(200).await;
            assert!(told["would_remove"].is_object() && !list(&told, "stops").is_empty(), "{told}");
            assert_eq!(told.get("assignments").and_then(Value::as_u64), assignments, "{told}");
        }
        assert_eq!(kit.table.trace(company).await, before);
        let last = by_owner(format!("/v1/members/{}/removal", owner.person.user));
        last.refused(409, "last-owner").await;
        let last = by_admin(format!("/v1/staff/{}/removal", admin.person.user));
        last.refused(409, "last-admin").await;
        let removed = kit.api.delete(&assigned).by(&admin.person).within(&admin.here).ok(200).await;
        assert!(!list(&removed, "stops").is_empty(), "{removed}");
        by_admin(format!("{assigned}/removal")).refused(404, "not-found").await;
    });
}
