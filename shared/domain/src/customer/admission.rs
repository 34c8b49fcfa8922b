//! Letting a contact into the portal of their customer, and taking the access back.
//!
//! What a contact may do is the company's to give: its portal settings say it for all of them. So a person who
//! manages the customers lets contacts in, without holding what a contact holds.

use super::{
    Contact, Customer, CustomerStatus, PortalSettings,
    contact::PortalAccess,
    seat::{ContactAccessStarted, ContactSeat},
};
use crate::{
    access::GrantState,
    event::{NewEvent, kinds},
    id::{InvitationId, Org, UserId},
    invitation::{Invitation, Offer},
    membership::{JoinError, NewMembership},
    org::{Company, Status},
    permission::{Grants, Permission},
};

/// Why a contact is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// The customer is archived.
    #[error("the customer is archived")]
    Archived,
    /// The contact was invited, or has access.
    #[error("access is switched on already")]
    SwitchedOn(&'static str),
    /// The address is that of a member, or of somebody on the staff of a connected firm.
    #[error("is somebody who works for the company, for whom a customer's portal is not")]
    WorksHere,
    /// The seat would grant nothing.
    #[error("must name at least one permission")]
    NoPermissions,
    /// The settings do not give this permission to contacts.
    #[error("permission {0} is not among those that your portal settings give to contacts")]
    BeyondSettings(Permission),
}

/// Everything that a contact can hold.
#[must_use]
pub fn all_of_contacts() -> Grants {
    Permission::ALL.iter().copied().filter(|permission| permission.is_for_contacts()).collect()
}

/// The offer that lets a contact in: whatever the settings give, or with `narrowed_to` these permissions of it.
///
/// # Errors
/// [`AdmissionError`].
pub fn offer_to(
    contact: &Contact,
    customer: &Customer,
    settings: &PortalSettings,
    narrowed_to: Option<Grants>,
) -> Result<Offer, AdmissionError> {
    if customer.status == CustomerStatus::Archived {
        return Err(AdmissionError::Archived);
    }
    if contact.portal.is_on() {
        return Err(AdmissionError::SwitchedOn(contact.portal.as_str()));
    }
    let grants = narrowed_to.as_ref().unwrap_or(&settings.grants).clone();
    if grants.is_empty() {
        return Err(AdmissionError::NoPermissions);
    }
    match grants.first_beyond(&settings.grants) {
        Some(beyond) => Err(AdmissionError::BeyondSettings(beyond)),
        None => Ok(Offer::Contact {
            company: contact.company.clone(),
            customer: contact.customer.clone(),
            customer_name: customer.details.name.clone(),
            contact: contact.id.clone(),
            grants,
            narrowed_to,
        }),
    }
}

impl Contact {
    /// The contact whom an open invitation waits for.
    #[must_use]
    pub fn invited(&self, invitation: &InvitationId) -> Self {
        self.with_portal(PortalAccess::Invited { invitation: invitation.clone() })
    }

    /// The contact whose invitation was declined or withdrawn; `None` where another one, or none, is theirs.
    #[must_use]
    pub fn without_invitation(&self, invitation: &InvitationId) -> Option<Self> {
        self.waits_for(invitation).then(|| self.with_portal(PortalAccess::None))
    }

    /// The contact after their access was switched off, or after they left. The hosted links that were made for them end
    /// with it.
    #[must_use]
    pub fn without_access(&self) -> Self {
        let access_endings = self.access_endings.saturating_add(1);
        Self { access_endings, ..self.with_portal(PortalAccess::Removed) }
    }

    /// The person who has access as this contact.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match &self.portal {
            PortalAccess::Active { user } => Some(user),
            PortalAccess::None | PortalAccess::Invited { .. } | PortalAccess::Removed => None,
        }
    }

    /// The invitation that waits for them.
    #[must_use]
    pub const fn invitation(&self) -> Option<&InvitationId> {
        match &self.portal {
            PortalAccess::Invited { invitation } => Some(invitation),
            PortalAccess::None | PortalAccess::Active { .. } | PortalAccess::Removed => None,
        }
    }

    fn waits_for(&self, invitation: &InvitationId) -> bool {
        self.invitation() == Some(invitation)
    }

    fn with_portal(&self, portal: PortalAccess) -> Self {
        Self { portal, version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// What an acceptance rests on, as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Admission<'a> {
    /// The company.
    pub company: &'a Company,
    /// The customer.
    pub customer: &'a Customer,
    /// The contact that was invited.
    pub contact: &'a Contact,
    /// The settings that stand above every seat.
    pub settings: &'a PortalSettings,
    /// The seat that the person had at this customer.
    pub before: Option<&'a ContactSeat>,
    /// Whether the person is a member of the company, or on the staff of a connected firm.
    pub works_here: bool,
}

impl Admission<'_> {
    /// Gives the seat to the person who accepts, and notes them at the contact. The invitation counts while it is the
    /// contact's present one: one that was withdrawn, or is of a contact with another address or of an archived customer,
    /// gives nothing. Nor does one that somebody who works for the company would accept: they would be both sides.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn give(&self, membership: &NewMembership<'_>) -> Result<(ContactSeat, Contact, NewEvent), JoinError> {
        let NewMembership { invitation, person, at } = membership;
        let Offer::Contact { narrowed_to, .. } = &invitation.offer else { return Err(JoinError::EndedSince) };
        let is_due = self.contact.waits_for(&invitation.id)
            && self.contact.details.email == invitation.email
            && self.customer.status == CustomerStatus::Active;
        if !is_due {
            return Err(JoinError::EndedSince);
        }
        if self.works_here {
            return Err(JoinError::WorksHere);
        }
        if self.before.is_some_and(|before| GrantState::from(before).holds_at(*at)) {
            return Err(JoinError::AlreadyActive);
        }
        let seat = ContactSeat {
            company: self.company.id.clone(),
            company_name: self.company.name.clone(),
            customer: self.customer.reference.clone(),
            customer_name: self.customer.details.name.clone(),
            contact: self.contact.id.clone(),
            user: person.id.clone(),
            name: person.name.clone(),
            grants: narrowed_to.clone().unwrap_or_else(all_of_contacts),
            status: Status::Active,
            expires_at: None,
            // A seat never begins before the settings under which it was given, even if clocks differ.
            since: self.settings.since.max(*at),
            version: self.before.map_or(1, |before| before.version.saturating_add(1)),
        };
        let contact = self.contact.with_portal(PortalAccess::Active { user: person.id.clone() });
        let event = started(&seat, invitation);
        Ok((seat, contact, event))
    }
}

fn started(seat: &ContactSeat, invitation: &Invitation) -> NewEvent {
    let payload = ContactAccessStarted {
        customer: seat.customer.clone(),
        customer_name: seat.customer_name.clone(),
        user: seat.user.clone(),
        grants: seat.grants.clone(),
        invitation: invitation.id.clone(),
    };
    let org = Org::Company(seat.company.clone());
    NewEvent::new(org, seat.contact.as_str(), kinds::ContactAccessStarted::of(payload))
}

#[cfg(test)]
mod tests;
