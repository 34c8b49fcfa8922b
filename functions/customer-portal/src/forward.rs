//! A contact forwards a document of their customer to somebody else, who becomes a contact without access and gets a
//! hosted link to that document alone.

use api::{Answer, Api, ApiResult, Body, InCustomer, Path, Problem, clock};
use axum::extract::State;
use domain::{
    ContactId, DocumentLinkId, Email, Name, Note, Reference,
    credit_note::CreditNote,
    customer::{
        Contact, ContactDetails, Customer,
        contact::{self, ContactError},
        seat::ContactSeat,
    },
    estimate::Estimate,
    invoice::Invoice,
    permission::{NeedsAll, may},
    sales::{DocumentLink, Forwarder, NewLink},
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{ContactAtAddress, Tally};
use utoipa::ToSchema;

use crate::document::Shown;

/// Who gets a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForwardDocument {
    /// Their name. An address that is a contact's keeps the name that it has, for the company.
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    #[serde(deserialize_with = "domain::text::deliverable_email")]
    email: Email,
    /// Your own words, for the letter.
    #[serde(default)]
    message: Option<Note>,
}

/// A document that was forwarded. The link is in the letter alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForwardedDocument {
    link: DocumentLinkId,
    /// The name and the address as you sent them, whether or not the address was a contact's before.
    name: Name,
    email: Email,
    /// The last day on which the link opens, in the company's time zone.
    expires_on: Day,
}

/// Forwards an invoice of the customer to another address.
///
/// The person at the address becomes a contact without access, and gets a link to this invoice alone.
///
/// Needs `invoices.view` and `sales.forward`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/forward",
    params(("reference" = Reference, Path)), request_body = ForwardDocument,
    responses((status = 201, body = ForwardedDocument)))]
pub(crate) async fn forward_customer_invoice(
    State(api): State<Api>,
    caller: InCustomer<(may::InvoicesView, may::SalesForward)>,
    Path(reference): Path<Reference>,
    body: Body<ForwardDocument>,
) -> ApiResult {
    forward(&api, &caller, &reference, body, |invoice: &Invoice| Some(invoice.terms.due_on)).await
}

/// Forwards an estimate of the customer to another address.
///
/// The person at the address becomes a contact without access, and gets a link to this estimate alone.
///
/// Needs `estimates.view` and `sales.forward`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/forward",
    params(("reference" = Reference, Path)), request_body = ForwardDocument,
    responses((status = 201, body = ForwardedDocument)))]
pub(crate) async fn forward_customer_estimate(
    State(api): State<Api>,
    caller: InCustomer<(may::EstimatesView, may::SalesForward)>,
    Path(reference): Path<Reference>,
    body: Body<ForwardDocument>,
) -> ApiResult {
    forward(&api, &caller, &reference, body, |estimate: &Estimate| Some(estimate.terms.valid_until)).await
}

/// Forwards a credit note of the customer to another address.
///
/// The person at the address becomes a contact without access, and gets a link to this credit note alone.
///
/// Needs `invoices.view` and `sales.forward`.
#[utoipa::path(post, path = "/v1/customer-portal/credit-notes/{reference}/forward",
    params(("reference" = Reference, Path)), request_body = ForwardDocument,
    responses((status = 201, body = ForwardedDocument)))]
pub(crate) async fn forward_customer_credit_note(
    State(api): State<Api>,
    caller: InCustomer<(may::InvoicesView, may::SalesForward)>,
    Path(reference): Path<Reference>,
    body: Body<ForwardDocument>,
) -> ApiResult {
    forward(&api, &caller, &reference, body, |_: &CreditNote| None).await
}

async fn forward<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    reference: &Reference,
    body: Body<ForwardDocument>,
    last_day: impl Fn(&T) -> Option<Day>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let ForwardDocument { name, email, message } = body.value;
    // The answer is the same for an address that is a contact's already: it tells nobody who the contacts are.
    let sent = (name.clone(), email.clone());
    let (document, company, customer, held, seat) = api
        .store
        .load_once(&authority, now, idempotency.as_ref(), |tenant| {
            let (customer, held) = (tenant.customer(&caller.customer), tenant.contact_at(&caller.customer, &email));
            let seat = tenant.contact_seat(&caller.customer, &caller.caller.user);
            (T::key(tenant, reference), tenant.company(), customer, held, seat)
        })
        .await??;
    let document = T::shown(document, &caller.customer)?;
    let (company, customer) = company.zip(customer).ok_or_else(Problem::not_found)?;
    let customer: Customer = customer;
    let seat: ContactSeat = seat.ok_or_else(Problem::not_found)?;
    let known = match held {
        Some(ContactAtAddress { contact, .. }) => {
            let key = api.store.load(&authority, now, |tenant| tenant.contact(&caller.customer, &contact)).await?;
            Some(key.ok_or_else(Problem::not_found)?)
        }
        None => None,
    };

    let mut change = api.store.change(&authority, caller.change_context());
    let addressee: Contact = match known {
        Some(known) => {
            change.unchanged(|tenant| tenant.contact(&caller.customer, &known.id), known.version);
            known
        }
        None => {
            let details = ContactDetails { name, email, phone: None, job_title: None, language: None };
            let id = ContactId::from_uuid(clock::new_uuid());
            let (counted, added, event) = contact::add(&customer, id, details, now).map_err(refusal)?;
            change.put(|tenant| tenant.customer(&caller.customer), Some(customer.version), &counted);
            change.put_contact(None, &added);
            change.record(event);
            added
        }
    };
    let new = NewLink {
        id: DocumentLinkId::from_uuid(clock::new_uuid()),
        topic: T::TOPIC,
        document: reference.clone(),
        number: document.content().number.clone(),
        due_on: last_day(&document),
        contact: &addressee,
        // The link gives no more than this seat, and ends with it.
        forwarded_by: Some(Forwarder {
            user: caller.caller.user.clone(),
            contact: seat.contact,
            name: caller.context.claims().name.clone(),
        }),
        message,
    };
    let (link, event) = DocumentLink::make(new, &company.time_zone, now);
    let counted = Tally::of_contact(&api.allowances, &caller.caller.user, (&caller.company, &caller.customer), now);
    for tally in counted.into_iter().chain(Tally::of_forwarded_link(&api.allowances, &link, now)) {
        change.count(&tally);
    }
    change.put(|tenant| tenant.document_link(&link.id), None, &link);
    change.record(event);
    let response = ForwardedDocument { link: link.id, name: sent.0, email: sent.1, expires_on: link.expires_on };
    Ok(Answer::created(&response)?.commit(change, idempotency.as_ref()).await??)
}

fn refusal(error: ContactError) -> Problem {
    let state = match error {
        ContactError::TooMany => "full",
        ContactError::Archived => "archived",
        ContactError::HasAccess => "has_access",
    };
    Problem::conflict(error, state)
}
