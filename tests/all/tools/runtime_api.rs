//! The Runtime API server: its side of the conversation, and what becomes of the process.

use std::time::Duration;

use serde_json::json;
use tests::runtime_api::{HttpEvent, Launch, Payload, RuntimeApiError};

/// A function in a few lines of Python, which the local stack needs anyway. It answers the path;
/// `/fail` reports an error, `/die` ends the process, `/hang` never answers.
const FUNCTION: &str = r#"
import http.client, json, os, sys
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
root = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", root + "next")
    answer = api.getresponse()
    event = json.loads(answer.read())
    request = answer.headers["lambda-runtime-aws-request-id"]
    path = event["rawPath"]
    print("asked for", path, file=sys.stderr, flush=True)
    if path == "/die":
        sys.exit(7)
    if path == "/hang":
        import time; time.sleep(3600)
    if path == "/fail":
        kind, body = "error", {"errorType": "Oops", "errorMessage": "on purpose"}
    else:
        kind, body = "response", {"statusCode": 200, "headers": {"X-Stage": os.environ["STAGE"]}, "body": path}
    api.request("POST", f"{root}{request}/{kind}", json.dumps(body))
    api.getresponse().read()
"#;

fn launch() -> Launch {
    Launch::new("python", "python3").arg("-c").arg(FUNCTION).env("STAGE", "test")
}

#[tokio::test]
async fn a_function_is_started_fed_and_measured() {
    let function = launch().start().await.unwrap();
    let init = function.init();
    assert!(init.wall > Duration::ZERO && init.usage.cpu > Duration::ZERO);
    assert!(init.usage.resident_bytes > 1_000_000);
    let mut used = init.usage.cpu;
    for path in ["/a", "/b"] {
        let (answer, invocation) = function.measure(&HttpEvent::get(path)).await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, path));
        assert_eq!(answer.headers["x-stage"], "test");
        assert!(invocation.cpu > Duration::ZERO && invocation.wall > Duration::ZERO);
        assert!(invocation.usage.cpu > used);
        used = invocation.usage.cpu;
    }
    assert_eq!(function.log(), ["asked for /a", "asked for /b"]);
}

#[tokio::test]
async fn a_failing_handler_is_told_apart_from_an_answer() {
    let function = launch().start().await.unwrap();
    let invocation = function.invoke(&HttpEvent::get("/fail").to_json()).await.unwrap();
    assert_eq!(invocation.payload, Payload::Error(json!({ "errorType": "Oops", "errorMessage": "on purpose" })));
    // The process lives on.
    assert_eq!(function.request(&HttpEvent::get("/x")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_process_that_dies_is_reported_with_its_last_words() {
    let function = launch().start().await.unwrap();
    let error = function.request(&HttpEvent::get("/die")).await.unwrap_err();
    let RuntimeApiError::Ended { status, log } = &error else { panic!("{error}") };
    assert!(status.contains('7'), "{status}");
    assert!(log.contains("asked for /die"), "{log}");
    assert!(function.has_ended());
}

/// Proves: M13
#[tokio::test]
async fn a_process_can_be_killed_in_the_middle_of_an_invocation() {
    let function = launch().start().await.unwrap();
    let asking = tokio::spawn({
        let function = function.clone();
        async move { function.request(&HttpEvent::get("/hang")).await }
    });
    while function.log().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    function.kill().await;
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, RuntimeApiError::Ended { .. }), "{error}");
    assert_eq!(function.usage(), None);
}

#[tokio::test]
async fn a_function_past_its_timeout_is_killed() {
    let function = launch().timeout(Duration::from_millis(300)).start().await.unwrap();
    let error = function.request(&HttpEvent::get("/hang")).await.unwrap_err();
    assert!(matches!(error, RuntimeApiError::TimedOut(_)), "{error}");
    assert!(function.has_ended());
}

#[tokio::test]
async fn a_binary_that_cannot_start_is_reported() {
    let error = Launch::new("none", "/nonexistent/bootstrap").start().await.unwrap_err();
    assert!(matches!(error, RuntimeApiError::Spawn { .. }), "{error}");
    let error = Launch::new("false", "/bin/sh").arg("-c").arg("echo broken >&2; exit 3").start().await.unwrap_err();
    assert!(error.to_string().contains("broken"), "{error}");
}
