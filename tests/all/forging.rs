//! What somebody can forge who may write the table and neither sign nor write the kept heads; and what sealing does then.

use domain::{
    Org, UtcTime,
    seal::{Seal, Since},
};
use serde_json::json;
use store::{Authority, Store};
use tests::cast::{self, Owner};
use tests::chaos::{Chaos, Fault, Rule};
use tests::runtime_api::{Function, Payload};
use tests::table::{self, Item, Table};
use tests::{Kit, kit, people, run};

use crate::faults::rig::{Rig, batch, eventually, invoke, message, metric_in, response};
use crate::sealing::{
    delete, findings, forged, put, s, seal, sealed, sealed_company, seals_of, touched, verify, verify_command,
};

/// A tenant's chain as the product itself reads it.
struct Chain {
    store: Store,
    org: Org,
}

impl Chain {
    fn of(kit: &Kit, owner: &Owner) -> Self {
        let store = Store::new(kit.table.client.clone(), kit.table.name.clone());
        Self { store, org: Org::Company(owner.company.id.parse().expect("an id")) }
    }

    async fn seals(&self) -> Vec<Seal> {
        let authority = Authority::System(self.org.clone());
        let placed =
            self.store.query_authorized(&authority, UtcTime::EPOCH, async |queries| queries.seals(1, 100).await);
        placed.await.expect("the table answers").into_iter().filter_map(|placed| placed.seal).collect()
    }

    /// Makes the seals from a number on anew, over the events as they are now: every digest, hash and reference is right,
    /// and every signature is the old one, since nobody else can sign.
    async fn rewrite_from(&self, kit: &Kit, number: usize) {
        let seals = self.seals().await;
        let mut previous = seals[number - 2].clone();
        for seal in &seals[number - 1..] {
            let since = Since::Behind(previous.to.clone());
            let authority = Authority::System(self.org.clone());
            let events = self.store.query_authorized(&authority, UtcTime::EPOCH, async |queries| {
                queries.events_between(&since, &seal.to).await
            });
            let events = events.await.expect("the table answers").events;
            let made = Seal::next(&self.org, Some(&previous), &events, seal.sealed_at).expect("it fixes events");
            previous = Seal { signature: seal.signature.clone(), ..made };
            let items = kit.table.partition(&seals_of(self.org.as_str())).await;
            delete(kit, &items[usize::try_from(seal.number).expect("a small number") - 1]).await;
            assert!(self.store.append_seal(&previous).await.expect("the table answers"), "its place is free");
        }
    }
}

/// The events that a seal fixes, as they are in the table.
async fn events_of(kit: &Kit, owner: &Owner, seal: &Seal) -> Vec<Item> {
    let events = kit.table.events(&owner.company.id).await;
    let ids: Vec<&str> = seal.events.iter().map(|event| event.id.as_str()).collect();
    events.into_iter().filter(|event| table::text(event, "id").is_some_and(|id| ids.contains(&id))).collect()
}

/// Nothing more is signed for the company, although it has something to seal, and an alarm can go off: by the command's exit
/// code, the run's report and the metric's line.
async fn nothing_more_is_signed(kit: &Kit, owner: &Owner) {
    let before = kit.table.partition(&seals_of(&owner.company.id)).await;
    cast::approval_policy(kit, owner, 9_000).await;
    let rig = Rig::of(kit, "seal").await;
    let function = rig.start().await;
    let only = json!({ "kind": "company", "id": owner.company.id });
    let ran = invoke(&function, &json!({ "schedule": "sealing", "settled_after_s": 0, "only": only })).await;
    assert_eq!(*response(&ran), forged());
    assert!(kit.table.partition(&seals_of(&owner.company.id)).await == before, "a seal was added behind a forgery");
    eventually("the metric is written", async || metric_in(&function.log(), "ChainForged", 1)).await;
    let (code, said) = verify_command(kit, &kit.table, &owner.company.id);
    assert_eq!(code, Some(1), "{said}");
}

/// Sequence A: an event in the middle is rewritten, and every hash behind it.
/// Proves: 21, S4, S11
#[test]
fn a_chain_that_was_rewritten_with_all_its_hashes_has_no_valid_signature() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let chain = Chain::of(kit, &owner);
        let seals = chain.seals().await;
        let last = seals.len();
        let mut event = events_of(kit, &owner, &seals[1]).await.remove(0);
        event.insert("at".to_owned(), s("2020-01-01T00:00:00.000Z"));
        put(&kit.table, event).await;
        chain.rewrite_from(kit, 2).await;
        let mut expected: Vec<String> = (2..=last).map(|number| format!("signature_invalid {number} -")).collect();
        expected.push(format!("seal_replaced {last} -"));
        assert_eq!(findings(&verify(kit, &owner, "").await), expected);
        nothing_more_is_signed(kit, &owner).await;
    });
}

/// Sequence B: the last seals are deleted with their events, so that what is left is whole and signed.
/// Proves: 21, S4, S11
#[test]
fn a_chain_whose_end_was_cut_off_is_not_continued() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let seals = Chain::of(kit, &owner).seals().await;
        let items = kit.table.partition(&seals_of(&owner.company.id)).await;
        for (seal, item) in seals.iter().zip(&items).skip(seals.len() - 2) {
            for event in events_of(kit, &owner, seal).await {
                delete(kit, &event).await;
            }
            delete(kit, item).await;
        }
        let found = findings(&verify(kit, &owner, "").await);
        assert_eq!(found, [format!("chain_shortened {} -", seals.len())]);
        nothing_more_is_signed(kit, &owner).await;
    });
}

/// Proves: 21, S4, S11
#[test]
fn a_chain_that_was_removed_as_a_whole_is_not_begun_anew() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        let items = kit.table.partition(&seals_of(&owner.company.id)).await;
        for item in &items {
            delete(kit, item).await;
        }
        let mut event = kit.table.events(&owner.company.id).await.remove(0);
        event.insert("at".to_owned(), s("2020-01-01T00:00:00.000Z"));
        put(&kit.table, event).await;
        let found = findings(&verify(kit, &owner, "").await);
        assert_eq!(found, [format!("chain_shortened {} -", items.len())]);
        nothing_more_is_signed(kit, &owner).await;
    });
}

/// Proves: S4
#[test]
fn old_events_without_any_seal_are_a_finding() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Unsealed Ltd").await;
        assert_eq!(findings(&verify(kit, &owner, "").await), [""; 0], "its events are young");
        let drawn_ms = jiff::Timestamp::now().as_millisecond() - 2 * 3_600_000;
        let id = format!("ev_{drawn_ms:012x}70008000000000000000");
        let mut event = kit.table.events(&owner.company.id).await.remove(0);
        event.insert("id".to_owned(), s(&id));
        event.insert("sk".to_owned(), s(&format!("EVENT#{id}")));
        let found = touched(kit, &owner, &[], vec![event]).await;
        assert_eq!(found, [format!("never_sealed 1 {id}")]);
    });
}

/// A run that ended between writing a seal and noting it leaves a chain that is one seal ahead of its head. A tenant whose
/// run failed is counted for an alarm.
/// Proves: S4, S11
#[test]
fn a_seal_that_was_written_and_not_noted_is_noted_by_the_next_run() {
    run(async {
        let kit = kit();
        let owner = sealed_company(kit).await;
        cast::approval_policy(kit, &owner, 9_000).await;
        let bucket = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
        let rig = Rig::of(kit, "seal").await.through("S3", &bucket);
        // The head is read, and then cannot be written.
        let down = bucket.place(Rule::on_everything(Fault::ServerError).after(1));
        let only = json!({ "kind": "company", "id": owner.company.id });
        let event = json!({ "schedule": "sealing", "settled_after_s": 0, "only": only });
        let function = rig.start().await;
        let failed = invoke(&function, &event).await;
        down.remove();
        assert!(matches!(failed, Payload::Error(_)), "a run that failed says so: {failed:?}");
        eventually("the metric is written", async || metric_in(&function.log(), "SealingFailed", 1)).await;
        assert_eq!(findings(&verify(kit, &owner, "").await), [""; 0], "nothing is forged");
        cast::approval_policy(kit, &owner, 9_500).await;
        seal(kit, &owner.company.id).await;
        assert_eq!(findings(&verify(kit, &owner, "").await), [""; 0]);
        assert_eq!(seal(kit, &owner.company.id).await, sealed(1, 0, 0), "all is sealed");
    });
}

/// How many tenants wait for sealing in the test of fairness, in groups that are marked one after the other.
const GROUPS: usize = 6;
const IN_A_GROUP: usize = 8;

/// More tenants than a run has time for, and busy ones that are marked anew before each run.
/// Proves: S12
#[test]
fn tenants_that_wait_the_longest_are_sealed_first_and_busy_ones_keep_nobody_waiting() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Many Ltd").await;
        let event = kit.table.events(&owner.company.id).await.remove(0);
        let table = Table::create(&kit.stack, &kit.http, "fairness").await;
        let rig = Rig::of(kit, "seal").await.with_every_right().with("TABLE_NAME", &table.name);
        let marking = rig.start().await;
        let mut groups = Vec::new();
        for _ in 0..GROUPS {
            let group: Vec<String> = (0..IN_A_GROUP).map(|_| format!("co_{:0>32}", people::unique())).collect();
            for company in &group {
                let mut event = event.clone();
                event.insert("pk".to_owned(), s(&format!("EVENTS#COMPANY#{company}")));
                put(&table, event).await;
            }
            mark(&marking, &group).await;
            groups.push(group);
        }
        // No tenant is begun when less than twenty seconds are left: this leaves about a second for each run.
        let rig = rig.with_time(std::time::Duration::from_millis(21_000));
        let function = rig.start().await;
        let busy = groups.remove(0);
        for run in 1.. {
            mark(&marking, &busy).await;
            response(&invoke(&function, &json!({ "schedule": "sealing", "settled_after_s": 0 })).await);
            let mut left = Vec::new();
            for (group, companies) in groups.iter().enumerate() {
                for company in companies {
                    let waits = waits(&table, company).await;
                    assert!(waits || left.iter().all(|before| *before == group), "run {run}: sealed before older ones");
                    if waits {
                        left.push(group);
                    }
                }
            }
            if left.is_empty() {
                break;
            }
            assert!(run <= GROUPS * IN_A_GROUP, "some are never sealed");
        }
        table.remove(&kit.stack, &kit.http).await;
    });
}

/// Marks companies as having something to seal, as their events do.
async fn mark(function: &Function, companies: &[String]) {
    let messages: Vec<(&str, String)> = companies
        .iter()
        .map(|company| {
            let org = json!({ "kind": "company", "id": company });
            let id = "ev_00000000000070008000000000000000";
            ("m", message(&json!({ "id": id, "type": "comment.added", "at": "2026-11-21T18:19:00.000Z", "org": org })))
        })
        .collect();
    response(&invoke(function, &batch(&messages)).await);
}

async fn waits(table: &Table, company: &str) -> bool {
    let item = table.item(&format!("SEALING#COMPANY#{company}"), "SEALING").await.expect("the tenant is noted");
    item.contains_key("gsi2pk")
}
