//! From a queue message to sent letters, each recipient told once.
//!
//! Before a letter is sent, its `(event, recipient)` is claimed under a lease; after, the sending
//! is recorded. A crash in between, or an answer from SES that got lost, repeats the letter once
//! the lease has run out: for every kind, a letter that comes twice does less harm than one that
//! never comes (`docs/events.md` says so too).

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::Event;
use mail::SendError;
use serde::Deserialize;
use store::{Claim, StoreError};

use crate::{Notify, letters::Letter};

/// How long a claim counts, in seconds: longer than one sending, shorter than the queue's
/// visibility timeout, so that a repeated message finds the lease run out.
const LEASE_S: i64 = 120;

/// An event as the bus wraps it.
#[derive(Deserialize)]
struct Envelope {
    detail: Event,
}

/// Why a message must come again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellError {
    #[error("the message is not an event")]
    NotAnEvent,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a link could not be signed: {0}")]
    Link(#[from] links::LinkError),
    #[error("a letter could not be written: {0}")]
    Letter(&'static str),
    #[error("a letter was not sent: {0}")]
    Send(#[from] SendError),
    #[error("another sender holds the claim")]
    Held,
}

impl Notify {
    /// Handles a batch; a message that fails comes again without holding up the others.
    pub(crate) async fn deliver(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            if let Err(error) = self.tell(&message).await {
                tracing::error!(message_id = message.message_id, %error, "a message must come again");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                response.batch_item_failures.push(failure);
            }
        }
        response
    }

    async fn tell(&self, message: &SqsMessage) -> Result<(), TellError> {
        let body = message.body.as_deref().unwrap_or_default();
        let envelope: Envelope = serde_json::from_str(body).map_err(|_| TellError::NotAnEvent)?;
        let event = envelope.detail;
        let mut failed = None;
        for letter in self.letters(&event).await? {
            // One recipient's trouble does not keep the letter from the others.
            if let Err(error) = self.send_once(&event, letter).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn send_once(&self, event: &Event, letter: Letter) -> Result<(), TellError> {
        let now = edge::clock::now();
        let lease_until = now.plus_s(LEASE_S);
        match self.store.claim_notice(&event.id, &letter.recipient, now, lease_until).await? {
            Claim::Told => return Ok(()),
            Claim::Held => return Err(TellError::Held),
            Claim::Won => {}
        }
        let message_id = match self.mailer.send(&letter.message).await {
            Ok(message_id) => message_id.as_str().to_owned(),
            // SES will never take it; the claim is closed so that it is not tried for ever.
            Err(error @ SendError::Rejected { .. }) => {
                tracing::error!(event = %event.id, %error, "a letter was refused for good");
                "rejected".to_owned()
            }
            Err(error) => return Err(error.into()),
        };
        let recorded = self.store.record_notice(&event.id, &letter.recipient, &message_id, now, lease_until).await?;
        if recorded != Claim::Won {
            tracing::warn!(event = %event.id, "a letter was sent after its lease had run out");
        }
        Ok(())
    }
}
