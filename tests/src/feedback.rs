//! What SES reports of letters, in its recorded shape.

use serde_json::{Value, json};

use crate::stack::Stack;
use crate::table::{self, Item};

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

/// The same report about the mail with this record in the mail log.
///
/// # Panics
/// When the item is no such record.
#[must_use]
pub fn about_mail(mut report: Value, record: &Item) -> Value {
    let part = |attribute: &str| table::text(record, attribute).expect("a key").split('#').collect::<Vec<_>>();
    let (partition, name) = (part("pk"), part("sk"));
    let tags = [("org", partition[1]), ("subject", name[1]), ("event", name[2]), ("recipient", name[3])];
    for (tag, value) in tags {
        report["mail"]["tags"][tag] = json!([value]);
    }
    report
}
