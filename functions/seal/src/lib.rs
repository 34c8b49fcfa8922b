//! Seals the audit logs in the background.
//!
//! Events arrive from the bus through a queue and only mark tenants that have events to seal. The schedule
//! then seals, tenant by tenant, the events that are old enough that no earlier event can still be
//! committed (`docs/decisions/0021-sealed-trails.md`).

use std::collections::BTreeSet;

use audit_chain::{ChainError, SealError, Sealed, Sealer};
use domain::{Org, UtcTime, seal::SETTLED_AFTER_S};
use futures_util::{StreamExt, stream};
use metrics::Metric;
use queue::{SqsBatchResponse, SqsEvent, UnreadableMessage};
use serde::{Deserialize, Serialize};
use store::{StoreError, Unsealed};

/// How many tenants are sealed at once. Most of a tenant's time is waiting for the table, the key and the bucket.
const AT_ONCE: usize = 16;
/// No tenant is begun when less than this is left of the invocation, in seconds: 32 seals, each of some calls.
const LONGEST_STEP_S: i64 = 20;

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
    Sealed(Report),
}

/// The result of a run, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Tenants sealed.
    pub tenants: usize,
    /// Seals added.
    pub seals: usize,
    /// Events that they cover.
    pub events: usize,
    /// Tenants whose chain is forged: nothing is sealed behind it.
    pub forged: usize,
    /// Tenants that could not be sealed.
    pub failed: usize,
    /// Tenants that the run had no time for.
    pub left: usize,
}

/// Why a whole invocation failed, after everything was tried. The next run tries again.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The tenants that wait could not be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The one tenant that was asked for could not be sealed.
    #[error(transparent)]
    Tenant(ChainError),
    /// An operator must repair the key or the bucket of heads.
    #[error("sealing is not set up: {0}")]
    Misconfigured(ChainError),
    /// No tenant could be sealed.
    #[error("none of {0} tenants could be sealed")]
    NothingSealed(usize),
}

/// The fields of an event that are read.
#[derive(Deserialize)]
struct EventOrg {
    org: Org,
}

/// The function and its clients.
#[derive(Debug)]
pub struct SealFunction {
    sealer: Sealer,
}

impl SealFunction {
    /// A function that seals with this sealer.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Handles one invocation, which ends at `deadline`.
    ///
    /// # Errors
    /// [`RunError`]; the next run tries again.
    pub async fn handle(&self, input: Input, deadline: UtcTime) -> Result<Output, RunError> {
        match input {
            Input::Queue(batch) => Ok(Output::Queue(self.mark(batch).await)),
            Input::Schedule(schedule) => self.seal(schedule, deadline).await.map(Output::Sealed),
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
        match self.sealer.store.mark_unsealed(orgs, api::clock::now()).await {
            Ok(()) => response,
            Err(error) => {
                tracing::error!(%error, "a batch must come again");
                queue::all_again(&batch)
            }
        }
    }

    async fn seal(&self, schedule: Schedule, deadline: UtcTime) -> Result<Report, RunError> {
        let now = api::clock::now();
        let settled = now.plus_s(schedule.settled_after_s.saturating_neg());
        let mut run = Run::default();
        if let Some(org) = schedule.only {
            run.count(&org, Some(self.sealer.seal_tenant(&org, settled, now).await));
        } else {
            // Those that wait the longest come first, and those that were tried go to the end: nobody starves.
            let waiting = self.sealer.store.unsealed_tenants().await?;
            let mut results = stream::iter(&waiting)
                .map(async |unsealed| (unsealed, self.seal_in_time(unsealed, settled, deadline).await))
                .buffer_unordered(AT_ONCE);
            while let Some((unsealed, result)) = results.next().await {
                run.count(&unsealed.org, result);
            }
        }
        metrics::count(Metric::ChainForged, run.report.forged, now);
        metrics::count(Metric::SealingFailed, run.report.failed, now);
        run.end()
    }

    /// Seals a tenant that waits; `None` where no time is left for it.
    async fn seal_in_time(
        &self,
        unsealed: &Unsealed,
        settled: UtcTime,
        deadline: UtcTime,
    ) -> Option<Result<Sealed, SealError>> {
        let now = api::clock::now();
        if now.plus_s(LONGEST_STEP_S) > deadline {
            return None;
        }
        let sealed = self.sealer.seal_tenant(&unsealed.org, settled, now).await;
        let store = &self.sealer.store;
        let noted = match &sealed {
            Ok(Sealed { is_more: false, .. }) => store.unmark_unsealed(unsealed).await,
            Ok(_) | Err(_) => store.postpone_unsealed(unsealed, now).await,
        };
        Some(sealed.and_then(|sealed| noted.map(|()| sealed).map_err(|error| ChainError::from(error).into())))
    }
}

/// A run and its result so far.
#[derive(Debug, Default)]
struct Run {
    report: Report,
    /// The last failure, and the last that an operator must repair.
    failure: Option<ChainError>,
    misconfigured: Option<ChainError>,
}

impl Run {
    /// Counts the result for one tenant: `None` where there was no time. A failure at one does not stop the others.
    fn count(&mut self, org: &Org, result: Option<Result<Sealed, SealError>>) {
        let report = &mut self.report;
        match result {
            None => report.left += 1,
            Some(Ok(sealed)) => {
                report.tenants += 1;
                report.seals += sealed.seals;
                report.events += sealed.events;
            }
            Some(Err(SealError::Forged(forgery))) => {
                report.forged += 1;
                tracing::error!(%org, %forgery, "the audit chain is forged; nothing is sealed behind it");
            }
            Some(Err(SealError::Chain(error))) => {
                report.failed += 1;
                tracing::error!(%org, %error, "a tenant could not be sealed");
                let kind = if error.is_misconfigured() { &mut self.misconfigured } else { &mut self.failure };
                *kind = Some(error);
            }
        }
    }

    /// The report, unless an operator must repair something or everything failed.
    fn end(self) -> Result<Report, RunError> {
        let Self { report, failure, misconfigured } = self;
        if report.left > 0 {
            tracing::warn!(left = report.left, "tenants are left to the next run");
        }
        match (misconfigured, failure) {
            (Some(error), _) => Err(RunError::Misconfigured(error)),
            (None, Some(error)) if report.failed == 1 && report.tenants == 0 => Err(RunError::Tenant(error)),
            (None, Some(_)) if report.tenants == 0 => Err(RunError::NothingSealed(report.failed)),
            (None, _) => Ok(report),
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_chain::KmsError;
    use domain::seal::Forgery;

    use super::*;

    fn run(results: Vec<Option<Result<Sealed, SealError>>>) -> Result<Report, RunError> {
        let org = "co_00000000000000000000000000000001".parse().unwrap();
        let mut run = Run::default();
        for result in results {
            run.count(&org, result);
        }
        run.end()
    }

    fn failed() -> Option<Result<Sealed, SealError>> {
        Some(Err(ChainError::from(StoreError::Unavailable("throttled".to_owned())).into()))
    }

    fn misconfigured() -> Option<Result<Sealed, SealError>> {
        let error = KmsError::Misconfigured { key: "seal", code: "DisabledException".to_owned() };
        Some(Err(ChainError::from(error).into()))
    }

    fn sealed() -> Option<Result<Sealed, SealError>> {
        Some(Ok(Sealed { seals: 1, events: 2, is_more: false }))
    }

    /// A run that seals nothing must not look like one that had nothing to seal.
    /// Proves: S11
    #[test]
    fn a_run_in_which_everything_failed_or_anything_is_misconfigured_fails() {
        assert_eq!(run(Vec::new()).unwrap(), Report::default());
        let report = run(vec![sealed(), failed(), None]).unwrap();
        assert_eq!(report, Report { tenants: 1, seals: 1, events: 2, failed: 1, left: 1, ..Report::default() });
        assert!(matches!(run(vec![failed(), failed(), None]), Err(RunError::NothingSealed(2))));
        assert!(matches!(run(vec![failed()]), Err(RunError::Tenant(_))));
        assert!(matches!(run(vec![sealed(), misconfigured(), sealed()]), Err(RunError::Misconfigured(_))));
        // A forgery is reported by its own alarm; sealing itself works.
        let forged = Some(Err(SealError::from(Forgery::Shortened)));
        assert_eq!(run(vec![forged]).unwrap(), Report { forged: 1, ..Report::default() });
    }
}
