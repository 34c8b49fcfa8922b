//! Who works where: a company's members, a firm's staff, the connections between the two, and
//! which clients are assigned to which bookkeeper.
//!
//! Places and links begin with an invitation, in `invite` and `accept`; here they are seen, changed,
//! widened for a time on request, and ended.

mod assignments;
mod connections;
mod consents;
mod ended;
mod members;
mod refusal;
mod requests;
mod staff;

use api::Api;

api::routes! {
    state: Api;
    get "/v1/members" => members::list_members,
    patch "/v1/members/{user}" => members::change_member,
    delete "/v1/members/{user}" => members::remove_member,
    get "/v1/members/{user}/removal" => members::preview_removal,
    get "/v1/staff" => staff::list_staff,
    patch "/v1/staff/{user}" => staff::change_staff,
    delete "/v1/staff/{user}" => staff::remove_staff,
    get "/v1/staff/{user}/removal" => staff::preview_removal,
    get "/v1/connections" => connections::list_connections,
    patch "/v1/connections/{org}" => connections::change_connection,
    delete "/v1/connections/{org}" => connections::end_connection,
    get "/v1/connections/{org}/removal" => connections::preview_end,
    get "/v1/connections/{org}/consents" => consents::list_consents,
    get "/v1/assignments" => assignments::list_assignments,
    put "/v1/assignments/{company}/{user}" => assignments::assign,
    delete "/v1/assignments/{company}/{user}" => assignments::unassign,
    get "/v1/assignments/{company}/{user}/removal" => assignments::preview_unassign,
    post "/v1/access-requests" => requests::ask,
    get "/v1/access-requests" => requests::list_requests,
    get "/v1/access-requests/mine" => requests::list_own,
    post "/v1/access-requests/{id}/grant" => requests::grant,
    post "/v1/access-requests/{id}/refuse" => requests::refuse,
    post "/v1/access-requests/{id}/withdraw" => requests::withdraw,
}
