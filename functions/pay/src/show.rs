//! Lists and shows payments.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Name, PaymentId, Reference, UserId, UtcTime,
    invoice::PayingLink,
    money::Amount,
    payment::{Payment, PaymentStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::{IntoParams, ToSchema};

/// A payment of an invoice. Also parsed from the answer that is stored for a replay.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentView {
    pub(crate) id: PaymentId,
    /// The invoice that is paid.
    invoice: Reference,
    /// In minor units of `currency`.
    amount_minor: Amount,
    currency: Currency,
    status: PaymentStatus,
    /// How much of it was refunded.
    #[serde(default)]
    refunded_minor: i64,
    /// How much of it the payment provider withdrew for disputes, open and lost ones.
    #[serde(default)]
    disputed_minor: i64,
    /// The person who started it, signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_by: Option<UserId>,
    /// The hosted link through which it was started, if nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_through: Option<PayingLink>,
    /// The name of the person who started it, or of the link's contact, at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_by_name: Option<Name>,
    started_at: UtcTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<UtcTime>,
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id.clone(),
            invoice: payment.invoice.clone(),
            amount_minor: payment.amount_minor,
            currency: payment.currency,
            status: payment.status,
            refunded_minor: payment.refunded_minor,
            disputed_minor: payment.disputed_minor,
            started_by: payment.started_by.clone(),
            started_through: payment.started_through.clone(),
            started_by_name: payment.started_by_name.clone(),
            started_at: payment.started_at,
            ended_at: payment.ended_at,
        }
    }
}

/// One payment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct PaymentResponse {
    pub(crate) payment: PaymentView,
}

impl From<&Payment> for PaymentResponse {
    fn from(payment: &Payment) -> Self {
        Self { payment: payment.into() }
    }
}

/// A page of payments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentPage {
    pub(crate) payments: Vec<PaymentView>,
    #[serde(flatten)]
    pub(crate) paged: PageInfo,
}

/// Filters for the list of payments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichPayments {
    /// Only payments of this invoice. Default: all.
    #[serde(default)]
    invoice: Option<Reference>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's payments, newest first.
///
/// Needs `payments.view`.
#[utoipa::path(get, path = "/v1/payments", params(WhichPayments), responses((status = 200, body = PaymentPage)))]
pub(crate) async fn list_payments(
    State(api): State<Api>,
    caller: InCompany<may::PaymentsView>,
    Query(which): Query<WhichPayments>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let listing = |tenant: &Tenant| tenant.payments(which.invoice.as_ref());
    let page = api.store.page(&caller.authority(), caller.now(), listing, &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&PaymentPage { payments: page.items.iter().map(Into::into).collect(), paged })
}

/// Shows a payment.
///
/// Needs `payments.view`.
#[utoipa::path(get, path = "/v1/payments/{id}", params(("id" = PaymentId, Path)),
    responses((status = 200, body = PaymentResponse)))]
pub(crate) async fn get_payment(
    State(api): State<Api>,
    caller: InCompany<may::PaymentsView>,
    Path(id): Path<PaymentId>,
) -> ApiResult {
    let payment = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.payment(&id)).await?;
    let payment = payment.ok_or_else(Problem::not_found)?;
    Answer::ok(&PaymentResponse::from(&payment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_kept_for_a_replay_reads_back_as_it_was() {
        let payment = Payment {
            id: "py_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
            company: "co_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
            invoice: "INV-1".parse().unwrap(),
            amount_minor: 1000.try_into().unwrap(),
            currency: "EUR".parse().unwrap(),
            status: PaymentStatus::Pending,
            refunded_minor: 0,
            disputed_minor: 0,
            provider_id: None,
            session_id: None,
            started_by: Some("owner".parse().unwrap()),
            started_through: None,
            started_by_name: Some("Otto Owner".parse().unwrap()),
            started_at: UtcTime::EPOCH,
            ended_at: None,
            check_at: None,
            version: 1,
        };
        let kept = Answer::created(&PaymentResponse::from(&payment)).unwrap().body();
        let read: PaymentResponse = api::input::from_json(kept.as_bytes()).unwrap();
        assert_eq!(Answer::created(&read).unwrap().body(), kept);
    }
}
