//! Transactions: the ledger sends one before it posts it, and reads back whether it may.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Note, Reference, UserId, UtcTime,
    approval::{Approval, ApprovalStatus, NotWaiting, ReferenceTaken, Transaction, submit},
    ledger_report::{ReportError, ReportVersion, apply, first_difference},
    money::Amount,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::{
    Which,
    report::{self, Stored},
};

/// A transaction as the ledger sent it, and whether the ledger may post it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerTransaction {
    reference: Reference,
    kind: Name,
    payee: Name,
    amount_minor: Amount,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prepared_by: Option<UserId>,
    /// The ledger may post only a transaction that is `not_required` or `approved`.
    approval: ApprovalStatus,
    requested_at: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<UtcTime>,
    /// Your version of this state, if you reported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<ReportVersion>,
}

/// One transaction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerTransactionResponse {
    transaction: LedgerTransaction,
}

impl From<Approval> for LedgerTransactionResponse {
    fn from(approval: Approval) -> Self {
        let sent = approval.transaction;
        let transaction = LedgerTransaction {
            reference: sent.reference,
            kind: sent.kind,
            payee: sent.payee,
            amount_minor: sent.amount_minor,
            currency: sent.currency,
            description: sent.description,
            prepared_by: sent.prepared_by,
            approval: approval.status,
            requested_at: approval.requested_at,
            decided_by: approval.decided_by,
            decided_by_name: approval.decided_by_name,
            decided_at: approval.decided_at,
            reason: approval.reason,
            withdrawn_at: approval.withdrawn_at,
            version: approval.report_version,
        };
        Self { transaction }
    }
}

/// A transaction as it is stored after a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransactionReportResponse {
    #[serde(flatten)]
    stored: LedgerTransactionResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the stored one, which
    /// changed nothing.
    applied: bool,
}

/// A transaction that the ledger is about to post.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutTransaction {
    /// The kind of transaction, in the ledger's words: `payment`, `journal`, `payroll` …
    kind: Name,
    payee: Name,
    /// In minor units of `currency`.
    amount_minor: Amount,
    currency: Currency,
    #[serde(default)]
    description: Option<Note>,
    /// The person who prepared it; this person cannot approve it. `null` only if no person did: it must be said, so
    /// that nobody approves what they prepared because a field was forgotten.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    prepared_by: Option<UserId>,
    /// Your version of this state, which grows with each change. A report with an older one changes nothing, and one
    /// with the same version must have the same content. A report without a version is always applied.
    #[serde(default)]
    version: Option<ReportVersion>,
}

impl PutTransaction {
    fn under(self, reference: Reference) -> Transaction {
        Transaction {
            reference,
            kind: self.kind,
            payee: self.payee,
            amount_minor: self.amount_minor,
            currency: self.currency,
            description: self.description,
            prepared_by: self.prepared_by,
        }
    }
}

/// Records a transaction from the ledger and says whether it needs an approval.
///
/// A transaction cannot be changed: a different one under the same reference is refused. A report whose `version` is
/// older than the stored one is answered with the stored transaction and `applied: false`.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/transactions/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutTransaction,
    responses((status = 201, body = TransactionReportResponse), (status = 200, body = TransactionReportResponse)))]
pub(crate) async fn put_transaction(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutTransaction>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let version = body.value.version;
    let sent = body.value.under(reference);
    retry_on_conflict(|| async {
        let (policy, earlier) = api
            .store
            .load(&authority, ledger.now, |tenant| (tenant.policy(), tenant.approval(&sent.reference)))
            .await?;
        let before = earlier.as_ref().map(|earlier| (earlier.version, earlier.status));
        let difference = |earlier: &Approval| first_difference(&earlier.transaction, &sent);
        let decide = |earlier| submit(&company, sent.clone(), policy.as_ref(), earlier, ledger.now);
        let outcome = apply(earlier, version, difference, decide)
            .map_err(|error| refusal(error, before.map_or(ApprovalStatus::Pending, |(_, status)| status)))?;
        let mut change = api.store.change(&authority, ledger.change_context());
        // A concurrent change of the policy makes this change fail.
        change.require_version(|tenant| tenant.policy(), policy.map(|policy| policy.version));
        let expected = before.map(|(version, _)| version);
        let Stored { stored, is_new, applied } =
            report::store(change, |tenant| tenant.approval(&sent.reference), expected, outcome).await?;
        Ok(Answer::put(is_new, &TransactionReportResponse { stored: stored.into(), applied })?)
    })
    .await
}

fn refusal(error: ReportError<ReferenceTaken>, status: ApprovalStatus) -> Problem {
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, status.as_str()),
        ReportError::Refused(ReferenceTaken { status }) => Problem::conflict(error, status.as_str()),
    }
}

/// Why a transaction is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawTransaction {
    /// Shown to the people who may decide it.
    #[serde(default)]
    reason: Option<Note>,
}

/// Withdraws a transaction that waits for an approval.
///
/// Nobody can decide it any more, and no email asks for it. A repeat changes nothing; a transaction that does not wait
/// is a conflict. A corrected transaction is sent under a reference of its own.
#[utoipa::path(post, path = "/v1/ledger/companies/{company}/transactions/{reference}/withdraw",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = WithdrawTransaction,
    responses((status = 200, body = LedgerTransactionResponse)))]
pub(crate) async fn withdraw_transaction(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<WithdrawTransaction>,
) -> ApiResult {
    let authority = ledger.authority(company);
    let reason = body.value.reason;
    retry_on_conflict(|| async {
        let approval = api.store.load(&authority, ledger.now, |tenant| tenant.approval(&reference)).await?;
        let approval = approval.ok_or_else(Problem::not_found)?;
        let Some((withdrawn, event)) = approval.withdraw(reason.clone(), ledger.now).map_err(not_waiting)? else {
            return Ok(Answer::ok(&LedgerTransactionResponse::from(approval))?);
        };
        let mut change = api.store.change(&authority, ledger.change_context());
        change.put(|tenant| tenant.approval(&reference), Some(approval.version), &withdrawn);
        change.record(event);
        change.commit().await?;
        Ok(Answer::ok(&LedgerTransactionResponse::from(withdrawn))?)
    })
    .await
}

fn not_waiting(error: NotWaiting) -> Problem {
    Problem::conflict(error, error.status.as_str())
}

/// Shows a transaction and its decision.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/transactions/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerTransactionResponse)))]
pub(crate) async fn get_ledger_transaction(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let approval = api.store.load(&authority, ledger.now, |tenant| tenant.approval(&reference)).await?;
    let approval = approval.ok_or_else(Problem::not_found)?;
    Answer::ok(&LedgerTransactionResponse::from(approval))
}
