//! Seals the audit logs in the background.
//!
//! Events arrive from the bus through a queue and only mark tenants that have events to seal. The schedule
//! then seals, tenant by tenant, the events that are old enough that no earlier event can still be
//! committed (`docs/decisions/0021-sealed-trails.md`).

use std::collections::BTreeSet;

use audit_chain::{ChainError, SealKey, seal_tenant};
use domain::{Org, UtcTime, seal::SETTLED_AFTER_S};
use queue::{SqsBatchResponse, SqsEvent, UnreadableMessage};
use serde::{Deserialize, Serialize};
use store::Store;

/// The most tenants that one run seals; the rest waits for the next.
const MAX_TENANTS: usize = 500;
/// The time after which a run leaves the rest to the next, in seconds: less than the function's timeout.
const ENOUGH_AFTER_S: i64 = 90;

/// The function's input.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// A batch of the queue.
    Queue(SqsEvent),
    /// A schedule.
    Schedule(Schedule),
}

/// The schedule that fired, and its settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    #[serde(rename = "schedule")]
    _schedule: ScheduleName,
    /// How old an event must be, in seconds.
    #[serde(default = "settled_after_s")]
    settled_after_s: i64,
    /// Seal only this tenant, marked or not.
    #[serde(default)]
    only: Option<Org>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScheduleName {
    Sealing,
}

const fn settled_after_s() -> i64 {
    SETTLED_AFTER_S
}

/// The function's output.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The messages to redeliver.
    Queue(SqsBatchResponse),
    /// The result of the schedule's run.
    Sealed {
        /// The number of sealed tenants.
        tenants: usize,
        /// The number of seals added.
        seals: usize,
        /// The number of events that they cover.
        events: usize,
        /// The number of tenants that failed or wait for the next run.
        left: usize,
    },
}

/// The fields of an event that are read.
#[derive(Deserialize)]
struct EventOrg {
    org: Org,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Sealer {
    store: Store,
    key: SealKey,
}

impl Sealer {
    /// A sealer under this key.
    #[must_use]
    pub const fn new(store: Store, key: SealKey) -> Self {
        Self { store, key }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// [`ChainError`] when the schedule's run could not list the tenants; the next run tries again.
    pub async fn handle(&self, input: Input) -> Result<Output, ChainError> {
        match input {
            Input::Queue(batch) => Ok(Output::Queue(self.mark(batch).await)),
            Input::Schedule(schedule) => self.seal(schedule).await,
        }
    }

    /// Marks each tenant of a batch once, however many events it has.
    async fn mark(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut orgs = BTreeSet::new();
        let response = queue::each(&batch, async |message| {
            orgs.insert(queue::event::<EventOrg>(message)?.org);
            Ok::<_, UnreadableMessage>(())
        })
        .await;
        match self.store.mark_unsealed(orgs).await {
            Ok(()) => response,
            Err(error) => {
                tracing::error!(%error, "a batch must come again");
                queue::all_again(&batch)
            }
        }
    }

    async fn seal(&self, schedule: Schedule) -> Result<Output, ChainError> {
        let started = api::clock::now();
        let settled = started.plus_s(schedule.settled_after_s.saturating_neg());
        if let Some(org) = schedule.only {
            let sealed = seal_tenant(&self.store, &self.key, &org, settled, started).await?;
            return Ok(Output::Sealed { tenants: 1, seals: sealed.seals, events: sealed.events, left: 0 });
        }
        let waiting = self.store.unsealed_tenants().await?;
        let (mut tenants, mut seals, mut events) = (0, 0, 0);
        let all = waiting.len();
        for unsealed in waiting.into_iter().take(MAX_TENANTS) {
            let now = api::clock::now();
            if is_enough(started, now) {
                break;
            }
            // A failure at one tenant does not stop the others.
            match self.seal_marked(&unsealed, settled, now).await {
                Ok(sealed) => {
                    tenants += 1;
                    seals += sealed.seals;
                    events += sealed.events;
                }
                Err(error) => tracing::error!(org = %unsealed.org, %error, "a tenant could not be sealed"),
            }
        }
        let left = all.saturating_sub(tenants);
        if left > 0 {
            tracing::warn!(left, "tenants are left to the next run");
        }
        Ok(Output::Sealed { tenants, seals, events, left })
    }

    async fn seal_marked(
        &self,
        unsealed: &store::Unsealed,
        settled: UtcTime,
        now: UtcTime,
    ) -> Result<audit_chain::Sealed, ChainError> {
        let sealed = seal_tenant(&self.store, &self.key, &unsealed.org, settled, now).await?;
        if !sealed.is_more {
            self.store.unmark_unsealed(unsealed).await?;
        }
        Ok(sealed)
    }
}

fn is_enough(started: UtcTime, now: UtcTime) -> bool {
    started.plus_s(ENOUGH_AFTER_S) <= now
}
