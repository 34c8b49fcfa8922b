//! The scheduled search for bank balances and cashflow forecasts that crossed a threshold.

use domain::{
    Actor, CompanyId, NewEvent, Org, Permission, UtcTime,
    bank::BankAccount,
    report::CashflowForecast,
    threshold::{OwnThreshold, OwnThresholds},
};
use futures_util::future::try_join_all;
use store::{Authority, ChangeContext, Entity, Key, Store, StoreError, Tenant};
use tokio::time::Instant;

/// Something with thresholds that people set for themselves.
trait Watched: Entity + Sized {
    /// What a person must hold from their seat to be told.
    const NEEDS: Permission;

    fn company(&self) -> &CompanyId;
    fn key(&self, tenant: &Tenant) -> Key<Self>;
    fn version(&self) -> u64;
    fn own_thresholds(&self) -> &OwnThresholds;
    /// People's thresholds with something to tell now.
    fn due(&self, now: UtcTime) -> Vec<&OwnThreshold>;
    /// The same with these thresholds of people, as this version.
    fn with(&self, own_thresholds: OwnThresholds, version: u64) -> Self;
    /// After people were told, as the next version, with an event for each crossing.
    fn tell(&self, now: UtcTime) -> Option<(Self, Vec<NewEvent>)>;
}

impl Watched for BankAccount {
    const NEEDS: Permission = Permission::BankView;

    fn company(&self) -> &CompanyId {
        &self.company
    }

    fn key(&self, tenant: &Tenant) -> Key<Self> {
        tenant.bank_account(&self.reference)
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn own_thresholds(&self) -> &OwnThresholds {
        &self.own_thresholds
    }

    fn due(&self, now: UtcTime) -> Vec<&OwnThreshold> {
        self.own_thresholds.due(self.balance_minor, self.as_of, now).collect()
    }

    fn with(&self, own_thresholds: OwnThresholds, version: u64) -> Self {
        Self { own_thresholds, version, ..self.clone() }
    }

    fn tell(&self, now: UtcTime) -> Option<(Self, Vec<NewEvent>)> {
        Self::tell(self, now)
    }
}

impl Watched for CashflowForecast {
    const NEEDS: Permission = Permission::ReportsView;

    fn company(&self) -> &CompanyId {
        &self.company
    }

    fn key(&self, tenant: &Tenant) -> Key<Self> {
        tenant.cashflow_forecast()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn own_thresholds(&self) -> &OwnThresholds {
        &self.own_thresholds
    }

    fn due(&self, now: UtcTime) -> Vec<&OwnThreshold> {
        self.own_thresholds.due(self.lowest_minor, self.published_at, now).collect()
    }

    fn with(&self, own_thresholds: OwnThresholds, version: u64) -> Self {
        Self { own_thresholds, version, ..self.clone() }
    }

    fn tell(&self, now: UtcTime) -> Option<(Self, Vec<NewEvent>)> {
        Self::tell(self, now)
    }
}

/// Records each crossing that nobody was told of, once: the threshold is marked as told and the event is recorded in one
/// change, under the condition that the account or forecast is as it was read.
///
/// A run that fires twice, late, or beside another finds nothing left to do, or loses the condition. What recovered or was
/// changed in between is left to the next run, and so is what it comes to after `until`.
///
/// # Errors
/// The first one, after everything else that could be told was told.
pub(crate) async fn run(store: &Store, until: Instant, request_id: &str) -> Result<usize, StoreError> {
    let now = api::clock::now();
    let (accounts, forecasts) = tokio::join!(store.accounts_to_tell_of(now), store.forecasts_to_tell_of(now));
    // Side by side, so that many of the one do not take the time of the other.
    let (of_accounts, of_forecasts) = tokio::join!(
        each(accounts, until, async |account| tell(store, account, request_id).await),
        each(forecasts, until, async |forecast| tell(store, forecast, request_id).await),
    );
    of_accounts.failed.or(of_forecasts.failed).map_or(Ok(of_accounts.crossings + of_forecasts.crossings), Err)
}

/// What was done with what was found.
#[derive(Debug, Default)]
struct Told {
    /// How many crossings were recorded.
    crossings: usize,
    /// The first error.
    failed: Option<StoreError>,
}

/// Tells of each that was found, until the time is up. One that fails does not keep the others waiting.
async fn each<T>(
    found: Result<Vec<T>, StoreError>,
    until: Instant,
    tell: impl AsyncFn(&T) -> Result<usize, StoreError>,
) -> Told {
    let mut told = Told::default();
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "what is to be told of was not found");
            return Told { failed: Some(error), ..told };
        }
    };
    for (place, one) in found.iter().enumerate() {
        if Instant::now() >= until {
            tracing::warn!(left = found.len() - place, "the time was up before everything was told");
            break;
        }
        // Boxed: its layout within the two loops would exceed the compiler's limit.
        match Box::pin(tell(one)).await {
            Ok(crossings) => told.crossings += crossings,
            Err(error) => {
                tracing::error!(%error, "crossings of an account or forecast were not told");
                told.failed.get_or_insert(error);
            }
        }
    }
    told
}

/// Records the crossings of one account or forecast: so many.
async fn tell<T: Watched>(store: &Store, found: &T, request_id: &str) -> Result<usize, StoreError> {
    let now = api::clock::now();
    let gone = gone(store, found, now).await?;
    let held = found.with(found.own_thresholds().keeping(|own| !gone.contains(&own)), found.version());
    // The index may lag behind the item; a crossing is told of once.
    let (marked, events) = match held.tell(now) {
        Some(told) => told,
        None if !gone.is_empty() => (held.with(held.own_thresholds().clone(), held.version() + 1), Vec::new()),
        None => return Ok(0),
    };
    let change_context =
        ChangeContext { at: now, actor: Actor::schedule("thresholds"), request_id: request_id.to_owned() };
    let authority = Authority::System(Org::Company(found.company().clone()));
    let mut change = store.change(&authority, change_context);
    change.put(|tenant| found.key(tenant), Some(found.version()), &marked);
    let crossings = events.len();
    for event in events {
        change.record(event);
    }
    match change.commit().await {
        Ok(()) => Ok(crossings),
        Err(StoreError::Conflict) => {
            tracing::info!("an account or forecast changed while it was looked at");
            Ok(0)
        }
        Err(error) => Err(error),
    }
}

/// The thresholds with something to tell of people who may not see the amount any more.
async fn gone<'t, T: Watched>(store: &Store, found: &'t T, now: UtcTime) -> Result<Vec<&'t OwnThreshold>, StoreError> {
    let proofs = found.due(now).into_iter().map(|own| async move {
        match store.prove(&Authority::Person(own.access(T::NEEDS)), now).await {
            Ok(()) => Ok(None),
            Err(StoreError::Denied(_)) => Ok(Some(own)),
            Err(error) => Err(error),
        }
    });
    Ok(try_join_all(proofs).await?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn broken(which: u64) -> StoreError {
        StoreError::Unexpected(format!("item {which}"))
    }

    /// Tells of items that take a second each; those in `fails` fail.
    async fn tell_each(items: u64, seconds: u64, fails: &[u64]) -> (usize, Option<String>) {
        let until = Instant::now() + Duration::from_secs(seconds);
        let told = each(Ok((0..items).collect()), until, async |item| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if fails.contains(item) { Err(broken(*item)) } else { Ok(1) }
        });
        let told = told.await;
        (told.crossings, told.failed.map(|error| error.to_string()))
    }

    /// One company's broken item would otherwise keep everybody's warnings from them, at each run.
    #[tokio::test(start_paused = true)]
    async fn an_item_that_fails_keeps_no_other_waiting_and_the_first_error_is_told() {
        assert_eq!(tell_each(5, 100, &[]).await, (5, None));
        assert_eq!(tell_each(5, 100, &[1, 3]).await, (3, Some(broken(1).to_string())));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_begun_after_the_time_is_up() {
        assert_eq!(tell_each(5, 3, &[0]).await, (2, Some(broken(0).to_string())));
        assert_eq!(tell_each(5, 0, &[]).await, (0, None));
    }
}
