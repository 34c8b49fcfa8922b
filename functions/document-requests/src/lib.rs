//! Requests for documents: members of a company are asked for papers until a day, each paper is accepted or sent
//! back, and a firm sees what is missing across all its clients.

mod asking;
mod lists;
mod people;
mod reviewing;
mod view;

use api::Api;

api::routes! {
    state: Api;
    asking::{request_documents, change_document_request, withdraw_document_request},
    lists::{list_document_requests, list_own_document_requests, list_missing_documents},
    reviewing::{get_document_request, review_requested_item},
}
