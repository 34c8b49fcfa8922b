//! The event bus.

use aws_sdk_eventbridge::{Client, error::DisplayErrorContext, types::PutEventsRequestEntry};
use domain::Event;

/// `PutEvents` takes at most this many entries.
pub(crate) const MAX_ENTRIES: usize = 10;
/// The `source` of every event of ours; rules of the vendor's own match on it.
const SOURCE: &str = "countersign";
#[derive(Debug)]
pub(crate) struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    pub(crate) const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Puts up to [`MAX_ENTRIES`] events on the bus; returns for each, in order, whether the bus accepted
    /// it.
    pub(crate) async fn put(&self, events: impl Iterator<Item = &Event> + Clone) -> Vec<bool> {
        let entries: Vec<Option<PutEventsRequestEntry>> = events.map(|event| self.entry(event)).collect();
        let sent = self.client.put_events().set_entries(Some(entries.iter().flatten().cloned().collect())).send().await;
        let answers = match sent {
            Ok(output) => output.entries.unwrap_or_default(),
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "the bus did not answer");
                return vec![false; entries.len()];
            }
        };
        let mut answers = answers.into_iter();
        entries
            .into_iter()
            .map(|entry| entry.is_some() && answers.next().is_some_and(|answer| answer.error_code.is_none()))
            .collect()
    }

    fn entry(&self, event: &Event) -> Option<PutEventsRequestEntry> {
        let detail = serde_json::to_string(event).ok()?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.kind.as_str())
            .detail(detail)
            .build();
        Some(entry)
    }
}
