//! The company's dashboard: a tile for each module, in one wave of reads.
//!
//! INVARIANT: each tile is read under the permission of its own module and opened by what the table says of the caller's seat
//! now. So what a caller may not see is neither counted nor added up.

use api::{Answer, Api, ApiResult, InCompany, InContext, Problem};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Permission,
    comment::{CommentModule, CommentReader},
    org::Company,
    permission::may,
};
use serde::Serialize;
use store::{Authority, PageRequest};
use utoipa::ToSchema;

use crate::{
    approvals::{self, PendingApprovalSummary},
    balances::{self, DashboardBankAccount},
    comments::{self, UnreadCommentSummary},
    documents::{self, MissingDocumentSummary},
    figures::{self, LatestFigures},
    invoices::{self, OpenInvoiceSummary},
    next::{self, ByDueDay, DueNext, DueSources},
};

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

/// A company's dashboard. Each tile needs the permission to view what it sums up, and is absent without it. Days count in the
/// company's time zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dashboard {
    company: DashboardCompany,
    /// The first 100. Needs `bank.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_accounts: Option<Vec<DashboardBankAccount>>,
    /// Needs `invoices.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoices: Option<OpenInvoiceSummary>,
    /// Needs `reports.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<LatestFigures>,
    /// Needs `approvals.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<PendingApprovalSummary>,
    /// Needs `documents.request`; for callers with `documents.upload` alone, what they themselves are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_documents: Option<MissingDocumentSummary>,
    /// Needs `invoices.view`, `estimates.view` or `documents.view`, and counts what these show.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread_comments: Option<UnreadCommentSummary>,
    /// What is due next, the first five. Needs the permission for invoices, estimates or missing documents, and lists what
    /// these show.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_next: Option<Vec<DueNext>>,
}

/// Shows the company's dashboard.
///
/// Besides the company, each tile is included only for callers who may view what it sums up: bank accounts need `bank.view`,
/// invoices `invoices.view`, figures `reports.view`, approvals `approvals.view`, missing documents `documents.request` or
/// `documents.upload`. Unread comments and what is due next include what the caller may view of each module.
///
/// Needs `dashboard.view`.
#[utoipa::path(get, path = "/v1/dashboard", responses((status = 200, body = Dashboard)))]
pub(crate) async fn show_dashboard(State(api): State<Api>, caller: InCompany<may::DashboardView>) -> ApiResult {
    let now = caller.now();
    let may = |permission| may_try(&caller, permission);
    let reader = CommentReader::Company { user: caller.caller.user.clone() };
    let asks_for_all = may(Permission::DocumentsRequest);
    let asked = asks_for_all.is_none().then_some(&caller.caller.user);
    let firm = caller.context.acting_as().firm();
    let reads_comments = CommentModule::ALL.iter().any(|module| may(module.permission()).is_some());
    let ((), seat, (company, accounts, months, invoices, estimates, publications, approvals, requests, comments)) = api
        .store
        .load_and_query_parts(
            &caller.authority(),
            now,
            |_| (),
            async |queries| {
                let all = PageRequest::largest();
                tokio::try_join!(
                    queries.get_eventually(|tenant| tenant.company()),
                    queries.part(
                        may(Permission::BankView),
                        queries.page(|tenant| tenant.bank_accounts().eventually(), &all)
                    ),
                    queries.part(may(Permission::BankView), balances::read_months(&queries, now)),
                    queries.part(may(Permission::InvoicesView), invoices::read(&queries, now)),
                    queries.part(may(Permission::EstimatesView), next::read_estimates(&queries, now)),
                    queries.part(may(Permission::ReportsView), figures::read(&queries)),
                    queries.part(may(Permission::ApprovalsView), approvals::read(&queries)),
                    queries.part(
                        asks_for_all.or_else(|| may(Permission::DocumentsUpload)),
                        documents::read(&queries, now, asked)
                    ),
                    async {
                        if !reads_comments {
                            return Ok(None);
                        }
                        comments::read(&queries, &reader, firm, may).await.map(Some)
                    },
                )
            },
        )
        .await?;
    let company = match company {
        Some(company) => company,
        // A company that was registered a moment ago.
        None => {
            let found = api.store.load(&caller.authority(), now, |tenant| tenant.company()).await?;
            found.ok_or_else(Problem::not_found)?
        }
    };
    let today = now.day_in(&company.time_zone);
    let invoices = seat.open(invoices);
    let estimates = seat.open(estimates);
    let requests = seat.open(requests);
    let accounts = seat.open(accounts).zip(seat.open(months));
    let due = DueSources {
        invoices: invoices.as_ref().map(ByDueDay::next),
        estimates: estimates.as_deref(),
        requests: requests.as_ref().map(ByDueDay::next),
    };
    Answer::ok(&Dashboard {
        due_next: due.next(today),
        bank_accounts: accounts.map(|(accounts, months)| balances::course_of_each(accounts, &months, today, now)),
        invoices: invoices.map(|read| OpenInvoiceSummary::of(&read.first, company.currency, today)),
        figures: seat.open(publications).map(LatestFigures::from),
        approvals: seat.open(approvals).map(PendingApprovalSummary::from),
        missing_documents: requests.map(|read| MissingDocumentSummary::of(&read.first, today)),
        unread_comments: comments.and_then(|read| read.opened_by(&seat, firm, &reader)),
        company: company.into(),
    })
}

/// The authority for a permission that the token names. The table decides whether the caller still holds it: after a revocation,
/// only this tile is missing from the next request on.
fn may_try(caller: &InContext, permission: Permission) -> Option<Authority> {
    caller.context.claims().permissions.contains(permission).then(|| caller.needs(permission))
}
