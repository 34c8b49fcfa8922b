//! The audit trail of a company or firm: lists and exports events, verifies them against the seals, and
//! reports who had access at a given time.

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
    /// The bucket that exports are downloaded from.
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
