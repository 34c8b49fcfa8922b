//! The customer's statements of account.

use api::{Api, ApiResult, InCustomer, Query};
use axum::{extract::State, response::Response};
use domain::permission::may;
use views::{StatementQuery, StatementResponse, answer_statement};

/// Shows the customer's statement of account for a period, with what is open today by its age.
///
/// One part for each currency: the opening balance, plus invoices less credit notes, less what was received, is the
/// closing balance. As CSV, each currency begins with its opening balance and ends with its closing balance.
///
/// Needs `statements.view`.
#[utoipa::path(get, path = "/v1/customer-portal/statement", params(StatementQuery), responses((status = 200,
    description = "The statement, or a file", content((StatementResponse = "application/json"), (String = "text/csv")))))]
pub(crate) async fn get_customer_statement(
    State(api): State<Api>,
    caller: InCustomer<may::StatementsView>,
    Query(query): Query<StatementQuery>,
) -> ApiResult<Response> {
    answer_statement(&api, &caller.authority(), caller.now(), &caller.customer, &query).await
}
