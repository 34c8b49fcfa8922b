//! Shows approvals and decides them.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, Path, Problem, ProblemType, Query, paging::page_request};
use axum::extract::State;
use domain::{
    Currency, Name, Note, Reference, UserId, UtcTime,
    approval::{Approval, ApprovalStatus, ApprovalVerdict, DecideError},
    content_digest::ContentDigest,
    money::Amount,
    permission::may,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A transaction and its decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalView {
    reference: Reference,
    kind: Name,
    payee: Name,
    amount_minor: Amount,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prepared_by: Option<UserId>,
    status: ApprovalStatus,
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
    /// Identifies the transaction's content: send it with the decision.
    digest: ContentDigest,
}

impl From<Approval> for ApprovalView {
    fn from(approval: Approval) -> Self {
        let digest = approval.digest();
        let transaction = approval.transaction;
        Self {
            reference: transaction.reference,
            kind: transaction.kind,
            payee: transaction.payee,
            amount_minor: transaction.amount_minor,
            currency: transaction.currency,
            description: transaction.description,
            prepared_by: transaction.prepared_by,
            status: approval.status,
            requested_at: approval.requested_at,
            decided_by: approval.decided_by,
            decided_by_name: approval.decided_by_name,
            decided_at: approval.decided_at,
            reason: approval.reason,
            withdrawn_at: approval.withdrawn_at,
            digest,
        }
    }
}

/// One approval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalResponse {
    approval: ApprovalView,
}

/// A page of approvals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalPage {
    approvals: Vec<ApprovalView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of approvals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only approvals in this state, oldest first. Default: all, by reference.
    #[serde(default)]
    status: Option<ApprovalStatus>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's approvals.
///
/// Needs `approvals.view`.
#[utoipa::path(get, path = "/v1/approvals", params(Which),
    responses((status = 200, body = ApprovalPage)))]
pub(crate) async fn list_approvals(
    State(api): State<Api>,
    caller: InCompany<may::ApprovalsView>,
    Query(which): Query<Which>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let page =
        api.store.page(&caller.authority(), caller.now(), |tenant| tenant.approvals(which.status), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&ApprovalPage { approvals: page.items.into_iter().map(Into::into).collect(), paged })
}

/// Shows an approval.
///
/// Needs `approvals.view`.
#[utoipa::path(get, path = "/v1/approvals/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = ApprovalResponse)))]
pub(crate) async fn get_approval(
    State(api): State<Api>,
    caller: InCompany<may::ApprovalsView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let approval = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.approval(&reference)).await?;
    let approval = approval.ok_or_else(Problem::not_found)?;
    Answer::ok(&ApprovalResponse { approval: approval.into() })
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideApproval {
    decision: ApprovalVerdict,
    #[serde(default)]
    reason: Option<Note>,
    /// The `digest` of the approval that was shown. With another one the decision is refused.
    #[serde(default)]
    digest: Option<ContentDigest>,
}

/// Approves or rejects a pending transaction.
///
/// The person who prepared a transaction cannot decide it. A transaction never changes under its reference, so the
/// `digest` may be left out.
///
/// Needs `approvals.decide`.
#[utoipa::path(post, path = "/v1/approvals/{reference}/decision",
    params(("reference" = Reference, Path)), request_body = DecideApproval,
    responses((status = 200, body = ApprovalResponse)))]
pub(crate) async fn decide_approval(
    State(api): State<Api>,
    caller: InCompany<may::ApprovalsDecide>,
    Path(reference): Path<Reference>,
    body: Body<DecideApproval>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let approval = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.approval(&reference))
        .await??
        .ok_or_else(Problem::not_found)?;

    let claims = caller.context.claims();
    let DecideApproval { decision, reason, digest } = body.value;
    let (decided, event) = approval
        .decide(decision, reason, digest.as_ref(), &claims.sub, Some(&claims.name), caller.now())
        .map_err(|error| refusal(error, &approval))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.approval(&reference), Some(approval.version), &decided);
    change.record(event);
    Ok(Answer::ok(&ApprovalResponse { approval: decided.into() })?.commit(change, idempotency.as_ref()).await??)
}

fn refusal(error: DecideError, approval: &Approval) -> Problem {
    match error {
        DecideError::Preparer => Problem::new(ProblemType::PreparerCannotDecide),
        DecideError::NotPending(status) => Problem::conflict(error, status.as_str()),
        DecideError::Changed => {
            let current = ApprovalResponse { approval: approval.clone().into() };
            Problem::conflict(error, "changed").current(&current)
        }
    }
}
