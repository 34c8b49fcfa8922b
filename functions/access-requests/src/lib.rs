//! Requests for access for a time: people ask for more than their place gives them, and others decide.

mod access_requests;
mod place;
mod view;

use api::Api;

api::routes! {
    state: Api;
    access_requests::{ask, list_requests, list_own, grant, refuse, withdraw},
}
