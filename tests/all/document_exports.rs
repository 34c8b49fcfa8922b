//! `/v1/document-exports`: archives of documents, requested, written by `zip` in turns, listed and downloaded.

mod interrupted;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::archive::Archive;
use tests::cast::{self, Context, Owner, list, text};
use tests::http::Answer;
use tests::people::{self, Person};
use tests::runtime_api::HttpEvent;
use tests::{Kit, aws, kit, run, story, uploads};

use crate::documents::{changed, clean, declare, pdf, post, row, until};
use crate::faults::rig::{Rig, batch, by as signed_by, eventually, refused};
use crate::support::refused_input;

const EXPORTS: &str = "/v1/document-exports";

async fn send(kit: &Kit, by: &Person, here: &Context, body: Value) -> Answer {
    kit.api.post(EXPORTS).by(by).within(here).key(&people::unique()).json(body).send().await
}

/// Asks for an archive and answers its id.
async fn ask(kit: &Kit, owner: &Owner, body: Value) -> String {
    text(&send(kit, &owner.person, &owner.here, body).await.ok(202), "/document_export/id")
}

async fn show(kit: &Kit, owner: &Owner, id: &str) -> Value {
    let path = format!("{EXPORTS}/{id}");
    let shown = kit.api.clone_silent().get(&path).by(&owner.person).within(&owner.here).ok(200).await;
    shown["document_export"].clone()
}

/// Waits until an archive is there, or will never be.
async fn finished(kit: &Kit, owner: &Owner, id: &str) -> Value {
    eventually("the archive is written", async || {
        let export = show(kit, owner, id).await;
        ["done", "failed"].contains(&text(&export, "/status").as_str()).then_some(export)
    })
    .await
}

async fn link(kit: &Kit, by: &Person, here: &Context, id: &str) -> Answer {
    kit.api.post(&format!("{EXPORTS}/{id}/download")).by(by).within(here).json(json!({})).send().await
}

/// Downloads an archive and unpacks it.
async fn unpacked(kit: &Kit, owner: &Owner, export: &Value) -> Archive {
    let link = link(kit, &owner.person, &owner.here, &text(export, "/id")).await.ok(201);
    let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("the bucket answers");
    assert_eq!(answer.status().as_u16(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/zip");
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"documents-{}.zip\"", owner.company.id));
    let archive = answer.bytes().await.expect("the archive");
    assert_eq!(export["size_bytes"], json!(archive.len()));
    Archive::unpack(&archive)
}

fn id(row: &Value) -> String {
    text(row, "/document/id")
}

fn keys(owner: &Owner, kind: &str, id: &str) -> (String, String) {
    (format!("COMPANY#{}", owner.company.id), format!("{kind}#{id}"))
}

/// Makes the file of a clean document one that the bucket does not have.
async fn lose_the_file(kit: &Kit, owner: &Owner, document: &str) {
    let (pk, sk) = keys(owner, "DOCUMENT", document);
    let item = kit.table.item(&pk, &sk).await.expect("the document is there");
    let mut newest = item["newest"].as_m().expect("a version").clone();
    for report in ["inspection", "scan"] {
        let mut said = newest[report].as_m().expect("a report").clone();
        said.insert("object_version".to_owned(), AttributeValue::S("00000000-0000-4000-8000-000000000000".to_owned()));
        newest.insert(report.to_owned(), AttributeValue::M(said));
    }
    kit.table.set(&pk, &sk, "newest", AttributeValue::M(newest)).await;
}

/// Proves: 18, D1, D3
#[test]
fn an_archive_of_a_selection_has_the_clean_files_under_safe_names_and_says_what_is_left_out() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Archived Ltd").await;
        let mut files = Vec::new();
        for name in
            ["Receipt.pdf", "receipt.PDF", "CON.pdf", "=1+1: a.pdf", "Beleg Größe 10.2026", "lost.pdf", "deleted.pdf"]
        {
            let (declared, file) = clean(kit, &owner, name).await;
            files.push((id(&declared), uploads::sha256(&file)));
        }
        let [(first, ..), .., (lost, _), (deleted, _)] = files.as_slice() else { panic!("files") };
        lose_the_file(kit, &owner, lost).await;
        let path = format!("/v1/documents/{deleted}");
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let waiting = declare(kit, &owner.person, &owner.here, vec![row("waiting.pdf", &pdf())]).await;
        let waiting = id(&waiting[0]);

        let selected: Vec<&String> = files.iter().map(|(document, _)| document).chain([&waiting, first]).collect();
        let key = people::unique();
        let post = async || {
            let call = kit.api.post(EXPORTS).by(&owner.person).within(&owner.here).key(&key);
            call.json(json!({ "documents": selected })).send().await
        };
        let queued = post().await.ok(202);
        assert_eq!(post().await.ok(202), queued, "the same request is the same archive");
        let asked = &queued["document_export"];
        assert_eq!(asked["scope"], json!({ "by": "selection", "documents": 8 }));
        assert_eq!((text(asked, "/status"), &asked["percent"]), ("queued".to_owned(), &json!(0)));

        let done = finished(kit, &owner, &text(asked, "/id")).await;
        assert_eq!(
            (text(&done, "/status"), &done["percent"], &done["documents"], &done["left_out"]),
            ("done".to_owned(), &json!(100), &json!(5), &json!(3)),
            "{done}"
        );
        let archive = unpacked(kit, &owner, &done).await;
        let names = ["Receipt.pdf", "receipt (2).PDF", "_CON.pdf", "'=1+1_ a.pdf", "Beleg Größe 10.2026.pdf"];
        for ((document, sha256), name) in files.iter().zip(names) {
            assert_eq!((archive.row(document), archive.file(document)), ((name, ""), Some(sha256)));
        }
        for (document, reason) in [(lost, "unreadable"), (deleted, "deleted"), (&waiting, "declared")] {
            assert_eq!(archive.row(document), ("", reason));
        }
        assert_eq!((archive.files.len(), archive.index.len()), (5, 8));

        // When the archive is gone, its index still says who took what with it.
        let key = format!("document-export-indexes/{}/{}.csv", owner.company.id, text(asked, "/id"));
        let bucket = &kit.stack.outputs["ExportBucketName"];
        let (status, kept) = aws::object(&kit.stack, &kit.http, bucket, &key).await;
        assert_eq!((status, archive.index.len() + 1), (200, String::from_utf8_lossy(&kept).trim_end().lines().count()));
        assert!(String::from_utf8_lossy(&kept).contains(first.as_str()));

        for (event, times) in [("requested", 1), ("finished", 1), ("downloaded", 1), ("failed", 0)] {
            let event = format!("document_export.{event}");
            assert_eq!(story::events_of_type(kit, &owner.company.id, &event).await, times, "{event}");
        }
        let page = kit.api.get(EXPORTS).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&page, "document_exports"), &vec![done]);
    });
}

/// Proves: D3
#[test]
fn an_archive_of_a_period_has_what_was_declared_in_it_of_the_kind_that_is_asked_for() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Month Ltd").await;
        let (receipt, file) = clean(kit, &owner, "receipt.pdf").await;
        let contract = pdf();
        let declared = changed(row("contract.pdf", &contract), "kind", json!("contract"));
        let declared = declare(kit, &owner.person, &owner.here, vec![declared]).await.remove(0);
        assert_eq!(post(kit, &declared, &contract).await, 204);
        until(kit, &owner, &format!("/v1/documents/{}", id(&declared)), "clean").await;

        let period = json!({ "from": "2026-01-01T00:00:00Z", "before": "2999-01-01T00:00:00Z" });
        let all = ask(kit, &owner, json!({ "period": period })).await;
        let all = unpacked(kit, &owner, &finished(kit, &owner, &all).await).await;
        assert_eq!((all.row(&id(&receipt)).0, all.row(&id(&declared)).0), ("receipt.pdf", "contract.pdf"));
        let receipts = ask(kit, &owner, json!({ "period": period, "kind": "receipt" })).await;
        let receipts = unpacked(kit, &owner, &finished(kit, &owner, &receipts).await).await;
        assert_eq!(receipts.index.len(), 1);
        assert_eq!(receipts.file(&id(&receipt)), Some(&uploads::sha256(&file)));

        let before = json!({ "from": "2020-01-01T00:00:00Z", "before": "2020-02-01T00:00:00Z" });
        let none = finished(kit, &owner, &ask(kit, &owner, json!({ "period": before })).await).await;
        assert_eq!((&none["documents"], text(&none, "/status")), (&json!(0), "done".to_owned()));
        let none = unpacked(kit, &owner, &none).await;
        assert!(none.files.is_empty() && none.index.is_empty());
    });
}

/// Proves: 2, D4
#[test]
fn an_archive_is_asked_for_shown_and_downloaded_by_those_alone_who_may_see_documents_now() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Olga Owner", "Own Ltd"), cast::owner(kit, "Otto Other", "Nosy Ltd"));
        let (declared, _) = clean(kit, &owner, "own.pdf").await;
        let document = id(&declared);
        let (member, blind) = tokio::join!(
            cast::member(kit, &owner, "Mara Member", "custom", Some(&["documents.view"])),
            cast::member(kit, &owner, "Bela Blind", "custom", Some(&["dashboard.view"])),
        );
        let body = json!({ "documents": [document] });
        let asked = send(kit, &member.person, &member.here, body.clone()).await.ok(202);
        let export = text(&asked, "/document_export/id");
        finished(kit, &owner, &export).await;
        assert_eq!(link(kit, &member.person, &member.here, &export).await.status, 201);

        // What belongs to another company is not there.
        let foreign = send(kit, &other.person, &other.here, json!({ "documents": [document] })).await;
        foreign.refused_field(404, "not-found", "documents[0]");
        let shown = kit.api.get(&format!("{EXPORTS}/{export}")).by(&other.person).within(&other.here).send().await;
        shown.refused(404, "not-found");
        link(kit, &other.person, &other.here, &export).await.refused(404, "not-found");
        send(kit, &blind.person, &blind.here, body).await.refused(403, "not-granted");
        link(kit, &blind.person, &blind.here, &export).await.refused(403, "not-granted");

        let path = format!("/v1/members/{}", member.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let gone = link(kit, &member.person, &member.here, &export).await;
        assert_eq!((gone.status, gone.json().get("download_url")), (403, None), "{}", gone.text());

        let (pk, sk) = keys(&owner, "DOCUMENTEXPORT", &export);
        kit.table.set(&pk, &sk, "gone_at", AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned())).await;
        link(kit, &owner.person, &owner.here, &export).await.refused(410, "gone");
    });
}

/// Otherwise a threat that is found late is handed out for the rest of the archive's week.
/// Proves: 17, D4
#[test]
fn an_archive_is_withdrawn_when_a_threat_is_found_in_a_file_that_it_may_have() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Withdrawn Ltd").await;
        let (late, version) = uploads::upload(kit, &owner, "late.pdf", "application/pdf", &pdf()).await;
        until(kit, &owner, &format!("/v1/documents/{}", late.document), "clean").await;
        let (other, _) = clean(kit, &owner, "other.pdf").await;
        let body = json!({ "documents": [late.document, id(&other)] });
        let first = finished(kit, &owner, &ask(kit, &owner, body.clone()).await).await;
        assert_eq!((&first["documents"], unpacked(kit, &owner, &first).await.files.len()), (&json!(2), 2));

        let threat = uploads::scan_message(kit, &late, &version, "THREATS_FOUND");
        for _ in 0..2 {
            let taken = kit.invoke("inspect", &batch(&[("m-1", threat.clone())])).await.ok();
            assert_eq!(taken, json!({ "batchItemFailures": [] }));
        }
        let refused = link(kit, &owner.person, &owner.here, &text(&first, "/id")).await;
        let refused = refused.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "withdrawn", "{refused}");
        assert!(refused.get("download_url").is_none());
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document_export.downloaded").await, 1);

        // What is planned from now on leaves it out, and is handed out.
        let next = finished(kit, &owner, &ask(kit, &owner, body).await).await;
        let archive = unpacked(kit, &owner, &next).await;
        assert_eq!((archive.row(&late.document), archive.row(&id(&other))), (("", "infected"), ("other.pdf", "")));
        link(kit, &owner.person, &owner.here, &text(&first, "/id")).await.refused(409, "conflict");
    });
}

#[test]
fn a_request_that_names_no_archive_is_refused_by_its_field() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Careless Ltd").await;
        let some = "doc_00000000000070008000000000000000";
        let period = json!({ "from": "2026-10-01T00:00:00Z", "before": "2026-11-01T00:00:00Z" });
        for (body, field) in [
            (json!({}), "documents"),
            (json!({ "documents": [] }), "documents"),
            (json!({ "documents": (0..501).map(|n| format!("doc_{n:032x}")).collect::<Vec<_>>() }), "documents"),
            (json!({ "documents": [some], "period": period }), "documents"),
            (json!({ "documents": [some], "kind": "receipt" }), "kind"),
            (json!({ "period": { "from": period["before"], "before": period["from"] } }), "period.from"),
        ] {
            refused_input(&send(kit, &owner.person, &owner.here, body).await, field);
        }
    });
}

/// Otherwise one company keeps the workers busy, and everybody else's archives wait.
/// Proves: S9, 15
#[test]
fn one_archive_is_written_at_a_time_and_they_are_counted_by_person() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Eager Ltd").await;
        let body = json!({ "period": { "from": "2020-01-01T00:00:00Z", "before": "2020-02-01T00:00:00Z" } });
        let id = ask(kit, &owner, body.clone()).await;
        finished(kit, &owner, &id).await;
        let (pk, sk) = keys(&owner, "DOCUMENTEXPORT", &id);
        let set = async |name: &str, text: &str| {
            kit.table.set(&pk, &sk, name, AttributeValue::S(text.to_owned())).await;
        };
        set("status", "running").await;
        let conflict = send(kit, &owner.person, &owner.here, body.clone()).await.refused(409, "conflict");
        let said = (text(&conflict, "/state"), text(&conflict, "/current/document_export/id"));
        assert_eq!(said, ("running".to_owned(), id.clone()));
        // A request that was lost keeps nobody from another for ever.
        set("requested_at", "2026-01-01T00:00:00.000Z").await;
        let next = ask(kit, &owner, body.clone()).await;
        finished(kit, &owner, &next).await;

        let rig = Rig::of(kit, "document-exports").await.with("LIMITS", "document_exports_per_person=2/day");
        let event = signed_by(HttpEvent::post(EXPORTS).json(&body), &owner.person, &owner.here);
        let answer = rig.start().await.request(&event).await.expect("an answer");
        refused(&answer, 429, "too-many-requests");
    });
}
