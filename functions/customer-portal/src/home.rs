//! The first page of a contact: what is owed, what waits for them, what is new.

use api::{Answer, Api, ApiResult, InCustomer, Problem};
use axum::extract::State;
use domain::{
    CompanyId, Currency, DocumentId, Grants, Name, Note, Permission, Reference,
    color::Color,
    comment::Topic,
    content_digest::ContentDigest,
    estimate::{Estimate, EstimateState, EstimateStatus},
    money::Total,
    permission::{OneOf, may},
    receivables::{Ageing, CurrencyAccount, LastPaid},
    time::Day,
};
use serde::Serialize;
use store::{Page, PageRequest, Tenant};
use utoipa::ToSchema;

use crate::document::reader;

/// The company, as it shows itself to its customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SellingCompany)]
struct SellerView {
    id: CompanyId,
    name: Name,
    /// What stands at the top of each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    banner: Option<Note>,
    /// The terms that pages show.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Note>,
    /// The company's colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Color>,
    /// The document with the logo; `POST /v1/customer-portal/logo/download` makes a link to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<DocumentId>,
}

/// The customer, as the company knows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BuyingCustomer)]
struct BuyerView {
    reference: Reference,
    name: Name,
}

/// What the customer owes in one currency.
#[derive(Debug, Serialize, ToSchema)]
struct Owed {
    currency: Currency,
    /// What is open of invoices, in minor units. Pending payments are still open.
    outstanding_minor: i64,
    /// What of that is overdue.
    overdue_minor: i64,
    /// What is in the customer's favour and applied to no invoice.
    unapplied_minor: i64,
    /// What is open, by how long it is overdue.
    ageing: Ageing,
    /// What is due next, from today on.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_due: Option<NextDue>,
}

/// An amount and the day on which it is due.
#[derive(Debug, Serialize, ToSchema)]
struct NextDue {
    due_on: Day,
    amount_minor: i64,
}

impl Owed {
    fn of(account: &CurrencyAccount, today: Day) -> Self {
        let next = account.next_due(today).map(|(due_on, amount_minor)| NextDue { due_on, amount_minor });
        Self {
            currency: account.currency,
            outstanding_minor: account.open_minor(),
            overdue_minor: account.overdue_minor(today),
            unapplied_minor: account.unapplied_minor,
            ageing: account.ageing(today),
            next_due: next,
        }
    }
}

/// An estimate that waits for a decision.
#[derive(Debug, Serialize, ToSchema)]
struct OpenEstimate {
    reference: Reference,
    number: Name,
    currency: Currency,
    total_minor: Total,
    status: EstimateStatus,
    /// The last day on which it can be decided, in the company's time zone.
    valid_until: Day,
    /// Identifies its content: send it with the decision.
    digest: ContentDigest,
}

impl OpenEstimate {
    fn of(estimate: Estimate, today: Day) -> Self {
        Self {
            status: estimate.status(today),
            digest: estimate.digest(),
            reference: estimate.reference,
            number: estimate.terms.content.number,
            currency: estimate.terms.content.currency,
            total_minor: estimate.terms.content.total_minor,
            valid_until: estimate.terms.valid_until,
        }
    }
}

/// The estimates that wait for a decision: of the 100 that were issued last.
#[derive(Debug, Serialize, ToSchema)]
struct OpenEstimates {
    items: Vec<OpenEstimate>,
    /// Whether there are more than were looked at.
    more: bool,
}

impl OpenEstimates {
    fn of(page: Page<Estimate>, today: Day) -> Self {
        let more = page.next.is_some();
        let waits = |estimate: &Estimate| {
            estimate.state == EstimateState::Open && estimate.status(today) != EstimateStatus::Expired
        };
        let mut open: Vec<Estimate> = page.items.into_iter().filter(waits).collect();
        open.sort_by_key(|estimate| estimate.terms.valid_until);
        Self { items: open.into_iter().map(|estimate| OpenEstimate::of(estimate, today)).collect(), more }
    }
}

/// Comments of others that the caller has not read: of the newest 100 on all documents, on those that the caller may see.
#[derive(Debug, Serialize, ToSchema)]
struct UnreadComments {
    unread_count: usize,
    /// Whether there are more than were looked at.
    more: bool,
}

/// The portal of a customer, for the caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerPortal)]
pub(crate) struct HomeView {
    /// The company that sells.
    company: SellerView,
    /// The customer whose contact the caller is.
    customer: BuyerView,
    /// What the caller may do: what the company lets contacts do, as far as their own access goes.
    permissions: Grants,
    /// The last payment of the customer; never without `invoices.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_paid: Option<LastPaid>,
    /// What is owed, in each currency; absent without `invoices.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    owed: Option<Vec<Owed>>,
    /// Absent without `estimates.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_estimates: Option<OpenEstimates>,
    comments: UnreadComments,
}

/// Shows the portal of the customer whose contact the caller is: what is owed, what waits, what is new.
///
/// Days count in the company's time zone. What the caller may not see is absent.
///
/// Needs `invoices.view` or `estimates.view`.
#[utoipa::path(get, path = "/v1/customer-portal", responses((status = 200, body = HomeView)))]
pub(crate) async fn show_customer_portal(
    State(api): State<Api>,
    caller: InCustomer<OneOf<(may::InvoicesView, may::EstimatesView)>>,
) -> ApiResult {
    let (reference, reader) = (&caller.customer, reader(&caller));
    let entered = api
        .store
        .load_and_query_unproven(
            &caller.context.present(),
            caller.now(),
            |tenant| {
                let seat = tenant.contact_seat(reference, &caller.caller.user);
                let account = tenant.customer_account(reference);
                (tenant.company(), tenant.customer(reference), tenant.portal_settings(), seat, account)
            },
            async |queries| {
                let estimates = |tenant: &Tenant| tenant.estimates_of_customer(&caller.company, reference);
                let last = PageRequest::largest();
                tokio::try_join!(queries.page(estimates, &last), queries.customer_comments(reference, &reader))
            },
        )
        .await?;
    let [sees_invoices, sees_estimates] = [Permission::InvoicesView, Permission::EstimatesView]
        .map(|permission| entered.holds(&caller.needs(permission)));
    let needed = if sees_estimates && !sees_invoices { Permission::EstimatesView } else { Permission::InvoicesView };
    let ((company, customer, settings, seat, account), (estimates, comments)) =
        entered.prove(&caller.needs(needed))??;
    let comments = comments.counts(reference, &reader, |topic| match topic {
        Topic::Estimate => sees_estimates,
        Topic::Invoice | Topic::CreditNote | Topic::Document => sees_invoices,
    });
    // These four are there: the access that was just proven rests on them.
    let missing = || Problem::internal("a contact without a company, a customer, settings or a seat");
    let (Some(company), Some(customer), Some(settings), Some(seat)) = (company, customer, settings, seat) else {
        return Err(missing().into());
    };
    let today = caller.now().day_in(&company.time_zone);
    let (last_paid, owed) = account.filter(|_| sees_invoices).map_or_else(Default::default, |account| {
        let owed = account.currencies.iter().map(|account| Owed::of(account, today)).collect();
        (account.last_paid, owed)
    });
    Answer::ok(&HomeView {
        company: SellerView {
            id: company.id,
            name: company.name,
            banner: settings.banner,
            terms: settings.terms,
            color: settings.color,
            logo: settings.logo,
        },
        customer: BuyerView { reference: customer.reference, name: customer.details.name },
        permissions: settings.grants.intersection(&seat.grants),
        last_paid,
        owed: sees_invoices.then_some(owed),
        open_estimates: sees_estimates.then(|| OpenEstimates::of(estimates, today)),
        comments: UnreadComments { unread_count: comments.unread_count, more: comments.more },
    })
}
