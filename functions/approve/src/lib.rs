//! Approvals: see what waits for a sign-off, decide it, and set when one is needed.

mod approvals;
mod policy;

use api::Api;

api::routes! {
    state: Api;
    get "/v1/approvals" => approvals::list_approvals,
    get "/v1/approvals/{reference}" => approvals::get_approval,
    post "/v1/approvals/{reference}/decision" => approvals::decide_approval,
    get "/v1/approval-policy" => policy::get_policy,
    put "/v1/approval-policy" => policy::put_policy,
}
