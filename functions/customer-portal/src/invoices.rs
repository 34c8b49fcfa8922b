//! Invoices of the caller's customer.

use api::{Answer, Api, ApiResult, Body, InCustomer, PageInfo, PageQuery, Path, Query};
use axum::extract::State;
use domain::{
    Reference,
    invoice::{Invoice, InvoiceState, InvoiceStatus},
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::{
    comments::{self, CreateCustomerComment, CustomerCommentPage, CustomerCommentResponse, MarkCustomerCommentsRead},
    document::{self, DocumentViewed, NoteDocumentView},
    list::{Filter, listed},
    view::{DocumentContents, InvoiceView},
};

/// One invoice, with its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerInvoiceDetails {
    #[serde(flatten)]
    invoice: InvoiceView,
    #[serde(flatten)]
    contents: DocumentContents,
}

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerInvoiceResponse {
    invoice: CustomerInvoiceDetails,
}

/// A page of invoices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerInvoicePage {
    invoices: Vec<InvoiceView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the customer's invoices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCustomerInvoices {
    /// Only those with this status. Default: all.
    #[serde(default)]
    status: Option<InvoiceStatus>,
    /// Only those that were issued on this day or later.
    #[serde(default)]
    from: Option<Day>,
    /// Only those that were issued on this day or earlier.
    #[serde(default)]
    until: Option<Day>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the customer's invoices, the last issued first; drafts never.
///
/// A page may be short, and still say where to go on: others are left out.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/invoices", params(WhichCustomerInvoices),
    responses((status = 200, body = CustomerInvoicePage)))]
pub(crate) async fn list_customer_invoices(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Query(which): Query<WhichCustomerInvoices>,
) -> ApiResult {
    let WhichCustomerInvoices { status, from, until, limit, cursor } = which;
    let filter = Filter { from, until, limit, cursor };
    let may_keep = |invoice: &Invoice| status.is_none_or(|status| may_be(invoice.state, status));
    let keep = |invoice: &Invoice, today| status.is_none_or(|status| invoice.status(today) == status);
    let (page, today) = listed(&api, &caller, filter, may_keep, keep).await?;
    let paged = PageInfo::from(&page);
    let Page { items, .. } = page;
    Answer::ok(&CustomerInvoicePage {
        invoices: items.iter().map(|invoice| InvoiceView::of(invoice, today)).collect(),
        paged,
    })
}

/// Shows an invoice of the customer, with its lines.
///
/// That it was seen is noted by a request of its own, `POST …/viewed`.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/invoices/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = CustomerInvoiceResponse)))]
pub(crate) async fn get_customer_invoice(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (invoice, contents, today) = document::open::<Invoice, _>(&api, &caller, &reference).await?;
    let invoice = CustomerInvoiceDetails { invoice: InvoiceView::of(&invoice, today), contents };
    Answer::ok(&CustomerInvoiceResponse { invoice })
}

/// Notes that the caller saw an invoice of the customer; the page sends it once it is shown.
///
/// Counted for each content and contact. Where the content is another by now, the answer is `409`.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/viewed",
    params(("reference" = Reference, Path)), request_body = NoteDocumentView,
    responses((status = 200, body = DocumentViewed)))]
pub(crate) async fn note_customer_invoice_view(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<NoteDocumentView>,
) -> ApiResult {
    Answer::ok(&document::note_view::<Invoice, _>(&api, &caller, &reference, &body.value).await?)
}

/// Lists the comments on an invoice that the customer sees, oldest first.
///
/// A page may be short, and still say where to go on.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/invoices/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CustomerCommentPage)))]
pub(crate) async fn list_customer_invoice_comments(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    comments::list::<Invoice, _>(&api, &caller, &reference, &query).await
}

/// Comments on an invoice of the customer.
///
/// Needs `invoices.comment`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateCustomerComment,
    responses((status = 201, body = CustomerCommentResponse)))]
pub(crate) async fn comment_on_customer_invoice(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateCustomerComment>,
) -> ApiResult {
    comments::add::<Invoice, _>(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on an invoice.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCustomerCommentsRead,
    responses((status = 204)))]
pub(crate) async fn read_customer_invoice_comments(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCustomerCommentsRead>,
) -> ApiResult {
    comments::mark_read::<Invoice, _>(&api, &caller, &reference, &body.value).await
}

/// Whether an invoice in this state may have this status on some day.
const fn may_be(state: InvoiceState, status: InvoiceStatus) -> bool {
    match status {
        InvoiceStatus::Draft => matches!(state, InvoiceState::Draft),
        InvoiceStatus::Sent | InvoiceStatus::Viewed | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue => {
            matches!(state, InvoiceState::Open)
        }
        InvoiceStatus::Paid | InvoiceStatus::Credited => matches!(state, InvoiceState::Settled),
        InvoiceStatus::Void => matches!(state, InvoiceState::Void),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_status_is_looked_for_in_the_state_that_may_have_it() {
        let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
        for state in [InvoiceState::Open, InvoiceState::Settled, InvoiceState::Void] {
            for (paid_minor, credited_minor) in [(0, 0), (500, 0), (0, 9_000)] {
                let stored = json!({
                    "company": "co_00000000000000000000000000000001", "reference": "INV-1", "number": "1",
                    "customer": "CUS-1", "customer_name": "Loja Azul", "currency": "EUR", "total_minor": 9_000,
                    "issued_on": "2026-11-01", "due_on": "2026-11-21", "lines": [], "taxes": [],
                    "totals": { "lines_minor": 9_000, "net_minor": 9_000, "tax_minor": 0, "gross_minor": 9_000 },
                    "state": state, "source": "ledger", "revision": 1, "content_digest": "0".repeat(64),
                    "credited_minor": credited_minor, "paid_minor": paid_minor, "due_minor": 0, "version": 3,
                });
                let invoice: Invoice = serde_json::from_value(stored).unwrap();
                for today in [day("2026-11-21"), day("2026-11-22")] {
                    assert!(may_be(state, invoice.status(today)), "{state:?} {today}");
                }
            }
        }
    }
}
