//! Puts events from the table on the event bus, and nothing else: the consumers behind the bus act on
//! them.
//!
//! The table's stream delivers each event moments after it is recorded. The scheduled sweep finds events
//! whose outbox entry remains because a stream record was lost or given up. In both cases an event is put
//! on the bus first and removed from the outbox afterwards, so a crash in between repeats it: delivery is
//! at least once, and consumers deduplicate by the event's id.

mod bus;

use aws_lambda_events::{
    dynamodb,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use bus::Bus;
use domain::Event;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

/// The age from which the sweep treats an outbox entry as lost, in seconds: well beyond the stream's
/// delay.
const OVERDUE_AFTER_S: i64 = 120;

/// The function's input.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// A batch of the table's stream.
    Stream(dynamodb::Event),
    /// A schedule.
    Schedule(Schedule),
}

/// The schedule that fired.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    schedule: ScheduleName,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScheduleName {
    Sweep,
}

/// The function's output.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The stream records to redeliver.
    Stream(DynamoDbEventResponse),
    /// The number of events that the sweep put on the bus.
    Swept {
        /// How many.
        relayed: usize,
    },
}

/// Why a whole invocation failed; the schedule or the stream repeats it.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus did not take everything.
    #[error("the bus did not take {failed} of {total} events")]
    Bus {
        /// How many were not taken.
        failed: usize,
        /// Of how many.
        total: usize,
    },
}

/// The function and its clients.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    bus: Bus,
}

impl Relay {
    /// A relay from this table to this bus.
    #[must_use]
    pub const fn new(store: Store, client: aws_sdk_eventbridge::Client, bus: String) -> Self {
        Self { store, bus: Bus::new(client, bus) }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn handle(&self, input: Input) -> Result<Output, RelayError> {
        match input {
            Input::Stream(batch) => Ok(Output::Stream(self.relay_batch(batch).await)),
            Input::Schedule(Schedule { schedule: ScheduleName::Sweep }) => self.sweep().await,
        }
    }

    /// Relays a batch in order. From the first record that fails, the batch is redelivered; the records
    /// before it are done.
    async fn relay_batch(&self, batch: dynamodb::Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        let (events, unreadable) = read(batch);
        let failed = self.put_and_clear(&events).await;
        if let Some(sequence_number) = failed.into_iter().next().or(unreadable) {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number);
            response.batch_item_failures.push(failure);
        }
        response
    }

    /// Puts events on the bus and removes the accepted ones from the outbox. Returns the sequence numbers
    /// of the others.
    async fn put_and_clear(&self, events: &[(String, Event)]) -> Vec<String> {
        let mut failed = Vec::new();
        for batch in events.chunks(bus::MAX_ENTRIES) {
            let taken = self.bus.put(batch.iter().map(|(_, event)| event)).await;
            for ((sequence_number, event), taken) in batch.iter().zip(taken) {
                if !taken {
                    failed.push(sequence_number.clone());
                } else if let Err(error) = self.store.leave_outbox(&event.id).await {
                    // The event is on the bus; the sweep will put it there once more.
                    tracing::warn!(event = %event.id, %error, "an outbox entry stays");
                }
            }
        }
        failed
    }

    async fn sweep(&self) -> Result<Output, RelayError> {
        let before = api::clock::now().plus_s(-OVERDUE_AFTER_S);
        let overdue = self.store.overdue_events(before).await?;
        let total = overdue.len();
        if total > 0 {
            tracing::warn!(total, "events had not left");
        }
        let numbered: Vec<(String, Event)> = overdue.into_iter().map(|event| (String::new(), event)).collect();
        let failed = self.put_and_clear(&numbered).await.len();
        if failed > 0 { Err(RelayError::Bus { failed, total }) } else { Ok(Output::Swept { relayed: total }) }
    }
}

/// Parses the events of a batch, with their sequence numbers, up to the first record that is not an
/// event; returns that record's sequence number too.
fn read(batch: dynamodb::Event) -> (Vec<(String, Event)>, Option<String>) {
    let mut events = Vec::with_capacity(batch.records.len());
    for record in batch.records {
        let sequence_number = record.change.sequence_number.unwrap_or_default();
        if record.event_name != "INSERT" {
            continue;
        }
        match Store::event_of_image(record.change.new_image) {
            Ok(Some(event)) => events.push((sequence_number, event)),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%sequence_number, %error, "a stream record does not read as an event");
                return (events, Some(sequence_number));
            }
        }
    }
    (events, None)
}
