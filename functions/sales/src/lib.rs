//! Invoices and estimates as the ledger pushed them: see them, talk about them, and accept or
//! decline estimates. Paying is `pay`'s.

mod comments;
mod estimates;
mod invoices;

use api::Api;

api::routes! {
    state: Api;
    get "/v1/invoices" => invoices::list_invoices,
    get "/v1/invoices/{reference}" => invoices::get_invoice,
    get "/v1/invoices/{reference}/comments" => comments::list_invoice_comments,
    post "/v1/invoices/{reference}/comments" => comments::comment_on_invoice,
    get "/v1/estimates" => estimates::list_estimates,
    get "/v1/estimates/{reference}" => estimates::get_estimate,
    post "/v1/estimates/{reference}/decision" => estimates::decide_estimate,
    get "/v1/estimates/{reference}/comments" => comments::list_estimate_comments,
    post "/v1/estimates/{reference}/comments" => comments::comment_on_estimate,
}
