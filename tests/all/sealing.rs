//! Sealed trails: what was touched in the table behind everyone's back is found, event by event.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::table::{self, Item, Table};
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, batch, invoke, message, response};
use crate::support::refused_input;

/// Seals all there is of a tenant, however young.
pub(crate) async fn seal(kit: &Kit, org: &str) -> Value {
    let kind = if org.starts_with("co_") { "company" } else { "firm" };
    let event = json!({ "schedule": "sealing", "settled_after_s": 0, "only": { "kind": kind, "id": org } });
    kit.invoke("seal", &event).await.ok()
}

/// What a run reports that met neither a forgery nor a failure, and left nothing.
pub(crate) fn sealed(tenants: usize, seals: usize, events: usize) -> Value {
    json!({ "tenants": tenants, "seals": seals, "events": events, "forged": 0, "failed": 0, "left": 0 })
}

/// What a run reports of one forged chain.
pub(crate) fn forged() -> Value {
    json!({ "tenants": 0, "seals": 0, "events": 0, "forged": 1, "failed": 0, "left": 0 })
}

/// A company with a sealed history in several seals.
pub(crate) async fn sealed_company(kit: &Kit) -> Owner {
    let owner = cast::owner(kit, "Olga Owner", "Sealed Ltd").await;
    for amount in [1_000, 2_000, 3_000] {
        seal(kit, &owner.company.id).await;
        cast::approval_policy(kit, &owner, amount).await;
    }
    assert_eq!(seal(kit, &owner.company.id).await, sealed(1, 1, 1));
    owner
}

pub(crate) async fn verify(kit: &Kit, owner: &Owner, query: &str) -> Value {
    kit.api.get(&format!("/v1/audit/verify{query}")).by(&owner.person).within(&owner.here).ok(200).await
}

/// What a verification found, as `what seal event`.
pub(crate) fn findings(verification: &Value) -> Vec<String> {
    let found: Vec<String> = list(verification, "findings")
        .iter()
        .map(|finding| {
            let event = finding.get("event").and_then(Value::as_str).unwrap_or("-");
            format!("{} {} {event}", text(finding, "/what"), finding["seal"])
        })
        .collect();
    assert_eq!(text(verification, "/status"), if found.is_empty() { "intact" } else { "broken" });
    found
}

pub(crate) fn seals_of(org: &str) -> String {
    format!("EVENTS#SEALS#COMPANY#{org}")
}

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) async fn put(table: &Table, item: Item) {
    let put = table.client.put_item().table_name(&table.name);
    put.set_item(Some(item.into_iter().collect())).send().await.expect("the table takes the item");
}

pub(crate) async fn delete(kit: &Kit, item: &Item) {
    let delete = kit.table.client.delete_item().table_name(&kit.table.name);
    delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.expect("the table answers");
}

/// Does something to the table, looks, and puts back what was there.
pub(crate) async fn touched(kit: &Kit, owner: &Owner, before: &[Item], after: Vec<Item>) -> Vec<String> {
    for item in before {
        delete(kit, item).await;
    }
    for item in &after {
        put(&kit.table, item.clone()).await;
    }
    let found = findings(&verify(kit, owner, "").await);
    for item in &after {
        delete(kit, item).await;
    }
    for item in before {
        put(&kit.table, item.clone()).await;
    }
    found
}

/// Proves: 21
#[test]
fn an_altered_removed_or_inserted_event_or_seal_is_found() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let company = owner.company.id.as_str();
        let intact = verify(kit, &owner, "").await;
        assert_eq!(findings(&intact), [""; 0], "{intact}");
        assert_eq!(intact["unsealed"], json!({ "events": 0, "more": false, "overdue": 0 }));
        let events = kit.table.events(company).await;
        let seals = kit.table.partition(&seals_of(company)).await;
        assert_eq!(intact["checked"]["events"], json!(events.len()));
        assert_eq!(intact["checked"]["seals"], json!(seals.len()));
        assert!(seals.len() >= 4, "{}", seals.len());
        let id = |item: &Item| table::text(item, "id").expect("an event has an id").to_owned();

        let (first, last) = (events.first().expect("a first event"), events.last().expect("a last event"));
        let altered = |item: &Item, name: &str, value: AttributeValue| {
            let mut altered = item.clone();
            altered.insert(name.to_owned(), value);
            altered
        };
        // An attribute that the code does not even read counts: everything stored is sealed.
        for (name, value) in [("at", s("2020-01-01T00:00:00.000Z")), ("gsi1pk", s("EVENTS#FIRM#x")), ("new", s("x"))] {
            let found = touched(kit, &owner, std::slice::from_ref(last), vec![altered(last, name, value)]).await;
            assert_eq!(found, [format!("event_altered {} {}", seals.len(), id(last))], "{name}");
        }
        let found = touched(kit, &owner, std::slice::from_ref(first), Vec::new()).await;
        assert_eq!(found, [format!("event_missing 1 {}", id(first))]);

        // One that was committed behind a seal looks the same as one that was slipped in.
        let early = "ev_00000000000070008000000000000000";
        let slipped = altered(&altered(first, "id", s(early)), "sk", s(&format!("EVENT#{early}")));
        let found = touched(kit, &owner, &[], vec![slipped]).await;
        assert_eq!(found, [format!("event_inserted 1 {early}")]);

        let pair = [seals[0].clone(), seals[1].clone()];
        let swapped =
            vec![altered(&pair[1], "sk", pair[0]["sk"].clone()), altered(&pair[0], "sk", pair[1]["sk"].clone())];
        let found = touched(kit, &owner, &pair, swapped).await;
        assert_eq!(found, ["seal_out_of_place 1 -", "seal_out_of_place 2 -"]);
        let found = touched(kit, &owner, &[seals[1].clone()], Vec::new()).await;
        assert_eq!(found, ["seal_missing 2 -"]);
        let unreadable = altered(&seals[1], "events", s("nothing"));
        let found = touched(kit, &owner, &[seals[1].clone()], vec![unreadable]).await;
        assert_eq!(found, ["seal_altered 2 -"]);
        let redated = altered(&seals[1], "sealed_at", s("2020-01-01T00:00:00.000Z"));
        let found = touched(kit, &owner, &[seals[1].clone()], vec![redated]).await;
        assert_eq!(found, ["seal_altered 2 -"]);
        let last_seal = seals.last().expect("a last seal");
        let unsigned = altered(last_seal, "signature", s("AAAA"));
        let found = touched(kit, &owner, std::slice::from_ref(last_seal), vec![unsigned]).await;
        assert_eq!(found, [format!("signature_invalid {} -", seals.len())]);
        let early_unsigned = altered(&seals[1], "signature", s("AAAA"));
        let found = touched(kit, &owner, &[seals[1].clone()], vec![early_unsigned]).await;
        assert_eq!(found, ["signature_invalid 2 -"], "every signature is checked, not only the last");

        assert_eq!(findings(&verify(kit, &owner, "").await), [""; 0], "all was put back");
    });
}

/// Proves: 21
#[test]
fn a_truncated_chain_is_found_by_the_kept_head_and_with_a_noted_one() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let company = owner.company.id.as_str();
        let head = text(&verify(kit, &owner, "").await, "/head");
        let query = format!("?head={head}");
        assert_eq!(findings(&verify(kit, &owner, &query).await), [""; 0]);
        let seals = kit.table.partition(&seals_of(company)).await;
        let events = kit.table.events(company).await;
        let (last_seal, last_event) = (seals.last().expect("a seal"), events.last().expect("an event"));
        delete(kit, last_seal).await;
        delete(kit, last_event).await;
        let shortened = format!("chain_shortened {} -", seals.len());
        assert_eq!(findings(&verify(kit, &owner, "").await), std::slice::from_ref(&shortened));
        let found = findings(&verify(kit, &owner, &query).await);
        assert_eq!(found, [format!("seal_missing {} -", seals.len()), shortened]);
        for (query, field) in [("?head=12", "head"), ("?head=x:y", "head"), ("?cursor=seal-0", "cursor")] {
            let path = format!("/v1/audit/verify{query}");
            let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).send().await;
            refused_input(&answer, field);
        }
    });
}

/// Proves: 21
#[test]
fn a_long_chain_is_verified_in_stretches() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Long Ltd").await;
        for amount in 1..=22 {
            seal(kit, &owner.company.id).await;
            cast::approval_policy(kit, &owner, amount * 1_000).await;
        }
        let one = verify(kit, &owner, "").await;
        assert_eq!((findings(&one), &one["checked"]["seals"]), (Vec::new(), &json!(20)), "{one}");
        assert!(one.get("unsealed").is_none(), "the end is not reached: {one}");
        let cursor = text(&one, "/next_cursor");
        let two = verify(kit, &owner, &format!("?cursor={cursor}")).await;
        assert_eq!((findings(&two), &two["checked"]["from_seal"]), (Vec::new(), &json!(21)), "{two}");
        assert!(two.get("next_cursor").is_none(), "{two}");
        assert_eq!(two["unsealed"], json!({ "events": 1, "more": false, "overdue": 0 }), "{two}");

        // Replacing the seal before a part of the chain breaks that part.
        let seals = kit.table.partition(&seals_of(&owner.company.id)).await;
        let hash = s("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let (pk, sk) = (table::text(&seals[19], "pk").unwrap(), table::text(&seals[19], "sk").unwrap());
        kit.table.set(pk, sk, "hash", hash).await;
        let found = findings(&verify(kit, &owner, &format!("?cursor={cursor}")).await);
        assert_eq!(found, ["chain_broken 21 -"]);
        assert_eq!(findings(&verify(kit, &owner, "").await)[0], "seal_altered 20 -");
    });
}

/// Proves: 21
#[test]
fn nothing_is_sealed_behind_a_seal_that_was_altered() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let seals = kit.table.partition(&seals_of(&owner.company.id)).await;
        let last = seals.last().expect("a seal");
        let (pk, sk) = (table::text(last, "pk").unwrap(), table::text(last, "sk").unwrap());
        kit.table.set(pk, sk, "sealed_at", s("2020-01-01T00:00:00.000Z")).await;
        cast::approval_policy(kit, &owner, 9_000).await;
        assert_eq!(seal(kit, &owner.company.id).await, forged());
        assert_eq!(kit.table.partition(pk).await.len(), seals.len());
    });
}

#[test]
fn an_event_makes_its_tenant_wait_for_sealing_and_sealing_ends_the_wait() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Waiting Firm").await;
        let firm = admin.firm.id.as_str();
        let events = kit.table.events(firm).await;
        let id = table::text(&events[0], "id").expect("an event has an id");
        let event = json!({ "id": id, "type": "firm.registered", "org": { "kind": "firm", "id": firm } });
        let messages = batch(&[("m-1", message(&event)), ("m-2", "poison".to_owned())]);
        let poison = json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] });
        assert_eq!(kit.invoke("seal", &messages).await.ok(), poison);
        // What is younger than the margin stays, and so does the wait.
        kit.invoke("seal", &json!({ "schedule": "sealing", "settled_after_s": 86_400 })).await.ok();
        assert!(waits(&kit.table, firm).await, "too young to be sealed");
        assert!(kit.table.partition(&seals_of_firm(firm)).await.is_empty());

        // A run seals every tenant that waits, so it gets a table without other tests' tenants, and a firm that has no head
        // yet: the heads are everyone's.
        let other = format!("fm_{:0>32}", tests::people::unique());
        let firm = other.as_str();
        let event = json!({ "id": id, "type": "firm.registered", "org": { "kind": "firm", "id": firm } });
        let messages = batch(&[("m-1", message(&event)), ("m-2", "poison".to_owned())]);
        let table = Table::create(&kit.stack, &kit.http, "sealing").await;
        for event in &events {
            let mut event = event.clone();
            event.insert("pk".to_owned(), s(&format!("EVENTS#FIRM#{firm}")));
            put(&table, event).await;
        }
        let rig = Rig::of(kit, "seal").await.with_every_right().with("TABLE_NAME", &table.name);
        let seal = rig.start().await;
        let sealing =
            async || response(&invoke(&seal, &json!({ "schedule": "sealing", "settled_after_s": 0 })).await).clone();
        assert_eq!(sealing().await, sealed(0, 0, 0));
        assert_eq!(*response(&invoke(&seal, &messages).await), poison);
        assert!(waits(&table, firm).await, "the firm waits for sealing");
        assert_eq!(sealing().await, sealed(1, 1, events.len()));
        assert!(!waits(&table, firm).await, "the wait is over");
        assert_eq!(sealing().await, sealed(0, 0, 0), "nothing is sealed twice");
        assert_eq!(table.partition(&seals_of_firm(firm)).await.len(), 1, "all there was fits into one seal");
        let (code, said) = verify_command(kit, &table, firm);
        assert_eq!(code, Some(0), "{said}");
        table.remove(&kit.stack, &kit.http).await;
    });
}

/// Proves: 21
#[test]
fn a_firms_audit_log_is_sealed_and_verified_like_a_companys() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Sealed Firm").await;
        let firm = admin.firm.id.as_str();
        let events = kit.table.events(firm).await.len();
        assert_eq!(seal(kit, firm).await, sealed(1, 1, events));
        assert_eq!(kit.table.partition(&seals_of_firm(firm)).await.len(), 1);
        let verification = kit.api.get("/v1/audit/verify").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(findings(&verification), [""; 0], "{verification}");
        assert_eq!(verification["checked"]["events"], json!(events));
    });
}

/// Whether a firm waits for sealing.
pub(crate) async fn waits(table: &Table, firm: &str) -> bool {
    let item = table.item(&format!("SEALING#FIRM#{firm}"), "SEALING").await.expect("the tenant is noted");
    item.contains_key("gsi2pk")
}

fn seals_of_firm(firm: &str) -> String {
    format!("EVENTS#SEALS#FIRM#{firm}")
}

/// The exit code and the output of the command that verifies a company or firm.
pub(crate) fn verify_command(kit: &Kit, table: &Table, org: &str) -> (Option<i32>, String) {
    let output = std::process::Command::new(tests::deployed::binary("verify"))
        .arg(org)
        .env("TABLE_NAME", &table.name)
        .env("SEAL_KEY_ID", &kit.stack.outputs["SealKeyId"])
        .env("SEAL_HEAD_BUCKET", &kit.stack.outputs["SealHeadBucketName"])
        .env("AWS_ENDPOINT_URL", &kit.stack.endpoint)
        .env("AWS_REGION", &kit.stack.region)
        .env("AWS_ACCESS_KEY_ID", tests::aws::ROOT_KEY.0)
        .env("AWS_SECRET_ACCESS_KEY", tests::aws::ROOT_KEY.1)
        .output()
        .expect("the command is built by `make build`");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Proves: 21
#[test]
fn the_verify_command_tells_intact_from_broken() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let (code, said) = verify_command(kit, &kit.table, &owner.company.id);
        assert_eq!(code, Some(0), "{said}");
        let events = kit.table.events(&owner.company.id).await;
        let last = events.last().expect("an event");
        delete(kit, last).await;
        let (code, said) = verify_command(kit, &kit.table, &owner.company.id);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(table::text(last, "id").expect("an id")), "the event is named: {said}");
    });
}
