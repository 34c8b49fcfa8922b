//! Contacts: the people at a customer, added, changed and removed by people of the company.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query, clock};
use axum::extract::State;
use domain::{
    ContactId, Email, Locale, Name, Patch, Reference,
    customer::{
        Contact, ContactDetails, Customer, CustomerChange, Phone,
        contact::{self, ContactError, ContactUpdate},
    },
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::ContactAtAddress;
use utoipa::ToSchema;

use crate::view::{ContactResponse, ContactView};

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactPage {
    contacts: Vec<ContactView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the contacts of a customer, those that were added first first.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customers/{reference}/contacts",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = ContactPage)))]
pub(crate) async fn list_contacts(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let (customer, page) = api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.customer(&reference),
            async |queries| queries.page(|tenant| tenant.contacts(&reference), &request).await,
        )
        .await?;
    let _: Customer = customer.ok_or_else(Problem::not_found)?;
    let paged = PageInfo::from(&page);
    Answer::ok(&ContactPage { contacts: page.items.into_iter().map(Into::into).collect(), paged })
}

/// A contact to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateContact {
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    /// Their address: one contact of a customer has it.
    #[serde(deserialize_with = "domain::text::deliverable_email")]
    email: Email,
    /// International, such as +351 211 234 567.
    #[serde(default)]
    phone: Option<Phone>,
    /// What they do at the customer.
    #[serde(default)]
    job_title: Option<Name>,
    /// The language of letters to them; the customer's otherwise.
    #[serde(default)]
    language: Option<Locale>,
}

impl From<CreateContact> for ContactDetails {
    fn from(new: CreateContact) -> Self {
        Self { name: new.name, email: new.email, phone: new.phone, job_title: new.job_title, language: new.language }
    }
}

/// Adds a contact to a customer.
///
/// A customer has at most 100 contacts, and one with each address. It gives the person no access.
///
/// Needs `customers.manage`.
#[utoipa::path(post, path = "/v1/customers/{reference}/contacts", params(("reference" = Reference, Path)),
    request_body = CreateContact, responses((status = 201, body = ContactResponse)))]
pub(crate) async fn add_contact(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path(reference): Path<Reference>,
    body: Body<CreateContact>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let details = ContactDetails::from(body.value);
    let (customer, held) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.customer(&reference), tenant.contact_at(&reference, &details.email))
        })
        .await??;
    let customer: Customer = customer.ok_or_else(Problem::not_found)?;
    if let Some(held) = held {
        return Err(already_there(&held).into());
    }
    let id = ContactId::from_uuid(clock::new_uuid());
    let (counted, contact, event) = contact::add(&customer, id, details, caller.now()).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.customer(&reference), Some(customer.version), &counted);
    change.put_contact(None, &contact);
    change.record(event);
    let answer = Answer::created(&ContactResponse { contact: contact.into() })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

fn already_there(held: &ContactAtAddress) -> Problem {
    Problem::conflict(format!("a contact of this customer has this address: {}", held.contact), "already_there")
}

fn refusal(error: ContactError) -> Problem {
    let state = match error {
        ContactError::TooMany => "full",
        ContactError::Archived => "archived",
        ContactError::HasAccess => "has_access",
    };
    Problem::conflict(error, state)
}

/// Shows a contact.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customers/{reference}/contacts/{contact}",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    responses((status = 200, body = ContactResponse)))]
pub(crate) async fn get_contact(
    State(api): State<Api>,
    caller: InCompany<may::CustomersView>,
    Path((reference, id)): Path<(Reference, ContactId)>,
) -> ApiResult {
    let contact = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.contact(&reference, &id)).await?;
    let contact: Contact = contact.ok_or_else(Problem::not_found)?;
    Answer::ok(&ContactResponse { contact: contact.into() })
}

/// The fields to change. A field that is left out stays as it is; `null` removes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateContact {
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "domain::text::deliverable_email_if_any")]
    email: Option<Email>,
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Patch<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<Name>)]
    job_title: Patch<Name>,
    #[serde(default)]
    #[schema(value_type = Option<Locale>)]
    language: Patch<Locale>,
}

/// Changes a contact.
///
/// The address stays while the contact is invited to the portal or has access to it.
///
/// Needs `customers.manage`.
#[utoipa::path(patch, path = "/v1/customers/{reference}/contacts/{contact}",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    request_body = UpdateContact, responses((status = 200, body = ContactResponse)))]
pub(crate) async fn change_contact(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path((reference, id)): Path<(Reference, ContactId)>,
    body: Body<UpdateContact>,
) -> ApiResult {
    let authority = caller.authority();
    let UpdateContact { name, email, phone, job_title, language } = body.value;
    let (contact, held) = api
        .store
        .load(&authority, caller.now(), |tenant| {
            (
                tenant.contact(&reference, &id),
                email.iter().map(|email| tenant.contact_at(&reference, email)).collect::<Vec<_>>(),
            )
        })
        .await?;
    let contact: Contact = contact.ok_or_else(Problem::not_found)?;
    if let Some(held) = held.into_iter().flatten().find(|held| held.contact != id) {
        return Err(already_there(&held).into());
    }
    let update = ContactUpdate { name, email, phone, job_title, language };
    let Some((changed, event)) = contact.edit(update).map_err(refusal)? else {
        return Answer::ok(&ContactResponse { contact: contact.into() });
    };

    let mut change = api.store.change(&authority, caller.change_context());
    change.put_contact(Some(&contact), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&ContactResponse { contact: changed.into() })
}

/// The removed contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemoveContactResponse {
    removed: ContactView,
}

/// Removes a contact, with the change that they asked for last.
///
/// A contact who is invited to the portal or has access to it is not removed: switch that off first.
///
/// Needs `customers.manage`.
#[utoipa::path(delete, path = "/v1/customers/{reference}/contacts/{contact}",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    responses((status = 200, body = RemoveContactResponse)))]
pub(crate) async fn remove_contact(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path((reference, id)): Path<(Reference, ContactId)>,
) -> ApiResult {
    let authority = caller.authority();
    let (customer, contact, asked_for) = api
        .store
        .load(&authority, caller.now(), |tenant| {
            (tenant.customer(&reference), tenant.contact(&reference, &id), tenant.customer_change(&id))
        })
        .await?;
    let customer: Customer = customer.ok_or_else(Problem::not_found)?;
    let contact: Contact = contact.ok_or_else(Problem::not_found)?;
    let asked_for: Option<CustomerChange> = asked_for;
    let (counted, event) = contact.remove(&customer).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.customer(&reference), Some(customer.version), &counted);
    change.delete_contact(&contact);
    match asked_for {
        Some(asked_for) => change.delete(|tenant| tenant.customer_change(&id), asked_for.version),
        None => change.require_version(|tenant| tenant.customer_change(&id), None),
    }
    change.record(event);
    change.commit().await?;
    Answer::ok(&RemoveContactResponse { removed: contact.into() })
}
