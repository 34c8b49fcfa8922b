//! What a test has ordered: which requests fail and how, and how webhooks are delivered.

use serde::{Deserialize, Serialize};

/// A request that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// `POST /v1/payment_intents` and `POST /v1/checkout/sessions`.
    Create,
    /// `POST /v1/payment_intents/{id}/confirm`.
    Confirm,
    /// `POST /v1/payment_intents/{id}/cancel` and `POST /v1/checkout/sessions/{id}/expire`.
    Cancel,
    /// `POST /v1/refunds`.
    Refund,
    /// `POST /v1/disputes/{id}`.
    Dispute,
    /// Any GET.
    Retrieve,
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    /// It is carried out, and the connection is reset instead of a reply.
    DropReply,
    /// It is carried out, and answered 500 this once; the same key then gets the true answer.
    ErrorAfter,
    /// It is carried out, and answered 500; the 500 is kept, and the same key gets it again.
    ErrorReplayed,
    /// It is answered 500 and not carried out; the key stays unused.
    ErrorBefore,
    /// It is answered 429 and not carried out; the key stays unused.
    RateLimit,
    /// It is carried out after `delay_ms`; meanwhile its key is in use.
    Delay,
    /// It is carried out at once and answered after `delay_ms`.
    DelayReply,
}

/// A failure that a test has ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    /// Which request; any, when absent.
    #[serde(default)]
    pub(super) operation: Option<Operation>,
    /// How.
    pub(super) fault: Fault,
    /// How many times; once, when absent.
    #[serde(default = "once")]
    pub(super) times: u32,
    /// For the delays.
    #[serde(default)]
    pub(super) delay_ms: u64,
}

fn once() -> u32 {
    1
}

/// How events are delivered from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeliveryPlan {
    /// How many copies of each event: two, since at least once means more than once.
    pub(super) times: u32,
    /// Whether events that arise within `window_ms` are delivered last first.
    pub(super) reversed: bool,
    /// For `reversed`.
    pub(super) window_ms: u64,
    /// Whether events are lost: recorded, and never sent unless redelivered.
    pub(super) drop: bool,
    /// A wait before the first copy.
    pub(super) delay_ms: u64,
    /// Whether the copies are sent at the same time rather than one after the other.
    pub(super) concurrent: bool,
}

impl Default for DeliveryPlan {
    fn default() -> Self {
        Self { times: 2, reversed: false, window_ms: 500, drop: false, delay_ms: 0, concurrent: false }
    }
}
