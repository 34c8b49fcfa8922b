//! Archives of documents: requested, listed and downloaded here, written by `zip`.

mod downloading;
mod lists;
mod requesting;
mod view;

use api::Api;
pub use export_bucket::Bucket;

/// The function's clients.
#[derive(Debug, Clone)]
pub struct App {
    /// The table, the keys of contexts and the limits.
    pub api: Api,
    /// The bucket that archives are downloaded from.
    pub bucket: Bucket,
}

api::routes! {
    state: App;
    requesting::{request_document_export},
    lists::{list_document_exports, get_document_export},
    downloading::{download_document_export},
}
