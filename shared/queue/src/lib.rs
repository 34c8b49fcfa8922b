//! Batches of an SQS queue, as Lambda gives them to a function.
//!
//! Each message of a batch is handled by itself. The answer lists the messages that failed; SQS delivers those
//! again, and after a number of times moves them to the dead-letter queue. So one message that nobody can read does
//! not hold up the others.
//!
//! This crate must never know what a message is about.

use std::fmt::Display;

use aws_lambda_events::sqs::BatchItemFailure;
pub use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde::{Deserialize, de::DeserializeOwned};

/// A message that its queue should not carry. The error quotes nothing of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read")]
pub struct UnreadableMessage;

/// An event of the bus, as a rule puts it in a queue. Of its fields only the event itself is used.
#[derive(Deserialize)]
struct BusEvent<T> {
    detail: T,
}

/// Reads the event that a rule of the bus put in the queue.
///
/// # Errors
/// [`UnreadableMessage`].
pub fn event<T: DeserializeOwned>(message: &SqsMessage) -> Result<T, UnreadableMessage> {
    let event: BusEvent<T> = serde_json::from_str(text(message)).map_err(|_| UnreadableMessage)?;
    Ok(event.detail)
}

/// The text of a message; empty where it has none.
#[must_use]
pub fn text(message: &SqsMessage) -> &str {
    message.body.as_deref().unwrap_or_default()
}

/// Handles each message of a batch, one after the other. A message whose handler fails is delivered again.
pub async fn each<E: Display>(
    batch: &SqsEvent,
    mut handle: impl AsyncFnMut(&SqsMessage) -> Result<(), E>,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in &batch.records {
        // Boxed: a handler's future is deep, and its layout within the caller's exceeds the compiler's limit.
        if let Err(error) = Box::pin(handle(message)).await {
            tracing::warn!(message_id = message.message_id, %error, "a message must come again");
            response.batch_item_failures.push(failure(message));
        }
    }
    response
}

/// Handles the messages of a batch by group, one group after the other, in the order of their first messages. `read`
/// reads a message and names its group; `None` is a message that needs nothing. A message that cannot be read, and every
/// message of a group whose handler fails, is delivered again.
pub async fn each_group<G: PartialEq, T, E: Display>(
    batch: &SqsEvent,
    read: impl Fn(&SqsMessage) -> Result<Option<(G, T)>, UnreadableMessage>,
    mut handle: impl AsyncFnMut(&G, Vec<T>) -> Result<(), E>,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut groups: Vec<(G, Vec<T>, Vec<&SqsMessage>)> = Vec::new();
    for message in &batch.records {
        match read(message) {
            Ok(Some((group, about))) => match groups.iter_mut().find(|(known, ..)| *known == group) {
                Some((_, abouts, messages)) => {
                    abouts.push(about);
                    messages.push(message);
                }
                None => groups.push((group, vec![about], vec![message])),
            },
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(message_id = message.message_id, %error, "a message must come again");
                response.batch_item_failures.push(failure(message));
            }
        }
    }
    for (group, abouts, messages) in groups {
        if let Err(error) = Box::pin(handle(&group, abouts)).await {
            tracing::warn!(messages = messages.len(), %error, "a group of messages must come again");
            response.batch_item_failures.extend(messages.into_iter().map(failure));
        }
    }
    response
}

/// The answer that has every message of a batch delivered again.
#[must_use]
pub fn all_again(batch: &SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = batch.records.iter().map(failure).collect();
    response
}

fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(bodies: &[&str]) -> SqsEvent {
        let mut batch = SqsEvent::default();
        for (n, body) in bodies.iter().enumerate() {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("m-{n}"));
            message.body = Some((*body).to_owned());
            batch.records.push(message);
        }
        batch
    }

    fn failed(response: &SqsBatchResponse) -> Vec<&str> {
        response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
    }

    #[tokio::test]
    async fn what_fails_comes_again_and_holds_up_nothing() {
        let mut seen = Vec::new();
        let batch = batch(&[r#"{"detail":1}"#, "poison", r#"{"other":2}"#, r#"{"detail":4,"more":[]}"#]);
        let response = each(&batch, async |message| {
            seen.push(event::<u8>(message)?);
            Ok::<_, UnreadableMessage>(())
        })
        .await;
        assert_eq!(failed(&response), ["m-1", "m-2"]);
        assert_eq!(seen, [1, 4]);
        assert_eq!(failed(&all_again(&batch)), ["m-0", "m-1", "m-2", "m-3"]);
    }

    #[tokio::test]
    async fn a_group_is_handled_once_and_comes_again_whole() {
        let batch = batch(&[
            r#"{"detail":["a",1]}"#,
            r#"{"detail":["b",2]}"#,
            "poison",
            r#"{"detail":["a",3]}"#,
            r#"{"detail":["",4]}"#,
            r#"{"detail":["b",5]}"#,
        ]);
        let mut seen = Vec::new();
        let read = |message: &SqsMessage| {
            let (group, about): (String, u8) = event(message)?;
            Ok((!group.is_empty()).then_some((group, about)))
        };
        let response = each_group(&batch, read, async |group: &String, abouts: Vec<u8>| {
            seen.push((group.clone(), abouts));
            if group == "b" { Err(UnreadableMessage) } else { Ok(()) }
        })
        .await;
        assert_eq!(seen, [("a".to_owned(), vec![1, 3]), ("b".to_owned(), vec![2, 5])]);
        assert_eq!(failed(&response), ["m-2", "m-1", "m-5"]);
    }

    #[test]
    fn a_message_without_text_is_unreadable_and_nothing_worse() {
        assert_eq!(event::<u8>(&SqsMessage::default()), Err(UnreadableMessage));
    }
}
