//! The company's dashboard.

use api::{Answer, Api, ApiResult, InCompany, InContext, Problem};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Permission,
    approval::{Approval, ApprovalStatus},
    invoice::{Due, Invoice, InvoiceState, InvoiceStatus, due_by_currency},
    org::Company,
    permission::may,
    time::Day,
};
use serde::Serialize;
use store::{Entity, Listing, Page, PageRequest, StoreError, Tenant};
use utoipa::ToSchema;
use views::BankAccountView;

/// The company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardCompany {
    id: CompanyId,
    name: Name,
    currency: Currency,
}

impl From<Company> for DashboardCompany {
    fn from(company: Company) -> Self {
        Self { id: company.id, name: company.name, currency: company.currency }
    }
}

/// The amount due in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AmountDue {
    currency: Currency,
    due_minor: i64,
}

impl From<Due> for AmountDue {
    fn from(due: Due) -> Self {
        Self { currency: due.currency, due_minor: due.due_minor }
    }
}

/// Counts and sums of the open invoices: of the 100 that are due first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenInvoiceSummary {
    open_count: usize,
    /// The sum in the company's currency that is neither paid nor being paid.
    due_minor: i64,
    /// The part of `due_minor` whose due day is over, in the company's time zone.
    overdue_minor: i64,
    /// The same sum in each other currency of the open invoices.
    other_currencies: Vec<AmountDue>,
    /// Whether there are more than were counted.
    more: bool,
}

impl OpenInvoiceSummary {
    fn of(page: &Page<Invoice>, own: Currency, today: Day) -> Self {
        let (owned, others): (Vec<Due>, Vec<Due>) =
            due_by_currency(&page.items).into_iter().partition(|due| due.currency == own);
        let overdue = page
            .items
            .iter()
            .filter(|invoice| invoice.status(today) == InvoiceStatus::Overdue && invoice.terms.content.currency == own);
        Self {
            open_count: page.items.len(),
            due_minor: owned.first().map_or(0, |due| due.due_minor),
            overdue_minor: overdue.map(|invoice| invoice.due_minor.max(0)).sum(),
            other_currencies: others.into_iter().map(Into::into).collect(),
            more: page.next.is_some(),
        }
    }
}

/// The count of pending approvals: of the 100 that have waited longest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingApprovalSummary {
    pending_count: usize,
    /// Whether there are more than were counted.
    more: bool,
}

impl From<Page<Approval>> for PendingApprovalSummary {
    fn from(page: Page<Approval>) -> Self {
        Self { pending_count: page.items.len(), more: page.next.is_some() }
    }
}

/// A company's dashboard. Each part needs the permission to view what it sums up, and is absent without it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dashboard {
    company: DashboardCompany,
    /// The first 100. Needs `bank.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_accounts: Option<Vec<BankAccountView>>,
    /// Needs `invoices.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoices: Option<OpenInvoiceSummary>,
    /// Needs `approvals.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<PendingApprovalSummary>,
}

/// Shows the company's dashboard.
///
/// Besides the company, each part is included only for callers who may view it: bank accounts need `bank.view`, the sums
/// of invoices `invoices.view`, the count of approvals `approvals.view`.
///
/// Needs `dashboard.view`.
#[utoipa::path(get, path = "/v1/dashboard", responses((status = 200, body = Dashboard)))]
pub(crate) async fn show_dashboard(State(api): State<Api>, caller: InCompany<may::DashboardView>) -> ApiResult {
    let authority = caller.authority();
    let (company, bank_accounts, invoices, approvals) = tokio::try_join!(
        api.store.load(&authority, caller.now(), |tenant| tenant.company()),
        part(&api, &caller, Permission::BankView, |tenant| tenant.bank_accounts()),
        part(&api, &caller, Permission::InvoicesView, |tenant| tenant.invoices(Some(InvoiceState::Open))),
        part(&api, &caller, Permission::ApprovalsView, |tenant| tenant.approvals(Some(ApprovalStatus::Pending))),
    )?;
    let company = company.ok_or_else(Problem::not_found)?;
    let today = caller.now().day_in(&company.time_zone);
    Answer::ok(&Dashboard {
        invoices: invoices.map(|page| OpenInvoiceSummary::of(&page, company.currency, today)),
        company: company.into(),
        bank_accounts: bank_accounts.map(|page| page.items.into_iter().map(Into::into).collect()),
        approvals: approvals.map(Into::into),
    })
}

/// A part of the dashboard, read under the permission to view it; `None` for callers without that.
///
/// The token decides whether to read the part, the table whether the caller still holds the permission: after a
/// revocation, only this part is missing from the next request on.
async fn part<T: Entity>(
    api: &Api,
    caller: &InContext,
    permission: Permission,
    listing: impl FnOnce(&Tenant) -> Listing<T>,
) -> Result<Option<Page<T>>, StoreError> {
    if !caller.context.claims().permissions.contains(permission) {
        return Ok(None);
    }
    let authority = caller.needs(permission);
    match api.store.page(&authority, caller.now(), listing, &PageRequest::largest()).await {
        Ok(page) => Ok(Some(page)),
        Err(StoreError::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        invoice::{InvoiceReport, InvoiceTerms, Recording, record},
        sales::{DocumentContent, DocumentSource, LineInput, compute},
    };

    use super::*;

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    fn invoice(currency: &str, price: &str) -> Invoice {
        let line = serde_json::json!({"description": "Paper", "quantity": "1", "unit_price": price});
        let line: LineInput = serde_json::from_value(line).unwrap();
        let currency = currency.parse().unwrap();
        let lines = vec![line.with_amount(currency).unwrap()];
        let (taxes, totals, total_minor) = compute(currency, &lines, &[]).unwrap();
        let content = DocumentContent {
            number: "2026/17".parse().unwrap(),
            customer: "CUS-1".parse().unwrap(),
            customer_name: "Papelaria".parse().unwrap(),
            currency,
            total_minor,
            issued_on: "2026-11-01".to_owned().try_into().unwrap(),
            description: None,
            purchase_order: None,
            terms_text: None,
            attachments: Vec::new(),
            lines,
            adjustments: Vec::new(),
            taxes,
            totals,
        };
        let terms = InvoiceTerms {
            content,
            settled_elsewhere_minor: 0.try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            payment_options: Vec::new(),
            estimate: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let (state, source, at) = (InvoiceState::Open, DocumentSource::Ledger, domain::UtcTime::EPOCH);
        let report = InvoiceReport { terms, state, source, by: None, at };
        match record(&company, &"INV-1".parse().unwrap(), None, report) {
            Ok(Recording::Recorded(invoice, _)) => invoice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_currencies_are_summed_beside_the_companys_own() {
        let items = vec![invoice("USD", "0.70"), invoice("EUR", "10"), invoice("EUR", "25")];
        let sums = OpenInvoiceSummary::of(&Page { items, next: None }, "EUR".parse().unwrap(), day("2026-12-01"));
        let body = serde_json::to_value(sums).unwrap();
        let expected = serde_json::json!({
            "open_count": 3,
            "due_minor": 3500,
            "overdue_minor": 0,
            "other_currencies": [{"currency": "USD", "due_minor": 70}],
            "more": false,
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn without_open_invoices_nothing_is_due() {
        let empty = Page { items: Vec::new(), next: None };
        let sums = OpenInvoiceSummary::of(&empty, "EUR".parse().unwrap(), day("2026-12-01"));
        assert_eq!((sums.open_count, sums.due_minor, sums.other_currencies.len()), (0, 0, 0));
    }

    #[test]
    fn what_is_due_is_overdue_when_its_last_day_is_over() {
        let page = Page { items: vec![invoice("USD", "0.70"), invoice("EUR", "10")], next: None };
        let on = |text: &str| OpenInvoiceSummary::of(&page, "EUR".parse().unwrap(), day(text)).overdue_minor;
        assert_eq!((on("2026-12-01"), on("2026-12-02")), (0, 1000));
    }
}
