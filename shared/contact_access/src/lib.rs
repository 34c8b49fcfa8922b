//! Keeps what a contact's record says of their access in step with the invitation and the seat: each call adds the
//! update to the caller's change, so that both commit or neither does.
//!
//! Invitations are answered and withdrawn by several functions; all of them call this crate.
//! [`domain::customer::admission`] decides a contact's new state.

use domain::{
    Reference, UserId,
    customer::{Contact, seat::ContactSeat},
    invitation::{Invitation, InvitationStatus, Offer},
};
use store::{Authority, Change, Store, StoreError, Tenant};

/// Updates the invited contact, if any, in a change of its company that declines or withdraws an invitation. Not for
/// acceptance, which gives the seat.
///
/// One read, none for other invitations.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_changes(
    store: &Store,
    change: &mut Change<'_>,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    let has_ended = matches!(invitation.status, InvitationStatus::Rejected | InvitationStatus::Revoked);
    let Offer::Contact { customer, contact, .. } = &invitation.offer else { return Ok(()) };
    if !has_ended {
        return Ok(());
    }
    let company = Authority::System(invitation.offer.org());
    let found = store.load(&company, change.at(), |tenant| tenant.contact(customer, contact)).await?;
    if let Some((before, after)) =
        found.and_then(|found| Some((found.version, found.without_invitation(&invitation.id)?)))
    {
        change.put(|tenant| tenant.contact(customer, contact), Some(before), &after);
    }
    Ok(())
}

/// What ends with a contact's access, besides what their record says: the seat of the person who has it, or the
/// invitation that waits for them.
#[derive(Debug, Default)]
pub struct Ending {
    seat: Option<ContactSeat>,
    invitation: Option<Invitation>,
}

type EndingKeys = (Option<store::Key<ContactSeat>>, Option<store::Key<Invitation>>);

impl Ending {
    /// The keys of what ends.
    #[must_use]
    pub fn keys(tenant: &Tenant, contact: &Contact) -> EndingKeys {
        let seat = contact.user().map(|user: &UserId| tenant.contact_seat(&contact.customer, user));
        (seat, contact.invitation().map(|invitation| tenant.invitation(invitation)))
    }

    /// What was found under [`Ending::keys`].
    #[must_use]
    pub fn of(
        (seat, invitation): (Option<Option<ContactSeat>>, Option<Option<Invitation>>),
        contact: &Contact,
    ) -> Self {
        let invites = |invitation: &Invitation| match &invitation.offer {
            Offer::Contact { company, contact: id, .. } => *company == contact.company && *id == contact.id,
            Offer::Member { .. } | Offer::Firm { .. } | Offer::Staff { .. } | Offer::Client { .. } => false,
        };
        Self { seat: seat.flatten(), invitation: invitation.flatten().filter(invites) }
    }

    /// The seat alone, of a contact who leaves.
    #[must_use]
    pub const fn of_seat(seat: ContactSeat) -> Self {
        Self { seat: Some(seat), invitation: None }
    }

    /// Adds to a change that the access ends: the seat, the invitation, and what the contact's record says.
    pub fn add_to(self, change: &mut Change<'_>, contact: &Contact) {
        let (customer, at): (&Reference, _) = (&contact.customer, change.at());
        if let Some((seat, (ended, event))) = self.seat.and_then(|seat| seat.end(at).ok().map(|ended| (seat, ended))) {
            change.put(|tenant| tenant.contact_seat(customer, &seat.user), Some(seat.version), &ended);
            change.record(event);
        }
        let revoked = self.invitation.and_then(|open| open.revoke().ok().map(|revoked| (open.version, revoked)));
        if let Some((version, (revoked, event))) = revoked {
            change.put(|tenant| tenant.invitation(&revoked.id), Some(version), &revoked);
            change.record(event);
        }
        let after = contact.without_access();
        change.put(|tenant| tenant.contact(customer, &contact.id), Some(contact.version), &after);
    }
}
