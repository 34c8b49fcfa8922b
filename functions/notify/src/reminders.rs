//! The scheduled search for invitations that are about to expire.

use domain::{Actor, delivery::remind};
use store::{Authority, ChangeContext, Store, StoreError};

/// Records each reminder that is due, once: that it was given and the event that makes the letter
/// are one change, under the condition that both the letter's record and the invitation are as they
/// were read.
///
/// A run that fires twice, late, or beside another finds nothing left to do, or loses the condition;
/// so does one that meets an answer. What changed in between is left to the next run.
pub(crate) async fn run(store: &Store, before_s: i64, request_id: &str) -> Result<usize, StoreError> {
    let now = api::clock::now();
    let mut reminded = 0;
    for (invitation, delivery) in store.unreminded(now, now.plus_s(before_s)).await? {
        let Some((marked, event)) = remind(&invitation, &delivery, before_s, now) else { continue };
        let change_context =
            ChangeContext { at: now, actor: Actor::schedule("reminders"), request_id: request_id.to_owned() };
        let authority = Authority::System(invitation.offer.org());
        let mut change = store.change(&authority, change_context);
        change.unchanged(|tenant| tenant.invitation(&invitation.id), invitation.version);
        change.put(|tenant| tenant.delivery(&invitation.id), Some(delivery.version), &marked);
        change.record(event);
        match change.commit().await {
            Ok(()) => reminded += 1,
            Err(StoreError::Conflict) => tracing::info!("an invitation changed while it was looked at"),
            Err(error) => return Err(error),
        }
    }
    Ok(reminded)
}
