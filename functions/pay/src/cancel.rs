//! Cancels a payment.

use api::{Answer, ApiResult, Body, InCompany, InContext, Path, Problem};
use axum::extract::State;
use domain::{
    PaymentId, Permission,
    payment::{Payment, PaymentStatus, Progress},
    permission::may,
};
use payment_settlement::{Reported, Which, abandon, settle};
use serde::Deserialize;
use store::Authority;
use utoipa::ToSchema;

use crate::{
    App,
    provider::{problem, unsettled},
    show::PaymentResponse,
};

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelPayment {}

/// Cancels a pending payment and releases its amount.
///
/// The payment provider decides: a payment that succeeded in the meantime is settled as paid, and the
/// answer is `409`. Cancelling again answers the same, with or without an `Idempotency-Key`.
///
/// Needs `payments.pay`, and `payments.manage` for a payment that somebody else started, or the holder of a hosted link.
#[utoipa::path(post, path = "/v1/payments/{id}/cancel", params(("id" = PaymentId, Path)),
    request_body = CancelPayment, responses((status = 200, body = PaymentResponse)))]
pub(crate) async fn cancel_payment(
    State(app): State<App>,
    caller: InCompany<may::PaymentsPay>,
    Path(id): Path<PaymentId>,
    _: Body<CancelPayment>,
) -> ApiResult {
    let store = &app.api.store;
    let payment = store.load(&caller.authority(), caller.now(), |tenant| tenant.payment(&id)).await?;
    cancel(&app, &caller, caller.authority(), payment.ok_or_else(Problem::not_found)?).await
}

/// Cancels a pending payment that the caller sees. `authority` is that to pay.
pub(crate) async fn cancel(app: &App, caller: &InContext, authority: Authority, payment: Payment) -> ApiResult {
    let store = &app.api.store;
    let is_own = payment.started_by.as_ref() == Some(&caller.caller.user);
    let authority = if is_own { authority } else { caller.needs(Permission::PaymentsManage) };
    if !is_own {
        store.prove(&authority, caller.now()).await?;
    }

    let change_context = caller.change_context();
    let which = Which::from(&payment);
    let settled = match payment.progress() {
        Progress::Ended => return answer(&payment),
        Progress::Unopened => abandon(store, &authority, &change_context, which).await,
        Progress::Open(at_provider) => {
            let failed = |error| problem(error, payment.status);
            let stripe = app.provider.at(caller.now()).await.map_err(failed)?;
            let reported = Reported::cancel(&stripe, at_provider).await.map_err(failed)?;
            settle(store, &stripe, &authority, &change_context, which, &reported).await
        }
    };
    answer(&settled.map_err(unsettled)?.into_payment())
}

fn answer(payment: &Payment) -> ApiResult {
    let why = match payment.status {
        PaymentStatus::Canceled => return Answer::ok(&PaymentResponse::from(payment)),
        PaymentStatus::Succeeded => "it has succeeded",
        PaymentStatus::Pending => "the provider is taking the money; look again later",
    };
    Err(Problem::conflict(why, payment.status.as_str()).into())
}
