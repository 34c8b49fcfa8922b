//! The audit trail: what happened in a company or firm, who did it, and from where; whether the record
//! of it is whole; and who could reach what at some time.

mod export;
mod files;
mod report;
mod stretch;
mod trail;
mod verification;

use api::Api;
use audit_chain::SealKey;
pub use files::Bucket;

/// The function's clients.
#[derive(Debug, Clone)]
pub struct App {
    /// The table and the keys of contexts.
    pub api: Api,
    /// Verifies seals.
    pub seal_key: SealKey,
    /// Where long files are picked up.
    pub bucket: Bucket,
}

api::routes! {
    state: App;
    trail::{list_events},
    export::{export_events},
    files::{request_export, get_export},
    verification::{verify_trail},
    report::{report_access},
}
