//! Changes that contacts ask for: to their own name, telephone number and language, and to their customer's addresses
//! and VAT number. They wait until the ledger, or somebody of the company where there is none, accepts or refuses them.
//!
//! A contact has one such change at a time, so it is known by the contact; what they ask for while it waits is added
//! to it. A decision names the revision that was seen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    contact::{Contact, ContactDetails},
    details::{Address, CustomerDetails},
    phone::Phone,
    state::Customer,
    vat_number::VatNumber,
};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, ContactId, Org, UserId},
    locale::Locale,
    patch::Patch,
    text::{Name, Note, Reference},
    time::UtcTime,
};

/// The state of a change that a contact asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerChangeStatus {
    /// It waits for a decision.
    Pending,
    /// It was taken over.
    Accepted,
    /// It was refused.
    Refused,
    /// The contact took it back, by asking for what there is already.
    Withdrawn,
}

impl CustomerChangeStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The details that a contact may ask to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditableDetails {
    /// The contact's name.
    pub name: Name,
    /// The contact's telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The language of letters to the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// The customer's VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<VatNumber>,
    /// Where invoices to the customer are addressed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Where the customer's goods go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
}

/// A field that a contact may ask to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditableField {
    /// The contact's name.
    Name,
    /// The contact's telephone number.
    Phone,
    /// The language of letters to the contact.
    Language,
    /// The customer's VAT number.
    VatNumber,
    /// Where invoices to the customer are addressed to.
    BillingAddress,
    /// Where the customer's goods go.
    DeliveryAddress,
}

/// What a contact asks to change. What is `None` or [`Patch::Keep`] stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsEdit {
    /// The contact's name.
    pub name: Option<Name>,
    /// The contact's telephone number.
    pub phone: Patch<Phone>,
    /// The language of letters to the contact.
    pub language: Patch<Locale>,
    /// The customer's VAT number.
    pub vat_number: Patch<VatNumber>,
    /// Where invoices to the customer are addressed to.
    pub billing_address: Patch<Address>,
    /// Where the customer's goods go.
    pub delivery_address: Patch<Address>,
}

impl EditableDetails {
    /// The details of a contact and their customer.
    #[must_use]
    pub fn of(customer: &Customer, contact: &Contact) -> Self {
        let Customer { details: of_customer, .. } = customer.clone();
        let Contact { details: of_contact, .. } = contact.clone();
        Self {
            name: of_contact.name,
            phone: of_contact.phone,
            language: of_contact.language,
            vat_number: of_customer.vat_number,
            billing_address: of_customer.billing_address,
            delivery_address: of_customer.delivery_address,
        }
    }

    fn edited(self, edit: DetailsEdit) -> Self {
        Self {
            name: edit.name.unwrap_or(self.name),
            phone: edit.phone.after(self.phone),
            language: edit.language.after(self.language),
            vat_number: edit.vat_number.after(self.vat_number),
            billing_address: edit.billing_address.after(self.billing_address),
            delivery_address: edit.delivery_address.after(self.delivery_address),
        }
    }

    /// These details with some fields of other ones.
    fn with(self, fields: &[EditableField], other: &Self) -> Self {
        fields.iter().fold(self, |details, field| match field {
            EditableField::Name => Self { name: other.name.clone(), ..details },
            EditableField::Phone => Self { phone: other.phone.clone(), ..details },
            EditableField::Language => Self { language: other.language.clone(), ..details },
            EditableField::VatNumber => Self { vat_number: other.vat_number.clone(), ..details },
            EditableField::BillingAddress => Self { billing_address: other.billing_address.clone(), ..details },
            EditableField::DeliveryAddress => Self { delivery_address: other.delivery_address.clone(), ..details },
        })
    }

    fn differences(&self, other: &Self) -> Vec<EditableField> {
        use EditableField as F;
        [
            (F::Name, self.name != other.name),
            (F::Phone, self.phone != other.phone),
            (F::Language, self.language != other.language),
            (F::VatNumber, self.vat_number != other.vat_number),
            (F::BillingAddress, self.billing_address != other.billing_address),
            (F::DeliveryAddress, self.delivery_address != other.delivery_address),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// The change that a contact asked for last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerChange {
    /// Whose customer.
    pub company: CompanyId,
    /// The customer.
    pub customer: Reference,
    /// Who asks.
    pub contact: ContactId,
    /// What is to change.
    pub changed: Vec<EditableField>,
    /// The details when the contact asked.
    pub before: EditableDetails,
    /// The details with what they asked for.
    pub after: EditableDetails,
    /// Its state.
    pub status: CustomerChangeStatus,
    /// When the contact asked, the last time for what is in it.
    pub requested_at: UtcTime,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UtcTime>,
    /// The person who decided it; none if the ledger did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// Counts its states: a decision names it as the revision that was seen.
    pub version: u64,
}

/// Payload of `customer.change_requested`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerChangeRequested {
    /// Who asks.
    pub contact: ContactId,
    /// What is to change; nothing, if the contact took the change back.
    pub changed: Vec<EditableField>,
    /// The revision, for the decision.
    pub revision: u64,
}

/// Payload of `customer.change_decided`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerChangeDecided {
    /// Who asked.
    pub contact: ContactId,
    /// What they asked to change.
    pub changed: Vec<EditableField>,
    /// Whether it was accepted or refused.
    pub decision: ChangeVerdict,
    /// The revision that was decided.
    pub revision: u64,
}

/// Whether a change is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// It is taken over.
    Accepted,
    /// It is refused.
    Refused,
}

impl ChangeVerdict {
    const fn status(self) -> CustomerChangeStatus {
        match self {
            Self::Accepted => CustomerChangeStatus::Accepted,
            Self::Refused => CustomerChangeStatus::Refused,
        }
    }
}

/// A decision about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeDecision {
    /// The revision that was seen.
    pub revision: u64,
    /// Whether it is taken over.
    pub verdict: ChangeVerdict,
    /// Why it is refused.
    pub reason: Option<Note>,
    /// The person who decides; none for the ledger.
    pub by: Option<UserId>,
}

/// What a decision changes.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedChange {
    /// The change.
    pub change: CustomerChange,
    /// The customer, if it changed.
    pub customer: Option<Customer>,
    /// The contact, if they changed.
    pub contact: Option<Contact>,
    /// What happened.
    pub event: NewEvent,
}

/// Why a change is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// It is decided or taken back.
    #[error("this change does not wait for a decision any more")]
    NotPending,
    /// The contact asked for something else since.
    #[error("the contact changed this since; read it again")]
    Revised,
}

/// Records what a contact asks to change. `known` is the change that they asked for last: while it waits, the new one
/// is added to it. `None` if nothing is asked for that is not there or waiting already.
#[must_use]
pub fn request(
    (customer, contact): (&Customer, &Contact),
    known: Option<&CustomerChange>,
    edit: DetailsEdit,
    at: UtcTime,
) -> Option<(CustomerChange, NewEvent)> {
    let pending = known.filter(|known| known.status == CustomerChangeStatus::Pending);
    let before = EditableDetails::of(customer, contact);
    let waiting =
        pending.map_or_else(|| before.clone(), |pending| before.clone().with(&pending.changed, &pending.after));
    let after = waiting.clone().edited(edit);
    if after == waiting {
        return None;
    }
    let changed = before.differences(&after);
    let status = if changed.is_empty() { CustomerChangeStatus::Withdrawn } else { CustomerChangeStatus::Pending };
    let change = CustomerChange {
        company: customer.company.clone(),
        customer: customer.reference.clone(),
        contact: contact.id.clone(),
        changed,
        before,
        after,
        status,
        requested_at: at,
        decided_at: None,
        decided_by: None,
        reason: None,
        version: known.map_or(1, |known| known.version.saturating_add(1)),
    };
    let data = CustomerChangeRequested {
        contact: change.contact.clone(),
        changed: change.changed.clone(),
        revision: change.version,
    };
    let event = change.event(kinds::CustomerChangeRequested::of(data));
    Some((change, event))
}

impl CustomerChange {
    /// Decides it. An accepted change is applied to what the customer and the contact are now: only the fields that the
    /// contact asked for. `None` if this revision is decided in this way already.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn decide(
        &self,
        (customer, contact): (&Customer, &Contact),
        decision: ChangeDecision,
        at: UtcTime,
    ) -> Result<Option<DecidedChange>, ChangeError> {
        let status = decision.verdict.status();
        if self.status == status && self.version == decision.revision.saturating_add(1) {
            return Ok(None);
        }
        if self.status != CustomerChangeStatus::Pending {
            return Err(ChangeError::NotPending);
        }
        if self.version != decision.revision {
            return Err(ChangeError::Revised);
        }
        let change = Self {
            status,
            decided_at: Some(at),
            decided_by: decision.by,
            reason: decision.reason,
            version: self.version.saturating_add(1),
            ..self.clone()
        };
        let (customer, contact) = match decision.verdict {
            ChangeVerdict::Accepted => self.apply_to(customer, contact),
            ChangeVerdict::Refused => (None, None),
        };
        let data = CustomerChangeDecided {
            contact: self.contact.clone(),
            changed: self.changed.clone(),
            decision: decision.verdict,
            revision: self.version,
        };
        let event = self.event(kinds::CustomerChangeDecided::of(data));
        Ok(Some(DecidedChange { change, customer, contact, event }))
    }

    fn apply_to(&self, customer: &Customer, contact: &Contact) -> (Option<Customer>, Option<Contact>) {
        let EditableDetails { name, phone, language, vat_number, billing_address, delivery_address } =
            EditableDetails::of(customer, contact).with(&self.changed, &self.after);
        let of_customer = CustomerDetails { vat_number, billing_address, delivery_address, ..customer.details.clone() };
        let of_contact = ContactDetails { name, phone, language, ..contact.details.clone() };
        let changes_customer = of_customer != customer.details;
        let after = changes_customer.then(|| Customer { details: of_customer, ..customer.next() });
        (after, contact.with(of_contact).map(|(contact, _)| contact))
    }

    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.customer.as_str(), payload)
    }
}
