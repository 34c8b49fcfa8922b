//! Drafts, sends, corrects and withdraws credit notes by hand, for a company whose ledger pushes none.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem, clock, input::MAX_DOCUMENT_BYTES};
use axum::extract::State;
use domain::{
    Reference,
    comment::Topic,
    credit_note::{
        CreditApplication, CreditNote, CreditNoteError, CreditNoteReport, CreditNoteState, CreditNoteTerms,
        application_changes, record,
    },
    ledger_report::Recording,
    money::Total,
    permission::may,
    receivables::{AccountInput, CustomerAccount, DocumentChange, account_change},
    sales::{DocumentSource, SalesDocument, reference_from},
    time::Day,
};
use store::{Authority, Idempotency, Tenant};
use views::{Shown, attach, attached, credited_invoices};

use crate::{
    credit_notes::CreditNoteResponse,
    drafting::{NoFields, drafted_document, no_such_customer, to_attach},
};

drafted_document! {
    /// A credit note as a person writes it. The amounts follow from the lines, and are above zero.
    WriteCreditNote {
        /// Your own reference, when it is drafted. Default: one is made.
        #[serde(default)]
        reference: Option<Reference>,
        /// The invoices that it applies to, at most 20, each of the same customer and currency. What is left is in the
        /// customer's favour. Default: those that it applies to already.
        #[serde(default)]
        applied_to: Option<Vec<CreditApplication>>,
        /// How much of what is left was paid out to the customer, in minor units. Default: what is known of it, of a new
        /// credit note 0.
        #[serde(default)]
        paid_out_minor: Option<Total>,
    }
}

type Caller = InCompany<may::InvoicesManage>;

/// Drafts a credit note.
///
/// The customer does not see it, and it does not count, before it is sent.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/credit-notes", request_body = WriteCreditNote,
    responses((status = 201, body = CreditNoteResponse)))]
pub(crate) async fn draft_credit_note(
    State(api): State<Api>,
    caller: Caller,
    body: Body<WriteCreditNote, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let written = body.value;
    let made = || reference_from(Topic::CreditNote, clock::new_uuid());
    let reference = written.reference.clone().unwrap_or_else(made);
    write(&api, &caller, &reference, written, true, idempotency.as_ref()).await
}

/// Replaces a draft, or corrects a credit note that was sent.
///
/// Needs `invoices.manage`.
#[utoipa::path(put, path = "/v1/credit-notes/{reference}", params(("reference" = Reference, Path)),
    request_body = WriteCreditNote, responses((status = 200, body = CreditNoteResponse)))]
pub(crate) async fn replace_credit_note(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<WriteCreditNote, MAX_DOCUMENT_BYTES>,
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
    written: WriteCreditNote,
    is_new: bool,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let loaded = api.store.load_once(&authority, now, idempotency, |tenant| {
        let account = (tenant.customer(&written.customer), tenant.customer_account(&written.customer));
        (tenant.credit_note(reference), account, tenant.company(), attached(tenant, &written.attachments))
    });
    let (known, (customer, account), company, attachments) = loaded.await??;
    match &known {
        Some(known) if is_new => {
            return Err(Problem::conflict("a credit note has this reference", known.state.as_str()).into());
        }
        None if !is_new => return Err(Problem::not_found().into()),
        Some(_) | None => {}
    }
    let today = now.day_in(&company.ok_or_else(Problem::not_found)?.time_zone);
    let stored = known.as_ref().map(SalesDocument::content);
    let authority = to_attach(api, caller.access(), now, &written.attachments, stored).await?;
    let attachments = attach(&written.attachments, &attachments, stored)?;
    let content = written.content(&customer.ok_or_else(no_such_customer)?, attachments, stored)?;
    let used = known.as_ref().map(|known| (known.terms.applied_to.clone(), known.terms.paid_out_minor));
    let (applied_to, paid_out_minor) = used.unwrap_or_default();
    let terms = CreditNoteTerms {
        content,
        applied_to: written.applied_to.unwrap_or(applied_to),
        paid_out_minor: written.paid_out_minor.unwrap_or(paid_out_minor),
    };
    let state = known.as_ref().map_or(CreditNoteState::Draft, |known| known.state);
    commit(api, caller, reference, (terms, state), Around { known, account, today, authority }, idempotency).await
}

/// Sends a draft.
///
/// From then on it counts, and the invoices that it applies to are credited.
///
/// Sending it again changes nothing.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/credit-notes/{reference}/send", params(("reference" = Reference, Path)),
    request_body = NoFields, responses((status = 200, body = CreditNoteResponse)))]
pub(crate) async fn send_credit_note(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<NoFields>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    enter(&api, &caller, &reference, CreditNoteState::Issued, idempotency.as_ref()).await
}

/// Withdraws a credit note for good: what it took off invoices is due again.
///
/// Needs `invoices.manage`.
#[utoipa::path(post, path = "/v1/credit-notes/{reference}/void", params(("reference" = Reference, Path)),
    request_body = NoFields, responses((status = 200, body = CreditNoteResponse)))]
pub(crate) async fn void_credit_note(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<NoFields>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    enter(&api, &caller, &reference, CreditNoteState::Void, idempotency.as_ref()).await
}

async fn enter(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    state: CreditNoteState,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let loaded = api
        .store
        .load_once(&authority, now, idempotency, |tenant| (tenant.credit_note(reference), tenant.company()))
        .await??;
    let (Some(known), Some(company)) = loaded else { return Err(Problem::not_found().into()) };
    let known: CreditNote = api.store.with_lines(&authority, now, known).await?;
    // The credit note names its customer.
    let customer = &known.terms.content.customer;
    let account = api.store.load(&authority, now, |tenant| tenant.customer_account(customer)).await?;
    let (terms, today) = (known.terms.clone(), now.day_in(&company.time_zone));
    let around = Around { known: Some(known), account, today, authority };
    commit(api, caller, reference, (terms, state), around, idempotency).await
}

/// What was read around a credit note, and what its change needs.
struct Around {
    known: Option<CreditNote>,
    account: Option<CustomerAccount>,
    today: Day,
    authority: Authority,
}

async fn commit(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    (terms, state): (CreditNoteTerms, CreditNoteState),
    around: Around,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let Around { known, account, today, authority } = around;
    let (company, at) = (&caller.company, caller.now());
    let by = Some(caller.caller.user.clone());
    let report = CreditNoteReport { terms, state, source: DocumentSource::Staff, by, at };
    let known_state = known.as_ref().map_or(CreditNoteState::Draft, |known| known.state);
    let recorded = record(company, reference, known.clone(), report).map_err(|error| refusal(error, known_state))?;
    let mut change = api.store.change(&authority, caller.change_context());
    let after = match recorded {
        Recording::Unchanged(known) => {
            change.unchanged(|tenant| tenant.credit_note(reference), known.version);
            known
        }
        Recording::Recorded(after, event) => {
            let changes = application_changes(known.as_ref(), &after);
            let invoices: Vec<&Reference> = changes.keys().collect();
            let found = if invoices.is_empty() {
                Vec::new()
            } else {
                let wanted =
                    |tenant: &Tenant| invoices.iter().map(|invoice| tenant.invoice(invoice)).collect::<Vec<_>>();
                api.store.load(&authority, at, wanted).await?
            };
            let credited = credited_invoices(&after, &changes, found)?;
            let mut changed: Vec<DocumentChange<'_>> =
                credited.iter().map(|(before, after)| DocumentChange::Invoice(Some(before), after)).collect();
            changed.push(DocumentChange::CreditNote(known.as_ref(), &after));
            let customer = &after.terms.content.customer;
            let account = account_change(AccountInput { company, customer, account, today, at }, &changed);
            if let Some(account) = &account {
                account.check().map_err(|error| Problem::conflict(error, after.state.as_str()))?;
            }
            change.put_account(account.as_ref());
            for (before, after) in &credited {
                change.put(|tenant| tenant.invoice(&after.reference), Some(before.version), after);
            }
            change.put_sales_document(Tenant::credit_note, known.as_ref().map(|known| known.version), &after);
            change.record(event);
            after
        }
    };
    let response = CreditNoteResponse { credit_note: after.listed(today) };
    let answer = if known.is_none() { Answer::created(&response)? } else { Answer::ok(&response)? };
    Ok(answer.commit(change, idempotency).await??)
}

fn refusal(error: CreditNoteError, state: CreditNoteState) -> Problem {
    match error {
        CreditNoteError::AppliedBeyondTotal | CreditNoteError::Applications => Problem::field("applied_to", error),
        CreditNoteError::PaidOutBeyondRest => Problem::field("paid_out_minor", error),
        CreditNoteError::OtherAccount => Problem::field("customer", error),
        CreditNoteError::LedgerKeeps => Problem::conflict(error, "kept_by_ledger"),
        CreditNoteError::Void | CreditNoteError::PaidOut | CreditNoteError::Sent => {
            Problem::conflict(error, state.as_str())
        }
    }
}
