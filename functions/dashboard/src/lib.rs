//! The company's dashboard.

mod overview;

use api::Api;

api::routes! {
    state: Api;
    overview::{show_dashboard},
}
