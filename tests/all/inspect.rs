//! What happens to an uploaded file until somebody may read it: S3 takes what was signed and nothing else, `inspect` looks at
//! its ends, the scanner scans it, and the bucket refuses to hand it out before.

mod permissions;
mod reports;

use file_probe::examples;
use reqwest::Method;
use serde_json::{Value, json};
use tests::cast::{self, Owner, text};
use tests::machine::Ledger;
use tests::runtime_api::HttpEvent;
use tests::uploads::{self, Declared, Report, declare, post, release, upload};
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, batch, by_ledger, eventually};
use crate::support::types;

const TAG: &str = "GuardDutyMalwareScanStatus";

async fn company(kit: &Kit) -> Owner {
    cast::owner(kit, "Olga Owner", "Papers Ltd").await
}

/// The document, once it is in a state.
async fn until(kit: &Kit, owner: &Owner, declared: &Declared, state: &str) -> Value {
    eventually(&format!("{} is {state}", declared.document), async || {
        let document = uploads::document(kit, owner, declared).await;
        (text(&document, "/state") == state).then_some(document)
    })
    .await
}

async fn state(kit: &Kit, owner: &Owner, declared: &Declared) -> String {
    text(&uploads::document(kit, owner, declared).await, "/state")
}

async fn until_waiting(kit: &Kit, declared: &Declared, what: Report, count: usize) {
    eventually("the event waits", async || (uploads::waiting(kit, declared, what).await == count).then_some(())).await;
}

/// The types of the events about a document, the oldest first.
async fn told(kit: &Kit, owner: &Owner, declared: &Declared) -> Vec<String> {
    let mut trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
    trail.retain(|event| text(event, "/subject/id") == declared.document);
    trail.reverse();
    types(&trail).into_iter().map(str::to_owned).collect()
}

/// The messages that the deployed function could not take in.
async fn failed(kit: &Kit, messages: &[(&str, String)]) -> Vec<String> {
    let answer = kit.invoke("inspect", &batch(messages)).await.ok();
    let failures = cast::list(&answer, "batchItemFailures");
    failures.iter().map(|failure| text(failure, "/itemIdentifier")).collect()
}

/// Hands messages in until all are taken in, as the queue does: the table may be busy with other tests.
async fn taken_in(kit: &Kit, messages: &[(&str, String)]) {
    let taken = async || failed(kit, messages).await.is_empty().then_some(());
    eventually("the messages are taken in", taken).await;
}

/// A receipt that is longer than what is read of both its ends.
fn photo() -> Vec<u8> {
    let mut file = examples::jpeg();
    file.resize(150_000, 0x7F);
    file.extend([0xFF, 0xD9]);
    file
}

/// Proves: 17
#[test]
fn a_receipt_is_received_scanned_and_released_and_nobody_reads_it_before() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = photo();
        let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &file).await;
        uploads::hold(kit, &declared, Report::Scan).await;
        let version = post(kit, &declared, &file, &[]).await.version.expect("a version");
        until(kit, &owner, &declared, "received").await;
        let of_version = [("versionId", version.as_str())];
        let read =
            async || uploads::as_function(kit, "documents", Method::GET, &declared.key(), &of_version, b"").await;
        let answer = read().await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"));
        let path = format!("/v1/documents/{}/download", declared.document);
        let link = async || kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).send().await;
        assert_eq!(link().await.status, 409, "a link to a file in quarantine");

        until_waiting(kit, &declared, Report::Scan, 1).await;
        release(kit, &declared, Report::Scan).await;
        until(kit, &owner, &declared, "clean").await;
        assert_eq!(read().await.status, 200);
        let link = link().await;
        assert_eq!(link.status, 201, "{}", link.text());
        let answer = kit.http.get(text(&link.json(), "/download_url")).send().await.expect("the bucket answers");
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.bytes().await.expect("bytes") == file, "other bytes came back");
        let mut told = told(kit, &owner, &declared).await;
        told.truncate(3);
        assert_eq!(told, ["document.declared", "document.received", "document.released"]);
    });
}

/// Proves: 17
#[test]
fn a_virus_is_stopped_and_even_the_role_that_signs_links_cannot_read_it() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let (declared, version) = upload(kit, &owner, "notes.txt", "text/plain", &examples::eicar()).await;
        let document = until(kit, &owner, &declared, "infected").await;
        assert_eq!(text(&document, "/versions/0/threat"), "EICAR-Test-File");
        let of_version = [("versionId", version.as_str())];
        let answer = uploads::as_function(kit, "documents", Method::GET, &declared.key(), &of_version, b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"));
        assert!(told(kit, &owner, &declared).await.contains(&"document.quarantined".to_owned()));
    });
}

/// Proves: 17
#[test]
fn nobody_but_the_scanner_says_that_a_file_is_clean() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let declared = declare(kit, &owner, "notes.txt", "text/plain", b"notes").await;
        uploads::hold(kit, &declared, Report::Scan).await;
        // A form that brings the tag along is not the form that was signed.
        let tag = format!("{TAG}=NO_THREATS_FOUND");
        let answer = post(kit, &declared, b"notes", &[("x-amz-tagging", &tag)]).await;
        assert_eq!(answer.status, 403, "{}", answer.code());
        let version = post(kit, &declared, b"notes", &[]).await.version.expect("a version");
        let tags =
            format!("<Tagging><TagSet><Tag><Key>{TAG}</Key><Value>NO_THREATS_FOUND</Value></Tag></TagSet></Tagging>");
        for function in ["documents", "inspect", "export", "zip", "read-statements"] {
            for query in [vec![("tagging", ""), ("versionId", version.as_str())], vec![("tagging", "")]] {
                let put =
                    uploads::as_function(kit, function, Method::PUT, &declared.key(), &query, tags.as_bytes()).await;
                assert_eq!(put.status, 403, "{function} {query:?}: {}", put.code());
            }
        }
        until_waiting(kit, &declared, Report::Scan, 1).await;
        release(kit, &declared, Report::Scan).await;
        until(kit, &owner, &declared, "clean").await;
    });
}

/// A lie that S3 sees never becomes an object: nothing of it is left.
/// Proves: 17, F21, B13
#[test]
fn s3_refuses_another_size_sum_type_or_key_than_was_signed() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = b"date;amount\n2026-10-01;3\n".as_slice();
        let declared = declare(kit, &owner, "list.csv", "text/csv", file).await;
        let other = b"date;amount\n2026-10-01;4\n".as_slice();
        let longer = [file, b"x"].concat();
        let shorter = file.split_last().expect("bytes").1;
        for (what, sent, changed, status, code) in [
            ("other bytes", other, vec![], 400, "BadDigest"),
            ("a longer file", longer.as_slice(), vec![], 400, "EntityTooLarge"),
            ("a shorter file", shorter, vec![], 400, "EntityTooSmall"),
            ("another type", file, vec![("Content-Type", "text/html")], 403, "AccessDenied"),
            (
                "another sum",
                other,
                vec![("x-amz-checksum-sha256", uploads::sha256(other).leak() as &str)],
                403,
                "AccessDenied",
            ),
            ("another key", file, vec![("key", "companies/a/b/1")], 403, "AccessDenied"),
            ("a redirect", file, vec![("success_action_redirect", "https://a.example")], 403, "AccessDenied"),
        ] {
            let answer = post(kit, &declared, sent, &changed).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}");
        }
        assert_eq!(state(kit, &owner, &declared).await, "declared");
        // The right one is still taken.
        assert_eq!(post(kit, &declared, file, &[]).await.status, 204);
        until(kit, &owner, &declared, "clean").await;
    });
}

/// Proves: 17, F21
#[test]
fn a_machine_puts_exactly_what_was_signed() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let ledger = Ledger::sign_in(kit).await;
        let file = b"date;amount\n2026-10-01;3\n".as_slice();
        let other = b"date;amount\n2026-10-01;4\n".as_slice();
        let body = uploads::declaration("list.csv", "text/csv", file);
        let declared = uploads::declare_as_ledger(kit, &ledger, &owner.company.id, body).await;
        let tag = format!("{TAG}=NO_THREATS_FOUND");
        for (what, sent, changed, status, code) in [
            ("other bytes", other, vec![], 400, "BadDigest"),
            ("a longer file", [file, b"x"].concat().leak() as &[u8], vec![], 403, "SignatureDoesNotMatch"),
            ("another type", file, vec![("content-type", "text/html")], 403, "SignatureDoesNotMatch"),
            ("a tag of its own", file, vec![("x-amz-tagging", tag.as_str())], 403, "AccessDenied"),
        ] {
            let answer = uploads::put(kit, &declared, sent, &changed).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}");
        }
        assert_eq!(uploads::put(kit, &declared, file, &[]).await.status, 200);
        until(kit, &owner, &declared, "clean").await;
    });
}

/// A lie that only the bytes show is refused with its reason, and the file is hidden.
/// Proves: 17, F21, B13, B15
#[test]
fn what_the_bytes_show_is_refused_with_the_reason() {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let long_picture = {
            let mut file = photo();
            file.extend(examples::zip(&[("META-INF/MANIFEST.MF", b"Main-Class: A\n")]));
            file
        };
        let cases = [
            ("picture.jpg", "image/jpeg", examples::pdf(), "type_mismatch"),
            ("film.heic", "image/heic", examples::film(), "type_not_taken"),
            ("page.txt", "text/plain", examples::html(), "active_content"),
            ("drawing.xml", "application/xml", examples::svg(), "active_content"),
            ("program.pdf", "application/pdf", examples::program(), "active_content"),
            ("sheet.xlsx", XLSX, examples::xlsx_with_macros(), "macro"),
            ("bomb.xlsx", XLSX, examples::zip_bomb(), "archive_ratio"),
            ("locked.pdf", "application/pdf", examples::pdf_with_a_password(), "encrypted"),
            ("locked.docx", office, examples::office_with_a_password(), "encrypted"),
            ("two.jpg", "image/jpeg", examples::jpeg_and_zip(), "two_types"),
            ("two-long.jpg", "image/jpeg", long_picture, "two_types"),
        ];
        let mut sent = Vec::new();
        for (name, file_type, file, reason) in &cases {
            let (declared, version) = upload(kit, &owner, name, file_type, file).await;
            sent.push((declared, version, *name, *reason));
        }
        for (declared, _, name, reason) in &sent {
            let document = until(kit, &owner, declared, "refused").await;
            assert_eq!(text(&document, "/versions/0/refusal"), *reason, "{name}");
        }
        // Without a version S3 says that there is no such object.
        let (declared, ..) = &sent[0];
        eventually("the file is hidden", async || {
            let answer = uploads::as_function(kit, "inspect", Method::GET, &declared.key(), &[], b"").await;
            (answer.status != 200).then_some(())
        })
        .await;
    });
}

/// Where a vendor scans elsewhere, the ledger's client says the verdict; and only there.
/// Proves: 17
#[test]
fn a_scanner_elsewhere_reports_its_verdict_through_the_ledger() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let ledger = Ledger::sign_in(kit).await;
        // The rig carries the function's table: it stays for as long as the function.
        let rig = Rig::of(kit, "ledger").await.with("MALWARE_SCAN", "external");
        let elsewhere = rig.start().await;
        let mut reported = Vec::new();
        for (name, result) in [
            ("clean.txt", json!({ "verdict": "clean" })),
            ("infected.txt", json!({ "verdict": "infected", "threat": "EICAR-Test-File" })),
            ("unscannable.txt", json!({ "verdict": "unscannable", "why": "unsupported" })),
        ] {
            let declared = declare(kit, &owner, name, "text/plain", name.as_bytes()).await;
            uploads::hold(kit, &declared, Report::Scan).await;
            let version = post(kit, &declared, name.as_bytes(), &[]).await.version.expect("a version");
            until(kit, &owner, &declared, "received").await;
            let path = format!(
                "/v1/ledger/companies/{}/documents/{}/versions/1/scan-result",
                declared.company, declared.document
            );
            let body = json!({ "object_version": version, "result": result });
            let state = text(&result, "/verdict");
            for _ in 0..2 {
                let answer = elsewhere.request(&by_ledger(HttpEvent::put(&path).json(&body), &ledger)).await;
                let answer = answer.expect("the function answers");
                assert_eq!(answer.status, 200, "{}", answer.text());
                assert_eq!(text(&answer.json(), "/state"), state);
            }
            assert_eq!(text(&until(kit, &owner, &declared, &state).await, "/state"), state);
            // The word alone hands out nothing: the tag is missing.
            let of_version = [("versionId", version.as_str())];
            let read = uploads::as_function(kit, "documents", Method::GET, &declared.key(), &of_version, b"").await;
            assert_eq!(read.status, 403, "{name}");
            reported.push((path, body, declared));
        }
        let (path, body, declared) = &reported[0];
        for (what, path, body, status) in [
            ("no version", path.clone(), json!({ "object_version": "", "result": { "verdict": "clean" } }), 422),
            ("no verdict", path.clone(), json!({ "object_version": "v", "result": { "verdict": "perhaps" } }), 422),
            ("another number", path.replace("/versions/1/", "/versions/2/"), body.clone(), 404),
            (
                "another document",
                path.replace(&declared.document, "doc_00000000000000000000000000000001"),
                body.clone(),
                404,
            ),
            ("no number", path.replace("/versions/1/", "/versions/0/"), body.clone(), 404),
        ] {
            let answer = elsewhere.request(&by_ledger(HttpEvent::put(&path).json(&body), &ledger)).await;
            assert_eq!(answer.expect("the function answers").status, status, "{what}");
        }
        // A threat counts for a refused file, too.
        let (refused, version) = upload(kit, &owner, "page.txt", "text/plain", &examples::html()).await;
        until(kit, &owner, &refused, "refused").await;
        let of_refused = path.replace(&declared.document, &refused.document);
        let infected =
            json!({ "object_version": version, "result": { "verdict": "infected", "threat": "EICAR-Test-File" } });
        let answer = elsewhere.request(&by_ledger(HttpEvent::put(&of_refused).json(&infected), &ledger)).await;
        assert_eq!(text(&answer.expect("the function answers").json(), "/state"), "infected");
        // This stack scans by itself.
        kit.api.put(path).by(&ledger).json(body.clone()).refused(409, "conflict").await;
    });
}
