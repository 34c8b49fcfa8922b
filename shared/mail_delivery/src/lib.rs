//! Records what became of the letters that carry invitations: what the sender of a letter knows, and
//! what is heard afterwards.
//!
//! Two functions do so, in no order: `notify` hands a letter over, `feedback` hears of it, perhaps
//! before `notify` has recorded anything. What a report means is the domain's; this is the one way
//! to put it on record.

use domain::{
    InvitationId,
    delivery::{DeliveryReport, DeliveryState, hear},
};
use store::{Authority, ChangeContext, Store, StoreError, retry_on_conflict};

/// Records a report of an invitation's letter: the state and the event about it in one change. Gives
/// the state that the letter came to by it; `None` when it says nothing new, or nothing of a letter
/// that counts.
///
/// # Errors
/// [`StoreError`].
pub async fn record(
    store: &Store,
    id: &InvitationId,
    report: &DeliveryReport,
    change_context: &ChangeContext,
) -> Result<Option<DeliveryState>, StoreError> {
    retry_on_conflict(async || {
        let (Some(invitation), so_far) = store.invitation_and_delivery(id).await? else { return Ok(None) };
        let Some((delivery, event)) = hear(&invitation, so_far.as_ref(), report) else { return Ok(None) };
        let authority = Authority::System(invitation.offer.org());
        let mut change = store.change(&authority, change_context.clone());
        change.put(|tenant| tenant.delivery(id), so_far.map(|delivery| delivery.version), &delivery);
        if let Some(event) = event {
            change.record(event);
        }
        if delivery.state.blocks() {
            client_list::invitation_bounces(store, &mut change, &invitation, &delivery).await?;
        }
        change.commit().await?;
        Ok(Some(delivery.state))
    })
    .await
}
