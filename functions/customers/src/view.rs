//! Customers and contacts as people of the company see them.

use domain::{
    ContactId, Currency, Email, Locale, Name, Reference, UtcTime,
    customer::{
        Address, Contact, ContactDetails, Customer, CustomerDetails, CustomerStatus, PaymentTermsDays, Phone,
        VatNumber, contact::PortalAccess,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub(crate) struct CustomerView {
    reference: Reference,
    name: Name,
    /// Its own address for documents; contacts have theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    /// The language of its documents and letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Locale>,
    /// The currency of its documents, unless one says another.
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat_number: Option<VatNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_address: Option<Address>,
    /// After how many days its invoices are due.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_terms_days: Option<PaymentTermsDays>,
    status: CustomerStatus,
    /// How many contacts it has.
    contact_count: u16,
    created_at: UtcTime,
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        let CustomerDetails {
            name,
            email,
            language,
            currency,
            vat_number,
            billing_address,
            delivery_address,
            payment_terms_days,
        } = customer.details;
        Self {
            reference: customer.reference,
            name,
            email,
            language,
            currency,
            vat_number,
            billing_address,
            delivery_address,
            payment_terms_days,
            status: customer.status,
            contact_count: customer.contact_count,
            created_at: customer.created_at,
        }
    }
}

/// One customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerResponse {
    pub(crate) customer: CustomerView,
}

/// A contact of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub(crate) struct ContactView {
    id: ContactId,
    name: Name,
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
    /// What they do at the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<Name>,
    /// The language of letters to them; the customer's otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Locale>,
    /// How far their access to the portal has come.
    portal: PortalAccess,
    created_at: UtcTime,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        let ContactDetails { name, email, phone, job_title, language } = contact.details;
        Self {
            id: contact.id,
            name,
            email,
            phone,
            job_title,
            language,
            portal: contact.portal,
            created_at: contact.created_at,
        }
    }
}

/// One contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactResponse {
    pub(crate) contact: ContactView,
}
