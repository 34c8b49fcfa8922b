//! Which letters an event leads to, and for whom.
//!
//! The declaration of an event type says whether there is a letter about it; [`about`] has an arm for each of
//! those, and no other. The words are in `mail`, the recipients are found in [`crate::recipients`].

use domain::{Event, EventWithLetter};
use mail::{Brand, HttpUrl, Message, letters};

use crate::{Notify, error::NotifyError};

mod access_requests;
mod approvals;
mod bank_accounts;
mod invitations;
mod payments;
mod removals;
mod signups;

/// A letter and its recipient.
pub(crate) struct Outgoing {
    /// Names the recipient in the claim: a user id, or an invitation's id and generation.
    pub(crate) recipient: String,
    pub(crate) message: Message,
}

/// The letters about an event.
pub(crate) async fn about(notify: &Notify, event: &Event) -> Result<Vec<Outgoing>, NotifyError> {
    use EventWithLetter as With;
    let Some(payload) = With::of(event)? else { return Ok(Vec::new()) };
    match payload {
        With::InvitationCreated(it) | With::InvitationResent(it) => {
            invitations::letter(notify, event, it.generation, letters::invitation).await
        }
        With::InvitationReminded(it) => {
            invitations::letter(notify, event, it.generation, letters::invitation_reminder).await
        }
        With::ApprovalRequested(it) => approvals::requested(notify, event, &it).await,
        With::ApprovalDecided(it) => approvals::decided(notify, event, &it).await,
        With::PaymentSucceeded(it) => payments::received(notify, event, &it).await,
        With::BalanceBelowThreshold(it) => bank_accounts::below_threshold(notify, event, &it).await,
        With::MemberRemoved(_) | With::StaffRemoved(_) => removals::ended(notify, event).await,
        With::AccessRequested(it) => access_requests::requested(notify, event, it).await,
        With::AccessGranted(it) | With::AccessRefused(it) => access_requests::decided(notify, event, it).await,
        With::ReferralRegistered(it) => signups::client_registered(notify, event, &it).await,
    }
}

fn brand(notify: &Notify) -> Brand<'_> {
    Brand { product: &notify.product }
}

fn portal_link(notify: &Notify, path: &str) -> Result<HttpUrl, NotifyError> {
    HttpUrl::parse(&format!("{}{path}", notify.urls.portal))
        .map_err(|_| NotifyError::Letter("the portal's address is not an URL"))
}
