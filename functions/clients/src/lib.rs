//! A firm's client list: the businesses it looks after, connected or not.
//!
//! A client is on the list before it is connected. Inviting it is for `invite`, connecting it for
//! `accept`, ending the connection for `team`; each moves the client to its tab in its own change.

mod clients;
mod import;
mod list;

use api::Api;

api::routes! {
    state: Api;
    post "/v1/clients" => clients::add_client,
    get "/v1/clients" => list::list_clients,
    get "/v1/clients/{id}" => clients::get_client,
    patch "/v1/clients/{id}" => clients::change_client,
    delete "/v1/clients/{id}" => clients::remove_client,
    post "/v1/clients/import" => import::import_clients,
}
