//! Archives whose writing is interrupted.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, text};
use tests::chaos::{Fault, Rule};
use tests::table::Item;
use tests::{Kit, kit, run, story, uploads};

use super::{ask, finished, id, keys, link, lose_the_file, show, unpacked};
use crate::documents::{clean, declare, post, row, until};
use crate::faults::rig::{Rig, batch, eventually, invoke, message, metric_in, new_event_id, puts, to_come_again};

/// A PDF of more than a part of an archive.
fn large_pdf() -> Vec<u8> {
    let mut file = crate::documents::pdf();
    let end = file.split_off("%PDF-1.4\n".len());
    file.extend(b"% filling\n".repeat(900 * 1024));
    file.extend(end);
    file
}

/// The request for an archive as the bus hands it to the queue.
fn requested(owner: &Owner, export: &str) -> Value {
    let event = json!({
        "id": new_event_id(), "type": "document_export.requested", "at": "2026-11-21T12:00:00.000Z",
        "org": { "kind": "company", "id": owner.company.id },
        "subject": { "kind": "document_export", "id": export },
        "actor": { "via": "self" }, "data": {}, "request_id": "r", "version": 1,
    });
    batch(&[("m-1", message(&event))])
}

/// Another archive like one that was written, as it was when it was requested. No event tells the deployed worker of it.
async fn unnoticed(kit: &Kit, owner: &Owner, like: &str, documents: &[String]) -> String {
    let (pk, sk) = keys(owner, "DOCUMENTEXPORT", like);
    let mut item: Item = kit.table.item(&pk, &sk).await.expect("the archive is there");
    let new = new_event_id().replace("ev_", "dex_");
    let s = |text: &str| AttributeValue::S(text.to_owned());
    let n = |number: usize| AttributeValue::N(number.to_string());
    item.remove("plan");
    let selection = AttributeValue::L(documents.iter().map(|document| s(document)).collect());
    let scope = HashMap::from([("by".to_owned(), s("selection")), ("documents".to_owned(), n(documents.len()))]);
    for (name, value) in [
        ("sk", s(&format!("DOCUMENTEXPORT#{new}"))),
        ("id", s(&new)),
        ("status", s("queued")),
        ("attempts", n(0)),
        ("documents", n(0)),
        ("size_bytes", n(0)),
        ("scope", AttributeValue::M(scope)),
        ("selection", selection),
    ] {
        item.insert(name.to_owned(), value);
    }
    let put = kit.table.client.put_item().table_name(&kit.table.name);
    put.set_item(Some(item.into_iter().collect())).send().await.expect("the table takes the item");
    new
}

/// An archive of nothing, which shows what a written one looks like.
async fn pattern(kit: &Kit, owner: &Owner) -> String {
    let period = json!({ "from": "2020-01-01T00:00:00Z", "before": "2020-02-01T00:00:00Z" });
    let id = ask(kit, owner, json!({ "period": period })).await;
    finished(kit, owner, &id).await;
    id
}

/// Proves: D2
#[test]
fn a_worker_that_is_killed_between_two_parts_costs_no_part_and_the_archive_is_whole() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Interrupted Ltd").await;
        let mut files = Vec::new();
        for name in ["one.pdf", "two.pdf", "three.pdf"] {
            let file = large_pdf();
            let declared = declare(kit, &owner.person, &owner.here, vec![row(name, &file)]).await.remove(0);
            assert_eq!(post(kit, &declared, &file).await, 204, "{declared}");
            until(kit, &owner, &format!("/v1/documents/{}", id(&declared)), "clean").await;
            files.push((id(&declared), uploads::sha256(&file)));
        }
        let documents: Vec<String> = files.iter().map(|(document, _)| document.clone()).collect();
        let export = unnoticed(kit, &owner, &pattern(kit, &owner).await, &documents).await;

        // It takes the archive, plans it, and records the first part; the second is uploaded and not recorded.
        let rig = Rig::of(kit, "zip").await;
        let held = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold).after(3));
        let worker = rig.start().await;
        let turn = {
            let (worker, event) = (worker.clone(), requested(&owner, &export));
            tokio::spawn(async move { worker.invoke(&event).await })
        };
        held.reached(1).await;
        worker.kill().await;
        held.remove();
        assert!(turn.await.expect("the turn ended").is_err(), "it was killed");
        rig.quiet().await;
        let half = show(kit, &owner, &export).await;
        assert_eq!((text(&half, "/status"), &half["left_out"]), ("running".to_owned(), &json!(0)));
        let written = half["documents"].as_u64().expect("a number");
        assert!((1..3).contains(&written) && half["percent"].as_u64() < Some(100), "{half}");

        let next = rig.start().await;
        let held = invoke(&next, &requested(&owner, &export)).await;
        assert_eq!(to_come_again(&held), ["m-1"], "the lease of the killed one still counts");
        let (pk, sk) = keys(&owner, "DOCUMENTEXPORT", &export);
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&pk, &sk, "lease_until", past).await;
        drop(rig.table.take_exchanges());
        let done = invoke(&next, &requested(&owner, &export)).await;
        assert_eq!(to_come_again(&done), Vec::<String>::new());
        let counts: Vec<String> = rig
            .transactions()
            .iter()
            .flat_map(|exchange| puts(exchange, "COMPANY#"))
            .map(|item| text(&item, "/documents/N"))
            .collect();
        let expected: Vec<String> = (written..=3).chain([3]).map(|documents| documents.to_string()).collect();
        assert_eq!(counts, expected, "it goes on behind the last part that was recorded");

        let done = show(kit, &owner, &export).await;
        assert_eq!((text(&done, "/status"), &done["documents"]), ("done".to_owned(), &json!(3)));
        let archive = unpacked(kit, &owner, &done).await;
        for (document, sha256) in &files {
            assert_eq!(archive.file(document), Some(sha256));
        }
    });
}

/// Proves: D2
#[test]
fn an_archive_whose_parts_are_gone_is_written_anew_and_one_that_fails_too_often_is_given_up() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Unlucky Ltd").await;
        let (declared, file) = crate::documents::clean(kit, &owner, "unlucky.pdf").await;
        let export = ask(kit, &owner, json!({ "documents": [id(&declared)] })).await;
        finished(kit, &owner, &export).await;
        let (pk, sk) = keys(&owner, "DOCUMENTEXPORT", &export);
        let s = |text: &str| AttributeValue::S(text.to_owned());
        // As if it had been interrupted behind a part, and the part were gone.
        let half_done = async |attempts: u32| {
            let checksums = AttributeValue::L(vec![AttributeValue::N("7".to_owned())]);
            let upload = [("id", s("gone")), ("tags", AttributeValue::L(vec![s("tag")])), ("checksums", checksums)];
            let upload = HashMap::from(upload.map(|(name, value)| (name.to_owned(), value)));
            kit.table.set(&pk, &sk, "upload", AttributeValue::M(upload)).await;
            kit.table.set(&pk, &sk, "attempts", AttributeValue::N(attempts.to_string())).await;
            kit.table.set(&pk, &sk, "status", s("running")).await;
        };
        let tell = async || kit.invoke("zip", &requested(&owner, &export)).await.ok();
        let (taken, again) =
            (json!({ "batchItemFailures": [] }), json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }] }));

        half_done(1).await;
        assert_eq!(tell().await, again, "it begins anew in the next turn");
        assert_eq!(tell().await, taken);
        let done = show(kit, &owner, &export).await;
        assert_eq!((text(&done, "/status"), &done["documents"]), ("done".to_owned(), &json!(1)));
        let archive = unpacked(kit, &owner, &done).await;
        assert_eq!(archive.file(&id(&declared)), Some(&uploads::sha256(&file)));

        half_done(15).await;
        assert_eq!(tell().await, taken);
        let failed = show(kit, &owner, &export).await;
        assert_eq!(
            (text(&failed, "/status"), text(&failed, "/failure")),
            ("failed".to_owned(), "interrupted".to_owned())
        );
        assert_eq!(tell().await, taken, "what was given up is over");
        let refused = link(kit, &owner.person, &owner.here, &export).await.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "failed");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document_export.failed").await, 1);
        let poison = kit.invoke("zip", &batch(&[("m-1", "poison".to_owned())])).await.ok();
        assert_eq!(poison, again);
    });
}

/// An archive without a file that it should have is finished, so nothing fails: an operator hears of it by the metric.
/// Proves: D3, S11
#[test]
fn a_file_that_an_archive_lacks_is_counted_for_an_alarm() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Lacking Ltd").await;
        let mut documents = Vec::new();
        for name in ["kept.pdf", "lost.pdf"] {
            documents.push(id(&clean(kit, &owner, name).await.0));
        }
        lose_the_file(kit, &owner, &documents[1]).await;
        let export = unnoticed(kit, &owner, &pattern(kit, &owner).await, &documents).await;
        let rig = Rig::of(kit, "zip").await;
        let worker = rig.start().await;
        let done = invoke(&worker, &requested(&owner, &export)).await;
        assert_eq!(to_come_again(&done), [""; 0]);
        let done = show(kit, &owner, &export).await;
        assert_eq!((text(&done, "/status"), &done["left_out"]), ("done".to_owned(), &json!(1)), "{done}");
        eventually("the metric is written", async || metric_in(&worker.log(), "ArchiveFileUnreadable", 1)).await;
    });
}
