//! A payment and its status.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{CompanyId, PaymentId, UserId},
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
    /// The provider's id for it, recorded before the payer can complete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Who started it.
    pub started_by: UserId,
    /// Their name at that time.
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

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Without a recorded id of the provider: nobody can have paid it.
    Unopened,
    /// The payer may be completing it, under this id of the provider's.
    Open(&'a str),
    /// It has ended.
    Ended,
}

impl Payment {
    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress<'_> {
        match (self.status, &self.provider_id) {
            (PaymentStatus::Pending, None) => Progress::Unopened,
            (PaymentStatus::Pending, Some(provider_id)) => Progress::Open(provider_id),
            (PaymentStatus::Succeeded | PaymentStatus::Canceled, _) => Progress::Ended,
        }
    }

    /// How much the provider holds of it, in minor units: nothing before it succeeds.
    #[must_use]
    pub fn held_minor(&self) -> i64 {
        match self.status {
            PaymentStatus::Succeeded => self.amount_minor.minor() - self.refunded_minor - self.disputed_minor,
            PaymentStatus::Pending | PaymentStatus::Canceled => 0,
        }
    }

    /// The payment with the provider's id recorded. Makes no event: nothing has changed for anyone yet.
    #[must_use]
    pub fn open(&self, provider_id: &str) -> Self {
        Self { provider_id: Some(provider_id.to_owned()), version: self.version + 1, ..self.clone() }
    }
}
