//! The Checkout `Session` object: a page of the provider's on which one payer pays. Source: Stripe's API reference.
//!
//! As since 2022-08-01, the intent is made when the payer confirms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    error::ApiError,
    form::Form,
    ids::{fresh_id, now_s},
    intent::Intent,
};

/// The parameters that creating a session takes here; Stripe refuses unknown ones, and so does this.
const CREATE: &[&str] = &[
    "adaptive_pricing",
    "cancel_url",
    "client_reference_id",
    "excluded_payment_method_types",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "success_url",
];
/// How near the end of a session may be to its making, in seconds.
const SHORTEST_S: i64 = 30 * 60;
/// And how far.
const LONGEST_S: i64 = 24 * 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Open,
    Complete,
    Expired,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// A page on which one payer pays.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    url: String,
    pub(super) status: Status,
    pub(super) amount_total: i64,
    pub(super) currency: String,
    expires_at: i64,
    pub(super) success_url: String,
    cancel_url: Option<String>,
    /// What its intent is made of.
    pub(super) intent_data: Form,
    pub(super) intent: Option<String>,
    pub(super) is_paid: bool,
    created: i64,
    client_reference_id: Option<String>,
    metadata: BTreeMap<String, String>,
}

impl Session {
    /// `origin` is where the provider's pages are.
    pub(super) fn create(form: &Form, origin: &str) -> Result<Self, ApiError> {
        form.only(CREATE)?;
        if form.require("mode")? != "payment" {
            return Err(ApiError::invalid("This emulator has sessions of payments alone."));
        }
        let success_url = form.require("success_url")?.to_owned();
        let quantity = form.integer("line_items[0][quantity]")?.unwrap_or(1);
        form.require("line_items[0][price_data][product_data][name]")?;
        let each = form.integer("line_items[0][price_data][unit_amount]")?;
        let each = each.ok_or_else(|| ApiError::missing_parameter("line_items[0][price_data][unit_amount]"))?;
        let amount_total = each.saturating_mul(quantity);
        let currency = form.require("line_items[0][price_data][currency]")?.to_ascii_lowercase();
        let created = now_s();
        let expires_at = form.integer("expires_at")?.unwrap_or(created + LONGEST_S);
        if !(SHORTEST_S..=LONGEST_S).contains(&(expires_at - created)) {
            let message = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.";
            return Err(ApiError::parameter("parameter_invalid_integer", "expires_at", message));
        }
        let metadata = form.nested("payment_intent_data[metadata]");
        let metadata = metadata.into_iter().map(|(name, value)| (format!("metadata[{name}]"), value));
        let description = form.get("payment_intent_data[description]").unwrap_or("Payment");
        let plain = [
            ("amount", amount_total.to_string()),
            ("currency", currency.clone()),
            ("description", description.to_owned()),
        ];
        let intent_data: Form =
            plain.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(metadata).collect();
        // What no intent takes no session takes either.
        Intent::create(&intent_data)?;
        let id = fresh_id("cs_test");
        Ok(Self {
            url: format!("{origin}/c/pay/{id}"),
            id,
            status: Status::Open,
            amount_total,
            currency,
            expires_at,
            success_url,
            cancel_url: form.get("cancel_url").map(str::to_owned),
            intent_data,
            intent: None,
            is_paid: false,
            created,
            client_reference_id: form.get("client_reference_id").map(str::to_owned),
            metadata: form.nested("metadata"),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.status == Status::Open && now_s() < self.expires_at
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": { "enabled": false },
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "expires_at": self.expires_at,
            "livemode": false,
            "locale": null,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.intent,
            "payment_status": if self.is_paid { "paid" } else { "unpaid" },
            "status": self.status.name(),
            "success_url": self.success_url,
            "ui_mode": "hosted",
            "url": (self.status == Status::Open).then_some(&self.url),
        })
    }
}
