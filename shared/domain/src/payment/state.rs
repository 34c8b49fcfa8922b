//! A payment and its status.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{CompanyId, PaymentId, UserId},
    invoice::PayingLink,
    money::{Amount, Currency},
    text::{Name, Reference},
    time::UtcTime,
};

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider has not reported the outcome.
    Pending,
    /// The money moved. It may have gone back since.
    Succeeded,
    /// It failed or was cancelled, and its amount is released.
    Canceled,
}

impl PaymentStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// One attempt to pay an invoice, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id, and the provider's idempotency key.
    pub id: PaymentId,
    /// The company of the invoice.
    pub company: CompanyId,
    /// Which invoice.
    pub invoice: Reference,
    /// How much, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The invoice's currency.
    pub currency: Currency,
    /// Its status.
    pub status: PaymentStatus,
    /// How much of it was refunded, in minor units.
    #[serde(default)]
    pub refunded_minor: i64,
    /// How much of it the provider withdrew for disputes, open and lost ones, in minor units.
    #[serde(default)]
    pub disputed_minor: i64,
    /// The id of the provider's intent, which moves the money. It is recorded before the payer can complete the
    /// payment; where they pay on a page of the provider's, when the payment ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// The id of the provider's session, where the payer pays on a page of the provider's. It is recorded before they
    /// get the page's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The person who started it, signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<UserId>,
    /// The hosted link through which it was started, if nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_through: Option<PayingLink>,
    /// The name of the person or of the link's contact at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by_name: Option<Name>,
    /// When.
    pub started_at: UtcTime,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UtcTime>,
    /// When the schedule next asks the provider whether it still holds the money; never again when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// What the provider has for a payment, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtProvider<'a> {
    /// An intent: the payer pays with the provider's form on a page of ours.
    Intent(&'a str),
    /// A session: the payer pays on a page of the provider's, which makes the intent when they do.
    Session(&'a str),
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Without a recorded id of the provider: nobody can have paid it.
    Unopened,
    /// The payer may be completing it.
    Open(AtProvider<'a>),
    /// It has ended.
    Ended,
}

impl Payment {
    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress<'_> {
        match (self.status, self.at_provider()) {
            (PaymentStatus::Pending, None) => Progress::Unopened,
            (PaymentStatus::Pending, Some(at_provider)) => Progress::Open(at_provider),
            (PaymentStatus::Succeeded | PaymentStatus::Canceled, _) => Progress::Ended,
        }
    }

    /// Where the provider's state of it is found: its intent, or its session as long as no intent is recorded.
    #[must_use]
    pub fn at_provider(&self) -> Option<AtProvider<'_>> {
        let intent = self.provider_id.as_deref().map(AtProvider::Intent);
        intent.or_else(|| self.session_id.as_deref().map(AtProvider::Session))
    }

    /// How much the provider holds of it, in minor units: nothing before it succeeds.
    #[must_use]
    pub fn held_minor(&self) -> i64 {
        match self.status {
            PaymentStatus::Succeeded => self.amount_minor.minor() - self.refunded_minor - self.disputed_minor,
            PaymentStatus::Pending | PaymentStatus::Canceled => 0,
        }
    }

    /// The payment with what the provider has for it recorded. Makes no event: nothing has changed for anyone yet.
    #[must_use]
    pub fn open(&self, at_provider: AtProvider<'_>) -> Self {
        let mut opened = Self { version: self.version + 1, ..self.clone() };
        match at_provider {
            AtProvider::Intent(id) => opened.provider_id = Some(id.to_owned()),
            AtProvider::Session(id) => opened.session_id = Some(id.to_owned()),
        }
        opened
    }
}
