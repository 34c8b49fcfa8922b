//! Changes that contacts ask for: the ledger reads those that wait, and takes them over or refuses them.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, Query, paging::page_request, scope};
use axum::extract::State;
use domain::{
    CompanyId, ContactId, Reference,
    customer::{Contact, Customer, CustomerChange, change::CustomerChangeStatus},
};
use store::retry_on_conflict;
use views::{CustomerChangePage, CustomerChangeResponse, DecideCustomerChange, WhichCustomerChanges};

/// Lists the changes that contacts of a company's customers asked for, the oldest first.
///
/// A change that was asked for or decided a moment ago may be missing or still listed.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/customer-changes",
    params(("company" = CompanyId, Path), WhichCustomerChanges), responses((status = 200, body = CustomerChangePage)))]
pub(crate) async fn list_ledger_customer_changes(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path(company): Path<CompanyId>,
    Query(which): Query<WhichCustomerChanges>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let status = which.status.unwrap_or(CustomerChangeStatus::Pending);
    let authority = ledger.authority(company);
    let page = api.store.page(&authority, ledger.now, |tenant| tenant.customer_changes(status), &request).await?;
    Answer::ok(&CustomerChangePage::from(page))
}

/// Takes over or refuses the change that a contact asked for.
///
/// An accepted change is applied to the customer and the contact at once. A decision about another revision than the
/// present one is a conflict. A repeat changes nothing.
#[utoipa::path(put,
    path = "/v1/ledger/companies/{company}/customers/{reference}/contacts/{contact}/requested-change/decision",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path), ("contact" = ContactId, Path)),
    request_body = DecideCustomerChange, responses((status = 200, body = CustomerChangeResponse)))]
pub(crate) async fn decide_ledger_customer_change(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference, id)): Path<(CompanyId, Reference, ContactId)>,
    body: Body<DecideCustomerChange>,
) -> ApiResult {
    let authority = ledger.authority(company);
    let decision = body.value.by(None);
    retry_on_conflict(|| async {
        let (known, customer, contact) = api
            .store
            .load(&authority, ledger.now, |tenant| {
                (tenant.customer_change(&id), tenant.customer(&reference), tenant.contact(&reference, &id))
            })
            .await?;
        let known: CustomerChange = known.ok_or_else(Problem::not_found)?;
        let customer: Customer = customer.ok_or_else(Problem::not_found)?;
        let contact: Contact = contact.ok_or_else(Problem::not_found)?;
        let decided = known
            .decide((&customer, &contact), decision.clone(), ledger.now)
            .map_err(|error| DecideCustomerChange::refusal(error, known.clone()))?;
        let Some(decided) = decided else {
            return Ok(Answer::ok(&CustomerChangeResponse::from(known))?);
        };
        let mut change = api.store.change(&authority, ledger.change_context());
        change.put_decided_change((&known, &customer, &contact), &decided);
        change.record(decided.event);
        change.commit().await?;
        Ok(Answer::ok(&CustomerChangeResponse::from(decided.change))?)
    })
    .await
}
