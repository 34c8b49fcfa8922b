//! A contact leaves.

use api::{Answer, Api, ApiError, ApiResult, InCustomer, Problem};
use axum::extract::State;
use contact_access::Ending;
use domain::Denied;
use store::{Attempt, retry_on_conflict};

/// Ends the caller's own access to the portal of this customer.
///
/// It ends with the next request. The company may let the caller in again.
#[utoipa::path(delete, path = "/v1/customer-portal/access", responses((status = 204)))]
pub(crate) async fn leave_customer_portal(State(api): State<Api>, caller: InCustomer<()>) -> ApiResult {
    retry_on_conflict(|| end(&api, &caller)).await
}

async fn end(api: &Api, caller: &InCustomer<()>) -> Result<Answer, Attempt<ApiError>> {
    let (customer, user) = (&caller.customer, &caller.context.claims().sub);
    let authority = caller.authority();
    let seat = api.store.load(&authority, caller.now(), |tenant| tenant.contact_seat(customer, user)).await?;
    let seat = seat.ok_or_else(|| Problem::from(Denied::NoRelation))?;
    let contact = api.store.load(&authority, caller.now(), |tenant| tenant.contact(customer, &seat.contact)).await?;
    // A contact with access is not removed, so its record is there.
    let contact = contact.ok_or_else(|| Problem::internal("a seat of no contact"))?;
    let mut change = api.store.change(&authority, caller.change_context());
    Ending::of_seat(seat).add_to(&mut change, &contact);
    change.commit().await?;
    Ok(Answer::nothing())
}
