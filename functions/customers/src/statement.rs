//! A customer's statement of account, for people of the company: what the customer's contacts see of it too.

use api::{Api, ApiResult, InCompany, Path, Query};
use axum::{extract::State, response::Response};
use domain::{Reference, permission::may};
use views::{StatementQuery, StatementResponse, answer_statement};

/// Shows a customer's statement of account for a period, with what is open today by its age.
///
/// One part for each currency: the opening balance, plus invoices less credit notes, less what was received, is the
/// closing balance. As CSV, each currency begins with its opening balance and ends with its closing balance.
///
/// Needs `statements.view`.
#[utoipa::path(get, path = "/v1/customers/{reference}/statement",
    params(("reference" = Reference, Path), StatementQuery), responses((status = 200,
    description = "The statement, or a file", content((StatementResponse = "application/json"), (String = "text/csv")))))]
pub(crate) async fn get_statement_of_account(
    State(api): State<Api>,
    caller: InCompany<may::StatementsView>,
    Path(reference): Path<Reference>,
    Query(query): Query<StatementQuery>,
) -> ApiResult<Response> {
    answer_statement(&api, &caller.authority(), caller.now(), &reference, &query).await
}
