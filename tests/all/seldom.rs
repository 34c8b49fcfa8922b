//! What the functions do seldom, done once by the deployed ones: each of these needs a permission of
//! its own, and a role that lacked it would fail here first.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tests::cast::{self, list, text};
use tests::{kit, run};

use crate::support::types;

#[test]
fn the_admin_of_one_firm_need_not_name_it_when_accepting() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "One Firm Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Only Firm").await;
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let accepted = cast::accept(kit, &admin.person, &invited.token, None).await;
        assert_eq!(text(&accepted, "/invitation/firm"), admin.firm.id);
    });
}

#[test]
fn a_firm_sees_what_its_staff_did_at_its_clients() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Watched Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Watching Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        cast::enter(kit, &admin.person, &owner.company.id).await;
        let trail = kit.api.get("/v1/audit?of=clients").by(&admin.person).within(&admin.here).ok(200).await;
        let events = list(&trail, "events");
        assert!(types(events).contains(&"context.entered"), "{trail}");
        assert!(events.iter().all(|event| text(event, "/org/id") == owner.company.id), "{trail}");
    });
}

#[test]
fn the_deployed_sweep_takes_an_old_event_off_the_outbox() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Swept Ltd").await;
        let events = kit.table.events(&owner.company.id).await;
        let id = tests::table::text(&events[0], "id").expect("an event has an id").to_owned();
        let shard = id.bytes().last().expect("an id is not empty") % 4;
        let (pk, sk) = (format!("OUTBOX#{shard}"), format!("EVENT#{id}"));
        let s = |value: &str| AttributeValue::S(value.to_owned());
        let org = HashMap::from([("kind".to_owned(), s("company")), ("id".to_owned(), s(&owner.company.id))]);
        let entry = HashMap::from([
            ("pk".to_owned(), s(&pk)),
            ("sk".to_owned(), s(&sk)),
            ("entity".to_owned(), s("outbox")),
            ("v".to_owned(), AttributeValue::N("1".to_owned())),
            ("org".to_owned(), AttributeValue::M(org)),
            ("event".to_owned(), s(&id)),
            ("at".to_owned(), s("2026-01-01T00:00:00.000Z")),
        ]);
        let put = kit.table.client.put_item().table_name(&kit.table.name).set_item(Some(entry));
        put.send().await.expect("the table takes the entry");
        kit.invoke("relay", &json!({ "schedule": "sweep" })).await.ok();
        assert!(kit.table.item(&pk, &sk).await.is_none(), "the entry is still in the outbox");
    });
}
