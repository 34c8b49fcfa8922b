//! The audit log of a company or firm: lists and exports events, verifies them against the seals, and reports who
//! had access at a given time.

mod audit_query;
mod events;
mod export;
mod export_jobs;
mod report;
mod verification;

use api::Api;
use audit_chain::Verifier;
pub use export_bucket::Bucket;

/// The function's clients.
#[derive(Debug, Clone)]
pub struct App {
    /// The table and the keys of contexts.
    pub api: Api,
    /// Verifies the chain of seals.
    pub verifier: Verifier,
    /// The bucket that exports are downloaded from.
    pub bucket: Bucket,
}

api::routes! {
    state: App;
    events::{list_events},
    export::{export_events},
    export_jobs::{request_export, get_export},
    verification::{verify_audit_log},
    report::{report_access},
}
