//! Customers and contacts as people of the company see them.

use domain::{
    ContactId, Currency, Email, Locale, Name, Reference, UtcTime,
    customer::{
        Address, Contact, ContactDetails, Customer, CustomerDetails, CustomerStatus, PaymentTermsDays, Phone,
        VatNumber, contact::PortalAccess,
    },
    receivables::CustomerAccount,
    time::Day,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a customer owes in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerBalance {
    currency: Currency,
    /// What is owed, in minor units; negative where it is in the customer's favour.
    balance_minor: i64,
    /// What is overdue today, where the company is, in minor units.
    overdue_minor: i64,
}

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
    /// What it owes in each currency in which it has documents.
    balances: Vec<CustomerBalance>,
    created_at: UtcTime,
}

impl CustomerView {
    /// A customer with its account, as it stands on a day where the company is.
    pub(crate) fn on(today: Day, customer: Customer, account: Option<&CustomerAccount>) -> Self {
        let currencies = account.into_iter().flat_map(|account| &account.currencies);
        let balances = currencies.map(|account| CustomerBalance {
            currency: account.currency,
            balance_minor: account.balance_minor,
            overdue_minor: account.overdue_minor(today),
        });
        Self { balances: balances.collect(), ..Self::new(customer) }
    }

    /// A customer without documents.
    pub(crate) fn new(customer: Customer) -> Self {
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
            balances: Vec::new(),
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
