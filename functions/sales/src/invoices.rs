//! Lists and shows invoices.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Name, Note, Reference,
    invoice::{Invoice, InvoiceAmounts, InvoiceStatus},
    money::Total,
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub(crate) struct InvoiceView {
    reference: Reference,
    number: Name,
    counterparty: Name,
    currency: Currency,
    total_minor: Total,
    #[serde(flatten)]
    amounts: InvoiceAmounts,
    status: InvoiceStatus,
    issued_on: Day,
    due_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
}

impl From<Invoice> for InvoiceView {
    fn from(invoice: Invoice) -> Self {
        let amounts = invoice.amounts();
        let terms = invoice.terms;
        Self {
            reference: invoice.reference,
            number: terms.number,
            counterparty: terms.counterparty,
            currency: terms.currency,
            total_minor: terms.total_minor,
            amounts,
            status: invoice.status,
            issued_on: terms.issued_on,
            due_on: terms.due_on,
            description: terms.description,
        }
    }
}

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceResponse {
    invoice: InvoiceView,
}

/// A page of invoices.
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
    status: Option<InvoiceStatus>,
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
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.invoices(which.status), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&InvoicePage { invoices: page.items.into_iter().map(Into::into).collect(), paged })
}

/// Shows an invoice.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = InvoiceResponse)))]
pub(crate) async fn get_invoice(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let invoice = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.invoice(&reference)).await?;
    let invoice = invoice.ok_or_else(Problem::not_found)?;
    Answer::ok(&InvoiceResponse { invoice: invoice.into() })
}

#[cfg(test)]
mod tests {
    use domain::invoice::{InvoiceTerms, Recording, record};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_paid_being_paid_and_due_add_up_to_the_total() {
        let terms = InvoiceTerms {
            number: "2026/17".parse().unwrap(),
            counterparty: "Papelaria".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            total_minor: 1000.try_into().unwrap(),
            settled_elsewhere_minor: 0.try_into().unwrap(),
            issued_on: "2026-11-01".to_owned().try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            description: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let recorded = record(&company, &"INV-1".parse().unwrap(), None, terms, false);
        let Ok(Recording::Recorded(invoice, _)) = recorded else { panic!("{recorded:?}") };
        let view = InvoiceView::from(Invoice { paid_minor: 100, due_minor: 650, ..invoice });
        let body = serde_json::to_value(view).unwrap();
        assert_eq!(body["in_flight_minor"], 250);
        assert_eq!((&body["overpaid_minor"], &body["settled_elsewhere_minor"]), (&json!(0), &json!(0)));
        assert_eq!(body["due_on"], "2026-12-01");
        assert!(body.get("description").is_none());
    }
}
