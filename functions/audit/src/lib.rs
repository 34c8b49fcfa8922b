//! The audit trail: what happened in a company or firm, who did it, and from where.

mod trail;

use edge::Edge;

edge::routes! {
    state: Edge;
    get "/v1/audit" => trail::list_events,
}
