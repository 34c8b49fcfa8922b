//! What a payment through a hosted link is answered with, or refused for.

use api::{ApiError, Problem};
use domain::{
    Currency, PaymentId, UtcTime,
    invoice::InvoiceState,
    money::Amount,
    payment::{PayError, PaymentStatus},
};
use hosted_links::Closed;
use serde::Serialize;
use store::{Attempt, StoreError};
use utoipa::ToSchema;

use crate::start::refusal;

/// A payment through a hosted link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedPayment {
    pub(super) id: PaymentId,
    /// All that was due of the invoice when it was started, in minor units of `currency`.
    pub(super) amount_minor: Amount,
    pub(super) currency: Currency,
    pub(super) started_at: UtcTime,
}

/// The page on which its payer pays.
#[derive(Serialize, ToSchema)]
pub(crate) struct HostedCheckout {
    /// `stripe`.
    pub(super) name: &'static str,
    /// For the payer's browser alone; never stored or logged.
    pub(super) url: String,
    /// When the page ends, unless the payer has paid.
    pub(super) expires_at: UtcTime,
}

/// A pending payment through a hosted link, and the page that completes it.
#[derive(Serialize, ToSchema)]
pub(crate) struct HostedPaymentResponse {
    pub(super) payment: HostedPayment,
    pub(super) provider: HostedCheckout,
}

/// Why the holder of a link cannot pay.
#[derive(Debug)]
pub(super) enum Stop {
    /// The invoice takes no payment.
    Refused(PayError),
    /// What they had started has succeeded, or the provider is taking the money.
    Over(PaymentStatus),
    /// Anything else.
    Failed(ApiError),
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem.into())
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Closed> for Stop {
    fn from(closed: Closed) -> Self {
        Self::Failed(closed.into())
    }
}

impl From<Stop> for Attempt<Stop> {
    fn from(stop: Stop) -> Self {
        Self::Final(stop)
    }
}

impl From<Stop> for ApiError {
    fn from(stop: Stop) -> Self {
        match stop {
            // The request names no amount that could be another one.
            Stop::Refused(error @ PayError::BelowMinimum { .. }) => {
                Problem::conflict(error, InvoiceState::Open.as_str()).into()
            }
            Stop::Refused(error) => refusal(error).into(),
            Stop::Over(status) => Problem::conflict("the payment through this link is made", status.as_str()).into(),
            Stop::Failed(error) => error,
        }
    }
}
