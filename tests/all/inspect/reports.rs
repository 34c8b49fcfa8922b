//! Reports of S3 and of the scanner: in any order, twice, late, about what is not there, and to a function that dies.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::chaos::{Fault, Rule};
use tests::counted::Counted;
use tests::uploads::{self, Report, declare, message, post, release, scan_message, upload_message};
use tests::{aws, kit, run};

use super::{company, failed, photo, state, taken_in, told, until, until_waiting};
use crate::faults::rig::{Rig, batch, eventually, invoke, metric_in, to_come_again};

const COMMIT: &str = "TransactWriteItems";

/// Proves: F18, F20
#[test]
fn either_report_may_come_first_and_each_may_come_again() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = photo();
        for last in [Report::Upload, Report::Scan] {
            let name = format!("{last:?}.jpg");
            let file = [file.as_slice(), name.as_bytes()].concat();
            let declared = declare(kit, &owner, &name, "image/jpeg", &file).await;
            uploads::hold(kit, &declared, last).await;
            let version = post(kit, &declared, &file, &[]).await.version.expect("a version");
            until_waiting(kit, &declared, last, 1).await;
            if last == Report::Scan {
                until(kit, &owner, &declared, "received").await;
            } else {
                assert_eq!(state(kit, &owner, &declared).await, "declared");
            }
            release(kit, &declared, last).await;
            until(kit, &owner, &declared, "clean").await;

            let again = [
                ("scan", scan_message(kit, &declared, &version, "NO_THREATS_FOUND")),
                ("upload", upload_message(kit, &declared, &version)),
                ("scan-2", scan_message(kit, &declared, &version, "NO_THREATS_FOUND")),
                ("upload-2", upload_message(kit, &declared, &version)),
            ];
            taken_in(kit, &again).await;
            let told = told(kit, &owner, &declared).await;
            assert_eq!(told, ["document.declared", "document.received", "document.released"], "{last:?} last");
        }
    });
}

/// A scanner that fails or may not read the bucket scans nothing: files stay in quarantine until somebody hears of it.
/// Proves: S11
#[test]
fn a_scan_that_failed_is_counted_for_an_alarm() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let inspect = Rig::of(kit, "inspect").await;
        for (status, result, counted) in [
            ("FAILED", "FAILED", Some(())),
            ("SKIPPED", "ACCESS_DENIED", Some(())),
            // A file that no scanner can look into is the file's matter.
            ("SKIPPED", "UNSUPPORTED", None),
        ] {
            let file = [photo().as_slice(), result.as_bytes()].concat();
            let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &file).await;
            uploads::hold(kit, &declared, Report::Scan).await;
            let version = post(kit, &declared, &file, &[]).await.version.expect("a version");
            until(kit, &owner, &declared, "received").await;
            let function = inspect.start().await;
            let said = uploads::scan_result(kit, &declared, &version, status, result);
            let said = message(uploads::SCAN_RESULT, &said);
            let taken = invoke(&function, &batch(&[("m-1", said)])).await;
            assert_eq!(to_come_again(&taken), [""; 0], "{result}");
            until(kit, &owner, &declared, "unscannable").await;
            // What was counted stands before what the test says next, and the log has both.
            let next = invoke(&function, &batch(&[("m-2", "{}".to_owned())])).await;
            assert_eq!(to_come_again(&next), ["m-2"]);
            eventually("the next message is logged", async || {
                function.log().iter().any(|line| line.contains("m-2")).then_some(())
            })
            .await;
            assert_eq!(metric_in(&function.log(), "ScanFailed", 1), counted, "{result}");
            release(kit, &declared, Report::Scan).await;
        }
    });
}

/// Proves: F18, F20, B18
#[test]
fn a_result_for_another_version_releases_nothing() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let declared = declare(kit, &owner, "notes.txt", "text/plain", b"notes").await;
        uploads::hold(kit, &declared, Report::Scan).await;
        let version = post(kit, &declared, b"notes", &[]).await.version.expect("a version");
        until(kit, &owner, &declared, "received").await;
        let other = scan_message(kit, &declared, "another-version", "NO_THREATS_FOUND");
        taken_in(kit, &[("other", other)]).await;
        assert_eq!(state(kit, &owner, &declared).await, "received");
        // A scan that did not run to its end is no clean one either.
        uploads::report_scan(kit, &declared, &version, "SKIPPED", "UNSUPPORTED").await;
        until(kit, &owner, &declared, "received").await;
        until_waiting(kit, &declared, Report::Scan, 1).await;
        release(kit, &declared, Report::Scan).await;
        until(kit, &owner, &declared, "clean").await;
    });
}

/// A form may be used again until it ends, with the same bytes alone. The first object stays the one that is handed out.
/// Proves: 17, F18, B14
#[test]
fn a_form_that_is_used_twice_leaves_one_object() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = photo();
        let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &file).await;
        let first = post(kit, &declared, &file, &[]).await.version.expect("a version");
        until(kit, &owner, &declared, "clean").await;
        let second = post(kit, &declared, &file, &[]).await.version.expect("a version");
        assert_ne!(first, second);
        let read = async |version: &str| {
            uploads::as_function(kit, "inspect", Method::GET, &declared.key(), &[("versionId", version)], b"")
                .await
                .status
        };
        eventually("the second object is gone", async || (read(&second).await != 200).then_some(())).await;
        assert_eq!(read(&first).await, 200);
        assert_eq!(state(kit, &owner, &declared).await, "clean");
        let told = told(kit, &owner, &declared).await;
        assert_eq!(told, ["document.declared", "document.received", "document.released"]);
    });
}

/// Proves: F18, F20
#[test]
fn a_version_that_is_uploaded_again_while_it_is_scanned_ends_with_one_clean_object() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = photo();
        let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &file).await;
        uploads::hold(kit, &declared, Report::Scan).await;
        uploads::hold(kit, &declared, Report::Upload).await;
        let first = post(kit, &declared, &file, &[]).await.version.expect("a version");
        let second = post(kit, &declared, &file, &[]).await.version.expect("a version");
        until_waiting(kit, &declared, Report::Upload, 2).await;
        until_waiting(kit, &declared, Report::Scan, 2).await;
        // The second is found clean before anything is known of the first.
        let early = scan_message(kit, &declared, &second, "NO_THREATS_FOUND");
        taken_in(kit, &[("early", early)]).await;
        release(kit, &declared, Report::Scan).await;
        release(kit, &declared, Report::Upload).await;
        let document = until(kit, &owner, &declared, "clean").await;
        assert_eq!(cast::list(&document, "versions").len(), 1);
        let mut left = Vec::new();
        for version in [&first, &second] {
            let of_version = [("versionId", version.as_str())];
            let answer = uploads::as_function(kit, "documents", Method::GET, &declared.key(), &of_version, b"").await;
            left.push(answer.status == 200);
        }
        assert!(left.contains(&true), "no object is left to download");
    });
}

/// What nobody declared is not taken in, however often it is reported; then it waits in the dead-letter queue.
/// Proves: F18, B18
#[test]
fn reports_about_what_nobody_declared_come_again_and_end_in_the_dead_letter_queue() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let declared = declare(kit, &owner, "notes.txt", "text/plain", b"notes").await;
        let mut unknown = declared.clone();
        unknown.document = declared.document.chars().rev().collect::<String>();
        let mut elsewhere = declared.clone();
        elsewhere.company = company(kit).await.company.id;
        let mut other_bucket = uploads::upload_event(kit, &declared, "v");
        other_bucket["bucket"]["name"] = json!("another-bucket");
        let mut no_version = uploads::upload_event(kit, &declared, "v");
        no_version["object"].as_object_mut().expect("an object").remove("version-id");
        let messages = [
            ("unknown", upload_message(kit, &unknown, "v")),
            ("elsewhere", upload_message(kit, &elsewhere, "v")),
            ("scanned", scan_message(kit, &elsewhere, "v", "NO_THREATS_FOUND")),
            ("other-bucket", message("Object Created", &other_bucket)),
            ("no-version", message("Object Created", &no_version)),
            ("nothing", "{}".to_owned()),
        ];
        let names: Vec<&str> = messages.iter().map(|(name, _)| *name).collect();
        assert_eq!(failed(kit, &messages).await, names);
        assert_eq!(state(kit, &owner, &declared).await, "declared");

        let url = &kit.stack.outputs["InspectQueueUrl"];
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["RedrivePolicy"] });
        let answer = aws::call(&kit.stack, &kit.http, "sqs", "AmazonSQS.GetQueueAttributes", &asked).await;
        let policy = text(&answer.expect("the queue answers"), "/Attributes/RedrivePolicy");
        let dead = kit.stack.outputs["InspectDeadLetterQueueUrl"].rsplit('/').next().expect("a name");
        assert!(policy.contains(dead), "{policy}");
    });
}

/// Proves: F18, F20
#[test]
fn a_crash_between_each_two_steps_leaves_one_outcome() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = photo();
        let inspect = Rig::of(kit, "inspect").await;
        // Before the read, between it and the look at the file, before the commit, and after it; of each report.
        let steps = [
            ("BatchGetItem", Fault::Hold),
            ("BatchGetItem", Fault::HoldReply),
            (COMMIT, Fault::Hold),
            (COMMIT, Fault::HoldReply),
        ];
        for (what, after) in [(Report::Upload, "received"), (Report::Scan, "clean")] {
            for (n, (action, fault)) in steps.into_iter().enumerate() {
                let step = format!("{what:?} {action} {n}");
                let file = [file.as_slice(), step.as_bytes()].concat();
                let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &file).await;
                uploads::hold(kit, &declared, Report::Scan).await;
                if what == Report::Upload {
                    uploads::hold(kit, &declared, Report::Upload).await;
                }
                let version = post(kit, &declared, &file, &[]).await.version.expect("a version");
                if what == Report::Scan {
                    until(kit, &owner, &declared, "received").await;
                }
                let message = || match what {
                    Report::Upload => upload_message(kit, &declared, &version),
                    _ => scan_message(kit, &declared, &version, "NO_THREATS_FOUND"),
                };
                let event = batch(&[("dying", message())]);
                let dying = inspect.start().await;
                let reached = inspect.table.place(Rule::on(action, fault));
                let invocation = {
                    let dying = dying.clone();
                    tokio::spawn(async move { dying.invoke(&event).await })
                };
                tokio::time::timeout(Duration::from_secs(60), reached.reached(1)).await.expect("the step is reached");
                dying.kill().await;
                drop(invocation.await);
                inspect.table.calm();

                taken_in(kit, &[("again", message())]).await;
                assert_eq!(state(kit, &owner, &declared).await, after, "{step}");
                until_waiting(kit, &declared, Report::Scan, 1).await;
                release(kit, &declared, Report::Scan).await;
                if what == Report::Upload {
                    until_waiting(kit, &declared, Report::Upload, 1).await;
                    release(kit, &declared, Report::Upload).await;
                }
                until(kit, &owner, &declared, "clean").await;
                let told = told(kit, &owner, &declared).await;
                assert_eq!(told, ["document.declared", "document.received", "document.released"], "{step}");
            }
        }
    });
}

/// Each call is paid for, with every upload.
/// Proves: M9
#[test]
fn a_report_takes_at_most_two_calls_of_the_bucket_and_two_of_the_table() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let bucket = Counted::in_front_of(&kit.stack.endpoint).await.expect("the relay starts");
        let rig = Rig::of(kit, "inspect").await.with("AWS_ENDPOINT_URL_S3", bucket.endpoint());
        let inspect = rig.start().await;
        let declared = declare(kit, &owner, "receipt.jpg", "image/jpeg", &photo()).await;
        uploads::hold(kit, &declared, Report::Upload).await;
        uploads::hold(kit, &declared, Report::Scan).await;
        let version = post(kit, &declared, &photo(), &[]).await.version.expect("a version");
        let scanned = || scan_message(kit, &declared, &version, "NO_THREATS_FOUND");
        for (what, message, calls, actions) in [
            ("upload", upload_message(kit, &declared, &version), 2, vec!["BatchGetItem", COMMIT]),
            ("scan", scanned(), 0, vec!["BatchGetItem", COMMIT]),
            ("upload again", upload_message(kit, &declared, &version), 0, vec!["BatchGetItem"]),
            ("scan again", scanned(), 0, vec!["BatchGetItem"]),
        ] {
            let _before = (bucket.take(), rig.table.take_exchanges());
            let taken = invoke(&inspect, &batch(&[("m-1", message)])).await;
            assert_eq!(to_come_again(&taken), [""; 0], "{what}");
            let asked: Vec<String> = rig.table.take_exchanges().into_iter().map(|exchange| exchange.action).collect();
            assert_eq!((bucket.take(), asked), (calls, actions.into_iter().map(str::to_owned).collect()), "{what}");
        }
        for report in [Report::Upload, Report::Scan] {
            until_waiting(kit, &declared, report, 1).await;
            release(kit, &declared, report).await;
        }
        until(kit, &owner, &declared, "clean").await;
    });
}

/// Proves: 17, F18, M18
#[test]
fn three_hundred_uploads_of_twenty_people_end_clean_and_none_is_told_of_twice() {
    const PEOPLE: usize = 20;
    const FILES: usize = 15;
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let mut joining = tokio::task::JoinSet::new();
        for n in 1..PEOPLE {
            let owner = owner.clone();
            joining.spawn(async move { cast::member(kit, &owner, &format!("Clara Client {n}"), "client", None).await });
        }
        let mut people = vec![(owner.person.clone(), owner.here.clone())];
        people.extend(joining.join_all().await.into_iter().map(|member| (member.person, member.here)));
        // All of them declare at once, and then post at once: each one file after the other, as a browser does.
        let mut declaring = tokio::task::JoinSet::new();
        for (who, (person, here)) in people.into_iter().enumerate() {
            let file = move |n: usize| [photo().as_slice(), format!("{who}-{n}").as_bytes()].concat();
            declaring.spawn(async move {
                let row = |n| uploads::declaration(&format!("receipt-{who}-{n}.jpg"), "image/jpeg", &file(n));
                let rows: Vec<Value> = (0..FILES).map(|n| row(n)["documents"][0].clone()).collect();
                let call = kit.api.post("/v1/documents").by(&person).within(&here);
                let answer = call.json(json!({ "documents": rows })).ok(200).await;
                let rows = list(&answer, "rows").iter().cloned().enumerate();
                rows.map(|(n, row)| (row["upload"].clone(), file(n))).collect::<Vec<(Value, Vec<u8>)>>()
            });
        }
        let mut posting = tokio::task::JoinSet::new();
        for files in declaring.join_all().await {
            posting.spawn(async move {
                for (upload, file) in files {
                    assert_eq!(uploads::post_form(kit, &upload, &file, &[]).await.status, 204);
                }
            });
        }
        posting.join_all().await;
        let told = async |kind: &str| tests::story::events_of_type(kit, &owner.company.id, kind).await;
        let all = PEOPLE * FILES;
        // A message that fails comes again half a minute later: the more files, the longer it may take.
        for part in [all / 3, 2 * all / 3, all] {
            eventually(&format!("{part} files are released"), async || {
                (told("document.released").await >= part).then_some(())
            })
            .await;
        }
        for kind in ["document.declared", "document.received", "document.released"] {
            assert_eq!(told(kind).await, all, "{kind}");
        }
        assert_eq!(told("document.refused").await, 0);
        let mut names = std::collections::BTreeSet::new();
        let mut path = "/v1/documents?state=clean&limit=100".to_owned();
        loop {
            let page = kit.api.clone_silent().get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            names.extend(list(&page, "documents").iter().map(|document| text(document, "/name")));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/documents?state=clean&limit=100&cursor={cursor}");
        }
        assert_eq!(names.len(), all, "each is clean, once");
    });
}
