//! Every file in `events/` is fed to its function through Lambda Invoke.
//!
//! The files are what AWS sends: an HTTP API request after the authorizer, a batch of queue messages, a
//! batch of stream records, a schedule. They name people and companies that do not exist, so what is
//! expected is a clear answer and no effect; what the functions do for real people is tested elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use api::Audience;
use serde_json::{Value, json};
use tests::document::operation;
use tests::runtime_api::HttpEvent;
use tests::stack::Stack;
use tests::{kit, run};

use crate::reminders::REMINDING;
use crate::routes::{function_names, functions, routes};

/// What a function answers to its event.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// An HTTP answer of this status and, for a refusal, this problem.
    Http(u16, Option<&'static str>),
    /// A batch without failures.
    Batch,
    /// A batch whose one message must come again: it is about something that is not there.
    Again,
    /// No failure; what it returns is its own affair.
    Done,
}

/// What an event's kind does not say already: routes that act in a context refuse, machines report on a
/// company or firm that does not exist, batches succeed, and schedules are done. A file that nobody declared is no batch
/// that succeeds.
const EXCEPTIONS: [(&str, Expected); 10] = [
    ("accept", Expected::Http(404, None)),
    ("account", Expected::Http(404, Some("not-found"))),
    ("authorize", Expected::Http(422, Some("invalid-field"))),
    ("hosted-documents", Expected::Http(404, None)),
    ("inspect", Expected::Again),
    ("inspect-scan", Expected::Again),
    ("mail-preferences", Expected::Http(404, None)),
    ("pay-webhook", Expected::Http(400, None)),
    ("switch-context", Expected::Http(404, Some("not-found"))),
    ("switch-context-keys", Expected::Http(200, None)),
];

/// What a function is to answer to an event.
fn expected(name: &str, event: &Value) -> Expected {
    if let Some((_, expected)) = EXCEPTIONS.iter().find(|(exception, _)| *exception == name) {
        return *expected;
    }
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    match (text("/requestContext/http/method"), text("/rawPath"), event.get("Records")) {
        (Some(method), Some(path), _) => {
            let id = &operation(method, path).id;
            match routes().into_iter().find(|route| route.operation == *id).map(|route| route.audience) {
                Some(Audience::Context { .. }) => Expected::Http(401, Some("invalid-context")),
                Some(Audience::Machine(_)) => Expected::Http(404, Some("not-found")),
                Some(Audience::Public | Audience::Person) | None => {
                    panic!("what is events/{name}.json to be answered? Say so in EXCEPTIONS")
                }
            }
        }
        (_, _, Some(_)) => Expected::Batch,
        (_, _, None) => Expected::Done,
    }
}

/// The function that a file's event is for: `pay-webhook` is one of `pay`.
fn function_of(name: &str, functions: &[String]) -> Option<String> {
    let is_for = |function: &&String| {
        name.strip_prefix(function.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    functions.iter().filter(is_for).max_by_key(|function| function.len()).cloned()
}

/// The recorded events, by name. A function that acts in contexts may have none: then a person asks for one of
/// its routes without a context.
fn events() -> BTreeMap<String, Value> {
    let mut events = files();
    let claims = json!({ "sub": "7d1f3b1e-5c70-4a7c-9f52-0a6f6c1f0e11", "client_id": "web", "token_use": "access" });
    for function in functions() {
        let route = function.routes.iter().find(|route| matches!(route.audience, Audience::Context { .. }));
        if let (Some(route), false) = (route, events.contains_key(function.name)) {
            let event = HttpEvent::new(route.method, &route.path).claims(&claims);
            events.insert(function.name.to_owned(), event.to_json());
        }
    }
    events
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
    let functions = function_names();
    let mut tried = BTreeSet::new();
    for (name, event) in events() {
        let function = function_of(&name, &functions);
        tried.insert(function.unwrap_or_else(|| panic!("events/{name}.json is for no function")));
        expected(&name, &event);
    }
    assert_eq!(tried.into_iter().collect::<Vec<_>>(), functions);
    let files = files();
    let unknown: Vec<&str> =
        EXCEPTIONS.iter().map(|(name, _)| *name).filter(|name| !files.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "expectations for no event: {unknown:?}");
}

/// Proves: M11
#[test]
fn every_recorded_event_gets_its_answer() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let mut failures = Vec::new();
        let functions = function_names();
        for (name, event) in events() {
            let Some(function) = function_of(&name, &functions) else { continue };
            let invoked = kit.invoke(&function, &event).await;
            if let Some(error) = &invoked.error {
                failures.push(format!("{name}: {error}: {}", invoked.payload));
                continue;
            }
            match expected(&name, &event) {
                Expected::Done => {}
                Expected::Batch => {
                    if invoked.payload != json!({ "batchItemFailures": [] }) {
                        failures.push(format!("{name}: {}", invoked.payload));
                    }
                }
                Expected::Again => {
                    let id = event.pointer("/Records/0/messageId");
                    if invoked.payload != json!({ "batchItemFailures": [{ "itemIdentifier": id }] }) {
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
