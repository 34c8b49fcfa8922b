//! The scheduled search for bank balances that crossed a threshold.

use domain::{Actor, Org};
use store::{Authority, ChangeContext, Store, StoreError};

/// Records each crossing that nobody was notified of, once: the account is marked as notified and the event is
/// recorded in one change, under the condition that the account is as it was read.
///
/// A run that fires twice, late, or beside another finds nothing left to do, or loses the
/// condition. An account that recovered or was changed in between is left to the next run.
pub(crate) async fn run(store: &Store, request_id: &str) -> Result<usize, StoreError> {
    let mut told = 0;
    for account in store.accounts_below_threshold().await? {
        let now = api::clock::now();
        // The index may lag behind the account, and a threshold may be in its pause; a crossing is told of once.
        let Some((marked, events)) = account.tell(now) else { continue };
        let change_context =
            ChangeContext { at: now, actor: Actor::schedule("thresholds"), request_id: request_id.to_owned() };
        let authority = Authority::System(Org::Company(account.company.clone()));
        let mut change = store.change(&authority, change_context);
        change.put(|tenant| tenant.bank_account(&account.reference), Some(account.version), &marked);
        let crossings = events.len();
        for event in events {
            change.record(event);
        }
        match change.commit().await {
            Ok(()) => told += crossings,
            Err(StoreError::Conflict) => tracing::info!("an account changed while it was looked at"),
            Err(error) => return Err(error),
        }
    }
    Ok(told)
}
