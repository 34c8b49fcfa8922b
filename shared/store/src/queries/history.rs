//! All events of a few types in an audit log: the input of a report over a whole history.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Event;
use tokio::time::Instant;

use super::Queries;
use crate::{
    error::StoreError,
    item::{Source, from_item},
    keys::{self, Tenant},
    listing::Listing,
};

/// How many events one query looks at; DynamoDB ends it earlier at one megabyte.
const EVENTS_PER_QUERY: i32 = 1000;

/// How much may still be read: shared by all the histories of one answer, since their queries go one after the
/// other.
#[derive(Debug)]
pub struct Budget {
    queries: u32,
    until: Instant,
}

impl Budget {
    /// So many queries, of which none begins when `time` has passed.
    #[must_use]
    pub fn of(queries: u32, time: Duration) -> Self {
        Self { queries, until: Instant::now() + time }
    }

    /// Takes one query out of it; `false` when there is none left.
    fn take(&mut self) -> bool {
        let left = self.queries.checked_sub(1).filter(|_| Instant::now() < self.until);
        self.queries = left.unwrap_or(self.queries);
        left.is_some()
    }
}

/// The events of the requested types.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The events, in the order of the list.
    pub events: Vec<Event>,
    /// Whether these are all: `false` if the audit log is longer than the budget.
    pub is_whole: bool,
}

impl Queries<'_> {
    /// Reads all events of some types of a list of this tenant: as many `Query`s as the budget has, one after
    /// the other, each of up to 1,000 events, of which DynamoDB gives those of the types.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<Event>,
        types: &[&str],
        budget: &mut Budget,
    ) -> Result<History, StoreError> {
        let listing = listing(&self.tenant);
        let (pk_name, sk_name) = listing.source.key_names();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let (least, greatest) = match &listing.range {
            Some((least, greatest)) => (least.clone(), greatest.clone()),
            None => (listing.prefix.clone(), keys::after_all_events()),
        };
        let placeholders: Vec<String> = (0..types.len()).map(|n| format!(":type{n}")).collect();
        let mut history = History::default();
        let mut start = None;
        while budget.take() {
            let mut query = self
                .store
                .client
                .query()
                .table_name(&self.store.table)
                .set_index_name(listing.source.index_name().map(str::to_owned))
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :least AND :greatest")
                .filter_expression(format!("#type IN ({})", placeholders.join(", ")))
                .expression_attribute_names("#pk", pk_name)
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_names("#type", "type")
                .expression_attribute_values(":pk", text(&listing.pk))
                .expression_attribute_values(":least", text(&least))
                .expression_attribute_values(":greatest", text(&greatest))
                .scan_index_forward(listing.forward)
                .consistent_read(listing.source == Source::Table)
                .limit(EVENTS_PER_QUERY)
                .set_exclusive_start_key(start);
            for (placeholder, kind) in placeholders.iter().zip(types) {
                query = query.expression_attribute_values(placeholder, text(kind));
            }
            let answer = query.send().await.map_err(StoreError::from_sdk)?;
            for item in answer.items.unwrap_or_default() {
                history.events.push(from_item(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                history.is_whole = true;
                break;
            }
        }
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_budget_ends_with_its_queries_or_with_its_time() {
        let mut budget = Budget::of(2, Duration::from_secs(20));
        assert_eq!([budget.take(), budget.take(), budget.take()], [true, true, false]);
        let mut budget = Budget::of(2, Duration::from_secs(20));
        tokio::time::advance(Duration::from_secs(19)).await;
        assert!(budget.take());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!budget.take());
    }
}
