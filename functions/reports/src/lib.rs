//! Reports and publications, for people: what the ledger pushed is listed, read, compared and written as CSV, and the
//! accounts of a month are published. People set thresholds for the cashflow forecast.
//!
//! Members see what is published. Staff of a firm, and members who may publish, see drafts too.

mod comparing;
mod list;
mod publications;
mod publishing;
mod seen;
mod thresholds;
mod whole;

use api::Api;

api::routes! {
    state: Api;
    list::{list_reports},
    whole::{get_report, export_report},
    comparing::{compare_report},
    publishing::{publish_accounts},
    publications::{list_publications, get_publication},
    thresholds::{get_forecast_thresholds, put_forecast_thresholds},
}
