//! Approvals: lists pending approvals, decides them, and sets the policy that requires them.

mod approvals;
mod policy;

use api::Api;

api::routes! {
    state: Api;
    approvals::{list_approvals, get_approval, decide_approval},
    policy::{get_policy, put_policy},
}
