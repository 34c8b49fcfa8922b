//! Payments by a customer's contacts, of the invoices that they see. As those of the company's people, with two
//! differences: the invoice stands in the path, and another customer's does not exist.

use api::{Answer, ApiResult, Body, InCustomer, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    Currency, PaymentId, Reference, UserId, UtcTime,
    invoice::Invoice,
    money::Amount,
    payment::{Payment, PaymentStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    cancel::{CancelPayment, cancel},
    show::PaymentResponse,
    start::{CreatePaymentResponse, Payer, Wanted, seen, start},
};

/// A payment, as the customer sees it: not who of the company, or which other contact, started it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerPayment)]
pub(crate) struct CustomerPaymentView {
    id: PaymentId,
    /// The invoice that is paid.
    invoice: Reference,
    /// In minor units of `currency`.
    amount_minor: Amount,
    currency: Currency,
    status: PaymentStatus,
    /// How much of it was refunded.
    refunded_minor: i64,
    /// How much of it the payment provider withdrew for disputes, open and lost ones.
    disputed_minor: i64,
    /// Whether you started it.
    own: bool,
    started_at: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<UtcTime>,
}

impl CustomerPaymentView {
    fn to(user: &UserId, payment: &Payment) -> Self {
        Self {
            id: payment.id.clone(),
            invoice: payment.invoice.clone(),
            amount_minor: payment.amount_minor,
            currency: payment.currency,
            status: payment.status,
            refunded_minor: payment.refunded_minor,
            disputed_minor: payment.disputed_minor,
            own: payment.started_by.as_ref() == Some(user),
            started_at: payment.started_at,
            ended_at: payment.ended_at,
        }
    }
}

/// One payment, as the customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPaymentResponse {
    payment: CustomerPaymentView,
}

/// A page of payments, as the customer sees them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPaymentPage {
    payments: Vec<CustomerPaymentView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// The payment of an invoice to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayInvoice {
    /// The amount to pay, in minor units of `currency`.
    amount_minor: Amount,
    /// The invoice's currency.
    currency: Currency,
}

/// Starts a payment of the customer's invoice, or resumes the caller's pending one.
///
/// A second payment while another is pending is refused where both are more than what is due: the `409` says how much
/// that is, and how much is pending since when. Everything else is as with `POST /v1/payments`.
///
/// Needs `payments.pay`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/payments",
    params(("reference" = Reference, Path)), request_body = PayInvoice,
    responses((status = 201, body = CreatePaymentResponse), (status = 200, body = CreatePaymentResponse)))]
pub(crate) async fn pay_invoice_as_customer(
    State(app): State<App>,
    caller: InCustomer<may::PaymentsPay>,
    Path(invoice): Path<Reference>,
    body: Body<PayInvoice>,
) -> ApiResult {
    let payer = Payer { caller: &caller, authority: caller.authority(), customer: Some(&caller.customer) };
    let PayInvoice { amount_minor, currency } = body.value;
    start(&app, &payer, &Wanted { invoice, amount_minor, currency }, &body.idempotent).await
}

/// Lists the payments of one of the customer's invoices, newest first.
///
/// Needs `payments.view`.
#[utoipa::path(get, path = "/v1/customer-portal/invoices/{reference}/payments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CustomerPaymentPage)))]
pub(crate) async fn list_payments_as_customer(
    State(app): State<App>,
    caller: InCustomer<may::PaymentsView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let (invoice, page) = app
        .api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.invoice(&reference),
            async |queries| queries.page(|tenant| tenant.payments(Some(&reference)), &request).await,
        )
        .await?;
    seen(Some(&caller.customer), invoice)?;
    let paged = PageInfo::from(&page);
    let user = &caller.caller.user;
    let payments = page.items.iter().map(|payment| CustomerPaymentView::to(user, payment)).collect();
    Answer::ok(&CustomerPaymentPage { payments, paged })
}

/// Shows a payment of one of the customer's invoices.
///
/// Needs `payments.view`.
#[utoipa::path(get, path = "/v1/customer-portal/invoices/{reference}/payments/{id}",
    params(("reference" = Reference, Path), ("id" = PaymentId, Path)),
    responses((status = 200, body = CustomerPaymentResponse)))]
pub(crate) async fn get_payment_as_customer(
    State(app): State<App>,
    caller: InCustomer<may::PaymentsView>,
    Path((reference, id)): Path<(Reference, PaymentId)>,
) -> ApiResult {
    let (invoice, payment) = app
        .api
        .store
        .load(&caller.authority(), caller.now(), |tenant| (tenant.invoice(&reference), tenant.payment(&id)))
        .await?;
    let payment = of_seen(&caller.customer, invoice, payment)?;
    Answer::ok(&CustomerPaymentResponse { payment: CustomerPaymentView::to(&caller.caller.user, &payment) })
}

/// Cancels a pending payment of one's own of the customer's invoice, and releases its amount.
///
/// The payment provider decides, as with `POST /v1/payments/{id}/cancel`. Those that others started are theirs.
///
/// Needs `payments.pay`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/payments/{id}/cancel",
    params(("reference" = Reference, Path), ("id" = PaymentId, Path)), request_body = CancelPayment,
    responses((status = 200, body = PaymentResponse)))]
pub(crate) async fn cancel_payment_as_customer(
    State(app): State<App>,
    caller: InCustomer<may::PaymentsPay>,
    Path((reference, id)): Path<(Reference, PaymentId)>,
    _: Body<CancelPayment>,
) -> ApiResult {
    let (invoice, payment) = app
        .api
        .store
        .load(&caller.authority(), caller.now(), |tenant| (tenant.invoice(&reference), tenant.payment(&id)))
        .await?;
    let payment = of_seen(&caller.customer, invoice, payment)?;
    cancel(&app, &caller, caller.authority(), payment).await
}

/// The payment, if it is of an invoice that this customer sees.
fn of_seen(customer: &Reference, invoice: Option<Invoice>, payment: Option<Payment>) -> Result<Payment, Problem> {
    let invoice = seen(Some(customer), invoice)?;
    payment.filter(|payment| payment.invoice == invoice.reference).ok_or_else(Problem::not_found)
}
