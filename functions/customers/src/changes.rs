//! Changes that contacts ask for: the company's people see them, and decide them where there is no ledger that does.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    ContactId, Reference,
    customer::{Contact, Customer, CustomerChange, change::CustomerChangeStatus},
    permission::may,
};
use views::{CustomerChangePage, CustomerChangeResponse, DecideCustomerChange, WhichCustomerChanges};

/// Lists the changes that contacts asked for, the oldest first.
///
/// A change that was asked for or decided a moment ago may be missing or still listed.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customer-changes", params(WhichCustomerChanges),
    responses((status = 200, body = CustomerChangePage)))]
pub(crate) async fn list_customer_changes(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Query(which): Query<WhichCustomerChanges>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let status = which.status.unwrap_or(CustomerChangeStatus::Pending);
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.customer_changes(status), &request).await?;
    Answer::ok(&CustomerChangePage::from(page))
}

/// Shows the change that a contact asked for last.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customers/{reference}/contacts/{contact}/requested-change",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    responses((status = 200, body = CustomerChangeResponse)))]
pub(crate) async fn get_customer_change(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Path((reference, contact)): Path<(Reference, ContactId)>,
) -> ApiResult {
    let change = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.customer_change(&contact)).await?;
    let change: CustomerChange =
        change.filter(|change: &CustomerChange| change.customer == reference).ok_or_else(Problem::not_found)?;
    Answer::ok(&CustomerChangeResponse::from(change))
}

/// Accepts or refuses the change that a contact asked for.
///
/// An accepted change is applied to the customer and the contact at once. A decision about another revision than the
/// present one is refused. A repeat changes nothing.
///
/// Needs `customers.manage`.
#[utoipa::path(post, path = "/v1/customers/{reference}/contacts/{contact}/requested-change/decision",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    request_body = DecideCustomerChange, responses((status = 200, body = CustomerChangeResponse)))]
pub(crate) async fn decide_customer_change(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path((reference, id)): Path<(Reference, ContactId)>,
    body: Body<DecideCustomerChange>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (known, customer, contact) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.customer_change(&id), tenant.customer(&reference), tenant.contact(&reference, &id))
        })
        .await??;
    let known: CustomerChange = known.ok_or_else(Problem::not_found)?;
    let customer: Customer = customer.ok_or_else(Problem::not_found)?;
    let contact: Contact = contact.ok_or_else(Problem::not_found)?;

    let decision = body.value.by(Some(caller.caller.user.clone()));
    let decided = known
        .decide((&customer, &contact), decision, caller.now())
        .map_err(|error| DecideCustomerChange::refusal(error, known.clone()))?;
    let Some(decided) = decided else {
        return Answer::ok(&CustomerChangeResponse::from(known));
    };

    let mut change = api.store.change(&authority, caller.change_context());
    change.put_decided_change((&known, &customer, &contact), &decided);
    let answer = Answer::ok(&CustomerChangeResponse::from(decided.change))?;
    change.record(decided.event);
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}
