//! Ending what is one's own, and ending an assignment from the client's side.
//!
//! `matrix` tries every route with somebody else's id; here people name themselves.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::http::Answer;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, run, story};

use crate::support::{refused_input, with};

/// A company and a firm that are connected.
async fn pair(kit: &Kit, permissions: Option<&[&str]>) -> (Owner, FirmAdmin) {
    let (owner, admin) =
        tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"));
    cast::connect(kit, &owner, &admin, permissions).await;
    (owner, admin)
}

/// Asks what would end, which changes nothing, and then ends it.
async fn end(kit: &Kit, path: &str, by: &Person, here: &Context) -> (Value, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let preview = format!("{path}/removal?{query}");
    let would = kit.api.get(&preview).by(by).within(here).ok(200).await;
    let did = kit.api.delete(&format!("{path}?{query}")).by(by).within(here).ok(200).await;
    assert_eq!(would["would_remove"], did["removed"]);
    assert_eq!(would["stops"], did["stops"]);
    assert!(!list(&did, "stops").is_empty(), "{did}");
    (would, did)
}

/// Tries to end something and to see what would end: both are refused for want of a permission.
async fn may_not_end(kit: &Kit, path: &str, by: &Person, here: &Context, lacking: &str) {
    let (bare, query) = path.split_once('?').unwrap_or((path, ""));
    for call in [kit.api.delete(path), kit.api.get(&format!("{bare}/removal?{query}"))] {
        let refused = call.by(by).within(here).refused(403, "not-granted").await;
        assert_eq!(text(&refused, "/permission"), lacking, "{path}");
    }
}

/// The one event of a type in the company's own audit log.
async fn told(kit: &Kit, owner: &Owner, kind: &str) -> Value {
    let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
    let mut of_kind = trail.into_iter().filter(|event| event["type"] == kind);
    let event = of_kind.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(of_kind.next().is_none(), "{kind} more than once");
    event
}

async fn dashboard(kit: &Kit, by: &Person, here: &Context) -> Answer {
    kit.api.get("/v1/dashboard").by(by).within(here).send().await
}

/// Proves: 9
#[test]
fn a_member_leaves_with_nothing_but_their_place_and_is_out_at_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "custom", Some(&["dashboard.view"])).await;
        let (person, here) = (&member.person, &member.here);
        dashboard(kit, person, here).await.ok(200);
        let (_, did) = end(kit, &format!("/v1/members/{}", person.user), person, here).await;
        assert_eq!(text(&did, "/removed/user"), person.user);

        dashboard(kit, person, here).await.refused(403, "not-granted");
        let enter = format!("/v1/contexts/{}", owner.company.id);
        kit.api.post(&enter).by(person).json(json!({})).refused(404, "not-found").await;
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(with(list(&members, "members"), "user", &person.user).is_empty(), "{members}");

        // It is on record as what they did themselves, and nothing else of it is gone.
        let event = told(kit, &owner, "member.removed").await;
        assert_eq!(
            (text(&event, "/subject/id"), text(&event, "/actor/user")),
            (person.user.clone(), person.user.clone())
        );
        assert_eq!(text(&event, "/actor/via"), "member");
        let report = kit.api.get("/v1/access-report").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(with(list(&report, "access"), "user", &person.user).is_empty(), "{report}");
        let item = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await;
        assert!(format!("{item:?}").contains(&person.user), "the place is kept as the record of it");
    });
}

#[test]
fn an_owner_leaves_only_where_another_remains_and_an_admin_too() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let own = format!("/v1/members/{}", owner.person.user);
        kit.api.delete(&own).by(&owner.person).within(&owner.here).refused(409, "last-owner").await;
        let preview = format!("{own}/removal");
        kit.api.get(&preview).by(&owner.person).within(&owner.here).refused(409, "last-owner").await;
        cast::member(kit, &owner, "Susi Second", "owner", None).await;
        end(kit, &own, &owner.person, &owner.here).await;
        dashboard(kit, &owner.person, &owner.here).await.refused(403, "not-granted");

        let own = format!("/v1/staff/{}", admin.person.user);
        kit.api.delete(&own).by(&admin.person).within(&admin.here).refused(409, "last-admin").await;
        cast::staff(kit, &admin, "Sepp Second", "admin").await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        end(kit, &own, &admin.person, &admin.here).await;
        kit.api.get("/v1/staff").by(&admin.person).within(&admin.here).refused(403, "not-granted").await;
        dashboard(kit, &admin.person, &inside).await.refused(403, "not-granted");
    });
}

/// Proves: 9
#[test]
fn a_bookkeeper_gives_a_client_back_and_leaves_the_firm() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (bookkeeper, other) = tokio::join!(
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
            cast::staff(kit, &admin, "Bodo Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        let (inside, at_firm) =
            tokio::join!(cast::enter(kit, &bookkeeper, company), cast::enter(kit, &bookkeeper, &admin.firm.id),);
        let assignments = |query: String| {
            kit.api.get(&format!("/v1/assignments?{query}")).by(&bookkeeper).within(&at_firm).send_owned()
        };
        let own = assignments(format!("user={}", bookkeeper.user)).await.ok(200);
        let [own] = list(&own, "assignments").as_slice() else { panic!("{own}") };
        assert_eq!((text(own, "/company/id"), text(own, "/firm")), (company.to_owned(), admin.firm.id.clone()));
        for query in [format!("user={}", other.user), format!("company={company}")] {
            let refused = assignments(query).await.refused(403, "not-granted");
            assert_eq!(text(&refused, "/permission"), "staff.view");
        }

        let assignment = format!("/v1/assignments/{company}/{}", bookkeeper.user);
        dashboard(kit, &bookkeeper, &inside).await.ok(200);
        end(kit, &assignment, &bookkeeper, &at_firm).await;
        dashboard(kit, &bookkeeper, &inside).await.refused(403, "not-granted");
        kit.api.delete(&assignment).by(&bookkeeper).within(&at_firm).refused(404, "not-found").await;
        // The client sees who ended it, and for whom they acted.
        let event = told(kit, &owner, "assignment.removed").await;
        assert_eq!(text(&event, "/actor/user"), bookkeeper.user);
        assert_eq!((text(&event, "/actor/via"), text(&event, "/actor/firm")), ("staff".into(), admin.firm.id.clone()));

        // A new assignment is another stay: the bookkeeper enters anew.
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        dashboard(kit, &bookkeeper, &inside).await.refused(403, "not-granted");
        let inside = cast::enter(kit, &bookkeeper, company).await;
        dashboard(kit, &bookkeeper, &inside).await.ok(200);
        let (would, _) = end(kit, &format!("/v1/staff/{}", bookkeeper.user), &bookkeeper, &at_firm).await;
        assert_eq!(would["assignments"], 1);
        dashboard(kit, &bookkeeper, &inside).await.refused(403, "not-granted");
        kit.api.get("/v1/connections").by(&bookkeeper).within(&at_firm).refused(403, "not-granted").await;
        let trail = story::audit_trail(kit, &admin.person, &admin.here).await;
        let left = trail.iter().find(|event| event["type"] == "staff.removed").expect("staff.removed");
        assert_eq!(
            (text(left, "/subject/id"), text(left, "/actor/user")),
            (bookkeeper.user.clone(), bookkeeper.user.clone())
        );
    });
}

/// Proves: 5
#[test]
fn nobody_ends_anothers_place_or_assignment_for_being_able_to_leave() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, Some(&["dashboard.view"])).await;
        let (member, bookkeeper, other) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "client", None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
            cast::staff(kit, &admin, "Bodo Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        for user in [&bookkeeper.user, &other.user] {
            cast::assign(kit, &admin, company, user, None).await;
        }
        let (at_firm, inside, admin_inside) = tokio::join!(
            cast::enter(kit, &bookkeeper, &admin.firm.id),
            cast::enter(kit, &bookkeeper, company),
            cast::enter(kit, &admin.person, company),
        );
        let others = format!("/v1/members/{}", owner.person.user);
        may_not_end(kit, &others, &member.person, &member.here, "team.manage").await;
        for user in [&other.user, &admin.person.user] {
            may_not_end(kit, &format!("/v1/staff/{user}"), &bookkeeper, &at_firm, "staff.manage").await;
        }
        let others = format!("/v1/assignments/{company}/{}", other.user);
        may_not_end(kit, &others, &bookkeeper, &at_firm, "staff.manage").await;
        let named = format!("{others}?firm={}", admin.firm.id);
        may_not_end(kit, &named, &member.person, &member.here, "connections.manage").await;
        may_not_end(kit, &named, &bookkeeper, &inside, "connections.manage").await;
        // Acting for a firm is no place of one's own, not even for somebody who has one too.
        let own = format!("/v1/members/{}", admin.person.user);
        may_not_end(kit, &own, &admin.person, &admin_inside, "team.manage").await;
        let body = json!({ "kind": "member", "email": admin.person.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &admin.person, &invited.token, None).await;
        may_not_end(kit, &own, &admin.person, &admin_inside, "team.manage").await;
        let as_member = cast::enter(kit, &admin.person, company).await;
        assert_eq!(as_member.via, "member");
        end(kit, &own, &admin.person, &as_member).await;
        dashboard(kit, &admin.person, &admin_inside).await.ok(200);
        // Everybody else is where they were.
        dashboard(kit, &member.person, &member.here).await.ok(200);
        dashboard(kit, &bookkeeper, &inside).await.ok(200);
    });
}

/// A second firm of the company, with the same bookkeeper on its staff, assigned and inside through it.
async fn second_firm(kit: &Kit, owner: &Owner, bookkeeper: &Person) -> (FirmAdmin, Context) {
    let second = cast::firm_admin(kit, "Sina Second", "Sinas Firm").await;
    cast::connect(kit, owner, &second, None).await;
    let body = json!({ "kind": "staff", "email": bookkeeper.email, "role": "bookkeeper" });
    let invited = cast::invite(kit, &second.person, &second.here, body).await;
    cast::accept(kit, bookkeeper, &invited.token, None).await;
    cast::assign(kit, &second, &owner.company.id, &bookkeeper.user, None).await;
    let through = json!({ "firm": second.firm.id });
    let inside = cast::enter_with(kit, bookkeeper, &owner.company.id, through).await;
    (second, inside)
}

/// Proves: 9
#[test]
fn a_company_ends_one_bookkeepers_assignment_and_keeps_the_firm() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (bookkeeper, other) = tokio::join!(
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
            cast::staff(kit, &admin, "Bodo Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        for user in [&bookkeeper.user, &other.user] {
            cast::assign(kit, &admin, company, user, None).await;
        }
        let through = json!({ "firm": admin.firm.id });
        let inside = cast::enter_with(kit, &bookkeeper, company, through).await;
        let (_, elsewhere) = second_firm(kit, &owner, &bookkeeper).await;
        let (others_inside, admin_inside) =
            tokio::join!(cast::enter(kit, &other, company), cast::enter(kit, &admin.person, company));

        let assignment = format!("/v1/assignments/{company}/{}", bookkeeper.user);
        let unnamed = kit.api.delete(&assignment).by(&owner.person).within(&owner.here).send().await;
        refused_input(&unnamed, "firm");
        let path = format!("{assignment}?firm={}", admin.firm.id);
        end(kit, &path, &owner.person, &owner.here).await;
        dashboard(kit, &bookkeeper, &inside).await.refused(403, "not-granted");
        kit.api.delete(&path).by(&owner.person).within(&owner.here).refused(404, "not-found").await;
        for (who, here) in [(&other, &others_inside), (&admin.person, &admin_inside), (&bookkeeper, &elsewhere)] {
            dashboard(kit, who, here).await.ok(200);
        }

        // Both sides have it on record, and the firm may assign anew.
        let event = told(kit, &owner, "assignment.removed").await;
        assert_eq!(
            (text(&event, "/actor/user"), text(&event, "/actor/via")),
            (owner.person.user.clone(), "member".into())
        );
        assert_eq!(text(&event, "/data/firm"), admin.firm.id);
        let seen = kit.api.get("/v1/audit?of=clients").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(with(list(&seen, "events"), "type", "assignment.removed").len(), 1, "{seen}");
        let report = format!("/v1/access-report?user={}", bookkeeper.user);
        let report = kit.api.get(&report).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&report, "access").len(), 1, "through the other firm only: {report}");
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        dashboard(kit, &bookkeeper, &inside).await.refused(403, "not-granted");
        let anew = cast::enter_with(kit, &bookkeeper, company, json!({ "firm": admin.firm.id })).await;
        dashboard(kit, &bookkeeper, &anew).await.ok(200);
    });
}

/// Proves: 2
#[test]
fn a_company_sees_who_of_which_firm_is_assigned_and_nobody_elses() {
    run(async {
        let kit = kit();
        let (owner, admin) = pair(kit, None).await;
        let (member, bookkeeper) = tokio::join!(
            cast::member(kit, &owner, "Clara Client", "custom", Some(&["connections.view"])),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let company = owner.company.id.as_str();
        cast::assign(kit, &admin, company, &bookkeeper.user, None).await;
        let (second, _) = second_firm(kit, &owner, &bookkeeper).await;
        let listed = |query: &str| {
            let call = kit.api.get(&format!("/v1/assignments?{query}")).by(&member.person).within(&member.here);
            call.send_owned()
        };
        let shown = listed(&format!("company={company}")).await.ok(200);
        let shown = list(&shown, "assignments");
        let mut firms: Vec<String> = shown.iter().map(|assignment| text(assignment, "/firm")).collect();
        firms.sort();
        let mut expected = [admin.firm.id.clone(), second.firm.id.clone()];
        expected.sort();
        assert_eq!(firms, expected);
        for assignment in shown {
            assert_eq!(text(assignment, "/user"), bookkeeper.user);
            assert_eq!(text(assignment, "/name"), "Berta Bookkeeper");
        }
        refused_input(&listed(&format!("user={}", bookkeeper.user)).await, "user");
        refused_input(&listed("").await, "company");
        let world = cast::world(kit).await;
        listed(&format!("company={}", world.owner.company.id)).await.refused(404, "not-found");
        // A firm sees its own people only.
        let path = format!("/v1/assignments?company={company}");
        let firms = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        let [one] = list(&firms, "assignments").as_slice() else { panic!("{firms}") };
        assert_eq!(text(one, "/firm"), admin.firm.id);
    });
}

/// Proves: M2
#[test]
fn a_person_who_leaves_gets_no_letter_about_their_removal() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (leaver, removed) = tokio::join!(
            cast::member(kit, &owner, "Lea Leaver", "client", None),
            cast::member(kit, &owner, "Rita Removed", "client", None),
        );
        let farewell = |mail: &Message| mail.subject == "Your membership of Owners Ltd has ended";
        end(kit, &format!("/v1/members/{}", leaver.person.user), &leaver.person, &leaver.here).await;
        end(kit, &format!("/v1/members/{}", removed.person.user), &owner.person, &owner.here).await;
        let letter = kit.mailbox.wait_for(&removed.person.email, "farewell", farewell).await;
        assert!(letter.text.contains("Otto Owner"), "{letter}");
        // Theirs would have been written first.
        assert!(!kit.mailbox.inbox(&leaver.person.email).await.iter().any(farewell));
    });
}
