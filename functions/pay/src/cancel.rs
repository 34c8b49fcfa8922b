//! Giving a payment up.

use axum::extract::State;
use domain::{
    PaymentId, Permission,
    payment::{Payment, PaymentStatus, Progress},
};
use edge::{Answer, Body, InContext, Outcome, Path, Problem};
use serde::Deserialize;
use settlement::{abandon, settle};
use utoipa::ToSchema;

use crate::{
    App,
    provider::{problem, unsettled},
    view::OnePayment,
};

/// Nothing needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancellation {}

/// Gives a pending payment up, so that no money can move on it, and frees its amount. Needs
/// `payments.pay`.
///
/// What the provider says decides: a payment that succeeded in the meantime is settled as such
/// and answered 409. Doing it again answers the same, with or without an `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/payments/{id}/cancel", tag = "pay", params(("id" = PaymentId, Path)),
    request_body = Cancellation, responses((status = 200, body = OnePayment)))]
pub(crate) async fn cancel_payment(
    State(app): State<App>,
    caller: InContext,
    Path(id): Path<PaymentId>,
    _: Body<Cancellation>,
) -> Outcome {
    caller.company(Permission::PaymentsPay)?;
    let authority = caller.needs(Permission::PaymentsPay);
    let store = &app.edge.store;
    let payment = store
        .load(&authority, caller.now(), None, |tenant| tenant.payment(&id))
        .await?
        .ok_or_else(Problem::not_found)?;

    let stamp = caller.stamp();
    let settled = match payment.progress() {
        Progress::Ended => return answer(&payment),
        Progress::Unopened => abandon(store, &authority, &stamp, &id, &payment.invoice).await,
        Progress::Open(provider_id) => {
            let failed = |error| problem(error, payment.status);
            let stripe = app.provider.at(caller.now()).await.map_err(failed)?;
            let intent = stripe.cancel_intent(provider_id).await.map_err(failed)?;
            settle(store, &authority, &stamp, &id, &payment.invoice, &intent).await
        }
    };
    answer(&settled.map_err(unsettled)?.into_payment())
}

fn answer(payment: &Payment) -> Outcome {
    let why = match payment.status {
        PaymentStatus::Canceled => return Answer::ok(&OnePayment::from(payment)),
        PaymentStatus::Succeeded => "it has succeeded",
        PaymentStatus::Pending => "the provider is taking the money; look again later",
    };
    Err(Problem::conflict(why, payment.status.as_str()).into())
}
