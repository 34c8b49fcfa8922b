//! Who works where: a company's members, a firm's staff, the connections between the two, and
//! which clients are assigned to which bookkeeper.
//!
//! Places and links begin with an invitation, in `invite` and `accept`; here they are seen, changed
//! and ended.

mod assignments;
mod connections;
mod ended;
mod members;
mod refusal;
mod staff;

use edge::Edge;

edge::routes! {
    state: Edge;
    get "/v1/members" => members::list_members,
    patch "/v1/members/{user}" => members::change_member,
    delete "/v1/members/{user}" => members::remove_member,
    get "/v1/staff" => staff::list_staff,
    patch "/v1/staff/{user}" => staff::change_staff,
    delete "/v1/staff/{user}" => staff::remove_staff,
    get "/v1/connections" => connections::list_connections,
    delete "/v1/connections/{org}" => connections::end_connection,
    get "/v1/assignments" => assignments::list_assignments,
    put "/v1/assignments/{company}/{user}" => assignments::assign,
    delete "/v1/assignments/{company}/{user}" => assignments::unassign,
}
