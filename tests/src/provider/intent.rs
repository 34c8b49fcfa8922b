//! The `PaymentIntent` object and its states. Source: Stripe's API reference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    error::{ApiError, Decline},
    form::Form,
    ids::{fresh_id, now_s},
};

/// Stripe takes at most eight digits.
const AMOUNT_MINOR_MAX: i64 = 99_999_999;
/// The least that can be charged, where it is not 1: half a unit of the large currencies.
const AMOUNT_MINOR_MIN: &[(&str, i64)] =
    &[("usd", 50), ("eur", 50), ("chf", 50), ("gbp", 30), ("dkk", 250), ("nok", 300), ("sek", 300)];
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_CHARS_MAX: usize = 40;
const METADATA_VALUE_CHARS_MAX: usize = 500;

/// The parameters that creating an intent takes; Stripe refuses any other, and so does this.
const CREATE: &[&str] = &[
    "amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "currency",
    "customer",
    "description",
    "expand",
    "metadata",
    "payment_method",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "statement_descriptor",
    "statement_descriptor_suffix",
];
const CONFIRM: &[&str] = &[
    "client_secret",
    "expand",
    "key",
    "payment_method",
    "payment_method_data",
    "receipt_email",
    "return_url",
    "use_stripe_sdk",
];
/// How long a voucher can be paid, in seconds.
const VOUCHER_FOR_S: i64 = 7 * 24 * 3600;
const CANCEL: &[&str] = &["cancellation_reason", "expand"];

/// Where an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresAction,
    Processing,
    Succeeded,
    Canceled,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }

    /// The event that tells of the arrival in a state.
    pub(super) fn event(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "payment_intent.payment_failed",
            Self::RequiresAction => "payment_intent.requires_action",
            Self::Processing => "payment_intent.processing",
            Self::Succeeded => "payment_intent.succeeded",
            Self::Canceled => "payment_intent.canceled",
        }
    }
}

/// What a payment method does when it is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Succeeds,
    Processes,
    /// The payer takes a voucher and pays it at a machine.
    Voucher,
    /// The payer is sent to their bank.
    Redirects,
    Declines(Decline),
}

impl Method {
    /// What the form names: a payment method, or the data of a new one.
    fn of(form: &Form) -> Result<Option<Self>, ApiError> {
        match (form.get("payment_method"), form.get("payment_method_data[type]")) {
            (Some(name), _) => Self::find(name).map(Some),
            (None, Some("multibanco")) => Ok(Some(Self::Voucher)),
            (None, Some("ideal")) => Ok(Some(Self::Redirects)),
            (None, Some(other)) => {
                let message = format!("Invalid payment_method_data[type]: {other}");
                Err(ApiError::parameter("parameter_invalid_string", "payment_method_data[type]", &message))
            }
            (None, None) => Ok(None),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Succeeds | Self::Declines(_) => "card",
            Self::Processes => "us_bank_account",
            Self::Voucher => "multibanco",
            Self::Redirects => "ideal",
        }
    }

    fn find(name: &str) -> Result<Self, ApiError> {
        let declines = |code, decline_code, message| Self::Declines(Decline { code, decline_code, message });
        match name {
            "pm_card_visa" | "pm_card_mastercard" | "pm_card_amex" => Ok(Self::Succeeds),
            "pm_usBankAccount_success" => Ok(Self::Processes),
            "pm_card_visa_chargeDeclined" | "pm_card_chargeDeclined" => {
                Ok(declines("card_declined", Some("generic_decline"), "Your card was declined."))
            }
            "pm_card_visa_chargeDeclinedInsufficientFunds" | "pm_card_chargeDeclinedInsufficientFunds" => {
                Ok(declines("card_declined", Some("insufficient_funds"), "Your card has insufficient funds."))
            }
            "pm_card_chargeDeclinedExpiredCard" => Ok(declines("expired_card", None, "Your card has expired.")),
            _ => Err(ApiError { status: 400, ..ApiError::no_such("PaymentMethod", "payment_method", name) }),
        }
    }
}

/// A payment from its creation to its end.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) client_secret: String,
    pub(super) amount: i64,
    pub(super) amount_received: i64,
    pub(super) currency: String,
    pub(super) status: Status,
    created: i64,
    canceled_at: Option<i64>,
    cancellation_reason: Option<String>,
    description: Option<String>,
    customer: Option<String>,
    receipt_email: Option<String>,
    metadata: BTreeMap<String, String>,
    automatic_payment_methods: bool,
    payment_method: Option<String>,
    /// The type of the payment method.
    method_type: &'static str,
    next_action: Value,
    pub(super) latest_charge: Option<String>,
    /// What was refunded of the charge in all.
    pub(super) amount_refunded: i64,
    /// Whether the charge was ever disputed.
    pub(super) disputed: bool,
    /// How many times it was charged successfully; more than once would be our shame.
    pub(super) charges: u32,
    last_payment_error: Option<Value>,
}

impl Intent {
    pub(super) fn create(form: &Form) -> Result<Self, ApiError> {
        form.only(CREATE)?;
        form.require("amount")?;
        let amount = form.integer("amount")?.unwrap_or_default();
        let currency = form.require("currency")?.to_ascii_lowercase();
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_code {
            return Err(ApiError::parameter(
                "parameter_invalid_string",
                "currency",
                &format!("Invalid currency: {currency}."),
            ));
        }
        let least = AMOUNT_MINOR_MIN.iter().find(|(code, _)| *code == currency).map_or(1, |(_, least)| *least);
        if amount < 1 {
            return Err(ApiError::parameter(
                "parameter_invalid_integer",
                "amount",
                "This value must be greater than or equal to 1.",
            ));
        }
        if amount < least {
            return Err(ApiError::parameter(
                "amount_too_small",
                "amount",
                &format!("Amount must be at least {least} {currency} (minor units)."),
            ));
        }
        if amount > AMOUNT_MINOR_MAX {
            return Err(ApiError::parameter("amount_too_large", "amount", "Amount must be no more than 99999999."));
        }
        match form.get("capture_method") {
            None | Some("automatic" | "automatic_async") => {}
            Some(_) => return Err(ApiError::invalid("This emulator only captures automatically.")),
        }
        let metadata = form.nested("metadata");
        let fits = metadata.len() <= METADATA_KEYS_MAX
            && metadata.iter().all(|(key, value)| {
                key.chars().count() <= METADATA_KEY_CHARS_MAX && value.chars().count() <= METADATA_VALUE_CHARS_MAX
            });
        if !fits {
            return Err(ApiError::parameter(
                "parameter_invalid_string",
                "metadata",
                "Metadata takes up to 50 keys of up to 40 characters, with values of up to 500.",
            ));
        }
        let id = fresh_id("pi");
        let secret = fresh_id("secret");
        Ok(Self {
            client_secret: format!("{id}_{secret}"),
            id,
            amount,
            amount_received: 0,
            currency,
            status: Status::RequiresPaymentMethod,
            created: now_s(),
            canceled_at: None,
            cancellation_reason: None,
            description: form.get("description").map(str::to_owned),
            customer: form.get("customer").map(str::to_owned),
            receipt_email: form.get("receipt_email").map(str::to_owned),
            metadata,
            automatic_payment_methods: form.flag("automatic_payment_methods[enabled]")?.unwrap_or_default(),
            payment_method: None,
            method_type: "card",
            next_action: Value::Null,
            latest_charge: None,
            amount_refunded: 0,
            disputed: false,
            charges: 0,
            last_payment_error: None,
        })
    }

    /// Charges the intent. The state that follows is in `self`, also when the card is declined.
    pub(super) fn confirm(&mut self, form: &Form) -> Result<(), ApiError> {
        form.only(CONFIRM)?;
        self.charge(form)
    }

    pub(super) fn charge(&mut self, form: &Form) -> Result<(), ApiError> {
        if self.status != Status::RequiresPaymentMethod {
            let message =
                format!("You cannot confirm this PaymentIntent because it has a status of {}.", self.status.name());
            return Err(ApiError::unexpected_state(&message, self.to_json()));
        }
        let Some(method) = Method::of(form)? else {
            return Err(ApiError::unexpected_state(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                self.to_json(),
            ));
        };
        self.payment_method = Some(fresh_id("pm"));
        self.method_type = method.kind();
        self.last_payment_error = None;
        match method {
            Method::Succeeds => {
                self.succeed();
                Ok(())
            }
            Method::Processes => {
                self.status = Status::Processing;
                Ok(())
            }
            Method::Voucher => {
                self.status = Status::RequiresAction;
                let details =
                    json!({ "entity": "11854", "expires_at": now_s() + VOUCHER_FOR_S, "reference": "000 000 001" });
                self.next_action =
                    json!({ "type": "multibanco_display_details", "multibanco_display_details": details });
                Ok(())
            }
            Method::Redirects => {
                self.status = Status::RequiresAction;
                let redirect = json!({ "return_url": null, "url": "https://bank.example/authorize" });
                self.next_action = json!({ "type": "redirect_to_url", "redirect_to_url": redirect });
                Ok(())
            }
            Method::Declines(decline) => {
                let charge = fresh_id("ch");
                self.payment_method = None;
                self.latest_charge = Some(charge.clone());
                self.last_payment_error = Some(decline.to_json());
                Err(ApiError::declined(&decline, &charge, self.to_json()))
            }
        }
    }

    fn succeed(&mut self) {
        self.status = Status::Succeeded;
        self.next_action = Value::Null;
        self.amount_received = self.amount;
        self.latest_charge = Some(fresh_id("ch"));
        self.charges = self.charges.saturating_add(1);
    }

    pub(super) fn cancel(&mut self, form: &Form) -> Result<(), ApiError> {
        form.only(CANCEL)?;
        let reason = form.get("cancellation_reason");
        let is_known = reason
            .is_none_or(|reason| ["duplicate", "fraudulent", "requested_by_customer", "abandoned"].contains(&reason));
        if !is_known {
            return Err(ApiError::parameter(
                "parameter_invalid_string",
                "cancellation_reason",
                "Invalid cancellation_reason: must be one of duplicate, fraudulent, requested_by_customer, or abandoned",
            ));
        }
        if matches!(self.status, Status::Succeeded | Status::Canceled) {
            let message =
                format!("You cannot cancel this PaymentIntent because it has a status of {}.", self.status.name());
            return Err(ApiError::unexpected_state(&message, self.to_json()));
        }
        self.status = Status::Canceled;
        self.canceled_at = Some(now_s());
        self.cancellation_reason = reason.map(str::to_owned);
        Ok(())
    }

    /// Puts the intent into a state as time or the provider's staff would (admin).
    pub(super) fn settle(&mut self, status: Status) {
        match status {
            Status::Succeeded => self.succeed(),
            Status::RequiresPaymentMethod | Status::RequiresAction | Status::Processing | Status::Canceled => {
                self.status = status;
                self.amount_received = 0;
            }
        }
    }

    /// Moves the end of the voucher (admin).
    pub(super) fn expire(&mut self, at_s: i64) {
        if let Some(end) = self.next_action.pointer_mut("/multibanco_display_details/expires_at") {
            *end = json!(at_s);
        }
    }

    /// The charge that took the money.
    pub(super) fn charge_json(&self) -> Value {
        json!({
            "id": self.latest_charge,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_received,
            "amount_refunded": self.amount_refunded,
            "currency": self.currency,
            "disputed": self.disputed,
            "livemode": false,
            "metadata": self.metadata,
            "paid": self.status == Status::Succeeded,
            "payment_intent": self.id,
            "payment_method": self.payment_method,
            "refunded": self.amount_refunded == self.amount,
            "status": if self.status == Status::Succeeded { "succeeded" } else { "failed" },
        })
    }

    /// The intent with the objects in place of the ids that `expand[]` names.
    pub(super) fn expanded(&self, expand: &[String]) -> Value {
        let mut intent = self.to_json();
        for name in expand {
            let object = match name.as_str() {
                "latest_charge" if self.latest_charge.is_some() => self.charge_json(),
                "payment_method" if self.payment_method.is_some() => {
                    json!({ "id": self.payment_method, "object": "payment_method", "type": self.method_type })
                }
                _ => continue,
            };
            if let Some(place) = intent.get_mut(name) {
                *place = object;
            }
        }
        intent
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": self.amount_received,
            "automatic_payment_methods": self.automatic_payment_methods
                .then(|| json!({ "allow_redirects": "always", "enabled": true })),
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": "automatic_async",
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "payment_method": self.payment_method,
            "payment_method_types": ["card"],
            "processing": null,
            "receipt_email": self.receipt_email,
            "setup_future_usage": null,
            "shipping": null,
            "statement_descriptor": null,
            "status": self.status,
        })
    }
}
