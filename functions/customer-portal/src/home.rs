//! The first page of the portal.

use api::{Answer, Api, ApiResult, InCustomer, Problem};
use axum::extract::State;
use domain::{CompanyId, Grants, Name, Note, Reference};
use serde::Serialize;
use utoipa::ToSchema;

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
}

/// The company, as it shows itself to its customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SellingCompany)]
struct SellerView {
    id: CompanyId,
    name: Name,
    /// What stands at the top of each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    banner: Option<Note>,
}

/// The customer, as the company knows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BuyingCustomer)]
struct BuyerView {
    reference: Reference,
    name: Name,
}

/// Shows the portal of the customer whose contact the caller is.
#[utoipa::path(get, path = "/v1/customer-portal", responses((status = 200, body = HomeView)))]
pub(crate) async fn show_customer_portal(State(api): State<Api>, caller: InCustomer<()>) -> ApiResult {
    let (reference, user) = (&caller.customer, &caller.context.claims().sub);
    let (company, customer, settings, seat) = api
        .store
        .load(&caller.authority(), caller.now(), |tenant| {
            let seat = tenant.contact_seat(reference, user);
            (tenant.company(), tenant.customer(reference), tenant.portal_settings(), seat)
        })
        .await?;
    // All four are there: the access that was just proven rests on them.
    let missing = || Problem::internal("a contact without a company, a customer, settings or a seat");
    let (Some(company), Some(customer), Some(settings), Some(seat)) = (company, customer, settings, seat) else {
        return Err(missing().into());
    };
    Answer::ok(&HomeView {
        company: SellerView { id: company.id, name: company.name, banner: settings.banner },
        customer: BuyerView { reference: customer.reference, name: customer.details.name },
        permissions: settings.grants.intersection(&seat.grants),
    })
}
