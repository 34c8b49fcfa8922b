//! Approvals: see what waits for a sign-off, decide it, and set when one is needed.

mod approvals;
mod policy;

use api::Api;

api::routes! {
    state: Api;
    approvals::{list_approvals, get_approval, decide_approval},
    policy::{get_policy, put_policy},
}
