//! Every file in `events/` is fed to its function through Lambda Invoke.
//!
//! The files are what AWS sends: an HTTP API request after the authorizer, a batch of queue messages, a
//! batch of stream records, a schedule. They name people and companies that do not exist, so what is
//! expected is a clear answer and no effect; what the functions do for real people is tested elsewhere.

use std::collections::BTreeMap;

use crate::routes::function_names;
use serde_json::{Value, json};
use tests::stack::Stack;
use tests::{kit, run};

use crate::reminders::REMINDING;

/// What a function answers to its recorded event.
enum Expected {
    /// An HTTP answer of this status and, for a refusal, this problem.
    Http(u16, Option<&'static str>),
    /// A batch without failures.
    Batch,
    /// No failure; what it returns is its own affair.
    Done,
}

fn expected() -> BTreeMap<&'static str, (&'static str, Expected)> {
    use Expected::{Batch, Done, Http};
    let refused = || Http(401, Some("invalid-context"));
    BTreeMap::from([
        ("accept", ("accept", Http(404, None))),
        ("account", ("account", Http(404, Some("not-found")))),
        ("approve", ("approve", refused())),
        ("audit", ("audit", refused())),
        ("authorize", ("authorize", Http(422, Some("invalid-field")))),
        ("clients", ("clients", refused())),
        ("dashboard", ("dashboard", refused())),
        ("feedback-bounce", ("feedback", Batch)),
        ("feedback-complaint", ("feedback", Batch)),
        ("feedback-delay", ("feedback", Batch)),
        ("feedback-delivery", ("feedback", Batch)),
        ("feedback-transient-bounce", ("feedback", Batch)),
        ("invite", ("invite", refused())),
        ("ledger", ("ledger", Http(404, Some("not-found")))),
        ("pay", ("pay", refused())),
        ("pay-webhook", ("pay", Http(400, None))),
        ("referrals", ("referrals", Http(404, Some("not-found")))),
        ("register", ("register", refused())),
        ("sales", ("sales", refused())),
        ("switch-context", ("switch-context", Http(404, Some("not-found")))),
        ("switch-context-keys", ("switch-context", Http(200, None))),
        ("team", ("team", refused())),
        ("notify", ("notify", Batch)),
        ("notify-reminders", ("notify", Done)),
        ("notify-schedule", ("notify", Done)),
        ("relay", ("relay", Batch)),
        ("relay-schedule", ("relay", Done)),
        ("reconcile", ("reconcile", Done)),
        ("export", ("export", Batch)),
        ("seal", ("seal", Batch)),
        ("seal-schedule", ("seal", Done)),
    ])
}

fn files() -> BTreeMap<String, Value> {
    std::fs::read_dir(Stack::repository().join("events"))
        .expect("there are events")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a file");
            let event = serde_json::from_str(&text).unwrap_or_else(|e| panic!("events/{name}.json: {e}"));
            (name, event)
        })
        .collect()
}

/// Proves: M11
#[test]
fn every_function_has_an_event_and_every_event_an_expectation() {
    let files: Vec<String> = files().into_keys().collect();
    let known = expected();
    assert_eq!(files, known.keys().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let mut tried: Vec<&str> = known.values().map(|(function, _)| *function).collect();
    tried.sort_unstable();
    tried.dedup();
    assert_eq!(tried, function_names());
}

/// Proves: M11
#[test]
fn every_recorded_event_gets_its_answer() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let mut failures = Vec::new();
        for (name, event) in files() {
            let known = expected();
            let Some((function, expected)) = known.get(name.as_str()) else { continue };
            let invoked = kit.invoke(function, &event).await;
            if let Some(error) = &invoked.error {
                failures.push(format!("{name}: {error}: {}", invoked.payload));
                continue;
            }
            match expected {
                Expected::Done => {}
                Expected::Batch => {
                    if invoked.payload != json!({ "batchItemFailures": [] }) {
                        failures.push(format!("{name}: {}", invoked.payload));
                    }
                }
                Expected::Http(status, slug) => {
                    let body = invoked.payload.get("body").and_then(Value::as_str).unwrap_or_default();
                    let problem: Value = serde_json::from_str(body).unwrap_or(Value::Null);
                    let said = slug.is_none_or(|slug| {
                        problem.get("type").and_then(Value::as_str) == Some(&format!("urn:countersign:problem:{slug}"))
                    });
                    if invoked.payload.get("statusCode") != Some(&json!(status)) || !said {
                        failures.push(format!("{name}: expected {status}, was {}", invoked.payload));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}
