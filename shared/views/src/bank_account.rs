//! A bank account as the ledger reported it, with its threshold.

use domain::{Currency, Name, Reference, UtcTime, bank::BankAccount, money::Balance, threshold::ThresholdRule};
use serde::Serialize;
use utoipa::ToSchema;

/// A bank account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankAccount)]
pub struct BankAccountView {
    reference: Reference,
    name: Name,
    currency: Currency,
    balance_minor: Balance,
    /// The time of the balance.
    as_of: UtcTime,
    /// When the company's people are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<ThresholdRule>,
    below_threshold: bool,
}

impl From<BankAccount> for BankAccountView {
    fn from(account: BankAccount) -> Self {
        let below_threshold = account.is_below_threshold();
        Self {
            reference: account.reference,
            name: account.name,
            currency: account.currency,
            balance_minor: account.balance_minor,
            as_of: account.as_of,
            threshold: account.threshold.map(|threshold| threshold.rule),
            below_threshold,
        }
    }
}
