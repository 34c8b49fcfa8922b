//! Calls of the payment provider while a person waits.

use api::{ApiError, InContext, Problem, ProblemType};
use domain::{
    Actor, Org, Permission,
    payment::{Payment, PaymentStatus},
};
use payment_settlement::SettlementError;
use payments::{ExposeSecret, Intent, NewIntent, ProviderError, Stripe};
use serde::Serialize;
use store::{Authority, ChangeContext, StoreError};
use utoipa::ToSchema;

use crate::App;

/// The provider's name as an actor in events.
pub(crate) const ACTOR: &str = "stripe";
/// `Retry-After` while the provider does not answer, in seconds.
const RETRY_AFTER_S: u32 = 3;
/// `Retry-After` while an operator must repair something, in seconds.
const RETRY_AFTER_REPAIR_S: u32 = 60;

/// The data with which the payer's browser completes the payment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checkout {
    /// `stripe`.
    name: &'static str,
    /// For the payer's browser alone; never stored or logged.
    client_secret: String,
}

/// Creates or finds the provider's intent for a payment, and returns its client secret.
///
/// INVARIANT: the client secret is given out only after the intent's id is on record in the
/// payment. So a payment without one can always be abandoned: whatever the provider may have made
/// of it, nobody can pay it.
pub(crate) async fn checkout(app: &App, caller: &InContext, payment: &Payment) -> Result<Checkout, ApiError> {
    let stripe = app.provider.at(caller.now()).await.map_err(|error| problem(error, payment.status))?;
    let intent = match &payment.provider_id {
        Some(known) => stripe.intent_by_id(known).await.map_err(|error| problem(error, payment.status))?,
        None => open(app, caller, &stripe, payment).await?,
    };
    given_out(intent)
}

/// As [`checkout`], for a payment that the person had started before. One that has ended at the provider in the
/// meantime is settled, and the person is told.
pub(crate) async fn resume_checkout(app: &App, caller: &InContext, payment: &Payment) -> Result<Checkout, ApiError> {
    let Some(known) = &payment.provider_id else { return checkout(app, caller, payment).await };
    let stripe = app.provider.at(caller.now()).await.map_err(|error| problem(error, payment.status))?;
    let intent = stripe.intent_by_id(known).await.map_err(|error| problem(error, payment.status))?;
    if !intent.status.is_final() {
        return given_out(intent);
    }
    let authority = Authority::System(Org::Company(payment.company.clone()));
    let change_context = ChangeContext { actor: Actor::machine(ACTOR), ..caller.change_context() };
    let settled =
        payment_settlement::settle(&app.api.store, &stripe, &authority, &change_context, payment.into(), &intent).await;
    let status = settled.map_err(unsettled)?.into_payment().status;
    Err(Problem::conflict("your payment has ended; read the invoice again", status.as_str()).into())
}

fn given_out(intent: Intent) -> Result<Checkout, ApiError> {
    let secret = intent.client_secret.ok_or_else(|| Problem::internal("an intent without client secret"))?;
    Ok(Checkout { name: "stripe", client_secret: secret.expose_secret().to_owned() })
}

/// Creates an intent for a payment and records its id.
async fn open(app: &App, caller: &InContext, stripe: &Stripe, payment: &Payment) -> Result<Intent, ApiError> {
    // Built only from fields that never change: the provider accepts one request for each idempotency key.
    let description = format!("Invoice {}", payment.invoice);
    let new = NewIntent {
        payment_id: &payment.id,
        company_id: &payment.company,
        invoice_reference: &payment.invoice,
        amount: payment.amount_minor,
        currency: payment.currency,
        description: &description,
    };
    let intent = match stripe.create_intent(&new).await {
        Ok(intent) => intent,
        Err(error) => {
            if is_lasting(&error) {
                give_up(app, caller, payment).await?;
            }
            return Err(problem(error, PaymentStatus::Canceled).into());
        }
    };
    let authority = Authority::System(Org::Company(payment.company.clone()));
    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.payment(&payment.id), Some(payment.version), &payment.open(&intent.id));
    match change.commit().await {
        Ok(()) => Ok(intent),
        Err(StoreError::Conflict) => opened_by_another(app, caller, payment, intent).await,
        Err(error) => Err(error.into()),
    }
}

/// The same request may run twice at once; both get the same intent. Any other concurrent change has
/// ended the payment.
async fn opened_by_another(
    app: &App,
    caller: &InContext,
    payment: &Payment,
    intent: Intent,
) -> Result<Intent, ApiError> {
    let authority = caller.needs(Permission::PaymentsPay);
    let now = app.api.store.load(&authority, caller.now(), |tenant| tenant.payment(&payment.id)).await?;
    match now {
        Some(now) if now.provider_id.as_deref() == Some(&intent.id) => Ok(intent),
        Some(_) | None => Err(StoreError::Conflict.into()),
    }
}

/// Releases the reserved amount of a payment that the provider refuses for good.
async fn give_up(app: &App, caller: &InContext, payment: &Payment) -> Result<(), ApiError> {
    let authority = Authority::System(Org::Company(payment.company.clone()));
    let change_context = ChangeContext { actor: Actor::machine(ACTOR), ..caller.change_context() };
    payment_settlement::abandon(&app.api.store, &authority, &change_context, payment.into())
        .await
        .map(drop)
        .map_err(unsettled)
}

/// Whether the provider refuses this payment for good.
fn is_lasting(error: &ProviderError) -> bool {
    match error {
        ProviderError::Refused { .. } | ProviderError::KeySpent { .. } => true,
        ProviderError::Unavailable { .. }
        | ProviderError::NotFound
        | ProviderError::Misconfigured { .. }
        | ProviderError::Unexpected { .. } => false,
    }
}

/// Maps a provider error to a problem; `status` is the payment's status.
pub(crate) fn problem(error: ProviderError, status: PaymentStatus) -> Problem {
    match error {
        ProviderError::Unavailable { .. } => {
            tracing::warn!(%error, "the payment provider is unavailable");
            Problem::new(ProblemType::Unavailable)
                .detail(
                    "the payment provider does not answer; send the same request with the same Idempotency-Key again",
                )
                .retry_after_s(RETRY_AFTER_S)
        }
        ProviderError::Misconfigured { .. } => {
            tracing::error!(%error, "an operator must look");
            Problem::new(ProblemType::Unavailable).retry_after_s(RETRY_AFTER_REPAIR_S)
        }
        ProviderError::Refused { message, .. } => Problem::conflict(message, status.as_str()),
        ProviderError::KeySpent { .. } => {
            tracing::warn!(%error, "a payment was given up");
            Problem::conflict("the payment provider failed; start a new payment", status.as_str())
        }
        ProviderError::NotFound | ProviderError::Unexpected { .. } => Problem::internal(error),
    }
}

/// Maps a settlement error to a problem.
pub(crate) fn unsettled(error: SettlementError) -> ApiError {
    match error {
        SettlementError::Store(error) => error.into(),
        SettlementError::Provider(error) => problem(error, PaymentStatus::Pending).into(),
        SettlementError::Disagreement(error) => Problem::internal(error).into(),
        SettlementError::Unknown => Problem::not_found().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_of_the_provider_has_a_status_and_tells_nothing_internal() {
        let reason = || "status 500, req_canary".to_owned();
        for (error, status, validity) in [
            (ProviderError::Unavailable { reason: reason() }, 503, false),
            (ProviderError::Misconfigured { reason: reason() }, 503, false),
            (ProviderError::KeySpent { reason: reason() }, 409, true),
            (ProviderError::Refused { code: reason(), message: "Too small.".to_owned() }, 409, true),
            (ProviderError::NotFound, 500, false),
            (ProviderError::Unexpected { reason: "canary" }, 500, false),
        ] {
            assert_eq!(is_lasting(&error), validity, "{error:?}");
            let problem = problem(error, PaymentStatus::Canceled);
            assert_eq!(problem.status().as_u16(), status);
            let body = serde_json::to_string(&problem).unwrap();
            assert!(!body.contains("canary"), "{body}");
        }
    }
}
