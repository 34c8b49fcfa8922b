//! Transactions: the ledger sends one before it posts it, and reads back whether it may.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Note, Reference, UserId, UtcTime,
    approval::{Approval, ApprovalStatus, ReferenceTaken, Submission, Transaction, submit},
    money::Amount,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::Which;

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
        };
        Self { transaction }
    }
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
    /// The person who prepared it; this person cannot approve it.
    #[serde(default)]
    prepared_by: Option<UserId>,
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
/// A transaction cannot be changed: a different one under the same reference is refused.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/transactions/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutTransaction,
    responses((status = 201, body = LedgerTransactionResponse), (status = 200, body = LedgerTransactionResponse)))]
pub(crate) async fn put_transaction(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutTransaction>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let sent = body.value.under(reference);
    retry_on_conflict(|| async {
        let (policy, earlier) = api
            .store
            .load(&authority, ledger.now, |tenant| (tenant.policy(), tenant.approval(&sent.reference)))
            .await?;
        match submit(&company, sent.clone(), policy.as_ref(), earlier, ledger.now).map_err(taken)? {
            Submission::Unchanged(approval) => Ok(Answer::ok(&LedgerTransactionResponse::from(approval))?),
            Submission::Recorded(approval, event) => {
                let mut change = api.store.change(&authority, ledger.change_context());
                // A concurrent change of the policy makes this change fail.
                change.require_version(|tenant| tenant.policy(), policy.map(|policy| policy.version));
                change.put(|tenant| tenant.approval(&sent.reference), None, &approval);
                change.record(event);
                change.commit().await?;
                Ok(Answer::created(&LedgerTransactionResponse::from(approval))?)
            }
        }
    })
    .await
}

fn taken(taken: ReferenceTaken) -> Problem {
    Problem::conflict(taken, taken.status.as_str())
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
