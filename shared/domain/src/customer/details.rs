//! What is known about a customer, and changes to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    field::{CustomerField, CustomerStatus},
    vat_number::VatNumber,
};
use crate::{
    country::Country,
    locale::Locale,
    money::Currency,
    patch::Patch,
    text::{Email, Name},
};

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number, or a post box.
    pub line1: Name,
    /// What else leads there: a building, a floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<Name>,
    /// The place.
    pub city: Name,
    /// The state, province or county, where addresses name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Name>,
    /// The postal code, where the country has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Name>,
    /// The country.
    pub country: Country,
}

/// After how many days an invoice is due: 0 to 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schema(value_type = u16, maximum = 365)]
pub struct PaymentTermsDays(u16);

/// The longest payment terms.
const MAX_TERMS_DAYS: u16 = 365;

/// Longer payment terms than a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {MAX_TERMS_DAYS} days")]
pub struct PaymentTermsError;

impl TryFrom<u16> for PaymentTermsDays {
    type Error = PaymentTermsError;

    fn try_from(days: u16) -> Result<Self, PaymentTermsError> {
        if days <= MAX_TERMS_DAYS { Ok(Self(days)) } else { Err(PaymentTermsError) }
    }
}

impl From<PaymentTermsDays> for u16 {
    fn from(days: PaymentTermsDays) -> Self {
        days.0
    }
}

/// What is known about a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDetails {
    /// Its name.
    pub name: Name,
    /// Its own address for documents; contacts have theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The language of its documents and letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// The currency of its documents, unless one says another.
    pub currency: Currency,
    /// Its VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<VatNumber>,
    /// Where invoices are addressed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Where goods go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
    /// After how many days its invoices are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms_days: Option<PaymentTermsDays>,
}

impl CustomerDetails {
    /// The fields in which two descriptions differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<CustomerField> {
        use CustomerField as F;
        [
            (F::Name, self.name != other.name),
            (F::Email, self.email != other.email),
            (F::Language, self.language != other.language),
            (F::Currency, self.currency != other.currency),
            (F::VatNumber, self.vat_number != other.vat_number),
            (F::BillingAddress, self.billing_address != other.billing_address),
            (F::DeliveryAddress, self.delivery_address != other.delivery_address),
            (F::PaymentTermsDays, self.payment_terms_days != other.payment_terms_days),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }

    /// The details after an update.
    #[must_use]
    pub fn updated(&self, update: CustomerUpdate) -> Self {
        Self {
            name: update.name.unwrap_or_else(|| self.name.clone()),
            email: update.email.after(self.email.clone()),
            language: update.language.after(self.language.clone()),
            currency: update.currency.unwrap_or(self.currency),
            vat_number: update.vat_number.after(self.vat_number.clone()),
            billing_address: update.billing_address.after(self.billing_address.clone()),
            delivery_address: update.delivery_address.after(self.delivery_address.clone()),
            payment_terms_days: update.payment_terms_days.after(self.payment_terms_days),
        }
    }
}

/// A change to a customer. What is `None` or [`Patch::Keep`] stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerUpdate {
    /// Its name.
    pub name: Option<Name>,
    /// Its own address.
    pub email: Patch<Email>,
    /// Its language.
    pub language: Patch<Locale>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its VAT number.
    pub vat_number: Patch<VatNumber>,
    /// Where invoices are addressed to.
    pub billing_address: Patch<Address>,
    /// Where goods go.
    pub delivery_address: Patch<Address>,
    /// After how many days its invoices are due.
    pub payment_terms_days: Patch<PaymentTermsDays>,
    /// Whether it is active or archived.
    pub status: Option<CustomerStatus>,
}
