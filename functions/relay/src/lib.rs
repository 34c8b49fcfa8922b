//! Puts events from the table on the event bus, and nothing else: the consumers behind the bus act on
//! them.
//!
//! The table's stream delivers each event moments after it is recorded. The scheduled sweep finds events
//! whose outbox entry remains because a stream record was lost or given up. In both cases an event is put
//! on the bus first and removed from the outbox afterwards, so a crash in between repeats it: delivery is
//! at least once, and consumers deduplicate by the event's id.
//!
//! The stream also shows when an event or a seal is changed or removed, which nothing of ours ever does: that is counted for
//! an alarm.

mod bus;

use aws_lambda_events::{
    dynamodb,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use bus::Bus;
use domain::{Event, UtcTime};
use futures_util::future::join_all;
use metrics::Metric;
use serde::{Deserialize, Serialize};
use store::{OutboxPlace, Store, StoreError};

/// The age from which the sweep treats an outbox entry as lost, in seconds: well beyond the stream's
/// delay.
const OVERDUE_AFTER_S: i64 = 120;
/// No page of the outbox is begun when less than this is left of the invocation, in seconds.
const LONGEST_PAGE_S: i64 = 20;

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
    /// Some events did not leave; the others did.
    #[error("{relayed} events left; the bus did not take {refused}, and {unreadable} do not read as events")]
    Left {
        /// How many left.
        relayed: usize,
        /// How many the bus did not take.
        refused: usize,
        /// How many do not read as events.
        unreadable: usize,
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

    /// Handles one invocation, which ends at `deadline`.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn handle(&self, input: Input, deadline: UtcTime) -> Result<Output, RelayError> {
        match input {
            Input::Stream(batch) => Ok(Output::Stream(self.relay_batch(batch).await)),
            Input::Schedule(Schedule { schedule: ScheduleName::Sweep }) => self.sweep(deadline).await,
        }
    }

    /// Relays a batch in order. From the first record that fails, the batch is redelivered; the records
    /// before it are done.
    async fn relay_batch(&self, batch: dynamodb::Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        report_rewritten(&batch);
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
            let (taken, refused): (Vec<_>, Vec<_>) = batch.iter().zip(taken).partition(|(_, taken)| *taken);
            failed.extend(refused.into_iter().map(|((sequence_number, _), _)| sequence_number.clone()));
            join_all(taken.into_iter().map(|((_, event), _)| self.clear(event))).await;
        }
        failed
    }

    async fn clear(&self, event: &Event) {
        if let Err(error) = self.store.leave_outbox(&event.id).await {
            // The event is on the bus; the sweep will put it there once more.
            tracing::warn!(event = %event.id, %error, "an outbox entry stays");
        }
    }

    /// Relays every overdue event, page after page, until the outbox is empty or the time is up. What does not leave stays
    /// for the next sweep and holds up nothing.
    async fn sweep(&self, deadline: UtcTime) -> Result<Output, RelayError> {
        let before = api::clock::now().plus_s(-OVERDUE_AFTER_S);
        let (mut relayed, mut refused, mut unreadable) = (0, 0, 0);
        for beginning in OutboxPlace::beginnings() {
            let mut place = Some(beginning);
            while let Some(from) = place {
                if api::clock::now().plus_s(LONGEST_PAGE_S) > deadline {
                    tracing::warn!(relayed, "the rest is left to the next sweep");
                    return swept(relayed, refused, unreadable);
                }
                let page = self.store.outbox_page(from, before).await?;
                for what in &page.unreadable {
                    tracing::error!(what, "an event cannot leave");
                }
                let total = page.events.len();
                let numbered: Vec<(String, Event)> =
                    page.events.into_iter().map(|event| (String::new(), event)).collect();
                let failed = self.put_and_clear(&numbered).await.len();
                relayed += total - failed;
                refused += failed;
                unreadable += page.unreadable.len();
                place = page.next;
            }
        }
        swept(relayed, refused, unreadable)
    }
}

/// The result of a sweep: a failure when anything that should have left stays.
fn swept(relayed: usize, refused: usize, unreadable: usize) -> Result<Output, RelayError> {
    if relayed > 0 {
        tracing::warn!(relayed, "events had not left");
    }
    match (refused, unreadable) {
        (0, 0) => Ok(Output::Swept { relayed }),
        _ => Err(RelayError::Left { relayed, refused, unreadable }),
    }
}

/// Reports events and seals that were changed or removed: somebody went round our functions, none of which may do either. A
/// batch that is redelivered reports them again.
fn report_rewritten(batch: &dynamodb::Event) {
    let mut count = 0;
    for record in batch.records.iter().filter(|record| record.event_name != "INSERT") {
        if let Some((pk, sk)) = Store::place_in_the_record(record.change.keys.clone()) {
            let what = record.event_name.as_str();
            tracing::error!(what, pk, sk, "an event or a seal was changed or removed in the table");
            count += 1;
        }
    }
    metrics::count(Metric::EventRewritten, count, api::clock::now());
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
