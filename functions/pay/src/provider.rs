//! Calls of the payment provider while a person waits.

use api::{ApiError, InContext, Problem, ProblemType};
use domain::{
    Actor, Org, Permission,
    payment::{AtProvider, Payment, PaymentStatus},
};
use payment_settlement::{Reported, SettlementError, abandon, settle};
use payments::{ExposeSecret, Intent, NewIntent, ProviderError, Stripe};
use serde::Serialize;
use store::{Authority, ChangeContext, StoreError};
use utoipa::ToSchema;

use crate::App;

/// The provider's name as an actor in events.
pub(crate) const ACTOR: &str = PROVIDER;
/// The provider's name in answers.
pub(crate) const PROVIDER: &str = "stripe";
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
    let status = end(app, &stripe, caller.change_context(), payment, &intent.into()).await?.status;
    Err(Problem::conflict("your payment has ended; read the invoice again", status.as_str()).into())
}

fn given_out(intent: Intent) -> Result<Checkout, ApiError> {
    let secret = intent.client_secret.ok_or_else(|| Problem::internal("an intent without client secret"))?;
    Ok(Checkout { name: PROVIDER, client_secret: secret.expose_secret().to_owned() })
}

/// Creates an intent for a payment and records its id.
async fn open(app: &App, caller: &InContext, stripe: &Stripe, payment: &Payment) -> Result<Intent, ApiError> {
    let description = description(payment);
    let intent = match stripe.create_intent(&wanted(payment, &description)).await {
        Ok(intent) => intent,
        Err(error) => return Err(not_created(app, caller.change_context(), payment, error).await),
    };
    let authority = caller.needs(Permission::PaymentsPay);
    record(app, &authority, caller.change_context(), payment, AtProvider::Intent(&intent.id)).await?;
    Ok(intent)
}

/// What the payer sees with the provider. Built only from fields that never change: the provider accepts one request
/// for each idempotency key.
pub(crate) fn description(payment: &Payment) -> String {
    format!("Invoice {}", payment.invoice)
}

/// What the provider collects for a payment.
pub(crate) fn wanted<'a>(payment: &'a Payment, description: &'a str) -> NewIntent<'a> {
    NewIntent {
        payment_id: &payment.id,
        company_id: &payment.company,
        invoice_reference: &payment.invoice,
        amount: payment.amount_minor,
        currency: payment.currency,
        description,
    }
}

/// Says why the provider made nothing for a payment, and releases the reserved amount of one that it refuses for good.
pub(crate) async fn not_created(
    app: &App,
    change_context: ChangeContext,
    payment: &Payment,
    error: ProviderError,
) -> ApiError {
    if is_lasting(&error)
        && let Err(stop) = give_up(app, change_context, payment).await
    {
        return stop;
    }
    problem(error, PaymentStatus::Canceled).into()
}

/// Records what the provider has for a payment. The same request may run twice at once; both get the same from the
/// provider, and one of them records it. Any other concurrent change has ended the payment. `authority` is that of the
/// payer.
pub(crate) async fn record(
    app: &App,
    authority: &Authority,
    change_context: ChangeContext,
    payment: &Payment,
    at_provider: AtProvider<'_>,
) -> Result<(), ApiError> {
    let (store, now) = (&app.api.store, change_context.at);
    let mut change = store.change(&system(payment), change_context);
    change.put(|tenant| tenant.payment(&payment.id), Some(payment.version), &payment.open(at_provider));
    match change.commit().await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict) => {
            let known: Option<Payment> = store.load(authority, now, |tenant| tenant.payment(&payment.id)).await?;
            let is_same = known.is_some_and(|known| known.at_provider() == Some(at_provider));
            if is_same { Ok(()) } else { Err(StoreError::Conflict.into()) }
        }
        Err(error) => Err(error.into()),
    }
}

/// Settles a payment by what the provider says, as the provider does; returns the payment as it is then.
pub(crate) async fn end(
    app: &App,
    stripe: &Stripe,
    change_context: ChangeContext,
    payment: &Payment,
    reported: &Reported,
) -> Result<Payment, ApiError> {
    let change_context = ChangeContext { actor: Actor::machine(ACTOR), ..change_context };
    let settled = settle(&app.api.store, stripe, &system(payment), &change_context, payment.into(), reported).await;
    Ok(settled.map_err(unsettled)?.into_payment())
}

/// Releases the reserved amount of a payment that was never opened.
pub(crate) async fn give_up(app: &App, change_context: ChangeContext, payment: &Payment) -> Result<(), ApiError> {
    let change_context = ChangeContext { actor: Actor::machine(ACTOR), ..change_context };
    abandon(&app.api.store, &system(payment), &change_context, payment.into()).await.map(drop).map_err(unsettled)
}

/// The stack's own authority: a payment ends as the provider says, also where a link's holder asks.
fn system(payment: &Payment) -> Authority {
    Authority::System(Org::Company(payment.company.clone()))
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
                    "the payment provider does not answer; send the same request again, with its Idempotency-Key if it had one",
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
