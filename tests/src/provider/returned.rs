//! The `Refund` and `Dispute` objects. Source: Stripe's API reference.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ids::fresh_id;

/// Money that went back at our wish.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) charge: Option<String>,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) failed: bool,
    pub(super) created: i64,
}

impl Refund {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": {},
            "payment_intent": self.intent,
            "reason": null,
            "status": if self.failed { "failed" } else { "succeeded" },
        })
    }
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DisputeStatus {
    WarningNeedsResponse,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

/// Money that a bank took back, or asked about.
#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) charge: Option<String>,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: DisputeStatus,
    pub(super) created: i64,
}

impl Dispute {
    pub(super) fn to_json(&self) -> Value {
        let moved =
            |amount: i64| json!({ "id": fresh_id("txn"), "object": "balance_transaction", "amount": amount, "fee": 0 });
        let transactions = match self.status {
            DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningClosed => Vec::new(),
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview | DisputeStatus::Lost => {
                vec![moved(self.amount.saturating_neg())]
            }
            DisputeStatus::Won => vec![moved(self.amount.saturating_neg()), moved(self.amount)],
        };
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": transactions,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": self.intent,
            "reason": "fraudulent",
            "status": self.status,
        })
    }
}
