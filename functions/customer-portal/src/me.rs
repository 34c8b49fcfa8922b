//! The contact's own details, and those of their customer. What a contact changes waits until the ledger, or somebody of
//! the company, takes it over.

use api::{Answer, Api, ApiError, ApiResult, Body, InCustomer, Problem};
use axum::extract::State;
use domain::{
    ContactId, Email, Locale, Name, Patch, Reference, UtcTime,
    customer::{
        Address, Contact, Customer, CustomerChange, Phone, VatNumber,
        change::{self, CustomerChangeStatus, DetailsEdit, EditableDetails, EditableField},
        seat::ContactSeat,
    },
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, StoreError, retry_on_conflict};
use utoipa::ToSchema;

/// The customer of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnCustomer {
    reference: Reference,
    name: Name,
}

/// A change that waits to be taken over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingChange {
    changed: Vec<EditableField>,
    requested_at: UtcTime,
    /// The details with what is asked for.
    after: EditableDetails,
}

/// The caller as a contact of the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnContact {
    id: ContactId,
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<Name>,
    customer: OwnCustomer,
    /// What the contact can ask to change.
    details: EditableDetails,
    /// The change that waits to be taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_change: Option<PendingChange>,
}

/// The caller as a contact of the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnContactResponse {
    contact: OwnContact,
}

/// What to change of one's own details and the customer's. What is absent stays; `null` clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOwnDetails {
    /// The contact's name.
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    name: Option<Name>,
    /// The contact's telephone number.
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Patch<Phone>,
    /// The language of letters to the contact.
    #[serde(default)]
    #[schema(value_type = Option<Locale>)]
    language: Patch<Locale>,
    /// The customer's VAT number.
    #[serde(default)]
    #[schema(value_type = Option<VatNumber>)]
    vat_number: Patch<VatNumber>,
    /// Where invoices to the customer are addressed to.
    #[serde(default)]
    #[schema(value_type = Option<Address>)]
    billing_address: Patch<Address>,
    /// Where the customer's goods go.
    #[serde(default)]
    #[schema(value_type = Option<Address>)]
    delivery_address: Patch<Address>,
}

/// What is known about the caller here.
struct Own {
    customer: Customer,
    contact: Contact,
    change: Option<CustomerChange>,
}

impl Own {
    fn response(self) -> OwnContactResponse {
        let details = EditableDetails::of(&self.customer, &self.contact);
        let pending = self.change.filter(|change| change.status == CustomerChangeStatus::Pending);
        OwnContactResponse {
            contact: OwnContact {
                id: self.contact.id,
                email: self.contact.details.email,
                job_title: self.contact.details.job_title,
                customer: OwnCustomer { reference: self.customer.reference, name: self.customer.details.name },
                details,
                pending_change: pending.map(|change| PendingChange {
                    changed: change.changed,
                    requested_at: change.requested_at,
                    after: change.after,
                }),
            },
        }
    }
}

/// Shows the caller's own details as a contact, the customer's, and what waits to be taken over.
#[utoipa::path(get, path = "/v1/customer-portal/me", responses((status = 200, body = OwnContactResponse)))]
pub(crate) async fn get_own_contact(State(api): State<Api>, caller: InCustomer<()>) -> ApiResult {
    let own = own(&api, &caller, &caller.authority()).await?;
    Answer::ok(&own.response())
}

/// Asks to change one's own details, and the customer's addresses and VAT number.
///
/// The change waits until the ledger, or somebody of the company, takes it over or refuses it: a contact has one such
/// change at a time, and what they ask for while it waits is added to it.
///
/// Needs `details.edit`.
#[utoipa::path(patch, path = "/v1/customer-portal/me", request_body = ChangeOwnDetails,
    responses((status = 200, body = OwnContactResponse)))]
pub(crate) async fn change_own_details(
    State(api): State<Api>,
    caller: InCustomer<may::DetailsEdit>,
    body: Body<ChangeOwnDetails>,
) -> ApiResult {
    let authority = caller.authority();
    let ChangeOwnDetails { name, phone, language, vat_number, billing_address, delivery_address } = body.value;
    let edit = DetailsEdit { name, phone, language, vat_number, billing_address, delivery_address };
    let own = retry_on_conflict(async || {
        let own = own(&api, &caller, &authority).await?;
        let at = (&own.customer, &own.contact);
        let Some((change, event)) = change::request(at, own.change.as_ref(), edit.clone(), caller.now()) else {
            return Ok(own);
        };
        let mut write = api.store.change(&authority, caller.change_context());
        // Only what still is as it was shown is asked to change.
        write.unchanged(|tenant| tenant.customer(&own.customer.reference), own.customer.version);
        write.unchanged(|tenant| tenant.contact(&own.customer.reference, &own.contact.id), own.contact.version);
        let known = own.change.as_ref().map(|known| known.version);
        write.put(|tenant| tenant.customer_change(&own.contact.id), known, &change);
        write.record(event);
        write.commit().await?;
        Ok::<_, Attempt<ApiError>>(Own { change: Some(change), ..own })
    })
    .await?;
    Answer::ok(&own.response())
}

/// Reads what is known about the caller: the seat says which contact they are.
async fn own<N>(api: &Api, caller: &InCustomer<N>, authority: &Authority) -> ApiResult<Own> {
    let (now, customer, user) = (caller.now(), &caller.customer, &caller.caller.user);
    let seat: Option<ContactSeat> =
        api.store.load(authority, now, |tenant| tenant.contact_seat(customer, user)).await?;
    let id = seat.ok_or_else(Problem::not_found)?.contact;
    let (customer, contact, change) = api
        .store
        .load(authority, now, |tenant| {
            (tenant.customer(customer), tenant.contact(customer, &id), tenant.customer_change(&id))
        })
        .await?;
    let missing = || ApiError::from(StoreError::NotFound);
    Ok(Own { customer: customer.ok_or_else(missing)?, contact: contact.ok_or_else(missing)?, change })
}
