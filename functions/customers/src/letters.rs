//! Letters that people of the company send to a customer's contacts: a document again, as it is, and statements.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    Org, Reference,
    comment::Topic,
    credit_note::{CreditNote, CreditNoteState},
    customer::CustomerStatus,
    estimate::Estimate,
    event::NewEvent,
    invoice::{Invoice, InvoiceState},
    permission::{NeedsAll, may},
    receivables::{StatementPeriod, send_statement},
    sales::{SentDocument, resend},
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Idempotency, Tally};
use utoipa::ToSchema;

/// A document to send again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendDocumentAgain {
    /// `invoice`, `credit_note` or `estimate`.
    kind: Topic,
    /// A document that was sent to this customer and not withdrawn.
    document: Reference,
}

/// A statement to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendStatement {
    /// The first day.
    from: Day,
    /// The last day.
    until: Day,
}

/// Letters are on their way to the customer's contacts who may see what they are about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LettersResponse {
    customer: Reference,
}

/// Sends a document to its customer's contacts again, as it is.
///
/// The contacts who may see it get a letter with the page of the document. Nothing of the document changes.
///
/// Needs `customers.manage`, `invoices.view` and `estimates.view`.
#[utoipa::path(post, path = "/v1/customers/{reference}/document-letters", params(("reference" = Reference, Path)),
    request_body = SendDocumentAgain, responses((status = 202, body = LettersResponse)))]
pub(crate) async fn send_document_again(
    State(api): State<Api>,
    caller: InCompany<(may::CustomersManage, may::InvoicesView, may::EstimatesView)>,
    Path(reference): Path<Reference>,
    body: Body<SendDocumentAgain>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let SendDocumentAgain { kind, document } = body.value;
    if kind == Topic::Document {
        return Err(Problem::field("kind", "is no kind of sales document").into());
    }
    let on = |topic: Topic| (kind == topic).then_some(&document);
    let (customer, invoice, credit_note, estimate) = api
        .store
        .load_once(&authority, now, idempotency.as_ref(), |tenant| {
            (
                tenant.customer(&reference),
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await??;
    let customer = Customer::of(customer)?;
    let invoice: Option<Invoice> = invoice.flatten().filter(|it: &Invoice| it.is_shown_to(&reference));
    let note: Option<CreditNote> = credit_note.flatten().filter(|it: &CreditNote| it.is_shown_to(&reference));
    let estimate: Option<Estimate> = estimate.flatten().filter(|it: &Estimate| it.is_shown_to(&reference));
    let is_void = invoice.as_ref().is_some_and(|it| it.state == InvoiceState::Void)
        || note.as_ref().is_some_and(|it| it.state == CreditNoteState::Void);
    if is_void {
        return Err(Problem::conflict("the document was withdrawn", "void").into());
    }
    let company = &caller.company;
    let event = invoice.and_then(|it| resend(company, &it));
    let event = event.or(note.and_then(|it| resend(company, &it))).or(estimate.and_then(|it| resend(company, &it)));
    let event = event.ok_or_else(|| Problem::field("document", "is no document that was sent to this customer"))?;
    send(&api, &caller, customer, event, idempotency.as_ref()).await
}

/// Sends a statement of account to a customer's contacts.
///
/// The contacts who may see statements get a letter with the page of the statement in the portal.
///
/// Needs `customers.manage` and `statements.view`.
#[utoipa::path(post, path = "/v1/customers/{reference}/statement-letters", params(("reference" = Reference, Path)),
    request_body = SendStatement, responses((status = 202, body = LettersResponse)))]
pub(crate) async fn send_statement_letter(
    State(api): State<Api>,
    caller: InCompany<(may::CustomersManage, may::StatementsView)>,
    Path(reference): Path<Reference>,
    body: Body<SendStatement>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let SendStatement { from, until } = body.value;
    if until < from {
        return Err(Problem::field("until", "must not be before `from`").into());
    }
    let wanted = |tenant: &store::Tenant| tenant.customer(&reference);
    let found = api.store.load_once(&caller.authority(), caller.now(), idempotency.as_ref(), wanted).await??;
    let customer = Customer::of(found)?;
    let event = send_statement(&caller.company, &reference, StatementPeriod { from, until });
    send(&api, &caller, customer, event, idempotency.as_ref()).await
}

/// A customer who gets letters.
struct Customer {
    reference: Reference,
    version: u64,
}

impl Customer {
    fn of(found: Option<domain::customer::Customer>) -> Result<Self, Problem> {
        let found = found.ok_or_else(Problem::not_found)?;
        match found.status {
            CustomerStatus::Active => Ok(Self { reference: found.reference, version: found.version }),
            CustomerStatus::Archived => Err(Problem::conflict("the customer is archived", "archived")),
        }
    }
}

/// Records that something is sent: the letters follow from the event.
async fn send<P: NeedsAll>(
    api: &Api,
    caller: &InCompany<P>,
    customer: Customer,
    event: NewEvent,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let mut change = api.store.change(&caller.authority(), caller.change_context());
    let org = Org::Company(caller.company.clone());
    for tally in Tally::of_letters(&api.allowances, &caller.caller.user, &org, caller.now()) {
        change.count(&tally);
    }
    change.unchanged(|tenant| tenant.customer(&customer.reference), customer.version);
    change.record(event);
    Ok(Answer::accepted(&LettersResponse { customer: customer.reference })?.commit(change, idempotency).await??)
}
