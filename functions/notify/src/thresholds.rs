//! The scheduled search for bank balances that crossed a threshold.

use domain::{Actor, Org, UtcTime, bank::BankAccount};
use store::{Authority, ChangeContext, Store, StoreError};

/// Records each crossing that nobody was told of, once: the threshold is marked as told and the event is recorded in one
/// change, under the condition that the account is as it was read.
///
/// A run that fires twice, late, or beside another finds nothing left to do, or loses the
/// condition. An account that recovered or was changed in between is left to the next run.
pub(crate) async fn run(store: &Store, request_id: &str) -> Result<usize, StoreError> {
    let mut told = 0;
    for account in store.accounts_to_tell_of(api::clock::now()).await? {
        let now = api::clock::now();
        let held = while_held(store, &account, now).await?;
        // The index may lag behind the account; a crossing is told of once.
        let (marked, events) = match held.tell(now) {
            Some(told) => told,
            None if held.own_thresholds.len() < account.own_thresholds.len() => {
                (BankAccount { version: account.version + 1, ..held }, Vec::new())
            }
            None => continue,
        };
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

/// The account without what people set for themselves who do not see its balance any more.
async fn while_held(store: &Store, account: &BankAccount, now: UtcTime) -> Result<BankAccount, StoreError> {
    let mut gone = Vec::new();
    for own in &account.own_thresholds {
        match store.prove(&Authority::Person(own.access()), now).await {
            Ok(()) => {}
            Err(StoreError::Denied(_)) => gone.push(own.clone()),
            Err(error) => return Err(error),
        }
    }
    Ok(account.keeping_own(|own| !gone.contains(own)))
}
