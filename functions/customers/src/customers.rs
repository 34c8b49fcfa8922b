//! Customers: listed, added, shown and changed by people of the company.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, Path, Problem, Query, clock, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Email, Locale, Name, Patch, Reference, UtcTime,
    customer::{self, Address, Customer, CustomerDetails, CustomerStatus, CustomerUpdate, PaymentTermsDays, VatNumber},
    org::Company,
    permission::may,
    receivables::CustomerAccount,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Key, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::view::{CustomerResponse, CustomerView};

/// The longest beginning of a name that can be searched for, in characters.
const MAX_BEGINNING_CHARS: usize = 60;

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPage {
    customers: Vec<CustomerView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of customers.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Default: `active`.
    #[serde(default)]
    status: Option<CustomerStatus>,
    /// Only customers whose name begins with this text, in upper or lower case; at most 60 characters.
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Today where a company is.
fn today(company: Option<Company>, now: UtcTime) -> Result<Day, Problem> {
    Ok(now.day_in(&company.ok_or_else(Problem::not_found)?.time_zone))
}

/// Lists the active or the archived customers by name, with what they owe.
///
/// A customer that was added or changed a moment ago may be missing.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customers", params(Which), responses((status = 200, body = CustomerPage)))]
pub(crate) async fn list_customers(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Query(which): Query<Which>,
) -> ApiResult {
    let beginning = which.q.as_deref().map(str::trim_start).filter(|beginning| !beginning.is_empty());
    if beginning.is_some_and(|beginning| beginning.chars().count() > MAX_BEGINNING_CHARS) {
        return Err(Problem::field("q", format!("is longer than {MAX_BEGINNING_CHARS} characters")).into());
    }
    let request = page_request(which.limit, which.cursor.clone())?;
    let status = which.status.unwrap_or_default();
    let (company, (page, accounts)) = api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.company(),
            async |queries| {
                let page = queries.page(|tenant| tenant.customers(status, beginning), &request).await?;
                let references = page.items.iter().map(|customer| &customer.reference);
                let accounts = if page.items.is_empty() {
                    Vec::new()
                } else {
                    let wanted = |tenant: &Tenant| references.map(|of| tenant.customer_account(of)).collect::<Vec<_>>();
                    queries.get(wanted).await?
                };
                Ok((page, accounts))
            },
        )
        .await?;
    let today = today(company, caller.now())?;
    let paged = PageInfo::from(&page);
    let customers = page.items.into_iter().zip(accounts);
    let customers = customers.map(|(customer, account)| CustomerView::on(today, customer, account.as_ref())).collect();
    Answer::ok(&CustomerPage { customers, paged })
}

/// A customer to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCustomer {
    /// Your own reference for the customer. Default: one is made.
    #[serde(default)]
    reference: Option<Reference>,
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    /// Its own address for documents; contacts have theirs.
    #[serde(default, deserialize_with = "domain::text::deliverable_email_if_any")]
    email: Option<Email>,
    /// The language of its documents and letters.
    #[serde(default)]
    language: Option<Locale>,
    /// The currency of its documents, unless one says another.
    currency: Currency,
    /// With the country's prefix. Its shape is checked, not whether it is in use.
    #[serde(default)]
    vat_number: Option<VatNumber>,
    #[serde(default)]
    billing_address: Option<Address>,
    #[serde(default)]
    delivery_address: Option<Address>,
    /// After how many days its invoices are due.
    #[serde(default)]
    payment_terms_days: Option<PaymentTermsDays>,
}

/// Adds a customer.
///
/// A reference belongs to one customer. The ledger takes the customer over from the event `customer.added`, and reports
/// it under the same reference.
///
/// Needs `customers.manage`.
#[utoipa::path(post, path = "/v1/customers", request_body = CreateCustomer,
    responses((status = 201, body = CustomerResponse)))]
pub(crate) async fn add_customer(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    body: Body<CreateCustomer>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let new = body.value;
    let reference = match new.reference {
        Some(reference) => reference,
        None => customer::reference_from(clock::new_uuid()),
    };
    let details = CustomerDetails {
        name: new.name,
        email: new.email,
        language: new.language,
        currency: new.currency,
        vat_number: new.vat_number,
        billing_address: new.billing_address,
        delivery_address: new.delivery_address,
        payment_terms_days: new.payment_terms_days,
    };
    let known = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.customer(&reference))
        .await??;
    if known.is_some() {
        return Err(Problem::conflict("a customer has this reference", "already_there").into());
    }

    let (customer, event) = customer::add(caller.company.clone(), reference.clone(), details, caller.now());

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.customer(&reference), None, &customer);
    change.record(event);
    let answer = Answer::created(&CustomerResponse { customer: CustomerView::new(customer) })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// What shows one customer: the company, whose day decides what is overdue, the customer and its account.
fn with_account(tenant: &Tenant, reference: &Reference) -> (Key<Company>, Key<Customer>, Key<CustomerAccount>) {
    (tenant.company(), tenant.customer(reference), tenant.customer_account(reference))
}

/// Shows a customer.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customers/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = CustomerResponse)))]
pub(crate) async fn get_customer(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (company, customer, account) =
        api.store.load(&caller.authority(), caller.now(), |tenant| with_account(tenant, &reference)).await?;
    let customer: Customer = customer.ok_or_else(Problem::not_found)?;
    let today = today(company, caller.now())?;
    Answer::ok(&CustomerResponse { customer: CustomerView::on(today, customer, account.as_ref()) })
}

/// The fields to change. A field that is left out stays as it is; `null` removes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCustomer {
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "domain::text::deliverable_email_patch")]
    #[schema(value_type = Option<Email>)]
    email: Patch<Email>,
    #[serde(default)]
    #[schema(value_type = Option<Locale>)]
    language: Patch<Locale>,
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    #[schema(value_type = Option<VatNumber>)]
    vat_number: Patch<VatNumber>,
    #[serde(default)]
    #[schema(value_type = Option<Address>)]
    billing_address: Patch<Address>,
    #[serde(default)]
    #[schema(value_type = Option<Address>)]
    delivery_address: Patch<Address>,
    #[serde(default)]
    #[schema(value_type = Option<PaymentTermsDays>)]
    payment_terms_days: Patch<PaymentTermsDays>,
    /// `archived` takes it off the list of active customers and ends its contacts' access while it lasts.
    #[serde(default)]
    status: Option<CustomerStatus>,
}

/// Changes, archives or restores a customer.
///
/// The ledger's next report of the customer replaces what it says otherwise.
///
/// Needs `customers.manage`.
#[utoipa::path(patch, path = "/v1/customers/{reference}", params(("reference" = Reference, Path)),
    request_body = UpdateCustomer, responses((status = 200, body = CustomerResponse)))]
pub(crate) async fn change_customer(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path(reference): Path<Reference>,
    body: Body<UpdateCustomer>,
) -> ApiResult {
    let authority = caller.authority();
    let UpdateCustomer {
        name,
        email,
        language,
        currency,
        vat_number,
        billing_address,
        delivery_address,
        payment_terms_days,
        status,
    } = body.value;
    let update = CustomerUpdate {
        name,
        email,
        language,
        currency,
        vat_number,
        billing_address,
        delivery_address,
        payment_terms_days,
        status,
    };
    let (company, customer, account) =
        api.store.load(&authority, caller.now(), |tenant| with_account(tenant, &reference)).await?;
    let customer: Customer = customer.ok_or_else(Problem::not_found)?;
    let today = today(company, caller.now())?;
    let Some((changed, event)) = customer.edit(update) else {
        return Answer::ok(&CustomerResponse { customer: CustomerView::on(today, customer, account.as_ref()) });
    };

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.customer(&reference), Some(customer.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&CustomerResponse { customer: CustomerView::on(today, changed, account.as_ref()) })
}
