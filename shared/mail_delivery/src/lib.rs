//! Records the delivery of the letters that carry invitations: that they were sent, and SES's reports afterwards.
//!
//! Two functions do so, in any order: `notify` sends a letter, and `feedback` gets the reports, perhaps before
//! `notify` has recorded anything. `domain` decides what a report means; this crate is the only one that records
//! it.

use domain::{
    InvitationId,
    delivery::{DeliveryReport, DeliveryState, hear},
};
use store::{Authority, ChangeContext, Store, StoreError, retry_on_conflict};

/// Records a report about an invitation's letter: the state and its event in one change. Returns the new state;
/// `None` if the report is not new, or not about the invitation's present letter.
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
