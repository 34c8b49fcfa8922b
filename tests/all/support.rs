//! What several modules of this suite say in the same words.

use std::future::Future;

use serde_json::Value;
use tests::http::{Answer, Api, Call};
use tokio::task::JoinSet;

/// How many requests are under way at once in tests that make many: the stack runs on small machines.
pub(crate) const AT_ONCE: usize = 6;

/// Runs many independent checks, a few at a time, and reports every failure at once.
pub(crate) async fn all_of<F>(checks: Vec<F>)
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let count = checks.len();
    let mut waiting = checks.into_iter();
    let mut running = JoinSet::new();
    for check in waiting.by_ref().take(AT_ONCE) {
        running.spawn(check);
    }
    let mut failures = Vec::new();
    while let Some(done) = running.join_next().await {
        match done {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => failures.push(failure),
            Err(panic) => failures.push(panic.to_string()),
        }
        if let Some(check) = waiting.next() {
            running.spawn(check);
        }
    }
    failures.sort();
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), failures.join("\n"));
}

/// Sends the same kind of request many times at once and answers all answers.
pub(crate) async fn at_once<F>(requests: Vec<F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut running = JoinSet::new();
    for request in requests {
        running.spawn(request);
    }
    running.join_all().await
}

/// How many of the answers have this status.
pub(crate) fn with_status(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// The statuses of many answers, sorted, for a message.
pub(crate) fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

/// Asserts that bad input was refused as such (400 or 422) and that the field was named.
#[track_caller]
pub(crate) fn refused_input(answer: &Answer, field: &str) {
    match answer.status {
        400 => answer.refused_field(400, "malformed-request", field),
        _ => answer.refused_field(422, "invalid-field", field),
    }
}

/// A request by its method's name.
pub(crate) fn call<'a>(api: &'a Api, method: &str, path: &str) -> Call<'a> {
    match method {
        "GET" => api.get(path),
        "POST" => api.post(path),
        "PUT" => api.put(path),
        "PATCH" => api.patch(path),
        "DELETE" => api.delete(path),
        other => panic!("no such method: {other}"),
    }
}

/// The objects of a list whose member equals a text.
pub(crate) fn with<'a>(list: &'a [Value], member: &str, text: &str) -> Vec<&'a Value> {
    list.iter().filter(|object| object.get(member).and_then(Value::as_str) == Some(text)).collect()
}

/// The `type`s of a list of events.
pub(crate) fn types(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event.get("type").and_then(Value::as_str)).collect()
}
