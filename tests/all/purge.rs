//! The files of deleted documents go for good once nobody can restore them.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tests::cast::{self, Owner, text};
use tests::chaos::{Fault, Rule};
use tests::table::Table;
use tests::uploads::{self, Declared, upload};
use tests::{Kit, kit, run, story};
use tokio::sync::Mutex;

use crate::faults::rig::{Rig, eventually, invoke, response};

/// Held by a test that runs the schedule: a run does what is due for everybody.
static RUNNING: Mutex<()> = Mutex::const_new(());

pub(crate) fn schedule() -> Value {
    json!({ "schedule": "deleted_documents" })
}

fn ago(hours: i64) -> AttributeValue {
    AttributeValue::S(format!("{:.3}", Timestamp::now() - SignedDuration::from_hours(hours)))
}

/// Makes time pass: the time to restore a deleted document ended two hours ago.
pub(crate) async fn pass(table: &Table, company: &str, document: &str) {
    let (pk, sk) = (format!("COMPANY#{company}"), format!("DOCUMENT#{document}"));
    let item = table.item(&pk, &sk).await.expect("the document is there");
    let mut deleted = item["deleted"].as_m().expect("it is deleted").clone();
    deleted.insert("restorable_until".to_owned(), ago(2));
    table.set(&pk, &sk, "deleted", AttributeValue::M(deleted)).await;
    table.set(&pk, &sk, "gsi2sk", ago(1)).await;
}

/// A clean document with a file of its own, and the version of its object.
async fn clean(kit: &Kit, owner: &Owner) -> (Declared, String) {
    let file = tests::people::unique().into_bytes();
    let (declared, version) = upload(kit, owner, "notes.txt", "text/plain", &file).await;
    eventually("the document is clean", async || {
        (text(&uploads::document(kit, owner, &declared).await, "/state") == "clean").then_some(())
    })
    .await;
    (declared, version)
}

async fn delete(kit: &Kit, owner: &Owner, declared: &Declared) {
    let path = format!("/v1/documents/{}", declared.document);
    kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
}

/// Whether a version of the document's object is still in the bucket.
async fn is_kept(kit: &Kit, declared: &Declared, version: &str) -> bool {
    let query = [("versionId", version)];
    uploads::as_function(kit, "inspect", Method::GET, &declared.key(), &query, b"").await.status == 200
}

async fn purged(kit: &Kit, owner: &Owner) -> usize {
    story::events_of_type(kit, &owner.company.id, "document.purged").await
}

/// Proves: F13, M17
#[test]
fn the_files_of_a_deleted_document_are_removed_once_nobody_can_restore_it() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (declared, version) = clean(kit, &owner).await;
        delete(kit, &owner, &declared).await;
        kit.invoke("purge", &schedule()).await.ok();
        assert!(is_kept(kit, &declared, &version).await, "it can still be restored");
        pass(&kit.table, &owner.company.id, &declared.document).await;
        let path = format!("/v1/documents/{}", declared.document);
        let restore = kit.api.post(&format!("{path}/restore")).by(&owner.person).within(&owner.here);
        assert_eq!(text(&restore.refused(409, "conflict").await, "/state"), "deleted");

        // As deployed: the schedule.
        let url = format!("{}/schedules/deleted_documents", kit.stack.control_url);
        let due = kit.http.post(url).send().await.expect("the emulator answers");
        assert_eq!(due.status().as_u16(), 202, "there is no such schedule");
        eventually("the files are removed", async || (purged(kit, &owner).await == 1).then_some(())).await;
        assert!(!is_kept(kit, &declared, &version).await, "the file is still there");
        let newest = uploads::as_function(kit, "inspect", Method::GET, &declared.key(), &[], b"").await;
        assert_ne!(newest.status, 200);
        for _ in 0..2 {
            kit.invoke("purge", &schedule()).await.ok();
        }
        assert_eq!(purged(kit, &owner).await, 1, "three runs");
        // The record stays: what it was, who handed it over, who deleted it.
        let shown = uploads::document(kit, &owner, &declared).await;
        assert_eq!((text(&shown, "/name"), text(&shown, "/state")), ("notes.txt".into(), "deleted".into()));
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        let event = trail.iter().find(|event| text(event, "/type") == "document.purged").expect("it is in the log");
        assert_eq!(text(event, "/subject/id"), declared.document);
    });
}

/// The index may lag behind what happened, and a hold is stronger than any clock.
/// Proves: 24, M17
#[test]
fn what_is_held_or_there_again_keeps_its_files() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let pk = format!("COMPANY#{}", owner.company.id);
        let (there, of_there) = clean(kit, &owner).await;
        let (held, of_held) = clean(kit, &owner).await;
        delete(kit, &owner, &held).await;
        pass(&kit.table, &owner.company.id, &held.document).await;
        let hold = [("by", "u-1"), ("by_name", "Olga"), ("at", "2026-11-01T09:00:00.000Z"), ("reason", "Tax audit")];
        let hold = hold.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
        let sk = format!("DOCUMENT#{}", held.document);
        kit.table.set(&pk, &sk, "hold", AttributeValue::M(hold.into_iter().collect())).await;
        let sk = format!("DOCUMENT#{}", there.document);
        kit.table.set(&pk, &sk, "gsi2sk", ago(1)).await;
        kit.table.set(&pk, &sk, "gsi2pk", AttributeValue::S("DUE#document-purges#0".to_owned())).await;
        kit.invoke("purge", &schedule()).await.ok();
        assert!(is_kept(kit, &there, &of_there).await, "a document that is there lost its file");
        assert!(is_kept(kit, &held, &of_held).await, "a document under a legal hold lost its file");
        assert_eq!(purged(kit, &owner).await, 0);
    });
}

/// Proves: F2, F13, M17
#[test]
fn runs_at_once_and_a_run_that_dies_after_the_removal_leave_one_event() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let rig = Rig::of(kit, "purge").await;
        let (first, of_first) = clean(kit, &owner).await;
        delete(kit, &owner, &first).await;
        pass(&kit.table, &owner.company.id, &first.document).await;
        let mut running = tokio::task::JoinSet::new();
        for function in rig.crowd(3).await {
            running.spawn(async move { response(&invoke(&function, &schedule()).await).clone() });
        }
        running.join_all().await;
        assert_eq!(purged(kit, &owner).await, 1, "three at once");
        assert!(!is_kept(kit, &first, &of_first).await);

        let (second, of_second) = clean(kit, &owner).await;
        delete(kit, &owner, &second).await;
        pass(&kit.table, &owner.company.id, &second.document).await;
        let dying = rig.start().await;
        let reached = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold));
        let invocation = {
            let dying = dying.clone();
            tokio::spawn(async move { dying.invoke(&schedule()).await })
        };
        tokio::time::timeout(Duration::from_secs(60), reached.reached(1)).await.expect("the step is reached");
        dying.kill().await;
        drop(invocation.await);
        rig.table.calm();
        eventually("it is recorded", async || {
            kit.invoke("purge", &schedule()).await.ok();
            (purged(kit, &owner).await == 2).then_some(())
        })
        .await;
        assert!(!is_kept(kit, &second, &of_second).await);
    });
}
