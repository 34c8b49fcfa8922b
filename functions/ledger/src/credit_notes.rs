//! Credit notes: the ledger reports them, with the invoices to which they apply.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, input::MAX_DOCUMENT_BYTES, scope};
use axum::extract::State;
use domain::{
    CompanyId, Reference,
    credit_note::{
        CreditApplication, CreditNote, CreditNoteError, CreditNoteReport, CreditNoteState, CreditNoteTerms,
        application_changes, record,
    },
    ledger_report::{ReportError, ReportOutcome, apply, is_late},
    money::Total,
    receivables::{AccountInput, DocumentChange, account_change},
    sales::{DocumentSource, SalesDocument},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Tenant, retry_on_conflict};
use utoipa::ToSchema;
use views::{CreditNoteView, Shown, attach, attached, credited_invoices};

use crate::{
    Which,
    content::{content_refused, default_name, difference, no_such_customer, reported_document},
    report::{self, Stored},
};

/// One credit note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerCreditNoteResponse {
    credit_note: CreditNoteView,
}

/// A credit note as it is stored after a report, without its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditNoteReportResponse {
    #[serde(flatten)]
    stored: LedgerCreditNoteResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the stored one, which
    /// changed nothing.
    applied: bool,
}

/// A credit note's state in the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PutCreditNoteStatus {
    /// It is not sent: the customer does not see it.
    Draft,
    /// It counts.
    #[default]
    Issued,
    /// It is cancelled for good.
    Void,
}

impl From<PutCreditNoteStatus> for CreditNoteState {
    fn from(status: PutCreditNoteStatus) -> Self {
        match status {
            PutCreditNoteStatus::Draft => Self::Draft,
            PutCreditNoteStatus::Issued => Self::Issued,
            PutCreditNoteStatus::Void => Self::Void,
        }
    }
}

reported_document! {
    /// A complete credit note: it replaces the stored one. Its amounts are above zero.
    PutCreditNote {
        /// The invoices that it applies to, at most 20, each of the same customer and currency. What is left is in the
        /// customer's favour.
        #[serde(default)]
        applied_to: Vec<CreditApplication>,
        /// How much of what is left was paid out to the customer, in minor units.
        #[serde(default)]
        paid_out_minor: Total,
        #[serde(default)]
        status: PutCreditNoteStatus,
    }
}

/// Creates or updates a credit note from the ledger, and credits the invoices to which it applies.
///
/// The stated amounts are checked against the lines; a refusal names the rule and the line. An invoice is credited at
/// most what is due on it. A report whose `version` is older than the stored one changes nothing and is answered with the
/// stored credit note and `applied: false`; one version with two contents is a conflict that names the field.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/credit-notes/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutCreditNote,
    responses((status = 201, body = CreditNoteReportResponse), (status = 200, body = CreditNoteReportResponse)))]
pub(crate) async fn put_credit_note(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutCreditNote, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let sent = body.value;
    let state = CreditNoteState::from(sent.status);
    retry_on_conflict(|| async {
        let wanted = api.store.load(&authority, ledger.now, |tenant| {
            (
                tenant.credit_note(&reference),
                tenant.company(),
                tenant.customer(&sent.customer),
                tenant.customer_account(&sent.customer),
                attached(tenant, &sent.attachments),
            )
        });
        let (known, profile, customer, account, attachments) = wanted.await?;
        let today = ledger.now.day_in(&profile.ok_or_else(Problem::not_found)?.time_zone);
        // What became of the customer and of attachments since is no matter of a report that comes too late.
        if let Some(known) = known.as_ref().filter(|known| is_late(*known, sent.version)) {
            let stored = LedgerCreditNoteResponse { credit_note: known.clone().listed(today) };
            return Ok(Answer::put(false, &CreditNoteReportResponse { stored, applied: false })?);
        }
        let customer = customer.ok_or_else(no_such_customer)?;
        let stored = known.as_ref().map(SalesDocument::content);
        let attachments = attach(&sent.attachments, &attachments, stored)?;
        let name = default_name(stored, &sent.customer, &customer.details.name);
        let content = sent.content(&name, attachments);
        let checked = content.check(customer.details.currency, sent.currency_differs, stored);
        checked.map_err(|error| content_refused(&error))?;
        let paid_out_minor = sent.paid_out_minor;
        let terms = CreditNoteTerms { content, applied_to: sent.applied_to.clone(), paid_out_minor };

        let before = known.clone();
        let stored_state = known.as_ref().map_or(CreditNoteState::Draft, |known| known.state);
        let differs = |known: &CreditNote| {
            difference(known, &known.terms, terms.clone(), &terms.content_digest(), |terms| &mut terms.content.lines)
                .or_else(|| (known.state != state).then(|| "status".to_owned()))
        };
        let at = ledger.now;
        let report = || CreditNoteReport { terms: terms.clone(), state, source: DocumentSource::Ledger, by: None, at };
        let decide = |known| record(&company, &reference, known, report());
        let outcome = apply(known, sent.version, differs, decide).map_err(|error| refusal(error, stored_state))?;

        let mut change = api.store.change(&authority, ledger.change_context());
        if let ReportOutcome::Recorded(after, _) = &outcome {
            let changes = application_changes(before.as_ref(), after);
            let invoices: Vec<&Reference> = changes.keys().collect();
            let found = if invoices.is_empty() {
                Vec::new()
            } else {
                let wanted =
                    |tenant: &Tenant| invoices.iter().map(|invoice| tenant.invoice(invoice)).collect::<Vec<_>>();
                api.store.load(&authority, ledger.now, wanted).await?
            };
            let credited = credited_invoices(after, &changes, found)?;
            let mut changed: Vec<DocumentChange<'_>> =
                credited.iter().map(|(before, after)| DocumentChange::Invoice(Some(before), after)).collect();
            changed.push(DocumentChange::CreditNote(before.as_ref(), after));
            let input = AccountInput { company: &company, customer: &sent.customer, account, today, at };
            let account = account_change(input, &changed);
            if let Some(account) = &account {
                account.check().map_err(|error| Problem::conflict(error, stored_state.as_str()))?;
            }
            change.put_account(account.as_ref());
            for (before, after) in &credited {
                change.put(|tenant| tenant.invoice(&after.reference), Some(before.version), after);
            }
        }
        let expected = before.as_ref().map(|before| before.version);
        let Stored { stored, is_new, applied } =
            report::store_document(change, Tenant::credit_note, expected, outcome).await?;
        let stored = LedgerCreditNoteResponse { credit_note: stored.listed(today) };
        Ok::<_, Attempt<_>>(Answer::put(is_new, &CreditNoteReportResponse { stored, applied })?)
    })
    .await
}

fn refusal(error: ReportError<CreditNoteError>, state: CreditNoteState) -> Problem {
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, state.as_str()),
        ReportError::Refused(CreditNoteError::AppliedBeyondTotal | CreditNoteError::Applications) => {
            Problem::field("applied_to", error)
        }
        ReportError::Refused(CreditNoteError::PaidOutBeyondRest) => Problem::field("paid_out_minor", error),
        ReportError::Refused(CreditNoteError::OtherAccount) => Problem::field("customer", error),
        ReportError::Refused(
            CreditNoteError::Void | CreditNoteError::PaidOut | CreditNoteError::Sent | CreditNoteError::LedgerKeeps,
        ) => Problem::conflict(error, state.as_str()),
    }
}

/// Shows a credit note with its lines.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/credit-notes/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerCreditNoteResponse)))]
pub(crate) async fn get_ledger_credit_note(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let wanted =
        api.store.load(&authority, ledger.now, |tenant| (tenant.credit_note(&reference), tenant.company())).await?;
    let (Some(note), Some(company)) = wanted else { return Err(Problem::not_found().into()) };
    let note = api.store.with_lines(&authority, ledger.now, note).await?;
    Answer::ok(&LedgerCreditNoteResponse { credit_note: note.shown(ledger.now.day_in(&company.time_zone)) })
}
