//! The company's dashboard.

use api::{Answer, Api, ApiResult, InCompany, InContext, Problem};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Permission,
    approval::{Approval, ApprovalStatus},
    bank::BankAccount,
    invoice::{Due, Invoice, InvoiceStatus, due_by_currency},
    org::Company,
    permission::may,
};
use serde::Serialize;
use store::{Page, PageRequest, StoreError};
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
    /// The same sum in each other currency of the open invoices.
    other_currencies: Vec<AmountDue>,
    /// Whether there are more than were counted.
    more: bool,
}

impl OpenInvoiceSummary {
    fn of(page: &Page<Invoice>, own: Currency) -> Self {
        let (owned, others): (Vec<Due>, Vec<Due>) =
            due_by_currency(&page.items).into_iter().partition(|due| due.currency == own);
        Self {
            open_count: page.items.len(),
            due_minor: owned.first().map_or(0, |due| due.due_minor),
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

/// A company's dashboard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dashboard {
    company: DashboardCompany,
    /// The first 100; absent for callers without `bank.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_accounts: Option<Vec<BankAccountView>>,
    invoices: OpenInvoiceSummary,
    approvals: PendingApprovalSummary,
}

/// Shows the company's dashboard.
///
/// `dashboard.view` gives the counts and sums of invoices and approvals, but no single invoice or approval.
/// Bank accounts are included for callers with `bank.view`.
///
/// Needs `dashboard.view`.
#[utoipa::path(get, path = "/v1/dashboard", responses((status = 200, body = Dashboard)))]
pub(crate) async fn show_dashboard(State(api): State<Api>, caller: InCompany<may::DashboardView>) -> ApiResult {
    let largest = PageRequest::largest();
    let (company, bank_accounts, invoices, approvals) = api
        .store
        .query_authorized(&caller.authority(), caller.now(), async |queries| {
            tokio::try_join!(
                queries.get(|tenant| tenant.company()),
                bank_accounts(&api, &caller),
                queries.page(|tenant| tenant.invoices(Some(InvoiceStatus::Open)), &largest),
                queries.page(|tenant| tenant.approvals(Some(ApprovalStatus::Pending)), &largest),
            )
        })
        .await?;
    let company = company.ok_or_else(Problem::not_found)?;
    Answer::ok(&Dashboard {
        invoices: OpenInvoiceSummary::of(&invoices, company.currency),
        company: company.into(),
        bank_accounts: bank_accounts.map(|page| page.items.into_iter().map(Into::into).collect()),
        approvals: approvals.into(),
    })
}

/// The bank accounts, read under `bank.view`; `None` for callers without it.
///
/// The token says whether to try, the table whether the caller still has `bank.view`: a revoked grant
/// hides the accounts from the next request on, and nothing else.
async fn bank_accounts(api: &Api, caller: &InContext) -> Result<Option<Page<BankAccount>>, StoreError> {
    if !caller.context.claims().permissions.contains(Permission::BankView) {
        return Ok(None);
    }
    let authority = caller.needs(Permission::BankView);
    let largest = PageRequest::largest();
    match api.store.page(&authority, caller.now(), |tenant| tenant.bank_accounts(), &largest).await {
        Ok(page) => Ok(Some(page)),
        Err(StoreError::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use domain::invoice::{InvoiceTerms, Recording, record};

    use super::*;

    fn invoice(currency: &str, total_minor: i64) -> Invoice {
        let terms = InvoiceTerms {
            number: "2026/17".parse().unwrap(),
            counterparty: "Papelaria".parse().unwrap(),
            currency: currency.parse().unwrap(),
            total_minor: total_minor.try_into().unwrap(),
            issued_on: "2026-11-01".to_owned().try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            description: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        match record(&company, &"INV-1".parse().unwrap(), None, terms, false) {
            Ok(Recording::Recorded(invoice, _)) => invoice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_currencies_are_summed_beside_the_companys_own() {
        let items = vec![invoice("USD", 70), invoice("EUR", 1000), invoice("EUR", 2500)];
        let sums = OpenInvoiceSummary::of(&Page { items, next: None }, "EUR".parse().unwrap());
        let body = serde_json::to_value(sums).unwrap();
        let expected = serde_json::json!({
            "open_count": 3,
            "due_minor": 3500,
            "other_currencies": [{"currency": "USD", "due_minor": 70}],
            "more": false,
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn without_open_invoices_nothing_is_due() {
        let sums = OpenInvoiceSummary::of(&Page { items: Vec::new(), next: None }, "EUR".parse().unwrap());
        assert_eq!((sums.open_count, sums.due_minor, sums.other_currencies.len()), (0, 0, 0));
    }
}
