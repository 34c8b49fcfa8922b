//! A report beside another column of it, or beside another report.

use api::{Answer, Api, ApiResult, InCompany, Path, Problem, Query};
use axum::extract::State;
use domain::{
    Currency, Reference,
    ledger_report::ReportVersion,
    permission::may,
    report::{Against, Comparison, ComparisonError, compare_columns, compare_reports},
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::{IntoParams, ToSchema};

use crate::seen::{Seen, whole};

/// Two columns side by side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparisonResponse {
    reference: Reference,
    version: ReportVersion,
    /// The report that it is compared with, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Reference>,
    /// The currency of all values.
    currency: Currency,
    comparison: Comparison,
}

/// What to compare a report with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ComparisonQuery {
    /// As for `GET /v1/reports/{reference}`.
    #[serde(default)]
    #[param(value_type = Option<u64>)]
    version: Option<ReportVersion>,
    /// A column of the report itself. Default: `previous_period`.
    #[serde(default)]
    #[param(inline)]
    against: Option<Against>,
    /// Another report, of the same kind and currency, in place of a column.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    with: Option<Reference>,
    /// A version of the other report, as for `GET /v1/reports/{reference}`.
    #[serde(default)]
    #[param(value_type = Option<u64>)]
    with_version: Option<ReportVersion>,
}

/// Compares the latest column of a report with another column, or with another report.
///
/// A change is `null` unless both values are stated. Of two reports, rows belong together by account, or else by role or
/// label.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/reports/{reference}/comparison",
    params(("reference" = Reference, Path), ComparisonQuery), responses((status = 200, body = ComparisonResponse)))]
pub(crate) async fn compare_report(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Path(reference): Path<Reference>,
    Query(query): Query<ComparisonQuery>,
) -> ApiResult {
    let ComparisonQuery { version, against, with, with_version } = query;
    if with.is_some() && against.is_some() {
        return Err(Problem::field("against", "must be absent beside `with`").into());
    }
    if with.is_none() && with_version.is_some() {
        return Err(Problem::field("with_version", "must be absent without `with`").into());
    }
    let seen = Seen::by(&caller);
    let shown = retry_on_conflict(|| whole(&api, &caller, &seen, &reference, version));
    let (shown, comparison) = match &with {
        Some(with) => {
            let other = retry_on_conflict(|| whole(&api, &caller, &seen, with, with_version));
            let (shown, other) = tokio::try_join!(shown, other)?;
            let comparison = compare_reports(&shown.content, &other.content);
            (shown, comparison)
        }
        None => {
            let shown = shown.await?;
            let comparison = compare_columns(&shown.content, against.unwrap_or_default());
            (shown, comparison)
        }
    };
    let comparison = comparison.map_err(refusal)?;
    let (version, currency) = (shown.head.report_version, shown.content.currency);
    Answer::ok(&ComparisonResponse { reference, version, with, currency, comparison })
}

fn refusal(error: ComparisonError) -> Problem {
    let field = match error {
        ComparisonError::NothingActual | ComparisonError::NoSuchColumn => "against",
        ComparisonError::NothingActualThere | ComparisonError::OtherKind | ComparisonError::OtherCurrency => "with",
    };
    Problem::field(field, error)
}
