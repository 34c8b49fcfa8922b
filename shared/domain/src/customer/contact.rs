//! Contacts: the people at a customer. Being a contact gives no access; that is switched on for each of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    event::{ContactAdded, ContactChanged, ContactRemoved},
    field::{ContactField, CustomerStatus},
    phone::Phone,
    state::Customer,
};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, ContactId, InvitationId, Org, UserId},
    locale::Locale,
    patch::Patch,
    text::{Email, Name, Reference},
    time::UtcTime,
};

/// The most contacts of one customer.
pub const MAX_CONTACTS: u16 = 100;

/// How far a contact's access to the portal has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PortalAccess {
    /// It was never switched on.
    #[default]
    None,
    /// It is switched on, and the invitation waits for an answer.
    Invited {
        /// The invitation.
        invitation: InvitationId,
    },
    /// The contact has accepted.
    Active {
        /// Who they sign in as.
        user: UserId,
    },
    /// It was switched off.
    Removed,
}

impl PortalAccess {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Invited { .. } => "invited",
            Self::Active { .. } => "active",
            Self::Removed => "removed",
        }
    }

    /// Whether it is switched on, accepted or not.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::Invited { .. } | Self::Active { .. })
    }
}

/// What is known about a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactDetails {
    /// The person's name.
    pub name: Name,
    /// Their address: one contact of a customer has it.
    pub email: Email,
    /// Their telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// What they do at the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_title: Option<Name>,
    /// The language of letters to them; the customer's otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
}

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Whose customer.
    pub company: CompanyId,
    /// The customer.
    pub customer: Reference,
    /// Sorts by when they were added.
    pub id: ContactId,
    /// What is known about them.
    #[serde(flatten)]
    pub details: ContactDetails,
    /// How far their access to the portal has come.
    #[serde(default)]
    pub portal: PortalAccess,
    /// How often their access was switched off, or they left. Hosted links from before the last time open nothing.
    #[serde(default)]
    pub access_endings: u32,
    /// When they were added.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A change to a contact. What is `None` or [`Patch::Keep`] stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactUpdate {
    /// The name.
    pub name: Option<Name>,
    /// The address.
    pub email: Option<Email>,
    /// The telephone number.
    pub phone: Patch<Phone>,
    /// What they do at the customer.
    pub job_title: Patch<Name>,
    /// The language of letters.
    pub language: Patch<Locale>,
}

/// Why a contact is not added, changed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The customer has [`MAX_CONTACTS`].
    #[error("a customer has at most {MAX_CONTACTS} contacts")]
    TooMany,
    /// The customer is archived.
    #[error("the customer is archived")]
    Archived,
    /// The address was invited, and access belongs to its holder.
    #[error("this contact has access to the portal; switch it off first")]
    HasAccess,
}

/// Adds a contact to a customer. The customer counts its contacts, so it is written too. That the address is free is
/// proved by the write.
///
/// # Errors
/// [`ContactError::Archived`] and [`ContactError::TooMany`].
pub fn add(
    customer: &Customer,
    id: ContactId,
    details: ContactDetails,
    at: UtcTime,
) -> Result<(Customer, Contact, NewEvent), ContactError> {
    if customer.status == CustomerStatus::Archived {
        return Err(ContactError::Archived);
    }
    let (customer, contact) = added(customer.next(), id, details, at)?;
    let event = contact.event(kinds::ContactAdded::of(ContactAdded { customer: contact.customer.clone() }));
    Ok((customer, contact, event))
}

/// A new contact of a customer that counts it.
///
/// # Errors
/// [`ContactError::TooMany`].
pub(super) fn added(
    customer: Customer,
    id: ContactId,
    details: ContactDetails,
    at: UtcTime,
) -> Result<(Customer, Contact), ContactError> {
    if customer.contact_count >= MAX_CONTACTS {
        return Err(ContactError::TooMany);
    }
    let contact = Contact {
        company: customer.company.clone(),
        customer: customer.reference.clone(),
        id,
        details,
        portal: PortalAccess::None,
        access_endings: 0,
        created_at: at,
        version: 1,
    };
    Ok((Customer { contact_count: customer.contact_count.saturating_add(1), ..customer }, contact))
}

impl Contact {
    /// Changes the contact. `None` if that changes nothing.
    ///
    /// # Errors
    /// [`ContactError::HasAccess`] for another address while the present one is invited or has access.
    pub fn edit(&self, update: ContactUpdate) -> Result<Option<(Self, NewEvent)>, ContactError> {
        let before = &self.details;
        let details = ContactDetails {
            name: update.name.unwrap_or_else(|| before.name.clone()),
            email: update.email.unwrap_or_else(|| before.email.clone()),
            phone: update.phone.after(before.phone.clone()),
            job_title: update.job_title.after(before.job_title.clone()),
            language: update.language.after(before.language.clone()),
        };
        if details.email != before.email && self.portal.is_on() {
            return Err(ContactError::HasAccess);
        }
        Ok(self.with(details).map(|(contact, changed)| {
            let data = ContactChanged { customer: contact.customer.clone(), changed };
            let event = contact.event(kinds::ContactChanged::of(data));
            (contact, event)
        }))
    }

    /// The contact with these details, and what changed; `None` if nothing did.
    pub(super) fn with(&self, details: ContactDetails) -> Option<(Self, Vec<ContactField>)> {
        use ContactField as F;
        let before = &self.details;
        let changed: Vec<ContactField> = [
            (F::Name, details.name != before.name),
            (F::Email, details.email != before.email),
            (F::Phone, details.phone != before.phone),
            (F::JobTitle, details.job_title != before.job_title),
            (F::Language, details.language != before.language),
        ]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect();
        let after = Self { details, version: self.version.saturating_add(1), ..self.clone() };
        (!changed.is_empty()).then_some((after, changed))
    }

    /// Removes the contact from the customer, which counts its contacts.
    ///
    /// # Errors
    /// [`ContactError::HasAccess`] while they are invited or have access.
    pub fn remove(&self, customer: &Customer) -> Result<(Customer, NewEvent), ContactError> {
        if self.portal.is_on() {
            return Err(ContactError::HasAccess);
        }
        let customer = Customer { contact_count: customer.contact_count.saturating_sub(1), ..customer.next() };
        let event = self.event(kinds::ContactRemoved::of(ContactRemoved { customer: self.customer.clone() }));
        Ok((customer, event))
    }

    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), payload)
    }
}
