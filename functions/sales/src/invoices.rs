//! Lists and shows invoices, and who saw them.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Path, Query, paging::page_request};
use axum::extract::State;
use domain::{Reference, invoice::InvoiceState, permission::may};
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::{IntoParams, ToSchema};
use views::{InvoiceView, Shown};

use crate::show::{self, DocumentViewPage};

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceResponse {
    pub(crate) invoice: InvoiceView,
}

/// A page of invoices, without their lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoicePage {
    invoices: Vec<InvoiceView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of invoices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichInvoices {
    /// Only invoices in this state, by due date. Default: all, by reference.
    #[serde(default)]
    state: Option<InvoiceState>,
    /// Only invoices that were sent to this customer, the last issued first. Not together with `state`.
    #[serde(default)]
    customer: Option<Reference>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's invoices.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices", params(WhichInvoices),
    responses((status = 200, body = InvoicePage)))]
pub(crate) async fn list_invoices(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Query(which): Query<WhichInvoices>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    show::one_filter(which.state.is_some(), which.customer.is_some())?;
    let listing = |tenant: &Tenant| match &which.customer {
        Some(customer) => tenant.invoices_of_customer(&caller.company, customer),
        None => tenant.invoices(which.state),
    };
    let (page, today) = show::page(&api, &caller.authority(), caller.now(), listing, &request).await?;
    let paged = PageInfo::from(&page);
    let invoices = page.items.into_iter().map(|invoice| invoice.listed(today)).collect();
    Answer::ok(&InvoicePage { invoices, paged })
}

/// Shows an invoice with its lines.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = InvoiceResponse)))]
pub(crate) async fn get_invoice(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (invoice, today) = show::read(&api, &caller.authority(), caller.now(), Tenant::invoice, &reference).await?;
    Answer::ok(&InvoiceResponse { invoice: invoice.shown(today) })
}

/// Lists who at the customer saw which revision of an invoice, the last revision first.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices/{reference}/views",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = DocumentViewPage)))]
pub(crate) async fn list_invoice_views(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    show::views(&api, &caller.authority(), caller.now(), Tenant::invoice, &reference, &query).await
}
