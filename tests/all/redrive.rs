//! `make redrive`: what waits in dead-letter queues is moved back, as often as one likes.

use std::process::Command;

use serde_json::json;
use tests::stack::Stack;
use tests::{Kit, aws, cast, kit, people, run};
use tokio::sync::Mutex;

use crate::faults::rig::{approval_requested, eventually, message, on_record};

/// Held by a test that needs the dead-letter queue of `notify` for itself.
pub(crate) static DEAD_LETTERS: Mutex<()> = Mutex::const_new(());

/// Moves the messages of the dead-letter queue of `notify` back, and returns how many.
async fn redrive() -> usize {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.arg(Stack::repository().join("infra/local/redrive.py")).args(["--queue", "NotifyDeadLetterQueue"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let line = said.lines().find_map(|line| line.strip_prefix("NotifyDeadLetterQueue: ")?.strip_suffix(" moved"));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

/// What is in a queue, those messages included that somebody holds.
async fn content(kit: &Kit, queue: &str) -> String {
    let url = format!("{}/_ministack/sqs/messages?QueueUrl={queue}", kit.stack.endpoint);
    kit.http.get(&url).send().await.expect("the emulator answers").text().await.expect("a body")
}

/// Proves: ML4, F7, F19
#[test]
fn what_is_redriven_twice_is_mailed_once() {
    run(async {
        let _alone = DEAD_LETTERS.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let payee = format!("Payee {}", people::unique());
        let event = approval_requested(&owner.company.id, &payee);
        on_record(kit, &event).await;
        let id = cast::text(&event, "/id");
        for _ in 0..2 {
            let body = json!({
                "QueueUrl": kit.stack.notify_dlq_url, "MessageBody": message(&event), "MessageGroupId": owner.company.id,
            });
            aws::call(&kit.stack, &kit.http, "sqs", "AmazonSQS.SendMessage", &body).await.expect("the queue takes it");
            assert!(redrive().await >= 1);
            assert!(!content(kit, &kit.stack.notify_dlq_url).await.contains(&id), "it is still there");
            kit.mailbox.wait_for(&owner.person.email, "letter", |mail| mail.text.contains(&payee)).await;
            eventually("the message is done with", async || {
                (!content(kit, &kit.stack.notify_queue_url).await.contains(&id)).then_some(())
            })
            .await;
        }
        let letters = kit.mailbox.inbox(&owner.person.email).await;
        assert_eq!(letters.iter().filter(|mail| mail.text.contains(&payee)).count(), 1);
    });
}
