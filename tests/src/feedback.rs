//! What SES reports of letters, in its recorded shape.

use serde_json::{Value, json};

use crate::stack::Stack;

/// A report as SES publishes it, of a recorded kind: `bounce`, `transient-bounce`, `complaint`,
/// `delivery`, `delay`. It is about the letter of an invitation to an address.
///
/// # Panics
/// When nothing of that kind is recorded.
#[must_use]
pub fn report(kind: &str, invitation: &str, generation: u32, address: &str) -> Value {
    let path = Stack::repository().join(format!("events/feedback-{kind}.json"));
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("it is recorded")).expect("JSON");
    let body = recorded.pointer("/Records/0/body").and_then(Value::as_str).expect("a message");
    let mut report: Value = serde_json::from_str(body).expect("a report");
    report["mail"]["destination"] = json!([address]);
    report["mail"]["tags"]["invitation"] = json!([invitation]);
    report["mail"]["tags"]["generation"] = json!([generation.to_string()]);
    for recipients in
        ["/bounce/bouncedRecipients", "/complaint/complainedRecipients", "/deliveryDelay/delayedRecipients"]
    {
        if let Some(recipient) = report.pointer_mut(&format!("{recipients}/0")) {
            recipient["emailAddress"] = json!(address);
        }
    }
    report
}
