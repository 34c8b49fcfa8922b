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

/// Records that an invitation's letter was sent, or is not sent at all: the state and its event in one change. Returns
/// the new state; `None` if the report is not new, or not about the invitation's present letter.
///
/// A letter to an address that is suppressed does not count in the inviter's record: others may be the reason.
///
/// # Errors
/// [`StoreError`].
pub async fn record(
    store: &Store,
    id: &InvitationId,
    report: &DeliveryReport,
    change_context: &ChangeContext,
) -> Result<Option<DeliveryState>, StoreError> {
    record_as(store, id, report, change_context, false).await
}

/// As [`record`], what SES reported about a letter that was sent: a bounce or a complaint also counts in the record of
/// the organisation that invited, in the same change.
///
/// # Errors
/// [`StoreError`].
pub async fn record_report(
    store: &Store,
    id: &InvitationId,
    report: &DeliveryReport,
    change_context: &ChangeContext,
) -> Result<Option<DeliveryState>, StoreError> {
    record_as(store, id, report, change_context, true).await
}

async fn record_as(
    store: &Store,
    id: &InvitationId,
    report: &DeliveryReport,
    change_context: &ChangeContext,
    counts: bool,
) -> Result<Option<DeliveryState>, StoreError> {
    retry_on_conflict(async || {
        let (Some(invitation), so_far) = store.invitation_and_delivery(id).await? else { return Ok(None) };
        let Some((delivery, event)) = hear(&invitation, so_far.as_ref(), report) else { return Ok(None) };
        let authority = Authority::System(invitation.offer.org());
        let mut change = store.change(&authority, change_context.clone());
        change.put(|tenant| tenant.delivery(id), so_far.map(|delivery| delivery.version), &delivery);
        // The event tells a new state from one that is only heard again.
        if counts && event.is_some() && delivery.state.blocks() {
            let before = store.load(&authority, change_context.at, |tenant| tenant.invitation_record()).await?;
            let after = before.unwrap_or_default().with(delivery.state);
            change.put(|tenant| tenant.invitation_record(), before.map(|before| before.version), &after);
        }
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
