//! Starts a payment.

use api::{Answer, ApiError, ApiResult, Body, Idempotent, InCompany, InContext, Problem, clock, input::from_json};
use axum::extract::State;
use domain::{
    Currency, PaymentId, Permission, Reference,
    invoice::{Invoice, InvoiceState, PendingPayment},
    money::Amount,
    payment::{self, NewPayment, PayError, Payment, PaymentStart, PaymentStatus},
    permission::may,
    sales::SentDocument,
};
use payments::minimum_minor;
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, Idempotency, StoreError, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    provider::{Checkout, checkout, resume_checkout},
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

/// Starts a payment of an invoice, in whole or in part, or resumes the caller's pending one.
///
/// A person has one pending payment of an invoice: a request for the same amount resumes it (`200`), one for
/// another amount is refused. Where others are paying, the `409` names their payments. An amount is refused
/// if it, or what it would leave due, is less than the payment provider takes.
///
/// After a `503` the payment may have been started: send the same request with the same `Idempotency-Key`
/// to complete it.
///
/// Needs `payments.pay`.
#[utoipa::path(post, path = "/v1/payments", request_body = CreatePayment,
    responses((status = 201, body = CreatePaymentResponse), (status = 200, body = CreatePaymentResponse)))]
pub(crate) async fn start_payment(
    State(app): State<App>,
    caller: InCompany<may::PaymentsPay>,
    body: Body<CreatePayment>,
) -> ApiResult {
    let payer = Payer { caller: &caller, authority: caller.authority(), customer: None };
    let CreatePayment { invoice, amount_minor, currency } = body.value;
    start(&app, &payer, &Wanted { invoice, amount_minor, currency }, &body.idempotent).await
}

/// Who pays, and from where.
pub(crate) struct Payer<'c> {
    pub(crate) caller: &'c InContext,
    /// The authority to pay.
    pub(crate) authority: Authority,
    /// The customer whose invoices the payer sees; `None` for those who see all.
    pub(crate) customer: Option<&'c Reference>,
}

/// The invoice, if there is one that its payer sees: a customer's contacts see the customer's alone.
pub(crate) fn seen(customer: Option<&Reference>, invoice: Option<Invoice>) -> Result<Invoice, Problem> {
    let sees = |invoice: &Invoice| customer.is_none_or(|customer| invoice.is_shown_to(customer));
    invoice.filter(sees).ok_or_else(Problem::not_found)
}

/// What is to be paid.
pub(crate) struct Wanted {
    pub(crate) invoice: Reference,
    pub(crate) amount_minor: Amount,
    pub(crate) currency: Currency,
}

/// Starts a payment, or resumes the payer's pending one.
pub(crate) async fn start(app: &App, payer: &Payer<'_>, wanted: &Wanted, idempotent: &Idempotent) -> ApiResult {
    let Payer { caller, authority, customer } = payer;
    let Wanted { invoice: reference, amount_minor, currency } = wanted;
    let idempotency = idempotent.by(&caller.caller.user);
    let id = PaymentId::from_uuid(clock::new_uuid());
    let new = NewPayment {
        id: &id,
        amount_minor: *amount_minor,
        currency: *currency,
        provider_minimum_minor: minimum_minor(*currency),
        user: &caller.caller.user,
        user_name: &caller.context.claims().name,
        at: caller.now(),
    };

    // People may pay parts of one invoice at once: after a conflict, the rest of the amount is checked again.
    let started = retry_on_conflict(|| async {
        let invoice = app
            .api
            .store
            .load_once(authority, caller.now(), idempotency.as_ref(), |tenant| tenant.invoice(reference))
            .await??;
        let invoice = seen(*customer, invoice)?;
        let (reserved, payment, event) = match payment::start(&invoice, &new).map_err(|error| told(*customer, error))? {
            PaymentStart::Started(started) => *started,
            PaymentStart::Resumed(pending) => {
                let payment = resume(app, caller, authority, idempotency.as_ref(), &pending.id).await?;
                return Ok((false, payment));
            }
        };
        let mut change = app.api.store.change(authority, caller.change_context());
        change.put(|tenant| tenant.invoice(reference), Some(invoice.version), &reserved);
        change.put(|tenant| tenant.payment(&id), None, &payment);
        change.record(event);
        // The answer is stored without the client secret; a replay asks the provider for it again.
        let kept = Answer::created(&PaymentResponse::from(&payment))?;
        kept.commit(change, idempotency.as_ref()).await??;
        Ok((true, payment))
    })
    .await;

    match started {
        Ok((is_new, payment)) => {
            let provider = if is_new {
                checkout(app, caller, &payment).await?
            } else {
                resume_checkout(app, caller, &payment).await?
            };
            Answer::put(is_new, &CreatePaymentResponse { payment: PaymentView::from(&payment), provider })
        }
        Err(ApiError::Replay(first)) => replay(app, caller, &first).await,
        Err(stop) => Err(stop),
    }
}

/// The payment that the caller has pending. A request with an idempotency key stays bound to it, so that its
/// repetition never starts another one.
async fn resume(
    app: &App,
    caller: &InContext,
    authority: &Authority,
    idempotency: Option<&Idempotency>,
    id: &PaymentId,
) -> Result<Payment, Attempt<ApiError>> {
    let store = &app.api.store;
    let payment = store.load(authority, caller.now(), |tenant| tenant.payment(id)).await?;
    // One that ended after the invoice was read: the invoice says now what is due.
    let payment = payment.filter(|payment| payment.status == PaymentStatus::Pending).ok_or(StoreError::Conflict)?;
    if idempotency.is_some() {
        let mut change = store.change(authority, caller.change_context());
        change.unchanged(|tenant| tenant.payment(id), payment.version);
        Answer::ok(&PaymentResponse::from(&payment))?.commit(change, idempotency).await??;
    }
    Ok(payment)
}

/// Repeats the answer of an earlier, identical request, whether or not that answer reached the caller.
async fn replay(app: &App, caller: &InContext, first: &Answer) -> ApiResult {
    let is_new = first.status() == 201;
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
            Ok(Answer::put(is_new, &CreatePaymentResponse { payment: first, provider })?.replayed())
        }
        PaymentStatus::Canceled => {
            Err(Problem::conflict("the payment was given up; start a new one", payment.status.as_str()).into())
        }
    }
}

/// What a payer is told: a customer's contacts how much is due and how much is pending since when, and nothing of who
/// pays it.
fn told(customer: Option<&Reference>, error: PayError) -> Problem {
    match error {
        PayError::MoreThanDue { due_minor, pending } if customer.is_some() => {
            let one = |payment: &PendingPayment| {
                format!("; a payment of {} is pending since {}", payment.amount_minor.minor(), payment.started_at)
            };
            let pending: Vec<String> = pending.iter().map(one).collect();
            Problem::conflict(format!("only {due_minor} is due{}", pending.concat()), InvoiceState::Open.as_str())
        }
        error => refusal(error),
    }
}

pub(crate) fn refusal(error: PayError) -> Problem {
    let detail = error.to_string();
    match error {
        PayError::NotOpen(status) => Problem::conflict(detail, status.as_str()),
        PayError::OwnPending(own) => {
            Problem::conflict(detail, PaymentStatus::Pending.as_str()).pending_payments(vec![*own])
        }
        PayError::MoreThanDue { pending, .. } => {
            Problem::conflict(detail, InvoiceState::Open.as_str()).pending_payments(pending)
        }
        PayError::NotOnline | PayError::TooManyPending => Problem::conflict(detail, InvoiceState::Open.as_str()),
        PayError::BelowMinimum { .. } => Problem::field("amount_minor", detail),
        PayError::Currency(_) => Problem::field("currency", detail),
    }
}

#[cfg(test)]
mod tests {
    use domain::UtcTime;

    use super::*;

    #[test]
    fn every_refusal_says_why() {
        let pending = PendingPayment {
            id: "py_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
            started_by: Some("petra".parse().unwrap()),
            started_through: None,
            started_by_name: Some("Petra Payer".parse().unwrap()),
            started_at: UtcTime::EPOCH,
            amount_minor: 30.try_into().unwrap(),
        };
        let others = || vec![pending.clone()];
        for (error, status, said) in [
            (PayError::NotOpen(InvoiceState::Void), 409, r#""state":"void""#),
            (PayError::MoreThanDue { due_minor: 70, pending: Vec::new() }, 409, "only 70 is due"),
            (PayError::MoreThanDue { due_minor: 70, pending: others() }, 409, r#""started_by_name":"Petra Payer""#),
            (
                PayError::OwnPending(Box::new(pending.clone())),
                409,
                r#""payments":[{"id":"py_0192f5c4a7b87c3d9e0f112233445566""#,
            ),
            (PayError::TooManyPending, 409, r#""state":"open""#),
            (PayError::NotOnline, 409, "not paid online"),
            (PayError::BelowMinimum { due_minor: 80, minimum_minor: 50 }, 422, r#""field":"amount_minor""#),
            (PayError::Currency("EUR".parse().unwrap()), 422, r#""field":"currency""#),
        ] {
            let problem = refusal(error);
            assert_eq!(problem.status().as_u16(), status, "{said}");
            let body = serde_json::to_string(&problem).unwrap();
            assert!(body.contains(said), "{body}");
        }
        let customer = "CUS-1".parse().unwrap();
        let problem = told(Some(&customer), PayError::MoreThanDue { due_minor: 70, pending: others() });
        let body = serde_json::to_string(&problem).unwrap();
        assert!(body.contains("only 70 is due; a payment of 30 is pending since 1970-01-01"), "{body}");
        assert!(!["Petra", "petra", "py_"].iter().any(|theirs| body.contains(theirs)), "{body}");
    }
}
