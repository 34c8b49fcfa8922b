//! Starts a payment.

use api::{Answer, ApiError, ApiResult, Body, InCompany, InContext, Problem, clock, input::from_json};
use axum::extract::State;
use domain::{
    Currency, PaymentId, Permission, Reference,
    invoice::InvoiceStatus,
    money::Amount,
    payment::{self, PayError, PaymentStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::{
    App,
    provider::{Checkout, checkout},
    show::{PaymentResponse, PaymentView},
};

/// The payment to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePayment {
    /// The invoice.
    invoice: Reference,
    /// The amount to pay, in minor units of `currency`.
    amount_minor: Amount,
    /// The invoice's currency.
    currency: Currency,
}

/// A started payment, and the data that completes it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatePaymentResponse {
    payment: PaymentView,
    provider: Checkout,
}

/// Starts a payment of an invoice, in whole or in part.
///
/// After a `503` the payment may have been started: send the same request with the same `Idempotency-Key`
/// to complete it.
///
/// Needs `payments.pay`.
#[utoipa::path(post, path = "/v1/payments", request_body = CreatePayment,
    responses((status = 201, body = CreatePaymentResponse)))]
pub(crate) async fn start_payment(
    State(app): State<App>,
    caller: InCompany<may::PaymentsPay>,
    body: Body<CreatePayment>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let CreatePayment { invoice: reference, amount_minor, currency } = body.value;
    let id = PaymentId::from_uuid(clock::new_uuid());

    // People may pay parts of one invoice at once: after a conflict, the rest of the amount is checked again.
    let started = retry_on_conflict(|| async {
        let invoice = app
            .api
            .store
            .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.invoice(&reference))
            .await??
            .ok_or_else(Problem::not_found)?;
        let user = &caller.caller.user;
        let (reserved, payment, event) =
            payment::start(&invoice, id.clone(), amount_minor, currency, user, caller.now()).map_err(refusal)?;

        let mut change = app.api.store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.invoice(&reference), Some(invoice.version), &reserved);
        change.put(|tenant| tenant.payment(&id), None, &payment);
        change.record(event);
        // The answer is stored without the client secret; a replay asks the provider for it again.
        let kept = Answer::created(&PaymentResponse::from(&payment))?;
        kept.commit(change, idempotency.as_ref()).await??;
        Ok(payment)
    })
    .await;

    match started {
        Ok(payment) => {
            let provider = checkout(&app, &caller, &payment).await?;
            Answer::created(&CreatePaymentResponse { payment: PaymentView::from(&payment), provider })
        }
        Err(ApiError::Replay(first)) => replay(&app, &caller, &first).await,
        Err(stop) => Err(stop),
    }
}

/// Repeats the answer of an earlier, identical request, whether or not that answer reached the caller.
async fn replay(app: &App, caller: &InContext, first: &Answer) -> ApiResult {
    let PaymentResponse { payment: first } = from_json(first.body().as_bytes())?;
    let authority = caller.needs(Permission::PaymentsPay);
    let payment = app
        .api
        .store
        .load(&authority, caller.now(), |tenant| tenant.payment(&first.id))
        .await?
        .ok_or_else(|| Problem::internal("a payment that was answered for is not there"))?;
    match payment.status {
        PaymentStatus::Pending | PaymentStatus::Succeeded => {
            let provider = checkout(app, caller, &payment).await?;
            Ok(Answer::created(&CreatePaymentResponse { payment: first, provider })?.replayed())
        }
        PaymentStatus::Canceled => {
            Err(Problem::conflict("the payment was given up; start a new one", payment.status.as_str()).into())
        }
    }
}

fn refusal(error: PayError) -> Problem {
    match error {
        PayError::NotOpen(status) => Problem::conflict(error, status.as_str()),
        PayError::MoreThanDue { .. } => Problem::conflict(error, InvoiceStatus::Open.as_str()),
        PayError::Currency(_) => Problem::field("currency", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_why() {
        for (error, status, said) in [
            (PayError::NotOpen(InvoiceStatus::Void), 409, r#""state":"void""#),
            (PayError::MoreThanDue { due_minor: 70 }, 409, "only 70 is due"),
            (PayError::Currency("EUR".parse().unwrap()), 422, r#""field":"currency""#),
        ] {
            let problem = refusal(error);
            assert_eq!(problem.status().as_u16(), status, "{error}");
            let body = serde_json::to_string(&problem).unwrap();
            assert!(body.contains(said), "{body}");
        }
    }
}
