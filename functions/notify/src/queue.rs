//! From a queue message to sent letters, each recipient told once.
//!
//! Before a letter is sent, its `(event, recipient)` is claimed under a lease; after, the sending
//! is recorded. A crash in between, or an answer from SES that got lost, repeats the letter once
//! the lease has run out: for every kind, a letter that comes twice does less harm than one that
//! never comes (`docs/events.md` says so too).
//!
//! The queue brings a message again for about a day, since SES may take no letters for as long.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{
    Actor, Event, UtcTime,
    delivery::{DeliveryReport, DeliveryState, Suppression},
};
use mail::{Message, SendError};
use serde::Deserialize;
use store::{ChangeContext, Claim, StoreError};

use crate::{Notify, letters::Letter, patience::Patience};

/// How long a claim counts, in seconds: longer than one sending, shorter than the queue's
/// visibility timeout, so that a repeated message finds the lease run out.
const LEASE_S: i64 = 120;

/// An event as the bus wraps it.
#[derive(Deserialize)]
struct Envelope {
    detail: Event,
}

/// What came of handing a letter over.
enum Handed {
    /// SES took it, under this id.
    Over(String),
    /// It is never sent: what that means for whom it was for.
    Back(DeliveryState),
}

/// Why a message must come again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellError {
    #[error("the message is not an event")]
    NotAnEvent,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a link could not be signed: {0}")]
    Link(#[from] links::KmsError),
    #[error("a letter could not be written: {0}")]
    Letter(&'static str),
    #[error("a letter was not sent: {0}")]
    Send(#[from] SendError),
    #[error("another sender holds the claim")]
    Held,
    #[error("SES is not asked for now, or there is no time left")]
    GivenBack,
}

impl Notify {
    /// Handles a batch; a message that fails comes again without holding up the others. Where SES takes no
    /// letters, or the time is up, the rest goes back as it came.
    pub(crate) async fn deliver(&self, batch: SqsEvent, time_left: Duration, request_id: &str) -> SqsBatchResponse {
        let mut patience = Patience::for_the_next(time_left);
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            if let Err(error) = self.tell(&message, &mut patience, request_id).await {
                tracing::error!(message_id = message.message_id, %error, "a message must come again");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                response.batch_item_failures.push(failure);
            }
        }
        response
    }

    async fn tell(&self, message: &SqsMessage, patience: &mut Patience, request_id: &str) -> Result<(), TellError> {
        let body = message.body.as_deref().unwrap_or_default();
        let envelope: Envelope = serde_json::from_str(body).map_err(|_| TellError::NotAnEvent)?;
        if patience.is_over() {
            return Err(TellError::GivenBack);
        }
        let event = envelope.detail;
        let mut failed = None;
        let letters = self.letters(&event).await?;
        let addresses: Vec<_> = letters.iter().map(|letter| letter.message.to()).collect();
        let suppressions = self.store.suppressions(&addresses).await?;
        for (letter, suppression) in letters.iter().zip(suppressions) {
            // One recipient's trouble does not keep the letter from the others.
            if let Err(error) = self.send_once(&event, letter, suppression.as_ref(), patience, request_id).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn send_once(
        &self,
        event: &Event,
        letter: &Letter,
        suppression: Option<&Suppression>,
        patience: &mut Patience,
        request_id: &str,
    ) -> Result<(), TellError> {
        // Before the claim, which would keep the letter from the next try.
        if patience.is_over() {
            return Err(TellError::GivenBack);
        }
        let now = api::clock::now();
        let lease_until = now.plus_s(LEASE_S);
        let report = async |state, message_id| self.report(letter, state, message_id, now, request_id).await;
        match self.store.claim_notice(&event.id, &letter.recipient, now, lease_until).await? {
            // It was sent; that it was may not have come on record with the invitation.
            Claim::Told => return report(DeliveryState::Sent, None).await,
            Claim::Held => return Err(TellError::Held),
            Claim::Won => {}
        }
        let handed = self.hand_over(event, &letter.message, suppression, patience).await?;
        let named = match &handed {
            Handed::Over(message_id) => message_id.as_str(),
            Handed::Back(state) => {
                // Before the claim is closed: nothing was sent that a crash in between could repeat.
                report(*state, None).await?;
                state.as_str()
            }
        };
        let recorded = self.store.record_notice(&event.id, &letter.recipient, named, now, lease_until).await?;
        if recorded != Claim::Won {
            tracing::warn!(event = %event.id, "a letter was sent after its lease had run out");
        }
        match handed {
            Handed::Over(message_id) => report(DeliveryState::Sent, Some(message_id)).await,
            Handed::Back(_) => Ok(()),
        }
    }

    async fn hand_over(
        &self,
        event: &Event,
        message: &Message,
        suppression: Option<&Suppression>,
        patience: &mut Patience,
    ) -> Result<Handed, TellError> {
        if let Some(suppression) = suppression {
            tracing::info!(event = %event.id, reason = ?suppression.reason, "a letter to a suppressed address is not sent");
            return Ok(Handed::Back(suppression.reason.leaves()));
        }
        match patience.send(&self.mailer, message).await {
            Ok(message_id) => Ok(Handed::Over(message_id.as_str().to_owned())),
            // SES will never take it; the claim is closed so that it is not tried for ever.
            Err(error @ SendError::Rejected { .. }) => {
                tracing::error!(event = %event.id, %error, "a letter was refused for good");
                Ok(Handed::Back(DeliveryState::Bounced))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Records what became of the letter with the invitation that it carries, if it carries one.
    async fn report(
        &self,
        letter: &Letter,
        state: DeliveryState,
        message_id: Option<String>,
        at: UtcTime,
        request_id: &str,
    ) -> Result<(), TellError> {
        let Some((invitation, generation)) = letter.message.invitation() else { return Ok(()) };
        let report = DeliveryReport { generation, state, at, message_id };
        let change_context = ChangeContext { at, actor: Actor::machine("notify"), request_id: request_id.to_owned() };
        mail_delivery::record(&self.store, invitation, &report, &change_context).await?;
        Ok(())
    }
}
