//! Drafts, sends, corrects and withdraws invoices by hand, for a company whose ledger pushes none.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem, clock, input::MAX_DOCUMENT_BYTES};
use axum::extract::State;
use domain::{
    Reference,
    comment::Topic,
    estimate::{Estimate, invoiced_by},
    invoice::{Invoice, InvoiceReport, InvoiceState, InvoiceTerms, PaymentOption, RecordError, Recording, record},
    money::Total,
    permission::may,
    receivables::{AccountInput, CustomerAccount, DocumentChange, account_change},
    sales::{DocumentSource, SalesDocument, reference_from},
    time::Day,
};
use store::{Authority, Idempotency, Tenant};
use views::{Shown, attach, attached};

use crate::{
    drafting::{NoFields, drafted_document, no_such_customer, to_attach},
    invoices::InvoiceResponse,
};

drafted_document! {
    /// An invoice as a person writes it. The amounts follow from the lines.
    WriteInvoice {
        /// Your own reference, when it is drafted. Default: one is made.
        #[serde(default)]
        reference: Option<Reference>,
        due_on: Day,
        /// The amount that was received otherwise than through the payment provider, in minor units. What exceeds the total
        /// is in the customer's favour; once it is paid back, it is no longer received. Default: what is known of it, of a
        /// new invoice 0.
        #[serde(default)]
        settled_elsewhere_minor: Option<Total>,
        /// How it can be paid. Default: in any way.
        #[serde(default)]
        payment_options: Vec<PaymentOption>,
        /// The estimate that it comes from, which becomes invoiced when the invoice is sent.
        #[serde(default)]
        estimate: Option<Reference>,
    }
}

type Caller = InCompany<may::InvoicesManage>;

/// Drafts an invoice.
///
/// The customer does not see it before it is sent.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/invoices", request_body = WriteInvoice,
    responses((status = 201, body = InvoiceResponse)))]
pub(crate) async fn draft_invoice(
    State(api): State<Api>,
    caller: Caller,
    body: Body<WriteInvoice, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let written = body.value;
    let made = || reference_from(Topic::Invoice, clock::new_uuid());
    let reference = written.reference.clone().unwrap_or_else(made);
    write(&api, &caller, &reference, written, true, idempotency.as_ref()).await
}

/// Replaces a draft, or corrects an invoice that was sent.
///
/// A corrected invoice is the customer's at once, as a new revision. The ledger's invoices are the ledger's to change.
///
/// Needs `invoices.manage`.
#[utoipa::path(put, path = "/v1/invoices/{reference}", params(("reference" = Reference, Path)),
    request_body = WriteInvoice, responses((status = 200, body = InvoiceResponse)))]
pub(crate) async fn replace_invoice(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<WriteInvoice, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let written = body.value;
    if written.reference.as_ref().is_some_and(|sent| *sent != reference) {
        return Err(Problem::field("reference", "is the one of the path").into());
    }
    write(&api, &caller, &reference, written, false, None).await
}

async fn write(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    written: WriteInvoice,
    is_new: bool,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let loaded = api.store.load_once(&authority, now, idempotency, |tenant| {
        let documents = (tenant.invoice(reference), written.estimate.as_ref().map(|named| tenant.estimate(named)));
        let account = (tenant.customer(&written.customer), tenant.customer_account(&written.customer));
        (documents, account, tenant.company(), attached(tenant, &written.attachments))
    });
    let ((known, estimate), (customer, account), company, attachments) = loaded.await??;
    match &known {
        Some(known) if is_new => {
            return Err(Problem::conflict("an invoice has this reference", known.state.as_str()).into());
        }
        None if !is_new => return Err(Problem::not_found().into()),
        Some(_) | None => {}
    }
    let today = now.day_in(&company.ok_or_else(Problem::not_found)?.time_zone);
    let stored = known.as_ref().map(SalesDocument::content);
    let authority = to_attach(api, caller.access(), now, &written.attachments, stored).await?;
    let attachments = attach(&written.attachments, &attachments, stored)?;
    let settled = known.as_ref().map(|known| known.terms.settled_elsewhere_minor);
    let terms = InvoiceTerms {
        content: written.content(&customer.ok_or_else(no_such_customer)?, attachments, stored)?,
        settled_elsewhere_minor: written.settled_elsewhere_minor.or(settled).unwrap_or_default(),
        due_on: written.due_on,
        payment_options: written.payment_options,
        estimate: written.estimate,
    };
    let state = known.as_ref().map_or(InvoiceState::Draft, |known| known.state);
    let around = Around { known, account, estimate: estimate.flatten(), today, authority };
    commit(api, caller, reference, terms, state, around, idempotency).await
}

/// Sends a draft.
///
/// From then on the customer sees it and owes it.
///
/// Sending it again changes nothing.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/invoices/{reference}/send", params(("reference" = Reference, Path)),
    request_body = NoFields, responses((status = 200, body = InvoiceResponse)))]
pub(crate) async fn send_invoice(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<NoFields>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    enter(&api, &caller, &reference, InvoiceState::Open, idempotency.as_ref()).await
}

/// Withdraws an invoice for good.
///
/// One that is being paid, was paid in part or is credited is not withdrawn.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/invoices/{reference}/void", params(("reference" = Reference, Path)),
    request_body = NoFields, responses((status = 200, body = InvoiceResponse)))]
pub(crate) async fn void_invoice(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<NoFields>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    enter(&api, &caller, &reference, InvoiceState::Void, idempotency.as_ref()).await
}

async fn enter(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    state: InvoiceState,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let loaded = api
        .store
        .load_once(&authority, now, idempotency, |tenant| (tenant.invoice(reference), tenant.company()))
        .await??;
    let (Some(known), Some(company)) = loaded else { return Err(Problem::not_found().into()) };
    let known: Invoice = api.store.with_lines(&authority, now, known).await?;
    // The invoice names its customer and its estimate.
    let (account, estimate) = api
        .store
        .load(&authority, now, |tenant| {
            let estimate = known.terms.estimate.as_ref().map(|named| tenant.estimate(named));
            (tenant.customer_account(&known.terms.content.customer), estimate)
        })
        .await?;
    let (terms, today) = (known.terms.clone(), now.day_in(&company.time_zone));
    let around = Around { known: Some(known), account, estimate: estimate.flatten(), today, authority };
    commit(api, caller, reference, terms, state, around, idempotency).await
}

/// What was read around an invoice, and what its change needs.
struct Around {
    known: Option<Invoice>,
    account: Option<CustomerAccount>,
    estimate: Option<Estimate>,
    today: Day,
    authority: Authority,
}

async fn commit(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    terms: InvoiceTerms,
    state: InvoiceState,
    around: Around,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let Around { known, account, estimate, today, authority } = around;
    let (company, at) = (&caller.company, caller.now());
    let by = Some(caller.caller.user.clone());
    let report = InvoiceReport { terms, state, source: DocumentSource::Staff, by, at };
    let recorded = record(company, reference, known.clone(), report).map_err(|error| refusal(error, known.as_ref()))?;
    let mut change = api.store.change(&authority, caller.change_context());
    let after = match recorded {
        Recording::Unchanged(known) => {
            change.unchanged(|tenant| tenant.invoice(reference), known.version);
            known
        }
        Recording::Recorded(after, event) => {
            let customer = &after.terms.content.customer;
            let input = AccountInput { company, customer, account, today, at };
            let account = account_change(input, &[DocumentChange::Invoice(known.as_ref(), &after)]);
            if let Some(account) = &account {
                account.check().map_err(|error| Problem::conflict(error, after.state.as_str()))?;
            }
            change.put_account(account.as_ref());
            let invoiced = invoiced_by(estimate, &after).map_err(|error| Problem::field("estimate", error))?;
            if let Some((version, invoiced, event)) = invoiced {
                change.put(|tenant| tenant.estimate(&invoiced.reference), Some(version), &invoiced);
                change.record(event);
            }
            change.put_sales_document(Tenant::invoice, known.as_ref().map(|known| known.version), &after);
            change.record(event);
            if let Some(paid) = after.paid_elsewhere(known.as_ref()) {
                change.record(paid);
            }
            after
        }
    };
    let response = InvoiceResponse { invoice: after.listed(today) };
    let answer = if known.is_none() { Answer::created(&response)? } else { Answer::ok(&response)? };
    Ok(answer.commit(change, idempotency).await??)
}

fn refusal(error: RecordError, known: Option<&Invoice>) -> Problem {
    let (detail, state) = (error.to_string(), known.map_or(InvoiceState::Draft, |known| known.state));
    match error {
        RecordError::OtherCustomer => Problem::field("customer", detail),
        RecordError::BelowPaid { pending } | RecordError::PaymentsExist { pending } => {
            Problem::conflict(detail, state.as_str()).pending_payments(pending)
        }
        RecordError::LedgerKeeps => Problem::conflict(detail, "kept_by_ledger"),
        RecordError::Void | RecordError::Credited | RecordError::SettledElsewhere | RecordError::Sent => {
            Problem::conflict(detail, state.as_str())
        }
    }
}
