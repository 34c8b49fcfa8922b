//! Reports and publications, for people: what the ledger pushed is listed, read, compared and written as CSV, and the
//! accounts of a month are published.
//!
//! Members see what is published. Staff of a firm, and members who may publish, see drafts too.

mod comparing;
mod list;
mod publications;
mod publishing;
mod seen;
mod whole;

use api::Api;

api::routes! {
    state: Api;
    list::{list_reports},
    whole::{get_report, export_report},
    comparing::{compare_report},
    publishing::{publish_accounts},
    publications::{list_publications, get_publication},
}
