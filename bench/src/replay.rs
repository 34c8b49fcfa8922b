//! The table behind the measured functions: the emulator's answers, each asked for once.
//!
//! The emulator answers in milliseconds and takes a core while it does, which would drown what is to
//! be measured; and a mutation can be made only once, where a measurement needs hundreds of equal
//! ones. So the first request of each shape goes to the real table of the running stack, and its
//! answer is given again to every later one. What the functions send, and what they get, is what
//! they would send and get; only the waiting is left out. Correctness is not proven here: the tests
//! do that, against the table itself.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tests::chaos::{Answer, ChaosError, Endpoint, Upstream, UpstreamError};

/// What the benchmark's own idempotency keys begin with; the rest of such a key differs each time.
pub(crate) const FRESH_KEY: &str = "bench-";

/// How long an answer takes while round trips are counted: longer than a function needs to send all
/// that it sends side by side.
const A_WHILE: Duration = Duration::from_millis(20);

/// Recorded answers over a real endpoint.
#[derive(Debug)]
pub(crate) struct Replay {
    endpoint: Endpoint,
    answers: Mutex<HashMap<String, Answer>>,
    asked: AtomicUsize,
    slow: AtomicBool,
}

impl Replay {
    pub(crate) fn of(endpoint: &str) -> Result<Self, ChaosError> {
        Ok(Self {
            endpoint: Endpoint::new(endpoint)?,
            answers: Mutex::default(),
            asked: AtomicUsize::new(0),
            slow: AtomicBool::new(false),
        })
    }

    /// How often the real endpoint had to be asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether every answer takes a while: what is answered at once looks as if it had been over before
    /// the next request, which really went out beside it.
    pub(crate) fn set_slow(&self, slow: bool) {
        self.slow.store(slow, Ordering::Relaxed);
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, HashMap<String, Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upstream for Replay {
    fn answer<'a>(
        &'a self,
        request: &'a tests::wire::Request,
        action: &'a str,
        parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, UpstreamError>> + Send + 'a>> {
        Box::pin(async move {
            if self.slow.load(Ordering::Relaxed) {
                tokio::time::sleep(A_WHILE).await;
            }
            let shape = shape(action, parsed);
            if let Some(answer) = self.answers().get(&shape) {
                return Ok(answer.clone());
            }
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = self.endpoint.answer(request, action, parsed).await?;
            // A failure is passed on and not kept: it says nothing about the next request.
            if answer.status == 200 {
                self.answers().insert(shape, answer.clone());
            }
            Ok(answer)
        })
    }
}

/// What makes two requests ask the same. A read is its body, but for the benchmark's fresh keys. A
/// write is what it does to how many items: fresh ids, times and tokens make every body different,
/// and the answer to a write that succeeds says nothing about them.
fn shape(action: &str, request: &Value) -> String {
    match action {
        "TransactWriteItems" => {
            let kinds: Vec<&str> = request
                .get("TransactItems")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_object)
                .flat_map(|item| item.keys().map(String::as_str))
                .collect();
            format!("{action} {}", kinds.join(" "))
        }
        "PutItem" | "UpdateItem" | "DeleteItem" => action.to_owned(),
        // Parsed and printed again: the order of the members is not part of the request.
        _ => format!("{action} {}", without_fresh_keys(&request.to_string())),
    }
}

fn without_fresh_keys(text: &str) -> String {
    let mut pieces = text.split(FRESH_KEY);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |mut whole, piece| {
        whole.push_str(FRESH_KEY);
        whole.push_str(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
        whole
    })
}

#[cfg(test)]
mod tests_of_shapes {
    use serde_json::json;

    use super::shape;

    #[test]
    fn reads_differ_by_their_body_but_for_fresh_keys() {
        let read = |sk: &str, key: &str| {
            shape(
                "BatchGetItem",
                &json!({ "RequestItems": { "t": { "Keys": [
                { "pk": { "S": "COMPANY#1" }, "sk": { "S": sk } },
                { "pk": { "S": format!("IDEMPOTENCY#u#{key}") } },
            ] } } }),
            )
        };
        assert_eq!(read("A", "bench-17"), read("A", "bench-9"));
        assert_ne!(read("A", "bench-17"), read("B", "bench-17"));
        assert_ne!(read("A", "other-1"), read("A", "other-2"));
    }

    #[test]
    fn a_transaction_is_what_it_does_to_how_many_items() {
        let write = |items: serde_json::Value| shape("TransactWriteItems", &json!({ "TransactItems": items }));
        assert_eq!(
            write(json!([{ "Put": { "Item": 1 } }, { "ConditionCheck": {} }])),
            write(json!([{ "Put": { "Item": 2 } }, { "ConditionCheck": {} }])),
        );
        assert_ne!(write(json!([{ "Put": {} }])), write(json!([{ "Put": {} }, { "Put": {} }])));
    }
}
