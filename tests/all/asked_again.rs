//! A request for access that was made already is not made again: each one mails up to hundreds of people.

use serde_json::{Value, json};
use tests::cast::{self, Context, text};
use tests::people::Person;
use tests::{Kit, kit, run, story};

async fn asked(kit: &Kit, by: &Person, here: &Context, body: Value) -> String {
    let answer = kit.api.post("/v1/access-requests").by(by).within(here).json(body).ok(201).await;
    text(&answer, "/access_request/id")
}

/// Each request mails everybody who may decide it.
/// Proves: S9
#[test]
fn asking_for_the_same_again_names_the_open_request_and_mails_nobody() {
    run(async {
        let kit = kit();
        let (owner, admin) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"));
        cast::connect(kit, &owner, &admin, Some(&["dashboard.view"])).await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let wanted = |permissions: &[&str]| json!({ "permissions": permissions, "for_hours": 5 });
        let send = |permissions: &[&str]| {
            let call = kit.api.post("/v1/access-requests").by(&member.person).within(&member.here);
            call.json(wanted(permissions)).send_owned()
        };
        let first = asked(kit, &member.person, &member.here, wanted(&["vat.view", "payroll.view"])).await;
        let again = send(&["payroll.view", "vat.view"]).await.refused(409, "conflict");
        assert_eq!(
            (text(&again, "/state"), text(&again, "/current/access_request/id")),
            ("asked".to_owned(), first.clone())
        );
        assert_eq!(story::events_of_type(kit, &owner.company.id, "access.requested").await, 1);
        // Other permissions, another person and another place are other requests.
        send(&["vat.view"]).await.ok(201);
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        asked(kit, &admin.person, &inside, wanted(&["vat.view", "payroll.view"])).await;
        let refuse = kit.api.post(&format!("/v1/access-requests/{first}/refuse"));
        refuse.by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        send(&["payroll.view", "vat.view"]).await.ok(201);
    });
}

/// Two at the same time are one: the other is refused or told of it.
/// Proves: S9
#[test]
fn the_same_request_twenty_times_at_once_is_made_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let call = kit.api.post("/v1/access-requests").by(&member.person).within(&member.here);
            running.spawn(call.json(json!({ "permissions": ["vat.view"], "for_hours": 5 })).send_owned());
        }
        let statuses: Vec<u16> = running.join_all().await.iter().map(|answer| answer.status).collect();
        let with = |status: u16| statuses.iter().filter(|each| **each == status).count();
        assert_eq!((with(201), with(409)), (1, 19), "{statuses:?}");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "access.requested").await, 1);
    });
}
