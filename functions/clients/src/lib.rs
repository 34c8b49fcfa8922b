//! A firm's client list: the businesses it looks after, connected or not.
//!
//! A client can be on the list before it is connected. `invite` invites it, `accept` connects it, `team`
//! ends the connection; each moves the client to its tab in its own change.

mod clients;
mod import;
mod list;
mod listed;
mod overview;

use api::Api;

api::routes! {
    state: Api;
    clients::{add_client, get_client, change_client, remove_client},
    list::{list_clients},
    import::{import_clients},
    overview::{list_client_overview},
}
