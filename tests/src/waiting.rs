//! Waiting for what happens behind the scenes.

use std::time::Duration;

use serde_json::Value;

use crate::Kit;
use crate::context::Context;
use crate::mailbox::Message;
use crate::people::Person;

/// How often something that happens behind the scenes is looked for, at most.
const LOOKS: usize = 300;

/// Looks at a path again and again, until a text or number of the answer is the wanted one; tells nothing.
///
/// # Panics
/// When it is another one for half a minute.
pub async fn until(kit: &Kit, (who, here): (&Person, &Context), path: &str, pointer: &str, wanted: &str) {
    let quiet = kit.api.clone_silent();
    let mut seen = None;
    for _ in 0..LOOKS {
        let answer = quiet.get(path).by(who).within(here).ok(200).await;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        seen = answer.pointer(pointer).map(text);
        if seen.as_deref() == Some(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path}: {pointer} is {seen:?}, not {wanted}");
}

/// Waits for a letter whose subject holds these words, and tells it.
pub async fn letter(kit: &Kit, to: &Person, what: &str, subject: &str) {
    let mail = kit.mailbox.wait_for(&to.email, what, |mail: &Message| mail.subject.contains(subject)).await;
    kit.narrator.mail(&mail);
}
