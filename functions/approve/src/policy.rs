//! The policy that says which transactions need an approval.

use api::{Answer, Api, ApiResult, Body, InCompany, Problem};
use axum::extract::State;
use domain::{
    Currency, Org, Permission,
    approval::{Policy, PolicyRefusal, set_policy, to_set_policy},
    money::Amount,
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::Tally;
use utoipa::ToSchema;

/// A company's approval policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalPolicy)]
pub(crate) struct PolicyView {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_minor: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
}

impl From<Option<Policy>> for PolicyView {
    fn from(policy: Option<Policy>) -> Self {
        Self {
            enabled: policy.as_ref().is_some_and(|policy| policy.enabled),
            threshold_minor: policy.as_ref().map(|policy| policy.threshold_minor),
            currency: policy.map(|policy| policy.currency),
        }
    }
}

/// The policy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalPolicyResponse {
    policy: PolicyView,
}

/// Shows the company's approval policy.
///
/// The policy is disabled until one is set.
///
/// Needs `approvals.view`.
#[utoipa::path(get, path = "/v1/approval-policy", responses((status = 200, body = ApprovalPolicyResponse)))]
pub(crate) async fn get_policy(State(api): State<Api>, caller: InCompany<may::ApprovalsView>) -> ApiResult {
    let policy = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.policy()).await?;
    Answer::ok(&ApprovalPolicyResponse { policy: policy.into() })
}

/// A new policy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutApprovalPolicy {
    /// Whether any transaction needs an approval.
    enabled: bool,
    /// The lowest amount that needs an approval, in minor units of `currency`. Transactions in another
    /// currency always need one.
    threshold_minor: Amount,
    currency: Currency,
}

/// Sets the company's approval policy.
///
/// It applies to transactions that the ledger sends from now on. Everybody who may decide approvals gets a letter
/// about it; so how often a person, and a company, may do this in a day is limited.
///
/// Needs `approvals.manage`. To weaken the policy (to switch it off, raise the threshold or change its
/// currency) needs `approvals.decide` too, and nobody can from a firm.
#[utoipa::path(put, path = "/v1/approval-policy", request_body = PutApprovalPolicy,
    responses((status = 200, body = ApprovalPolicyResponse)))]
pub(crate) async fn put_policy(
    State(api): State<Api>,
    caller: InCompany<may::ApprovalsManage>,
    body: Body<PutApprovalPolicy>,
) -> ApiResult {
    let company = caller.company.clone();
    let access = caller.access();
    let existing = api.store.load(&access.clone().into(), caller.now(), |tenant| tenant.policy()).await?;

    let PutApprovalPolicy { enabled, threshold_minor, currency } = body.value;
    let (policy, event) = set_policy(&company, existing.as_ref(), enabled, threshold_minor, currency);

    let access = to_set_policy(access, existing.as_ref(), &policy).map_err(refusal)?;
    let mut change = api.store.change(&access.into(), caller.change_context());
    change.put(|tenant| tenant.policy(), existing.map(|existing| existing.version), &policy);
    let org = Org::Company(company);
    for tally in Tally::of_letters(&api.allowances, &caller.caller.user, &org, caller.now()) {
        change.count(&tally);
    }
    change.record(event);
    change.commit().await?;
    Answer::ok(&ApprovalPolicyResponse { policy: Some(policy).into() })
}

fn refusal(error: PolicyRefusal) -> Problem {
    match error {
        PolicyRefusal::FromFirm => Problem::not_granted(Permission::ApprovalsDecide).detail(error),
    }
}
